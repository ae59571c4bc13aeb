/* SPDX-License-Identifier: GPL-3.0-or-later
 * Streams of Arrow: files as streams give the verdicts that the files give; what other producers may do, and may not. */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/support.h"
#include "validate/arrow_stream.h"
#include "validate/expect/expectation.h"

/* ---- files ---- */

/* Expectations about each flat column of the file, as a suite in JSON: a list is text in a stream. */
static void suite_of(const struct val_field *fields, size_t n, struct core_str *out) {
  static const char *const names[] = {
      "expect_column_values_to_not_be_null", "expect_column_values_to_be_null",
      "expect_column_values_to_be_unique", "expect_column_max_to_be_between",
      "expect_column_unique_value_count_to_be_between"};
  core_str_text_append(out, "{\"suite\": \"s\", \"expectations\": [{\"expect_table_row_count_to_be_"
                            "between\": {\"min_value\": 1}}");
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < CORE_COUNT_OF(names) && fields[i].type != VAL_TYPE_NESTED; k++) {
      const char *name = fields[i].name;
      core_str_printf(out, ",\n {\"%s\": {\"column\": ", names[k]);
      core_str_json(out, name, strlen(name));
      core_str_text_append(out,
                           k < 3 ? ", \"result_format\": \"COMPLETE\"}}" : ", \"min_value\": 1}}");
    }
  core_str_text_append(out, "]}");
}

static void verdict_text(const struct val_verdict *v, struct core_str *out) {
  core_str_printf(out, "%s: %d %s %lld %lld %lld %s\n", v->expected->ops->name, v->success,
                  v->exception ? v->exception : "-", (long long)v->element_count,
                  (long long)v->missing_count, (long long)v->unexpected_count,
                  v->observed_json ? v->observed_json : "-");
  for (size_t i = 0; i < v->n_failures; i++)
    core_str_printf(out, "%lld %s\n", (long long)v->failures[i].row, v->failures[i].json);
}

static void result_text(struct val_result *result, struct core_str *out) {
  core_str_printf(out, "%lld rows, %zu columns\n", (long long)result->n_rows, result->n_fields);
  for (size_t i = 0; i < result->n_verdicts; i++) verdict_text(&result->verdicts[i], out);
  val_result_close(result);
}

static void suite_for(const char *path, struct val_suite *suite) {
  static const char first[] = "{suite: s, expectations: [expect_table_row_count_to_be_between: "
                              "{min_value: 0}]}";
  struct core_str text = {0};
  struct core_error err = {0};
  struct val_result result;
  assert_int_equal(val_suite_parse(suite, "s.yaml", first, sizeof first - 1, NULL, &err), CORE_OK);
  assert_int_equal(val_validate_file(path, suite, NULL, &result, &err), CORE_OK);
  suite_of(result.fields, result.n_fields, &text);
  val_result_close(&result);
  val_suite_close(suite);
  assert_int_equal(val_suite_parse(suite, "s.json", text.data, text.len, NULL, &err), CORE_OK);
  core_str_close(&text);
}

/* As a file and as a stream of it; false: the file is refused, and so is the stream. */
static bool same_verdicts(const char *path) {
  struct ArrowArrayStream stream;
  struct val_suite suite;
  struct val_result result;
  struct core_str of_file = {0}, of_stream = {0};
  struct core_error err = {0};
  const struct val_limits limits = {.no_statistics = true};
  if (val_stream_file(path, &stream, &err) != CORE_OK) {
    assert_null(stream.release);
    return false;
  }
  suite_for(path, &suite);
  const enum core_status a = val_validate_file(path, &suite, &limits, &result, &err);
  if (a == CORE_OK) result_text(&result, &of_file);
  const enum core_status b = val_validate_stream(&stream, path, &suite, NULL, &result, &err);
  if (b == CORE_OK) result_text(&result, &of_stream);
  if ((a == CORE_OK) != (b == CORE_OK)) fail_msg("%s: %d and %d: %s", path, a, b, err.message);
  assert_null(stream.release);
  if (strcmp(core_str_text(&of_file), core_str_text(&of_stream)) != 0)
    fail_msg("%s:\n%s\nas a stream:\n%s", path, core_str_text(&of_file), core_str_text(&of_stream));
  core_str_close(&of_file);
  core_str_close(&of_stream);
  val_suite_close(&suite);
  return a == CORE_OK;
}

