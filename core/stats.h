/* SPDX-License-Identifier: GPL-3.0-or-later
 * Special functions and small statistics, by GSL. NaN in gives NaN out unless a line says otherwise. */
#pragma once
#include <stddef.h>

double core_normal_pdf(double z);
double core_normal_cdf(double z);
double core_normal_log_cdf(double z);  /* accurate for z << 0                                  */
double core_normal_quantile(double p); /* p in (0, 1); 0 and 1 give -inf and inf               */
double
core_normal_log_interval(double a,
                         double b); /* log(Phi(b) - Phi(a)), a < b, without cancellation    */
double core_truncnorm_quantile(double q, double a,
                               double b); /* quantile of N(0,1) cut to [a, b]            */
double core_log_sum_exp(const double *x,
                        size_t n); /* -inf for n = 0                                        */
void core_sort_doubles(double *x,
                       size_t n); /* ascending, NaN last                                   */
/* Quantile of ascending data, linear interpolation (type 7, numpy's default). n > 0. */
double core_quantile_sorted(const double *ascending, size_t n, double q);
/* Distribution functions on the unit scale; a value below the support gives 0. The parameters are above 0. */
double core_beta_cdf(double x, double a, double b);
double core_gamma_cdf(double x, double shape);
double core_chi2_cdf(double x, double degrees);
double core_chi2_sf(double x, double degrees); /* 1 - cdf without cancellation; 0 for infinity */
