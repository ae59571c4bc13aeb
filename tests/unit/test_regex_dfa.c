/* SPDX-License-Identifier: GPL-3.0-or-later
 * The automaton against PCRE2: patterns that people write, random patterns of the plain kind, texts that are drawn from the
 * pattern's own letters. Where the automaton answers, both say the same; where it must not, it does not. */
#include <string.h>

#include "core/mem.h"
#include "tests/support/csv_random.h"
#include "tests/support/support.h"
#include "validate/regex.h"
#include "validate/regex_dfa.h"

static uint64_t seed = 31337;

static size_t draw(size_t n) {
  return (size_t)test_csv_random(&seed) % n;
}

static size_t random_text(char *text, size_t most) {
  static const char *const parts[] = {"a",  "b",  "c",        "ab", "A", "K",   "1",   "9",
                                      "_",  "-",  ".",        "@",  " ", "\t",  "abc", "x",
                                      "zz", "\n", "\xc3\xa9", "\"", ",", "\x1c"};
  const size_t n = draw(12);
  size_t len = 0;
  for (size_t i = 0; i < n; i++) {
    const char *part = parts[draw(draw(4) ? 16 : CORE_COUNT_OF(parts))];
    for (; *part && len < most; part++) text[len++] = *part;
  }
  return len;
}

#define TEXTS 16

static size_t n_answers, n_unknown;

static void compare(const char *pattern) {
  struct val_regex *regex = NULL;
  struct val_dfa *dfa = NULL;
  const size_t pattern_len = strlen(pattern);
  struct core_error err = {0};
  if (val_regex_open(pattern, pattern_len, VAL_REGEX_UTF8, &regex, &err) != CORE_OK) return;
  assert_int_equal(val_dfa_open(pattern, pattern_len, &dfa, &err), CORE_OK);
  for (int round = 0; round < 4; round++) {
    char texts[TEXTS * 64];
    struct core_slice slices[TEXTS];
    int32_t offsets[TEXTS + 1] = {0};
    uint8_t considered[TEXTS / 8], many[TEXTS / 8] = {0};
    for (int i = 0; i < TEXTS; i++) {
      slices[i] = (struct core_slice){texts + offsets[i], random_text(texts + offsets[i], 64)};
      offsets[i + 1] = offsets[i] + (int32_t)slices[i].len;
    }
    for (int i = 0; i < TEXTS / 8; i++) considered[i] = (uint8_t)(draw(256) | draw(256));
    const struct val_regex_texts column = {texts, offsets, TEXTS, considered};
    const enum core_status st = val_regex_match_texts(regex, &column, many, &err);
    if (st == CORE_LIMIT) break;
    assert_int_equal(st, CORE_OK);
    for (int i = 0; i < TEXTS; i++) {
      bool found = false;
      const bool asked = considered[i / 8] >> (i % 8) & 1, in_many = many[i / 8] >> (i % 8) & 1;
      if (val_regex_search(regex, slices[i].data, slices[i].len, &found, &err) != CORE_OK) continue;
      enum val_dfa_answer answer = VAL_DFA_UNKNOWN;
      if (dfa) answer = val_dfa_search(dfa, slices[i].data, slices[i].len);
      n_answers += answer != VAL_DFA_UNKNOWN;
      n_unknown += dfa && answer == VAL_DFA_UNKNOWN;
      if ((found && asked) != in_many ||
          (answer != VAL_DFA_UNKNOWN && found != (answer == VAL_DFA_YES)))
        fail_msg("'%s' on '%.*s': PCRE2 says %d, many %d, the automaton %d", pattern,
                 (int)slices[i].len, slices[i].data, found, in_many, (int)answer);
    }
  }
  val_dfa_close(dfa);
  val_regex_close(regex);
}

static bool is_plain(const char *pattern) {
  struct val_dfa *dfa = NULL;
  assert_int_equal(val_dfa_open(pattern, strlen(pattern), &dfa, NULL), CORE_OK);
  val_dfa_close(dfa);
  return dfa != NULL;
}

