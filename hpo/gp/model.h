/* SPDX-License-Identifier: GPL-3.0-or-later
 * Gaussian-process regression (Rasmussen & Williams, 2006) over rows of d features. A numeric
 * feature is in [0, 1]; a categorical one is an index, compared by equality alone.
 *
 *   y = b + f(x) + e,  f ~ GP(0, k),  e ~ N(0, noise + extra)
 *   k(a, b) = signal * (1 + r + r^2/3) exp(-r)            Matern with smoothness 5/2
 *   r^2 = 5 sum_j (D_j(a, b) / length_j)^2,  D_j = a_j - b_j, or [a_j != b_j] when categorical
 *
 * The targets y are standardised by the caller. The constant b is its most probable value under
 * N(0, 1), in closed form. Hyperparameters are a vector theta on log scales:
 *   theta = (log length_1, ..., log length_d, log signal, log noise)
 * where some features may be warped (hpo/gp/warp.h), followed by
 *   (log a_1, ..., log a_d, log b_1, ..., log b_d), 0 for those that may not,
 * and D_j is of warped values; with a = b = 1 all is as without, bit for bit. Noise is never below the prior's floor, which is also the only jitter there is: see
 * hpo_gp_condition. `extra` is a variance of each row's own, known beforehand and at least 0: how
 * uncertain its target is beside the others' (NULL: 0 everywhere).
 *
 * All results are functions of the arguments alone, bit for bit on one machine. An object belongs
 * to one thread at a time, its const functions too (they use its scratch). */
#pragma once
#include "core/status.h"
#include "hpo/gp/warp.h"
#include <stdbool.h>
#include <stddef.h>

/* Independent priors on the elements of theta: normal, and for log lengths Student's with 3 degrees
 * of freedom, whose tails let a feature that does nothing have a length-scale as long as it likes. */
struct hpo_gp_prior {
  double length_mean, length_sd; /* of each log length; sd is the scale                        */
  double signal_mean, signal_sd; /* of log signal                                              */
  double noise_mean, noise_sd;   /* of log noise                                               */
  double noise_floor;            /* least noise, a variance, above 0                           */
  double warp_sd;                /* of log a and log b, whose mean is 0                        */
  bool noise_fixed;              /* noise is the floor, not learnt                             */
};
/* Length-scales that grow with the square root of d (Hvarfner et al., 2402.02229), wide noise. */
struct hpo_gp_prior hpo_gp_prior_default(size_t d);

struct hpo_gp_shape {
  size_t d;                /* features of a row, at least 1                       */
  const bool *categorical; /* [d], borrowed for the life of the model; NULL: none */
  const bool *warpable;    /* [d], as well: numeric features that may be warped   */
  struct hpo_gp_prior prior;
};
/* d + 2, and 2 d more with `warpable`. */
size_t hpo_gp_theta_size(const struct hpo_gp_shape *shape);
/* Where a fit starts without a better idea: the prior's mode, but a tenth of the targets' variance
 * as noise. From little noise, noisy data end in a local optimum of short length-scales that goes
 * through all points; from much noise, noiseless data end where they should. */
void hpo_gp_theta_default(const struct hpo_gp_shape *shape, double *theta);

struct hpo_gp;
enum core_status hpo_gp_open(const struct hpo_gp_shape *shape, struct hpo_gp **out,
                             struct core_error *err) CORE_MUST_CHECK;
void hpo_gp_close(struct hpo_gp *gp); /* accepts NULL */
/* Takes other priors from the next call on. */
void hpo_gp_set_prior(struct hpo_gp *gp, const struct hpo_gp_prior *prior);

/* Most probable theta given x[n x d], y[n]: L-BFGS on the log posterior density with its analytic
 * gradient, from theta as it comes in, with at most max_evals evaluations; theta becomes the best
 * one seen, *log_posterior (may be NULL) its density. Beyond HPO_GP_FIT_ROWS rows a subset stands
 * for all (hpo_gp_choose_rows). Degenerate data (one row, identical rows, constant y) give a theta
 * near the prior's mode. Does not touch what the model is conditioned on. O(max_evals * rows^3). */
#define HPO_GP_FIT_ROWS 300
enum core_status hpo_gp_fit(struct hpo_gp *gp, const double *x, const double *y,
                            const double *extra, size_t n, double *theta, unsigned max_evals,
                            double *log_posterior, struct core_error *err) CORE_MUST_CHECK;
