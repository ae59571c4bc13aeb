/* SPDX-License-Identifier: GPL-3.0-or-later
 * A row-major lower triangle is a column-major upper one. LAPACK is called by columns therefore,
 * which spares it transposing copies. */
#include "core/linalg.h"

#include <assert.h>
#include <limits.h>
#include <math.h>

#include "core/blas_state.h"
#include "core/mem.h"

static int blas_int(size_t n) {
  assert(n <= INT_MAX);
  return (int)n;
}

enum core_status core_linalg_open(struct core_error *err) {
  return core_blas_open(err);
}

bool core_linalg_factor(double *a, size_t n, size_t stride, size_t *pivot) {
  if (n == 0) return true;
  const int order = blas_int(n), lines = blas_int(stride);
  int info = 0;
  core_blas()->dpotrf("U", &order, a, &lines, &info, 1);
  assert(info >= 0);
  size_t good = info > 0 ? (size_t)info - 1 : n;
  for (size_t i = 0; i < good; i++) /* a NaN passes LAPACK's own check of the pivot */
    if (!(isfinite(a[i * stride + i]) && a[i * stride + i] > 0)) good = i;
  if (pivot != NULL && good < n) *pivot = good;
  return good == n;
}

bool core_linalg_factor_append(double *l, size_t n, size_t stride, double least) {
  double *row = l + n * stride;
  core_linalg_solve_lower(l, n, stride, row);
  const double pivot = row[n] - core_linalg_dot(row, row, n);
  if (!(isfinite(pivot) && pivot > fmax(least, 0))) return false;
  row[n] = sqrt(pivot);
  return true;
}

double core_linalg_log_det(const double *l, size_t n, size_t stride) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += log(l[i * stride + i]);
  return 2 * sum;
}

static void solve_vector(const double *l, size_t n, size_t stride, double *b,
                         enum CBLAS_TRANSPOSE transpose) {
  if (n > 0)
    core_blas()->dtrsv(CblasRowMajor, CblasLower, transpose, CblasNonUnit, blas_int(n), l,
                       blas_int(stride), b, 1);
}

void core_linalg_solve_lower(const double *l, size_t n, size_t stride, double *b) {
  solve_vector(l, n, stride, b, CblasNoTrans);
}

void core_linalg_solve_lower_transposed(const double *l, size_t n, size_t stride, double *b) {
  solve_vector(l, n, stride, b, CblasTrans);
}

/* Rows b with L x = b are B in X L^T = B. */
static void solve_rows(const double *l, size_t n, size_t stride, double *b, size_t m,
                       size_t b_stride, enum CBLAS_TRANSPOSE transpose) {
  if (n > 0 && m > 0)
    core_blas()->dtrsm(CblasRowMajor, CblasRight, CblasLower, transpose, CblasNonUnit, blas_int(m),
                       blas_int(n), 1, l, blas_int(stride), b, blas_int(b_stride));
}

void core_linalg_solve_lower_rows(const double *l, size_t n, size_t stride, double *b, size_t m,
                                  size_t b_stride) {
  solve_rows(l, n, stride, b, m, b_stride, CblasTrans);
}

void core_linalg_solve_lower_transposed_rows(const double *l, size_t n, size_t stride, double *b,
                                             size_t m, size_t b_stride) {
  solve_rows(l, n, stride, b, m, b_stride, CblasNoTrans);
}

void core_linalg_invert(double *l, size_t n, size_t stride) {
  if (n == 0) return;
  const int order = blas_int(n), lines = blas_int(stride);
  int info = 0;
  core_blas()->dpotri("U", &order, l, &lines, &info, 1);
  assert(info == 0); /* only a zero on the diagonal says otherwise, and a factor has none */
  (void)info;
}

double core_linalg_dot(const double *a, const double *b, size_t n) {
  return core_blas()->ddot(blas_int(n), a, 1, b, 1);
}

static void multiply(const double *a, size_t m, size_t n, size_t stride, const double *x, double *y,
                     enum CBLAS_TRANSPOSE transpose) {
  const size_t n_results = transpose == CblasNoTrans ? m : n;
  for (size_t i = 0; i < n_results; i++) y[i] = 0; /* also for matrices without elements */
  if (m > 0 && n > 0)
    core_blas()->dgemv(CblasRowMajor, transpose, blas_int(m), blas_int(n), 1, a, blas_int(stride),
                       x, 1, 0, y, 1);
}

void core_linalg_gemv(const double *a, size_t m, size_t n, size_t stride, const double *x,
                      double *y) {
  multiply(a, m, n, stride, x, y, CblasNoTrans);
}

void core_linalg_gemv_transposed(const double *a, size_t m, size_t n, size_t stride,
                                 const double *x, double *y) {
  multiply(a, m, n, stride, x, y, CblasTrans);
}

void core_linalg_gemm_rows(const double *a, size_t m, size_t a_stride, const double *b, size_t n,
                           size_t b_stride, size_t k, double *c, size_t c_stride) {
  for (size_t i = 0; k == 0 && i < m; i++)
    for (size_t j = 0; j < n; j++) c[i * c_stride + j] = 0;
  if (m > 0 && n > 0 && k > 0)
    core_blas()->dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blas_int(m), blas_int(n),
                       blas_int(k), 1, a, blas_int(a_stride), b, blas_int(b_stride), 0, c,
                       blas_int(c_stride));
}

void core_linalg_syrk_subtract(const double *a, size_t n, size_t k, size_t a_stride, double *c,
                               size_t c_stride) {
  if (n > 0 && k > 0)
    core_blas()->dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, blas_int(n), blas_int(k), -1, a,
                       blas_int(a_stride), 1, c, blas_int(c_stride));
}

enum core_status core_linalg_eigen_symmetric(double *a, size_t n, double *values,
                                             struct core_error *err) {
  if (n == 0) return CORE_OK;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      if (!isfinite(a[i * n + j]))
        return core_fail(err, CORE_INVAL, "a matrix to be decomposed is not finite in row %zu", i);
  const int order = blas_int(n);
  double best = 0;
  int info = 0, length = -1; /* asks how much to work in */
  core_blas()->dsyev("V", "U", &order, a, &order, values, &best, &length, &info, 1, 1);
  const size_t n_work = info == 0 && best >= 1 ? (size_t)best : 3 * n;
  double *work = core_calloc(n_work, sizeof *work);
  if (work == NULL) return core_fail_nomem(err, n_work * sizeof *work);
  length = blas_int(n_work);
  core_blas()->dsyev("V", "U", &order, a, &order, values, work, &length, &info, 1, 1);
  core_free(work);
  return info == 0 ? CORE_OK
                   : core_fail(err, CORE_INVAL,
                               "the eigenvalues of a matrix of order %zu did not converge", n);
}
