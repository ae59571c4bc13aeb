/* SPDX-License-Identifier: GPL-3.0-or-later
 * The trial and gate sections of a study file: what they give, and the one line for each mistake. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jobs/trial/start.h"
#include "tests/support/support.h"

#define HEAD                                                                                       \
  "study: demo\nstorage: demo.db\n"                                                                \
  "objective: {metric: loss, direction: minimize}\n"                                               \
  "space:\n"                                                                                       \
  "  lr: {type: float, low: 0.001, high: 1}\n"                                                     \
  "  kind: {type: categorical, choices: [sgd, \"it's\"]}\n"                                        \
  "  momentum: {type: float, low: 0, high: 1, when: {kind: sgd}}\n"

static struct job_spec spec;

static enum core_status open_text(const char *text, struct core_error *err) {
  const char *path = test_path("study.yaml");
  test_write_file(path, text);
  return job_spec_open(&spec, path, err);
}

static void opens(const char *text) {
  struct core_error err = {0};
  if (open_text(text, &err) != CORE_OK) fail_msg("%d:%d: %s", err.line, err.column, err.message);
}

/* The words of trial 7 at a point, joined by '|'. */
static const char *words(const double *internal) {
  static char joined[4096];
  struct core_arena arena = {0};
  struct job_start start;
  assert_int_equal(job_start_build(&spec, 7, 1, 42, internal, &arena, &start, NULL), CORE_OK);
  joined[0] = '\0';
  size_t n = 0;
  for (size_t i = 0; start.argv[i]; i++)
    n += (size_t)snprintf(joined + n, sizeof joined - n, "%s%s", i ? "|" : "", start.argv[i]);
  core_arena_close(&arena);
  return joined;
}

static void a_word_of_a_missing_parameter_goes_with_its_group(void **state) {
  (void)state;
  opens(HEAD "trial:\n  command: [train, --lr, \"{lr}\", [--momentum, \"{momentum}\"], [-v], "
             "\"{kind}\", 3]\n");
  assert_string_equal(words((const double[]){0.5, 0, 0.25}),
                      "train|--lr|0.5|--momentum|0.25|-v|sgd|3");
  assert_string_equal(words((const double[]){0.5, 1, NAN}), "train|--lr|0.5|-v|it's|3");
  job_spec_close(&spec);
}

static void braces_and_built_in_places(void **state) {
  (void)state;
  opens(HEAD "trial:\n  command: [train, \"{{lr}}{lr}\", \"{trial}-{attempt}-{study}\", "
             "\"{workdir}\"]\n  workdir: \"runs/{trial}\"\n");
  char expected[4096];
  snprintf(expected, sizeof expected, "train|{lr}0.5|7-1-demo|%s/runs/7", spec.folder);
  assert_string_equal(words((const double[]){0.5, 1, NAN}), expected);
  job_spec_close(&spec);
}

static void shell_values_are_quoted(void **state) {
  (void)state;
  opens(HEAD "trial:\n  shell: true\n  command: \"train --lr {lr} --kind {kind} | tee {{}}\"\n");
  assert_string_equal(words((const double[]){0.5, 1, NAN}),
                      "/bin/sh|-c|train --lr 0.5 --kind 'it'\\''s' | tee {}");
  job_spec_close(&spec);
}

static void a_program_is_found_from_the_study_folder(void **state) {
  (void)state;
  opens(HEAD "trial:\n  command: [./train]\n  workdir: runs\n");
  char expected[4096];
  snprintf(expected, sizeof expected, "%s/./train", spec.folder);
  assert_string_equal(words((const double[]){0.5, 1, NAN}), expected);
  job_spec_close(&spec);
}

static void the_environment_leaves_missing_parameters_out(void **state) {
  (void)state;
  opens(HEAD "trial:\n  command: [train]\n  env: {MOMENTUM: \"{momentum}\", THREADS: 1}\n");
  struct core_arena arena = {0};
  struct job_start start;
  const double point[] = {0.5, 1, NAN};
  assert_int_equal(job_start_build(&spec, 7, 0, 42, point, &arena, &start, NULL), CORE_OK);
  assert_string_equal(start.env[0], "THREADS=1");
  assert_memory_equal(start.env[1], "SWEEPGATE_STORAGE=/", sizeof "SWEEPGATE_STORAGE=/" - 1);
  assert_null(start.env[2]);
  assert_string_equal(start.params_json, "{\"lr\": 0.5, \"kind\": \"it's\"}");
  assert_int_equal(start.n_params, 2);
  core_arena_close(&arena);
  job_spec_close(&spec);
}

