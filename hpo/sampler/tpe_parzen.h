/* SPDX-License-Identifier: GPL-3.0-or-later
 * The Parzen estimator of TPE: a mixture with one kernel for each observed trial and one for the prior. A kernel is a
 * product over the dimensions: a normal cut to the unit interval (its mass over a cell for discrete parameters), or a
 * row of probabilities for a categorical. As in Optuna 5, in the space's unit coordinates, where all bounds are 0 and 1.
 * Bergstra et al., NIPS 2011; Falkner et al., ICML 2018 (products); Watanabe, arXiv 2304.11127. */
#pragma once
#include "core/mem.h"
#include "core/rng.h"
#include "hpo/history.h"

struct hpo_parzen_options {
  double prior_weight; /* > 0; an observation weighs at most 1 */
  bool magic_clip;     /* no kernel is narrower than 1 / min(100, n + 2) */
  bool endpoints;      /* outermost kernels reach to the bounds */
};

/* One dimension of all kernels; the prior's is the last one. */
struct hpo_parzen_dim {
  const struct hpo_param *param;
  /* numeric: kernels that are the same in this dimension are one shape (many are, when the parameter is discrete) */
  size_t n_shapes;
  double *mu, *inverse_sigma; /* of each shape */
  double *
      log_scale; /* of each shape: -log(its mass within [0, 1]), for a continuous parameter also -log(sigma) -
                        log(2 pi)/2 */
  uint32_t *shape; /* of each kernel; NULL for a continuous parameter: shape i is kernel i's */
  /* categorical: */
  size_t *choice;   /* n_kernels - 1 observed choices */
  double hit, miss; /* probability of the observed choice, of each other one */
  double log_hit, log_miss, log_prior;
};

struct hpo_parzen {
  size_t n_kernels, n_dims;
  struct hpo_parzen_dim *dims;
  double *log_weight;        /* of each kernel, normalised */
  double *weight_upto;       /* of the kernels 0 .. k; the last is 1 */
  double *sums, *shape_sums; /* scratch, n_kernels each */
};

/* A coordinate of a candidate: the unit interval that means the same value (a point for a continuous parameter), or the
 * index of a choice. */
struct hpo_parzen_value {
  double lo, hi;
  size_t choice;
};

/* Fits the dimensions `params` (indices into the space) to trials in which all of them exist, oldest first. Everything
 * lives in the arena. */
enum core_status hpo_parzen_fit(struct hpo_parzen *out, const struct hpo_parzen_options *options,
                                const struct hpo_space *space, const size_t *params,
                                size_t n_params, const struct hpo_trial *const *trials, size_t n,
                                struct core_arena *arena, struct core_error *err) CORE_MUST_CHECK;
/* One draw: values[n_dims]. */
void hpo_parzen_draw(const struct hpo_parzen *parzen, struct core_rng *rng,
                     struct hpo_parzen_value *values);
/* Logarithm of the density (of the mass, in discrete dimensions). */
double hpo_parzen_log_density(const struct hpo_parzen *parzen,
                              const struct hpo_parzen_value *values);
/* The unit coordinate of a value. */
double hpo_parzen_unit(const struct hpo_param *param, const struct hpo_parzen_value *value);