static void files_and_their_streams_agree(void **state) {
  (void)state;
  const char *folder = test_data("parquet-testing/data");
  if (!folder) skip();
  DIR *dir = opendir(folder);
  size_t n = 0;
  for (struct dirent *entry; dir && (entry = readdir(dir));) {
    const size_t len = strlen(entry->d_name);
    if (len < 8 || strcmp(entry->d_name + len - 8, ".parquet") != 0) continue;
    if (strstr(entry->d_name, "large_string_map")) continue; /* minutes under a sanitizer */
    struct core_str path = {0};
    core_str_printf(&path, "%s/%s", folder, entry->d_name);
    n += same_verdicts(core_str_text(&path));
    core_str_close(&path);
  }
  if (dir) closedir(dir);
  assert_true(n > 30);
}

/* Types of CSV are those of the whole file: the last row makes reals of x. */
static void csv_is_settled_first(void **state) {
  (void)state;
  struct core_str text = {0};
  core_str_text_append(&text, "x,word,day\n");
  for (int i = 0; i < 20000; i++)
    core_str_printf(&text, "%d,w%d,2020-01-0%d\n", i, i % 7, i % 9 + 1);
  core_str_text_append(&text, "0.5,,\n");
  test_write_file(test_path("x.csv"), core_str_text(&text));
  core_str_close(&text);
  assert_true(same_verdicts(test_path("x.csv")));
}

/* ---- other producers ---- */

struct producer {
  const char *formats[3]; /* of the columns; the third: of the dictionary of the first */
  struct ArrowArray *columns[2];
  struct ArrowArray arrays[3];
  struct ArrowSchema schemas[3];
  struct ArrowSchema *schema_list[2];
  int64_t n_columns, length, offset;
  int n_batches, fail_after;
  int schema_releases, batch_releases, stream_releases;
};

static void release_schema(struct ArrowSchema *schema) {
  struct producer *p = schema->private_data;
  p->schema_releases++;
  schema->release = NULL;
}

static void release_batch(struct ArrowArray *array) {
  struct producer *p = array->private_data;
  p->batch_releases++;
  array->release = NULL;
}

static void release_child_schema(struct ArrowSchema *schema) {
  schema->release = NULL;
}

static void release_child(struct ArrowArray *array) {
  array->release = NULL;
}

static int give_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  static const char *const names[] = {"a", "b"};
  struct producer *p = stream->private_data;
  for (int i = 0; i < 3; i++) {
    p->schemas[i] = (struct ArrowSchema){.format = p->formats[i], .release = release_child_schema};
    if (i < 2) p->schemas[i].name = names[i];
    if (i < 2) p->schema_list[i] = &p->schemas[i];
  }
  if (p->formats[2]) p->schemas[0].dictionary = &p->schemas[2];
  *out = (struct ArrowSchema){.format = "+s",
                              .n_children = p->n_columns,
                              .children = p->schema_list,
                              .release = release_schema,
                              .private_data = p};
  return 0;
}

static int give_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  static const void *none[] = {NULL};
  struct producer *p = stream->private_data;
  *out = (struct ArrowArray){0};
  if (p->fail_after && p->n_batches == 1) return ENODATA;
  if (p->n_batches-- == 0) return 0;
  *out = (struct ArrowArray){.length = p->length,
                             .offset = p->offset,
                             .n_buffers = 1,
                             .buffers = none,
                             .n_children = p->n_columns,
                             .children = p->columns,
                             .release = release_batch,
                             .private_data = p};
  return 0;
}

static const char *give_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return "the producer is tired";
}

static void release_stream(struct ArrowArrayStream *stream) {
  struct producer *p = stream->private_data;
  p->stream_releases++;
  stream->release = NULL;
}

static struct ArrowArrayStream stream_of(struct producer *p) {
  for (int i = 0; i < 3; i++) p->arrays[i].release = release_child;
  for (int i = 0; i < 2; i++) p->columns[i] = &p->arrays[i];
  if (p->formats[2]) p->arrays[0].dictionary = &p->arrays[2];
  if (!p->n_batches) p->n_batches = 1;
  return (struct ArrowArrayStream){give_schema, give_next, give_error, release_stream, p};
}

/* Values of column a as JSON, one after another, or the error's sentence. */
static void values_of(struct producer *p, const char *suite_text, struct core_str *out) {
  struct ArrowArrayStream stream = stream_of(p);
  struct val_suite suite;
  struct val_result result;
  struct core_error err = {0};
  const int n_batches = p->n_batches;
  assert_int_equal(val_suite_parse(&suite, "s", suite_text, strlen(suite_text), NULL, &err),
                   CORE_OK);
  if (val_validate_stream(&stream, "arrow", &suite, NULL, &result, &err) == CORE_OK) {
    for (size_t i = 0; i < result.verdicts[0].n_failures; i++)
      core_str_printf(out, "%s%s", i ? " " : "", result.verdicts[0].failures[i].json);
    core_str_printf(out, "; %lld nulls",
                    (long long)result.verdicts[0].element_count -
                        (long long)result.verdicts[0].unexpected_count);
    assert_int_equal(p->batch_releases, n_batches);
    val_result_close(&result);
  } else {
    core_str_text_append(out, err.message);
  }
  assert_int_equal(p->schema_releases, 1);
  assert_int_equal(p->stream_releases, 1);
  assert_true(p->batch_releases <= n_batches);
  val_suite_close(&suite);
}

