/* SPDX-License-Identifier: GPL-3.0-or-later
 * Suites damaged at random are refused or judged, never a crash: bytes changed, pieces dropped, doubled and mixed. */
#include "tests/support/support.h"

#include "tests/support/table.h"
#include <stdio.h>
#include <string.h>

#define ROUNDS   30000
#define MAX_TEXT 2048

static uint64_t seed = 20240229;
static size_t below(size_t n) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (size_t)(seed % n);
}

static const char *const rows[] = {
    "  - expect_column_values_to_be_between: {column: i, min_value: 1, max_value: 2.5, strict_min: "
    "true}\n",
    "  - expect_column_values_to_be_between: {column: t, min_value: 2020-01-01, max_value: 'Jan 01 "
    "2021 12:00:00 PM'}\n",
    "  - expect_column_values_to_be_in_set: {column: s, value_set: [a, 1, null, 2.5, true, [x], "
    "{y: 1}]}\n",
    "  - expect_column_pair_values_to_be_in_set: {column_A: i, column_B: s, value_pairs_set: [[1, "
    "a], [null, b]]}\n",
    "  - expect_column_quantile_values_to_be_between: {column: d, quantile_ranges: {quantiles: [0, "
    "0.5, 1], value_ranges: [[null, 1], [0, 1], [1, null]]}}\n",
    "  - expect_column_values_to_match_regex_list: {column: s, regex_list: ['a+', '[b-c]'], "
    "match_on: all}\n",
    "  - expect_compound_columns_to_be_unique: {column_list: [i, s], ignore_row_if: never, mostly: "
    "0.5}\n",
    "  - expect_table_columns_to_match_set: {column_set: [i, s], exact_match: false, severity: "
    "warning}\n",
    "  - expect_column_values_to_be_in_type_list: {column: d, type_list: [int, float64, "
    "'VARCHAR(3)']}\n",
    "  - expect_column_value_lengths_to_be_between: {column: s, min_value: 1, max_value: 3}\n",
    "  - expect_column_distinct_values_to_contain_set: {column: i, value_set: [1, 2]}\n",
    "  - expect_column_values_to_be_increasing: {column: s, parse_strings_as_datetimes: true}\n",
    "  - expect_column_max_to_be_between: {column: t, max_value: 3000-01-01, result_format: "
    "{result_format: COMPLETE, unexpected_index_column_names: [i]}}\n",
    "  - {type: expect_column_sum_to_be_between, kwargs: {column: i, max_value: 1.0e+400}, meta: "
    "{a: b}}\n",
    "  - expect_multicolumn_sum_to_equal: {column_list: [i, d], sum_total: .nan}\n",
};

static size_t build(char *text) {
  size_t len = (size_t)snprintf(text, MAX_TEXT, "%s%sexpectations:\n",
                                below(3) ? "" : "csv: {delimiter: ';', null_values: [a, 1]}\n",
                                below(3) ? "" : "columns: {i: int64, s: string}\n");
  for (size_t n = 1 + below(4); n > 0; n--)
    len += (size_t)snprintf(text + len, MAX_TEXT - len, "%s", rows[below(CORE_COUNT_OF(rows))]);
  return len;
}

static size_t mutate(char *text, size_t len) {
  static const char marks[] = "{}[]:,-'\"# \n\\$%0129aet.&*!|>\t\x01\xff";
  for (size_t n = below(4); n > 0 && len > 8; n--) {
    const size_t at = below(len), span = 1 + below(8);
    switch (below(4)) {
    case 0:
      text[at] = marks[below(sizeof marks - 1)];
      break;
    case 1: /* a piece is dropped */
      if (at + span < len) {
        memmove(text + at, text + at + span, len - at - span);
        len -= span;
      }
      break;
    case 2: /* a piece is doubled */
      if (at + span < len && len + span < MAX_TEXT) {
        memmove(text + at + span, text + at, len - at);
        len += span;
      }
      break;
    default: /* a piece comes from elsewhere */
      if (at + span < len) memmove(text + at, text + below(len - span), span);
      break;
    }
  }
  return len;
}

static void mutated_suites_never_crash(void **state) {
  (void)state;
  static char text[MAX_TEXT * 2];
  struct test_table *t = test_table_open("{\"i\": [1, 2, null, 2], \"d\": [0.5, null, 1.5, "
                                         "-1e300], \"s\": [\"a\", \"2020-01-01\", null, \"\"],"
                                         "\"t:timestamp\": [\"2020-01-01T00:00:00\", null, "
                                         "\"1969-12-31T00:00:00\", \"2021-01-01T00:00:00\"]}");
  const size_t cuts[] = {2};
  size_t judged = 0, refused = 0;
  for (int i = 0; i < ROUNDS; i++) {
    struct core_error err = {0};
    struct val_suite suite;
    struct val_result result;
    const size_t len = mutate(text, build(text));
    if (val_suite_parse(&suite, "s.yaml", text, len, NULL, &err) != CORE_OK) {
      assert_true(err.message[0] != 0);
      refused++;
      continue;
    }
    assert_int_equal(test_table_judge(t, &suite, NULL, cuts, 1, i % 2 == 0, &result, &err),
                     CORE_OK);
    judged += result.n_verdicts;
    val_result_close(&result);
    val_suite_close(&suite);
  }
  assert_true(judged > ROUNDS / 4);
  assert_true(refused > ROUNDS / 10);
  test_table_close(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mutated_suites_never_crash)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
