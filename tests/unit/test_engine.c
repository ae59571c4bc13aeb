/* SPDX-License-Identifier: GPL-3.0-or-later
 * The plan and the pass: metrics are shared, unread columns are not asked for, what one expectation cannot do does not
 * touch the others, kept rows stay within their budget, and types that change late are read again. */
#include "tests/support/support.h"

#include "tests/support/table.h"
#include "validate/validate.h"
#include <stdio.h>
#include <string.h>

static void open_suite(struct val_suite *suite, const char *text) {
  struct core_error err = {0};
  if (val_suite_parse(suite, "s.yaml", text, strlen(text), NULL, &err) != CORE_OK)
    fail_msg("%d:%d: %s", err.line, err.column, err.message);
}

static void judge(const char *table, const struct val_suite *suite, struct val_result *result) {
  struct core_error err = {0};
  struct test_table *t = test_table_open(table);
  if (test_table_judge(t, suite, NULL, NULL, 0, false, result, &err) != CORE_OK)
    fail_msg("%s", err.message);
  test_table_close(t);
}

/* Validates CSV text with a suite; the caller closes both. */
static void validate_csv(const char *csv, size_t len, const char *suite_text,
                         const struct val_limits *limits, struct val_suite *suite,
                         struct val_result *result) {
  struct core_error err = {0};
  struct core_source *source = NULL;
  open_suite(suite, suite_text);
  assert_int_equal(core_source_open_memory("data.csv", csv, len, &source, &err), CORE_OK);
  if (val_validate(source, suite, limits, result, &err) != CORE_OK) fail_msg("%s", err.message);
  core_source_close(source);
}

/* ---- the plan ---- */

static void equal_requests_share_one_metric(void **state) {
  (void)state;
  struct core_error err = {0};
  struct val_suite suite;
  struct val_plan plan;
  open_suite(&suite, "expectations:\n"
                     "  - expect_column_mean_to_be_between: {column: a}\n"
                     "  - expect_column_mean_to_be_between: {column: a, min_value: 3}\n"
                     "  - expect_column_sum_to_be_between: {column: a, min_value: 3}\n"
                     "  - expect_column_stdev_to_be_between: {column: a}\n"
                     "  - expect_column_mean_to_be_between: {column: b}\n"
                     "  - expect_column_values_to_not_be_null: {column: a}\n"
                     "  - expect_column_values_to_not_be_null: {column: a}\n");
  struct test_table *t = test_table_open("{\"a\": [1], \"b\": [1.5]}");
  assert_int_equal(val_plan_open(&plan, &suite, test_table_schema(t), NULL, &err), CORE_OK);
  /* nulls, sum, squares of a; nulls, sum of b; each map is its own */
  assert_int_equal(plan.n_metrics, 3 + 2 + 2);
  val_plan_close(&plan);
  test_table_close(t);
  val_suite_close(&suite);
}

static void only_columns_that_are_read_are_needed(void **state) {
  (void)state;
  struct core_error err = {0};
  struct core_arena arena = {0};
  struct val_suite suite;
  const char *const *needed = NULL;
  open_suite(&suite,
             "expectations:\n"
             "  - expect_column_to_exist: {column: untouched}\n"
             "  - expect_table_columns_to_match_ordered_list: {column_list: [untouched]}\n"
             "  - expect_column_pair_values_to_be_equal: {column_A: a, column_B: b}\n"
             "  - expect_compound_columns_to_be_unique: {column_list: [b, c], result_format:\n"
             "      {result_format: BASIC, unexpected_index_column_names: [pk]}}\n");
  assert_int_equal(val_plan_needed(&suite, &arena, &needed, &err), CORE_OK);
  static const char *const wanted[] = {"a", "b", "c", "pk"};
  for (size_t i = 0; i < CORE_COUNT_OF(wanted); i++) assert_string_equal(needed[i], wanted[i]);
  assert_null(needed[4]);
  core_arena_close(&arena);
  val_suite_close(&suite);
}

/* ---- verdicts ---- */

