/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/study_support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const defaults[] = {"study: test", "storage: test.db", "seed: 1",
                                       "objective: {metric: loss, direction: minimize}", NULL};

/* Has the text a line that begins with the key of `line`? */
static bool has_key(const char *yaml, const char *line) {
  const size_t n = strcspn(line, ":") + 1;
  for (const char *p = yaml; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
    if (strncmp(p, line, n) == 0) return true;
  return false;
}

enum core_status test_spec_open(struct test_study *t, const char *yaml, struct core_error *err) {
  static const char *const elsewhere[] = {"gate", "trial", NULL};
  struct core_str text = {0};
  *t = (struct test_study){0};
  core_str_printf(&text, "%s\n", yaml);
  for (size_t i = 0; defaults[i]; i++)
    if (!has_key(yaml, defaults[i])) core_str_printf(&text, "%s\n", defaults[i]);
  enum core_status st =
      core_tree_parse(&t->tree, "study.yaml", core_str_text(&text), text.len, err);
  core_str_close(&text);
  if (st != CORE_OK) fail_msg("%s", err->message);
  st = hpo_spec_open(&t->spec, t->tree.root, elsewhere, err);
  if (st != CORE_OK) core_tree_close(&t->tree);
  return st;
}

void test_study_open(struct test_study *t, const char *yaml) {
  struct core_error err = {0};
  enum core_status st = test_spec_open(t, yaml, &err);
  if (st == CORE_OK) st = hpo_study_open(&t->spec, &t->study, &err);
  if (st != CORE_OK) fail_msg("%d:%d: %s", err.line, err.column, err.message);
}

void test_study_close(struct test_study *t) {
  hpo_study_close(t->study);
  hpo_spec_close(&t->spec);
  core_tree_close(&t->tree);
}

const struct hpo_trial *test_study_trial(const struct test_study *t, uint64_t number) {
  const struct hpo_history *history = hpo_study_history(t->study);
  assert_true(number < history->n_trials);
  return history->trials[number];
}

void test_study_apply(struct test_study *t, const struct hpo_event *event) {
  struct core_error err = {0};
  if (hpo_study_apply(t->study, event, &err) != CORE_OK) fail_msg("%s", err.message);
}

uint64_t test_study_add(struct test_study *t, const double *internal) {
  const struct hpo_history *history = hpo_study_history(t->study);
  const struct hpo_event event = {.kind = HPO_EVENT_CREATE,
                                  .number = history->n_trials,
                                  .internal = internal,
                                  .seen = history->n_finished,
                                  .state = HPO_RUNNING};
  test_study_apply(t, &event);
  return event.number;
}

uint64_t test_study_ask(struct test_study *t) {
  struct core_error err = {0};
  double *internal = core_calloc(t->spec.space.n_params, sizeof *internal);
  bool fallback = false;
  assert_non_null(internal);
  if (hpo_study_suggest(t->study, internal, &fallback, &err) != CORE_OK)
    fail_msg("%s", err.message);
  assert_false(fallback);
  const uint64_t number = test_study_add(t, internal);
  core_free(internal);
  return number;
}

void test_study_report(struct test_study *t, uint64_t number, int64_t step, double value) {
  const struct hpo_event event = {
      .kind = HPO_EVENT_REPORT, .number = number, .report = {.step = step, .value = value}};
  test_study_apply(t, &event);
}

void test_study_complete(struct test_study *t, uint64_t number, double value) {
  const struct hpo_event event = {.kind = HPO_EVENT_FINISH,
                                  .number = number,
                                  .state = HPO_COMPLETE,
                                  .outcome = HPO_OUTCOME_OK,
                                  .values = &value,
                                  .n_values = 1};
  test_study_apply(t, &event);
}

void test_study_prune(struct test_study *t, uint64_t number) {
  const struct hpo_trial *trial = test_study_trial(t, number);
  const double last = trial->n_reports > 0 ? trial->reports[trial->n_reports - 1].value : NAN;
  const struct hpo_event event = {.kind = HPO_EVENT_FINISH,
                                  .number = number,
                                  .state = HPO_PRUNED,
                                  .outcome = HPO_OUTCOME_PRUNED,
                                  .values = &last,
                                  .n_values = isnan(last) ? 0u : 1u};
  test_study_apply(t, &event);
}

void test_study_fail(struct test_study *t, uint64_t number) {
  const struct hpo_event event = {
      .kind = HPO_EVENT_FINISH, .number = number, .state = HPO_FAIL, .outcome = HPO_OUTCOME_EXIT};
  test_study_apply(t, &event);
}
