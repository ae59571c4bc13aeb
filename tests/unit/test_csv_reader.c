/* SPDX-License-Identifier: GPL-3.0-or-later
 * The CSV reader through its contract: names, nulls, types, findings, batches, restarts, and inputs that are hardly any. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "tests/support/csv_dump.h"
#include "tests/support/support.h"

static struct csv_dump dump_named(const char *name, const char *text, size_t len,
                                  const struct val_read_options *options) {
  struct core_source *source = NULL;
  struct csv_dump dump;
  struct core_error err = {0};
  assert_int_equal(core_source_open_memory(name, text, len, &source, NULL), CORE_OK);
  if (test_csv_dump(source, options, &dump, &err) != CORE_OK) fail_msg("%s", err.message);
  core_source_close(source);
  return dump;
}

static struct csv_dump dump_of(const char *text, const struct val_read_options *options) {
  const struct val_read_options usual = {.header = true};
  return dump_named("test.csv", text, strlen(text), options ? options : &usual);
}

/* NULL: not looked at. */
static void reads_as(const char *text, const struct val_read_options *options, const char *schema,
                     const char *rows, const char *findings) {
  struct csv_dump dump = dump_of(text, options);
  if (schema) assert_string_equal(core_str_text(&dump.schema), schema);
  if (rows) assert_string_equal(core_str_text(&dump.rows), rows);
  if (findings) assert_string_equal(core_str_text(&dump.findings), findings);
  test_csv_dump_close(&dump);
}

static void records_have_their_origin(void **state) {
  (void)state;
  reads_as("\xef\xbb\xbf"
           "a,b\r\n1,\"x\r\ny\"\r\n\r\n   \r\n2,z",
           NULL, "a:int64 b:string", "0@2+8 [1,\"x\\r\\ny\"]\n1@6+25 [2,\"z\"]\n", "");
  reads_as("a\r1\r\r2\r", NULL, "a:int64", "0@2+2 [1]\n1@4+5 [2]\n", "");
}

static void hardly_any_input(void **state) {
  (void)state;
  const struct val_read_options bare = {.header = false};
  const char *nothing = "empty_input row -1 line -1 byte -1 : the input has no header\n";
  reads_as("", NULL, "", "", nothing);
  reads_as("\n\n  \n", NULL, "", "", nothing);
  reads_as("\xef\xbb\xbf", NULL, "", "", nothing);
  reads_as("", &bare, "", "", "empty_input row -1 line -1 byte -1 : the input has no record\n");
  reads_as("a,b", NULL, "a:null b:null", "", "");
  reads_as("a,b\n", NULL, "a:null b:null", "", "");
  reads_as("\"\"\n\"\"\n", NULL, "Unnamed: 0:null", "0@2+3 [null]\n", NULL);
}

static void columns_have_names(void **state) {
  (void)state;
  const struct val_read_options bare = {.header = false};
  reads_as("5,x\n6,y\n", &bare, "0:int64 1:string", "0@1+0 [5,\"x\"]\n1@2+4 [6,\"y\"]\n", "");
  reads_as("a,a,a.1,,a\n", NULL, "a:null a.1:null a.1.1:null Unnamed: 3:null a.2:null", "",
           "duplicate_column row -1 line 1 byte 0 a.1: a column before it is named 'a' too; it is "
           "called 'a.1'\n"
           "duplicate_column row -1 line 1 byte 0 a.1.1: a column before it is named 'a.1' too; it "
           "is called 'a.1.1'\n"
           "duplicate_column row -1 line 1 byte 0 a.2: a column before it is named 'a' too; it is "
           "called 'a.2'\n"
           "blank_header row -1 line 1 byte 0 Unnamed: 3: column 4 has no name; it is called "
           "'Unnamed: 3'\n");
}

