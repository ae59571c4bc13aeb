/* SPDX-License-Identifier: GPL-3.0-or-later
 * Suite files: three forms of one thing, and every mistake with its place. */
#include "tests/support/support.h"

#include "tests/support/table.h"
#include "validate/suite.h"
#include <stdio.h>
#include <string.h>

static enum core_status parse(struct val_suite *suite, const char *name, const char *text,
                              struct core_error *err) {
  return val_suite_parse(suite, name, text, strlen(text), NULL, err);
}

static void open_good(struct val_suite *suite, const char *name, const char *text) {
  struct core_error err = {0};
  if (parse(suite, name, text, &err) != CORE_OK)
    fail_msg("%d:%d: %s", err.line, err.column, err.message);
}

/* The text is refused at the place that `where` gives as "LINE:COLUMN", and the sentence has these words. */
static void fails_at(const char *text, const char *where, const char *words) {
  struct core_error err = {0};
  struct val_suite suite;
  char place[32];
  assert_int_equal(parse(&suite, "s.yaml", text, &err), CORE_INVAL);
  snprintf(place, sizeof place, "%d:%d", err.line, err.column);
  if (strcmp(place, where) != 0) fail_msg("at %s, not %s: %s", place, where, err.message);
  if (!strstr(err.message, words)) fail_msg("\"%s\" does not say \"%s\"", err.message, words);
  assert_string_equal(err.file, "s.yaml");
}

/* ---- what is read ---- */

static void short_form_is_read(void **state) {
  (void)state;
  struct val_suite suite;
  open_good(
      &suite, "s.yaml",
      "suite: train\n"
      "csv: {delimiter: ';', header: false, encoding: latin-1, null_values: ['', NA, -1]}\n"
      "columns: {id: int64, label: string, free: null}\n"
      "meta: {owner: us}\n"
      "expectations:\n"
      "  - expect_table_row_count_to_be_between\n"
      "  - expect_column_values_to_be_between: {column: id, min_value: 0, mostly: 0.5, severity: "
      "warning,\n"
      "      meta: {a: 1}, notes: why, id: x1, description: words}\n"
      "  - expect_column_values_to_be_unique:\n"
      "      column: id\n"
      "      result_format: {result_format: COMPLETE, partial_unexpected_count: 3,\n"
      "        unexpected_index_column_names: [id, label], exclude_unexpected_values: true}\n");
  assert_string_equal(suite.name, "train");
  assert_int_equal(suite.dialect, VAL_DIALECT_OWN);
  assert_int_equal(suite.read.delimiter, ';');
  assert_int_equal(suite.read.quote, '"');
  assert_false(suite.read.header);
  assert_string_equal(suite.read.encoding, "latin-1");
  assert_string_equal(suite.read.null_values[2], "-1");
  assert_null(suite.read.null_values[3]);
  assert_int_equal(suite.read.n_declared, 2);
  assert_int_equal(suite.read.declared[0].type, VAL_TYPE_INT64);
  assert_non_null(suite.meta);
  assert_int_equal(suite.n_expected, 3);
  const struct val_expected *e = &suite.expected[1];
  assert_int_equal(e->severity, VAL_SEVERITY_WARNING);
  assert_int_equal(e->format, VAL_FORMAT_SUMMARY);
  assert_int_equal(e->partial_count, 20);
  assert_string_equal(e->id, "x1");
  assert_string_equal(e->description, "words");
  assert_non_null(e->meta);
  assert_non_null(e->notes);
  assert_int_equal(e->pos.line, 7);
  e = &suite.expected[2];
  assert_int_equal(e->format, VAL_FORMAT_COMPLETE);
  assert_int_equal(e->partial_count, 3);
  assert_string_equal(e->index_columns[1], "label");
  assert_true(e->exclude_values);
  val_suite_close(&suite);
}

static void defaults_are_set(void **state) {
  (void)state;
  struct val_suite suite;
  open_good(&suite, "s.yaml", "expectations: [expect_table_row_count_to_be_between]\n");
  assert_string_equal(suite.name, "s.yaml");
  assert_true(suite.read.header);
  assert_int_equal(suite.read.delimiter, 0); /* the reader's: a comma, or a tab in a .tsv file */
  assert_null(suite.read.encoding);          /* UTF-8, or UTF-16 by its mark */
  assert_null(suite.read.null_values);
  assert_int_equal(suite.expected[0].severity, VAL_SEVERITY_CRITICAL);
  val_suite_close(&suite);
}

