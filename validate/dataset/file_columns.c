/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/dataset/file_columns.h"

#include <string.h>

#include "validate/reader/column_build.h"
#include "validate/scalar.h"

#define WIDEST    16 /* bytes of a value */
#define US_OF_DAY INT64_C(86400000000)

enum core_status file_columns_init(struct file_columns *c, const struct val_union *all,
                                   const struct val_dataset *dataset, struct core_error *err) {
  *c = (struct file_columns){.all = all, .dataset = dataset};
  c->columns = core_calloc(val_union_width(all) + 1, sizeof *c->columns);
  c->given = core_calloc(all->n + 1, sizeof *c->given);
  c->keys = core_calloc(dataset->n_keys + 1, sizeof *c->keys);
  if (all->n_elements > 0)
    c->given_elements = core_calloc(all->n_elements, sizeof *c->given_elements);
  if (!c->columns || !c->given || !c->keys || (all->n_elements > 0 && !c->given_elements))
    return core_fail_nomem(err, val_union_width(all) * sizeof *c->given);
  return CORE_OK;
}

void file_columns_close(struct file_columns *c) {
  for (size_t i = 0; c->columns && i < val_union_width(c->all); i++) {
    struct file_column *column = &c->columns[i];
    core_free(column->values);
    core_free(column->offsets);
    core_free(column->validity);
    core_str_close(&column->text);
  }
  core_free(c->columns);
  core_free(c->given);
  core_free(c->given_elements);
  core_free(c->keys);
  core_free(c->zeros);
  core_arena_close(&c->arena);
  *c = (struct file_columns){.all = NULL};
}

static enum core_status room(void *array, size_t *cap, size_t bytes, struct core_error *err) {
  void *block = *(void **)array;
  const enum core_status st = core_grow(&block, cap, bytes + 1, 1, err);
  *(void **)array = block;
  return st;
}

/* ---- keys of the path ---- */

/* One field of text, read as any other of its column's type. */
static enum core_status build_key(struct file_columns *c, size_t key, const char *text,
                                  struct val_findings *findings, struct core_error *err) {
  const struct val_field *field = &c->all->fields[c->all->n_of_files + key];
  static const char *const no_nulls[] = {NULL};
  const size_t len = text ? strlen(text) : 0, most = len + 2 * VAL_CSV_SLACK;
  struct val_null_tokens nulls = {0};
  struct val_build build = {.name = field->name};
  struct val_column column = {.type = VAL_TYPE_NULL};
  const struct val_csv_field at = {VAL_CSV_SLACK, text ? (uint32_t)len : VAL_CSV_ABSENT};
  const int64_t none = -1;
  bool fits;
  char *bytes = core_arena_calloc(&c->arena, most, 1);
  if (!bytes) return core_fail_nomem(err, most);
  if (text) memcpy(bytes + VAL_CSV_SLACK, text, len + 1);
  const struct val_csv_block block = {.n_records = 1,
                                      .n_fields = 1,
                                      .fields = &at,
                                      .bytes = bytes,
                                      .n_bytes = most - VAL_CSV_SLACK,
                                      .line = &none,
                                      .byte = &none};
  enum core_status st = val_null_tokens_init(&nulls, no_nulls, err);
  if (st == CORE_OK) st = val_build_init(&build, field->type, 1, err);
  if (st == CORE_OK)
    st = val_build_column(&build, &block, &nulls, -1, findings, &column, &fits, err);
  if (st == CORE_OK) {
    uint8_t *copy = core_arena_calloc(&c->arena, 1, WIDEST);
    int32_t *offsets = core_arena_calloc(&c->arena, 2, sizeof *offsets);
    c->keys[key] = (struct val_column){.type = field->type, .null_count = column.null_count};
    if (!copy || !offsets) {
      st = core_fail_nomem(err, WIDEST);
    } else if (field->type == VAL_TYPE_STRING) {
      offsets[1] = (int32_t)len;
      c->keys[key].values.bytes = bytes + VAL_CSV_SLACK;
      c->keys[key].offsets = offsets;
    } else {
      const size_t width = field->type == VAL_TYPE_BOOL   ? 1
                           : field->type == VAL_TYPE_DATE ? sizeof(int32_t)
                                                          : sizeof(int64_t);
      memcpy(copy, column.values.bits, width);
      c->keys[key].values.bits = copy;
    }
  }
  val_build_close(&build);
  val_null_tokens_close(&nulls);
  return st;
}

