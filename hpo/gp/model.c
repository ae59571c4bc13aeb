/* SPDX-License-Identifier: GPL-3.0-or-later
 * The posterior of a Gaussian process: its factor, built, grown, and given other targets. */
#include "hpo/gp/model.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "hpo/gp/model_state.h"

#define JITTER_FIRST 1e-12 /* of signal * n: what rounding in a factor can amount to */
#define SPARE_ROWS   32    /* beyond those asked for                                 */

enum { TARGET_LINES = 5 }; /* target, white, ones, alpha, extra */

enum core_status hpo_gp_open(const struct hpo_gp_shape *shape, struct hpo_gp **out,
                             struct core_error *err) {
  assert(shape->d > 0);
  *out = NULL;
  CORE_TRY(core_linalg_open(err));
  struct hpo_gp *gp = core_calloc(1, sizeof *gp);
  if (gp == NULL) return core_fail_nomem(err, sizeof *gp);
  gp->shape = *shape;
  const size_t d = shape->d, size = hpo_gp_theta_size(shape);
  const size_t count = size + d * (3 + HPO_GP_PREDICT_ROWS);
  gp->theta = core_calloc(count, sizeof *gp->theta);
  gp->warp_moves = core_calloc(d, sizeof *gp->warp_moves);
  if (gp->theta == NULL || gp->warp_moves == NULL) {
    core_free(gp->theta);
    core_free(gp->warp_moves);
    core_free(gp);
    return core_fail_nomem(err, count * sizeof *gp->theta);
  }
  gp->weight = gp->theta + size;
  gp->warp_a = gp->weight + d;
  gp->warp_b = gp->warp_a + d;
  gp->warped = gp->warp_b + d;
  gp->warp = (struct hpo_gp_warp){d, gp->warp_moves, gp->warp_a, gp->warp_b};
  hpo_gp_theta_default(shape, gp->theta);
  hpo_gp_weights(shape, gp->theta, gp->weight);
  gp->noise = exp(gp->theta[d + 1]);
  *out = gp;
  return CORE_OK;
}

static void release_rows(struct hpo_gp *gp) {
  core_free(gp->columns);
  core_free(gp->factor);
  core_free(gp->target);
  core_free(gp->scratch);
}

void hpo_gp_close(struct hpo_gp *gp) {
  if (gp == NULL) return;
  release_rows(gp);
  core_free(gp->fantasy);
  core_free(gp->fantasy_alpha);
  hpo_gp_work_reset(&gp->work);
  core_free(gp->theta);
  core_free(gp->warp_moves);
  core_free(gp);
}

void hpo_gp_set_prior(struct hpo_gp *gp, const struct hpo_gp_prior *prior) {
  gp->shape.prior = *prior;
}

size_t hpo_gp_stride(size_t n) {
  const size_t whole = (n + 7) / 8 * 8;
  return whole % 512 == 0 ? whole + 8 : whole;
}

void hpo_gp_weights(const struct hpo_gp_shape *shape, const double *theta, double *weight) {
  for (size_t j = 0; j < shape->d; j++) weight[j] = 5 * exp(-2 * theta[j]);
}

struct hpo_gp_kernel hpo_gp_kernel_of(const struct hpo_gp *gp) {
  return (struct hpo_gp_kernel){.d = gp->shape.d,
                                .categorical = gp->shape.categorical,
                                .weight = gp->weight,
                                .signal = exp(gp->theta[gp->shape.d])};
}

/* Rows move from one stride to another. */
static void move_rows(double *to, size_t to_stride, const double *from, size_t from_stride,
                      size_t rows, size_t columns) {
  for (size_t i = 0; i < rows && columns > 0; i++)
    memcpy(to + i * to_stride, from + i * from_stride, columns * sizeof *to);
}

