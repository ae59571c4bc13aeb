/* SPDX-License-Identifier: GPL-3.0-or-later
 * Dense linear algebra, by OpenBLAS and its LAPACK.
 *
 * Matrices are row-major with a stride (elements from one row to the next, at least the columns
 * used), so that a matrix can grow in place. "Lower" is a lower triangle, the rest is neither read
 * nor written. A factor L has A = L L^T and a positive diagonal. Sizes of 0 are fine. NaN and
 * infinity run through to the results, except where a line says otherwise. Results depend on the
 * machine's BLAS in the last bits, but are the same for the same call on the same machine. */
#pragma once
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>

/* Loads the library at the first call and keeps it from starting threads of its own. May be called
 * at any time, again and from any thread; whoever opens an object that computes with this header
 * calls it first. UNSUPPORTED: there is no OpenBLAS. */
enum core_status core_linalg_open(struct core_error *err) CORE_MUST_CHECK;

/* Cholesky: the lower triangle of a[n x n] becomes its factor. False: not positive definite as far
 * as double precision can tell, *pivot (may be NULL) is the first row (from 0) that shows it, rows
 * from there on are undefined. Not finite counts as not positive definite. */
bool core_linalg_factor(double *a, size_t n, size_t stride, size_t *pivot) CORE_MUST_CHECK;
/* One more row: row n of `l` holds A's row (l[n * stride + 0..n-1], and the diagonal element as
 * number n) and becomes row n of the factor; O(n^2). False, with the row undefined: the new pivot
 * is not above `least` (0 for plain positive definiteness). */
bool core_linalg_factor_append(double *l, size_t n, size_t stride, double least) CORE_MUST_CHECK;
/* log det(A) of the factored A. */
double core_linalg_log_det(const double *l, size_t n, size_t stride);

/* b[n] becomes L^-1 b, and L^-T b. */
void core_linalg_solve_lower(const double *l, size_t n, size_t stride, double *b);
void core_linalg_solve_lower_transposed(const double *l, size_t n, size_t stride, double *b);
/* Many right-hand sides, each a row of b[m x n]: each row b becomes L^-1 b, and L^-T b. */
void core_linalg_solve_lower_rows(const double *l, size_t n, size_t stride, double *b, size_t m,
                                  size_t b_stride);
void core_linalg_solve_lower_transposed_rows(const double *l, size_t n, size_t stride, double *b,
                                             size_t m, size_t b_stride);
/* The factor in place becomes the lower triangle of A^-1. */
void core_linalg_invert(double *l, size_t n, size_t stride);

double core_linalg_dot(const double *a, const double *b, size_t n);
/* y[m] = A[m x n] x[n], and y[n] = A[m x n]^T x[m]. y must not overlap x. */
void core_linalg_gemv(const double *a, size_t m, size_t n, size_t stride, const double *x,
                      double *y);
void core_linalg_gemv_transposed(const double *a, size_t m, size_t n, size_t stride,
                                 const double *x, double *y);
/* C[m x n] = A[m x k] B[n x k]^T: all inner products of rows. */
void core_linalg_gemm_rows(const double *a, size_t m, size_t a_stride, const double *b, size_t n,
                           size_t b_stride, size_t k, double *c, size_t c_stride);
/* The lower triangle of C[n x n] -= A[n x k] A[n x k]^T. */
void core_linalg_syrk_subtract(const double *a, size_t n, size_t k, size_t a_stride, double *c,
                               size_t c_stride);

/* Symmetric a[n x n] (lower triangle, packed rows): values[n] in rising order; row k of `a` becomes
 * the unit eigenvector of values[k]. CORE_INVAL: did not converge (values that are not finite). */
enum core_status core_linalg_eigen_symmetric(double *a, size_t n, double *values,
                                             struct core_error *err) CORE_MUST_CHECK;
