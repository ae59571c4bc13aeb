/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of every expectation, over the registry: each has a case that passes and one that fails; the verdict does
 * not depend on how rows are cut into batches or partial passes; null columns, empty tables and unknown columns are
 * judged, never a crash; running out of memory at any point is a status. */
#include "tests/support/support.h"

#include "tests/support/table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME(short_name) "expect_" short_name

static const char *const table_json =
    "{\"i\": [1, 2, null, 2, 5, 3, 9, null, 4, 10],"
    "\"up\": [1, 1, 2, 3, 5, 8, null, 13, 21, 34],"
    "\"d\": [0.5, 1.5, null, -2.25, 1e10, 0.5, 3.0, 4.0, null, 100.0],"
    "\"s\": [\"aa\", \"b\", null, \"ccc\", \"aa\", \"\", \"x1\", \"\\u00e9\", \"y\", null],"
    "\"code\": [\"A1\", \"B2\", \"C3\", \"D4\", \"E5\", \"F6\", \"G7\", \"H8\", \"I9\", \"J0\"],"
    "\"b\": [true, false, true, null, true, true, false, true, null, true],"
    "\"t:timestamp\": [\"2020-01-01T00:00:00\", \"2020-01-02T00:00:00\", null, "
    "\"2020-02-01T00:00:00\","
    " \"2020-03-01T00:00:00\", \"2020-04-01T00:00:00\", \"2020-05-01T00:00:00\", "
    "\"2020-06-01T00:00:00\","
    " \"2020-07-01T00:00:00\", \"2020-08-01T00:00:00\"],"
    "\"day:date\": [\"2020-01-01\", \"2020-01-02\", null, \"2020-02-01\", \"2020-03-01\", "
    "\"2020-04-01\","
    " \"2020-05-01\", \"2020-06-01\", \"2020-07-01\", \"2020-08-01\"],"
    "\"same\": [1, 2, null, 2, 5, 3, 9, null, 4, 10],"
    "\"bigger\": [2, 3, null, 3, 6, 4, 10, null, 5, 11],"
    "\"n\": [null, null, null, null, null, null, null, null, null, null],"
    "\"j\": [\"1\", \"2\", null, \"\\\"a\\\"\", \"[1]\", \"7\", \"8\", null, \"9\", \"10\"]}";

#define N_ROWS 10