#define ALL_OF_A                                                                                   \
  "{\"suite\": \"s\", \"expectations\": [{\"expect_column_values_to_be_null\": {\"column\": "      \
  "\"a\", \"result_format\": \"COMPLETE\"}}]}"

static void gives(struct producer *p, const char *wanted) {
  struct core_str out = {0};
  values_of(p, ALL_OF_A, &out);
  if (!strstr(core_str_text(&out), wanted))
    fail_msg("'%s' is not '%s'", core_str_text(&out), wanted);
  core_str_close(&out);
}

static void offsets_and_bitmaps_are_obeyed(void **state) {
  (void)state;
  static const int16_t numbers[] = {9, 9, 9, 1, -2, 3, 4};
  static const uint8_t valid[] = {0x5f}; /* place 5 is null */
  const void *buffers[] = {valid, numbers}, *all[] = {NULL, numbers};
  struct producer p = {.formats = {"s", "l"}, .n_columns = 1, .length = 3, .offset = 1};
  p.arrays[0] = (struct ArrowArray){.length = 5, .offset = 2, .n_buffers = 2, .buffers = buffers};
  gives(&p, "1 -2; 1 nulls");
  p = (struct producer){.formats = {"S", "l"}, .n_columns = 1, .length = 2, .n_batches = 3};
  p.arrays[0] = (struct ArrowArray){.length = 2, .offset = 3, .n_buffers = 2, .buffers = all};
  gives(&p, "1 65534 1 65534 1 65534; 0 nulls");
}

static void bits_and_reals(void **state) {
  (void)state;
  static const uint8_t bits[] = {0x6c};
  static const uint16_t halves[] = {0x3c00, 0xc000, 0x7e00};
  static const float singles[] = {1.5F, -0.25F};
  const void *of_bits[] = {NULL, bits}, *of_halves[] = {NULL, halves},
             *of_singles[] = {NULL, singles};
  struct producer p = {.formats = {"b", "l"}, .n_columns = 1, .length = 4};
  p.arrays[0] = (struct ArrowArray){.length = 4, .offset = 1, .n_buffers = 2, .buffers = of_bits};
  gives(&p, "false true true false; 0 nulls");
  p = (struct producer){.formats = {"e", "l"}, .n_columns = 1, .length = 3};
  p.arrays[0] = (struct ArrowArray){.length = 3, .n_buffers = 2, .buffers = of_halves};
  gives(&p, "1.0 -2.0; 1 nulls");
  p = (struct producer){.formats = {"f", "l"}, .n_columns = 1, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = of_singles};
  gives(&p, "1.5 -0.25; 0 nulls");
}

static void decimals_and_times(void **state) {
  (void)state;
  static const int32_t cents[] = {150, -5};
  static const int64_t seconds[] = {0, 86400, INT64_MAX};
  static const int64_t days_ms[] = {86400000, -1};
  static const uint64_t large[] = {UINT64_MAX};
  const void *of_cents[] = {NULL, cents}, *of_seconds[] = {NULL, seconds},
             *of_days[] = {NULL, days_ms}, *of_large[] = {NULL, large};
  struct producer p = {.formats = {"d:9,2,32", "l"}, .n_columns = 1, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = of_cents};
  gives(&p, "1.50 -0.05; 0 nulls");
  p = (struct producer){.formats = {"tss:Europe/Paris", "l"}, .n_columns = 1, .length = 3};
  p.arrays[0] = (struct ArrowArray){.length = 3, .n_buffers = 2, .buffers = of_seconds};
  gives(&p, "\"1970-01-01T00:00:00+00:00\" \"1970-01-02T00:00:00+00:00\"; 1 nulls");
  p = (struct producer){.formats = {"tdm", "l"}, .n_columns = 1, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = of_days};
  gives(&p, "\"1970-01-02\" \"1969-12-31\"; 0 nulls");
  p = (struct producer){.formats = {"L", "l"}, .n_columns = 1, .length = 1};
  p.arrays[0] = (struct ArrowArray){.length = 1, .n_buffers = 2, .buffers = of_large};
  gives(&p, "18446744073709551615; 0 nulls");
}

