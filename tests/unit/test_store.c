/* SPDX-License-Identifier: GPL-3.0-or-later
 * The store as its users see it: what is appended comes back, whoever else reads, refuses or dies. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/store_support.h"
#include "tests/support/support.h"

static const char space_json[] =
    "{\"lr\": {\"type\": \"float\", \"low\": 1e-05, \"high\": 1.0, \"log\": true},"
    " \"layers\": {\"type\": \"int\", \"low\": 1, \"high\": 9, \"step\": 2},"
    " \"optimizer\": {\"type\": \"categorical\", \"choices\": [\"sgd\", \"adam\", null, true, 1, "
    "1.5]},"
    " \"momentum\": {\"type\": \"float\", \"low\": 0.0, \"high\": 0.99, \"when\": {\"optimizer\": "
    "\"sgd\"}}}";
static const double sgd_point[] = {0.01, 3, 0, 0.9};
static const double adam_point[] = {1e-5, 9, 1, NAN};

/* Opens for driving, or fails the test with the message. */
static struct hpo_store *drive(const char *path, const struct test_store_study *study) {
  struct hpo_store *store = NULL;
  uint64_t seed = 0;
  struct core_error err = {0};
  if (hpo_store_open(path, &study->spec, &test_holder, &store, &seed, &err) != CORE_OK)
    fail_msg("%s", err.message);
  assert_int_equal(seed, 42);
  return store;
}

static void append(struct hpo_store *store, const struct hpo_event *events, size_t n) {
  struct core_error err = {0};
  if (hpo_store_append(store, events, n, &err) != CORE_OK) fail_msg("%s", err.message);
}

static struct hpo_store *read_store(const char *path, const char *name) {
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  if (hpo_store_open_reader(path, name, &store, &err) != CORE_OK) fail_msg("%s", err.message);
  return store;
}

static void assert_transcript(struct hpo_store *store, const char *expected) {
  char *text = test_transcript(store);
  assert_string_equal(text, expected);
  core_free(text);
}

/* What is refused, and a word of why. */
static void assert_refused(const char *path, const struct hpo_spec *spec, enum core_status status,
                           const char *word) {
  struct hpo_store *store = NULL;
  uint64_t seed = 0;
  struct core_error err = {0};
  assert_int_equal(hpo_store_open(path, spec, &test_holder, &store, &seed, &err), status);
  assert_null(store);
  if (!strstr(err.message, word)) fail_msg("'%s' does not say '%s'", err.message, word);
}

/* --- what goes in comes out ----------------------------------------------------------------------- */

/* Two trials that overlap, with every kind of event and value. */
static size_t sample_events(struct hpo_event *events, const double *values) {
  size_t n = 0;
  events[n++] = test_create(0, sgd_point, 0);
  events[n++] = test_create(1, adam_point, 0);
  events[n++] = test_report(0, 1, 0.5);
  events[n++] = test_report(1, 1, NAN);
  events[n++] = test_attr(1, "note", "{\"a\": NaN}", false);
  events[n++] = test_report(0, 2, INFINITY);
  events[n++] = test_attr(0, "sweepgate:host", "\"n1\"", true);
  events[n++] = test_report(1, 2, -INFINITY);
  events[n++] = test_finish(1, NULL);
  events[n++] = test_finish(0, &values[0]);
  events[n++] = test_create(2, adam_point, 2);
  events[n++] = test_finish(2, &values[1]);
  return n;
}

static void events_come_back_in_their_order(void **state) {
  (void)state;
  struct test_store_study study;
  struct hpo_event events[32];
  const double values[] = {0.25, INFINITY};
  const size_t n = sample_events(events, values);
  const char *path = test_path("order.db");
  struct core_str expected = {0};
  test_store_study_open(&study, "s", space_json);
  for (size_t i = 0; i < n; i++) test_describe(&events[i], 4, &expected);

  struct hpo_store *store = drive(path, &study);
  append(store, events, 5);
  append(store, events + 5, n - 5);
  assert_transcript(store, expected.data);
  hpo_store_close(store);
  store = drive(path, &study);
  assert_transcript(store, expected.data);
  hpo_store_close(store);
  store = read_store(path, NULL);
  assert_transcript(store, expected.data);
  hpo_store_close(store);
  core_str_close(&expected);
  test_store_study_close(&study);
}

