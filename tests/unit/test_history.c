/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/history.h"

#include "tests/support/study_support.h"

/* Only what counts against the spread of the first trials ends the idleness; failures prolong it,
 * pruned trials do not. */
static void idle_trials_are_counted(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "space: {x: {type: float, low: 0, high: 1}}");
  static const double losses[] = {100, 50, 60, 10, 9.9, 9.8};
  static const size_t wanted[] = {1, 1, 2, 1, 2, 3};
  static const double gains[] = {0, 0.5, 0.5, 0.9, 0.901, 0.902};
  for (size_t i = 0; i < CORE_COUNT_OF(losses); i++) {
    test_study_complete(&t, test_study_add(&t, (double[]){0.5}), losses[i]);
    const struct hpo_idleness idleness = hpo_history_idleness(hpo_study_history(t.study));
    assert_int_equal(idleness.trials, wanted[i]);
    assert_float_equal(idleness.gain, gains[i], 1e-12);
  }
  test_study_fail(&t, test_study_add(&t, (double[]){0.5}));
  assert_int_equal(hpo_history_idleness(hpo_study_history(t.study)).trials, 4);
  const uint64_t pruned = test_study_add(&t, (double[]){0.5});
  test_study_report(&t, pruned, 1, 5);
  test_study_prune(&t, pruned);
  assert_int_equal(hpo_history_idleness(hpo_study_history(t.study)).trials, 4);
  test_study_close(&t);
}

static void a_study_without_a_value_is_idle(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "space: {x: {type: float, low: 0, high: 1}}");
  for (size_t i = 0; i < 3; i++) {
    const struct hpo_idleness idleness = hpo_history_idleness(hpo_study_history(t.study));
    assert_int_equal(idleness.trials, i);
    assert_true(idleness.gain == 0);
    test_study_fail(&t, test_study_add(&t, (double[]){0.5}));
  }
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(idle_trials_are_counted),
      cmocka_unit_test(a_study_without_a_value_is_idle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
