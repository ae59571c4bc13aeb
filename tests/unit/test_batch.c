/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values as text and JSON, the export through the Arrow C data interface, findings. */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/support.h"
#include "validate/arrow.h"
#include "validate/finding.h"

static const uint8_t valid_bits[] = {0x5}; /* rows 0 and 2 */
static const uint8_t bool_bits[] = {0x4};
static const int64_t ints[] = {-5, 0, INT64_MAX};
static const double doubles[] = {0.1, 0, INFINITY};
static const int32_t days[] = {0, 0, 15340};
static const int64_t stamps[] = {0, 0, 1325376000500000};
static const char bytes[] = "a\"b\xc3\xa9";
static const int32_t offsets[] = {0, 3, 3, 5};

static const struct val_column columns[] = {
    {.type = VAL_TYPE_NULL, .null_count = 3},
    {.type = VAL_TYPE_BOOL, .validity = valid_bits, .null_count = 1, .values.bits = bool_bits},
    {.type = VAL_TYPE_INT64, .validity = valid_bits, .null_count = 1, .values.int64 = ints},
    {.type = VAL_TYPE_DOUBLE, .validity = valid_bits, .null_count = 1, .values.float64 = doubles},
    {.type = VAL_TYPE_DATE, .validity = valid_bits, .null_count = 1, .values.int32 = days},
    {.type = VAL_TYPE_TIMESTAMP, .validity = valid_bits, .null_count = 1, .values.int64 = stamps},
    {.type = VAL_TYPE_TIMESTAMP_UTC,
     .validity = valid_bits,
     .null_count = 1,
     .values.int64 = stamps},
    {.type = VAL_TYPE_STRING, .validity = NULL, .values.bytes = bytes, .offsets = offsets},
};
static const struct val_batch batch = {
    .n_rows = 3, .n_columns = CORE_COUNT_OF(columns), .columns = columns};
static const struct val_field fields[] = {
    {.name = "n", .type = VAL_TYPE_NULL},
    {.name = "b", .type = VAL_TYPE_BOOL},
    {.name = "i", .type = VAL_TYPE_INT64, .declared = true},
    {.name = "d", .type = VAL_TYPE_DOUBLE},
    {.name = "day", .type = VAL_TYPE_DATE},
    {.name = "t", .type = VAL_TYPE_TIMESTAMP},
    {.name = "u", .type = VAL_TYPE_TIMESTAMP_UTC},
    {.name = "s", .type = VAL_TYPE_STRING},
};
static const struct val_schema schema = {.fields = fields, .n_fields = CORE_COUNT_OF(fields)};

static void values_have_text_and_json(void **state) {
  (void)state;
  static const char *const text[] = {"null",
                                     "True",
                                     "9223372036854775807",
                                     "inf",
                                     "2012-01-01",
                                     "2012-01-01T00:00:00.500000",
                                     "2012-01-01T00:00:00.500000+00:00",
                                     "\xc3\xa9"};
  static const char *const json[] = {"null",
                                     "true",
                                     "9223372036854775807",
                                     "Infinity",
                                     "\"2012-01-01\"",
                                     "\"2012-01-01T00:00:00.500000\"",
                                     "\"2012-01-01T00:00:00.500000+00:00\"",
                                     "\"\xc3\xa9\""};
  struct core_str out = {0};
  for (size_t i = 0; i < CORE_COUNT_OF(columns); i++) {
    core_str_clear(&out);
    val_column_value_text(&columns[i], 2, &out);
    assert_string_equal(core_str_text(&out), text[i]);
    core_str_clear(&out);
    val_column_value_json(&columns[i], 2, &out);
    assert_string_equal(core_str_text(&out), json[i]);
    core_str_clear(&out);
    val_column_value_json(&columns[i], 1, &out);
    assert_string_equal(core_str_text(&out), i < 7 ? "null" : "\"\"");
  }
  core_str_clear(&out);
  val_column_value_json(&columns[7], 0, &out);
  assert_string_equal(core_str_text(&out), "\"a\\\"b\"");
  core_str_close(&out);
}

static void names_of_types_read_back(void **state) {
  (void)state;
  for (int i = VAL_TYPE_NULL; i <= VAL_TYPE_STRING; i++) {
    enum val_type type = VAL_TYPE_NULL;
    assert_true(val_type_parse(val_type_name((enum val_type)i), &type));
    assert_int_equal((int)type, i);
  }
  enum val_type type = VAL_TYPE_NULL;
  assert_false(val_type_parse("float", &type));
  assert_int_equal(val_schema_find(&schema, "day"), 4);
  assert_int_equal(val_schema_find(&schema, "none"), schema.n_fields);
}