enum core_status file_columns_begin(struct file_columns *c, size_t file,
                                    struct val_findings *findings, struct core_error *err) {
  core_arena_reset(&c->arena);
  for (size_t k = 0; k < c->dataset->n_keys; k++) {
    c->columns[c->all->n_of_files + k].n_same = 0;
    CORE_TRY(build_key(c, k, c->dataset->files[file].values[k], findings, err));
  }
  return CORE_OK;
}

const struct val_column *file_columns_key(const struct file_columns *c, size_t column) {
  return &c->keys[column - c->all->n_of_files];
}

/* ---- columns of one value ---- */

static enum core_status give_nulls(struct file_columns *c, size_t i, size_t n,
                                   struct val_column *given, struct core_error *err) {
  const size_t before = c->zeros_cap, bytes = (n + 1) * WIDEST;
  CORE_TRY(room(&c->zeros, &c->zeros_cap, bytes, err));
  if (c->zeros_cap > before) memset(c->zeros, 0, c->zeros_cap);
  *given = (struct val_column){.type = c->all->fields[i].type,
                               .validity = c->zeros,
                               .null_count = (int64_t)n,
                               .scale = c->all->fields[i].scale};
  if (given->type == VAL_TYPE_NULL) return CORE_OK;
  given->values.bits = c->zeros;
  if (val_type_is_bytes(given->type)) given->offsets = (const int32_t *)(const void *)c->zeros;
  return CORE_OK;
}

static enum core_status repeat_text(struct file_column *to, struct core_slice text, size_t n,
                                    struct core_error *err) {
  if (text.len > 0 && n > INT32_MAX / text.len)
    return core_fail(err, CORE_LIMIT, "a path's value is too long for its rows");
  CORE_TRY(room(&to->values, &to->values_cap, n * text.len, err));
  CORE_TRY(room(&to->offsets, &to->offsets_cap, (n + 1) * sizeof *to->offsets, err));
  to->offsets[0] = 0;
  for (size_t i = 0; i < n; i++) {
    memcpy((char *)to->values + i * text.len, text.data, text.len);
    to->offsets[i + 1] = (int32_t)((i + 1) * text.len);
  }
  return CORE_OK;
}

static enum core_status repeat_value(struct file_column *to, const struct val_column *one, size_t n,
                                     struct core_error *err) {
  if (one->type == VAL_TYPE_STRING) return repeat_text(to, val_column_text(one, 0), n, err);
  CORE_TRY(room(&to->values, &to->values_cap, n * sizeof(int64_t) + sizeof(int64_t), err));
  if (one->type == VAL_TYPE_BOOL)
    memset(to->values, val_column_bool(one, 0) ? 0xff : 0, n / 8 + 1);
  else if (one->type == VAL_TYPE_DATE)
    for (size_t i = 0; i < n; i++) ((int32_t *)to->values)[i] = one->values.int32[0];
  else
    for (size_t i = 0; i < n; i++) ((int64_t *)to->values)[i] = one->values.int64[0];
  return CORE_OK;
}

static enum core_status give_key(struct file_columns *c, size_t i, size_t n,
                                 struct core_error *err) {
  const struct val_column *one = file_columns_key(c, i);
  struct file_column *to = &c->columns[i];
  if (one->null_count > 0) return give_nulls(c, i, n, &c->given[i], err);
  if (to->n_same < n) {
    CORE_TRY(repeat_value(to, one, n, err));
    to->n_same = n;
  }
  c->given[i] = (struct val_column){.type = one->type, .offsets = to->offsets};
  c->given[i].values.bits = to->values;
  return CORE_OK;
}

/* ---- columns of another type ---- */

