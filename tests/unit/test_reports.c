/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reports over results made by hand: fields by result_format, escaping, bounded lines, severities. */
#include "tests/support/support.h"

#include <string.h>

#include "validate/expect/expectation.h"
#include "validate/report/display.h"
#include "validate/report/failure_tally.h"
#include "validate/report/phrase.h"
#include "validate/report/report.h"

static const struct val_expectation_ops between = {.name = "expect_column_values_to_be_between",
                                                   .kind = VAL_EXPECT_MAP};
static const struct val_expectation_ops mean = {.name = "expect_column_mean_to_be_between",
                                                .kind = VAL_EXPECT_AGGREGATE};
static const struct val_expectation_ops pair = {
    .name = "expect_column_pair_values_a_to_be_greater_than_b", .kind = VAL_EXPECT_PAIR};
static const struct val_expectation_ops ordered = {
    .name = "expect_table_columns_to_match_ordered_list", .kind = VAL_EXPECT_TABLE};
static const struct val_expectation_ops compound = {.name = "expect_compound_columns_to_be_unique",
                                                    .kind = VAL_EXPECT_MULTICOLUMN};

struct fixture {
  struct core_tree kwargs;
  struct val_expected expected;
  struct val_verdict verdict;
  struct val_suite suite;
  struct val_result result;
};

static void fixture_open(struct fixture *f, const struct val_expectation_ops *ops,
                         const char *kwargs) {
  *f = (struct fixture){0};
  assert_int_equal(core_tree_parse_json(&f->kwargs, "kwargs", kwargs, strlen(kwargs), NULL),
                   CORE_OK);
  f->expected = (struct val_expected){.ops = ops,
                                      .kwargs_node = f->kwargs.root,
                                      .severity = VAL_SEVERITY_CRITICAL,
                                      .format = VAL_FORMAT_COMPLETE,
                                      .partial_count = 20,
                                      .pos = {"s.yaml", 7, 3}};
  f->verdict = (struct val_verdict){.expected = &f->expected};
  f->suite = (struct val_suite){
      .name = "train", .path = "s.yaml", .expected = &f->expected, .n_expected = 1};
  f->result = (struct val_result){.data_name = "d.csv",
                                  .suite = &f->suite,
                                  .verdicts = &f->verdict,
                                  .n_verdicts = 1,
                                  .n_rows = 25,
                                  .n_bytes = 1000};
}

static void fixture_fail(struct fixture *f, const struct val_failure *failures, size_t n) {
  f->verdict.is_map = f->verdict.counts_missing = f->verdict.has_counts = true;
  f->verdict.element_count = f->result.n_rows;
  f->verdict.missing_count = 5;
  f->verdict.unexpected_count = (int64_t)n;
  f->verdict.failures = failures;
  f->verdict.n_failures = n;
}

/* The document in a fresh string; freed by the caller. */
static struct core_str render(const struct fixture *f, const char *format,
                              struct val_report_options options) {
  struct core_str text = {0};
  struct core_sink *sink = NULL;
  const struct val_result *results[] = {&f->result};
  assert_int_equal(core_sink_open_memory(&text, &sink, NULL), CORE_OK);
  assert_int_equal(val_report_find(format)->write(results, 1, &options, sink, NULL), CORE_OK);
  assert_int_equal(core_sink_close(sink, NULL), CORE_OK);
  return text;
}

static const struct val_failure nine_rows[] = {
    {.json = "-999.0", .text = "-999.0", .row = 3, .line = 5, .byte = 40},
    {.json = "-1", .text = "-1", .row = 4, .line = 6, .byte = 50},
    {.json = "-999.0", .text = "-999.0", .row = 7, .line = 9, .byte = 70},
    {.json = "-999.0", .text = "-999.0", .row = 8, .line = 10, .byte = 80},
    {.json = "-999.0", .text = "-999.0", .row = 9, .line = 11, .byte = 90}};

