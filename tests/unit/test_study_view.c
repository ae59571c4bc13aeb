/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the commands that only look make of a study, and that they survive a machine without memory. */
#include <math.h>
#include <string.h>

#include "jobs/cli/trial_columns.h"
#include "tests/support/store_support.h"
#include "tests/support/support.h"

static const char space_json[] = "{\"x\": {\"type\": \"float\", \"low\": 0.0, \"high\": 1.0},"
                                 " \"c\": {\"type\": \"categorical\", \"choices\": [\"a\", 1.5]}}";
static const double point[] = {0.5, 1};

/* Four trials: 3.0, 1.0, 1.0, failed; and one that was put back. */
static const char *write_study(const char *name) {
  struct test_store_study study;
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  uint64_t seed = 0;
  const double values[] = {3, 1, 1};
  const char *path = test_path(name);
  const struct hpo_event requeue = {.kind = HPO_EVENT_REQUEUE, .number = 4, .attempt = 2};
  const struct hpo_event events[] = {test_create(0, point, 0),
                                     test_create(1, point, 0),
                                     test_create(2, point, 0),
                                     test_create(3, point, 0),
                                     test_create(4, point, 0),
                                     test_report(2, 3, 0.5),
                                     test_report(2, 1, 0.7),
                                     test_attr(1, "b", "2", false),
                                     test_attr(0, "a", "\"x\"", false),
                                     test_attr(1, "a", "{", false),
                                     test_finish(2, &values[2]),
                                     test_finish(1, &values[1]),
                                     test_finish(0, &values[0]),
                                     test_finish(3, NULL),
                                     requeue};
  test_store_study_open(&study, "s", space_json);
  if (hpo_store_open(path, &study.spec, &test_holder, &store, &seed, &err) != CORE_OK ||
      hpo_store_append(store, events, CORE_COUNT_OF(events), &err) != CORE_OK)
    fail_msg("%s", err.message);
  hpo_store_close(store);
  test_store_study_close(&study);
  return path;
}

static void a_view_holds_what_was_stored(void **state) {
  (void)state;
  struct job_view view;
  struct core_error err = {0};
  assert_int_equal(job_view_open(&view, write_study("view.db"), NULL, &err), CORE_OK);
  assert_int_equal(view.n_trials, 5);
  assert_int_equal(view.n_by_state[HPO_COMPLETE], 3);
  assert_int_equal(view.n_by_state[HPO_WAITING], 1);
  assert_int_equal(view.trials[2].n_reports, 2);
  assert_int_equal(view.trials[2].last_report.step, 3);
  assert_string_equal(view.trials[3].message, "exit code 3");
  assert_int_equal(view.trials[4].attempt, 2);
  assert_true(isnan(job_view_duration(&view, &view.trials[4])));
  assert_int_equal(job_view_best(&view)->number, 1); /* the lower number of two equals */
  assert_true(job_view_better(&view, &view.trials[0], &view.trials[3]));
  assert_false(job_view_better(&view, &view.trials[3], &view.trials[0]));
  job_view_close(&view);
}

static void columns_are_optunas(void **state) {
  (void)state;
  static const char *const names[] = {
      "number",       "value",    "datetime_start", "datetime_complete",
      "duration",     "params_x", "params_c",       "user_attrs_a",
      "user_attrs_b", "state",    "outcome",        "message",
      "host",         "attempt"};
  static const char *const cells[] = {"1",
                                      "1",
                                      "\"2026-01-01 12:00:01.000000\"",
                                      "\"2026-01-01 12:00:01.500000\"",
                                      "0.5",
                                      "0.5",
                                      "1.5",
                                      "\"{\"",
                                      "2",
                                      "\"COMPLETE\"",
                                      "\"ok\"",
                                      NULL,
                                      NULL,
                                      "0"};
  struct job_view view;
  struct job_columns columns;
  struct core_error err = {0};
  assert_int_equal(job_view_open(&view, write_study("columns.db"), NULL, &err), CORE_OK);
  assert_int_equal(job_columns_open(&columns, &view, false, &err), CORE_OK);
  assert_int_equal(columns.n_columns, CORE_COUNT_OF(names));
  for (size_t i = 0; i < columns.n_columns; i++) {
    struct core_str cell = {0};
    assert_string_equal(columns.columns[i].name, names[i]);
    const bool there =
        job_column_cell(&columns.columns[i], &view, &view.trials[1], JOB_CELL_JSON, &cell);
    assert_int_equal(there, cells[i] != NULL);
    assert_string_equal(core_str_text(&cell), cells[i] ? cells[i] : "");
    core_str_close(&cell);
  }
  job_columns_close(&columns);
  job_view_close(&view);
}

static void numbers_without_json_become_texts(void **state) {
  (void)state;
  struct core_str out = {0};
  job_json_number(INFINITY, &out);
  job_json_number(-INFINITY, &out);
  job_json_number(0.1, &out);
  job_json_attr("[NaN, \"\\u001b\"]", &out);
  job_json_attr("no json", &out);
  assert_string_equal(core_str_text(&out), "\"inf\"\"-inf\"0.1[null, \"\\u001b\"]\"no json\"");
  core_str_close(&out);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  const char *path = write_study("nomem.db");
  unsigned long long n = 1;
  for (enum core_status st = CORE_NOMEM; st != CORE_OK; n++) {
    struct job_view view;
    struct job_columns columns;
    struct core_error err = {0};
    core_mem_fail_at(n);
    st = job_view_open(&view, path, NULL, &err);
    if (st == CORE_OK) {
      st = job_columns_open(&columns, &view, false, &err);
      if (st == CORE_OK) job_columns_close(&columns);
      job_view_close(&view);
    }
    core_mem_fail_at(0);
    if (st != CORE_OK) assert_int_equal(err.status, st);
    assert_true(n < 100000);
  }
  assert_true(n > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_view_holds_what_was_stored),
      cmocka_unit_test(columns_are_optunas),
      cmocka_unit_test(numbers_without_json_become_texts),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
