/* SPDX-License-Identifier: GPL-3.0-or-later
 * Python's re.search, spelling by spelling; bounded work; places of faults and of groups. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/support.h"
#include "validate/regex.h"

static struct val_regex *compiled(const char *pattern, enum val_regex_text text) {
  struct val_regex *regex = NULL;
  struct core_error err = {0};
  if (val_regex_open(pattern, strlen(pattern), text, &regex, &err) != CORE_OK) {
    fail_msg("%s", err.message);
  }
  return regex;
}

static bool searches(const char *pattern, const char *text) {
  struct val_regex *regex = compiled(pattern, VAL_REGEX_UTF8);
  bool found = false;
  assert_int_equal(val_regex_search(regex, text, strlen(text), &found, NULL), CORE_OK);
  val_regex_close(regex);
  return found;
}

/* The answers are those of Python 3.11's re.search. */
static void agrees_with_python(void **state) {
  (void)state;
  static const struct {
    const char *pattern, *text;
    bool found;
  } cases[] = {
      {"b+", "abbc", true},
      {"^b", "abbc", false},
      {"a$", "a\n", true},
      {"a\\Z", "a\n", false},
      {"a\\Z", "ba", true},
      {"^\\d+$", "\xd9\xa1\xd9\xa2", true},
      {"(?a)^\\d+$", "\xd9\xa1\xd9\xa2", false},
      {"(?ai)^ABC$", "abc", true},
      {"(?u)^\\w$", "\xc3\xa9", true},
      {"(?a)^\\w$", "\xc3\xa9", false},
      {"^.$", "\xc3\xa9", true},
      {"^.$", "\n", false},
      {"^a{,2}$", "aaa", false},
      {"^a{,2}$", "aa", true},
      {"^a{,}$", "aaaa", true},
      {"^[{,2}]+$", "{2,}", true},
      {"\\u00e9", "caf\xc3\xa9", true},
      {"[\\u00e0-\\u00ef]", "\xc3\xa9", true},
      {"\\U0001F600", "\xf0\x9f\x98\x80", true},
      {"(?P<x>a)(?P=x)", "aa", true},
      {"(?P<x>a)(?P=x)", "ab", false},
      {"^[]a]+$", "]a]", true},
      {"^[^]a]+$", "]", false},
      {"(?m)^b$", "a\nb\nc", true},
      {"(?m)^$", "a\n", true},
      {"(?s)a.b", "a\nb", true},
      {"(?<=a)b", "ab", true},
      {"", "", true},
      {"^$", "", true},
      {"\\bfoo\\b", "a foo b", true},
      {"(a|b)*c", "ababc", true},
      {"^[\\Wa]$", "a", true},
      {"^\\r$", "\r", true},
      {"^.$", "\r", true},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    if (searches(cases[i].pattern, cases[i].text) != cases[i].found)
      fail_msg("%s", cases[i].pattern);
  }
}

static void fails_at(const char *pattern, int character) {
  struct val_regex *regex = NULL;
  struct core_error err = {0};
  assert_int_equal(val_regex_open(pattern, strlen(pattern), VAL_REGEX_UTF8, &regex, &err),
                   CORE_INVAL);
  assert_null(regex);
  const char *at = strstr(err.message, "at character ");
  assert_non_null(at);
  assert_int_equal(strtol(at + strlen("at character "), NULL, 10), character);
}

static void faults_have_their_place(void **state) {
  (void)state;
  fails_at("ab(cd", 6);
  fails_at("*a", 1);
  fails_at("\\u00e9\\u00e9(", 14); /* the translation is longer than what was written */
  fails_at("[z-a]", 4);
}

static void limits_are_not_answers(void **state) {
  (void)state;
  struct val_regex *regex = compiled("^(?:(a+)+)+[^a]{2}x", VAL_REGEX_UTF8);
  char text[64];
  memset(text, 'a', sizeof text);
  text[60] = text[61] = 'b';
  text[63] = 'x';
  bool found = true;
  struct core_error err = {0};
  assert_int_equal(val_regex_search(regex, text, sizeof text, &found, &err), CORE_LIMIT);
  assert_false(found);
  assert_non_null(strstr(err.message, "limit"));
  /* and the next value is searched as if nothing had been */
  assert_int_equal(val_regex_search(regex, "abbx", 4, &found, NULL), CORE_OK);
  assert_true(found);
  val_regex_close(regex);
}