static void text_names_lines_and_groups_values(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, &between,
               "{\"column\": \"t\", \"min_value\": 0, \"max_value\": 50, \"mostly\": 0.9}");
  fixture_fail(&f, nine_rows, CORE_COUNT_OF(nine_rows));
  f.verdict.unexpected_count = 128;
  f.verdict.element_count = 1000;
  struct core_str text = render(&f, "text", (struct val_report_options){0});
  assert_non_null(
      strstr(text.data, "FAIL  t        values must be between 0 and 50 for at least 90%"));
  assert_non_null(strstr(text.data, "128 of 995 values fail (12.9%), 5 missing"));
  assert_non_null(strstr(text.data, "lines 5, 9, 10 and 1 more: -999.0  (at least 4 times)"));
  assert_non_null(strstr(text.data, "line 6: -1\n"));
  assert_non_null(strstr(text.data, "and 123 more"));
  assert_null(strchr(text.data, '\033'));
  core_str_close(&text);
  core_tree_close(&f.kwargs);
}

static void colour_only_when_asked(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, &mean, "{\"column\": \"t\", \"min_value\": 3}");
  struct core_str text = render(&f, "text", (struct val_report_options){.colour = true});
  assert_non_null(strstr(text.data, "\033[1;31mFAIL\033[0m"));
  core_str_close(&text);
  core_tree_close(&f.kwargs);
}

/* What a hostile file may hold: terminal commands, markup, an endless value, text that runs backwards. */
static const char hostile[] = "\033[2J]]></failure>&<\"'\x01\xE2\x80\xAE\n";