static void texts_of_both_widths(void **state) {
  (void)state;
  static const int32_t narrow[] = {0, 1, 1, 3};
  static const int64_t wide[] = {3, 5, 5, 8};
  static const int64_t back[] = {3, 1, 1, 3};
  static const char bytes[] = "a\xc3\xa9xyz..";
  const void *of_narrow[] = {NULL, narrow, bytes}, *of_wide[] = {NULL, wide, bytes},
             *of_back[] = {NULL, back, bytes}, *of_fixed[] = {NULL, bytes + 3};
  struct producer p = {.formats = {"u", "l"}, .n_columns = 1, .length = 3};
  p.arrays[0] = (struct ArrowArray){.length = 3, .n_buffers = 3, .buffers = of_narrow};
  gives(&p, "\"a\" \"\" \"\xc3\xa9\"; 0 nulls");
  p = (struct producer){.formats = {"U", "l"}, .n_columns = 1, .length = 3};
  p.arrays[0] = (struct ArrowArray){.length = 3, .n_buffers = 3, .buffers = of_wide};
  gives(&p, "\"xy\" \"\" \"z..\"; 0 nulls");
  p = (struct producer){.formats = {"U", "l"}, .n_columns = 1, .length = 3};
  p.arrays[0] = (struct ArrowArray){.length = 3, .n_buffers = 3, .buffers = of_back};
  gives(&p, "offsets go back");
  p = (struct producer){.formats = {"w:2", "l"}, .n_columns = 1, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = of_fixed};
  gives(&p, "\"xy\" \"z.\"; 0 nulls");
}

static void dictionaries_are_looked_up(void **state) {
  (void)state;
  static const uint8_t indices[] = {7, 1, 0, 1, 2};
  static const uint8_t valid[] = {0x1e}, entry_valid[] = {0x7};
  static const int32_t offsets[] = {0, 0, 1, 2, 2};
  static const char bytes[] = "xy";
  const void *of_indices[] = {valid, indices}, *of_entries[] = {entry_valid, offsets, bytes};
  struct producer p = {.formats = {"C", "l", "u"}, .n_columns = 1, .length = 4};
  p.arrays[0] =
      (struct ArrowArray){.length = 4, .offset = 1, .n_buffers = 2, .buffers = of_indices};
  p.arrays[2] =
      (struct ArrowArray){.length = 3, .offset = 1, .n_buffers = 3, .buffers = of_entries};
  gives(&p, "\"y\" \"x\" \"y\"; 1 nulls"); /* entry 2, at place 3, is null itself */
  p.arrays[0].offset = 0;                  /* the first is null, and may hold anything */
  p.schema_releases = p.stream_releases = p.batch_releases = 0;
  p.n_batches = 1;
  gives(&p, "\"y\" \"x\" \"y\"; 1 nulls");
  p.arrays[2].length = 1;
  p.schema_releases = p.stream_releases = p.batch_releases = 0;
  p.n_batches = 1;
  gives(&p, "asks for entry 1 of a dictionary of 1");
}

static void what_breaks_the_interface_is_refused(void **state) {
  (void)state;
  static const int64_t numbers[] = {1, 2};
  const void *buffers[] = {NULL, numbers};
  struct producer p = {.formats = {"l", "l"}, .n_columns = 1, .length = 3};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = buffers};
  gives(&p, "3 are needed");
  p = (struct producer){.formats = {"l", "l"}, .n_columns = 1, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .offset = -1, .n_buffers = 2, .buffers = buffers};
  gives(&p, "from -1 on");
  p = (struct producer){.formats = {"l", "l"}, .n_columns = 1, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 1, .buffers = buffers};
  gives(&p, "of 1 buffers, not 2");
  p = (struct producer){.formats = {"l", "l"}, .n_columns = 1, .length = -2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = buffers};
  gives(&p, "has -2 rows");
  p = (struct producer){.formats = {"tDs", "l"}, .n_columns = 1, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = buffers};
  gives(&p, "has the Arrow format 'tDs', which is not read");
  p = (struct producer){
      .formats = {"l", "l"}, .n_columns = 1, .length = 2, .n_batches = 2, .fail_after = 1};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = buffers};
  gives(&p, "the producer is tired");
}

static void columns_that_nobody_asks_for_are_passed_over(void **state) {
  (void)state;
  static const int64_t numbers[] = {1, 2};
  const void *buffers[] = {NULL, numbers};
  struct producer p = {.formats = {"l", "+l"}, .n_columns = 2, .length = 2};
  p.arrays[0] = (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = buffers};
  gives(&p, "1 2; 0 nulls");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_and_their_streams_agree),
      cmocka_unit_test(csv_is_settled_first),
      cmocka_unit_test(offsets_and_bitmaps_are_obeyed),
      cmocka_unit_test(bits_and_reals),
      cmocka_unit_test(decimals_and_times),
      cmocka_unit_test(texts_of_both_widths),
      cmocka_unit_test(dictionaries_are_looked_up),
      cmocka_unit_test(what_breaks_the_interface_is_refused),
      cmocka_unit_test(columns_that_nobody_asks_for_are_passed_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
