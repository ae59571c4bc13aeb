/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a Gaussian process holds: shared by the files that implement hpo/gp/model.h, no others. */
#pragma once
#include "hpo/gp/kernel.h"
#include "hpo/gp/model.h"

/* Working room of a fit, sized for its rows. */
struct hpo_gp_work {
  size_t rows, stride;
  double *columns;     /* [d x stride], warped                                  */
  double *raw;         /* [d x stride]: the columns as they came                */
  double *by_a, *by_b; /* [d x stride]: of columns, by log a and log b          */
  double *covariance;  /* [rows x stride] lower: K without noise                 */
  double *slope;       /* [rows x stride] lower                                  */
  double *inverse;     /* [rows x stride] lower: the factor, then the inverse    */
  double *target, *extra, *white, *ones, *alpha; /* [stride] each               */
  double *weight, *point, *sums, *by;            /* [d] each */
};

struct hpo_gp {
  struct hpo_gp_shape shape;
  double *theta;           /* [size]               */
  double *weight;          /* [d]: 5 / length^2    */
  struct hpo_gp_warp warp; /* of theta             */
  double *warp_a, *warp_b; /* [d]                  */
  bool *warp_moves;        /* [d]                  */
  bool is_warped;
  double *warped; /* [PREDICT_ROWS x d]: scratch   */
  double noise;

  /* The posterior. Pending rows are rows n to n + n_pending - 1 of columns and factor. */
  size_t n, n_pending, stride; /* stride: capacity in rows, and of each row */
  double *columns;             /* [d x stride]                             */
  double *factor;              /* [stride x stride]                        */
  double *target;              /* [n]                                      */
  double *extra;               /* [n]: variance beside the noise           */
  double *white, *ones;        /* [n]: L^-1 y, L^-1 1                       */
  double constant;             /* b                                        */
  double *alpha;               /* [n]: L^-T (white - b ones)                */

  size_t n_fantasies;
  double *fantasy;       /* [n_pending x n_fantasies] values                */
  double *fantasy_alpha; /* [n_fantasies x stride]                          */

  double *scratch; /* [(PREDICT_ROWS + d + 2) x stride] */
  struct hpo_gp_work work;
};

enum { HPO_GP_PREDICT_ROWS = 64 }; /* rows that are predicted at a time */

struct hpo_gp_kernel hpo_gp_kernel_of(const struct hpo_gp *gp);
/* weight[d] of theta. */
void hpo_gp_weights(const struct hpo_gp_shape *shape, const double *theta, double *weight);
/* Room for `rows` rows, pending ones included; keeps what is there. */
enum core_status hpo_gp_reserve(struct hpo_gp *gp, size_t rows,
                                struct core_error *err) CORE_MUST_CHECK;
/* The m <= PREDICT_ROWS rows of x as the kernel sees them: x itself, or scratch. */
const double *hpo_gp_seen(const struct hpo_gp *gp, const double *x, size_t m);
/* Writes row x[d], as the kernel sees it, as row `at` of the columns. */
void hpo_gp_put_row(struct hpo_gp *gp, size_t at, const double *x);
/* b that is most probable under N(0, 1), given L^-1 y and L^-1 1. */
double hpo_gp_most_probable_constant(const double *white, const double *ones, size_t n);
void hpo_gp_work_reset(struct hpo_gp_work *work);
/* A stride for n elements: whole cache lines, and not a multiple of a page. */
size_t hpo_gp_stride(size_t n);

/* hpo/gp/prior.c */
double hpo_gp_log_prior(const struct hpo_gp_shape *shape, bool warps, const double *theta,
                        double *gradient); /* warps: of those too, else they are identities */
/* The box that a fit searches: low and high of all of theta. */
void hpo_gp_theta_bounds(const struct hpo_gp_shape *shape, double *low, double *high);
