/* SPDX-License-Identifier: GPL-3.0-or-later
 * By logarithms, so that nothing is lost near the ends: with p = x^a and q = log(1 - p),
 * w = 1 - exp(b q). */
#include "hpo/gp/warp.h"

#include <math.h>

#define NEAREST_END 1e-9 /* where the slope at an end is taken */

/* log(1 - x^a) for x in (0, 1); *log_x is log x. */
static double log_rest(double a, double x, double *log_x) {
  *log_x = log(x);
  return log(-expm1(a * *log_x));
}

double hpo_gp_warp_value(double a, double b, double x) {
  double log_x;
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  return -expm1(b * log_rest(a, x, &log_x));
}

double hpo_gp_warp_slope(double a, double b, double x) {
  double log_x;
  x = fmin(fmax(x, NEAREST_END), 1 - NEAREST_END);
  const double q = log_rest(a, x, &log_x);
  return a * b * exp((a - 1) * log_x + (b - 1) * q);
}

double hpo_gp_warp_inverse(double a, double b, double w) {
  if (!(w > 0)) return 0;
  if (w >= 1) return 1;
  return exp(log(-expm1(log1p(-w) / b)) / a);
}

double hpo_gp_warp_by_logs(double a, double b, double x, double *by_log_a, double *by_log_b) {
  double log_x;
  *by_log_a = *by_log_b = 0; /* at the ends nothing moves */
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  const double q = log_rest(a, x, &log_x);
  *by_log_a = a * b * log_x * exp(a * log_x + (b - 1) * q);
  *by_log_b = -b * q * exp(b * q);
  return -expm1(b * q);
}

static bool moves(const struct hpo_gp_warp *warp, size_t j) {
  return warp != NULL && warp->moves[j];
}

double hpo_gp_warp_at(const struct hpo_gp_warp *warp, size_t j, double x) {
  return moves(warp, j) ? hpo_gp_warp_value(warp->a[j], warp->b[j], x) : x;
}

double hpo_gp_warp_back(const struct hpo_gp_warp *warp, size_t j, double w) {
  return moves(warp, j) ? hpo_gp_warp_inverse(warp->a[j], warp->b[j], w) : w;
}

double hpo_gp_warp_slope_at(const struct hpo_gp_warp *warp, size_t j, double x) {
  return moves(warp, j) ? hpo_gp_warp_slope(warp->a[j], warp->b[j], x) : 1;
}

void hpo_gp_warp_rows(const struct hpo_gp_warp *warp, const double *rows, size_t m, double *out) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < warp->d; j++)
      out[i * warp->d + j] = hpo_gp_warp_at(warp, j, rows[i * warp->d + j]);
}