static void defaults(void **state) {
  (void)state;
  opens(HEAD "trial:\n  command: [train]\n");
  char expected[4096];
  struct core_arena arena = {0};
  struct job_start start;
  const double point[] = {0.5, 1, NAN};
  assert_int_equal(job_start_build(&spec, 7, 0, 42, point, &arena, &start, NULL), CORE_OK);
  snprintf(expected, sizeof expected, "%s/demo.logs/7.log", spec.folder);
  assert_string_equal(start.log, expected);
  assert_string_equal(start.workdir, spec.folder);
  assert_true(isinf(start.timeout_s));
  assert_int_equal(spec.trial.retries, 0);
  core_arena_close(&arena);
  job_spec_close(&spec);
  opens(HEAD "trial:\n  command: [train]\n  log: none\n  timeout: 5m\n  retries: 2\n");
  assert_int_equal(spec.trial.log.n_pieces, 0);
  assert_true(spec.trial.timeout_s == 300);
  assert_int_equal(spec.trial.retries, 2);
  job_spec_close(&spec);
}

static void gates(void **state) {
  (void)state;
  opens(HEAD
        "gate:\n  - {data: a.csv, suite: /b.yaml, on_failure: warn}\n  - {data: c, suite: d}\n");
  char expected[4096];
  snprintf(expected, sizeof expected, "%s/a.csv", spec.folder);
  assert_int_equal(spec.n_gates, 2);
  assert_string_equal(spec.gates[0].data, expected);
  assert_string_equal(spec.gates[0].suite, "/b.yaml");
  assert_int_equal(spec.gates[0].on_failure, JOB_GATE_WARN);
  assert_int_equal(spec.gates[1].on_failure, JOB_GATE_ABORT);
  assert_false(spec.has_trial);
  job_spec_close(&spec);
}

static void a_missing_program_is_found_before_the_start(void **state) {
  (void)state;
  static const char *const missing[] = {"command: [./no-such-file]", "command: [no-such-program]",
                                        "library: ./no-such.so"};
  for (size_t i = 0; i < CORE_COUNT_OF(missing); i++) {
    char text[2048];
    struct core_error err = {0};
    snprintf(text, sizeof text, HEAD "trial:\n  %s\n", missing[i]);
    opens(text);
    assert_int_equal(job_spec_check(&spec, &err), CORE_INVAL);
    assert_int_equal(err.line, 9);
    assert_non_null(strstr(err.message, "no-such"));
    job_spec_close(&spec);
  }
  struct core_error err = {0};
  opens(HEAD "trial: {command: [sh, -c, \"\"]}\n");
  assert_int_equal(job_spec_check(&spec, &err), CORE_OK);
  job_spec_close(&spec);
  opens(HEAD);
  assert_int_equal(job_spec_check(&spec, &err), CORE_INVAL);
  job_spec_close(&spec);
}

