/* SPDX-License-Identifier: GPL-3.0-or-later
 * The line protocol: what is understood, what is refused and how, and lines out of bytes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "jobs/trial/lines.h"
#include "jobs/trial/protocol.h"
#include "tests/support/support.h"

static const char *const metrics[] = {"a", "b"};

static void reports(void **state) {
  (void)state;
  static const struct {
    const char *line;
    double value;
  } good[] = {{"{\"report\": {\"step\": 3, \"value\": 0.21}}", 0.21},
              {" {\"report\":{\"value\":-1e300,\"step\":3}}\r", -1e300},
              {"{\"report\": {\"step\": 3, \"value\": 7}}", 7},
              {"{\"report\": {\"step\": 3, \"value\": -Infinity}}", -INFINITY}};
  for (size_t i = 0; i < CORE_COUNT_OF(good); i++) {
    struct job_message m;
    assert_int_equal(job_message_read(&m, good[i].line, strlen(good[i].line), NULL), CORE_OK);
    assert_int_equal(m.kind, JOB_MESSAGE_REPORT);
    assert_int_equal(m.report.step, 3);
    assert_true(m.report.value == good[i].value);
    job_message_close(&m);
  }
  static const char *const nan_lines[] = {"{\"report\": {\"step\": 0, \"value\": NaN}}",
                                          "{\"report\": {\"step\": 0, \"value\": null}}"};
  for (size_t i = 0; i < CORE_COUNT_OF(nan_lines); i++) {
    struct job_message m;
    assert_int_equal(job_message_read(&m, nan_lines[i], strlen(nan_lines[i]), NULL), CORE_OK);
    assert_true(isnan(m.report.value));
    job_message_close(&m);
  }
}

static void refusals_say_what_is_wrong(void **state) {
  (void)state;
  static const struct {
    const char *line, *message;
  } bad[] = {{"loss 3", "not JSON"},
             {"{\"report\": {\"step\": 1, \"value\": 1}", "not JSON"},
             {"[1]", "a list"},
             {"{}", "one key"},
             {"{\"report\": {}, \"result\": 1}", "one key"},
             {"{\"reslt\": 1}", "did you mean result"},
             {"{\"report\": 3}", "it takes {"},
             {"{\"report\": {\"value\": 3}}", "lacks 'step'"},
             {"{\"report\": {\"step\": 3}}", "lacks 'value'"},
             {"{\"report\": {\"step\": 1.5, \"value\": 3}}", "'step'"},
             {"{\"report\": {\"step\": -1, \"value\": 3}}", "negative"},
             {"{\"report\": {\"step\": 1, \"value\": \"3\"}}", "'value' is"},
             {"{\"report\": {\"step\": 1, \"value\": 3, \"loss\": 3}}", "'loss'"},
             {"{\"attr\": 3}", "'attr' is"}};
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    struct job_message m;
    struct core_error err = {0};
    assert_int_equal(job_message_read(&m, bad[i].line, strlen(bad[i].line), &err), CORE_INVAL);
    if (!strstr(err.message, bad[i].message)) fail_msg("%s: %s", bad[i].line, err.message);
    job_message_close(&m);
  }
}

/* 'a=1 b=-' of a result's values. */
static const char *result(const char *line, size_t n_metrics, enum core_status expected) {
  static char text[128];
  struct job_message m;
  double values[2] = {0, 0};
  bool given[2] = {false, false};
  assert_int_equal(job_message_read(&m, line, strlen(line), NULL), CORE_OK);
  assert_int_equal(m.kind, JOB_MESSAGE_RESULT);
  assert_int_equal(job_result_read(m.body, metrics, n_metrics, values, given, NULL), expected);
  size_t n = 0;
  for (size_t i = 0; i < n_metrics; i++)
    n += (size_t)(given[i] ? snprintf(text + n, sizeof text - n, "%s=%g ", metrics[i], values[i])
                           : snprintf(text + n, sizeof text - n, "%s=- ", metrics[i]));
  job_message_close(&m);
  return text;
}

static void results_come_in_three_forms(void **state) {
  (void)state;
  assert_string_equal(result("{\"result\": 3}", 1, CORE_OK), "a=3 ");
  assert_string_equal(result("{\"result\": {\"b\": 1, \"a\": 2}}", 2, CORE_OK), "a=2 b=1 ");
  assert_string_equal(result("{\"result\": {\"b\": 1, \"c\": \"x\"}}", 2, CORE_OK), "a=- b=1 ");
  assert_string_equal(result("{\"result\": [1, 2]}", 2, CORE_OK), "a=1 b=2 ");
  assert_string_equal(result("{\"result\": [1]}", 2, CORE_INVAL), "a=- b=- ");
  assert_string_equal(result("{\"result\": 1}", 2, CORE_INVAL), "a=- b=- ");
  assert_string_equal(result("{\"result\": \"1\"}", 1, CORE_INVAL), "a=- ");
  assert_string_equal(result("{\"result\": {\"a\": true}}", 1, CORE_INVAL), "a=- ");
}

/* Lines as "text|", a cut one as "text!". */
static void note(void *owner, const char *line, size_t len, bool cut) {
  core_str_append(owner, line, len);
  core_str_char(owner, cut ? '!' : '|');
}

static void lines_are_the_same_in_pieces_of_any_size(void **state) {
  (void)state;
  static const char text[] = "a\n\nbcd\nefghij\nk\nlmnopqrst\nuvwxy\nend";
  for (size_t size = 1; size < sizeof text; size++) {
    struct job_lines lines = {.limit = 5};
    struct core_str seen = {0};
    for (size_t at = 0; at < sizeof text - 1; at += size) {
      const size_t left = sizeof text - 1 - at;
      job_lines_feed(&lines, text + at, left < size ? left : size, note, &seen);
    }
    job_lines_end(&lines, note, &seen);
    assert_string_equal(core_str_text(&seen), "a||bcd|efghi!k|lmnop!uvwxy|end|");
    core_str_close(&seen);
    job_lines_close(&lines);
  }
}

/* Every line cut short, and with bytes changed at random: understood or refused, never worse. */
static void damaged_lines_do_no_harm(void **state) {
  (void)state;
  static const char *const good[] = {"{\"report\": {\"step\": 3, \"value\": -0.21e-3}}",
                                     "{\"result\": {\"a\": NaN, \"b\": [1, \"\\u00e9\"]}}",
                                     "{\"attr\": {\"key\": {\"deep\": [null, true]}}}"};
  struct core_rng rng;
  core_rng_init(&rng, 5, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < 20000; i++) {
    char line[128];
    const char *whole = good[i % CORE_COUNT_OF(good)];
    const size_t len = core_rng_below(&rng, strlen(whole) + 1);
    memcpy(line, whole, len);
    if (len && i % 2) line[core_rng_below(&rng, len)] = (char)core_rng_below(&rng, 256);
    struct job_message m;
    double values[2];
    bool given[2];
    struct core_error err = {0};
    enum core_status st = job_message_read(&m, line, len, &err);
    if (st == CORE_OK && m.kind == JOB_MESSAGE_RESULT)
      st = job_result_read(m.body, metrics, 2, values, given, &err);
    assert_true(st == CORE_OK || (st == CORE_INVAL && err.message[0]));
    job_message_close(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reports),
      cmocka_unit_test(refusals_say_what_is_wrong),
      cmocka_unit_test(results_come_in_three_forms),
      cmocka_unit_test(damaged_lines_do_no_harm),
      cmocka_unit_test(lines_are_the_same_in_pieces_of_any_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
