/* SPDX-License-Identifier: GPL-3.0-or-later
 * The Parzen estimator of TPE: a mixture with one kernel for each observed trial and one for the
 * prior. A kernel is a product over the dimensions: a normal cut to the unit interval (its mass over
 * a cell for discrete parameters), or a row of probabilities for a categorical. As in Optuna 5, in
 * the space's unit coordinates, where all bounds are 0 and 1. Bergstra et al., NIPS 2011; Falkner et
 * al., ICML 2018 (products); Watanabe, arXiv 2304.11127.
 *
 * Trials come and go one by one; what is kept of each kernel is recomputed from its definition when
 * its neighbours change, never accumulated, so that an estimator's answers depend on which trials
 * are in it and not on how they came. */
#pragma once
#include "core/rng.h"
#include "hpo/history.h"

struct hpo_parzen_options {
  double prior_weight; /* > 0; an observation weighs at most 1 */
  bool magic_clip;     /* no kernel is narrower than 1 / min(100, n + 2) */
  bool endpoints;      /* outermost kernels reach to the bounds */
};

/* How a dimension's kernels are kept. */
enum hpo_parzen_kind {
  HPO_PARZEN_POINTS, /* continuous: density at a point */
  HPO_PARZEN_CELLS,  /* discrete, many values: mass of a cell */
  HPO_PARZEN_CHOICE, /* categorical */
  HPO_PARZEN_TABLE   /* discrete, few values: masses of all cells, kept for each kind of kernel */
};

struct hpo_parzen_place { /* an observation's coordinate, and whose it is */
  double at;
  uint64_t number; /* of the trial */
};

/* One dimension of all kernels but the prior's. */
struct hpo_parzen_dim {
  const struct hpo_param *param;
  size_t index; /* of the parameter in the space */
  enum hpo_parzen_kind kind;
  struct hpo_parzen_place *sorted; /* numeric: ascending, equal ones by number */
  /* POINTS, CELLS, by kernel; inverse_sigma is NaN until it is known */
  double *mu, *inverse_sigma, *log_scale; /* log_scale: -log(sigma sqrt(2 pi) mass in [0, 1]) */
  uint32_t *code;                         /* CHOICE: the choice; TABLE: the shape; by kernel */
  /* TABLE. A shape is a place and a width: with equal places those of the first and the last one
   * reach to the next place, inner ones are as narrow as allowed. Three shapes a value, the prior. */
  size_t n_values, n_shapes;
  double *shape_mu, *shape_inverse_sigma;
  double *log_mass; /* [n_values][n_shapes] */
};

/* The estimator; fields are for tpe_parzen.c, tpe_draw.c and tpe_density.c. Arrays by kernel may be
 * read up to a multiple of HPO_PARZEN_GROUP. */
enum { HPO_PARZEN_GROUP = 8 };
struct hpo_parzen {
  struct hpo_parzen_options options;
  size_t n_dims, n, capacity; /* n: observations */
  struct hpo_parzen_dim *dims;
  size_t *order;     /* of the dimensions in which densities are summed: by kind */
  uint64_t *numbers; /* ascending: kernel k is trial numbers[k]'s */
  double
      *log_scale; /* of each kernel: sum over POINTS and CELLS; NaN until it is known, -inf of what
                      * fills up the last group */
  double prior_scale; /* of the prior's kernel in one dimension */
  bool stale;         /* all widths may have changed */
};

/* A coordinate of a candidate: the unit interval that means the same value (a point for a continuous
 * parameter), or the index of a choice. */
struct hpo_parzen_value {
  double lo, hi;
  size_t choice;
};

/* An estimator without observations of the dimensions `params` (indices into the space, which is
 * borrowed). On failure it is closed. */
enum core_status hpo_parzen_open(struct hpo_parzen *parzen,
                                 const struct hpo_parzen_options *options,
                                 const struct hpo_space *space, const size_t *params,
                                 size_t n_params, struct core_error *err) CORE_MUST_CHECK;
void hpo_parzen_close(struct hpo_parzen *parzen); /* accepts one that is all zeros */

/* Trials in which all the dimensions exist; nothing of them is kept but what is copied. On failure
 * the estimator holds what it held. */
enum core_status hpo_parzen_insert(struct hpo_parzen *parzen, const struct hpo_trial *trial,
                                   struct core_error *err) CORE_MUST_CHECK;
void hpo_parzen_remove(struct hpo_parzen *parzen,
                       const struct hpo_trial *trial); /* that is in it */
/* Replaces all observations; `trials` ascend by number. Cheaper than insertion for many. On failure
 * the estimator is empty. */
enum core_status hpo_parzen_fill(struct hpo_parzen *parzen, const struct hpo_trial *const *trials,
                                 size_t n, struct core_error *err) CORE_MUST_CHECK;

/* One draw: values[n_dims]. */
void hpo_parzen_draw(struct hpo_parzen *parzen, struct core_rng *rng,
                     struct hpo_parzen_value *values);
/* Logarithms of the density (of the mass, in discrete dimensions) at points[n_points][n_dims], to
 * within 1e-10. Kernels whose share is below 1e-17 of the whole are left out. */
enum core_status hpo_parzen_log_densities(struct hpo_parzen *parzen,
                                          const struct hpo_parzen_value *points, size_t n_points,
                                          double *out, struct core_error *err) CORE_MUST_CHECK;
/* The unit coordinate of a value. */
double hpo_parzen_unit(const struct hpo_param *param, const struct hpo_parzen_value *value);

/* Between the three files. Brings the widths up to date; weight of observation i of n (oldest first)
 * and of all of them with the prior; log mass of each cell of a TABLE under a kernel. */
void hpo_parzen_settle(struct hpo_parzen *parzen);
double hpo_parzen_weight(size_t i, size_t n);
double hpo_parzen_weights(const struct hpo_parzen *parzen);
double hpo_parzen_log_scale(double mu, double inverse_sigma);
void hpo_parzen_cell_masses(const struct hpo_param *param, double mu, double inverse_sigma,
                            double *log_mass, size_t stride);