static void patterns_that_people_write(void **state) {
  (void)state;
  static const char *const plain[] = {"^[a-z]+@[a-z0-9-]+(\\.[a-z0-9-]+)*\\.[a-z]{2,}$",
                                      "^[a-z0-9,\"]{8,20}$",
                                      "^\\d{5}$",
                                      "",
                                      "^$",
                                      "a|b",
                                      "^(a|b)$",
                                      "a$|^b",
                                      "(?i)^abc$",
                                      "^\\s*$",
                                      "[^a-z]",
                                      "^[^@]+@[^@]+$",
                                      "\\w+\\.\\w+",
                                      "^(?:ab)*c?$",
                                      "a{2}",
                                      "a{,2}b",
                                      "(a*)*b",
                                      "^a.c$",
                                      "[]a]",
                                      "[a\\-z]",
                                      "\\A\\d+\\Z",
                                      "x*",
                                      "\xc3\xa9",
                                      "[a\xc3\xa9]",
                                      "(?i)k",
                                      "(?i)[^k]",
                                      "()",
                                      "(|a)b",
                                      "^^a",
                                      "$a",
                                      "a$$",
                                      "(^a|b$)c*",
                                      "\\S+ \\S+",
                                      "[\\d_]",
                                      "a+?b",
                                      "[-a]",
                                      "[a-]"};
  static const char *const not_plain[] = {"\\bfoo\\b",
                                          "(a)\\1",
                                          "a(?=b)",
                                          "(?<!a)b",
                                          "a++",
                                          "[[:alpha:]]",
                                          "(?P<x>a)",
                                          "\\x41",
                                          "\\u0041",
                                          "a{0}",
                                          "[\\w-x]",
                                          "(?s).",
                                          "(((((((((((((((((((((((((((((((((((((((((((((a",
                                          "a{1000}",
                                          "(a|b|c|d){200}(e|f|g){200}"};
  for (size_t i = 0; i < CORE_COUNT_OF(plain); i++) {
    if (!is_plain(plain[i])) fail_msg("'%s' is plain", plain[i]);
    for (int k = 0; k < 40; k++) compare(plain[i]);
  }
  for (size_t i = 0; i < CORE_COUNT_OF(not_plain); i++) {
    if (is_plain(not_plain[i])) fail_msg("'%s' is not plain", not_plain[i]);
    compare(not_plain[i]);
  }
}

static void random_patterns(void **state) {
  (void)state;
  static const char *const parts[] = {
      "a",     "b",    "c",    "A",    ".",     "\\d",       "\\w", "\\s", "\\D",
      "\\W",   "\\S",  "[ab]", "[^a]", "[a-c]", "[^a-z0-9]", "@",   "-",   "\\.",
      "(",     ")",    "|",    "^",    "$",     "*",         "+",   "?",   "{2}",
      "{1,3}", "{,2}", "{2,}", "(?:",  "*?",    "\xc3\xa9",  "\\Z"};
  n_answers = n_unknown = 0;
  for (int round = 0; round < 20000; round++) {
    char pattern[80] = "";
    size_t open = 0;
    if (draw(3) == 0) strcat(pattern, "^");
    for (size_t n = draw(9); n > 0; n--) {
      const char *part = parts[draw(CORE_COUNT_OF(parts))];
      if (*part == ')' && open == 0) continue;
      open += *part == '(';
      open -= *part == ')';
      strcat(pattern, part);
    }
    for (; open > 0; open--) strcat(pattern, ")");
    if (draw(3) == 0) strcat(pattern, "$");
    compare(pattern);
  }
  assert_true(n_answers > 300000 && n_unknown > 10000);
}

static void no_memory_is_reported(void **state) {
  (void)state;
  struct val_dfa *dfa = NULL;
  for (unsigned long long n = 1; n <= 2; n++) {
    core_mem_fail_at(n);
    assert_int_equal(val_dfa_open("a+", 2, &dfa, NULL), CORE_NOMEM);
    core_mem_fail_at(0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patterns_that_people_write),
      cmocka_unit_test(random_patterns),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
