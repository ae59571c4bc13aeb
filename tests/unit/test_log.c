/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/support.h"

static int ends[2];

static int open_pipe(void **state) {
  (void)state;
  return pipe(ends);
}

static int close_pipe(void **state) {
  (void)state;
  return close(ends[0]) | close(ends[1]);
}

/* What the log wrote; there is something. */
static const char *written(void) {
  static char text[4096];
  const ssize_t got = read(ends[0], text, sizeof text - 1);
  assert_true(got > 0);
  text[got] = '\0';
  return text;
}

static void messages_carry_prefix_and_level(void **state) {
  (void)state;
  struct core_log *log = core_log_open(ends[1], CORE_LOG_DEBUG, "sweepgate");
  assert_non_null(log);
  core_log_error(log, "%s", "no space");
  assert_string_equal(written(), "sweepgate: no space\n");
  core_log_warn(log, "%d rows", 3);
  assert_string_equal(written(), "sweepgate: warning: 3 rows\n");
  core_log_info(log, "two\nlines");
  assert_string_equal(written(), "sweepgate: two\nsweepgate: lines\n");
  core_log_debug(log, "x");
  assert_string_equal(written(), "sweepgate: debug: x\n");
  core_log_close(log);
}

static void messages_above_the_level_are_swallowed(void **state) {
  (void)state;
  struct core_log *log = core_log_open(ends[1], CORE_LOG_WARN, "s");
  assert_non_null(log);
  core_log_info(log, "not this");
  core_log_debug(log, "nor this");
  core_log_warn(log, "this");
  assert_string_equal(written(), "s: warning: this\n");
  core_log_close(log);
  core_log_error(NULL, "a NULL log takes everything");
  core_log_lock(NULL);
  core_log_unlock(NULL);
  core_log_close(NULL);
}

static void terminal_control_in_a_message_is_escaped(void **state) {
  (void)state;
  struct core_log *log = core_log_open(ends[1], CORE_LOG_INFO, "");
  assert_non_null(log);
  core_log_info(log, "column '\x1b[2J'");
  assert_string_equal(written(), "column '\\x1b[2J'\n");
  core_log_close(log);
}

static void a_failure_shows_its_position(void **state) {
  (void)state;
  struct core_log *log = core_log_open(ends[1], CORE_LOG_INFO, "sweepgate");
  assert_non_null(log);
  struct core_error err = {0};
  (void)core_fail_at(&err, CORE_INVAL, (struct core_pos){"a.yaml", 3, 7}, "no '%s'", "x");
  core_log_failure(log, &err);
  assert_string_equal(written(), "sweepgate: a.yaml:3:7: no 'x'\n");
  core_log_close(log);
}

static void clear_line(void *context) {
  (void)context;
  assert_int_equal(write(ends[1], "<cleared>", 9), 9);
}

static void the_attached_line_is_cleared_first(void **state) {
  (void)state;
  struct core_log *log = core_log_open(ends[1], CORE_LOG_INFO, "s");
  assert_non_null(log);
  core_log_attach(log, clear_line, NULL);
  core_log_info(log, "m");
  assert_string_equal(written(), "<cleared>s: m\n");
  core_log_attach(log, NULL, NULL);
  core_log_info(log, "m");
  assert_string_equal(written(), "s: m\n");
  core_log_close(log);
}

static void a_flood_of_one_kind_is_dammed(void **state) {
  (void)state;
  char last[128];
  struct core_log *log = core_log_open(ends[1], CORE_LOG_WARN, "");
  assert_non_null(log);
  for (int i = 0; i < 100; i++) core_log_warn(log, "trial %d failed", i);
  core_log_warn(log, "of another kind");
  const char *text = written();
  snprintf(
      last, sizeof last,
      "trial %d failed\nwarning: more like the last one: not shown\nwarning: of another kind\n",
      CORE_LOG_SAME_WARNINGS - 1);
  assert_non_null(strstr(text, last));
  core_log_close(log);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(messages_carry_prefix_and_level, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(messages_above_the_level_are_swallowed, open_pipe,
                                      close_pipe),
      cmocka_unit_test_setup_teardown(terminal_control_in_a_message_is_escaped, open_pipe,
                                      close_pipe),
      cmocka_unit_test_setup_teardown(a_failure_shows_its_position, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(the_attached_line_is_cleared_first, open_pipe, close_pipe),
      cmocka_unit_test_setup_teardown(a_flood_of_one_kind_is_dammed, open_pipe, close_pipe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
