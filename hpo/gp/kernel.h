/* SPDX-License-Identifier: GPL-3.0-or-later
 * The covariance of hpo/gp/model.h and the sums over rows that its gradients need. Rows lie in
 * columns: feature j of row i is columns[j * stride + i], so that the loops run along rows. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct hpo_gp_kernel { /* all borrowed */
  size_t d;
  const bool *categorical; /* [d] or NULL */
  const double *weight;    /* [d], 5 / length^2: r^2 = sum_j weight_j D_j^2 */
  double signal;
};

/* value[i] = k(x, row i) for the n rows; slope[i] = signal (1 + r) exp(-r) / 3 (NULL: not needed),
 * the factor that all derivatives share:
 *   dk / dx_j = -slope weight_j D_j,   dk / dlog length_j = slope weight_j D_j^2. */
void hpo_gp_kernel_row(const struct hpo_gp_kernel *kernel, const double *columns, size_t stride,
                       size_t n, const double *x, double *value, double *slope);
/* sums[j] += sum_i t[i] D_j(x, row i)^2. */
void hpo_gp_kernel_add_squares(const struct hpo_gp_kernel *kernel, const double *columns,
                               size_t stride, size_t n, const double *x, const double *t,
                               double *sums);
/* sums[j] += sum_i t[i] D_j(x, row i) (by[j] - row i of bys): half of what moves D_j^2 when the rows
 * move. Nothing is added for a categorical feature. */
void hpo_gp_kernel_add_products(const struct hpo_gp_kernel *kernel, const double *columns,
                                const double *bys, size_t stride, size_t n, const double *x,
                                const double *by, const double *t, double *sums);
/* sums[j] = weight_j sum_i t[i] D_j(x, row i); 0 for a categorical feature. */
void hpo_gp_kernel_differences(const struct hpo_gp_kernel *kernel, const double *columns,
                               size_t stride, size_t n, const double *x, const double *t,
                               double *sums);
/* As one row of terms: term[i] = -slope[i] weight D_j(x, row i), the derivative of k by x_j. */
void hpo_gp_kernel_derivative(const struct hpo_gp_kernel *kernel, size_t j, const double *columns,
                              size_t stride, size_t n, const double *x, const double *slope,
                              double *term);
