/* SPDX-License-Identifier: GPL-3.0-or-later
 * Names of types, and one value of a column as text: each type is a row of a table. */
#include "validate/batch.h"

#include <math.h>
#include <string.h>

#include "core/num.h"
#include "validate/decimal.h"

static const char *const type_names[] = {
#define X(name, text, format) text,
    VAL_TYPE_LIST(X)
#undef X
};

const char *val_type_name(enum val_type type) {
  return type_names[type];
}

bool val_type_parse(const char *name, enum val_type *out) {
  for (size_t i = 0; i < CORE_COUNT_OF(type_names); i++) {
    if (core_streq(name, type_names[i])) {
      *out = (enum val_type)i;
      return true;
    }
  }
  return false;
}

enum core_status val_schema_copy(const struct val_schema *schema, struct core_arena *arena,
                                 struct val_schema *out, struct core_error *err) {
  const size_t width = val_schema_width(schema);
  struct val_field *fields = core_arena_calloc(arena, width + 1, sizeof *fields);
  if (!fields) return core_fail_nomem(err, width * sizeof *fields);
  for (size_t i = 0; i < width; i++) {
    const struct val_field *from = &schema->fields[i];
    fields[i] = *from;
    fields[i].name = core_arena_strdup(arena, from->name);
    if (!fields[i].name) return core_fail_nomem(err, strlen(from->name) + 1);
    if (from->note && !(fields[i].note = core_arena_strdup(arena, from->note)))
      return core_fail_nomem(err, strlen(from->note) + 1);
  }
  *out = (struct val_schema){fields, schema->n_fields, schema->n_elements};
  return CORE_OK;
}

size_t val_schema_find(const struct val_schema *schema, const char *name) {
  size_t i = 0;
  while (i < schema->n_fields && strcmp(schema->fields[i].name, name) != 0) i++;
  return i;
}

size_t val_schema_find_elements(const struct val_schema *schema, const char *name) {
  size_t i = schema->n_fields;
  while (i < val_schema_width(schema) && strcmp(schema->fields[i].name, name) != 0) i++;
  return i;
}

typedef void value_writer(const struct val_column *column, size_t row, struct core_str *out);

static void null_text(const struct val_column *column, size_t row, struct core_str *out) {
  (void)column, (void)row;
  core_str_text_append(out, "null");
}

static void bool_text(const struct val_column *column, size_t row, struct core_str *out) {
  core_str_text_append(out, val_column_bool(column, row) ? "True" : "False");
}

static void bool_json(const struct val_column *column, size_t row, struct core_str *out) {
  core_str_text_append(out, val_column_bool(column, row) ? "true" : "false");
}

static void int64_text(const struct val_column *column, size_t row, struct core_str *out) {
  char digits[CORE_NUM_BYTES];
  core_str_append(out, digits, core_format_int64(column->values.int64[row], digits));
}

static void double_text(const struct val_column *column, size_t row, struct core_str *out) {
  char digits[CORE_NUM_BYTES];
  core_str_append(out, digits, core_format_double(column->values.float64[row], digits));
}

