/* SPDX-License-Identifier: GPL-3.0-or-later
 * One input, any number of threads, any kernel: verdicts, failing rows with their places, findings, types and notes are the
 * same, bit for bit. Random tables, with faults, with types that a late value contradicts, with quotes that make a cut look
 * right where it is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/csv_random.h"
#include "tests/support/support.h"
#include "tests/support/table.h"
#include "validate/csv/csv_kernel.h"
#include "validate/reader/reader.h"
#include "validate/validate.h"

/* A condition on the row's number: such a suite is read by one thread. */
static const char rows_text[] = "suite: rows\n"
                                "expectations:\n"
                                "  - expect_column_values_to_be_between: {column: '0', max_value: "
                                "5, row_condition: 'index > 4', condition_parser: pandas}\n";

static const char suite_text[] =
    "suite: all\n"
    "expectations:\n"
    "  - expect_table_row_count_to_be_between: {min_value: 1}\n"
    "  - expect_column_values_to_not_be_null: {column: '0'}\n"
    "  - expect_column_values_to_be_unique: {column: '0'}\n"
    "  - expect_column_values_to_be_unique: {column: '1'}\n"
    "  - expect_column_values_to_be_increasing: {column: '0', strictly: true}\n"
    "  - expect_column_values_to_be_decreasing: {column: '1'}\n"
    "  - expect_column_values_to_be_between: {column: '0', min_value: 3, max_value: 90}\n"
    "  - expect_column_values_to_be_in_set: {column: '1', value_set: [abc, 23, 1, x y, true]}\n"
    "  - expect_column_values_to_match_regex: {column: '2', regex: '^[a-z0-9.]+$'}\n"
    "  - expect_column_value_lengths_to_be_between: {column: '2', min_value: 2, max_value: 4}\n"
    "  - expect_column_mean_to_be_between: {column: '0', min_value: 0}\n"
    "  - expect_column_stdev_to_be_between: {column: '0', min_value: 0}\n"
    "  - expect_column_median_to_be_between: {column: '0', min_value: 0}\n"
    "  - expect_column_sum_to_be_between: {column: '1', min_value: 0}\n"
    "  - expect_column_unique_value_count_to_be_between: {column: '2', max_value: 3}\n"
    "  - expect_column_pair_values_a_to_be_greater_than_b: {column_A: '0', column_B: '1'}\n"
    "  - expect_compound_columns_to_be_unique: {column_list: ['0', '1']}\n"
    "  - expect_column_value_z_scores_to_be_less_than: {column: '0', threshold: 1, double_sided: "
    "true}\n"
    "  - expect_column_values_to_be_between: {column: '0', max_value: 5, row_condition: '`1` == "
    "1', condition_parser: pandas}\n"
    "  - expect_column_max_to_be_between: {column: '0', max_value: 5}\n"
    "  - expect_column_most_common_value_to_be_in_set: {column: '2', value_set: [abc]}\n";

static void write_down_within(const char *text, size_t len, const struct val_suite *suite,
                              size_t n_threads, size_t memory_bytes, struct core_str *out) {
  struct core_error err = {0};
  struct core_source *source = NULL;
  struct val_result result;
  const struct val_limits limits = {.n_threads = n_threads, .memory_bytes = memory_bytes};
  assert_int_equal(core_source_open_memory("data", text, len, &source, &err), CORE_OK);
  const enum core_status st = val_validate(source, suite, &limits, &result, &err);
  core_str_clear(out);
  core_str_printf(out, "status %d line %d: %s\n", (int)st, err.line, err.message);
  if (st == CORE_OK) {
    core_str_printf(out, "rows %lld good %zu success %d\n", (long long)result.n_rows,
                    result.n_success, result.success);
    for (size_t i = 0; i < result.n_fields; i++)
      core_str_printf(out, "%s %s %s\n", result.fields[i].name,
                      val_type_name(result.fields[i].type),
                      result.fields[i].note ? result.fields[i].note : "-");
    for (size_t i = 0; i < result.n_verdicts; i++) {
      test_verdict_text(&result.verdicts[i], out);
      core_str_printf(out, "note %s\n", result.verdicts[i].note ? result.verdicts[i].note : "-");
    }
    for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
      const uint64_t n = result.findings.count[kind];
      core_str_printf(out, "%s %llu\n", val_finding_code((enum val_finding_kind)kind),
                      (unsigned long long)n);
      for (uint64_t k = 0; k < n && k < VAL_FINDINGS_KEPT; k++) {
        const struct val_finding *f = &result.findings.kept[kind][k];
        core_str_printf(out, "%lld %lld %lld %s\n", (long long)f->row, (long long)f->line,
                        (long long)f->byte, f->message);
      }
    }
    val_result_close(&result);
  }
  core_source_close(source);
}

