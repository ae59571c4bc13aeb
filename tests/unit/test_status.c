/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/status.h"

#include <errno.h>
#include <string.h>

#include "core/str.h"
#include "tests/support/support.h"

static void text_of(const struct core_error *err, const char *expected) {
  char text[CORE_ERROR_FILE_BYTES + CORE_ERROR_MESSAGE_BYTES + 32];
  const int len = core_error_text(err, text, sizeof text);
  assert_string_equal(text, expected);
  assert_int_equal((int)strlen(text), len);
}

static void failing_returns_its_status_and_keeps_the_sentence(void **state) {
  (void)state;
  struct core_error err = {0};
  assert_int_equal(core_fail(&err, CORE_INVAL, "'%s' is %d", "trials", -1), CORE_INVAL);
  assert_int_equal(err.status, CORE_INVAL);
  text_of(&err, "'trials' is -1");
}

static void the_first_failure_counts_until_cleared(void **state) {
  (void)state;
  struct core_error err = {0};
  core_fail(&err, CORE_IO, "first");
  assert_int_equal(core_fail(&err, CORE_INVAL, "second"), CORE_INVAL);
  assert_int_equal(err.status, CORE_IO);
  text_of(&err, "first");
  core_error_clear(&err);
  core_fail(&err, CORE_INVAL, "third");
  text_of(&err, "third");
}

static void an_absent_error_is_fine(void **state) {
  (void)state;
  assert_int_equal(core_fail(NULL, CORE_BUSY, "x"), CORE_BUSY);
  assert_int_equal(core_fail_at(NULL, CORE_BUSY, (struct core_pos){0}, "x"), CORE_BUSY);
  assert_int_equal(core_fail_errno(NULL, CORE_IO, EIO, "x"), CORE_IO);
  assert_int_equal(core_fail_nomem(NULL, 1), CORE_NOMEM);
  core_error_clear(NULL);
}

static void known_parts_of_a_place_are_told(void **state) {
  (void)state;
  const struct {
    struct core_pos pos;
    const char *text;
  } cases[] = {{{"a.yaml", 3, 7}, "a.yaml:3:7: m"},
               {{"a.yaml", 3, 0}, "a.yaml:3: m"},
               {{"a.yaml", 0, 0}, "a.yaml: m"},
               {{NULL, 3, 7}, "m"}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    struct core_error err = {0};
    core_fail_at(&err, CORE_INVAL, cases[i].pos, "m");
    text_of(&err, cases[i].text);
  }
}

static void the_reason_of_the_system_is_appended(void **state) {
  (void)state;
  struct core_error err = {0};
  core_fail_errno(&err, CORE_IO, ENOENT, "%s: cannot be opened", "x.csv");
  text_of(&err, "x.csv: cannot be opened: No such file or directory");
  core_error_clear(&err);
  core_fail_errno(&err, CORE_IO, 99999, "m");
  text_of(&err, "m: unknown error");
}

static void untrusted_bytes_are_escaped(void **state) {
  (void)state;
  struct core_error err = {0};
  core_fail_at(&err, CORE_INVAL, (struct core_pos){"a\nb\033[2J", 1, 1}, "'%s'",
               "x\r\n\x7f\xff\xc3\xa9");
  text_of(&err, "a\\nb\\x1b[2J:1:1: 'x\\r\\n\\x7f\\xff\xc3\xa9'");
}

static void a_long_message_is_cut_at_a_character(void **state) {
  (void)state;
  char text[3 * CORE_ERROR_MESSAGE_BYTES + 1];
  for (size_t shift = 0; shift < 4; shift++) {
    memset(text, 'a', shift);
    for (size_t i = shift; i + 2 < sizeof text; i += 2) memcpy(text + i, "\xc3\xa9", 3);
    struct core_error err = {0};
    core_fail(&err, CORE_INVAL, "%s", text);
    const size_t len = strlen(err.message);
    assert_in_range(len, CORE_ERROR_MESSAGE_BYTES - 8, CORE_ERROR_MESSAGE_BYTES - 1);
    assert_int_equal(core_utf8_valid_prefix(err.message, len), len);
    assert_string_equal(err.message + len - 3, "...");
  }
}

static void a_short_buffer_is_never_overrun(void **state) {
  (void)state;
  struct core_error err = {0};
  core_fail_at(&err, CORE_INVAL, (struct core_pos){"file", 1, 2}, "message");
  char text[8] = "zzzzzzz";
  assert_int_equal(core_error_text(&err, text, 5), (int)strlen("file:1:2: message"));
  assert_string_equal(text, "file");
  assert_int_equal(text[5], 'z');
}

static void every_status_has_a_name(void **state) {
  (void)state;
  assert_string_equal(core_status_name(CORE_OK), "OK");
  assert_string_equal(core_status_name(CORE_INTERRUPTED), "INTERRUPTED");
  assert_string_equal(core_status_name((enum core_status)99), "UNKNOWN");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(failing_returns_its_status_and_keeps_the_sentence),
      cmocka_unit_test(the_first_failure_counts_until_cleared),
      cmocka_unit_test(an_absent_error_is_fine),
      cmocka_unit_test(known_parts_of_a_place_are_told),
      cmocka_unit_test(the_reason_of_the_system_is_appended),
      cmocka_unit_test(untrusted_bytes_are_escaped),
      cmocka_unit_test(a_long_message_is_cut_at_a_character),
      cmocka_unit_test(a_short_buffer_is_never_overrun),
      cmocka_unit_test(every_status_has_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
