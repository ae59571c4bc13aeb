/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/study.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/study_support.h"

#define SPACE "sampler: {name: random}\nspace: {x: {type: float, low: 0, high: 1}}"

static void refuses(struct test_study *t, const struct hpo_event *event, const char *message) {
  struct core_error err = {0};
  const struct hpo_counts before = hpo_study_counts(t->study);
  assert_int_equal(hpo_study_check(t->study, event, NULL), CORE_INVAL);
  assert_int_equal(hpo_study_apply(t->study, event, &err), CORE_INVAL);
  assert_string_equal(err.message, message);
  const struct hpo_counts after = hpo_study_counts(t->study);
  assert_memory_equal(&before, &after, sizeof before);
}

static void a_trial_lives_from_create_to_finish(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, SPACE);
  const struct hpo_event create = {
      .kind = HPO_EVENT_CREATE, .unix_s = 7, .internal = (double[]){0.25}, .state = HPO_WAITING};
  test_study_apply(&t, &create);
  const struct hpo_trial *trial = test_study_trial(&t, 0);
  assert_true(trial->start_unix_s == 0 && trial->unit[0] == 0.25);
  assert_int_equal(hpo_study_counts(t.study).waiting, 1);
  test_study_apply(&t, &(struct hpo_event){.kind = HPO_EVENT_START, .unix_s = 8});
  assert_true(trial->state == HPO_RUNNING && trial->start_unix_s == 8);
  test_study_report(&t, 0, 1, 0.5);
  test_study_complete(&t, 0, 0.125);
  assert_true(trial->state == HPO_COMPLETE && trial->values[0] == 0.125 &&
              trial->finish_index == 0);
  const struct hpo_history *history = hpo_study_history(t.study);
  assert_ptr_equal(history->finished[0], trial);
  assert_ptr_equal(hpo_history_best(history), trial);
  assert_int_equal(hpo_study_counts(t.study).complete, 1);
  test_study_close(&t);
}

static void reports_are_sorted_and_the_first_of_a_step_is_kept(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, SPACE);
  test_study_ask(&t);
  const int64_t steps[] = {5, 1, 9, 5, 0, 9, 7, 1};
  for (size_t i = 0; i < 8; i++) test_study_report(&t, 0, steps[i], (double)i);
  const struct hpo_trial *trial = test_study_trial(&t, 0);
  const struct hpo_report kept[] = {{0, 4}, {1, 1}, {5, 0}, {7, 6}, {9, 2}};
  assert_int_equal(trial->n_reports, 5);
  for (size_t i = 0; i < 5; i++)
    assert_true(trial->reports[i].step == kept[i].step && trial->reports[i].value == kept[i].value);
  test_study_close(&t);
}

static void requeue_drops_the_reports_and_keeps_the_point(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, SPACE);
  test_study_ask(&t);
  const double x = test_study_trial(&t, 0)->internal[0];
  test_study_report(&t, 0, 1, 0.5);
  test_study_apply(&t, &(struct hpo_event){.kind = HPO_EVENT_REQUEUE, .attempt = 1});
  const struct hpo_trial *trial = test_study_trial(&t, 0);
  assert_true(trial->state == HPO_WAITING && trial->n_reports == 0 && trial->attempt == 1 &&
              trial->internal[0] == x);
  test_study_apply(&t, &(struct hpo_event){.kind = HPO_EVENT_START, .unix_s = 2});
  test_study_report(&t, 0, 1, 0.75);
  assert_true(trial->reports[0].value == 0.75);
  test_study_close(&t);
}

static void events_out_of_place_change_nothing(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, SPACE);
  test_study_ask(&t);
  test_study_ask(&t);
  test_study_complete(&t, 0, 1);
  const double nan = NAN, one = 1;
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_CREATE, .number = 5},
          "the next trial's number is 2, not 5");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_CREATE, .number = 2, .state = HPO_FAIL},
          "trial 2 cannot begin as FAIL; RUNNING or WAITING");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_CREATE, .number = 2, .internal = (double[]){2}},
          "parameter 'x': 2 is out of range; from 0 to 1");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_REPORT, .number = 9},
          "there is no trial 9; the study has 2");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_REPORT, .number = 0},
          "trial 0 is COMPLETE, not RUNNING");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_REPORT, .number = 1, .report.step = -1},
          "trial 1 reports step -1; steps count from 0");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_START, .number = 1},
          "trial 1 is RUNNING, not WAITING");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_REQUEUE, .number = 0},
          "trial 0 is COMPLETE, not RUNNING");
  refuses(&t, &(struct hpo_event){.kind = HPO_EVENT_ATTR, .number = 1},
          "an attribute of trial 1 has no key or no value");
  struct hpo_event finish = {.kind = HPO_EVENT_FINISH, .number = 0, .state = HPO_FAIL};
  refuses(&t, &finish, "trial 0 is COMPLETE and cannot become FAIL");
  finish.number = 1;
  finish.state = HPO_RUNNING;
  refuses(&t, &finish, "trial 1 cannot end as RUNNING; COMPLETE, PRUNED or FAIL");
  finish.state = HPO_COMPLETE;
  refuses(&t, &finish, "trial 1 ends as COMPLETE with 0 values; the study has 1");
  finish.n_values = 1;
  finish.values = &nan;
  refuses(&t, &finish, "trial 1: objective 'loss' is NaN; such a trial is FAIL");
  finish.state = HPO_FAIL;
  finish.values = &one;
  refuses(&t, &finish, "trial 1 ends as FAIL with 1 values; the study has 1");
  test_study_close(&t);
}