/* One passing and one failing set of arguments at least for each row of expect_list.h. */
static const struct {
  const char *name, *kwargs;
  bool success;
} cases[] = {
    {NAME("table_row_count_to_be_between"), "{min_value: 10, max_value: 10}", true},
    {NAME("table_row_count_to_be_between"), "{min_value: 11}", false},
    {NAME("table_row_count_to_equal"), "{value: 10}", true},
    {NAME("table_row_count_to_equal"), "{value: 9}", false},
    {NAME("table_column_count_to_be_between"), "{max_value: 12}", true},
    {NAME("table_column_count_to_be_between"), "{max_value: 11}", false},
    {NAME("table_column_count_to_equal"), "{value: 12}", true},
    {NAME("table_column_count_to_equal"), "{value: 1}", false},
    {NAME("table_columns_to_match_ordered_list"),
     "{column_list: [i, up, d, s, code, b, t, day, same, bigger, n, j]}", true},
    {NAME("table_columns_to_match_ordered_list"), "{column_list: [i, d, up]}", false},
    {NAME("table_columns_to_match_set"), "{column_set: [d, i], exact_match: false}", true},
    {NAME("table_columns_to_match_set"), "{column_set: [d, i]}", false},
    {NAME("column_to_exist"), "{column: d, column_index: 2}", true},
    {NAME("column_to_exist"), "{column: dd}", false},
    {NAME("column_values_to_not_be_null"), "{column: i, mostly: 0.8}", true},
    {NAME("column_values_to_not_be_null"), "{column: i, mostly: 0.81}", false},
    {NAME("column_values_to_be_null"), "{column: n}", true},
    {NAME("column_values_to_be_null"), "{column: i}", false},
    {NAME("column_values_to_be_unique"), "{column: code}", true},
    {NAME("column_values_to_be_unique"), "{column: i}", false},
    {NAME("column_values_to_be_unique"), "{column: s}", false},
    {NAME("column_values_to_be_in_set"), "{column: i, value_set: [1, 2.0, 3, 4, 5, 9, 10]}", true},
    {NAME("column_values_to_be_in_set"), "{column: s, value_set: [aa, b]}", false},
    {NAME("column_values_to_be_in_set"), "{column: b, value_set: [1]}", false},
    {NAME("column_values_to_be_in_set"), "{column: day, value_set: [2020-01-01], mostly: 0.1}",
     true},
    {NAME("column_values_to_not_be_in_set"), "{column: d, value_set: [7, null]}", true},
    {NAME("column_values_to_not_be_in_set"), "{column: d, value_set: [3]}", false},
    {NAME("column_values_to_be_between"), "{column: i, min_value: 1, max_value: 10.5}", true},
    {NAME("column_values_to_be_between"), "{column: i, min_value: 1.5}", false},
    {NAME("column_values_to_be_between"), "{column: d, max_value: 100, mostly: 0.8}", true},
    {NAME("column_values_to_be_between"),
     "{column: t, min_value: 2020-01-01, max_value: 2020-12-31}", true},
    {NAME("column_values_to_be_between"), "{column: t, min_value: 2020-01-01, strict_min: true}",
     false},
    {NAME("column_values_to_be_between"), "{column: day, max_value: '2020-07-31T12:00:00'}", false},
    {NAME("column_values_to_be_between"), "{column: s, min_value: '', max_value: z}", false},
    {NAME("column_value_lengths_to_be_between"), "{column: s, min_value: 0, max_value: 3}", true},
    {NAME("column_value_lengths_to_be_between"), "{column: s, min_value: 2}", false},
    {NAME("column_value_lengths_to_equal"), "{column: code, value: 2}", true},
    {NAME("column_value_lengths_to_equal"), "{column: s, value: 1}", false},
    {NAME("column_values_to_match_regex"), "{column: code, regex: '^[A-Z][0-9]$'}", true},
    {NAME("column_values_to_match_regex"), "{column: s, regex: a}", false},
    {NAME("column_values_to_not_match_regex"), "{column: code, regex: '[a-z]'}", true},
    {NAME("column_values_to_not_match_regex"), "{column: s, regex: '[0-9]'}", false},
    {NAME("column_values_to_match_regex_list"), "{column: code, regex_list: ['[A-E]', '[F-J]']}",
     true},
    {NAME("column_values_to_match_regex_list"),
     "{column: code, regex_list: ['[A-E]', '[0-9]'], match_on: all}", false},
    {NAME("column_values_to_not_match_regex_list"), "{column: code, regex_list: ['K', 'L']}", true},
    {NAME("column_values_to_not_match_regex_list"), "{column: code, regex_list: ['K', 'J']}",
     false},
    {NAME("column_values_to_match_like_pattern"), "{column: code, like_pattern: '__'}", true},
    {NAME("column_values_to_match_like_pattern"), "{column: s, like_pattern: 'a%'}", false},
    {NAME("column_values_to_not_match_like_pattern"), "{column: i, like_pattern: '%7%'}", true},
    {NAME("column_values_to_not_match_like_pattern"),
     "{column: code, like_pattern: '[a-c]%', like_dialect: mssql}", false},
    {NAME("column_values_to_match_like_pattern_list"),
     "{column: code, like_pattern_list: ['A_', '_%'], match_on: any}", true},
    {NAME("column_values_to_match_like_pattern_list"),
     "{column: code, like_pattern_list: ['A_', '_%'], match_on: all}", false},
    {NAME("column_values_to_not_match_like_pattern_list"), "{column: s, like_pattern_list: [q, z]}",
     true},
    {NAME("column_values_to_not_match_like_pattern_list"), "{column: s, like_pattern_list: [q, y]}",
     false},
    {NAME("column_values_to_match_strftime_format"),
     "{column: s, strftime_format: '%Y', row_condition: s == 'none'}", true},
    {NAME("column_values_to_match_strftime_format"), "{column: code, strftime_format: '%Y'}",
     false},
    {NAME("column_values_to_be_dateutil_parseable"),
     "{column: s, mostly: 0, row_condition: s == 'b' or s == 'y'}", true},
    {NAME("column_values_to_be_dateutil_parseable"), "{column: s}", false},
    {NAME("column_values_to_be_json_parseable"), "{column: s, row_condition: index == 2}", true},
    {NAME("column_values_to_be_json_parseable"), "{column: i}", false},
    {NAME("column_values_to_match_json_schema"), "{column: n, json_schema: {type: object}}", true},
    {NAME("column_values_to_match_json_schema"), "{column: j, json_schema: {minimum: 5}}", false},
    {NAME("column_value_z_scores_to_be_less_than"), "{column: i, threshold: 1.96}", true},
    {NAME("column_value_z_scores_to_be_less_than"), "{column: d, threshold: 0.3}", false},
    {NAME("column_value_z_scores_to_be_less_than"),
     "{column: d, threshold: 2.4, double_sided: false}", false},
    {NAME("column_kl_divergence_to_be_less_than"),
     "{column: i, threshold: 0.01, partition_object: {bins: [0, 4, 8, 12], weights: [0.5, 0.25, "
     "0.25]}}",
     true},
    {NAME("column_kl_divergence_to_be_less_than"),
     "{column: i, threshold: 0.01, partition_object: {bins: [0, 4, 8], weights: [0.5, 0.5]}}",
     false},
    {NAME("column_kl_divergence_to_be_less_than"),
     "{column: s, threshold: 0.5, tail_weight_holdout: 0.6, partition_object: {values: [aa, b], "
     "weights: [0.5, 0.5]}}",
     true},
    {NAME("column_kl_divergence_to_be_less_than"), "{column: d}", true},
    {NAME("column_kl_divergence_to_be_less_than"), "{column: s, bucketize_data: false}", true},
    {NAME("column_chisquare_test_p_value_to_be_greater_than"),
     "{column: b, partition_object: {values: [true, false], weights: [0.7, 0.3]}}", true},
    {NAME("column_chisquare_test_p_value_to_be_greater_than"),
     "{column: s, partition_object: {values: [aa, b], weights: [0.7, 0.3]}}", false},
    {NAME("column_parameterized_distribution_ks_test_p_value_to_be_greater_than"),
     "{column: i, distribution: norm, params: {mean: 4.5, std_dev: 3.3}}", true},
    {NAME("column_parameterized_distribution_ks_test_p_value_to_be_greater_than"),
     "{column: i, distribution: expon, params: [100], p_value: 0.01}", false},
    {NAME("column_bootstrapped_ks_test_p_value_to_be_greater_than"),
     "{column: i, p: 0.05, bootstrap_samples: 50, partition_object: {bins: [0, 4, 8, 12], "
     "weights: [0.5, 0.25, 0.25]}}",
     true},
    {NAME("column_bootstrapped_ks_test_p_value_to_be_greater_than"),
     "{column: i, p: 0.05, bootstrap_sample_size: 9, bootstrap_samples: 50, partition_object: "
     "{bins: [50, 60], weights: [1]}}",
     false},
    {NAME("column_pair_cramers_phi_value_to_be_less_than"),
     "{column_A: code, column_B: same, n_bins_B: 2, threshold: 1}", true},
    {NAME("column_pair_cramers_phi_value_to_be_less_than"),
     "{column_A: i, column_B: same, bins_A: [0, 3, 20], bins_B: [2, 5]}", false},
    {NAME("column_values_to_be_increasing"), "{column: up}", true},
    {NAME("column_values_to_be_increasing"), "{column: up, strictly: true}", false},
    {NAME("column_values_to_be_increasing"), "{column: i}", false},
    {NAME("column_values_to_be_increasing"), "{column: t, strictly: true}", true},
    {NAME("column_values_to_be_decreasing"), "{column: i, mostly: 0.3}", true},
    {NAME("column_values_to_be_decreasing"), "{column: d}", false},
    {NAME("column_values_to_be_of_type"), "{column: i, type_: int64}", true},
    {NAME("column_values_to_be_of_type"), "{column: i, type_: float64}", false},
    {NAME("column_values_to_be_of_type"), "{column: s, type_: INTEGER}", false},
    {NAME("column_values_to_be_of_type"), "{column: s, type_: VARCHAR(20)}", true},
    {NAME("column_values_to_be_in_type_list"), "{column: d, type_list: [int, float]}", true},
    {NAME("column_values_to_be_in_type_list"), "{column: d, type_list: [int, str]}", false},
    {NAME("column_min_to_be_between"), "{column: d, min_value: -2.25, max_value: -2.25}", true},
    {NAME("column_min_to_be_between"), "{column: i, min_value: 1, strict_min: true}", false},
    {NAME("column_max_to_be_between"), "{column: s, max_value: z}", false},
    {NAME("column_max_to_be_between"), "{column: t, min_value: 2020-08-01}", true},
    {NAME("column_mean_to_be_between"), "{column: i, min_value: 4.5, max_value: 4.5}", true},
    {NAME("column_mean_to_be_between"), "{column: i, min_value: 5}", false},
    {NAME("column_median_to_be_between"), "{column: i, min_value: 3.5, max_value: 3.5}", true},
    {NAME("column_median_to_be_between"), "{column: d, max_value: 1}", false},
    {NAME("column_stdev_to_be_between"), "{column: i, min_value: 3.3, max_value: 3.4}", true},
    {NAME("column_stdev_to_be_between"), "{column: i, max_value: 3}", false},
    {NAME("column_sum_to_be_between"), "{column: i, min_value: 36, max_value: 36}", true},
    {NAME("column_sum_to_be_between"), "{column: b, min_value: 7}", false},
    {NAME("column_quantile_values_to_be_between"),
     "{column: i, quantile_ranges: {quantiles: [0, 0.5, 1], value_ranges: [[1, 1], [null, 4], [10, "
     "null]]}}",
     true},
    {NAME("column_quantile_values_to_be_between"),
     "{column: d, quantile_ranges: {quantiles: [0.5], value_ranges: [[100, 200]]}}", false},
    {NAME("column_unique_value_count_to_be_between"), "{column: i, min_value: 7, max_value: 7}",
     true},
    {NAME("column_unique_value_count_to_be_between"), "{column: s, min_value: 8}", false},
    {NAME("column_proportion_of_unique_values_to_be_between"),
     "{column: i, min_value: 0.875, max_value: 0.875}", true},
    {NAME("column_proportion_of_unique_values_to_be_between"), "{column: i, min_value: 1}", false},
    {NAME("column_proportion_of_non_null_values_to_be_between"),
     "{column: i, min_value: 0.8, max_value: 0.8}", true},
    {NAME("column_proportion_of_non_null_values_to_be_between"), "{column: i, min_value: 0.9}",
     false},
    {NAME("column_distinct_values_to_be_in_set"), "{column: b, value_set: [true, false]}", true},
    {NAME("column_distinct_values_to_be_in_set"), "{column: i, value_set: [1, 2]}", false},
    {NAME("column_distinct_values_to_contain_set"), "{column: i, value_set: [1.0, 2]}", true},
    {NAME("column_distinct_values_to_contain_set"), "{column: i, value_set: ['1']}", false},
    {NAME("column_distinct_values_to_equal_set"), "{column: i, value_set: [10, 9, 5, 4, 3, 2, 1]}",
     true},
    {NAME("column_distinct_values_to_equal_set"), "{column: s, value_set: [aa]}", false},
    {NAME("column_most_common_value_to_be_in_set"), "{column: s, value_set: [aa]}", true},
    {NAME("column_most_common_value_to_be_in_set"), "{column: code, value_set: [A1]}", false},
    {NAME("column_pair_values_to_be_equal"), "{column_A: i, column_B: same}", true},
    {NAME("column_pair_values_to_be_equal"), "{column_A: i, column_B: d}", false},
    {NAME("column_pair_values_a_to_be_greater_than_b"), "{column_A: bigger, column_B: i}", true},
    {NAME("column_pair_values_a_to_be_greater_than_b"),
     "{column_A: i, column_B: d, ignore_row_if: either_value_is_missing}", false},
    {NAME("column_pair_values_to_be_in_set"),
     "{column_A: i, column_B: b, mostly: 0.1, value_pairs_set: [[1, true], [2, null]]}", true},
    {NAME("column_pair_values_to_be_in_set"),
     "{column_A: i, column_B: b, value_pairs_set: [[1, true]]}", false},
    {NAME("compound_columns_to_be_unique"), "{column_list: [i, code]}", true},
    {NAME("compound_columns_to_be_unique"), "{column_list: [i, same]}", false},
    {NAME("select_column_values_to_be_unique_within_record"), "{column_list: [i, bigger]}", true},
    {NAME("select_column_values_to_be_unique_within_record"), "{column_list: [i, same]}", false},
    {NAME("multicolumn_sum_to_equal"), "{column_list: [i, same], sum_total: 4, mostly: 0.2}", true},
    {NAME("multicolumn_sum_to_equal"), "{column_list: [i, same], sum_total: 4}", false},
    /* row conditions: rows, aggregates, the table, duplicates, and the row before */
    {NAME("column_values_to_be_between"), "{column: i, min_value: 5, row_condition: bigger > 5}",
     true},
    {NAME("column_values_to_be_between"),
     "{column: i, min_value: 6, row_condition: 'bigger > 5 and s != \"ccc\"'}", false},
    {NAME("column_mean_to_be_between"),
     "{column: i, min_value: 7.5, max_value: 7.5, row_condition: 'col(\"s\") == \"x1\"'}", false},
    {NAME("column_mean_to_be_between"),
     "{column: i, min_value: 3, max_value: 3, row_condition: 'code in [\"B2\", \"D4\", "
     "\"E5\"]'}",
     true},
    {NAME("table_row_count_to_equal"), "{value: 6, row_condition: b}", true},
    {NAME("table_row_count_to_equal"), "{value: 6, row_condition: not b}", false},
    {NAME("column_values_to_be_unique"), "{column: i, row_condition: index != 3}", true},
    {NAME("column_values_to_be_unique"), "{column: s, row_condition: d == 0.5 or d > 1e9}", false},
    {NAME("column_values_to_be_increasing"),
     "{column: i, strictly: true, row_condition: t > '2020-02-15' and index != 5 and index < 8}",
     true},
    {NAME("compound_columns_to_be_unique"),
     "{column_list: [i, same], row_condition: i != 2, condition_parser: pandas}", true},
};

