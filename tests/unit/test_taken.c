/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/taken.h"

#include <math.h>

#include "tests/support/study_support.h"

static void running_and_finished_points_are_taken_and_no_others(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_taken taken = {0};
  test_study_open(&t, "space: {k: {type: int, low: 0, high: 999}, x: {type: float, low: -1, high: "
                      "1}, c: {type: float, low: 0, high: 1, when: {k: 8}}}");
  assert_false(hpo_taken_has(&taken, (double[]){0, 0, NAN}, 3));
  for (uint64_t i = 0; i < 300; i++) {
    test_study_add(&t, (double[]){(double)(i * 2), 0, i * 2 == 8 ? 0.5 : NAN});
    assert_int_equal(hpo_taken_follow(&taken, hpo_study_history(t.study), NULL), CORE_OK);
  }
  test_study_complete(&t, 5, 1);
  test_study_fail(&t, 6);
  assert_int_equal(hpo_taken_follow(&taken, hpo_study_history(t.study), NULL), CORE_OK);
  for (uint64_t i = 0; i < 600; i++)
    assert_int_equal(hpo_taken_has(&taken, (double[]){(double)i, -0.0, NAN}, 3),
                     i % 2 == 0 && i != 8);
  assert_true(hpo_taken_has(&taken, (double[]){8, 0, 0.5}, 3));
  assert_false(hpo_taken_has(&taken, (double[]){4, 1e-9, NAN}, 3));
  assert_false(hpo_taken_has(&taken, (double[]){4, 0, 0.5}, 3));
  hpo_taken_close(&taken);
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(running_and_finished_points_are_taken_and_no_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
