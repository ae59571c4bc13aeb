/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows of features: what is left out, what stands for parameters that do not exist, and the way
 * there and back. */
#include "hpo/gp/features.h"

#include <math.h>

#include "core/rng.h"
#include "tests/support/study_support.h"

#define TREE                                                                                       \
  "space: {gamma: {type: float, low: 0.1, high: 10, log: true, when: {kernel: [rbf, poly]}}, "     \
  "kernel: {type: categorical, choices: [linear, rbf, poly]}, "                                    \
  "degree: {type: int, low: 2, high: 5, when: {kernel: poly}}, "                                   \
  "shape: {type: categorical, choices: [a, b], when: {kernel: poly}}, "                            \
  "fixed: {type: int, low: 3, high: 3}, c: {type: float, low: 0, high: 1}}"

static void open_tree(struct test_study *t, struct hpo_features *f) {
  test_study_open(t, TREE);
  assert_int_equal(hpo_features_open(f, &t->spec.space, NULL), CORE_OK);
}

static size_t feature_of(const struct hpo_features *f, const char *name) {
  const size_t param = hpo_space_find(f->space, name);
  for (size_t j = 0; j < f->d; j++)
    if (f->list[j].param == param) return j;
  return f->d;
}

static void parameters_with_one_value_are_left_out(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_features f;
  open_tree(&t, &f);
  assert_int_equal(f.d, 5);
  assert_int_equal(feature_of(&f, "fixed"), f.d);
  assert_true(f.list[feature_of(&f, "kernel")].has_children);
  assert_false(f.list[feature_of(&f, "c")].has_children);
  assert_true(feature_of(&f, "kernel") < feature_of(&f, "gamma")); /* parents first */
  hpo_features_close(&f);
  test_study_close(&t);
}

static void what_does_not_exist_is_a_constant(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_features f;
  open_tree(&t, &f);
  double row[5];
  bool exists[5];
  const size_t kernel = feature_of(&f, "kernel"), gamma = feature_of(&f, "gamma"),
               degree = feature_of(&f, "degree"), shape = feature_of(&f, "shape"),
               c = feature_of(&f, "c");
  double full[5];
  full[kernel] = 1, full[gamma] = 0.25, full[degree] = 0.9, full[shape] = 1, full[c] = 0.125;
  hpo_features_canonical(&f, full, row, exists);
  assert_true(row[kernel] == 1 && row[gamma] == 0.25 && row[c] == 0.125);
  assert_true(row[degree] == 0.5 && row[shape] == -1);
  assert_true(exists[gamma] && !exists[degree] && !exists[shape]);
  full[kernel] = 2;
  hpo_features_canonical(&f, full, row, exists);
  assert_true(row[degree] == 0.875 && row[shape] == 1); /* the middle of the cell [0.75, 1) */
  full[kernel] = 0;
  hpo_features_canonical(&f, full, row, NULL);
  assert_true(row[gamma] == 0.5 && row[shape] == -1);
  hpo_features_close(&f);
  test_study_close(&t);
}

static void rows_come_back_as_the_points_that_they_were(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_features f;
  open_tree(&t, &f);
  struct core_rng rng;
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  for (int i = 0; i < 500; i++) {
    double unit[6], point[6], row[5], again[5], fill[5], full[5], x[6], back[6];
    for (int k = 0; k < 6; k++) unit[k] = core_rng_unit(&rng);
    for (int k = 0; k < 5; k++) fill[k] = core_rng_unit(&rng);
    hpo_features_from_cube(&f, fill, fill);
    hpo_space_to_internal(&t.spec.space, unit, point);
    hpo_features_row(&f, point, row);
    hpo_features_fill(&f, row, fill, full); /* what does not exist may have any value */
    hpo_features_canonical(&f, full, again, NULL);
    for (int k = 0; k < 5; k++) assert_true(row[k] == again[k]);
    hpo_features_unit(&f, full, x);
    hpo_space_to_internal(&t.spec.space, x, back);
    for (int k = 0; k < 6; k++)
      assert_true(isnan(point[k]) ? isnan(back[k])
                                  : fabs(point[k] - back[k]) <= 1e-14 * fabs(point[k]));
  }
  hpo_features_close(&f);
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_with_one_value_are_left_out),
      cmocka_unit_test(what_does_not_exist_is_a_constant),
      cmocka_unit_test(rows_come_back_as_the_points_that_they_were),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