static void open_case(struct val_suite *suite, size_t i, const char *format) {
  struct core_error err = {0};
  struct core_str kwargs = {0};
  core_str_append(&kwargs, cases[i].kwargs, strlen(cases[i].kwargs) - 1);
  core_str_printf(&kwargs, ", result_format: %s}", format);
  if (test_suite_open(suite, cases[i].name, core_str_text(&kwargs), &err) != CORE_OK)
    fail_msg("%s %s: %s", cases[i].name, core_str_text(&kwargs), err.message);
  core_str_close(&kwargs);
}

static void judge_text(struct test_table *t, const struct val_suite *suite,
                       const struct val_limits *limits, const size_t *cuts, size_t n_cuts,
                       bool partial, struct core_str *out) {
  struct core_error err = {0};
  struct val_result result;
  core_str_clear(out);
  if (test_table_judge(t, suite, limits, cuts, n_cuts, partial, &result, &err) != CORE_OK)
    fail_msg("%s: %s", suite->expected[0].ops->name, err.message);
  test_verdict_text(&result.verdicts[0], out);
  val_result_close(&result);
}

/* ---- the properties ---- */

static void every_expectation_passes_and_fails(void **state) {
  (void)state;
  struct test_table *t = test_table_open(table_json);
  for (const struct val_expectation_ops *const *ops = val_expectation_all(); *ops; ops++) {
    bool seen[2] = {false, false};
    for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
      if (strcmp(cases[i].name, (*ops)->name) != 0) continue;
      struct core_error err = {0};
      struct val_suite suite;
      struct val_result result;
      open_case(&suite, i, "SUMMARY");
      assert_int_equal(test_table_judge(t, &suite, NULL, NULL, 0, false, &result, &err), CORE_OK);
      const struct val_verdict *v = &result.verdicts[0];
      if (v->success != cases[i].success || v->exception)
        fail_msg("%s %s: success %d, %s", cases[i].name, cases[i].kwargs, v->success,
                 v->exception ? v->exception : "no exception");
      seen[cases[i].success] = true;
      val_result_close(&result);
      val_suite_close(&suite);
    }
    if (!seen[0] || !seen[1])
      fail_msg("%s: no case that %s", (*ops)->name, seen[0] ? "passes" : "fails");
  }
  test_table_close(t);
}