static void hostile_values_are_harmless_everywhere(void **state) {
  (void)state;
  struct fixture f;
  char longest[5000];
  memset(longest, 'x', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  struct core_str json = {0};
  core_str_json(&json, hostile, strlen(hostile));
  const struct val_failure bad[] = {
      {.json = core_str_text(&json), .text = hostile, .row = 0, .line = 2, .byte = 5},
      {.json = "\"x\"", .text = longest, .row = 1, .line = 3, .byte = 9}};
  fixture_open(&f, &between, "{\"column\": \"\\u001b[31m<c>\", \"min_value\": \"<&\"}");
  fixture_fail(&f, bad, 2);
  f.result.data_name = hostile;
  for (const struct val_report_ops *const *r = val_report_all(); *r; r++) {
    struct core_str text = render(&f, (*r)->name, (struct val_report_options){0});
    for (const char *p = text.data; *p; p++) assert_true(*p == '\n' || (unsigned char)*p >= 0x20);
    assert_true(strcmp((*r)->name, "junit") != 0 || !strstr(text.data, "</failure>&<"));
    core_str_close(&text);
  }
  struct core_str text = render(&f, "text", (struct val_report_options){0});
  for (const char *line = text.data, *end; (end = strchr(line, '\n')); line = end + 1)
    assert_true(val_display_width(line, (size_t)(end - line)) <= 100);
  assert_non_null(strstr(text.data, "xxx..."));
  assert_non_null(strstr(text.data, "\\xe2\\x80\\xae"));
  core_str_close(&text);
  core_str_close(&json);
  core_tree_close(&f.kwargs);
}

static const struct core_node *gx_result(const struct fixture *f, struct core_tree *tree) {
  struct core_str text = render(f, "gx", (struct val_report_options){0});
  assert_int_equal(core_tree_parse_json(tree, "gx", text.data, text.len, NULL), CORE_OK);
  core_str_close(&text);
  return core_node_get(core_node_at(core_node_get(tree->root, "results"), 0), "result");
}

static void gx_fields_follow_result_format(void **state) {
  (void)state;
  static const struct {
    const char *field;
    enum val_result_format least;
  } table[] = {{"element_count", VAL_FORMAT_BASIC},
               {"unexpected_count", VAL_FORMAT_BASIC},
               {"unexpected_percent", VAL_FORMAT_BASIC},
               {"partial_unexpected_list", VAL_FORMAT_BASIC},
               {"missing_count", VAL_FORMAT_BASIC},
               {"missing_percent", VAL_FORMAT_BASIC},
               {"unexpected_percent_total", VAL_FORMAT_BASIC},
               {"unexpected_percent_nonmissing", VAL_FORMAT_BASIC},
               {"partial_unexpected_counts", VAL_FORMAT_SUMMARY},
               {"partial_unexpected_index_list", VAL_FORMAT_SUMMARY},
               {"unexpected_list", VAL_FORMAT_COMPLETE},
               {"unexpected_index_list", VAL_FORMAT_COMPLETE}};
  for (int format = VAL_FORMAT_BOOLEAN_ONLY; format <= VAL_FORMAT_COMPLETE; format++) {
    struct fixture f;
    struct core_tree tree = {0};
    fixture_open(&f, &between, "{\"column\": \"t\", \"min_value\": 0}");
    fixture_fail(&f, nine_rows, CORE_COUNT_OF(nine_rows));
    f.expected.format = (enum val_result_format)format;
    const struct core_node *result = gx_result(&f, &tree);
    for (size_t i = 0; i < CORE_COUNT_OF(table); i++)
      assert_int_equal(core_node_get(result, table[i].field) != NULL,
                       format >= (int)table[i].least);
    core_tree_close(&tree);
    core_tree_close(&f.kwargs);
  }
}

static void gx_counts_first_values_only_below_complete(void **state) {
  (void)state;
  for (int complete = 0; complete < 2; complete++) {
    struct fixture f;
    struct core_tree tree = {0};
    fixture_open(&f, &between, "{\"column\": \"t\", \"min_value\": 0}");
    fixture_fail(&f, nine_rows, CORE_COUNT_OF(nine_rows));
    f.expected.format = complete ? VAL_FORMAT_COMPLETE : VAL_FORMAT_SUMMARY;
    f.expected.partial_count = 2;
    const struct core_node *counts =
        core_node_get(gx_result(&f, &tree), "partial_unexpected_counts");
    assert_int_equal(counts->n_children, 2);
    assert_int_equal(core_node_get(core_node_at(counts, 0), "count")->integer, complete ? 4 : 1);
    assert_true(core_node_get(core_node_at(counts, 0), "value")->number == -999);
    core_tree_close(&tree);
    core_tree_close(&f.kwargs);
  }
}

static void gx_percents_without_rows_are_null(void **state) {
  (void)state;
  struct fixture f;
  struct core_tree tree = {0};
  fixture_open(&f, &between, "{\"column\": \"t\", \"min_value\": 0}");
  fixture_fail(&f, NULL, 0);
  f.verdict.success = true;
  f.verdict.element_count = f.verdict.missing_count = 4;
  const struct core_node *result = gx_result(&f, &tree);
  assert_int_equal(core_node_get(result, "unexpected_percent")->kind, CORE_NODE_NULL);
  assert_int_equal(core_node_get(result, "unexpected_percent_nonmissing")->kind, CORE_NODE_NULL);
  assert_true(core_node_get(result, "unexpected_percent_total")->number == 0);
  assert_true(core_node_get(result, "missing_percent")->number == 100);
  core_tree_close(&tree);
  core_tree_close(&f.kwargs);
}

static void gx_unorderable_values_give_one_error_entry(void **state) {
  (void)state;
  static const struct val_failure rows[] = {
      {.json = "{\"a\": 1, \"b\": null}", .text = "", .row = 0, .line = 2},
      {.json = "{\"a\": 1, \"b\": 2}", .text = "", .row = 1, .line = 3}};
  struct fixture f;
  struct core_tree tree = {0};
  fixture_open(&f, &compound, "{\"column_list\": [\"a\", \"b\"]}");
  fixture_fail(&f, rows, 2);
  const struct core_node *counts = core_node_get(gx_result(&f, &tree), "partial_unexpected_counts");
  assert_int_equal(counts->n_children, 1);
  assert_non_null(core_node_get(core_node_at(counts, 0), "error"));
  core_tree_close(&tree);
  core_tree_close(&f.kwargs);
}

static void gx_speaks_the_suites_dialect(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, &mean, "{\"column\": \"t\", \"min_value\": 0}");
  f.verdict.observed_json = "NaN";
  f.verdict.has_counts = true;
  f.suite.dialect = VAL_DIALECT_GX_0;
  struct core_str old = render(&f, "gx", (struct val_report_options){0});
  f.suite.dialect = VAL_DIALECT_GX_1;
  struct core_str new = render(&f, "gx", (struct val_report_options){0});
  assert_non_null(strstr(old.data, "\"expectation_type\": \"expect_column_mean"));
  assert_non_null(strstr(old.data, "\"missing_percent\""));
  assert_non_null(strstr(old.data, "\"evaluation_parameters\": {}"));
  assert_non_null(strstr(new.data, "\"type\": \"expect_column_mean"));
  assert_non_null(strstr(new.data, "\"suite_parameters\": {}"));
  assert_null(strstr(new.data, "\"missing_percent\""));
  core_str_close(&old);
  core_str_close(&new);
  core_tree_close(&f.kwargs);
}