static void best_is_the_lowest_number_among_equals(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, SPACE "\nobjective: {metric: acc, direction: maximize}");
  for (int i = 0; i < 6; i++) test_study_ask(&t);
  const struct hpo_history *history = hpo_study_history(t.study);
  assert_null(hpo_history_best(history));
  test_study_fail(&t, 0);
  test_study_complete(&t, 5, 0.5);
  test_study_complete(&t, 4, 0.9);
  test_study_complete(&t, 2, 0.9);
  test_study_complete(&t, 3, 0.9);
  assert_int_equal(hpo_history_best(history)->number, 2);
  test_study_complete(&t, 1, INFINITY);
  assert_int_equal(hpo_history_best(history)->number, 1);
  assert_true(hpo_history_loss(history, history->trials[0]) == INFINITY);
  assert_true(hpo_history_loss(history, history->trials[1]) == -INFINITY);
  test_study_close(&t);
}

static void several_objectives_have_vectors_and_no_best(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(
      &t,
      SPACE "\nobjective: [{metric: a, direction: minimize}, {metric: b, direction: maximize}]");
  test_study_ask(&t);
  test_study_report(&t, 0, 1, 5);
  assert_false(hpo_study_should_prune(t.study, 0));
  const struct hpo_event finish = {
      .kind = HPO_EVENT_FINISH, .state = HPO_COMPLETE, .values = (double[]){1, 2}, .n_values = 2};
  test_study_apply(&t, &finish);
  assert_true(test_study_trial(&t, 0)->values[1] == 2);
  assert_null(hpo_history_best(hpo_study_history(t.study)));
  test_study_close(&t);
}

static void a_suggestion_changes_nothing(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, SPACE);
  double a, b;
  assert_int_equal(hpo_study_suggest(t.study, &a, NULL, NULL), CORE_OK);
  assert_int_equal(hpo_study_suggest(t.study, &b, NULL, NULL), CORE_OK);
  assert_true(a == b);
  assert_int_equal(hpo_study_history(t.study)->n_trials, 0);
  test_study_close(&t);
}

static void trial_seeds_differ_and_repeat(void **state) {
  (void)state;
  assert_true(hpo_trial_seed(1, 0) != hpo_trial_seed(1, 1));
  assert_true(hpo_trial_seed(1, 0) != hpo_trial_seed(2, 0));
  assert_true(hpo_trial_seed(1, 5) == hpo_trial_seed(1, 5));
  assert_true(hpo_trial_seed(1, 5) <= INT64_MAX);
}

/* Each event kind, failing at every allocation: the state is as before, and the event can be applied again. */
static void running_out_of_memory_changes_nothing(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, SPACE);
  const double value = 1;
  const struct hpo_event events[] = {
      {.kind = HPO_EVENT_CREATE, .internal = (double[]){0.5}, .state = HPO_WAITING},
      {.kind = HPO_EVENT_START},
      {.kind = HPO_EVENT_REPORT, .report = {3, 0.5}},
      {.kind = HPO_EVENT_ATTR, .key = "k", .json = "1"},
      {.kind = HPO_EVENT_ATTR, .key = "k", .json = "2"},
      {.kind = HPO_EVENT_FINISH, .state = HPO_COMPLETE, .values = &value, .n_values = 1},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(events); i++) {
    enum core_status st = CORE_NOMEM;
    for (unsigned long long n = 1; st != CORE_OK && n < 50; n++) {
      const size_t n_trials = hpo_study_history(t.study)->n_trials;
      core_mem_fail_at(n);
      st = hpo_study_apply(t.study, &events[i], NULL);
      core_mem_fail_at(0);
      assert_true(st == CORE_OK ||
                  (st == CORE_NOMEM && hpo_study_history(t.study)->n_trials == n_trials));
    }
    assert_int_equal(st, CORE_OK);
  }
  const struct hpo_trial *trial = test_study_trial(&t, 0);
  assert_true(trial->n_reports == 1 && trial->state == HPO_COMPLETE);
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_trial_lives_from_create_to_finish),
      cmocka_unit_test(reports_are_sorted_and_the_first_of_a_step_is_kept),
      cmocka_unit_test(requeue_drops_the_reports_and_keeps_the_point),
      cmocka_unit_test(events_out_of_place_change_nothing),
      cmocka_unit_test(best_is_the_lowest_number_among_equals),
      cmocka_unit_test(several_objectives_have_vectors_and_no_best),
      cmocka_unit_test(a_suggestion_changes_nothing),
      cmocka_unit_test(trial_seeds_differ_and_repeat),
      cmocka_unit_test(running_out_of_memory_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