static void first_report_of_a_step_and_last_value_of_an_attribute_stay(void **state) {
  (void)state;
  struct test_store_study study;
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(test_path("twice.db"), &study);
  const struct hpo_event events[] = {
      test_create(0, sgd_point, 0),  test_report(0, 1, 0.5),        test_report(0, 1, 0.7),
      test_attr(0, "a", "1", false), test_attr(0, "a", "2", false),
  };
  append(store, events, CORE_COUNT_OF(events));
  assert_transcript(store, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at 0.000000\n"
                           "report 0 step 1 0.5\n"
                           "attr 0 user a=2\n");
  hpo_store_close(store);
  test_store_study_close(&study);
}

static void a_trial_put_back_keeps_its_count_and_loses_its_reports(void **state) {
  (void)state;
  struct test_store_study study;
  const double value = 1;
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(test_path("again.db"), &study);
  struct hpo_event requeue = {.kind = HPO_EVENT_REQUEUE, .number = 0, .attempt = 1};
  struct hpo_event start = {.kind = HPO_EVENT_START, .number = 0, .unix_s = 1767268809};
  struct hpo_event waiting = test_create(1, adam_point, 0);
  waiting.state = HPO_WAITING;
  const struct hpo_event first[] = {test_create(0, sgd_point, 0), test_report(0, 1, 0.5), requeue,
                                    waiting};
  append(store, first, CORE_COUNT_OF(first));
  assert_transcript(store, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at -1767268800.000000\n"
                           "requeue 0 attempt 1\n"
                           "create 1 WAITING seen 0: 1e-05 9.0 1.0 nan\n");
  const struct hpo_event second[] = {start, test_report(0, 1, 0.25), test_finish(0, &value)};
  append(store, second, CORE_COUNT_OF(second));
  assert_transcript(store, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at 9.000000\n"
                           "requeue 0 attempt 1\n"
                           "create 1 WAITING seen 0: 1e-05 9.0 1.0 nan\n"
                           "start 0\n"
                           "report 0 step 1 0.25\n"
                           "finish 0 COMPLETE ok 1.0 at 0.500000\n");
  hpo_store_close(store);
  test_store_study_close(&study);
}

static void the_spec_comes_back_from_the_file(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("spec.db");
  test_store_study_open(&study, "\xc3\xa9tude 'x'", space_json);
  hpo_store_close(drive(path, &study));
  struct hpo_store *store = read_store(path, NULL);
  const struct hpo_spec *spec = hpo_store_spec(store);
  assert_string_equal(spec->name, "\xc3\xa9tude 'x'");
  assert_int_equal(spec->seed, 42);
  assert_int_equal(spec->trials, 100);
  assert_int_equal(spec->n_objectives, 1);
  assert_string_equal(spec->objectives[0].metric, "loss");
  assert_int_equal(spec->space.n_params, 4);
  assert_string_equal(spec->space.params[0].name, "lr");
  assert_true(spec->space.params[0].log);
  assert_true(spec->space.params[1].step == 2);
  assert_int_equal(spec->space.params[2].n_choices, 6);
  assert_int_equal(spec->space.params[2].choices[4].kind, CORE_NODE_INT);
  assert_int_equal(spec->space.params[2].choices[5].kind, CORE_NODE_DOUBLE);
  assert_int_equal(spec->space.params[3].n_conditions, 1);
  assert_int_equal(spec->space.params[3].conditions[0].parent, 2);
  hpo_store_close(store);
  test_store_study_close(&study);
}

static void a_seed_is_drawn_once(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("seed.db");
  uint64_t first = 0;
  uint64_t second = 0;
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  test_store_study_open(&study, "s", space_json);
  study.spec.seed_given = false;
  assert_int_equal(hpo_store_open(path, &study.spec, &test_holder, &store, &first, &err), CORE_OK);
  hpo_store_close(store);
  assert_int_equal(hpo_store_open(path, &study.spec, &test_holder, &store, &second, &err), CORE_OK);
  hpo_store_close(store);
  assert_int_equal(first, second);
  assert_int_not_equal(first, 42);
  test_store_study_close(&study);
}