static const char *const gx0 =
    "{\"expectation_suite_name\": \"old\", \"ge_cloud_id\": null, \"data_asset_type\": "
    "\"Dataset\",\n"
    " \"expectations\": [{\"expectation_type\": \"expect_column_values_to_be_between\",\n"
    "   \"kwargs\": {\"column\": \"x\", \"min_value\": 1, \"max_value\": null, \"mostly\": 0.75,\n"
    "     \"result_format\": \"COMPLETE\", \"catch_exceptions\": true, \"include_config\": true},\n"
    "   \"meta\": {\"notes\": \"n\"}, \"expectation_context\": {\"description\": \"said\"}}],\n"
    " \"evaluation_parameters\": {}, \"meta\": {\"great_expectations_version\": \"0.18.0\"}}";

static const char *const gx1 =
    "{\"name\": \"new\", \"id\": \"8c1\", \"notes\": null, \"suite_parameters\": {}, \"meta\": "
    "{},\n"
    " \"expectations\": [{\"type\": \"expect_column_values_to_be_between\", \"id\": \"7\", "
    "\"severity\": \"info\",\n"
    "   \"kwargs\": {\"column\": \"x\", \"min_value\": 1, \"mostly\": 0.75, \"result_format\": "
    "\"COMPLETE\"},\n"
    "   \"description\": \"said\", \"rendered_content\": [], \"meta\": {\"notes\": \"n\"}}]}";

static void both_forms_of_great_expectations_are_read(void **state) {
  (void)state;
  struct val_suite a, b;
  open_good(&a, "a.json", gx0);
  open_good(&b, "b.json", gx1);
  assert_string_equal(a.name, "old");
  assert_string_equal(b.name, "new");
  assert_int_equal(a.dialect, VAL_DIALECT_GX_0);
  assert_int_equal(b.dialect, VAL_DIALECT_GX_1);
  assert_int_equal(b.expected[0].severity, VAL_SEVERITY_INFO);
  assert_string_equal(a.expected[0].description, "said");
  assert_string_equal(b.expected[0].description, "said");
  for (int i = 0; i < 2; i++) {
    const struct val_expected *e = i ? &b.expected[0] : &a.expected[0];
    assert_int_equal(e->format, VAL_FORMAT_COMPLETE);
    assert_true(core_option_double(&e->kwargs, "mostly") == 0.75);
    assert_true(core_option_given(&e->kwargs, "min_value"));
    assert_false(core_option_given(&e->kwargs, "max_value"));
    assert_non_null(e->meta);
  }
  val_suite_close(&a);
  val_suite_close(&b);
}

/* One suite, three spellings, one verdict text. */
static void forms_judge_alike(void **state) {
  (void)state;
  static const char *const spellings[] = {
      "suite: s\nexpectations:\n  - expect_column_values_to_be_between: {column: x, min_value: 1, "
      "mostly: 0.75, result_format: COMPLETE}\n",
      "{\"suite\": \"s\", \"expectations\": [{\"expect_column_values_to_be_between\":"
      " {\"column\": \"x\", \"min_value\": 1, \"mostly\": 0.75, \"result_format\": "
      "\"COMPLETE\"}}]}",
      NULL, NULL};
  struct test_table *t = test_table_open("{\"x\": [0, 1, 2, null, 3]}");
  struct core_str first = {0}, text = {0};
  for (int i = 0; i < 4; i++) {
    struct core_error err = {0};
    struct val_suite suite;
    struct val_result result;
    open_good(&suite, i == 0 ? "s.yaml" : "s.json", i == 2 ? gx0 : i == 3 ? gx1 : spellings[i]);
    assert_int_equal(test_table_judge(t, &suite, NULL, NULL, 0, false, &result, &err), CORE_OK);
    core_str_clear(&text);
    test_verdict_text(&result.verdicts[0], &text);
    if (i == 0) core_str_append(&first, text.data, text.len);
    assert_string_equal(first.data, text.data);
    val_result_close(&result);
    val_suite_close(&suite);
  }
  assert_non_null(strstr(first.data, "success 1"));
  core_str_close(&first);
  core_str_close(&text);
  test_table_close(t);
}

static void digest_tells_bytes_apart(void **state) {
  (void)state;
  struct val_suite a, b, c;
  open_good(&a, "s.yaml", "expectations: [expect_table_row_count_to_be_between]\n");
  open_good(&b, "t.yaml", "expectations: [expect_table_row_count_to_be_between]\n");
  open_good(&c, "s.yaml", "expectations: [expect_table_row_count_to_be_between] \n");
  assert_int_equal(strlen(a.digest), 32);
  assert_string_equal(a.digest, b.digest);
  assert_string_not_equal(a.digest, c.digest);
  val_suite_close(&a);
  val_suite_close(&b);
  val_suite_close(&c);
}

static void files_are_read(void **state) {
  (void)state;
  struct core_error err = {0};
  struct val_suite suite;
  test_write_file(test_path("ok.yaml"),
                  "suite: f\nexpectations: [expect_table_row_count_to_be_between]\n");
  assert_int_equal(val_suite_open(&suite, test_path("ok.yaml"), NULL, &err), CORE_OK);
  assert_string_equal(suite.name, "f");
  val_suite_close(&suite);
  assert_int_equal(val_suite_open(&suite, test_path("missing.yaml"), NULL, &err), CORE_IO);
}

