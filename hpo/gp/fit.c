/* SPDX-License-Identifier: GPL-3.0-or-later
 * Hyperparameters by maximum a posteriori. With K = sum over pairs, G = alpha alpha^T - K^-1 and
 * log p = -alpha^T (y - b) / 2 - log det(K) / 2, d log p / d t = tr(G dK/dt) / 2 (Rasmussen &
 * Williams, eq. 5.9); b is at its own maximum, so that it adds nothing to the gradient. */
#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "core/minimize.h"
#include "hpo/gp/model_state.h"

#define LOG_2_PI    1.8378770664093454836
#define F_TOLERANCE 1e-5 /* of |log posterior|: no choice of a point hangs on less */
#define BEST_SHARE  3    /* of a subset, one row in so many is among the best       */

void hpo_gp_work_reset(struct hpo_gp_work *work) {
  core_free(work->columns);
  *work = (struct hpo_gp_work){0};
}

static enum core_status work_reserve(struct hpo_gp_work *work, size_t d, size_t rows,
                                     struct core_error *err) {
  const size_t stride = hpo_gp_stride(rows > 0 ? rows : 1);
  work->rows = rows;
  if (work->columns != NULL && stride <= work->stride) return CORE_OK;
  hpo_gp_work_reset(work);
  const size_t count = (4 * d + 3 * stride + 5) * stride + 4 * d;
  double *room = core_calloc(count, sizeof *room);
  if (room == NULL) return core_fail_nomem(err, count * sizeof *room);
  work->rows = rows;
  work->stride = stride;
  work->columns = room;
  work->raw = work->columns + d * stride;
  work->by_a = work->raw + d * stride;
  work->by_b = work->by_a + d * stride;
  work->covariance = work->by_b + d * stride;
  work->slope = work->covariance + stride * stride;
  work->inverse = work->slope + stride * stride;
  work->target = work->inverse + stride * stride;
  work->extra = work->target + stride;
  work->white = work->extra + stride;
  work->ones = work->white + stride;
  work->alpha = work->ones + stride;
  work->weight = work->alpha + stride;
  work->point = work->weight + d;
  work->sums = work->point + d;
  work->by = work->sums + d;
  return CORE_OK;
}

static void take_row(struct hpo_gp_work *work, size_t d, size_t at, const double *x, double y,
                     double extra) {
  for (size_t j = 0; j < d; j++)
    work->columns[j * work->stride + at] = work->raw[j * work->stride + at] = x[j];
  work->target[at] = y;
  work->extra[at] = extra;
}

static void point_of(const struct hpo_gp_work *work, size_t d, size_t row) {
  for (size_t j = 0; j < d; j++) work->point[j] = work->columns[j * work->stride + row];
}

/* The columns of features that may be warped, by the warps of theta, and their derivatives. */
static void warp_columns(const struct hpo_gp_shape *shape, struct hpo_gp_work *work,
                         const double *theta) {
  const double *log_a = theta + shape->d + 2, *log_b = log_a + shape->d;
  for (size_t j = 0; j < shape->d; j++) {
    if (!shape->warpable[j]) continue;
    const double a = exp(log_a[j]), b = exp(log_b[j]);
    const size_t first = j * work->stride;
    for (size_t at = first; at < first + work->rows; at++)
      work->columns[at] =
          hpo_gp_warp_by_logs(a, b, work->raw[at], &work->by_a[at], &work->by_b[at]);
  }
}

/* The factor of K with all noise into `inverse`, K and slopes kept. */
static bool factor(const struct hpo_gp_shape *shape, struct hpo_gp_work *work,
                   const struct hpo_gp_kernel *kernel, double noise) {
  const size_t stride = work->stride;
  for (size_t i = 0; i < work->rows; i++) {
    double *k = work->covariance + i * stride, *l = work->inverse + i * stride;
    point_of(work, shape->d, i);
    hpo_gp_kernel_row(kernel, work->columns, stride, i, work->point, k, work->slope + i * stride);
    k[i] = kernel->signal;
    memcpy(l, k, i * sizeof *l);
    l[i] = kernel->signal + noise + work->extra[i];
  }
  return core_linalg_factor(work->inverse, work->rows, stride, NULL);
}

