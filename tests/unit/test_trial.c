/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/trial.h"

#include "core/compiler.h"
#include "tests/support/support.h"

static void outcome_texts_read_back(void **state) {
  (void)state;
  for (int i = 0; i <= HPO_OUTCOME_TOLD; i++) {
    enum hpo_outcome back = HPO_OUTCOME_TOLD;
    assert_true(hpo_outcome_parse(hpo_outcome_text((enum hpo_outcome)i), &back));
    assert_int_equal(back, i);
  }
  enum hpo_outcome untouched = HPO_OUTCOME_GATE;
  assert_false(hpo_outcome_parse("okay", &untouched));
  assert_int_equal(untouched, HPO_OUTCOME_GATE);
}

static void states_have_optunas_names(void **state) {
  (void)state;
  assert_string_equal(hpo_state_text(HPO_RUNNING), "RUNNING");
  assert_string_equal(hpo_state_text(HPO_COMPLETE), "COMPLETE");
  assert_string_equal(hpo_state_text(HPO_PRUNED), "PRUNED");
  assert_string_equal(hpo_state_text(HPO_FAIL), "FAIL");
  assert_string_equal(hpo_state_text(HPO_WAITING), "WAITING");
}

static void final_states_are_three(void **state) {
  (void)state;
  assert_true(hpo_state_is_final(HPO_COMPLETE) && hpo_state_is_final(HPO_PRUNED) &&
              hpo_state_is_final(HPO_FAIL));
  assert_false(hpo_state_is_final(HPO_RUNNING) || hpo_state_is_final(HPO_WAITING));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outcome_texts_read_back),
      cmocka_unit_test(states_have_optunas_names),
      cmocka_unit_test(final_states_are_three),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