static void exceptions_stay_with_their_expectation(void **state) {
  (void)state;
  struct val_suite suite;
  struct val_result result;
  open_suite(
      &suite,
      "expectations:\n"
      "  - expect_column_mean_to_be_between: {column: s, min_value: 0}\n"
      "  - expect_column_values_to_be_between: {column: i, min_value: text}\n"
      "  - expect_column_values_to_be_between: {column: s, min_value: 3, severity: warning}\n"
      "  - expect_column_value_lengths_to_equal: {column: i, value: 1}\n"
      "  - expect_column_values_to_be_unique: {column: S}\n"
      "  - expect_column_values_to_be_unique: {column: i}\n");
  judge("{\"s\": [\"x\"], \"i\": [1]}", &suite, &result);
  static const char *const words[] = {"no sum", "does not compare", "does not compare", "not text",
                                      "did you mean 's'"};
  for (size_t i = 0; i < CORE_COUNT_OF(words); i++) {
    assert_non_null(result.verdicts[i].exception);
    if (!strstr(result.verdicts[i].exception, words[i]))
      fail_msg("%s", result.verdicts[i].exception);
    assert_false(result.verdicts[i].success);
    assert_int_equal(result.verdicts[i].n_failures, 0);
  }
  assert_null(result.verdicts[5].exception);
  assert_true(result.verdicts[5].success);
  assert_int_equal(result.n_success, 1);
  assert_int_equal(val_result_worst(&result), VAL_SEVERITY_CRITICAL);
  val_result_close(&result);
  val_suite_close(&suite);
}

static void nan_is_null(void **state) {
  (void)state;
  struct val_suite suite;
  struct val_result result;
  open_suite(&suite,
             "expectations:\n"
             "  - expect_column_values_to_not_be_null: {column: x}\n"
             "  - expect_column_mean_to_be_between: {column: x, min_value: 2, max_value: 2}\n"
             "  - expect_column_values_to_be_between: {column: x, min_value: 1, max_value: 3}\n");
  judge("{\"x\": [1.0, NaN, 3.0, null]}", &suite, &result);
  assert_int_equal(result.verdicts[0].unexpected_count, 2);
  assert_true(result.verdicts[1].success);
  assert_int_equal(result.verdicts[1].missing_count, 2);
  assert_true(result.verdicts[2].success);
  val_result_close(&result);
  val_suite_close(&suite);
}

static void numbers_are_compared_exactly(void **state) {
  (void)state;
  struct val_suite suite;
  struct val_result result;
  open_suite(&suite,
             "expectations:\n"
             "  - expect_column_values_to_be_between: {column: i, max_value: 9007199254740992.0}\n"
             "  - expect_column_values_to_be_between: {column: i, min_value: 9007199254740993}\n"
             "  - expect_column_values_to_be_between: {column: d, max_value: 9007199254740993, "
             "strict_max: true}\n"
             "  - expect_column_values_to_be_between: {column: i, max_value: 1.0e+300}\n"
             "  - expect_column_values_to_be_between: {column: i, min_value: 1.0e+300}\n"
             "  - expect_column_values_to_be_in_set: {column: i, value_set: [9007199254740992.0]}\n"
             "  - expect_column_values_to_be_in_set: {column: d, value_set: [9007199254740993]}\n"
             "  - expect_column_pair_values_to_be_equal: {column_A: i, column_B: d}\n");
  judge("{\"i\": [9007199254740993], \"d\": [9007199254740992.0]}", &suite, &result);
  static const bool wanted[] = {false, true, true, true, false, false, false, false};
  for (size_t i = 0; i < CORE_COUNT_OF(wanted); i++)
    if (result.verdicts[i].success != wanted[i]) fail_msg("expectation %zu", i);
  val_result_close(&result);
  val_suite_close(&suite);
}

static void mostly_is_at_least(void **state) {
  (void)state;
  struct val_suite suite;
  struct val_result result;
  open_suite(&suite,
             "expectations:\n"
             "  - expect_column_values_to_be_between: {column: x, max_value: 1, mostly: 0.3333}\n"
             "  - expect_column_values_to_be_between: {column: x, max_value: 1, mostly: 0.3334}\n"
             "  - expect_column_values_to_be_between: {column: x, max_value: 0, mostly: 0}\n");
  judge("{\"x\": [1, 2, null, 3]}", &suite, &result);
  assert_true(result.verdicts[0].success);
  assert_false(result.verdicts[1].success);
  assert_true(result.verdicts[2].success);
  val_result_close(&result);
  val_suite_close(&suite);
}

/* ---- failing rows ---- */

#define MANY 5000
static void many_failures(struct core_str *csv) {
  core_str_text_append(csv, "k,v\n");
  for (int i = 0; i < MANY; i++) core_str_printf(csv, "%d,%d\n", i % 10, i);
}