/* Encoded columns are judged by their entries: the verdict is that over plain ones, wherever the table is cut. */
static void encoding_does_not_change_the_verdict(void **state) {
  (void)state;
  static const char *const formats[] = {"COMPLETE",
                                        "{result_format: SUMMARY, partial_unexpected_count: 2, "
                                        "unexpected_index_column_names: [code]}"};
  struct test_table *plain = test_table_open(table_json), *coded = test_table_open(table_json);
  struct core_str expected = {0}, found = {0};
  test_table_encode(coded);
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    for (size_t f = 0; f < CORE_COUNT_OF(formats); f++) {
      struct val_suite suite;
      open_case(&suite, i, formats[f]);
      judge_text(plain, &suite, NULL, NULL, 0, false, &expected);
      for (size_t cut = 0; cut <= N_ROWS; cut++) {
        judge_text(coded, &suite, NULL, &cut, 1, cut % 2, &found);
        assert_string_equal(expected.data, found.data);
      }
      val_suite_close(&suite);
    }
  }
  core_str_close(&expected);
  core_str_close(&found);
  test_table_close(plain);
  test_table_close(coded);
}

static void cuts_do_not_change_the_verdict(void **state) {
  (void)state;
  static const char *const formats[] = {"COMPLETE",
                                        "{result_format: SUMMARY, partial_unexpected_count: 2, "
                                        "unexpected_index_column_names: [code]}"};
  /* room for a few failing rows: of different sizes, so that a small one could slip in behind a cut */
  const struct val_limits tight = {.failures_bytes = 640};
  struct test_table *t = test_table_open(table_json);
  struct core_str whole = {0}, cut = {0};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    for (size_t f = 0; f < CORE_COUNT_OF(formats); f++) {
      struct val_suite suite;
      open_case(&suite, i, formats[f]);
      judge_text(t, &suite, &tight, NULL, 0, false, &whole);
      for (size_t a = 0; a <= N_ROWS; a++) {
        for (size_t b = a; b <= N_ROWS; b++) {
          const size_t cuts[2] = {a, b};
          judge_text(t, &suite, &tight, cuts, 2, false, &cut);
          assert_string_equal(whole.data, cut.data);
          judge_text(t, &suite, &tight, cuts, 2, true, &cut);
          assert_string_equal(whole.data, cut.data);
        }
      }
      val_suite_close(&suite);
    }
  }
  core_str_close(&whole);
  core_str_close(&cut);
  test_table_close(t);
}