/* The same with the warps left free, which hpo_gp_fit makes identities. */
enum core_status hpo_gp_fit_warps(struct hpo_gp *gp, const double *x, const double *y,
                                  const double *extra, size_t n, double *theta, unsigned max_evals,
                                  double *log_posterior, struct core_error *err) CORE_MUST_CHECK;
/* `most` <= n rows that stand for all: chosen[i] says which. A third are the best by y[n], ties by
 * age; of the others each k-th, so that they spread evenly over the order of the rows. */
void hpo_gp_choose_rows(const double *y, size_t n, size_t most, bool *chosen);
/* The density that hpo_gp_fit maximises, of all n rows, and its gradient by all of theta (may be NULL).
 * -infinity where the covariance is not positive definite. */
enum core_status hpo_gp_log_posterior(struct hpo_gp *gp, const double *x, const double *y,
                                      const double *extra, size_t n, const double *theta,
                                      double *value, double *gradient,
                                      struct core_error *err) CORE_MUST_CHECK;

/* The posterior given x[n x d], y[n], extra[n] (copied): K + noise I + diag(extra) = L L^T. Jitter: when that is not
 * positive definite in double precision, the noise of this posterior grows tenfold, from
 * 1e-12 * signal * n at least, until it is; hpo_gp_theta says what it became. n = 0 is the prior. */
enum core_status hpo_gp_condition(struct hpo_gp *gp, const double *theta, const double *x,
                                  const double *y, const double *extra, size_t n,
                                  struct core_error *err) CORE_MUST_CHECK;
/* One more row x[d] with its target, no extra noise: a row of the factor, O(n^2). The same as conditioning on all
 * rows. Pending rows are dropped. */
enum core_status hpo_gp_append(struct hpo_gp *gp, const double *x, double y,
                               struct core_error *err) CORE_MUST_CHECK;
/* Other targets y[n] for the same rows: O(n^2). Pending rows are dropped. */
enum core_status hpo_gp_retarget(struct hpo_gp *gp, const double *y,
                                 struct core_error *err) CORE_MUST_CHECK;
size_t hpo_gp_size(const struct hpo_gp *gp);         /* rows, without pending ones      */
const double *hpo_gp_theta(const struct hpo_gp *gp); /* until the next change           */
/* The warps of this posterior, NULL when all are identities. */
const struct hpo_gp_warp *hpo_gp_warp(const struct hpo_gp *gp);
double hpo_gp_noise(const struct hpo_gp *gp); /* variance of e in this posterior */

/* Mean and variance of f + b at the m rows of x[m x d], without noise; each may be NULL. Variances
 * are never below 0. By matrix products: O(m n d + m n^2), the second term for `var` only. */
void hpo_gp_predict(const struct hpo_gp *gp, const double *x, size_t m, double *mean, double *var);
/* The same at one row x[d], with gradients dmean[d], dvar[d]: 0 for categorical features. */
void hpo_gp_predict_gradient(const struct hpo_gp *gp, const double *x, double *mean, double *var,
                             double *dmean, double *dvar);

/* Pending rows x[m x d], whose values nobody knows yet: the factor gets m more rows (with noise, as
 * observations have) and there are s fantasies, each a draw of the m values from the joint posterior
 * by the standard normals z[s x m]. Replaces earlier pending rows; O(n^2 m + s n m). */
enum core_status hpo_gp_pend(struct hpo_gp *gp, const double *x, size_t m, const double *z,
                             size_t s, struct core_error *err) CORE_MUST_CHECK;
void hpo_gp_drop_pending(struct hpo_gp *gp);
/* As hpo_gp_predict given the pending rows too: mean[s x m] by fantasies, var[m] which all fantasies
 * share. Without pending rows there is one fantasy, the posterior itself. */
void hpo_gp_predict_fantasies(const struct hpo_gp *gp, const double *x, size_t m, double *mean,
                              double *var);
/* At one row: mean[s], *var, dmean[s x d], dvar[d]. */
void hpo_gp_predict_fantasies_gradient(const struct hpo_gp *gp, const double *x, double *mean,
                                       double *var, double *dmean, double *dvar);
size_t hpo_gp_n_fantasies(const struct hpo_gp *gp); /* s, 1 without pending rows */
/* The values of pending row k, [s]. */
const double *hpo_gp_fantasy(const struct hpo_gp *gp, size_t k);
