/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/blas_state.h"
#include "core/linalg.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/rng.h"
#include "tests/support/support.h"

enum { N = 37, STRIDE = 41, ROWS = 5 };

/* B B^T + I of normal numbers, both triangles; what lies beyond the columns is NaN. */
static void positive_definite(double *a, uint64_t seed) {
  double b[N][N];
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < N; j++) b[i][j] = core_rng_normal(&rng);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < STRIDE; j++) {
      double sum = i == j;
      for (size_t k = 0; k < N && j < N; k++) sum += b[i][k] * b[j][k];
      a[i * STRIDE + j] = j < N ? sum : NAN;
    }
  }
}

static void normals(double *x, size_t n, uint64_t seed) {
  struct core_rng rng;
  core_rng_init(&rng, seed, 1, CORE_RNG_TEST);
  for (size_t i = 0; i < n; i++) x[i] = core_rng_normal(&rng);
}

static void factor_times_its_transpose_is_the_matrix(void **state) {
  (void)state;
  static double a[N * STRIDE], l[N * STRIDE];
  positive_definite(a, 1);
  memcpy(l, a, sizeof l);
  assert_true(core_linalg_factor(l, N, STRIDE, NULL));
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t k = 0; k <= j; k++) sum += l[i * STRIDE + k] * l[j * STRIDE + k];
      assert_near(sum, a[i * STRIDE + j], 1e-13);
    }
    for (size_t j = i + 1; j < N; j++) /* the upper triangle is left alone */
      assert_true(l[i * STRIDE + j] == a[i * STRIDE + j]);
  }
}

static void rows_appended_one_by_one_give_the_factor_of_the_whole(void **state) {
  (void)state;
  static double a[N * STRIDE], l[N * STRIDE], grown[N * STRIDE];
  positive_definite(a, 2);
  memcpy(l, a, sizeof l);
  memcpy(grown, a, sizeof l);
  assert_true(core_linalg_factor(l, N, STRIDE, NULL));
  for (size_t i = 0; i < N; i++) assert_true(core_linalg_factor_append(grown, i, STRIDE, 0));
  double log_det = 0;
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j <= i; j++) assert_near(grown[i * STRIDE + j], l[i * STRIDE + j], 1e-12);
    log_det += 2 * log(l[i * STRIDE + i]);
  }
  assert_near(core_linalg_log_det(grown, N, STRIDE), log_det, 1e-12);
}

static void the_pivot_that_fails_is_named(void **state) {
  (void)state;
  static double a[N * STRIDE];
  const double bad[] = {-1, 0, NAN, INFINITY};
  for (size_t k = 0; k < CORE_COUNT_OF(bad); k++) {
    for (size_t at = 0; at < N; at += 9) {
      positive_definite(a, 3);
      a[at * STRIDE + at] = bad[k];
      size_t pivot = N;
      assert_false(core_linalg_factor(a, N, STRIDE, &pivot));
      assert_int_equal(pivot, at);
    }
  }
  double two[] = {1, 0, 1, 1};
  assert_false(core_linalg_factor_append(two, 1, 2, 0)); /* the same row twice: a pivot of 0 */
  double near[] = {1, 0, 1, 1 + 1e-9};
  assert_false(core_linalg_factor_append(near, 1, 2, 1e-8));
  near[2] = 1;
  near[3] = 1 + 1e-7;
  assert_true(core_linalg_factor_append(near, 1, 2, 1e-8));
}

static void solves_undo_products(void **state) {
  (void)state;
  static double l[N * STRIDE], b[ROWS * STRIDE], one[N];
  positive_definite(l, 4);
  assert_true(core_linalg_factor(l, N, STRIDE, NULL));
  double x[ROWS * STRIDE];
  normals(x, ROWS * STRIDE, 5);
  for (int transposed = 0; transposed < 2; transposed++) {
    for (size_t r = 0; r < ROWS; r++) {
      for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t j = 0; j < N; j++) {
          const size_t row = transposed ? j : i, column = transposed ? i : j;
          if (column <= row) sum += l[row * STRIDE + column] * x[r * STRIDE + j];
        }
        b[r * STRIDE + i] = sum;
      }
    }
    memcpy(one, b, sizeof one);
    if (transposed) {
      core_linalg_solve_lower_transposed(l, N, STRIDE, one);
      core_linalg_solve_lower_transposed_rows(l, N, STRIDE, b, ROWS, STRIDE);
    } else {
      core_linalg_solve_lower(l, N, STRIDE, one);
      core_linalg_solve_lower_rows(l, N, STRIDE, b, ROWS, STRIDE);
    }
    for (size_t i = 0; i < N; i++) {
      assert_near(one[i], x[i], 1e-11);
      for (size_t r = 0; r < ROWS; r++) assert_near(b[r * STRIDE + i], x[r * STRIDE + i], 1e-11);
    }
  }
}

