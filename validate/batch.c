/* SPDX-License-Identifier: GPL-3.0-or-later
 * Names of types, and one value of a column as text: each type is a row of a table. */
#include "validate/batch.h"

#include <math.h>
#include <string.h>

#include "core/num.h"

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
  struct val_field *fields = core_arena_calloc(arena, schema->n_fields + 1, sizeof *fields);
  if (!fields) return core_fail_nomem(err, schema->n_fields * sizeof *fields);
  for (size_t i = 0; i < schema->n_fields; i++) {
    const struct val_field *from = &schema->fields[i];
    fields[i] = *from;
    fields[i].name = core_arena_strdup(arena, from->name);
    if (!fields[i].name) return core_fail_nomem(err, strlen(from->name) + 1);
    if (from->note && !(fields[i].note = core_arena_strdup(arena, from->note)))
      return core_fail_nomem(err, strlen(from->note) + 1);
  }
  *out = (struct val_schema){fields, schema->n_fields};
  return CORE_OK;
}

size_t val_schema_find(const struct val_schema *schema, const char *name) {
  size_t i = 0;
  while (i < schema->n_fields && strcmp(schema->fields[i].name, name) != 0) i++;
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
};

void val_column_value_text(const struct val_column *column, size_t row, struct core_str *out) {
  if (val_column_is_null(column, row))
    null_text(column, row, out);
  else
    writers[column->type].text(column, row, out);
}

void val_column_value_json(const struct val_column *column, size_t row, struct core_str *out) {
  if (val_column_is_null(column, row))
    null_text(column, row, out);
  else
    writers[column->type].json(column, row, out);
}