static void json_has_no_bare_nan(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, &mean, "{\"column\": \"NaN \\\" Infinity\", \"min_value\": 0}");
  f.verdict.observed_json = "[NaN, -Infinity, \"NaN\"]";
  struct core_str text = render(&f, "json", (struct val_report_options){0});
  assert_non_null(strstr(text.data, "\"observed_value\": [\"NaN\", \"-Infinity\", \"NaN\"]"));
  assert_non_null(strstr(text.data, "\"NaN \\\" Infinity\""));
  core_str_close(&text);
  core_tree_close(&f.kwargs);
}

static void severities_decide_what_fails(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, &mean, "{\"column\": \"t\", \"min_value\": 0}");
  f.expected.severity = VAL_SEVERITY_WARNING;
  struct core_str lenient = render(&f, "junit", (struct val_report_options){0});
  struct core_str strict =
      render(&f, "junit", (struct val_report_options){.fail_on_warning = true});
  assert_non_null(strstr(lenient.data, "<skipped message=\"warning: not met\""));
  assert_non_null(strstr(lenient.data, "failures=\"0\" errors=\"0\" skipped=\"1\""));
  assert_non_null(strstr(strict.data, "<failure type=\"expect_column_mean_to_be_between\""));
  assert_true(val_report_success(&f.result, &(struct val_report_options){0}));
  assert_false(val_report_success(&f.result, &(struct val_report_options){.fail_on_info = true}));
  val_findings_add(&f.result.findings, VAL_FINDING_RAGGED, 3, 5, 40, NULL, "line has %d fields", 2);
  assert_false(val_report_success(&f.result, &(struct val_report_options){0}));
  val_findings_close(&f.result.findings);
  core_str_close(&lenient);
  core_str_close(&strict);
  core_tree_close(&f.kwargs);
}

static void phrases_read_as_sentences(void **state) {
  (void)state;
  static const struct {
    const struct val_expectation_ops *ops;
    const char *kwargs, *domain, *rule;
  } table[] = {
      {&between, "{\"column\": \"a\", \"min_value\": 0.5, \"strict_min\": true}", "a",
       "values must be above 0.5"},
      {&between, "{\"column\": \"a\", \"min_value\": null, \"max_value\": 3, \"mostly\": 0.57}",
       "a", "values must be at most 3 for at least 57%"},
      {&between, "{\"column\": \"a\", \"min_value\": 1, \"max_value\": 3, \"strict_max\": true}",
       "a", "values must be at least 1 and below 3"},
      {&mean, "{\"column\": \"a\", \"max_value\": \"2020-01-01\", \"row_condition\": \"b > 1\"}",
       "a", "mean must be at most 2020-01-01 where b > 1"},
      {&pair, "{\"column_A\": \"hi\", \"column_B\": \"lo\", \"or_equal\": true}", "hi, lo",
       "hi must be greater than lo (or equal)"},
      {&ordered, "{\"column_list\": [\"a\", \"b\"]}", "(table)",
       "columns must match ordered list [\"a\", \"b\"]"},
      {&compound, "{\"column_list\": [\"a\", \"b\"], \"ignore_row_if\": \"never\"}", "a, b",
       "compound columns must be unique (ignore row if never)"}};
  for (size_t i = 0; i < CORE_COUNT_OF(table); i++) {
    struct fixture f;
    struct core_str domain = {0}, rule = {0};
    fixture_open(&f, table[i].ops, table[i].kwargs);
    val_phrase_domain(&f.expected, &domain);
    val_phrase_rule(&f.expected, &rule);
    assert_string_equal(core_str_text(&domain), table[i].domain);
    assert_string_equal(core_str_text(&rule), table[i].rule);
    core_str_close(&domain);
    core_str_close(&rule);
    core_tree_close(&f.kwargs);
  }
}