/* ---- what is refused, and where ---- */

static void mistakes_at_the_top_have_a_place(void **state) {
  (void)state;
  fails_at("- a\n", "1:1", "a suite is a map");
  fails_at("suite: s\n", "1:1", "no key 'expectations'");
  fails_at("suite: s\nexpectation: []\n", "2:1", "did you mean 'expectations'");
  fails_at("suite: s\nexpectations: []\n", "2:15", "no expectations");
  fails_at("suite: s\nexpectations: {}\n", "2:15", "must be a list");
  fails_at("suite: [1]\nexpectations: [expect_table_row_count_to_be_between]\n", "1:8",
           "must be text");
  fails_at("csv: {delimiter: '::'}\nexpectations: [expect_table_row_count_to_be_between]\n", "1:18",
           "one ASCII character, not '::'");
  fails_at("csv: {delimiter: '\"'}\nexpectations: [expect_table_row_count_to_be_between]\n", "1:6",
           "same character");
  fails_at("csv: {encoding: utf8}\nexpectations: [expect_table_row_count_to_be_between]\n", "1:17",
           "utf-8");
  fails_at("columns: {a: int46}\nexpectations: [expect_table_row_count_to_be_between]\n", "1:14",
           "did you mean int64");
  fails_at("columns: [a]\nexpectations: [expect_table_row_count_to_be_between]\n", "1:10",
           "must be a map");
}

static void mistakes_in_an_expectation_have_a_place(void **state) {
  (void)state;
#define ONE(row) "expectations:\n  - " row "\n"
  fails_at(ONE("expect_column_values_to_be_uniqe: {column: x}"), "2:5",
           "did you mean 'expect_column_values_to_be_unique'");
  fails_at(ONE("expect_column_values_to_be_unique: {colum: x}"), "2:41", "column");
  fails_at(ONE("expect_column_values_to_be_unique: {column: x, mostly: 1.5}"), "2:60", "1.5");
  fails_at(ONE("expect_column_values_to_be_unique: [x]"), "2:40", "must be a map");
  fails_at(ONE("{expect_a: {}, expect_b: {}}"), "2:6", "one key");
  fails_at(ONE("3"), "2:5", "must be a map");
  fails_at(ONE("expect_column_values_to_be_between: {column: x}"), "2:5", "cannot both be absent");
  fails_at(ONE("expect_column_values_to_be_between: {column: x, min_value: 2, max_value: 1}"),
           "2:64", "cannot be greater");
  fails_at(ONE("expect_column_values_to_be_between: {column: x, min_value: a, max_value: 1}"),
           "2:64", "of one kind");
  fails_at(ONE("expect_column_values_to_be_between: {column: x, min_value: [1]}"), "2:64",
           "a list");
  fails_at(ONE("expect_table_row_count_to_be_between: {min_value: quack}"), "2:55",
           "must be an integer");
  fails_at(ONE("expect_table_row_count_to_be_between: {min_value: 1.5}"), "2:55",
           "must be an integer");
  fails_at(ONE("expect_column_value_lengths_to_be_between: {column: x, min_value: quack}"), "2:71",
           "must be an integer");
  fails_at(ONE("expect_column_values_to_match_regex: {column: x, regex: 'a['}"), "2:61", "");
  fails_at(ONE("expect_column_values_to_match_regex_list: {column: x, regex_list: [a, 3]}"), "2:75",
           "must be text");
  fails_at(ONE("expect_column_values_to_be_of_type: {column: x, type_: intt}"), "2:60",
           "unknown type 'intt'");
  fails_at(ONE("expect_compound_columns_to_be_unique: {column_list: []}"), "2:57",
           "names no column");
  fails_at(ONE("expect_compound_columns_to_be_unique: {column_list: [a, 1]}"), "2:61",
           "must name columns");
  fails_at(ONE("expect_column_pair_values_to_be_in_set: {column_A: a, column_B: b, "
               "value_pairs_set: [[1]]}"),
           "2:90", "two values");
  fails_at(ONE("expect_column_quantile_values_to_be_between: {column: a, quantile_ranges: "
               "{quantiles: [0.5], value_ranges: [[2, 1]]}}"),
           "2:113", "ordered pairs");
  fails_at(ONE("expect_column_quantile_values_to_be_between: {column: a, quantile_ranges: "
               "{quantiles: [0.5], value_ranges: []}}"),
           "2:112", "as many");
  fails_at(ONE("expect_column_quantile_values_to_be_between: {column: a, quantile_ranges: "
               "{quantiles: [5], value_ranges: [[1, 2]]}}"),
           "2:92", "from 0 to 1");
  fails_at(ONE("expect_column_values_to_be_unique: {column: x, severity: critcal}"), "2:62",
           "did you mean 'critical'");
  fails_at(ONE("expect_column_values_to_be_unique: {column: x, result_format: COMPLET}"), "2:67",
           "did you mean 'COMPLETE'");
  fails_at(
      ONE("expect_column_values_to_be_unique: {column: x, result_format: {result_formt: BASIC}}"),
      "2:68", "result_format");
  fails_at(ONE("expect_column_values_to_be_unique: {column: x, result_format: 3}"), "2:67",
           "text or a map");
#undef ONE
}