static void values_arrive_as_they_stand(void **state) {
  (void)state;
  reads_as("a,b\n Gold , 5 \n\t\"x\",\" y \"\n", NULL, "a:string b:string",
           "0@2+4 [\" Gold \",\" 5 \"]\n1@3+15 [\"\\t\\\"x\\\"\",\" y \"]\n",
           "stray_quote row 1 line 3 byte 16 : a quote stands inside an unquoted field; it is kept "
           "in the value\n"
           "stray_quote row 1 line 3 byte 18 : a quote stands inside an unquoted field; it is kept "
           "in the value\n");
  reads_as("a,b\n\"x\" ,\"y \"\"z\"\" \"w\n", NULL, NULL, "0@2+4 [\"x \",\"y \\\"z\\\" w\"]\n",
           "stray_quote row 0 line 2 byte 7 : text stands behind a closing quote; it is kept in "
           "the value\n"
           "stray_quote row 0 line 2 byte 19 : text stands behind a closing quote; it is kept in "
           "the value\n");
  reads_as("n,d\n 5, 1.5\n6 ,\t2\n", NULL, "n:int64 d:double", "0@2+4 [5,1.5]\n1@3+12 [6,2.0]\n",
           "");
}

static void null_tokens_are_pandas_or_ones_own(void **state) {
  (void)state;
  reads_as("a,b\n,\"\"\nNA,None\n1.#QNAN,<NA>\n5,na\n", NULL, "a:int64 b:string",
           "0@2+4 [null,null]\n1@3+8 [null,null]\n2@4+16 [null,null]\n3@5+29 [5,\"na\"]\n", "");
  const char *const words[] = {"-1", "missing", NULL};
  const struct val_read_options own = {.header = true, .null_values = words};
  reads_as("a,b,c\n-1,missing,\n-10,NA,x\n", &own, "a:int64 b:string c:string",
           "0@2+6 [null,null,\"\"]\n1@3+18 [-10,\"NA\",\"x\"]\n", "");
  const char *const none[] = {NULL};
  const struct val_read_options nothing = {.header = true, .null_values = none};
  reads_as("a,b\nnan,inf\n1,-inf\n", &nothing, "a:double b:double",
           "0@2+4 [null,Infinity]\n1@3+12 [1.0,-Infinity]\n", "");
}

static void declared_types_are_kept(void **state) {
  (void)state;
  const struct val_field declared[] = {
      {.name = "id", .type = VAL_TYPE_INT64, .declared = true},
      {.name = "t", .type = VAL_TYPE_TIMESTAMP, .declared = true},
      {.name = "s", .type = VAL_TYPE_STRING, .declared = true},
      {.name = "b", .type = VAL_TYPE_BOOL, .declared = true},
      {.name = "d", .type = VAL_TYPE_DATE, .declared = true},
      {.name = "u", .type = VAL_TYPE_TIMESTAMP_UTC, .declared = true},
      {.name = "other", .type = VAL_TYPE_DOUBLE, .declared = true}};
  const struct val_read_options options = {
      .header = true, .declared = declared, .n_declared = 7, .batch_rows = 1};
  struct csv_dump dump =
      dump_of("id,t,s,b,d,u\n007,2012-01-01,1,true,2012-01-01,2012-01-01T00:00Z\n"
              "x,2012-01-01T00:00Z,2,yes,2012-13-01,2012-01-01T00:00\n",
              &options);
  assert_string_equal(core_str_text(&dump.schema),
                      "id:int64 t:timestamp s:string b:bool d:date u:timestamp_utc");
  assert_string_equal(
      core_str_text(&dump.rows),
      "0@2+13 [7,\"2012-01-01T00:00:00\",\"1\",true,\"2012-01-01\",\"2012-01-01T00:00:00+00:00\"]\n"
      "1@3+64 [null,null,\"2\",null,null,null]\n");
  assert_int_equal(dump.count[VAL_FINDING_TYPE], 5);
  assert_int_equal(dump.restarts, 0);
  assert_non_null(
      strstr(core_str_text(&dump.findings),
             "type_error row 1 line 3 byte 64 id: 'x' is no int64; it is read as null\n"));
  test_csv_dump_close(&dump);
}

static void ragged_rows_are_mended_and_told(void **state) {
  (void)state;
  reads_as("a,b,c\n1,2\n3,4,5,6\n7\n", NULL, "a:int64 b:int64 c:int64",
           "0@2+6 [1,2,null]\n1@3+10 [3,4,5]\n2@4+18 [7,null,null]\n",
           "ragged_row row 0 line 2 byte 6 : 2 fields where the header has 3; the missing ones are "
           "read as null\n"
           "ragged_row row 1 line 3 byte 10 : 4 fields where the header has 3; the extra ones are "
           "dropped\n"
           "ragged_row row 2 line 4 byte 18 : 1 field where the header has 3; the missing ones "
           "are read as null\n");
}