static void counts_are_exact_when_lists_are_cut(void **state) {
  (void)state;
  struct core_str csv = {0};
  struct val_suite suite;
  struct val_result result;
  const struct val_limits limits = {.failures_bytes = 200000};
  many_failures(&csv);
  validate_csv(csv.data, csv.len,
               "expectations:\n"
               "  - expect_column_values_to_be_between: {column: v, max_value: -1}\n"
               "  - expect_column_values_to_be_unique: {column: k}\n"
               "  - expect_column_values_to_be_between: {column: v, max_value: -1, result_format: "
               "COMPLETE}\n"
               "  - expect_column_values_to_be_unique: {column: k, result_format: COMPLETE}\n",
               &limits, &suite, &result);
  for (size_t i = 0; i < 4; i++) {
    const struct val_verdict *v = &result.verdicts[i];
    assert_int_equal(v->unexpected_count, MANY);
    if (i < 2)
      assert_int_equal(v->n_failures, 20);
    else
      assert_true(v->n_failures > 200 && v->n_failures < MANY);
    for (size_t k = 0; k < v->n_failures; k++) {
      assert_int_equal(v->failures[k].row, (int64_t)k);
      assert_int_equal(v->failures[k].line, (int64_t)k + 2);
    }
  }
  assert_string_equal(result.verdicts[1].failures[13].text, "3");
  assert_int_equal(result.verdicts[1].failures[1].byte, 8);
  val_result_close(&result);
  val_suite_close(&suite);
  core_str_close(&csv);
}

/* The beginning of a long text is shown, cut between two characters. */
static void long_values_are_cut_where_shown(void **state) {
  (void)state;
  struct core_str csv = {0};
  struct val_suite suite;
  struct val_result result;
  core_str_text_append(&csv, "v\nx");
  for (int i = 0; i < 500000; i++) core_str_text_append(&csv, "\u00e9");
  core_str_text_append(&csv, "\n");
  validate_csv(csv.data, csv.len,
               "expectations:\n  - expect_column_value_lengths_to_equal: {column: v, value: 1}\n",
               NULL, &suite, &result);
  const struct val_verdict *v = &result.verdicts[0];
  assert_int_equal(v->n_failures, 1);
  assert_int_equal(strlen(v->failures[0].text), 65535 + 3);
  assert_int_equal(strlen(v->failures[0].json), 65535 + 5);
  assert_int_equal(core_utf8_valid_prefix(v->failures[0].json, 65540), 65540);
  assert_string_equal(v->failures[0].json + 65535 - 1, "\u00e9...\"");
  val_result_close(&result);
  val_suite_close(&suite);
  core_str_close(&csv);
}

static void no_failing_value_is_kept_when_none_is_wanted(void **state) {
  (void)state;
  struct val_suite suite;
  struct val_result result;
  open_suite(&suite, "expectations:\n"
                     "  - expect_column_values_to_be_unique: {column: x,\n"
                     "      result_format: {result_format: BASIC, partial_unexpected_count: 0}}\n");
  judge("{\"x\": [1, 1, 2, 2]}", &suite, &result);
  assert_int_equal(result.verdicts[0].unexpected_count, 4);
  assert_int_equal(result.verdicts[0].n_failures, 0);
  val_result_close(&result);
  val_suite_close(&suite);
}

static void index_columns_name_each_row(void **state) {
  (void)state;
  struct val_suite suite;
  struct val_result result;
  open_suite(
      &suite,
      "expectations:\n"
      "  - expect_column_values_to_be_unique: {column: x, result_format:\n"
      "      {result_format: COMPLETE, unexpected_index_column_names: [pk]}}\n"
      "  - expect_column_pair_values_to_be_equal: {column_A: x, column_B: pk, result_format:\n"
      "      {result_format: COMPLETE, unexpected_index_column_names: [pk]}}\n");
  judge("{\"x\": [1, 2, 1], \"pk\": [7, 2, 9]}", &suite, &result);
  const struct val_verdict *v = result.verdicts;
  assert_string_equal(v[0].failures[0].index_json, "{\"x\":1,\"pk\":7}");
  assert_string_equal(v[0].failures[1].index_json, "{\"x\":1,\"pk\":9}");
  assert_string_equal(v[1].failures[0].json, "[1,7]");
  assert_string_equal(v[1].failures[0].text, "x=1, pk=7");
  val_result_close(&result);
  val_suite_close(&suite);
}

/* ---- through the reader ---- */

/* A column of integers turns into text on its last row: everything observed before is dropped and read again. */
static void late_types_are_read_again(void **state) {
  (void)state;
  struct core_str csv = {0};
  struct val_suite suite;
  struct val_result result;
  core_str_text_append(&csv, "a,b\n");
  for (int i = 0; i < 200000; i++) core_str_printf(&csv, "%d,1\n", i);
  core_str_text_append(&csv, "end,2.5\n");
  validate_csv(csv.data, csv.len,
               "expectations:\n"
               "  - expect_table_row_count_to_equal: {value: 200001}\n"
               "  - expect_column_values_to_be_of_type: {column: a, type_: str}\n"
               "  - expect_column_values_to_be_unique: {column: a}\n"
               "  - expect_column_sum_to_be_between: {column: b, min_value: 200002.5, max_value: "
               "200002.5}\n",
               NULL, &suite, &result);
  for (size_t i = 0; i < result.n_verdicts; i++)
    if (!result.verdicts[i].success) fail_msg("expectation %zu", i);
  assert_true(result.success);
  assert_string_equal(result.data_name, "data.csv");
  val_result_close(&result);
  val_suite_close(&suite);
  core_str_close(&csv);
}

