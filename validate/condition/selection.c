/* SPDX-License-Identifier: GPL-3.0-or-later
 * Gathers the selected rows of a batch, column by column: encoded columns become plain. */
#include "validate/condition/filter_bits.h"

#include <string.h>

#define TEXT_MOST ((size_t)1 << 30) /* bytes: offsets have 32 bits */

struct val_gathered {
  uint8_t *validity;
  void *values;
  int32_t *offsets;
  size_t validity_cap, values_cap, offsets_cap;
};

static enum core_status open_columns(struct val_selection *s, size_t n, struct core_error *err) {
  if (s->columns) return CORE_OK;
  s->columns = core_calloc(n + 1, sizeof *s->columns);
  s->gathered = core_calloc(n + 1, sizeof *s->gathered);
  if (!s->columns || !s->gathered) return core_fail_nomem(err, n * sizeof *s->gathered);
  s->n_columns = n;
  return CORE_OK;
}

static enum core_status choose(struct val_selection *s, const uint8_t *bits, size_t n_rows,
                               size_t *n, struct core_error *err) {
  CORE_TRY(core_grow((void **)&s->chosen, &s->chosen_cap, n_rows + 1, sizeof *s->chosen, err));
  *n = 0;
  for (size_t i = 0; i < n_rows; i++) {
    s->chosen[*n] = (uint32_t)i;
    *n += bits[i >> 3] >> (i & 7) & 1;
  }
  return CORE_OK;
}

static enum core_status gather_validity(struct val_selection *s, const struct val_column *from,
                                        size_t n, struct val_gathered *to, struct val_column *out,
                                        struct core_error *err) {
  if (!from->validity) return CORE_OK;
  CORE_TRY(core_grow((void **)&to->validity, &to->validity_cap, (n + 7) / 8 + 1, 1, err));
  memset(to->validity, 0, (n + 7) / 8);
  for (size_t i = 0; i < n; i++) {
    const bool null = val_column_is_null(from, s->chosen[i]);
    to->validity[i >> 3] |= (uint8_t)(!null << (i & 7));
    out->null_count += null;
  }
  out->validity = to->validity;
  return CORE_OK;
}

static enum core_status gather_fixed(struct val_selection *s, const struct val_column *from,
                                     size_t n, size_t width, struct val_gathered *to,
                                     struct val_column *out, struct core_error *err) {
  CORE_TRY(core_grow(&to->values, &to->values_cap, n * width + 1, 1, err));
  char *bytes = to->values;
  const char *source = from->codes ? from->dictionary->entries.values.bytes : from->values.bytes;
  for (size_t i = 0; i < n; i++) {
    const size_t at = from->codes ? from->codes[s->chosen[i]] : s->chosen[i];
    memcpy(bytes + i * width, source + at * width, width);
  }
  out->values.bytes = bytes;
  return CORE_OK;
}

static enum core_status gather_bits(struct val_selection *s, const struct val_column *from,
                                    size_t n, struct val_gathered *to, struct val_column *out,
                                    struct core_error *err) {
  CORE_TRY(core_grow(&to->values, &to->values_cap, (n + 7) / 8 + 1, 1, err));
  uint8_t *bits = to->values;
  memset(bits, 0, (n + 7) / 8);
  for (size_t i = 0; i < n; i++)
    bits[i >> 3] |= (uint8_t)(val_column_bool(from, s->chosen[i]) << (i & 7));
  out->values.bits = bits;
  return CORE_OK;
}

/* Texts of nulls are not read: they may be anything. */
static enum core_status gather_texts(struct val_selection *s, const struct val_column *from,
                                     size_t n, struct val_gathered *to, struct val_column *out,
                                     struct core_error *err) {
  size_t len = 0;
  CORE_TRY(core_grow((void **)&to->offsets, &to->offsets_cap, n + 1, sizeof *to->offsets, err));
  for (size_t i = 0; i < n; i++)
    if (!val_column_is_null(from, s->chosen[i])) len += val_column_text(from, s->chosen[i]).len;
  if (len > TEXT_MOST) /* a row is repeated for each of its elements */
    return core_fail(err, CORE_LIMIT, "the texts beside the elements of some lists have %zu MiB",
                     len >> 20);
  CORE_TRY(core_grow(&to->values, &to->values_cap, len + 1, 1, err));
  char *bytes = to->values;
  len = 0;
  for (size_t i = 0; i < n; i++) {
    to->offsets[i] = (int32_t)len;
    if (val_column_is_null(from, s->chosen[i])) continue;
    const struct core_slice text = val_column_text(from, s->chosen[i]);
    if (text.len) memcpy(bytes + len, text.data, text.len);
    len += text.len;
  }
  to->offsets[n] = (int32_t)len;
  out->values.bytes = bytes;
  out->offsets = to->offsets;
  return CORE_OK;
}

static enum core_status gather(struct val_selection *s, const struct val_column *from, size_t n,
                               struct val_gathered *to, struct val_column *out,
                               struct core_error *err) {
  *out = (struct val_column){.type = from->type};
  if (from->type == VAL_TYPE_NULL) {
    out->null_count = (int64_t)n;
    return CORE_OK;
  }
  CORE_TRY(gather_validity(s, from, n, to, out, err));
  switch (from->type) {
  case VAL_TYPE_BOOL:
    return gather_bits(s, from, n, to, out, err);
  case VAL_TYPE_STRING:
  case VAL_TYPE_BINARY:
  case VAL_TYPE_NESTED:
    return gather_texts(s, from, n, to, out, err);
  case VAL_TYPE_DATE:
    return gather_fixed(s, from, n, sizeof(int32_t), to, out, err);
  case VAL_TYPE_DECIMAL:
    out->scale = from->scale;
    return gather_fixed(s, from, n, sizeof(core_int128), to, out, err);
  default:
    return gather_fixed(s, from, n, sizeof(int64_t), to, out, err);
  }
}

