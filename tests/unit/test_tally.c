/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/tally.h"

#include "tests/support/support.h"

#define MOST_TRIALS 4

/* What pruning saved in a study whose trials reported steps from `first` to their own last one. */
static struct job_saving saving_of(size_t n, const enum hpo_state *states, int64_t first,
                                   const int64_t *last) {
  struct hpo_report reports[MOST_TRIALS][2];
  struct hpo_trial trials[MOST_TRIALS];
  const struct hpo_trial *all[MOST_TRIALS];
  assert_true(n <= MOST_TRIALS);
  for (size_t i = 0; i < n; i++) {
    reports[i][0] = (struct hpo_report){.step = first};
    reports[i][1] = (struct hpo_report){.step = last[i]};
    trials[i] = (struct hpo_trial){
        .number = i, .state = states[i], .reports = reports[i], .n_reports = last[i] < 0 ? 0 : 2};
    all[i] = &trials[i];
  }
  const struct hpo_history history = {.n_objectives = 1, .trials = all, .n_trials = n};
  return job_tally_saving(&history);
}

static void pruned_trials_save_what_the_complete_ones_went_further(void **state) {
  (void)state;
  const enum hpo_state states[] = {HPO_COMPLETE, HPO_PRUNED, HPO_COMPLETE, HPO_PRUNED};
  const struct job_saving saving = saving_of(4, states, 1, (const int64_t[]){200, 10, 200, 40});
  assert_int_equal(saving.n_pruned, 2);
  assert_true(saving.steps_run == 450);
  assert_true(saving.steps_full == 800);
}

static void steps_that_count_from_zero_are_one_more(void **state) {
  (void)state;
  const enum hpo_state states[] = {HPO_COMPLETE, HPO_PRUNED};
  const struct job_saving saving = saving_of(2, states, 0, (const int64_t[]){199, 9});
  assert_true(saving.steps_run == 210);
  assert_true(saving.steps_full == 400);
}

static void trials_that_did_not_end_by_themselves_do_not_count(void **state) {
  (void)state;
  const enum hpo_state states[] = {HPO_COMPLETE, HPO_RUNNING, HPO_FAIL, HPO_PRUNED};
  const struct job_saving saving = saving_of(4, states, 1, (const int64_t[]){100, 50, 70, -1});
  assert_true(saving.steps_run == 100);
  assert_true(saving.steps_full == 100);
}

static void nothing_is_known_without_a_complete_trial(void **state) {
  (void)state;
  const enum hpo_state states[] = {HPO_PRUNED};
  const struct job_saving saving = saving_of(1, states, 1, (const int64_t[]){10});
  assert_true(saving.steps_full == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pruned_trials_save_what_the_complete_ones_went_further),
      cmocka_unit_test(steps_that_count_from_zero_are_one_more),
      cmocka_unit_test(trials_that_did_not_end_by_themselves_do_not_count),
      cmocka_unit_test(nothing_is_known_without_a_complete_trial),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
