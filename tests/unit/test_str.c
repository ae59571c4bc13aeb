/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/str.h"

#include <string.h>

#include "core/mem.h"
#include "tests/support/support.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static void appended_parts_become_one_text(void **state) {
  (void)state;
  struct core_str s = {0};
  assert_string_equal(core_str_text(&s), "");
  core_str_append(&s, "abc", 2);
  core_str_text_append(&s, "-");
  core_str_char(&s, 'x');
  core_str_printf(&s, "%03d", 7);
  core_str_append(&s, NULL, 0);
  assert_string_equal(core_str_text(&s), "ab-x007");
  assert_int_equal(s.len, 7);
  for (int i = 0; i < 1000; i++) core_str_printf(&s, "%d,", i);
  assert_int_equal(strlen(core_str_text(&s)), s.len);
  core_str_clear(&s);
  assert_string_equal(core_str_text(&s), "");
  core_str_close(&s);
  assert_null(s.data);
}

static void running_out_of_memory_sticks(void **state) {
  (void)state;
  struct core_str s = {0};
  core_str_text_append(&s, "kept");
  core_mem_fail_at(1);
  for (int i = 0; i < 100; i++) core_str_text_append(&s, "more");
  core_mem_fail_at(0);
  core_str_text_append(&s, "late");
  struct core_error err = {0};
  assert_int_equal(core_str_status(&s, &err), CORE_NOMEM);
  assert_int_equal(err.status, CORE_NOMEM);
  core_str_close(&s);
}

static void slices_compare_by_bytes(void **state) {
  (void)state;
  const struct core_slice a = {"abcd", 3}, b = {"abce", 3}, empty = {NULL, 0};
  assert_true(core_slice_equal(a, b));
  assert_true(core_slice_is(a, "abc"));
  assert_false(core_slice_is(a, "abcd"));
  assert_true(core_slice_is(empty, ""));
  assert_true(core_streq(NULL, NULL));
  assert_false(core_streq(NULL, ""));
  assert_true(core_streq("x", "x"));
}

static void escaped(const char *bytes, size_t len, size_t max, const char *expected) {
  struct core_str s = {0};
  core_str_escaped(&s, bytes, len, max);
  assert_string_equal(core_str_text(&s), expected);
  core_str_close(&s);
}

static void people_see_no_control_bytes(void **state) {
  (void)state;
  escaped(BYTES("a\tb\nc\rd"), 100, "a\\tb\\nc\\rd");
  escaped(BYTES("\0\x1b[0m\x7f"), 100, "\\x00\\x1b[0m\\x7f");
  escaped(BYTES("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x8d"), 100,
          "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x8d");
  escaped(BYTES("\xc3"), 100, "\\xc3");
  escaped(BYTES("\xc2\x85"), 100, "\\xc2\\x85");          /* a C1 control */
  escaped(BYTES("\xe2\x80\xae"), 100, "\\xe2\\x80\\xae"); /* turns the line around */
  escaped(BYTES("abcdef"), 3, "abc...");
  escaped(BYTES("abc"), 3, "abc");
  escaped(BYTES("ab\xc3\xa9"), 3, "ab...");
}

static void fixed_storage_is_never_overrun(void **state) {
  (void)state;
  const char text[] = "ab\xc3\xa9\n\xff z";
  for (size_t room = 0; room < 24; room++) {
    char out[32];
    memset(out, '#', sizeof out);
    const size_t n = core_escape(out, room, BYTES(text) - 1);
    if (room > 0) assert_int_equal(strlen(out), n);
    if (room > 0) assert_true(n < room);
    for (size_t i = room; i < sizeof out; i++) assert_int_equal(out[i], '#');
  }
}

static void json_text_is_valid_json(void **state) {
  (void)state;
  struct core_str s = {0};
  core_str_json(&s, BYTES("\"\\/\b\f\n\r\t\x01\x7f\xc3\xa9\xff\0"));
  assert_string_equal(core_str_text(&s),
                      "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\xc3\xa9\xef\xbf\xbd\\u0000\"");
  core_str_close(&s);
}

static void xml_text_is_valid_xml(void **state) {
  (void)state;
  struct core_str s = {0};
  core_str_xml(&s, BYTES("<a b=\"c\" d='e'>&\n\x01\xff\xef\xbf\xbe\xc3\xa9"));
  assert_string_equal(core_str_text(&s), "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#10;"
                                         "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9");
  core_str_close(&s);
}

/* The first and last sequences of every row of table 3-7, and what lies just outside of them. */
static void only_well_formed_utf8_is_valid(void **state) {
  (void)state;
  const char *const good[] = {"\x7f",         "\xc2\x80",         "\xdf\xbf",
                              "\xe0\xa0\x80", "\xed\x9f\xbf",     "\xee\x80\x80",
                              "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  const char *const bad[] = {"\x80",
                             "\xbf",
                             "\xc0\x80",
                             "\xc1\xbf",
                             "\xc2",
                             "\xc2\x7f",
                             "\xe0\x9f\xbf",
                             "\xed\xa0\x80",
                             "\xe2\x82",
                             "\xf0\x8f\xbf\xbf",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xf0\x90\x80",
                             "\xff"};
  for (size_t i = 0; i < CORE_COUNT_OF(good); i++)
    assert_int_equal(core_utf8_valid_prefix(good[i], strlen(good[i])), strlen(good[i]));
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++)
    assert_int_equal(core_utf8_valid_prefix(bad[i], strlen(bad[i])), 0);
}

static void the_valid_prefix_ends_where_the_bad_byte_is(void **state) {
  (void)state;
  char text[64];
  for (size_t at = 0; at < sizeof text; at++) {
    memset(text, 'a', sizeof text);
    text[at] = (char)0xff;
    assert_int_equal(core_utf8_valid_prefix(text, sizeof text), at);
  }
  assert_int_equal(core_utf8_count(BYTES("a\xc3\xa9\xff\xe2\x82\xac\xe2")), 5);
}

static void the_nearest_spelling_is_found(void **state) {
  (void)state;
  const char *const keys[] = {"pruner", "sampler", "trials", "timeout", "lr", NULL};
  const struct {
    const char *word, *near;
  } cases[] = {{"prunner", "pruner"},
               {"prnuer", "pruner"},
               {"TRIALS", "trials"},
               {"time_out", "timeout"},
               {"smapler", "sampler"},
               {"banana", NULL},
               {"", NULL},
               {"x", NULL},
               {"l", NULL},
               {"rl", "lr"}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    const char *near = core_nearest(cases[i].word, keys);
    if (!core_streq(near, cases[i].near))
      print_error("'%s' gave '%s'\n", cases[i].word, near ? near : "nothing");
    assert_true(core_streq(near, cases[i].near));
  }
  char longest[5000];
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  assert_null(core_nearest(longest, keys));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(appended_parts_become_one_text),
      cmocka_unit_test(running_out_of_memory_sticks),
      cmocka_unit_test(slices_compare_by_bytes),
      cmocka_unit_test(people_see_no_control_bytes),
      cmocka_unit_test(fixed_storage_is_never_overrun),
      cmocka_unit_test(json_text_is_valid_json),
      cmocka_unit_test(xml_text_is_valid_xml),
      cmocka_unit_test(only_well_formed_utf8_is_valid),
      cmocka_unit_test(the_valid_prefix_ends_where_the_bad_byte_is),
      cmocka_unit_test(the_nearest_spelling_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