static void write_down(const char *text, size_t len, const struct val_suite *suite,
                       size_t n_threads, struct core_str *out) {
  write_down_within(text, len, suite, n_threads, 0, out);
}

/* Against one thread and libcsv. */
static void assert_all_agree(const char *text, size_t len, struct val_suite *suite) {
  struct core_str expected = {0}, got = {0};
  assert_int_equal(setenv("SWEEPGATE_CSV_KERNEL", "libcsv", 1), 0);
  write_down(text, len, suite, 1, &expected);
  for (const struct val_csv_kernel *const *k = val_csv_kernel_all(); *k; k++) {
    if (!(*k)->runs_here()) continue;
    assert_int_equal(setenv("SWEEPGATE_CSV_KERNEL", (*k)->name, 1), 0);
    for (size_t n_threads = 1; n_threads <= 4; n_threads++) {
      write_down(text, len, suite, n_threads, &got);
      if (strcmp(core_str_text(&expected), core_str_text(&got)) == 0) continue;
      struct core_str shown = {0};
      core_str_json(&shown, text, len < 3000 ? len : 3000);
      fail_msg("%s, %zu threads, input %s\nexpected:\n%s\ngot:\n%s", (*k)->name, n_threads,
               core_str_text(&shown), core_str_text(&expected), core_str_text(&got));
    }
  }
  unsetenv("SWEEPGATE_CSV_KERNEL");
  core_str_close(&expected);
  core_str_close(&got);
}

static void open_text(struct val_suite *suite, const char *text, size_t least_part_bytes) {
  struct core_error err = {0};
  if (val_suite_parse(suite, "suite.yaml", text, strlen(text), NULL, &err) != CORE_OK)
    fail_msg("%d: %s", err.line, err.message);
  suite->read.header = false;
  suite->read.least_part_bytes = least_part_bytes;
}

static void open_suite(struct val_suite *suite, size_t least_part_bytes) {
  open_text(suite, suite_text, least_part_bytes);
}

static void random_tables_by_any_number_of_threads(void **state) {
  (void)state;
  enum { MOST = 6000 };
  static char text[MOST];
  uint64_t seed = 99;
  struct val_suite suite;
  open_suite(&suite, 50);
  for (int round = 0; round < 120; round++) {
    const size_t faults = round % 3 ? 0 : test_csv_random(&seed) % 4;
    const size_t len = test_csv_random_table(&seed, text, round % 8 ? 900 : MOST, ',', '"', faults);
    assert_all_agree(text, len, &suite);
  }
  val_suite_close(&suite);
}

/* Ids that rise, with one that comes again and one out of order; types that the last row contradicts. */
static void numbers_by_any_number_of_threads(void **state) {
  (void)state;
  uint64_t seed = 4;
  struct val_suite suite;
  open_suite(&suite, 200);
  for (int round = 0; round < 50; round++) {
    struct core_str text = {0};
    const uint64_t n = 20 + test_csv_random(&seed) % 300, odd = test_csv_random(&seed) % n;
    long long id = 10;
    for (uint64_t i = 0; i < n; i++) {
      id += 1 + (long long)(test_csv_random(&seed) % 300 == 0 ? 1000 : 0);
      if (i == odd && round % 4 == 1) id -= 3;
      if (i == odd && round % 4 == 2) id = 5;
      core_str_printf(&text, "%lld,%llu.%02llu,%s%llu\n", id,
                      (unsigned long long)(test_csv_random(&seed) % 100),
                      (unsigned long long)(test_csv_random(&seed) % 100), i % 7 ? "abc" : "\"q\n\"",
                      (unsigned long long)(test_csv_random(&seed) % 5));
    }
    if (round % 5 == 0) core_str_text_append(&text, "seven,1,x\n");
    if (round % 5 == 1) core_str_text_append(&text, "7.5,1,x\n");
    assert_all_agree(text.data, text.len, &suite);
    core_str_close(&text);
  }
  val_suite_close(&suite);
}

/* Inside of the quotes stands what looks like records: cuts there are found out. */
static void quotes_that_look_like_records(void **state) {
  (void)state;
  struct val_suite suite;
  open_suite(&suite, 100);
  for (int lines = 1; lines < 60; lines += 3) {
    struct core_str text = {0};
    for (int i = 0; i < 30; i++) {
      core_str_printf(&text, "%d,2,\"", i);
      for (int k = 0; k < lines; k++) core_str_text_append(&text, "1,2,3\n4,5,6\n");
      core_str_text_append(&text, "\"\n7,8,9\n");
    }
    assert_all_agree(text.data, text.len, &suite);
    core_str_close(&text);
  }
  val_suite_close(&suite);
}