static enum core_status to_text(struct file_column *to, const struct val_column *from, size_t n,
                                struct core_error *err) {
  core_str_clear(&to->text);
  CORE_TRY(room(&to->offsets, &to->offsets_cap, (n + 1) * sizeof *to->offsets, err));
  to->offsets[0] = 0;
  for (size_t i = 0; i < n; i++) {
    if (!val_column_is_null(from, i)) val_column_value_text(from, i, &to->text);
    if (to->text.len > INT32_MAX)
      return core_fail(err, CORE_LIMIT, "a batch has more than 2 GiB of text in one column");
    to->offsets[i + 1] = (int32_t)to->text.len;
  }
  return core_str_status(&to->text, err);
}

static enum core_status convert(struct file_columns *c, size_t i, const struct val_column *from,
                                size_t n, struct val_column *given, struct core_error *err) {
  struct file_column *to = &c->columns[i];
  const enum val_type type = c->all->fields[i].type;
  *given =
      (struct val_column){.type = type, .validity = from->validity, .null_count = from->null_count};
  if (type == VAL_TYPE_STRING) {
    CORE_TRY(to_text(to, from, n, err));
    given->values.bytes = core_str_text(&to->text);
    given->offsets = to->offsets;
    return CORE_OK;
  }
  CORE_TRY(room(&to->values, &to->values_cap, (n + 1) * sizeof(int64_t), err));
  given->values.bits = to->values;
  if (type == VAL_TYPE_DOUBLE)
    for (size_t k = 0; k < n; k++)
      ((double *)to->values)[k] = (double)val_scalar_at(from, k).integer;
  else /* a date as its midnight */
    for (size_t k = 0; k < n; k++)
      ((int64_t *)to->values)[k] = val_scalar_at(from, k).integer * US_OF_DAY;
  return CORE_OK;
}

static enum core_status give_column(struct file_columns *c, size_t i, const struct val_column *from,
                                    size_t n, struct val_column *given, struct core_error *err) {
  const struct val_field *field = &c->all->fields[i];
  const bool same_scale = field->type != VAL_TYPE_DECIMAL || from->scale == field->scale;
  if (from->type == VAL_TYPE_NULL) return give_nulls(c, i, n, given, err);
  if (from->type != field->type || !same_scale) return convert(c, i, from, n, given, err);
  *given = *from;
  return CORE_OK;
}

/* Those of a file that has not such a column are none. */
static enum core_status give_elements(struct file_columns *c, size_t file,
                                      const struct val_batch *batch, const bool *wanted,
                                      struct core_error *err) {
  const size_t n_file_columns = c->all->maps[file]->n_file_columns;
  for (size_t k = 0; k < c->all->n_elements; k++) {
    const size_t i = c->all->n + k;
    const uint32_t at = val_union_at(c->all, file, i);
    struct val_elements *given = &c->given_elements[k];
    *given = (struct val_elements){.column = {.type = VAL_TYPE_NULL}};
    if (!wanted[i] || at == VAL_UNION_NONE || !batch || !batch->elements) continue;
    const struct val_elements *from = &batch->elements[at - n_file_columns];
    given->n = from->n;
    given->parent = from->parent;
    CORE_TRY(give_column(c, i, &from->column, from->n, &given->column, err));
  }
  return CORE_OK;
}

enum core_status file_columns_fill(struct file_columns *c, size_t file,
                                   const struct val_batch *batch, size_t n, const bool *wanted,
                                   struct core_error *err) {
  if (!wanted) wanted = c->all->needed;
  for (size_t i = 0; i < c->all->n; i++) {
    const uint32_t at = val_union_at(c->all, file, i);
    if (!wanted[i]) {
      c->given[i] = (struct val_column){.type = VAL_TYPE_NULL, .null_count = (int64_t)n};
    } else if (i >= c->all->n_of_files) {
      CORE_TRY(give_key(c, i, n, err));
    } else if (at == VAL_UNION_NONE) {
      CORE_TRY(give_nulls(c, i, n, &c->given[i], err));
    } else {
      CORE_TRY(give_column(c, i, &batch->columns[at], n, &c->given[i], err));
    }
  }
  return give_elements(c, file, batch, wanted, err);
}
