/* SPDX-License-Identifier: GPL-3.0-or-later
 * Predictions from the factor: blocks of rows by matrix products, one row with its gradient. */
#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "hpo/gp/model_state.h"

/* Which rows and which alphas answer. */
struct view {
  size_t rows, n_fantasies;
  const double *alpha; /* [n_fantasies x stride] */
};

static struct view view_posterior(const struct hpo_gp *gp) {
  return (struct view){.rows = gp->n, .n_fantasies = 1, .alpha = gp->alpha};
}

static struct view view_fantasies(const struct hpo_gp *gp) {
  if (gp->n_pending == 0) return view_posterior(gp);
  return (struct view){
      .rows = gp->n + gp->n_pending, .n_fantasies = gp->n_fantasies, .alpha = gp->fantasy_alpha};
}

static double variance_left(double signal, const double *v, size_t n) {
  return fmax(signal - core_linalg_dot(v, v, n), 0);
}

/* m <= HPO_GP_PREDICT_ROWS rows; mean[f * mean_stride + i]. */
static void predict_block(const struct hpo_gp *gp, const struct view *view, const double *x,
                          size_t m, double *mean, size_t mean_stride, double *var) {
  const struct hpo_gp_kernel kernel = hpo_gp_kernel_of(gp);
  const size_t d = gp->shape.d, stride = gp->stride, rows = view->rows;
  double *k = gp->scratch;
  x = hpo_gp_seen(gp, x, m);
  for (size_t i = 0; i < m; i++)
    hpo_gp_kernel_row(&kernel, gp->columns, stride, rows, x + i * d, k + i * stride, NULL);
  if (mean != NULL) {
    core_linalg_gemm_rows(view->alpha, view->n_fantasies, stride, k, m, stride, rows, mean,
                          mean_stride);
    for (size_t f = 0; f < view->n_fantasies; f++)
      for (size_t i = 0; i < m; i++) mean[f * mean_stride + i] += gp->constant;
  }
  if (var == NULL) return;
  core_linalg_solve_lower_rows(gp->factor, rows, stride, k, m, stride);
  for (size_t i = 0; i < m; i++) var[i] = variance_left(kernel.signal, k + i * stride, rows);
}

static void predict(const struct hpo_gp *gp, const struct view *view, const double *x, size_t m,
                    double *mean, double *var) {
  const struct hpo_gp_kernel kernel = hpo_gp_kernel_of(gp);
  if (view->rows == 0) { /* the prior */
    for (size_t i = 0; i < m; i++) {
      if (mean != NULL) mean[i] = 0;
      if (var != NULL) var[i] = kernel.signal;
    }
    return;
  }
  for (size_t i = 0; i < m; i += HPO_GP_PREDICT_ROWS) {
    const size_t length = m - i < HPO_GP_PREDICT_ROWS ? m - i : HPO_GP_PREDICT_ROWS;
    predict_block(gp, view, x + i * gp->shape.d, length, mean != NULL ? mean + i : NULL, m,
                  var != NULL ? var + i : NULL);
  }
}

/* Derivatives by warped features become those by the features. */
static void by_raw(const struct hpo_gp *gp, const struct view *view, const double *x, double *dmean,
                   double *dvar) {
  const size_t d = gp->shape.d;
  for (size_t j = 0; gp->is_warped && j < d; j++) {
    const double slope = hpo_gp_warp_slope_at(&gp->warp, j, x[j]);
    for (size_t f = 0; f < view->n_fantasies; f++) dmean[f * d + j] *= slope;
    dvar[j] *= slope;
  }
}

/* dvar_j = 2 sum_i u_i slope_i weight_j D_j, with u = K^-1 k. */
static void predict_gradient(const struct hpo_gp *gp, const struct view *view, const double *x,
                             double *mean, double *var, double *dmean, double *dvar) {
  const struct hpo_gp_kernel kernel = hpo_gp_kernel_of(gp);
  const size_t d = gp->shape.d, stride = gp->stride, rows = view->rows;
  if (rows == 0) {
    *mean = 0;
    *var = kernel.signal;
    memset(dmean, 0, d * sizeof *dmean);
    memset(dvar, 0, d * sizeof *dvar);
    return;
  }
  double *k = gp->scratch, *slope = k + stride, *t = slope + stride, *terms = t + stride;
  const double *raw = x;
  x = hpo_gp_seen(gp, x, 1);
  hpo_gp_kernel_row(&kernel, gp->columns, stride, rows, x, k, slope);
  for (size_t f = 0; f < view->n_fantasies; f++)
    mean[f] = gp->constant + core_linalg_dot(view->alpha + f * stride, k, rows);
  if (view->n_fantasies == 1) {
    for (size_t i = 0; i < rows; i++) t[i] = -view->alpha[i] * slope[i];
    hpo_gp_kernel_differences(&kernel, gp->columns, stride, rows, x, t, dmean);
  } else {
    for (size_t j = 0; j < d; j++)
      hpo_gp_kernel_derivative(&kernel, j, gp->columns, stride, rows, x, slope, terms + j * stride);
    core_linalg_gemm_rows(view->alpha, view->n_fantasies, stride, terms, d, stride, rows, dmean, d);
  }
  core_linalg_solve_lower(gp->factor, rows, stride, k);
  *var = variance_left(kernel.signal, k, rows);
  core_linalg_solve_lower_transposed(gp->factor, rows, stride, k);
  for (size_t i = 0; i < rows; i++) t[i] = 2 * k[i] * slope[i];
  hpo_gp_kernel_differences(&kernel, gp->columns, stride, rows, x, t, dvar);
  by_raw(gp, view, raw, dmean, dvar);
}

void hpo_gp_predict(const struct hpo_gp *gp, const double *x, size_t m, double *mean, double *var) {
  const struct view view = view_posterior(gp);
  predict(gp, &view, x, m, mean, var);
}

void hpo_gp_predict_gradient(const struct hpo_gp *gp, const double *x, double *mean, double *var,
                             double *dmean, double *dvar) {
  const struct view view = view_posterior(gp);
  predict_gradient(gp, &view, x, mean, var, dmean, dvar);
}

void hpo_gp_predict_fantasies(const struct hpo_gp *gp, const double *x, size_t m, double *mean,
                              double *var) {
  const struct view view = view_fantasies(gp);
  predict(gp, &view, x, m, mean, var);
}

void hpo_gp_predict_fantasies_gradient(const struct hpo_gp *gp, const double *x, double *mean,
                                       double *var, double *dmean, double *dvar) {
  const struct view view = view_fantasies(gp);
  predict_gradient(gp, &view, x, mean, var, dmean, dvar);
}