static void several_studies_share_a_file(void **state) {
  (void)state;
  struct test_store_study a;
  struct test_store_study b;
  const double value = 0.5;
  const char *path = test_path("several.db");
  test_store_study_open(&a, "a", space_json);
  test_store_study_open(&b, "b", "{\"x\": {\"type\": \"float\", \"low\": 0, \"high\": 1}}");
  const double x = 0.25;
  struct hpo_store *store = drive(path, &a);
  const struct hpo_event in_a[] = {test_create(0, sgd_point, 0), test_report(0, 1, 3)};
  append(store, in_a, 2);
  hpo_store_close(store);
  store = drive(path, &b);
  const struct hpo_event in_b[] = {test_create(0, &x, 0), test_report(0, 1, 4),
                                   test_finish(0, &value)};
  append(store, in_b, 3);
  hpo_store_close(store);
  store = drive(path, &a);
  const struct hpo_event more[] = {test_finish(0, &value), test_create(1, adam_point, 1)};
  append(store, more, 2);
  assert_transcript(store, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at 0.000000\n"
                           "report 0 step 1 3.0\n"
                           "finish 0 COMPLETE ok 0.5 at 0.500000\n"
                           "create 1 RUNNING seen 1: 1e-05 9.0 1.0 nan at 1.000000\n");
  hpo_store_close(store);
  store = read_store(path, "b");
  assert_transcript(store, "create 0 RUNNING seen 0: 0.25 at 0.000000\n"
                           "report 0 step 1 4.0\n"
                           "finish 0 COMPLETE ok 0.5 at 0.500000\n");
  hpo_store_close(store);
  struct core_error err = {0};
  assert_int_equal(hpo_store_open_reader(path, NULL, &store, &err), CORE_NOT_FOUND);
  assert_non_null(strstr(err.message, "'a', 'b'"));
  core_error_clear(&err);
  assert_int_equal(hpo_store_open_reader(path, "c", &store, &err), CORE_NOT_FOUND);
  assert_non_null(strstr(err.message, "'a', 'b'"));
  test_store_study_close(&a);
  test_store_study_close(&b);
}

/* --- who may ------------------------------------------------------------------------------------- */

static void a_second_driver_is_told_who_holds_it(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("held.db");
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(path, &study);
  assert_refused(path, &study.spec, CORE_BUSY, "process 4711 on host 'here'");
  hpo_store_close(store);
  hpo_store_close(drive(path, &study));
  assert_int_not_equal(access(test_path("held.db.lock"), F_OK), 0);
  test_store_study_close(&study);
}

static void a_link_leads_to_the_same_lock(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("target.db");
  const char *link = test_path("link.db");
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(path, &study);
  assert_int_equal(symlink(path, link), 0);
  assert_refused(link, &study.spec, CORE_BUSY, "4711");
  hpo_store_close(store);
  test_store_study_close(&study);
}