/* The likelihood's part that needs the factor only; leaves alpha. */
static double log_likelihood(struct hpo_gp_work *work) {
  const size_t n = work->rows, stride = work->stride;
  for (size_t i = 0; i < n; i++) {
    work->white[i] = work->target[i];
    work->ones[i] = 1;
  }
  core_linalg_solve_lower(work->inverse, n, stride, work->white);
  core_linalg_solve_lower(work->inverse, n, stride, work->ones);
  const double b = hpo_gp_most_probable_constant(work->white, work->ones, n);
  for (size_t i = 0; i < n; i++) work->alpha[i] = work->white[i] - b * work->ones[i];
  const double squares = core_linalg_dot(work->alpha, work->alpha, n);
  const double log_det = core_linalg_log_det(work->inverse, n, stride);
  core_linalg_solve_lower_transposed(work->inverse, n, stride, work->alpha);
  return -0.5 * (squares + b * b + log_det + (double)n * LOG_2_PI);
}

/* Adds the likelihood's gradient; `inverse` and `slope` are used up. */
static void add_gradient(const struct hpo_gp_shape *shape, struct hpo_gp_work *work,
                         const struct hpo_gp_kernel *kernel, double noise, double *gradient) {
  const size_t n = work->rows, d = shape->d, stride = work->stride;
  double trace = 0, with_covariance = 0;
  double *sums = work->sums;
  memset(sums, 0, d * sizeof *sums);
  core_linalg_invert(work->inverse, n, stride);
  for (size_t i = 0; i < n; i++) {
    const double *k = work->covariance + i * stride, alpha = work->alpha[i];
    double *g = work->inverse + i * stride, *slope = work->slope + i * stride;
    for (size_t p = 0; p <= i; p++) g[p] = alpha * work->alpha[p] - g[p];
    trace += g[i];
    with_covariance += core_linalg_dot(g, k, i);
    for (size_t p = 0; p < i; p++) slope[p] *= g[p];
    point_of(work, d, i);
    hpo_gp_kernel_add_squares(kernel, work->columns, stride, i, work->point, slope, sums);
  }
  for (size_t j = 0; j < d; j++) gradient[j] += kernel->weight[j] * sums[j];
  gradient[d] += with_covariance + 0.5 * trace * kernel->signal;
  gradient[d + 1] += 0.5 * trace * noise;
}

/* The part of one of a warp's parameters, by which the columns change as `bys` say; `slope` holds
 * what add_gradient left there. */
static void add_warp_gradient(const struct hpo_gp_shape *shape, struct hpo_gp_work *work,
                              const struct hpo_gp_kernel *kernel, const double *bys,
                              double *gradient) {
  const size_t d = shape->d, stride = work->stride;
  memset(work->sums, 0, d * sizeof *work->sums);
  for (size_t i = 0; i < work->rows; i++) {
    point_of(work, d, i);
    for (size_t j = 0; j < d; j++) work->by[j] = bys[j * stride + i];
    hpo_gp_kernel_add_products(kernel, work->columns, bys, stride, i, work->point, work->by,
                               work->slope + i * stride, work->sums);
  }
  for (size_t j = 0; j < d; j++)
    if (shape->warpable[j]) gradient[j] -= kernel->weight[j] * work->sums[j];
}

/* `warps`: those of theta count, else they are taken for identities. */
static double evaluate(const struct hpo_gp_shape *shape, struct hpo_gp_work *work, bool warps,
                       const double *theta, double *gradient) {
  const size_t d = shape->d;
  hpo_gp_weights(shape, theta, work->weight);
  const struct hpo_gp_kernel kernel = {
      .d = d, .categorical = shape->categorical, .weight = work->weight, .signal = exp(theta[d])};
  const double noise = exp(theta[d + 1]);
  if (gradient != NULL)
    memset(gradient, 0, (warps ? hpo_gp_theta_size(shape) : d + 2) * sizeof *gradient);
  if (warps) warp_columns(shape, work, theta);
  if (!factor(shape, work, &kernel, noise)) return -INFINITY;
  double value = log_likelihood(work);
  if (gradient != NULL) add_gradient(shape, work, &kernel, noise, gradient);
  if (gradient != NULL && warps) {
    add_warp_gradient(shape, work, &kernel, work->by_a, gradient + d + 2);
    add_warp_gradient(shape, work, &kernel, work->by_b, gradient + 2 * d + 2);
  }
  return value + hpo_gp_log_prior(shape, warps, theta, gradient);
}