static void only_needed_columns_are_given(void **state) {
  (void)state;
  const char *const needed[] = {"c", "nowhere", NULL}, *const none[] = {NULL};
  struct val_read_options options = {.header = true, .needed = needed};
  reads_as("a,b,c\n1,2,3\n4,5\n", &options, "a:null b:null c:int64",
           "0@2+6 [null,null,3]\n1@3+12 [null,null,null]\n", NULL);
  options.needed = none;
  reads_as("a,b\n1,2\n", &options, "a:null b:null", "0@2+4 [null,null]\n", "");
}

static void dialects(void **state) {
  (void)state;
  const struct val_read_options odd = {
      .header = true, .delimiter = ';', .quote = '\'', .encoding = "Latin-1"};
  reads_as("a;b\n'x;''y';\xe9\"\n", &odd, "a:string b:string",
           "0@2+4 [\"x;'y\",\"\xc3\xa9\\\"\"]\n", "");
  const struct val_read_options usual = {.header = true};
  struct csv_dump dump = dump_named("x.TSV", "a\tb\n1\t,\n", 8, &usual);
  assert_string_equal(core_str_text(&dump.schema), "a:int64 b:string");
  test_csv_dump_close(&dump);
  struct core_source *source = NULL;
  struct core_error err = {0};
  const struct val_read_options unknown = {.header = true, .encoding = "utf-7"};
  assert_int_equal(core_source_open_memory("x", "a", 1, &source, NULL), CORE_OK);
  assert_int_equal(test_csv_dump(source, &unknown, &dump, &err), CORE_INVAL);
  assert_non_null(strstr(err.message, "utf-7"));
  core_source_close(source);
}

/* Sizes of batches are nobody's business; contradictions in every one of them. */
static void batches_of_any_size_give_the_same(void **state) {
  (void)state;
  struct core_str text = {0};
  core_str_text_append(&text, "int,mix,late,text,flag,ragged\n");
  for (int i = 0; i < 500; i++) {
    core_str_printf(&text, "%d,%d%s,%s,\"t%d\ny\",%s%s\n", i, i, i == 499 ? ".5" : "",
                    i == 250 ? "2012-01-01" : "", i, i % 2 ? "true" : "FALSE",
                    i % 100 ? ",\xff" : "");
  }
  struct csv_dump first = {.restarts = 0};
  static const size_t sizes[] = {0, 1, 2, 7, 64, 499, 500, 501};
  for (size_t i = 0; i < CORE_COUNT_OF(sizes); i++) {
    const struct val_read_options options = {.header = true, .batch_rows = sizes[i]};
    struct csv_dump dump = dump_named("x", text.data, text.len, &options);
    assert_int_equal(dump.restarts, sizes[i] > 0 && sizes[i] < 500);
    if (i == 0) {
      first = dump;
      assert_string_equal(core_str_text(&dump.schema),
                          "int:int64 mix:double late:date text:string flag:bool ragged:string");
      assert_int_equal(dump.count[VAL_FINDING_RAGGED], 5);
      assert_int_equal(dump.count[VAL_FINDING_ENCODING], 495);
      continue;
    }
    assert_string_equal(core_str_text(&dump.rows), core_str_text(&first.rows));
    assert_string_equal(core_str_text(&dump.schema), core_str_text(&first.schema));
    assert_string_equal(core_str_text(&dump.findings), core_str_text(&first.findings));
    test_csv_dump_close(&dump);
  }
  test_csv_dump_close(&first);
  core_str_close(&text);
}

static void a_pipe_can_be_started_again(void **state) {
  (void)state;
  static const char text[] = "a\n1\n2\nx\n";
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], text, sizeof text - 1), sizeof text - 1);
  close(ends[1]);
  char path[32];
  snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  struct core_source *source = NULL;
  struct csv_dump dump;
  const struct val_read_options options = {.header = true, .batch_rows = 1};
  assert_int_equal(core_source_open_file(path, &source, NULL), CORE_OK);
  assert_int_equal(test_csv_dump(source, &options, &dump, NULL), CORE_OK);
  assert_string_equal(core_str_text(&dump.rows), "0@2+2 [\"1\"]\n1@3+4 [\"2\"]\n2@4+6 [\"x\"]\n");
  assert_int_equal(dump.restarts, 1);
  test_csv_dump_close(&dump);
  core_source_close(source);
  close(ends[0]);
}