static void errors_are_those_of_one_thread(void **state) {
  (void)state;
  struct val_suite suite;
  struct core_str text = {0};
  open_suite(&suite, 100);
  suite.read.max_field_bytes = 50;
  for (int i = 0; i < 100; i++) core_str_printf(&text, "%d,2,3\n", i);
  core_str_text_append(&text, "1,2,");
  for (int i = 0; i < 60; i++) core_str_char(&text, 'x');
  for (int i = 0; i < 100; i++) core_str_printf(&text, "\n%d,2,3", i);
  assert_all_agree(text.data, text.len, &suite);
  core_str_close(&text);
  val_suite_close(&suite);
}

static void rows_are_numbered_before_conditions_ask(void **state) {
  (void)state;
  struct val_suite suite;
  struct core_str text = {0};
  open_text(&suite, rows_text, 20);
  for (int i = 0; i < 100; i++) core_str_printf(&text, "%d,2,3\n", i % 9);
  assert_all_agree(text.data, text.len, &suite);
  core_str_close(&text);
  val_suite_close(&suite);
}

/* Names the first line that differs. */
static void assert_same_lines(const struct core_str *expected, const struct core_str *got) {
  const char *a = core_str_text(expected), *b = core_str_text(got);
  while (*a || *b) {
    const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
    if (n != m || memcmp(a, b, n) != 0) fail_msg("'%.*s', not '%.*s'", (int)m, b, (int)n, a);
    a += n + (a[n] != '\0');
    b += m + (b[m] != '\0');
  }
}

static const char sets_text[] =
    "suite: sets\n"
    "expectations:\n"
    "  - expect_column_values_to_be_unique: {column: '0'}\n"
    "  - expect_column_values_to_be_unique: {column: '1'}\n"
    "  - expect_column_values_to_be_unique: {column: '2', result_format: COMPLETE}\n"
    "  - expect_column_values_to_be_unique: {column: '2', result_format: {result_format: SUMMARY, "
    "unexpected_index_column_names: ['0']}}\n"
    "  - expect_compound_columns_to_be_unique: {column_list: ['1', '2']}\n"
    "  - expect_column_unique_value_count_to_be_between: {column: '1', min_value: 1}\n"
    "  - expect_column_unique_value_count_to_be_between: {column: '2', min_value: 1}\n"
    "  - expect_column_median_to_be_between: {column: '1', min_value: 0}\n"
    "  - expect_column_quantile_values_to_be_between: {column: '0', quantile_ranges: {quantiles: "
    "[0.1, 0.7], value_ranges: [[0, 1], [0, 1]]}}\n"
    "  - expect_column_kl_divergence_to_be_less_than: {column: '0', threshold: 0.1, "
    "partition_object: {bins: [0, 1, 1000.5, 29999, 30000], weights: [0.1, 0.2, 0.3, 0.4]}, "
    "tail_weight_holdout: 0.1}\n"
    "  - expect_column_kl_divergence_to_be_less_than: {column: '1', threshold: 0.1, "
    "partition_object: {bins: [1.0e+10, 1.0e+18, 7.5e+18], weights: [0.5, 0.5]}, "
    "tail_weight_holdout: 0.1}\n";

/* With hardly any memory, by any number of threads. */
static void assert_the_same_without_memory(const struct core_str *text,
                                           const struct val_suite *suite,
                                           const struct core_str *roomy) {
  struct core_str tight = {0};
  for (size_t n_threads = 1; n_threads <= 3; n_threads++) {
    write_down_within(text->data, text->len, suite, n_threads, 1, &tight);
    assert_same_lines(roomy, &tight);
  }
  core_str_close(&tight);
}

/* Values that come again far behind, so that sets on disk have to be looked through for them. */
static void sets_beyond_the_memory(void **state) {
  (void)state;
  struct val_suite suite;
  struct core_str text = {0}, roomy = {0};
  uint64_t seed = 8;
  open_text(&suite, sets_text, 100000);
  for (int i = 0; i < 60000; i++) {
    const int again = i % 9973 == 17 ? i / 2 : i;
    core_str_printf(&text, "%d,%llu,%s%d\n", i + (i == 50000) * -7,
                    (unsigned long long)test_csv_random(&seed) << 9, i % 3 ? "name-" : "x", again);
  }
  core_str_text_append(&text, "1,5,name-1\n2,5,name-1\n");
  write_down(text.data, text.len, &suite, 1, &roomy);
  assert_non_null(strstr(core_str_text(&roomy), "name-"));
  assert_the_same_without_memory(&text, &suite, &roomy);
  core_str_close(&text);
  core_str_close(&roomy);
  val_suite_close(&suite);
}

/* Numbers that rise, with values in between that do not: the same value again, an old one, one from before everything, the
 * whole once more from the start. */
