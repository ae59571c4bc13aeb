/* SPDX-License-Identifier: GPL-3.0-or-later
 * The shared initial design: even in every coordinate, no two points alike, keyed by the seed. */
#include "hpo/sampler/design.h"

#include <math.h>
#include <string.h>

#include "tests/support/study_support.h"

#define WIDE 100

/* A space of `n` floats. */
static void open_wide(struct test_study *t, int n) {
  struct core_str yaml = {0};
  core_str_printf(&yaml, "space: {");
  for (int i = 0; i < n; i++)
    core_str_printf(&yaml, "%sx%d: {type: float, low: 0, high: 1}", i ? ", " : "", i);
  core_str_char(&yaml, '}');
  test_study_open(t, core_str_text(&yaml));
  core_str_close(&yaml);
}

static struct hpo_design *open_design(const struct test_study *t, uint64_t seed) {
  struct hpo_design *design = NULL;
  assert_int_equal(hpo_design_open(&t->spec.space, seed, &design, NULL), CORE_OK);
  return design;
}

static void point(struct hpo_design *design, uint64_t k, double *x) {
  assert_int_equal(hpo_design_point(design, k, x, NULL), CORE_OK);
}

static void each_coordinate_is_even_in_any_dimension(void **state) {
  (void)state;
  static const int dims[] = {1, 7, 40, 41, WIDE};
  for (size_t d = 0; d < CORE_COUNT_OF(dims); d++) {
    struct test_study t;
    static unsigned char seen[WIDE][64];
    double x[WIDE];
    open_wide(&t, dims[d]);
    struct hpo_design *design = open_design(&t, 5);
    memset(seen, 0, sizeof seen);
    for (uint64_t k = 0; k < 64; k++) {
      point(design, k, x);
      for (int i = 0; i < dims[d]; i++) {
        assert_true(x[i] >= 0 && x[i] < 1);
        assert_int_equal(seen[i][(int)(x[i] * 64)]++, 0);
      }
    }
    hpo_design_close(design);
    test_study_close(&t);
  }
}

/* Short designs in many dimensions: no two coordinates move together. */
static void coordinates_do_not_move_together(void **state) {
  (void)state;
  enum { N = 16, SEEDS = 64, DIM = 50 };
  struct test_study t;
  open_wide(&t, DIM);
  double worst = 0;
  for (int i = 1; i < DIM; i++) {
    double sum = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
      struct hpo_design *design = open_design(&t, seed);
      double x[DIM];
      for (uint64_t k = 0; k < N; k++) {
        point(design, k, x);
        sum += 12 * (x[0] - 0.5) * (x[i] - 0.5) / (N * SEEDS);
      }
      hpo_design_close(design);
    }
    worst = fmax(worst, fabs(sum));
  }
  assert_true(worst < 0.2);
  test_study_close(&t);
}

static void points_belong_to_seed_and_number(void **state) {
  (void)state;
  struct test_study t;
  double a[WIDE], b[WIDE];
  open_wide(&t, WIDE);
  struct hpo_design *one = open_design(&t, 1), *again = open_design(&t, 1),
                    *two = open_design(&t, 2);
  point(one, 70, a);
  point(again, 90, b);
  point(again, 70, b); /* in whatever order they are asked for */
  assert_memory_equal(a, b, sizeof a);
  point(two, 70, b);
  for (int i = 0; i < WIDE; i++) assert_true(a[i] != b[i]);
  hpo_design_close(one);
  hpo_design_close(again);
  hpo_design_close(two);
  hpo_design_close(NULL);
  test_study_close(&t);
}

static void parameters_with_one_value_take_no_coordinate(void **state) {
  (void)state;
  struct test_study mixed, flat;
  double x[3], y[2];
  test_study_open(&mixed,
                  "space: {a: {type: float, low: 0, high: 1}, fixed: {type: int, low: 3, high: 3}, "
                  "b: {type: int, low: 0, high: 9}}");
  open_wide(&flat, 2);
  struct hpo_design *with = open_design(&mixed, 4), *without = open_design(&flat, 4);
  for (uint64_t k = 0; k < 9; k++) {
    point(with, k, x);
    point(without, k, y);
    assert_true(x[0] == y[0] && x[1] == 0.5 && x[2] == y[1]);
  }
  hpo_design_close(with);
  hpo_design_close(without);
  test_study_close(&mixed);
  test_study_open(&mixed, "space: {fixed: {type: int, low: 3, high: 3}}");
  with = open_design(&mixed, 4);
  point(with, 9, x);
  assert_true(x[0] == 0.5);
  hpo_design_close(with);
  test_study_close(&mixed);
  test_study_close(&flat);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_coordinate_is_even_in_any_dimension),
      cmocka_unit_test(coordinates_do_not_move_together),
      cmocka_unit_test(points_belong_to_seed_and_number),
      cmocka_unit_test(parameters_with_one_value_take_no_coordinate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