static void readers_see_what_is_committed_while_it_is_driven(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("watched.db");
  struct hpo_holder holder;
  bool held = false;
  struct core_error err = {0};
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *driver = drive(path, &study);
  struct hpo_event create = test_create(0, sgd_point, 0);
  append(driver, &create, 1);
  struct hpo_store *reader = read_store(path, "s");
  assert_transcript(reader, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at 0.000000\n");
  assert_int_equal(hpo_store_holder(reader, &holder, &held, &err), CORE_OK);
  assert_true(held);
  assert_string_equal(holder.host, "here");
  assert_int_equal(holder.pid, 4711);
  create = test_create(1, adam_point, 0);
  append(driver, &create, 1); /* a reader does not hold the driver up */
  hpo_store_close(reader);
  hpo_store_close(driver);
  reader = read_store(path, "s");
  assert_int_equal(hpo_store_holder(reader, &holder, &held, &err), CORE_OK);
  assert_false(held);
  hpo_store_close(reader);
  test_store_study_close(&study);
}

static void without_shared_memory_readers_get_a_side_file(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("nfs.db");
  setenv("SWEEPGATE_STORE_JOURNAL", "exclusive", 1);
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *driver = drive(path, &study);
  struct hpo_event create = test_create(0, sgd_point, 0);
  create.unix_s += 3600;
  append(driver, &create, 1);
  assert_int_not_equal(access(test_path("nfs.db-wal"), F_OK), 0);
  assert_int_equal(access(test_path("nfs.db.view"), F_OK), 0);
  struct hpo_store *reader = read_store(path, "s");
  assert_transcript(reader, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at 3600.000000\n");
  hpo_store_close(reader);
  hpo_store_close(driver);
  assert_int_not_equal(access(test_path("nfs.db.view"), F_OK), 0);
  reader = read_store(path, "s");
  assert_transcript(reader, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at 3600.000000\n");
  hpo_store_close(reader);
  unsetenv("SWEEPGATE_STORE_JOURNAL");
  test_store_study_close(&study);
}

static void another_hosts_holder_counts_until_it_is_stale(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("remote.db");
  setenv("SWEEPGATE_STORE_JOURNAL", "exclusive", 1);
  test_store_study_open(&study, "s", space_json);
  test_write_file(test_path("remote.db.lock"), "{\"host\": \"there\", \"pid\": 9, \"job\": \"77\", "
                                               "\"since\": 1767268000, \"beat\": 1767268790}");
  assert_refused(path, &study.spec, CORE_BUSY, "process 9 on host 'there', job 77");
  test_write_file(test_path("remote.db.lock"), "{\"host\": \"there\", \"pid\": 9, \"job\": \"77\", "
                                               "\"since\": 1767268000, \"beat\": 1767268700}");
  hpo_store_close(drive(path, &study));
  unsetenv("SWEEPGATE_STORE_JOURNAL");
  /* On one host's file system the kernel's lock says all there is to say. */
  test_write_file(test_path("remote.db.lock"), "{\"host\": \"there\", \"pid\": 9, \"job\": \"77\", "
                                               "\"since\": 1767268000, \"beat\": 1767268790}");
  hpo_store_close(drive(path, &study));
  test_store_study_close(&study);
}

/* --- what is refused ------------------------------------------------------------------------------ */

static void a_changed_study_is_refused_by_name(void **state) {
  (void)state;
  static const struct {
    const char *space;
    const char *word;
  } cases[] = {
      {"{\"lr\": {\"type\": \"float\", \"low\": 1e-05, \"high\": 2.0, \"log\": true}}",
       "parameter 'lr' has high 2.0 in the study file, 1.0 in its storage"},
      {"{\"lr\": {\"type\": \"float\", \"low\": 1e-05, \"high\": 1.0}}", "'lr' has log (none)"},
      {"{\"x\": {\"type\": \"int\", \"low\": 1, \"high\": 2}}",
       "'lr' of the stored study is missing"},
      {"{\"lr\": {\"type\": \"float\", \"low\": 1e-05, \"high\": 1.0, \"log\": true}, \"x\": "
       "{\"type\": \"int\", \"low\": 1, \"high\": 2}}",
       "'x' of the study file is not in the stored study"},
  };
  const char *path = test_path("changed.db");
  struct test_store_study study;
  test_store_study_open(
      &study, "s", "{\"lr\": {\"type\": \"float\", \"low\": 1e-05, \"high\": 1.0, \"log\": true}}");
  hpo_store_close(drive(path, &study));
  study.objective.direction = HPO_MAXIMIZE;
  study.direction = HPO_MAXIMIZE;
  assert_refused(path, &study.spec, CORE_INVAL, "to maximize in the study file, to minimize");
  test_store_study_close(&study);
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    test_store_study_open(&study, "s", cases[i].space);
    assert_refused(path, &study.spec, CORE_INVAL, cases[i].word);
    test_store_study_close(&study);
  }
}

static void points_follow_the_study_files_order(void **state) {
  (void)state;
  static const char one_way[] = "{\"x\": {\"type\": \"float\", \"low\": 0, \"high\": 1}, \"n\": "
                                "{\"type\": \"int\", \"low\": 1, \"high\": 9}}";
  static const char other_way[] = "{\"n\": {\"type\": \"int\", \"low\": 1, \"high\": 9}, \"x\": "
                                  "{\"type\": \"float\", \"low\": 0, \"high\": 1}}";
  const double first[] = {0.25, 7};
  const double second[] = {3, 0.5};
  const char *path = test_path("turned.db");
  struct test_store_study study;
  test_store_study_open(&study, "s", one_way);
  struct hpo_store *store = drive(path, &study);
  const struct hpo_event create = test_create(0, first, 0);
  append(store, &create, 1);
  hpo_store_close(store);
  test_store_study_close(&study);
  test_store_study_open(&study, "s", other_way);
  store = drive(path, &study);
  const struct hpo_event again = test_create(1, second, 0);
  append(store, &again, 1);
  assert_transcript(store, "create 0 RUNNING seen 0: 7.0 0.25 at 0.000000\n"
                           "create 1 RUNNING seen 0: 3.0 0.5 at 1.000000\n");
  hpo_store_close(store);
  test_store_study_close(&study);
}

static void a_file_of_another_kind_is_refused_and_left_alone(void **state) {
  (void)state;
  struct test_store_study study;
  struct hpo_store *reader = NULL;
  struct core_error err = {0};
  const char *path = test_path("text.db");
  char kept[64] = {0};
  test_store_study_open(&study, "s", space_json);
  test_write_file(path, "this is not a database, but somebody's notes\n");
  assert_refused(path, &study.spec, CORE_PARSE, "is not a SQLite database");
  assert_int_equal(hpo_store_open_reader(path, NULL, &reader, &err), CORE_PARSE);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fread(kept, 1, sizeof kept, file), 45);
  fclose(file);
  assert_string_equal(kept, "this is not a database, but somebody's notes\n");
  test_store_study_close(&study);
}

static void a_missing_file_is_not_made_by_a_reader(void **state) {
  (void)state;
  struct hpo_store *reader = NULL;
  struct core_error err = {0};
  const char *path = test_path("missing.db");
  assert_int_equal(hpo_store_open_reader(path, NULL, &reader, &err), CORE_NOT_FOUND);
  assert_int_not_equal(access(path, F_OK), 0);
}

static void an_event_out_of_turn_stores_nothing(void **state) {
  (void)state;
  struct test_store_study study;
  struct core_error err = {0};
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(test_path("turn.db"), &study);
  const struct hpo_event events[] = {test_create(0, sgd_point, 0), test_create(2, sgd_point, 0)};
  assert_int_equal(hpo_store_append(store, events, 2, &err), CORE_INVAL);
  assert_transcript(store, "");
  append(store, events, 1);
  assert_transcript(store, "create 0 RUNNING seen 0: 0.01 3.0 0.0 0.9 at 0.000000\n");
  hpo_store_close(store);
  test_store_study_close(&study);
}

static void study_facts_and_verdicts_are_kept(void **state) {
  (void)state;
  struct test_store_study study;
  struct core_error err = {0};
  int64_t first = 0;
  int64_t second = 0;
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(test_path("facts.db"), &study);
  const struct hpo_gate_verdict verdict = {.data = "a.csv",
                                           .suite = "s.yaml",
                                           .data_hash = "00",
                                           .suite_hash = "11",
                                           .success = false,
                                           .n_rows = 10,
                                           .n_failed = 1,
                                           .summary_json = "[]"};
  assert_int_equal(hpo_store_gate_verdict(store, &verdict, &first, &err), CORE_OK);
  assert_int_equal(hpo_store_gate_verdict(store, &verdict, &second, &err), CORE_OK);
  assert_true(second > first);
  assert_int_equal(hpo_store_set_study_attr(store, "k", "1", false, &err), CORE_OK);
  assert_int_equal(hpo_store_set_study_attr(store, "k", "2", false, &err), CORE_OK);
  hpo_store_close(store);
  test_store_study_close(&study);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(events_come_back_in_their_order),
      cmocka_unit_test(first_report_of_a_step_and_last_value_of_an_attribute_stay),
      cmocka_unit_test(a_trial_put_back_keeps_its_count_and_loses_its_reports),
      cmocka_unit_test(the_spec_comes_back_from_the_file),
      cmocka_unit_test(a_seed_is_drawn_once),
      cmocka_unit_test(several_studies_share_a_file),
      cmocka_unit_test(a_second_driver_is_told_who_holds_it),
      cmocka_unit_test(a_link_leads_to_the_same_lock),
      cmocka_unit_test(readers_see_what_is_committed_while_it_is_driven),
      cmocka_unit_test(without_shared_memory_readers_get_a_side_file),
      cmocka_unit_test(another_hosts_holder_counts_until_it_is_stale),
      cmocka_unit_test(a_changed_study_is_refused_by_name),
      cmocka_unit_test(points_follow_the_study_files_order),
      cmocka_unit_test(a_file_of_another_kind_is_refused_and_left_alone),
      cmocka_unit_test(a_missing_file_is_not_made_by_a_reader),
      cmocka_unit_test(an_event_out_of_turn_stores_nothing),
      cmocka_unit_test(study_facts_and_verdicts_are_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