/* Runs every case on another table; says how many succeeded without an exception. */
static size_t run_all(const char *json) {
  struct test_table *t = test_table_open(json);
  size_t good = 0;
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    struct core_error err = {0};
    struct val_suite suite;
    struct val_result result;
    open_case(&suite, i, "COMPLETE");
    assert_int_equal(test_table_judge(t, &suite, NULL, NULL, 0, false, &result, &err), CORE_OK);
    const struct val_verdict *v = &result.verdicts[0];
    assert_true(!v->exception || !v->success);
    assert_true(v->n_failures <= (size_t)v->unexpected_count);
    good += v->success;
    if (v->is_map && v->counts_missing && v->element_count == v->missing_count)
      assert_true(v->success);
    val_result_close(&result);
    val_suite_close(&suite);
  }
  test_table_close(t);
  return good;
}

static const char *const names[] = {"i", "up",  "d",    "s",      "code", "b",
                                    "t", "day", "same", "bigger", "n",    "j"};
static const char *const types[] = {"int64",     "int64", "double", "string", "string", "bool",
                                    "timestamp", "date",  "int64",  "int64",  "null",   "string"};

static void build_table(struct core_str *json, const char *values, bool typed) {
  core_str_clear(json);
  for (size_t i = 0; i < CORE_COUNT_OF(names); i++)
    core_str_printf(json, "%s\"%s%s%s\": [%s]", i ? "," : "{", names[i], typed ? ":" : "",
                    typed ? types[i] : "", values);
  core_str_char(json, '}');
}

