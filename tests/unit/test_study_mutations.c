/* SPDX-License-Identifier: GPL-3.0-or-later
 * Study files and protocol lines damaged at random are refused in a sentence or read, never a crash. What is read works:
 * a study opens and suggests points that its own space accepts. */
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "hpo/spec.h"
#include "hpo/study.h"
#include "jobs/trial/protocol.h"
#include "tests/support/store_support.h"
#include "tests/support/support.h"

#define STUDY_ROUNDS 20000
#define LINE_ROUNDS  20000
#define MAX_TEXT     4096

static const char study_text[] =
    "study: m\nstorage: m.db\nseed: 42\n"
    "objective: {metric: loss, direction: minimize}\n"
    "trials: 12\ntimeout: 30m\nparallel: 2\n"
    "space:\n"
    "  lr: {type: float, low: 1.0e-4, high: 1.0, log: true}\n"
    "  hidden: {type: int, low: 4, high: 64, log: true}\n"
    "  drop: {type: float, low: 0, high: 0.5, step: 0.05}\n"
    "  opt: {type: categorical, choices: [sgd, null, true, 3, 0.5]}\n"
    "  mom: {type: float, low: 0.0, high: 0.99, when: {opt: [sgd, 3]}}\n"
    "sampler: {name: tpe, multivariate: true, n_startup_trials: 1}\n"
    "pruner: {name: hyperband, min_resource: 1, max_resource: 9}\n";

/* What goes in the place of a word or number. */
static const char *const words[] = {
    "-1",       "0",    "1e308",  "-1e308",    "1e400",     ".nan",
    ".inf",     "~",    "[]",     "{}",        "[1, [2]]",  "9223372036854775807",
    "1e-320",   "grid", "qmc",    "asha",      "patient",   "\"\\u0000\"",
    "hidden",   "opt",  "true",   "-5m",       "'\x1b[1m'", "4503599627370497",
    "&a b",     "*a",   "!!int",  "? x",       "int",       "categorical",
    "choices",  "when", "random", "threshold", "median",    "0x7fffffffffffffff",
    "maximize", "step", "0.1",    "\xff",      "\t",        "{lr: {lr: 1}}"};

static bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

static size_t splice(char *text, size_t len, size_t at, size_t gone, const char *in) {
  const size_t n = strlen(in);
  if (len - gone + n >= MAX_TEXT) return len;
  memmove(text + at + n, text + at + gone, len - at - gone);
  memcpy(text + at, in, n);
  return len - gone + n;
}

static size_t mutate(struct core_rng *rng, char *text, size_t len) {
  static const char marks[] = "{}[]:,-'\"# \n\\%0129et.&*!|>\x01";
  for (size_t n = 1 + core_rng_below(rng, 2); n > 0 && len > 0; n--) {
    size_t at = core_rng_below(rng, len);
    if (core_rng_below(rng, 3) == 0) {
      const char mark[2] = {marks[core_rng_below(rng, sizeof marks - 1)], '\0'};
      len = splice(text, len, at, core_rng_below(rng, 2), mark);
      continue;
    }
    size_t end = at;
    while (at > 0 && is_word(text[at - 1])) at--;
    while (end < len && is_word(text[end])) end++;
    const uint64_t which = core_rng_below(rng, CORE_COUNT_OF(words) + 4);
    len = splice(text, len, at, end - at, which < CORE_COUNT_OF(words) ? words[which] : "");
  }
  return len;
}

/* A sentence that a terminal may show. */
static void assert_told(const struct core_error *err) {
  assert_true(err->status != CORE_OK && err->message[0] != '\0');
  for (const char *c = err->message; *c; c++) assert_true((unsigned char)*c >= 0x20);
}