static void what_is_not_supported_is_refused_not_ignored(void **state) {
  (void)state;
  struct val_suite suite;
  fails_at(
      "expectations:\n  - expect_column_values_to_be_unique: {column: x, row_condition: 'y >'}\n",
      "2:67", "row_condition: expected a column or a value at the end");
  fails_at("expectations:\n  - expect_column_values_to_be_unique: {column: x, row_condition: y > 1 "
           "and y < 0}\n",
           "2:67", "can hold for no row");
  fails_at(
      "expectations:\n  - expect_column_values_to_be_unique: {column: x, row_condition: y > 1, "
      "condition_parser: panda}\n",
      "2:92", "must be 'python' or 'pandas'");
  fails_at("expectations:\n  - expect_column_values_to_be_between: {column: x, min_value: "
           "{$PARAMETER: now()}}\n",
           "2:77", "$PARAMETER: now() has no clock here");
  fails_at("parameters: [1]\nexpectations:\n  - expect_column_to_exist: {column: x}\n", "1:13",
           "parameters must be a map");
  open_good(
      &suite, "s.yaml",
      "expectations:\n  - expect_column_values_to_be_unique: {column: x, row_condition: null}\n");
  val_suite_close(&suite);
}

static void parameters_are_filled_in(void **state) {
  (void)state;
  static const char *const texts[] = {
      "parameters: {limit: 4}\nexpectations:\n  - expect_column_values_to_be_between: {column: x, "
      "max_value: {$PARAMETER: limit * 2}}\n",
      "{\"expectation_suite_name\": \"s\", \"evaluation_parameters\": {\"limit\": 4}, "
      "\"expectations\": [{\"expectation_type\": \"expect_column_values_to_be_between\", "
      "\"kwargs\": {\"column\": \"x\", \"max_value\": {\"$PARAMETER\": \"limit * 2\"}}}]}",
      "{\"name\": \"s\", \"suite_parameters\": {\"limit\": 4}, \"expectations\": [{\"type\": "
      "\"expect_column_values_to_be_between\", \"kwargs\": {\"column\": \"x\", \"max_value\": "
      "{\"$PARAMETER\": \"limit * 2\"}}}]}"};
  for (size_t i = 0; i < CORE_COUNT_OF(texts); i++) {
    struct val_suite suite;
    open_good(&suite, i ? "s.json" : "s.yaml", texts[i]);
    const struct core_option_value *max = core_option_get(&suite.expected[0].kwargs, "max_value");
    assert_int_equal(max->node->kind, CORE_NODE_INT);
    assert_int_equal(max->node->integer, 8);
    val_suite_close(&suite);
  }
}

static void out_of_memory_is_a_status(void **state) {
  (void)state;
  static const char *const texts[] = {
      "suite: s\ncsv: {null_values: [a]}\ncolumns: {x: int64}\nexpectations:\n"
      "  - expect_column_values_to_match_regex: {column: x, regex: a, result_format: "
      "{unexpected_index_column_names: [y]}}\n",
      "suite: s\nexpectations:\n  - expect_colum_to_exist: {}\n"};
  for (size_t i = 0; i < 2; i++) {
    for (unsigned long long n = 1; n < 10000; n++) {
      struct core_error err = {0};
      struct val_suite suite;
      core_mem_fail_at(n);
      const enum core_status st = parse(&suite, "s.yaml", texts[i], &err);
      core_mem_fail_at(0);
      if (st == CORE_OK) val_suite_close(&suite);
      if (st != CORE_NOMEM) break;
      assert_true(n < 9999);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(short_form_is_read),
      cmocka_unit_test(defaults_are_set),
      cmocka_unit_test(both_forms_of_great_expectations_are_read),
      cmocka_unit_test(forms_judge_alike),
      cmocka_unit_test(digest_tells_bytes_apart),
      cmocka_unit_test(files_are_read),
      cmocka_unit_test(mistakes_at_the_top_have_a_place),
      cmocka_unit_test(mistakes_in_an_expectation_have_a_place),
      cmocka_unit_test(what_is_not_supported_is_refused_not_ignored),
      cmocka_unit_test(parameters_are_filled_in),
      cmocka_unit_test(out_of_memory_is_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