static int64_t rising_value(int shape, int i) {
  enum { GLITCH = 230000 };
  if (shape == 1 && i == GLITCH) return (int64_t)3 * (i - 1);
  if (shape == 2 && i >= GLITCH && i % 1000 == 0) return (int64_t)3 * (i / 7);
  if (shape == 3 && i == GLITCH) return -1;
  if (shape == 4 && i >= GLITCH) return (int64_t)3 * (i - GLITCH);
  return (int64_t)3 * i + (i % 50000 == 0 ? 1 : 0);
}

static int64_t count_repeated(int shape, int n) {
  static uint8_t times[1000000];
  int64_t repeated = 0;
  memset(times, 0, sizeof times);
  for (int i = 0; i < n; i++) {
    uint8_t *t = &times[rising_value(shape, i) + 1];
    repeated += *t == 0 ? 0 : *t == 1 ? 2 : 1;
    *t = *t < 2 ? *t + 1 : 2;
  }
  return repeated;
}

static void rising_sets_beyond_the_memory(void **state) {
  (void)state;
  enum { ROWS = 300000 };
  struct val_suite suite;
  struct core_str text = {0}, roomy = {0}, counts = {0};
  open_text(&suite,
            "suite: sets\n"
            "expectations:\n"
            "  - expect_column_values_to_be_unique: {column: '0'}\n",
            20000);
  for (int shape = 0; shape < 5; shape++) {
    core_str_clear(&text);
    core_str_clear(&counts);
    for (int i = 0; i < ROWS; i++)
      core_str_printf(&text, "%lld\n", (long long)rising_value(shape, i));
    write_down(text.data, text.len, &suite, 1, &roomy);
    core_str_printf(&counts, "counts 1/1: %d 0 %lld\n", ROWS,
                    (long long)count_repeated(shape, ROWS));
    if (!strstr(core_str_text(&roomy), core_str_text(&counts)))
      fail_msg("shape %d, %s: %s", shape, core_str_text(&counts), core_str_text(&roomy));
    assert_the_same_without_memory(&text, &suite, &roomy);
  }
  core_str_close(&text);
  core_str_close(&roomy);
  core_str_close(&counts);
  val_suite_close(&suite);
}

/* What the other tests rely on: the parts are several, and together they are the whole. */
static void a_reader_is_split_into_what_was_wanted(void **state) {
  (void)state;
  const struct val_reader_ops *ops = val_reader_all()[0];
  const struct val_read_options options = {.header = true, .least_part_bytes = 100};
  struct core_str text = {0};
  core_str_text_append(&text, "a,b\n");
  for (int i = 0; i < 1000; i++) core_str_printf(&text, "%d,\"x\ny\"\n", i);
  struct core_source *source = NULL;
  struct val_reader *reader = NULL;
  const struct val_batch *batch = NULL;
  assert_int_equal(core_source_open_memory("x.csv", text.data, text.len, &source, NULL), CORE_OK);
  assert_int_equal(ops->open(source, &options, &reader, NULL), CORE_OK);
  assert_int_equal(ops->next(reader, &batch, NULL), CORE_OK);
  struct val_reader_part parts[5] = {{.reader = NULL}};
  size_t n = 5;
  bool whole = false;
  int64_t next = 0;
  assert_int_equal(ops->split(reader, parts, &n, NULL), CORE_OK);
  assert_int_equal(n, 5);
  for (size_t k = 0; k < n; k++) {
    int64_t rows = 0;
    do {
      assert_int_equal(ops->next(parts[k].reader, &batch, NULL), CORE_OK);
      for (size_t i = 0; batch && i < batch->n_rows; i++)
        assert_int_equal(batch->columns[0].values.int64[i], next++);
      rows += batch ? (int64_t)batch->n_rows : 0;
    } while (batch);
    assert_in_range(rows, 150, 250);
  }
  assert_int_equal(next, 1000);
  assert_int_equal(ops->join(reader, parts, n, &whole, NULL), CORE_OK);
  assert_true(whole);
  for (size_t k = 1; k < n; k++)
    assert_int_equal(parts[k].lines_before, 2 * parts[k].rows_before + 1);
  for (size_t k = 0; k < n; k++) ops->close(parts[k].reader);
  ops->close(reader);
  core_source_close(source);
  core_str_close(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_tables_by_any_number_of_threads),
      cmocka_unit_test(numbers_by_any_number_of_threads),
      cmocka_unit_test(quotes_that_look_like_records),
      cmocka_unit_test(sets_beyond_the_memory),
      cmocka_unit_test(rising_sets_beyond_the_memory),
      cmocka_unit_test(a_reader_is_split_into_what_was_wanted),
      cmocka_unit_test(rows_are_numbered_before_conditions_ask),
      cmocka_unit_test(errors_are_those_of_one_thread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
