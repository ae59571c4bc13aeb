/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values out of printed lines. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/compiler.h"
#include "jobs/trial/patterns.h"
#include "tests/support/support.h"

static char seen[4096];

static void note(void *owner, const struct job_found *found) {
  (void)owner;
  const size_t n = strlen(seen);
  snprintf(seen + n, sizeof seen - n, "%zu:%lld=%g ", found->metric, (long long)found->step,
           found->value);
}

static const char *const metrics[] = {"loss", "eval/acc"};

/* What the lines give, as "metric:step=value ". */
static const char *values(const char *pattern, size_t n_metrics, const char *lines) {
  struct job_patterns *patterns = NULL;
  struct core_error err = {0};
  if (job_patterns_open(pattern, metrics, n_metrics, &patterns, &err) != CORE_OK)
    fail_msg("%s", err.message);
  seen[0] = '\0';
  while (*lines) {
    const size_t len = strcspn(lines, "\n");
    job_patterns_line(patterns, lines, len, note, NULL);
    lines += len + (lines[len] == '\n');
  }
  job_patterns_close(patterns);
  return seen;
}

static void pairs_are_read_as_katib_writes_them(void **state) {
  (void)state;
  assert_string_equal(values(NULL, 1, "loss=0.5\nloss = -2.5e-1"), "0:1=0.5 0:2=-0.25 ");
  assert_string_equal(values(NULL, 1, "2024-07-01T12:00:00.123456789Z loss=1"), "0:1=1 ");
  assert_string_equal(values(NULL, 1, "val-loss=1 my_loss=2 losses=3 loss:4 loss=x"), "");
  assert_string_equal(values(NULL, 1, "{\"loss=0.5\"} (loss=.25)"), "0:1=0.5 0:2=0.25 ");
  assert_string_equal(values(NULL, 1, "loss=nan\nloss=-inf\nloss=Infinity\nloss=info"),
                      "0:1=nan 0:2=-inf 0:3=inf ");
  assert_string_equal(values(NULL, 1, "loss=0.5s, loss=3% loss=1e loss=1."),
                      "0:1=0.5 0:2=3 0:3=1 0:4=1 ");
  assert_string_equal(values(NULL, 1, "loss=1==loss=2=loss=3"), "0:1=1 0:2=2 0:3=3 ");
  assert_string_equal(values(NULL, 1, "="), "");
}

static void several_metrics_and_a_step_in_a_line(void **state) {
  (void)state;
  assert_string_equal(values(NULL, 2, "epoch=7 loss=1 eval/acc=0.5"), "0:7=1 1:7=0.5 ");
  assert_string_equal(values(NULL, 2, "loss=1 step=3\nloss=2"), "0:3=1 0:4=2 ");
  assert_string_equal(values(NULL, 1, "step=-1 loss=1\nstep=1.5 loss=2"), "0:1=1 0:2=2 ");
}

static void a_progress_bar_shows_its_last_state(void **state) {
  (void)state;
  assert_string_equal(values(NULL, 1, "10% loss=3\r50% loss=2\r100% loss=1\r\r"), "0:1=1 ");
}

static void tagged_json_is_read(void **state) {
  (void)state;
  assert_string_equal(
      values(NULL, 1, "x [tune-metric]: {\"epoch\": 4, \"loss\": 0.5, \"other\": \"loss=3\"}"),
      "0:4=0.5 ");
  assert_string_equal(values(NULL, 1, "[tune-metric]: {\"loss\": \"a\"}\n[tune-metric]: {"), "");
}

static void patterns_give_step_value_and_metric(void **state) {
  (void)state;
  assert_string_equal(values("epoch (?<step>\\d+) err (?<value>\\S+)", 1,
                             "epoch 3 err 0.5\nepoch 4 err high\nepoch 5 err 0.25"),
                      "0:3=0.5 0:5=0.25 ");
  assert_string_equal(values("err (?<value>\\S+)", 1, "err 1\nerr 2"), "0:1=1 0:2=2 ");
  assert_string_equal(values("(?<metric>\\S+): (?<value>\\S+)", 2, "eval/acc: 1\nloss: 2\nelse: 3"),
                      "1:1=1 0:1=2 ");
  assert_string_equal(values("(?<step>\\d+) (?<value>.)", 1, "99999999999999999999 1"), "");
}

static void bad_bytes_and_long_lines_do_no_harm(void **state) {
  (void)state;
  static char line[200000];
  memset(line, '\xff', sizeof line - 1);
  assert_string_equal(values(NULL, 1, line), "");
  assert_string_equal(values("(\xc3\xa9+)+(?<value>x)", 1, line), "");
  memset(line, '=', sizeof line - 1);
  assert_string_equal(values(NULL, 1, line), "");
  memset(line, 'a', sizeof line - 1);
  assert_string_equal(values("(a+)+(?<value>b)", 1, line), ""); /* exponential if it were let */
}

static void a_pattern_without_its_groups_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *pattern;
    size_t n_metrics;
  } bad[] = {{"(", 1}, {"a", 1}, {"(?<step>a)", 1}, {"(?<value>a)", 2}};
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    struct job_patterns *patterns = NULL;
    struct core_error err = {0};
    assert_int_equal(job_patterns_open(bad[i].pattern, metrics, bad[i].n_metrics, &patterns, &err),
                     CORE_INVAL);
    assert_non_null(strstr(err.message, bad[i].pattern));
    assert_null(patterns);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_are_read_as_katib_writes_them),
      cmocka_unit_test(several_metrics_and_a_step_in_a_line),
      cmocka_unit_test(a_progress_bar_shows_its_last_state),
      cmocka_unit_test(tagged_json_is_read),
      cmocka_unit_test(patterns_give_step_value_and_metric),
      cmocka_unit_test(bad_bytes_and_long_lines_do_no_harm),
      cmocka_unit_test(a_pattern_without_its_groups_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