/* Without values every row-wise expectation holds but those that count nulls; every aggregate of values fails. */
static void null_columns_and_empty_tables_are_judged(void **state) {
  (void)state;
  struct core_str json = {0};
  build_table(&json, "null, null, null", false);
  assert_true(run_all(json.data) > 0);
  build_table(&json, "null", true);
  assert_true(run_all(json.data) > 0);
  build_table(&json, "", true);
  assert_true(run_all(json.data) > 0);
  build_table(&json, "", false);
  assert_true(run_all(json.data) > 0);
  core_str_close(&json);
}

static void unknown_columns_are_exceptions(void **state) {
  (void)state;
  struct test_table *t = test_table_open("{\"other\": [1, 2]}");
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    struct core_error err = {0};
    struct val_suite suite;
    struct val_result result;
    open_case(&suite, i, "SUMMARY");
    assert_int_equal(test_table_judge(t, &suite, NULL, NULL, 0, false, &result, &err), CORE_OK);
    const struct val_verdict *v = &result.verdicts[0];
    if (v->expected->ops->kind != VAL_EXPECT_TABLE) {
      assert_false(v->success);
      assert_non_null(v->exception);
      assert_non_null(strstr(v->exception, "there is no column"));
    }
    val_result_close(&result);
    val_suite_close(&suite);
  }
  test_table_close(t);
}