/* What stands from line 8 on, and the place and a part of its message. */
static const struct {
  const char *text;
  int line, column;
  const char *message;
} mistakes[] = {
    {"trial: {comand: [a]}\n", 8, 9, "command"},
    {"trial: {command: [a, \"{lrr}\"]}\n", 8, 22, "did you mean '{lr}'?"},
    {"trial: {command: [a, \"{learning_rate}\"]}\n", 8, 22, "{{"},
    {"trial: {command: [a, \"{lr\"]}\n", 8, 22, "without its '}'"},
    {"trial: {command: [a, \"lr}\"]}\n", 8, 22, "without its '{'"},
    {"trial: {command: []}\n", 8, 18, "empty"},
    {"trial: {command: a b}\n", 8, 18, "shell: true"},
    {"trial: {command: \"  \", shell: true}\n", 8, 18, "empty"},
    {"trial: {command: [a], shell: true}\n", 8, 18, "one string"},
    {"trial: {command: [[a]]}\n", 8, 18, "first word"},
    {"trial: {command: [a, {b: c}]}\n", 8, 22, "a map"},
    {"trial: {command: [a, \"{momentum}\"]}\n", 8, 22, "[--momentum, \"{momentum}\"]"},
    {"trial: {command: \"a {momentum}\", shell: true}\n", 8, 18, "as a list"},
    {"trial: {command: [a], library: b.so}\n", 8, 32, "keep one"},
    {"trial: {retries: 1}\n", 8, 8, "neither"},
    {"trial: {command: [a], function: f}\n", 8, 33, "library"},
    {"trial: {command: [a], retries: -1}\n", 8, 32, "-1"},
    {"trial: {command: [a], timeout: soon}\n", 8, 32, "soon"},
    {"trial: {command: [a], timeout: 0}\n", 8, 32, "timeout"},
    {"trial: {command: [a], resources: {ranks: 2}}\n", 8, 42, "ranks"},
    {"trial: {command: [a], resources: {gpu: 1}}\n", 8, 35, "gpus"},
    {"trial: {command: [a], log: one.log}\n", 8, 28, "{trial}"},
    {"trial: {command: [a], workdir: \"{momentum}\"}\n", 8, 32, "momentum"},
    {"trial: {command: [a], workdir: \"{workdir}/x\"}\n", 8, 32, "{folder}"},
    {"trial: {command: [a], env: {SWEEPGATE_FD: 1}}\n", 8, 29, "SWEEPGATE_"},
    {"trial: {command: [a], env: {A: [1]}}\n", 8, 32, "a list"},
    {"trial: {command: [a], report: {from: stdin}}\n", 8, 38, "stdin"},
    {"trial: {command: [a], report: {pattern: a}}\n", 8, 41, "from: stdout"},
    {"trial: {command: [a], report: {from: stdout, pattern: \"(?<step>.\"}}\n", 8, 55, "pattern"},
    {"trial: {command: [a], report: {from: stdout, pattern: \"loss (.*)\"}}\n", 8, 55, "(?<value>"},
    {"trial: {library: a.so, report: {from: stdout}}\n", 8, 32, "library"},
    {"trial: train.sh\n", 8, 8, "a text"},
    {"gate: {data: a, suite: b}\n", 8, 7, "list"},
    {"gate: [{data: a}]\n", 8, 8, "suite"},
    {"gate: [{data: a, suite: b, on_failure: abrt}]\n", 8, 40, "abort"},
    {"trail: {}\n", 8, 1, "trial"},
};

static void each_mistake_has_its_line(void **state) {
  (void)state;
  int bad = 0;
  for (size_t i = 0; i < CORE_COUNT_OF(mistakes); i++) {
    char text[2048];
    struct core_error err = {0};
    snprintf(text, sizeof text, HEAD "%s", mistakes[i].text);
    const enum core_status st = open_text(text, &err);
    if (st == CORE_OK) job_spec_close(&spec);
    const bool fits = st == CORE_INVAL && err.line == mistakes[i].line &&
                      err.column == mistakes[i].column && strstr(err.message, mistakes[i].message);
    if (!fits) printf("%s  gave %d:%d: %s\n", mistakes[i].text, err.line, err.column, err.message);
    bad += !fits;
  }
  assert_int_equal(bad, 0);
}

static void failing_memory_leaks_nothing(void **state) {
  (void)state;
  const char *path = test_path("study.yaml");
  test_write_file(path, HEAD "gate: [{data: a, suite: b}]\n"
                             "trial: {command: [a, \"{lr}\", [--m, \"{momentum}\"]], env: {A: b}, "
                             "report: {from: stdout, pattern: \"(?<value>.)\"}}\n");
  for (unsigned long long n = 1;; n++) {
    struct core_error err = {0};
    core_mem_fail_at(n);
    const enum core_status st = job_spec_open(&spec, path, &err);
    core_mem_fail_at(0);
    if (st == CORE_OK) break;
    assert_int_equal(st, CORE_NOMEM);
    assert_true(n < 10000);
  }
  job_spec_close(&spec);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_word_of_a_missing_parameter_goes_with_its_group),
      cmocka_unit_test(braces_and_built_in_places),
      cmocka_unit_test(shell_values_are_quoted),
      cmocka_unit_test(a_program_is_found_from_the_study_folder),
      cmocka_unit_test(the_environment_leaves_missing_parameters_out),
      cmocka_unit_test(defaults),
      cmocka_unit_test(gates),
      cmocka_unit_test(a_missing_program_is_found_before_the_start),
      cmocka_unit_test(each_mistake_has_its_line),
      cmocka_unit_test(failing_memory_leaks_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
