/* SPDX-License-Identifier: GPL-3.0-or-later
 * A study file with one of everything, for programs that are not ours: `test_store_sample write FILE [3.1]` makes it,
 * `test_store_sample read FILE` prints any study file's events, `drive FILE` takes it over and adds a trial. Without
 * arguments it reads back what it wrote. Driven by tests/interop. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/store_support.h"
#include "tests/support/support.h"

static const char space_json[] =
    "{\"lr\": {\"type\": \"float\", \"low\": 1e-05, \"high\": 1.0, \"log\": true},"
    " \"drop\": {\"type\": \"float\", \"low\": 0.0, \"high\": 0.5, \"step\": 0.25},"
    " \"layers\": {\"type\": \"int\", \"low\": 1, \"high\": 9, \"step\": 2},"
    " \"width\": {\"type\": \"int\", \"low\": 1, \"high\": 64, \"log\": true},"
    " \"kind\": {\"type\": \"categorical\", \"choices\": [\"sgd\", null, true, 1, 1.5, "
    "\"\\u00e9\\\"q\\\\\"]},"
    " \"momentum\": {\"type\": \"float\", \"low\": 0.0, \"high\": 0.99, \"when\": {\"kind\": "
    "\"sgd\"}}}";

static const double points[][6] = {{0.1, 0.25, 3, 16, 0, 0.9}, {1e-5, 0, 1, 1, 1, NAN},
                                   {1, 0.5, 9, 64, 2, NAN},    {0.5, 0.25, 5, 7, 3, NAN},
                                   {0.02, 0, 7, 33, 4, NAN},   {0.03, 0.5, 1, 2, 5, NAN},
                                   {0.04, 0.25, 3, 3, 0, 0},   {0.05, 0.25, 3, 3, 1, NAN}};
static const double values[] = {0.75, 0.125, INFINITY, -0.5, 3};

static size_t sample(struct hpo_event *events) {
  size_t n = 0;
  for (uint64_t t = 0; t < 7; t++) events[n++] = test_create(t, points[t], 0);
  events[n++] = test_report(3, 1, 2.5);
  events[n++] = test_report(3, 2, NAN);
  events[n++] = test_report(3, 4, INFINITY);
  events[n++] = test_report(3, 5, -INFINITY);
  events[n++] = test_report(4, 10, 3);
  events[n++] = test_attr(1, "note", "{\"a\": NaN, \"b\": [1, \"\\u00e9\"]}", false);
  events[n++] = test_attr(1, "sweepgate:host", "\"n1\"", true);
  events[n++] = test_finish(1, &values[1]);
  events[n++] = test_finish(0, &values[0]);
  events[n++] = test_finish(2, &values[2]);
  events[n++] = test_finish(3, &values[3]);
  struct hpo_event pruned = test_finish(4, &values[4]);
  pruned.state = HPO_PRUNED;
  pruned.outcome = HPO_OUTCOME_PRUNED;
  events[n++] = pruned;
  events[n++] = test_finish(5, NULL);
  struct hpo_event waiting = test_create(7, points[7], 6);
  waiting.state = HPO_WAITING;
  events[n++] = waiting;
  return n;
}

static int fail_with(const struct core_error *err) {
  fprintf(stderr, "%s\n", err->message);
  return 1;
}

static int write_sample(const char *path, bool old_schema) {
  struct test_store_study study;
  struct hpo_store *store = NULL;
  struct hpo_event events[64];
  struct core_error err = {0};
  uint64_t seed = 0;
  test_store_study_open(&study, "sample", space_json);
  study.spec.optuna_schema_31 = old_schema;
  enum core_status st = hpo_store_open(path, &study.spec, &test_holder, &store, &seed, &err);
  if (st == CORE_OK) st = hpo_store_append(store, events, sample(events), &err);
  if (st == CORE_OK) st = hpo_store_set_study_attr(store, "about", "\"sample\"", false, &err);
  hpo_store_close(store);
  test_store_study_close(&study);
  return st == CORE_OK ? 0 : fail_with(&err);
}

static int read_any(const char *path, FILE *out) {
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  if (hpo_store_open_reader(path, NULL, &store, &err) != CORE_OK) return fail_with(&err);
  const struct hpo_spec *spec = hpo_store_spec(store);
  fprintf(out, "study %s:", spec->name);
  for (size_t i = 0; i < spec->space.n_params; i++) fprintf(out, " %s", spec->space.params[i].name);
  char *text = test_transcript(store);
  fprintf(out, "\n%s", text);
  core_free(text);
  hpo_store_close(store);
  return 0;
}

/* Takes over a file as a driver does and adds one trial at its end. */
static int drive_any(const char *path, const char *name, const char *space) {
  struct test_store_study study;
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  uint64_t seed = 0;
  test_store_study_open(&study, name, space);
  enum core_status st = hpo_store_open(path, &study.spec, &test_holder, &store, &seed, &err);
  if (st == CORE_OK) {
    char *text = test_transcript(store);
    fputs(text, stdout);
    core_free(text);
  }
  hpo_store_close(store);
  test_store_study_close(&study);
  return st == CORE_OK ? 0 : fail_with(&err);
}

static void a_sample_of_everything_is_read_back(void **state) {
  (void)state;
  struct hpo_event events[64];
  const char *path = test_path("sample.db");
  struct core_str expected = {0};
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  assert_int_equal(write_sample(path, false), 0);
  const size_t n = sample(events);
  for (size_t i = 0; i < n; i++) test_describe(&events[i], 6, &expected);
  assert_int_equal(hpo_store_open_reader(path, "sample", &store, &err), CORE_OK);
  char *text = test_transcript(store);
  assert_string_equal(text, expected.data);
  core_free(text);
  hpo_store_close(store);
  core_str_close(&expected);
}

int main(int argc, char **argv) {
  if (argc >= 3 && strcmp(argv[1], "write") == 0)
    return write_sample(argv[2], argc > 3 && strcmp(argv[3], "3.1") == 0);
  if (argc == 3 && strcmp(argv[1], "read") == 0) return read_any(argv[2], stdout);
  if (argc == 5 && strcmp(argv[1], "drive") == 0) return drive_any(argv[2], argv[3], argv[4]);
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_sample_of_everything_is_read_back)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