static void no_memory_is_reported(void **state) {
  (void)state;
  const char *text = "a,b,a,\n1,x,2012-01-01,true\n2,y,2012-01-01,\n3.5,z\n";
  const struct val_read_options options = {.header = true, .batch_rows = 1};
  bool done = false;
  for (unsigned long long n = 1; n < 1000 && !done; n++) {
    struct core_source *source = NULL;
    struct csv_dump dump = {.restarts = 0};
    assert_int_equal(core_source_open_memory("x", text, strlen(text), &source, NULL), CORE_OK);
    core_mem_fail_at(n);
    const enum core_status st = test_csv_dump(source, &options, &dump, NULL);
    core_mem_fail_at(0);
    done = st == CORE_OK && !dump.rows.failed && !dump.schema.failed;
    if (st != CORE_OK) assert_int_equal(st, CORE_NOMEM);
    test_csv_dump_close(&dump);
    core_source_close(source);
  }
  assert_true(done);
}

/* The note of the only column, whatever the size of the batches. `odd` NULL: it has none. */
static void is_odd(const char *text, const char *odd, int line, const char *otherwise) {
  static const size_t batch_rows[] = {8, 1};
  for (size_t i = 0; i < CORE_COUNT_OF(batch_rows); i++) {
    const struct val_read_options options = {.header = true, .batch_rows = batch_rows[i]};
    struct csv_dump dump = dump_of(text, &options);
    struct core_str expected = {0};
    if (odd)
      core_str_printf(&expected,
                      "column 'a' reads as string because of '%s' at line %d; declare it in the "
                      "suite (columns: {a: %s}) to have such values named one by one\n",
                      odd, line, otherwise);
    assert_string_equal(core_str_text(&dump.notes), core_str_text(&expected));
    core_str_close(&expected);
    test_csv_dump_close(&dump);
  }
}

static void the_value_that_made_text_of_a_column_is_named(void **state) {
  (void)state;
  is_odd("a\n1\n2\nn/a?\n3\nalso\n", "n/a?", 4, "int64");
  is_odd("a\n1\nNA\n2.5\n007\n", "007", 5, "double");
  is_odd("a\n2012-01-01\n2012-01-01 10:00\nsoon\n", "soon", 4, "timestamp");
  is_odd("a\ntrue\nfalse\n1\n", "1", 4, "bool");
  is_odd("a\n1\n2\n99999999999999999999\n", "99999999999999999999", 4, "int64");
  is_odd("a\n1.5\n\"x\ty\x1b\"\n99999999999999999999\n", "x\\ty\\x1b", 3, "double");
  /* No type was lost here. */
  is_odd("a\nx\ny\n", NULL, 0, NULL);
  is_odd("a\n1\n99999999999999999999\n0.5\n", NULL, 0, NULL);
  is_odd("a\n1\n2\n", NULL, 0, NULL);
}

/* What comes first is no rule where the first batch says otherwise. */
static void most_values_are_the_rule(void **state) {
  (void)state;
  struct csv_dump dump = dump_of("my col,b,c\nunknown,x,x\n3,4,y\n5,y,5\n,z,z\n", NULL);
  assert_string_equal(
      core_str_text(&dump.notes),
      "column 'my col' reads as string because of 'unknown' at line 2; declare it "
      "in the suite (columns: {\"my col\": int64}) to have such values named one by "
      "one\n");
  test_csv_dump_close(&dump);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_have_their_origin),
      cmocka_unit_test(hardly_any_input),
      cmocka_unit_test(columns_have_names),
      cmocka_unit_test(values_arrive_as_they_stand),
      cmocka_unit_test(null_tokens_are_pandas_or_ones_own),
      cmocka_unit_test(declared_types_are_kept),
      cmocka_unit_test(ragged_rows_are_mended_and_told),
      cmocka_unit_test(only_needed_columns_are_given),
      cmocka_unit_test(dialects),
      cmocka_unit_test(batches_of_any_size_give_the_same),
      cmocka_unit_test(a_pipe_can_be_started_again),
      cmocka_unit_test(the_value_that_made_text_of_a_column_is_named),
      cmocka_unit_test(most_values_are_the_rule),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