static void display_measures_columns_not_bytes(void **state) {
  (void)state;
  struct core_str text = {0};
  assert_int_equal(val_display_width("a\xC3\xA9", 3), 2);                /* e acute */
  assert_int_equal(val_display_width("\xE6\x97\xA5\xE6\x9C\xAC", 6), 4); /* two wide characters */
  assert_int_equal(val_display_width("e\xCC\x81", 3), 1);                /* a combining accent */
  val_display_padded(&text, "\xE6\x97\xA5", 4);
  val_display_count(&text, 12003441);
  core_str_char(&text, ' ');
  val_display_percent(&text, 1, 1000000);
  core_str_char(&text, ' ');
  val_display_percent(&text, 999999, 1000000);
  assert_string_equal(text.data, "\xE6\x97\xA5  12,003,441 <0.01% >99.99%");
  core_str_close(&text);
}

static void reports_survive_every_failing_allocation(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, &between, "{\"column\": \"t\", \"min_value\": 0}");
  fixture_fail(&f, nine_rows, CORE_COUNT_OF(nine_rows));
  const struct val_result *results[] = {&f.result};
  for (const struct val_report_ops *const *r = val_report_all(); *r; r++) {
    enum core_status st = CORE_NOMEM, closed = CORE_NOMEM;
    for (unsigned long long n = 1; (st != CORE_OK || closed != CORE_OK) && n < 1000; n++) {
      struct core_str text = {0};
      struct core_sink *sink = NULL;
      struct val_report_options options = {0};
      assert_int_equal(core_sink_open_memory(&text, &sink, NULL), CORE_OK);
      core_mem_fail_at(n);
      st = (*r)->write(results, 1, &options, sink, NULL);
      core_mem_fail_at(0);
      closed = core_sink_close(sink, NULL);
      core_str_close(&text);
    }
    assert_int_equal(st, CORE_OK);
  }
  core_tree_close(&f.kwargs);
}

static void every_report_passes_the_note_on(void **state) {
  (void)state;
  static const char note[] = "column t reads as string because of \"n/a?\" at line 5012";
  struct fixture f;
  fixture_open(&f, &mean, "{\"column\": \"t\", \"min_value\": 3}");
  f.verdict.exception = "no mean";
  f.verdict.note = note;
  for (const struct val_report_ops *const *r = val_report_all(); *r; r++) {
    struct core_str text = render(&f, (*r)->name, (struct val_report_options){0});
    assert_non_null(strstr(text.data, "no mean"));
    assert_non_null(strstr(text.data, "column t reads as string because of "));
    assert_non_null(strstr(text.data, " at line 5012"));
    core_str_close(&text);
  }
  core_tree_close(&f.kwargs);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_names_lines_and_groups_values),
      cmocka_unit_test(colour_only_when_asked),
      cmocka_unit_test(hostile_values_are_harmless_everywhere),
      cmocka_unit_test(gx_fields_follow_result_format),
      cmocka_unit_test(gx_counts_first_values_only_below_complete),
      cmocka_unit_test(gx_percents_without_rows_are_null),
      cmocka_unit_test(gx_unorderable_values_give_one_error_entry),
      cmocka_unit_test(gx_speaks_the_suites_dialect),
      cmocka_unit_test(json_has_no_bare_nan),
      cmocka_unit_test(severities_decide_what_fails),
      cmocka_unit_test(phrases_read_as_sentences),
      cmocka_unit_test(display_measures_columns_not_bytes),
      cmocka_unit_test(every_report_passes_the_note_on),
      cmocka_unit_test(reports_survive_every_failing_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