static void inverse_times_the_matrix_is_one(void **state) {
  (void)state;
  static double a[N * STRIDE], inverse[N * STRIDE];
  positive_definite(a, 6);
  memcpy(inverse, a, sizeof inverse);
  assert_true(core_linalg_factor(inverse, N, STRIDE, NULL));
  core_linalg_invert(inverse, N, STRIDE);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < N; j++) {
      double sum = 0;
      for (size_t k = 0; k < N; k++)
        sum += inverse[(i > k ? i : k) * STRIDE + (i > k ? k : i)] * a[k * STRIDE + j];
      assert_near(sum, i == j, 1e-10);
    }
  }
}

static void products_are_the_sums_they_stand_for(void **state) {
  (void)state;
  static double a[ROWS * STRIDE], b[N * STRIDE], c[ROWS * STRIDE], y[N];
  normals(a, ROWS * STRIDE, 7);
  normals(b, N * STRIDE, 8);
  core_linalg_gemm_rows(a, ROWS, STRIDE, b, N, STRIDE, 13, c, STRIDE);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 0; j < N; j++)
      assert_near(c[i * STRIDE + j], core_linalg_dot(a + i * STRIDE, b + j * STRIDE, 13), 1e-14);
  core_linalg_gemv(b, N, 11, STRIDE, a, y);
  for (size_t i = 0; i < N; i++) assert_near(y[i], core_linalg_dot(b + i * STRIDE, a, 11), 1e-14);
  core_linalg_gemv_transposed(b, N, 11, STRIDE, a, y);
  for (size_t j = 0; j < 11; j++) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) sum += b[i * STRIDE + j] * a[i];
    assert_near(y[j], sum, 1e-13);
  }
  static double rest[ROWS * ROWS];
  core_linalg_syrk_subtract(a, ROWS, 17, STRIDE, rest, ROWS);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 0; j < ROWS; j++)
      assert_near(rest[i * ROWS + j],
                  j <= i ? -core_linalg_dot(a + i * STRIDE, a + j * STRIDE, 17) : 0, 1e-14);
}

static void sizes_of_zero_do_nothing(void **state) {
  (void)state;
  double x = 5;
  assert_true(core_linalg_factor(&x, 0, 1, NULL));
  core_linalg_solve_lower(&x, 0, 1, &x);
  core_linalg_solve_lower_rows(&x, 0, 1, &x, 1, 1);
  core_linalg_invert(&x, 0, 1);
  assert_true(x == 5 && core_linalg_dot(&x, &x, 0) == 0 && core_linalg_log_det(&x, 0, 1) == 0);
  core_linalg_gemv(&x, 1, 0, 1, &x, &x);
  assert_true(x == 0);
}

static void eigenvectors_rebuild_the_matrix(void **state) {
  (void)state;
  static double wide[N * STRIDE], a[N * N], v[N * N];
  double values[N];
  positive_definite(wide, 9);
  for (size_t i = 0; i < N; i++) memcpy(a + i * N, wide + i * STRIDE, N * sizeof *a);
  memcpy(v, a, sizeof v);
  assert_int_equal(core_linalg_eigen_symmetric(v, N, values, NULL), CORE_OK);
  for (size_t k = 1; k < N; k++) assert_true(values[k - 1] <= values[k]);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < N; j++) {
      double sum = 0;
      for (size_t k = 0; k < N; k++) sum += values[k] * v[k * N + i] * v[k * N + j];
      assert_near(sum, a[i * N + j], 1e-12);
      assert_near(core_linalg_dot(v + i * N, v + j * N, N), i == j, 1e-13);
    }
  }
  a[N] = NAN;
  assert_int_equal(core_linalg_eigen_symmetric(a, N, values, NULL), CORE_INVAL);
}

/* GSL brings a BLAS of its own under the same names, ten times slower: the linker must not take it. */
static void products_are_made_by_the_fast_library(void **state) {
  (void)state;
  Dl_info info;
  void *symbol;
  memcpy(&symbol, &core_blas()->dgemm, sizeof symbol);
  assert_int_not_equal(dladdr(symbol, &info), 0);
  if (strstr(info.dli_fname, "openblas") == NULL)
    fail_msg("cblas_dgemm is that of %s", info.dli_fname);
}

int main(void) {
  if (core_linalg_open(NULL) != CORE_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(factor_times_its_transpose_is_the_matrix),
      cmocka_unit_test(rows_appended_one_by_one_give_the_factor_of_the_whole),
      cmocka_unit_test(the_pivot_that_fails_is_named),
      cmocka_unit_test(solves_undo_products),
      cmocka_unit_test(inverse_times_the_matrix_is_one),
      cmocka_unit_test(products_are_the_sums_they_stand_for),
      cmocka_unit_test(sizes_of_zero_do_nothing),
      cmocka_unit_test(eigenvectors_rebuild_the_matrix),
      cmocka_unit_test(products_are_made_by_the_fast_library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