/* Columns of every other type: a sentence or a verdict, never a crash. */
static void columns_of_other_types_are_judged(void **state) {
  (void)state;
  struct core_str json = {0};
  build_table(&json, "\"x\", \"y\", \"x\", null", false);
  run_all(json.data);
  build_table(&json, "1.5, -0.0, 0.0, NaN, null", false);
  run_all(json.data);
  build_table(&json, "true, null, false", false);
  run_all(json.data);
  build_table(&json, "9223372036854775807, -9223372036854775807, null, 0", false);
  run_all(json.data);
  core_str_close(&json);
}

static void out_of_memory_is_a_status(void **state) {
  (void)state;
  struct test_table *t = test_table_open(table_json);
  const size_t cuts[] = {4};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    for (unsigned long long n = 1;; n++) {
      struct core_error err = {0};
      struct val_suite suite;
      struct val_result result = {0};
      struct val_batch prepared =
          *test_table_batch(t, 0, 1); /* the table's own memory is had before */
      (void)prepared;
      core_mem_fail_at(n);
      enum core_status st = test_suite_open(&suite, cases[i].name, cases[i].kwargs, &err);
      if (st == CORE_OK) {
        st = test_table_judge(t, &suite, NULL, cuts, 1, i % 2 == 0, &result, &err);
        core_mem_fail_at(0);
        if (st == CORE_OK) val_result_close(&result);
        val_suite_close(&suite);
      }
      core_mem_fail_at(0);
      if (st == CORE_OK) break;
      if (st != CORE_NOMEM) fail_msg("%s, allocation %llu: %s", cases[i].name, n, err.message);
    }
  }
  test_table_close(t);
}

static void registry_rows_are_sane(void **state) {
  (void)state;
  for (const struct val_expectation_ops *const *ops = val_expectation_all(); *ops; ops++) {
    assert_int_equal(strncmp((*ops)->name, "expect_", 7), 0);
    assert_true((*ops)->summary && *(*ops)->summary);
    assert_true((*ops)->kwargs && (*ops)->plan && (*ops)->judge);
    assert_ptr_equal(val_expectation_find((*ops)->name), *ops);
    for (const struct core_option *row = (*ops)->kwargs; row->name; row++)
      assert_true(row->help && *row->help);
  }
  assert_null(val_expectation_find("expect_nothing"));
}

/* docs/expectations.md names every expectation and every argument. */
static void every_row_is_documented(void **state) {
  (void)state;
  struct core_str page = {0};
  char block[4096];
  FILE *file = fopen("docs/expectations.md", "rb");
  if (!file) fail_msg("no docs/expectations.md in the working folder");
  for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) core_str_append(&page, block, n);
  fclose(file);
  for (const struct val_expectation_ops *const *ops = val_expectation_all(); *ops; ops++) {
    struct core_str wanted = {0};
    core_str_printf(&wanted, "| `%s` |", (*ops)->name + strlen("expect_"));
    if (!strstr(page.data, wanted.data)) fail_msg("%s is not documented", (*ops)->name);
    for (const struct core_option *row = (*ops)->kwargs; row->name; row++) {
      core_str_clear(&wanted);
      core_str_printf(&wanted, "`%s", row->name);
      if (!strstr(page.data, wanted.data))
        fail_msg("%s: %s is not documented", (*ops)->name, row->name);
    }
    core_str_close(&wanted);
  }
  core_str_close(&page);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(registry_rows_are_sane),
      cmocka_unit_test(every_row_is_documented),
      cmocka_unit_test(every_expectation_passes_and_fails),
      cmocka_unit_test(cuts_do_not_change_the_verdict),
      cmocka_unit_test(encoding_does_not_change_the_verdict),
      cmocka_unit_test(null_columns_and_empty_tables_are_judged),
      cmocka_unit_test(unknown_columns_are_exceptions),
      cmocka_unit_test(columns_of_other_types_are_judged),
      cmocka_unit_test(out_of_memory_is_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