enum core_status hpo_gp_reserve(struct hpo_gp *gp, size_t rows, struct core_error *err) {
  if (rows <= gp->stride) return CORE_OK;
  const size_t d = gp->shape.d, n = gp->n, n_lines = HPO_GP_PREDICT_ROWS + d + 4;
  const size_t stride = hpo_gp_stride(rows + rows / 4 + SPARE_ROWS);
  double *columns = core_calloc(d, stride * sizeof *columns);
  double *factor = core_calloc(stride, stride * sizeof *factor);
  double *target = core_calloc(TARGET_LINES, stride * sizeof *target);
  double *scratch = core_calloc(n_lines, stride * sizeof *scratch);
  if (columns == NULL || factor == NULL || target == NULL || scratch == NULL) {
    core_free(columns);
    core_free(factor);
    core_free(target);
    core_free(scratch);
    return core_fail_nomem(err, stride * (stride + d + TARGET_LINES + n_lines) * sizeof *factor);
  }
  move_rows(columns, stride, gp->columns, gp->stride, d, n);
  move_rows(factor, stride, gp->factor, gp->stride, n, n);
  move_rows(target, stride, gp->target, gp->stride, n > 0 ? TARGET_LINES : 0, n);
  release_rows(gp);
  gp->columns = columns;
  gp->factor = factor;
  gp->target = target;
  gp->white = target + stride;
  gp->ones = target + 2 * stride;
  gp->alpha = target + 3 * stride;
  gp->extra = target + 4 * stride;
  gp->scratch = scratch;
  gp->stride = stride;
  hpo_gp_drop_pending(gp);
  return CORE_OK;
}

const double *hpo_gp_seen(const struct hpo_gp *gp, const double *x, size_t m) {
  if (!gp->is_warped) return x;
  hpo_gp_warp_rows(&gp->warp, x, m, gp->warped);
  return gp->warped;
}

/* From theta; it counts as warped when some feature moves. */
static void set_warp(struct hpo_gp *gp) {
  const size_t d = gp->shape.d;
  const double *log_a = gp->theta + d + 2, *log_b = log_a + d;
  gp->is_warped = false;
  if (gp->shape.warpable == NULL) return;
  for (size_t j = 0; j < d; j++) {
    gp->warp_moves[j] = gp->shape.warpable[j] && (log_a[j] != 0 || log_b[j] != 0);
    gp->warp_a[j] = exp(log_a[j]);
    gp->warp_b[j] = exp(log_b[j]);
    gp->is_warped |= gp->warp_moves[j];
  }
}

void hpo_gp_put_row(struct hpo_gp *gp, size_t at, const double *x) {
  for (size_t j = 0; j < gp->shape.d; j++) gp->columns[j * gp->stride + at] = x[j];
}

double hpo_gp_most_probable_constant(const double *white, const double *ones, size_t n) {
  return core_linalg_dot(ones, white, n) / (1 + core_linalg_dot(ones, ones, n));
}

/* What follows from `white` and `ones`. */
static void finish_targets(struct hpo_gp *gp) {
  gp->constant = hpo_gp_most_probable_constant(gp->white, gp->ones, gp->n);
  for (size_t i = 0; i < gp->n; i++) gp->alpha[i] = gp->white[i] - gp->constant * gp->ones[i];
  core_linalg_solve_lower_transposed(gp->factor, gp->n, gp->stride, gp->alpha);
}

/* False: K + noise I is not positive definite. */
static bool try_factor(struct hpo_gp *gp) {
  const struct hpo_gp_kernel kernel = hpo_gp_kernel_of(gp);
  const size_t d = gp->shape.d, stride = gp->stride;
  double *point = gp->scratch;
  for (size_t i = 0; i < gp->n; i++) {
    for (size_t j = 0; j < d; j++) point[j] = gp->columns[j * stride + i];
    hpo_gp_kernel_row(&kernel, gp->columns, stride, i, point, gp->factor + i * stride, NULL);
    gp->factor[i * stride + i] = kernel.signal + gp->noise + gp->extra[i];
  }
  return core_linalg_factor(gp->factor, gp->n, stride, NULL);
}