static void schema_is_exported(void **state) {
  (void)state;
  struct ArrowSchema out;
  assert_int_equal(val_arrow_export_schema(&schema, &out, NULL), CORE_OK);
  static const char *const formats[] = {"n", "b", "l", "g", "tdD", "tsu:", "tsu:UTC", "u"};
  assert_string_equal(out.format, "+s");
  assert_int_equal(out.n_children, CORE_COUNT_OF(fields));
  for (size_t i = 0; i < CORE_COUNT_OF(fields); i++) {
    assert_string_equal(out.children[i]->format, formats[i]);
    assert_string_equal(out.children[i]->name, fields[i].name);
    assert_null(out.children[i]->dictionary);
  }
  out.release(&out);
  assert_null(out.release);
}

static void batch_is_exported_as_a_copy(void **state) {
  (void)state;
  struct ArrowArray out;
  assert_int_equal(val_arrow_export_batch(&batch, &out, NULL), CORE_OK);
  assert_int_equal(out.length, 3);
  assert_int_equal(out.n_buffers, 1);
  assert_null(out.buffers[0]);
  assert_int_equal(out.children[0]->n_buffers, 0);
  assert_int_equal(out.children[0]->null_count, 3);
  assert_int_equal(out.children[2]->null_count, 1);
  assert_memory_equal(out.children[2]->buffers[0], valid_bits, 1);
  assert_memory_equal(out.children[2]->buffers[1], ints, sizeof ints);
  assert_ptr_not_equal(out.children[2]->buffers[1], ints);
  assert_null(out.children[7]->buffers[0]);
  assert_memory_equal(out.children[7]->buffers[1], offsets, sizeof offsets);
  assert_memory_equal(out.children[7]->buffers[2], bytes, 5);
  /* A consumer may move a child out and release it after its parent. */
  struct ArrowArray moved = *out.children[4];
  out.children[4]->release = NULL;
  out.release(&out);
  assert_memory_equal(moved.buffers[1], days, sizeof days);
  moved.release(&moved);
  assert_null(moved.release);
}

static void export_without_memory_leaves_nothing(void **state) {
  (void)state;
  bool done = false;
  for (unsigned long long n = 1; n < 200 && !done; n++) {
    struct ArrowArray array;
    core_mem_fail_at(n);
    const enum core_status st = val_arrow_export_batch(&batch, &array, NULL);
    core_mem_fail_at(0);
    done = st == CORE_OK;
    if (done)
      array.release(&array);
    else
      assert_int_equal(st, CORE_NOMEM);
    assert_null(array.release);
  }
  assert_true(done);
}

static void findings_count_all_and_keep_the_first(void **state) {
  (void)state;
  struct val_findings findings = {0};
  for (int i = 0; i < 100; i++) {
    val_findings_add(&findings, VAL_FINDING_TYPE, i, i + 2, 10 * i, "col", "value '%s%d'", "\x1b",
                     i);
  }
  val_findings_add(&findings, VAL_FINDING_EMPTY, -1, -1, -1, NULL, "nothing");
  assert_int_equal(findings.count[VAL_FINDING_TYPE], 100);
  assert_int_equal(val_findings_total(&findings), 101);
  val_findings_add(&findings, VAL_FINDING_BLANK_HEADER, -1, 1, 0, NULL, "a note");
  assert_false(val_finding_is_fault(VAL_FINDING_BLANK_HEADER));
  assert_int_equal(val_findings_total(&findings), 101);
  const struct val_finding *last = &findings.kept[VAL_FINDING_TYPE][VAL_FINDINGS_KEPT - 1];
  assert_int_equal(last->row, VAL_FINDINGS_KEPT - 1);
  assert_int_equal(last->line, VAL_FINDINGS_KEPT + 1);
  assert_string_equal(last->column, "col");
  assert_null(strchr(last->message, '\x1b')); /* safe for a terminal */
  assert_null(findings.kept[VAL_FINDING_EMPTY][0].column);
  assert_string_equal(val_finding_code(VAL_FINDING_TYPE), "type_error");
  assert_non_null(val_finding_meaning(VAL_FINDING_TYPE));
  val_findings_reset(&findings);
  assert_int_equal(val_findings_total(&findings), 0);
  val_findings_close(&findings);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_have_text_and_json),
      cmocka_unit_test(names_of_types_read_back),
      cmocka_unit_test(schema_is_exported),
      cmocka_unit_test(batch_is_exported_as_a_copy),
      cmocka_unit_test(export_without_memory_leaves_nothing),
      cmocka_unit_test(findings_count_all_and_keep_the_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
