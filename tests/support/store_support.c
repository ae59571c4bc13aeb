/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/store_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"

#define NOON_UNIX_S 1767268800.0 /* 2026-01-01 12:00:00 UTC */

const struct hpo_holder test_holder = {
    .host = "here", .pid = 4711, .job = "", .since_unix_s = NOON_UNIX_S};

void test_store_study_open(struct test_store_study *study, const char *name,
                           const char *space_json) {
  struct core_error err = {0};
  memset(study, 0, sizeof *study);
  if (core_tree_parse_json(&study->tree, "space", space_json, strlen(space_json), &err) !=
          CORE_OK ||
      hpo_space_open(&study->spec.space, study->tree.root, &err) != CORE_OK) {
    fprintf(stderr, "%s\n", err.message);
    abort();
  }
  study->objective = (struct hpo_objective){"loss", HPO_MINIMIZE};
  study->direction = HPO_MINIMIZE;
  study->spec.name = name;
  study->spec.seed = 42;
  study->spec.seed_given = true;
  study->spec.objectives = &study->objective;
  study->spec.directions = &study->direction;
  study->spec.n_objectives = 1;
  study->spec.trials = 100;
}

void test_store_study_close(struct test_store_study *study) {
  hpo_space_close(&study->spec.space);
  core_tree_close(&study->tree);
}

struct hpo_event test_create(uint64_t number, const double *internal, uint64_t seen) {
  return (struct hpo_event){.kind = HPO_EVENT_CREATE,
                            .number = number,
                            .unix_s = NOON_UNIX_S + (double)number,
                            .internal = internal,
                            .seen = seen,
                            .state = HPO_RUNNING};
}

struct hpo_event test_report(uint64_t number, int64_t step, double value) {
  return (struct hpo_event){
      .kind = HPO_EVENT_REPORT, .number = number, .report = {.step = step, .value = value}};
}

struct hpo_event test_attr(uint64_t number, const char *key, const char *json, bool system) {
  return (struct hpo_event){
      .kind = HPO_EVENT_ATTR, .number = number, .key = key, .json = json, .system = system};
}

struct hpo_event test_finish(uint64_t number, const double *value) {
  return (struct hpo_event){.kind = HPO_EVENT_FINISH,
                            .number = number,
                            .unix_s = NOON_UNIX_S + 0.5 + (double)number,
                            .state = value ? HPO_COMPLETE : HPO_FAIL,
                            .outcome = value ? HPO_OUTCOME_OK : HPO_OUTCOME_EXIT,
                            .message = value ? NULL : "exit code 3",
                            .host = value ? NULL : "node7",
                            .values = value,
                            .n_values = value ? 1 : 0};
}

static void number(struct core_str *out, double value) {
  char text[CORE_NUM_BYTES];
  core_str_char(out, ' ');
  core_str_append(out, text, core_format_double(value, text));
}

void test_describe(const struct hpo_event *event, size_t n_params, struct core_str *out) {
  static const char *const kinds[] = {"create", "start", "requeue", "report", "attr", "finish"};
  core_str_printf(out, "%s %llu", kinds[event->kind], (unsigned long long)event->number);
  if (event->kind == HPO_EVENT_CREATE) {
    core_str_printf(out, " %s seen %llu:", hpo_state_text(event->state),
                    (unsigned long long)event->seen);
    for (size_t i = 0; i < n_params; i++) number(out, event->internal[i]);
  } else if (event->kind == HPO_EVENT_REQUEUE) {
    core_str_printf(out, " attempt %d", event->attempt);
  } else if (event->kind == HPO_EVENT_REPORT) {
    core_str_printf(out, " step %lld", (long long)event->report.step);
    number(out, event->report.value);
  } else if (event->kind == HPO_EVENT_ATTR) {
    core_str_printf(out, " %s %s=%s", event->system ? "system" : "user", event->key, event->json);
  } else if (event->kind == HPO_EVENT_FINISH) {
    core_str_printf(out, " %s %s", hpo_state_text(event->state), hpo_outcome_text(event->outcome));
    for (size_t i = 0; i < event->n_values; i++) number(out, event->values[i]);
    if (event->message) core_str_printf(out, " '%s'", event->message);
    if (event->host) core_str_printf(out, " on %s", event->host);
  }
  const bool timed = event->kind == HPO_EVENT_FINISH ||
                     (event->kind == HPO_EVENT_CREATE && event->state == HPO_RUNNING);
  if (timed) core_str_printf(out, " at %.6f", event->unix_s - NOON_UNIX_S);
  core_str_char(out, '\n');
}

struct transcript {
  struct core_str text;
  size_t n_params;
};

static enum core_status describe(void *context, const struct hpo_event *event,
                                 struct core_error *err) {
  struct transcript *transcript = context;
  test_describe(event, transcript->n_params, &transcript->text);
  return core_str_status(&transcript->text, err);
}

char *test_transcript(struct hpo_store *store) {
  struct transcript transcript = {.n_params = hpo_store_spec(store)->space.n_params};
  struct core_error err = {0};
  if (hpo_store_replay(store, describe, &transcript, &err) != CORE_OK) {
    fprintf(stderr, "replay: %s\n", err.message);
    abort();
  }
  if (!transcript.text.data) core_str_char(&transcript.text, '\0');
  return transcript.text.data;
}