static void long_texts_and_patterns_are_refused(void **state) {
  (void)state;
  struct val_regex *regex = compiled("a", VAL_REGEX_UTF8);
  const size_t len = VAL_REGEX_TEXT_BYTES + 1;
  char *text = core_alloc(len);
  assert_non_null(text);
  memset(text, 'a', len);
  bool found = true;
  assert_int_equal(val_regex_search(regex, text, len, &found, NULL), CORE_LIMIT);
  assert_false(found);
  assert_int_equal(val_regex_search(regex, text, len - 1, &found, NULL), CORE_OK);
  assert_true(found);
  val_regex_close(regex);
  regex = NULL;
  assert_int_equal(val_regex_open(text, VAL_REGEX_PATTERN_BYTES + 1, VAL_REGEX_UTF8, &regex, NULL),
                   CORE_LIMIT);
  core_free(text);
}

/* Deep recursion exceeds the JIT's stack: the interpreter answers then. */
static void deep_matches_still_have_an_answer(void **state) {
  (void)state;
  struct val_regex *regex = compiled("^(?:(x)|y)*$", VAL_REGEX_UTF8);
  static char text[20000];
  memset(text, 'x', sizeof text);
  bool found = false;
  assert_int_equal(val_regex_search(regex, text, sizeof text, &found, NULL), CORE_OK);
  assert_true(found);
  val_regex_close(regex);
}

static void named_groups_have_spans(void **state) {
  (void)state;
  struct val_regex *regex =
      compiled("epoch (?<step>\\d+) error (?<value>\\S+)( (?P<more>x))?", VAL_REGEX_ANY_BYTES);
  const char *line = "\xff epoch 12 error 0.5\xfe";
  bool found = false;
  size_t start = 0, len = 0;
  assert_false(val_regex_span(regex, 0, &start, &len));
  assert_int_equal(val_regex_search(regex, line, strlen(line), &found, NULL), CORE_OK);
  assert_true(found);
  assert_true(val_regex_span(regex, val_regex_group(regex, "step"), &start, &len));
  assert_int_equal(start, 8);
  assert_int_equal(len, 2);
  assert_true(val_regex_span(regex, val_regex_group(regex, "value"), &start, &len));
  assert_memory_equal(line + start, "0.5", 3);
  assert_int_equal(len, 3);
  assert_false(val_regex_span(regex, val_regex_group(regex, "more"), &start, &len));
  assert_int_equal(val_regex_group(regex, "nothing"), -1);
  assert_false(val_regex_span(regex, 99, &start, &len));
  assert_int_equal(val_regex_search(regex, "no", 2, &found, NULL), CORE_OK);
  assert_false(val_regex_span(regex, 0, &start, &len));
  val_regex_close(regex);
}

static void no_memory_is_reported(void **state) {
  (void)state;
  for (unsigned long long n = 1; n < 50; n++) {
    struct val_regex *regex = NULL;
    core_mem_fail_at(n);
    const enum core_status st = val_regex_open("(?ai)(a|b)+\\Z", 13, VAL_REGEX_UTF8, &regex, NULL);
    core_mem_fail_at(0);
    if (st == CORE_OK) {
      assert_true(n > 3);
      val_regex_close(regex);
      return;
    }
    assert_int_equal(st, CORE_NOMEM);
    assert_null(regex);
  }
  fail_msg("never enough memory");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_python),
      cmocka_unit_test(faults_have_their_place),
      cmocka_unit_test(limits_are_not_answers),
      cmocka_unit_test(long_texts_and_patterns_are_refused),
      cmocka_unit_test(deep_matches_still_have_an_answer),
      cmocka_unit_test(named_groups_have_spans),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
