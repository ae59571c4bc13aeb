/* SPDX-License-Identifier: GPL-3.0-or-later
 * The end of an attempt: finished, repeated in place, or put back. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "jobs/sweep/outcome.h"

static const double result[] = {0.25};

struct end_case {
  const char *what;
  enum hpo_outcome outcome;
  int attempt;
  int64_t retries;
  bool stopping, has_values;
  /* expected: the last event */
  enum hpo_event_kind kind;
  enum hpo_state state;
  enum hpo_outcome as;
  int next_attempt;
  bool again;
};

static const struct end_case cases[] = {
    {"a result completes", HPO_OUTCOME_OK, 0, 0, false, true, HPO_EVENT_FINISH, HPO_COMPLETE,
     HPO_OUTCOME_OK, 0, false},
    {"a result completes even while stopping", HPO_OUTCOME_OK, 0, 0, true, true, HPO_EVENT_FINISH,
     HPO_COMPLETE, HPO_OUTCOME_OK, 0, false},
    {"no value is no result", HPO_OUTCOME_OK, 0, 0, false, false, HPO_EVENT_FINISH, HPO_FAIL,
     HPO_OUTCOME_NO_RESULT, 0, false},
    {"pruned", HPO_OUTCOME_PRUNED, 0, 2, false, false, HPO_EVENT_FINISH, HPO_PRUNED,
     HPO_OUTCOME_PRUNED, 0, false},
    {"a failure without retries", HPO_OUTCOME_EXIT, 0, 0, false, false, HPO_EVENT_FINISH, HPO_FAIL,
     HPO_OUTCOME_EXIT, 0, false},
    {"a failure with a retry left", HPO_OUTCOME_EXIT, 0, 1, false, false, HPO_EVENT_REQUEUE, 0, 0,
     1, true},
    {"a failure with no retry left", HPO_OUTCOME_TIMEOUT, 1, 1, false, false, HPO_EVENT_FINISH,
     HPO_FAIL, HPO_OUTCOME_TIMEOUT, 0, false},
    {"stopped by us: back into the queue, not counted", HPO_OUTCOME_STOPPED, 1, 1, true, false,
     HPO_EVENT_REQUEUE, 0, 0, 1, false},
    {"killed by the signal that stops all of us", HPO_OUTCOME_SIGNAL, 0, 0, true, false,
     HPO_EVENT_REQUEUE, 0, 0, 0, false},
    {"killed by a signal of its own", HPO_OUTCOME_SIGNAL, 0, 0, false, false, HPO_EVENT_FINISH,
     HPO_FAIL, HPO_OUTCOME_SIGNAL, 0, false},
    {"a lost worker is not the trial's fault", HPO_OUTCOME_LOST, 0, 0, false, false,
     HPO_EVENT_REQUEUE, 0, 0, 1, true},
    {"a trial that takes every worker with it", HPO_OUTCOME_LOST, JOB_LOST_ATTEMPTS, 0, false,
     false, HPO_EVENT_FINISH, HPO_FAIL, HPO_OUTCOME_LOST, 0, false},
};

static void ends_as_the_table_says(void **state) {
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    const struct end_case *c = &cases[i];
    struct core_arena arena = {0};
    const struct hpo_trial trial = {.number = 7, .state = HPO_RUNNING, .attempt = c->attempt};
    const struct job_event ended = {.kind = JOB_EVENT_ENDED,
                                    .number = 7,
                                    .unix_s = 12,
                                    .outcome = c->outcome,
                                    .has_values = c->has_values,
                                    .values = result,
                                    .n_values = c->has_values,
                                    .message = "said \"no\"\n"};
    const struct job_outcome_policy policy = {.retries = c->retries, .stopping = c->stopping};
    struct hpo_event events[JOB_OUTCOME_EVENTS];
    size_t n = 0;
    bool again = false;
    print_message("%s\n", c->what);
    assert_int_equal(
        job_outcome_events(&trial, NULL, &ended, &policy, &arena, events, &n, &again, NULL),
        CORE_OK);
    const struct hpo_event *last = &events[n - 1];
    assert_int_equal(last->kind, c->kind);
    assert_int_equal(again, c->again);
    assert_int_equal(last->number, 7);
    if (c->kind == HPO_EVENT_FINISH) {
      assert_int_equal(last->state, c->state);
      assert_int_equal(last->outcome, c->as);
    } else {
      assert_int_equal(last->attempt, c->next_attempt);
    }
    core_arena_close(&arena);
  }
}

static void nan_never_completes(void **state) {
  (void)state;
  const double nan_value[] = {NAN};
  struct core_arena arena = {0};
  const struct hpo_trial trial = {.number = 0, .state = HPO_RUNNING};
  const struct job_event ended = {.outcome = HPO_OUTCOME_OK,
                                  .has_values = true,
                                  .values = nan_value,
                                  .n_values = 1,
                                  .message = ""};
  const struct job_outcome_policy policy = {0};
  struct hpo_event events[JOB_OUTCOME_EVENTS];
  size_t n = 0;
  bool again = false;
  assert_int_equal(
      job_outcome_events(&trial, NULL, &ended, &policy, &arena, events, &n, &again, NULL), CORE_OK);
  assert_int_equal(events[0].state, HPO_FAIL);
  assert_int_equal(events[0].outcome, HPO_OUTCOME_NAN);
  core_arena_close(&arena);
}

static void pruned_keeps_its_last_report(void **state) {
  (void)state;
  struct core_arena arena = {0};
  const struct hpo_trial trial = {.number = 0, .state = HPO_RUNNING};
  const struct hpo_report last = {.step = 9, .value = 0.5};
  const struct job_event ended = {.outcome = HPO_OUTCOME_PRUNED, .message = ""};
  const struct job_outcome_policy policy = {0};
  struct hpo_event events[JOB_OUTCOME_EVENTS];
  size_t n = 0;
  bool again = false;
  assert_int_equal(
      job_outcome_events(&trial, &last, &ended, &policy, &arena, events, &n, &again, NULL),
      CORE_OK);
  assert_int_equal(events[0].n_values, 1);
  assert_true(events[0].values[0] == 0.5);
  core_arena_close(&arena);
}

static void a_failed_try_leaves_a_note(void **state) {
  (void)state;
  struct core_arena arena = {0};
  const struct hpo_trial trial = {.number = 3, .state = HPO_RUNNING, .attempt = 1};
  const struct job_event ended = {
      .number = 3, .outcome = HPO_OUTCOME_EXIT, .message = "exit 3: \"x\"\n"};
  const struct job_outcome_policy policy = {.retries = 5};
  struct hpo_event events[JOB_OUTCOME_EVENTS];
  size_t n = 0;
  bool again = false;
  assert_int_equal(
      job_outcome_events(&trial, NULL, &ended, &policy, &arena, events, &n, &again, NULL), CORE_OK);
  assert_int_equal(n, 2);
  assert_string_equal(events[0].key, "sweepgate:attempt:1");
  assert_string_equal(events[0].json,
                      "{\"outcome\": \"exit\", \"message\": \"exit 3: \\\"x\\\"\\n\"}");
  core_arena_close(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ends_as_the_table_says),
      cmocka_unit_test(nan_never_completes),
      cmocka_unit_test(pruned_keeps_its_last_report),
      cmocka_unit_test(a_failed_try_leaves_a_note),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