static enum core_status gather_places(struct val_selection *s, const struct val_batch *batch,
                                      size_t n, struct core_error *err) {
  CORE_TRY(core_grow((void **)&s->row, &s->row_cap, n + 1, sizeof *s->row, err));
  CORE_TRY(core_grow((void **)&s->line, &s->line_cap, n + 1, sizeof *s->line, err));
  CORE_TRY(core_grow((void **)&s->byte, &s->byte_cap, n + 1, sizeof *s->byte, err));
  for (size_t i = 0; i < n; i++) {
    const size_t from = s->chosen[i];
    s->row[i] = val_batch_row(batch, from);
    if (batch->line) s->line[i] = batch->line[from];
    if (batch->byte) s->byte[i] = batch->byte[from];
  }
  s->batch.row = s->row;
  s->batch.line = batch->line ? s->line : NULL;
  s->batch.byte = batch->byte ? s->byte : NULL;
  return CORE_OK;
}

enum core_status val_selection_take(struct val_selection *s, const struct val_filter *filter,
                                    const struct val_batch *batch, const bool *wanted,
                                    struct core_error *err) {
  const uint8_t *bits = NULL;
  size_t n = 0;
  CORE_TRY(open_columns(s, batch->n_columns, err));
  CORE_TRY(val_filter_mark(filter, batch, &s->scratch, &bits, err));
  CORE_TRY(choose(s, bits, batch->n_rows, &n, err));
  s->batch = (struct val_batch){.n_rows = n,
                                .first_row = batch->first_row,
                                .n_columns = batch->n_columns,
                                .columns = s->columns};
  for (size_t i = 0; i < batch->n_columns; i++) {
    const struct val_column none = {.type = VAL_TYPE_NULL};
    const struct val_column *from = wanted[i] ? &batch->columns[i] : &none;
    CORE_TRY(gather(s, from, n, &s->gathered[i], &s->columns[i], err));
  }
  return gather_places(s, batch, n, err);
}

/* Those of the rows whose bits are set, and these rows. */
static enum core_status choose_elements(struct val_selection *s, const uint8_t *bits,
                                        const struct val_elements *elements, size_t *n,
                                        struct core_error *err) {
  CORE_TRY(core_grow((void **)&s->chosen, &s->chosen_cap, elements->n + 1, sizeof *s->chosen, err));
  CORE_TRY(core_grow((void **)&s->elements, &s->elements_cap, elements->n + 1, sizeof *s->elements,
                     err));
  *n = 0;
  for (size_t i = 0; i < elements->n; i++) {
    const uint32_t row = elements->parent[i];
    s->chosen[*n] = row;
    s->elements[*n] = (uint32_t)i;
    *n += !bits || (bits[row >> 3] >> (row & 7) & 1);
  }
  return CORE_OK;
}

static enum core_status gather_elements(struct val_selection *s, const struct val_column *from,
                                        size_t n, size_t column, struct core_error *err) {
  uint32_t *rows = s->chosen;
  s->chosen = s->elements;
  const enum core_status st = gather(s, from, n, &s->gathered[column], &s->columns[column], err);
  s->chosen = rows;
  return st;
}

enum core_status val_selection_expand(struct val_selection *s, const struct val_filter *filter,
                                      const struct val_batch *batch, size_t column,
                                      const struct val_schema *schema, const bool *wanted,
                                      struct core_error *err) {
  static const struct val_column none = {.type = VAL_TYPE_NULL};
  const struct val_elements *elements = &batch->elements[column - schema->n_fields];
  const size_t width = val_schema_width(schema);
  const uint8_t *bits = NULL;
  size_t n = 0;
  CORE_TRY(open_columns(s, width, err));
  if (filter) CORE_TRY(val_filter_mark(filter, batch, &s->scratch, &bits, err));
  CORE_TRY(choose_elements(s, bits, elements, &n, err));
  s->batch = (struct val_batch){
      .n_rows = n, .first_row = batch->first_row, .n_columns = width, .columns = s->columns};
  for (size_t i = 0; i < width; i++) {
    const bool other = wanted[i] && i < batch->n_columns;
    CORE_TRY(
        gather(s, other ? &batch->columns[i] : &none, n, &s->gathered[i], &s->columns[i], err));
  }
  if (filter) {
    CORE_TRY(gather_elements(s, &elements->column, n, column, err));
  } else {
    s->columns[column] = elements->column;
  }
  return gather_places(s, batch, n, err);
}

void val_selection_close(struct val_selection *s) {
  for (size_t i = 0; s->gathered && i < s->n_columns; i++) {
    core_free(s->gathered[i].validity);
    core_free(s->gathered[i].values);
    core_free(s->gathered[i].offsets);
  }
  core_free(s->gathered);
  core_free(s->columns);
  core_free(s->row);
  core_free(s->line);
  core_free(s->byte);
  core_free(s->chosen);
  core_free(s->elements);
  core_arena_close(&s->scratch);
  *s = (struct val_selection){0};
}