static void factor_with_jitter(struct hpo_gp *gp) {
  const double signal = exp(gp->theta[gp->shape.d]);
  while (!try_factor(gp) && gp->noise < 1e6 * signal)
    gp->noise = fmax(10 * gp->noise, JITTER_FIRST * signal * (double)gp->n);
  gp->theta[gp->shape.d + 1] = log(gp->noise);
  for (size_t i = 0; i < gp->n; i++) gp->ones[i] = 1;
  core_linalg_solve_lower(gp->factor, gp->n, gp->stride, gp->ones);
}

enum core_status hpo_gp_condition(struct hpo_gp *gp, const double *theta, const double *x,
                                  const double *y, const double *extra, size_t n,
                                  struct core_error *err) {
  const size_t d = gp->shape.d;
  gp->n = 0;
  hpo_gp_drop_pending(gp);
  CORE_TRY(hpo_gp_reserve(gp, n > d ? n : d, err)); /* d: a scratch line holds a point too */
  memmove(gp->theta, theta, hpo_gp_theta_size(&gp->shape) * sizeof *theta);
  set_warp(gp);
  hpo_gp_weights(&gp->shape, gp->theta, gp->weight);
  gp->noise = fmax(exp(gp->theta[d + 1]), gp->shape.prior.noise_floor);
  for (size_t i = 0; i < n; i++) {
    hpo_gp_put_row(gp, i, hpo_gp_seen(gp, x + i * d, 1));
    gp->extra[i] = extra ? extra[i] : 0;
  }
  gp->n = n;
  factor_with_jitter(gp);
  return hpo_gp_retarget(gp, y, err);
}

enum core_status hpo_gp_retarget(struct hpo_gp *gp, const double *y, struct core_error *err) {
  (void)err;
  hpo_gp_drop_pending(gp);
  gp->constant = 0;
  if (gp->n == 0) return CORE_OK;
  memmove(gp->target, y, gp->n * sizeof *y);
  memcpy(gp->white, gp->target, gp->n * sizeof *y);
  core_linalg_solve_lower(gp->factor, gp->n, gp->stride, gp->white);
  finish_targets(gp);
  return CORE_OK;
}

enum core_status hpo_gp_append(struct hpo_gp *gp, const double *x, double y,
                               struct core_error *err) {
  const size_t n = gp->n, d = gp->shape.d;
  hpo_gp_drop_pending(gp);
  CORE_TRY(hpo_gp_reserve(gp, n + 1 > d ? n + 1 : d, err));
  const struct hpo_gp_kernel kernel = hpo_gp_kernel_of(gp);
  x = hpo_gp_seen(gp, x, 1);
  hpo_gp_put_row(gp, n, x);
  gp->target[n] = y;
  gp->extra[n] = 0;
  double *row = gp->factor + n * gp->stride;
  hpo_gp_kernel_row(&kernel, gp->columns, gp->stride, n, x, row, NULL);
  row[n] = kernel.signal + gp->noise;
  gp->n = n + 1;
  if (!core_linalg_factor_append(gp->factor, n, gp->stride, 0)) {
    factor_with_jitter(gp);
    return hpo_gp_retarget(gp, gp->target, err);
  }
  gp->white[n] = (y - core_linalg_dot(row, gp->white, n)) / row[n];
  gp->ones[n] = (1 - core_linalg_dot(row, gp->ones, n)) / row[n];
  finish_targets(gp);
  return CORE_OK;
}

size_t hpo_gp_size(const struct hpo_gp *gp) {
  return gp->n;
}

const double *hpo_gp_theta(const struct hpo_gp *gp) {
  return gp->theta;
}

const struct hpo_gp_warp *hpo_gp_warp(const struct hpo_gp *gp) {
  return gp->is_warped ? &gp->warp : NULL;
}

double hpo_gp_noise(const struct hpo_gp *gp) {
  return gp->noise;
}