static void double_json(const struct val_column *column, size_t row, struct core_str *out) {
  const double value = column->values.float64[row];
  if (isfinite(value))
    double_text(column, row, out);
  else
    core_str_text_append(out, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

static void date_text(const struct val_column *column, size_t row, struct core_str *out) {
  val_date_text(column->values.int32[row], out);
}

static void date_json(const struct val_column *column, size_t row, struct core_str *out) {
  core_str_char(out, '"');
  date_text(column, row, out);
  core_str_char(out, '"');
}

static void timestamp_text(const struct val_column *column, size_t row, struct core_str *out) {
  val_timestamp_text(column->values.int64[row], column->type == VAL_TYPE_TIMESTAMP_UTC, out);
}

static void timestamp_json(const struct val_column *column, size_t row, struct core_str *out) {
  core_str_char(out, '"');
  timestamp_text(column, row, out);
  core_str_char(out, '"');
}

static void string_text(const struct val_column *column, size_t row, struct core_str *out) {
  const struct core_slice text = val_column_text(column, row);
  core_str_append(out, text.data, text.len);
}

static void string_json(const struct val_column *column, size_t row, struct core_str *out) {
  const struct core_slice text = val_column_text(column, row);
  core_str_json(out, text.data, text.len);
}

static void decimal_text(const struct val_column *column, size_t row, struct core_str *out) {
  const struct val_decimal value = {column->values.decimal[row], column->scale};
  val_decimal_text(value, out);
}

static void time_text(const struct val_column *column, size_t row, struct core_str *out) {
  val_time_text(column->values.int64[row], out);
}

static void time_json(const struct val_column *column, size_t row, struct core_str *out) {
  core_str_char(out, '"');
  time_text(column, row, out);
  core_str_char(out, '"');
}

static void timestamp_ns_text(const struct val_column *column, size_t row, struct core_str *out) {
  val_timestamp_ns_text(column->values.int64[row], column->type == VAL_TYPE_TIMESTAMP_NS_UTC, out);
}

static void timestamp_ns_json(const struct val_column *column, size_t row, struct core_str *out) {
  core_str_char(out, '"');
  timestamp_ns_text(column, row, out);
  core_str_char(out, '"');
}

static bool is_printable(struct core_slice bytes) {
  if (core_utf8_valid_prefix(bytes.data, bytes.len) != bytes.len) return false;
  for (size_t i = 0; i < bytes.len; i++)
    if ((unsigned char)bytes.data[i] < 0x20 || bytes.data[i] == 0x7f) return false;
  return true;
}

static void hexadecimal(struct core_slice bytes, struct core_str *out) {
  static const char digits[] = "0123456789abcdef";
  core_str_text_append(out, "0x");
  for (size_t i = 0; i < bytes.len; i++) {
    core_str_char(out, digits[(unsigned char)bytes.data[i] >> 4]);
    core_str_char(out, digits[(unsigned char)bytes.data[i] & 15]);
  }
}

static void binary_text(const struct val_column *column, size_t row, struct core_str *out) {
  const struct core_slice bytes = val_column_text(column, row);
  if (is_printable(bytes))
    core_str_append(out, bytes.data, bytes.len);
  else
    hexadecimal(bytes, out);
}

static void binary_json(const struct val_column *column, size_t row, struct core_str *out) {
  const struct core_slice bytes = val_column_text(column, row);
  if (is_printable(bytes)) {
    core_str_json(out, bytes.data, bytes.len);
    return;
  }
  core_str_char(out, '"');
  hexadecimal(bytes, out);
  core_str_char(out, '"');
}

static const struct {
  value_writer *text, *json;
} writers[] = {
    [VAL_TYPE_NULL] = {null_text, null_text},
    [VAL_TYPE_BOOL] = {bool_text, bool_json},
    [VAL_TYPE_INT64] = {int64_text, int64_text},
    [VAL_TYPE_DOUBLE] = {double_text, double_json},
    [VAL_TYPE_DATE] = {date_text, date_json},
    [VAL_TYPE_TIMESTAMP] = {timestamp_text, timestamp_json},
    [VAL_TYPE_TIMESTAMP_UTC] = {timestamp_text, timestamp_json},
    [VAL_TYPE_STRING] = {string_text, string_json},
    [VAL_TYPE_DECIMAL] = {decimal_text, decimal_text},
    [VAL_TYPE_TIME] = {time_text, time_json},
    [VAL_TYPE_TIMESTAMP_NS] = {timestamp_ns_text, timestamp_ns_json},
    [VAL_TYPE_TIMESTAMP_NS_UTC] = {timestamp_ns_text, timestamp_ns_json},
    [VAL_TYPE_BINARY] = {binary_text, binary_json},
    [VAL_TYPE_NESTED] = {string_text, string_text},
};

void val_column_value_text(const struct val_column *column, size_t row, struct core_str *out) {
  if (val_column_is_null(column, row))
    null_text(column, row, out);
  else if (column->codes)
    val_column_value_text(&column->dictionary->entries, column->codes[row], out);
  else
    writers[column->type].text(column, row, out);
}

void val_column_value_json(const struct val_column *column, size_t row, struct core_str *out) {
  if (val_column_is_null(column, row))
    null_text(column, row, out);
  else if (column->codes)
    val_column_value_json(&column->dictionary->entries, column->codes[row], out);
  else
    writers[column->type].json(column, row, out);
}
