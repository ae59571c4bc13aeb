/* SPDX-License-Identifier: GPL-3.0-or-later
 * The normal distribution where samplers need it: far in the tails and on narrow intervals, without
 * cancellation. Special functions are GSL's. Errors below are relative, measured against 50 digits
 * in tests/unit/test_stats.c. */
#include "core/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double half_log_2pi = 0.91893853320467274178;
static const double log_2 = 0.69314718055994530942;

double core_normal_pdf(double z) {
  return exp(-0.5 * z * z - half_log_2pi);
}

double core_normal_cdf(double z) {
  return isnan(z) ? z : gsl_cdf_ugaussian_P(z);
}

/* Above 0 the answer is -Q(z) and a little; far below, the logarithm of the asymptotic series.
 * Error < 1e-14. */
double core_normal_log_cdf(double z) {
  if (isnan(z)) return z;
  if (z == -INFINITY) return -INFINITY;
  if (z > 0) return log1p(-gsl_cdf_ugaussian_Q(z));
  if (z > -10) return log(gsl_cdf_ugaussian_P(z));
  return gsl_sf_log_erfc(-z / sqrt(2.0)) - log_2;
}

double core_normal_quantile(double p) {
  if (isnan(p) || p < 0 || p > 1) return NAN;
  if (p == 0) return -INFINITY;
  if (p == 1) return INFINITY;
  return gsl_cdf_ugaussian_Pinv(p);
}

/* Ten-point Gauss-Legendre quadrature of phi around the middle m of [m - h, m + h]; exact to
 * rounding while |m| h <= 1, where the difference of two distribution values would cancel. */
static double log_interval_narrow(double m, double h) {
  static const double x[5] = {0.97390652851717172008, 0.86506336668898451073,
                              0.67940956829902440623, 0.43339539412924719080,
                              0.14887433898163121088};
  static const double w[5] = {0.066671344308688137594, 0.14945134915058059315,
                              0.21908636251598204400, 0.26926671930999635509,
                              0.29552422471475287017};
  double sum = 0;
  for (int i = 0; i < 5; i++) {
    const double t = h * x[i];
    sum += w[i] * exp(-0.5 * t * t) * 2 * cosh(m * t);
  }
  return -0.5 * m * m - half_log_2pi + log(h) + log(sum);
}

/* log(exp(x) - exp(y)) for x > y */
static double log_diff_exp(double x, double y) {
  return y == -INFINITY ? x : x + log1p(-exp(y - x));
}

double core_normal_log_interval(double a, double b) {
  if (isnan(a) || isnan(b) || a > b) return NAN;
  if (a == b) return -INFINITY;
  const double middle = 0.5 * a + 0.5 * b;
  const double half = 0.5 * b - 0.5 * a;
  if (half * fmax(fabs(middle), 1) < 1) return log_interval_narrow(middle, half);
  if (b <= 0) return log_diff_exp(core_normal_log_cdf(b), core_normal_log_cdf(a));
  if (a >= 0) return log_diff_exp(core_normal_log_cdf(-a), core_normal_log_cdf(-b));
  return log1p(-gsl_cdf_ugaussian_P(a) - gsl_cdf_ugaussian_Q(b));
}

static double log_add_exp(double x, double y) {
  const double most = fmax(x, y);
  return most == -INFINITY ? most : most + log1p(exp(fmin(x, y) - most));
}

/* z with log Phi(z) = y, for y <= log(1/2): Newton's method on the concave log Phi, from GSL's
 * quantile or the first term of the tail. */
static double log_quantile_lower(double y) {
  if (y == -INFINITY) return -INFINITY;
  double z = y > -700 ? gsl_cdf_ugaussian_Pinv(exp(y))
                      : -sqrt(-2 * y - log(-4 * 3.14159265358979323846 * y));
  for (int i = 0; i < 20; i++) {
    const double log_cdf = core_normal_log_cdf(z);
    const double slope = exp(-0.5 * z * z - half_log_2pi - log_cdf);
    const double step = (log_cdf - y) / slope;
    z -= step;
    if (fabs(step) <= 4e-16 * fabs(z)) break;
  }
  return z;
}

/* Worked in whichever tail is nearer to the answer, so that neither side loses digits. */
double core_truncnorm_quantile(double q, double a, double b) {
  if (isnan(q) || isnan(a) || isnan(b) || q < 0 || q > 1 || a > b) return NAN;
  if (q == 0 || a == b) return a;
  if (q == 1) return b;
  const double log_mass = core_normal_log_interval(a, b);
  const double log_below = log_add_exp(core_normal_log_cdf(a), log(q) + log_mass);
  double z;
  if (log_below <= -log_2) {
    z = log_quantile_lower(log_below);
  } else {
    z = -log_quantile_lower(
        fmin(-log_2, log_add_exp(core_normal_log_cdf(-b), log1p(-q) + log_mass)));
  }
  return fmin(fmax(z, a), b);
}

double core_log_sum_exp(const double *x, size_t n) {
  double most = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    if (isnan(x[i])) return NAN;
    most = fmax(most, x[i]);
  }
  if (isinf(most)) return most;
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += exp(x[i] - most);
  return most + log(sum);
}

static int compare_doubles(const void *left, const void *right) {
  const double a = *(const double *)left;
  const double b = *(const double *)right;
  if (isnan(a) || isnan(b)) return isnan(a) - isnan(b);
  return (a > b) - (a < b);
}

void core_sort_doubles(double *x, size_t n) {
  if (n > 1) qsort(x, n, sizeof *x, compare_doubles);
}

double core_quantile_sorted(const double *ascending, size_t n, double q) {
  const double place = q * (double)(n - 1);
  const size_t below = (size_t)floor(place);
  if (below + 1 >= n) return ascending[n - 1];
  const double low = ascending[below];
  const double high = ascending[below + 1];
  const double fraction = place - (double)below;
  if (fraction == 0 || low == high) return low; /* also keeps infinities from making NaN */
  return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
}

double core_beta_cdf(double x, double a, double b) {
  return isnan(x) ? x : x <= 0 ? 0 : x >= 1 ? 1 : gsl_cdf_beta_P(x, a, b);
}

double core_gamma_cdf(double x, double shape) {
  return isnan(x) ? x : x <= 0 ? 0 : isinf(x) ? 1 : gsl_cdf_gamma_P(x, shape, 1);
}

double core_chi2_cdf(double x, double degrees) {
  return isnan(x) ? x : x <= 0 ? 0 : isinf(x) ? 1 : gsl_cdf_chisq_P(x, degrees);
}

double core_chi2_sf(double x, double degrees) {
  return isnan(x) ? x : x <= 0 ? 1 : isinf(x) ? 0 : gsl_cdf_chisq_Q(x, degrees);
}
