/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/qmc.h"

#include <string.h>

#include "core/compiler.h"
#include "tests/support/support.h"

static struct core_qmc *open_qmc(enum core_qmc_kind kind, size_t dim, bool scramble,
                                 uint64_t seed) {
  struct core_qmc *qmc;
  assert_int_equal(core_qmc_open(kind, dim, scramble, seed, &qmc, NULL), CORE_OK);
  return qmc;
}

static void point(struct core_qmc *qmc, uint64_t index, double *x) {
  assert_int_equal(core_qmc_point(qmc, index, x, NULL), CORE_OK);
}

static void the_first_points_are_the_known_ones(void **state) {
  (void)state;
  static const double sobol[][2] = {{0, 0}, {0.5, 0.5}, {0.75, 0.25}, {0.25, 0.75}, {0.375, 0.375}};
  static const double halton[][2] = {{0, 0}, {0.5, 1.0 / 3}, {0.25, 2.0 / 3}, {0.75, 1.0 / 9}};
  double x[2];
  struct core_qmc *qmc = open_qmc(CORE_QMC_SOBOL, 2, false, 0);
  for (size_t i = 0; i < CORE_COUNT_OF(sobol); i++) {
    point(qmc, i, x);
    assert_memory_equal(x, sobol[i], sizeof x);
  }
  core_qmc_close(qmc);
  qmc = open_qmc(CORE_QMC_HALTON, 2, false, 0);
  for (size_t i = 0; i < CORE_COUNT_OF(halton); i++) {
    point(qmc, i, x);
    for (int k = 0; k < 2; k++)
      assert_true(x[k] - halton[i][k] < 1e-15 && halton[i][k] - x[k] < 1e-15);
  }
  core_qmc_close(qmc);
}

/* Of the first 2^k points, each of 2^k equal slices of each axis holds exactly one. */
static void every_slice_holds_one_sobol_point_scrambled_or_not(void **state) {
  (void)state;
  enum { N = 256, DIM = CORE_QMC_SOBOL_MAX_DIM };
  for (int scramble = 0; scramble < 2; scramble++) {
    struct core_qmc *qmc = open_qmc(CORE_QMC_SOBOL, DIM, scramble, 7);
    static unsigned char seen[DIM][N];
    memset(seen, 0, sizeof seen);
    for (uint64_t i = 0; i < N; i++) {
      double x[DIM];
      point(qmc, i, x);
      for (int k = 0; k < DIM; k++) {
        assert_true(x[k] >= 0 && x[k] < 1);
        seen[k][(int)(x[k] * N)]++;
      }
    }
    for (int k = 0; k < DIM; k++) {
      for (int slice = 0; slice < N; slice++) assert_int_equal(seen[k][slice], 1);
    }
    core_qmc_close(qmc);
  }
}

static void points_do_not_depend_on_the_order_of_asking(void **state) {
  (void)state;
  static const enum core_qmc_kind kinds[] = {CORE_QMC_SOBOL, CORE_QMC_HALTON};
  for (size_t k = 0; k < CORE_COUNT_OF(kinds); k++) {
    struct core_qmc *forward = open_qmc(kinds[k], 3, true, 3);
    struct core_qmc *backward = open_qmc(kinds[k], 3, true, 3);
    double a[20][3], b[3];
    for (uint64_t i = 0; i < 20; i++) point(forward, i, a[i]);
    for (uint64_t i = 20; i-- > 0;) {
      point(backward, i, b);
      assert_memory_equal(a[i], b, sizeof b);
      point(backward, i, b); /* and asked again */
      assert_memory_equal(a[i], b, sizeof b);
    }
    core_qmc_close(forward);
    core_qmc_close(backward);
  }
}

static void seeds_move_the_points(void **state) {
  (void)state;
  struct core_qmc *one = open_qmc(CORE_QMC_SOBOL, 5, true, 1);
  struct core_qmc *two = open_qmc(CORE_QMC_SOBOL, 5, true, 2);
  double a[5], b[5];
  point(one, 4, a);
  point(two, 4, b);
  for (int k = 0; k < 5; k++) assert_true(a[k] != b[k]);
  core_qmc_close(one);
  core_qmc_close(two);
}

static void halton_fills_its_largest_dimension(void **state) {
  (void)state;
  static double x[CORE_QMC_HALTON_MAX_DIM];
  struct core_qmc *qmc = open_qmc(CORE_QMC_HALTON, CORE_QMC_HALTON_MAX_DIM, true, 1);
  for (uint64_t i = 0; i < 100; i++) {
    point(qmc, i, x);
    for (int k = 0; k < CORE_QMC_HALTON_MAX_DIM; k++) assert_true(x[k] >= 0 && x[k] < 1);
  }
  core_qmc_close(qmc);
}

static void impossible_dimensions_are_refused(void **state) {
  (void)state;
  struct core_qmc *qmc = NULL;
  assert_int_equal(core_qmc_open(CORE_QMC_SOBOL, 41, false, 0, &qmc, NULL), CORE_LIMIT);
  assert_int_equal(core_qmc_open(CORE_QMC_HALTON, 1230, false, 0, &qmc, NULL), CORE_LIMIT);
  assert_int_equal(core_qmc_open(CORE_QMC_SOBOL, 0, false, 0, &qmc, NULL), CORE_LIMIT);
  assert_null(qmc);
  core_qmc_close(NULL);
  qmc = open_qmc(CORE_QMC_SOBOL, 1, false, 0);
  double x;
  assert_int_equal(core_qmc_point(qmc, (uint64_t)1 << 30, &x, NULL), CORE_LIMIT);
  core_qmc_close(qmc);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_points_are_the_known_ones),
      cmocka_unit_test(every_slice_holds_one_sobol_point_scrambled_or_not),
      cmocka_unit_test(points_do_not_depend_on_the_order_of_asking),
      cmocka_unit_test(seeds_move_the_points),
      cmocka_unit_test(halton_fills_its_largest_dimension),
      cmocka_unit_test(impossible_dimensions_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