static void assert_works(const struct hpo_spec *spec) {
  struct hpo_study *study = NULL;
  struct core_error err = {0};
  if (hpo_study_open(spec, &study, &err) != CORE_OK) {
    assert_told(&err);
    return;
  }
  double *point = core_calloc(spec->space.n_params + 1, sizeof *point);
  assert_non_null(point);
  for (uint64_t i = 0; i < 3; i++) {
    bool fallback = false;
    const enum core_status st = hpo_study_suggest(study, point, &fallback, &err);
    if (st != CORE_OK) { /* a grid has an end */
      assert_told(&err);
      break;
    }
    assert_int_equal(hpo_space_check(&spec->space, point, NULL), CORE_OK);
    const double loss = (double)i;
    const struct hpo_event events[] = {test_create(i, point, i), test_report(i, 1, loss),
                                       test_finish(i, spec->n_objectives == 1 ? &loss : NULL)};
    for (size_t k = 0; k < CORE_COUNT_OF(events); k++) {
      assert_int_equal(hpo_study_apply(study, &events[k], NULL), CORE_OK);
      if (k == 1) (void)hpo_study_should_prune(study, i);
    }
  }
  core_free(point);
  hpo_study_close(study);
}

static const char *const nowhere[] = {NULL};

static void mutated_studies_are_refused_or_work(void **state) {
  (void)state;
  static char text[MAX_TEXT];
  size_t worked = 0, refused = 0;
  for (uint64_t i = 0; i < STUDY_ROUNDS; i++) {
    struct core_rng rng;
    core_rng_init(&rng, 1, i, CORE_RNG_TEST);
    memcpy(text, study_text, sizeof study_text - 1);
    const size_t len = mutate(&rng, text, sizeof study_text - 1);
    struct core_tree tree = {0};
    struct hpo_spec spec = {0};
    struct core_error err = {0};
    enum core_status st = core_tree_parse(&tree, "m.yaml", text, len, &err);
    if (st == CORE_OK) st = hpo_spec_open(&spec, tree.root, nowhere, &err);
    if (st == CORE_OK) {
      worked++;
      assert_works(&spec);
      hpo_spec_close(&spec);
    } else {
      refused++;
      assert_told(&err);
    }
    core_tree_close(&tree);
  }
  assert_true(worked > STUDY_ROUNDS / 50 && refused > STUDY_ROUNDS / 50);
}

static void mutated_lines_are_refused_or_read(void **state) {
  (void)state;
  static const char *const lines[] = {
      "{\"report\": {\"step\": 3, \"value\": 0.21}}", "{\"result\": {\"loss\": 0.18, \"k\": [1]}}",
      "{\"result\": [0.1, NaN]}", "{\"attr\": {\"key\": {\"a\": [1, null, \"\\u00e9\"]}}}"};
  static const char *const metrics[] = {"loss", "time"};
  char text[MAX_TEXT];
  size_t read = 0, refused = 0;
  for (uint64_t i = 0; i < LINE_ROUNDS; i++) {
    struct core_rng rng;
    core_rng_init(&rng, 2, i, CORE_RNG_TEST);
    const char *line = lines[i % CORE_COUNT_OF(lines)];
    memcpy(text, line, strlen(line));
    const size_t len = mutate(&rng, text, strlen(line));
    struct job_message message;
    struct core_error err = {0};
    double values[2] = {0};
    bool given[2] = {false, false};
    enum core_status st = job_message_read(&message, text, len, &err);
    if (st == CORE_OK && message.kind == JOB_MESSAGE_RESULT)
      st = job_result_read(message.body, metrics, 2, values, given, &err);
    if (st == CORE_OK) {
      read++;
      if (message.kind == JOB_MESSAGE_REPORT) assert_true(message.report.step >= 0);
    } else {
      refused++;
      assert_told(&err);
    }
    job_message_close(&message);
  }
  assert_true(read > LINE_ROUNDS / 50 && refused > LINE_ROUNDS / 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mutated_studies_are_refused_or_work),
                                     cmocka_unit_test(mutated_lines_are_refused_or_read)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