enum core_status hpo_gp_log_posterior(struct hpo_gp *gp, const double *x, const double *y,
                                      const double *extra, size_t n, const double *theta,
                                      double *value, double *gradient, struct core_error *err) {
  const size_t d = gp->shape.d;
  CORE_TRY(work_reserve(&gp->work, d, n, err));
  for (size_t i = 0; i < n; i++) take_row(&gp->work, d, i, x + i * d, y[i], extra ? extra[i] : 0);
  *value = evaluate(&gp->shape, &gp->work, gp->shape.warpable != NULL, theta, gradient);
  return CORE_OK;
}

struct objective {
  struct hpo_gp *gp;
  bool warps;
  size_t size; /* of theta that is searched */
};

static double negative(void *context, const double *theta, double *gradient) {
  const struct objective *o = context;
  const double value = evaluate(&o->gp->shape, &o->gp->work, o->warps, theta, gradient);
  for (size_t j = 0; gradient != NULL && j < o->size; j++) gradient[j] = -gradient[j];
  return -value;
}

static enum core_status take_rows(struct hpo_gp *gp, const double *x, const double *y,
                                  const double *extra, size_t n, struct core_error *err) {
  const size_t d = gp->shape.d, most = n < HPO_GP_FIT_ROWS ? n : HPO_GP_FIT_ROWS;
  CORE_TRY(work_reserve(&gp->work, d, most, err));
  bool *chosen = NULL;
  if (n > most) {
    chosen = core_alloc(n * sizeof *chosen);
    if (chosen == NULL) return core_fail_nomem(err, n * sizeof *chosen);
    hpo_gp_choose_rows(y, n, most, chosen);
  }
  size_t taken = 0;
  for (size_t i = 0; i < n; i++)
    if (chosen == NULL || chosen[i])
      take_row(&gp->work, d, taken++, x + i * d, y[i], extra ? extra[i] : 0);
  core_free(chosen);
  return CORE_OK;
}

/* Of the rows taken. */
static enum core_status fit(struct hpo_gp *gp, bool warps, double *theta, unsigned max_evals,
                            double *log_posterior, struct core_error *err) {
  const size_t size = hpo_gp_theta_size(&gp->shape);
  struct objective objective = {gp, warps, warps ? size : gp->shape.d + 2};
  double *low = core_calloc(2 * size, sizeof *low);
  if (low == NULL) return core_fail_nomem(err, 2 * size * sizeof *low);
  hpo_gp_theta_bounds(&gp->shape, low, low + size);
  for (size_t j = objective.size; j < size; j++) theta[j] = 0;
  const struct core_minimize_problem problem = {objective.size, low, low + size, negative,
                                                &objective};
  const struct core_minimize_limits limits = {.max_evals = max_evals > 0 ? max_evals : 1,
                                              .f_tolerance = F_TOLERANCE};
  struct core_minimize_result result = {0};
  const enum core_status status = core_minimize_lbfgs(&problem, &limits, theta, &result, err);
  if (status == CORE_OK && !isfinite(result.value)) hpo_gp_theta_default(&gp->shape, theta);
  if (status == CORE_OK && log_posterior != NULL) *log_posterior = -result.value;
  core_free(low);
  return status;
}

enum core_status hpo_gp_fit(struct hpo_gp *gp, const double *x, const double *y,
                            const double *extra, size_t n, double *theta, unsigned max_evals,
                            double *log_posterior, struct core_error *err) {
  CORE_TRY(take_rows(gp, x, y, extra, n, err));
  return fit(gp, false, theta, max_evals, log_posterior, err);
}

enum core_status hpo_gp_fit_warps(struct hpo_gp *gp, const double *x, const double *y,
                                  const double *extra, size_t n, double *theta, unsigned max_evals,
                                  double *log_posterior, struct core_error *err) {
  CORE_TRY(take_rows(gp, x, y, extra, n, err));
  return fit(gp, gp->shape.warpable != NULL, theta, max_evals, log_posterior, err);
}