/* One bad word late in a column of numbers: each failure says whose fault it is, and no success does. */
static void a_column_turned_text_is_explained(void **state) {
  (void)state;
  struct core_str csv = {0};
  struct val_suite suite;
  struct val_result result;
  core_str_text_append(&csv, "age,id,name\n");
  for (int i = 0; i < 20000; i++)
    core_str_printf(&csv, "%s,%d,n%d\n", i == 15000 ? "old" : "5", i, i);
  validate_csv(
      csv.data, csv.len,
      "expectations:\n"
      "  - expect_column_values_to_be_between: {column: age, min_value: 0}\n"
      "  - expect_column_mean_to_be_between: {column: age, min_value: 0}\n"
      "  - expect_column_values_to_be_of_type: {column: age, type_: int64}\n"
      "  - expect_column_pair_values_a_to_be_greater_than_b: {column_A: id, column_B: age}\n"
      "  - expect_column_mean_to_be_between: {column: name, min_value: 0}\n"
      "  - expect_column_values_to_not_be_null: {column: age}\n",
      NULL, &suite, &result);
  for (size_t i = 0; i < 4; i++) {
    assert_false(result.verdicts[i].success);
    assert_non_null(result.verdicts[i].note);
    assert_non_null(strstr(result.verdicts[i].note, "because of 'old' at line 15002"));
    assert_non_null(strstr(result.verdicts[i].note, "columns: {age: int64}"));
  }
  assert_false(result.verdicts[4].success);
  assert_null(result.verdicts[4].note);
  assert_true(result.verdicts[5].success);
  assert_null(result.verdicts[5].note);
  assert_string_equal(result.fields[0].note, result.verdicts[0].note);
  val_result_close(&result);
  val_suite_close(&suite);
  core_str_close(&csv);
}

static void findings_fail_the_data(void **state) {
  (void)state;
  static const char csv[] = "a,b\n1,2\n3\n";
  struct val_suite suite;
  struct val_result result;
  validate_csv(csv, sizeof csv - 1, "expectations: [expect_table_row_count_to_be_between]\n", NULL,
               &suite, &result);
  assert_int_equal(result.n_success, 1);
  assert_int_equal(result.findings.count[VAL_FINDING_RAGGED], 1);
  assert_false(result.success);
  val_result_close(&result);
  val_suite_close(&suite);
}

static void warnings_do_not_fail_the_data(void **state) {
  (void)state;
  static const char csv[] = "a\n1\n1\n";
  struct val_suite suite;
  struct val_result result;
  validate_csv(
      csv, sizeof csv - 1,
      "expectations:\n  - expect_column_values_to_be_unique: {column: a, severity: warning}\n",
      NULL, &suite, &result);
  assert_int_equal(result.n_success, 0);
  assert_true(result.success);
  assert_int_equal(val_result_worst(&result), VAL_SEVERITY_WARNING);
  val_result_close(&result);
  val_suite_close(&suite);
}

static void unreadable_files_are_statuses(void **state) {
  (void)state;
  struct core_error err = {0};
  struct val_suite suite;
  struct val_result result;
  open_suite(&suite, "expectations: [expect_table_row_count_to_be_between]\n");
  assert_int_equal(val_validate_file(test_path("missing.csv"), &suite, NULL, &result, &err),
                   CORE_IO);
  val_suite_close(&suite);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_requests_share_one_metric),
      cmocka_unit_test(only_columns_that_are_read_are_needed),
      cmocka_unit_test(exceptions_stay_with_their_expectation),
      cmocka_unit_test(nan_is_null),
      cmocka_unit_test(numbers_are_compared_exactly),
      cmocka_unit_test(mostly_is_at_least),
      cmocka_unit_test(counts_are_exact_when_lists_are_cut),
      cmocka_unit_test(long_values_are_cut_where_shown),
      cmocka_unit_test(no_failing_value_is_kept_when_none_is_wanted),
      cmocka_unit_test(index_columns_name_each_row),
      cmocka_unit_test(late_types_are_read_again),
      cmocka_unit_test(a_column_turned_text_is_explained),
      cmocka_unit_test(findings_fail_the_data),
      cmocka_unit_test(warnings_do_not_fail_the_data),
      cmocka_unit_test(unreadable_files_are_statuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
