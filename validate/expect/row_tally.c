/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/row_tally.h"

#include <stdlib.h>
#include <string.h>

void val_row_tally_open(struct val_row_tally *tally, const struct val_map *map) {
  *tally = (struct val_row_tally){.map = map, .sorted = true, .limit_row = INT64_MAX};
}

void val_row_tally_close(struct val_row_tally *tally) {
  for (size_t i = 0; i < tally->n_kept; i++) core_free(tally->kept[i]);
  core_free(tally->kept);
  core_free(tally->considered);
  for (size_t i = 0; i < CORE_COUNT_OF(tally->scratch); i++) core_str_close(&tally->scratch[i]);
}

/* ---- which rows count ---- */

static void set_all(uint8_t *bits, size_t n_rows, bool on) {
  const size_t n_bytes = (n_rows + 7) / 8;
  memset(bits, on ? 0xff : 0, n_bytes);
  if (on && n_rows % 8) bits[n_bytes - 1] = (uint8_t)((1U << (n_rows % 8)) - 1);
}

static int64_t count_ones(const uint8_t *bits, size_t n_bytes) {
  int64_t n = 0;
  size_t i = 0;
  for (; i + 8 <= n_bytes; i += 8) {
    uint64_t eight;
    memcpy(&eight, bits + i, sizeof eight);
    n += __builtin_popcountll(eight);
  }
  for (; i < n_bytes; i++) n += __builtin_popcount(bits[i]);
  return n;
}

/* bits &= validity, or |= for rows of which one value is enough. */
static void combine(uint8_t *bits, const struct val_column *column, size_t n_rows, bool all) {
  const size_t n_bytes = (n_rows + 7) / 8;
  const bool none_valid = column->type == VAL_TYPE_NULL;
  for (size_t i = 0; i < n_bytes; i++) {
    const uint8_t valid = none_valid ? 0 : column->validity ? column->validity[i] : 0xff;
    bits[i] = all ? (uint8_t)(bits[i] & valid) : (uint8_t)(bits[i] | valid);
  }
}

static bool has_nulls(const struct val_column *column) {
  return column->null_count != 0 || column->type == VAL_TYPE_NULL;
}

enum core_status val_row_tally_consider(struct val_row_tally *tally, const struct val_batch *batch,
                                        struct core_error *err) {
  const struct val_map *map = tally->map;
  const size_t n_rows = batch->n_rows, n_bytes = (n_rows + 7) / 8;
  CORE_TRY(core_grow((void **)&tally->considered, &tally->considered_cap, n_bytes + 1, 1, err));
  bool nulls = false;
  for (size_t i = 0; i < map->n_columns; i++) nulls |= has_nulls(&batch->columns[map->columns[i]]);
  tally->n_rows += (int64_t)n_rows;
  set_all(tally->considered, n_rows, map->nulls != VAL_NULLS_ALL || !nulls);
  if (!nulls || map->nulls == VAL_NULLS_NEVER) return CORE_OK;
  for (size_t i = 0; i < map->n_columns; i++)
    combine(tally->considered, &batch->columns[map->columns[i]], n_rows,
            map->nulls == VAL_NULLS_ANY);
  if (n_rows % 8) tally->considered[n_bytes - 1] &= (uint8_t)((1U << (n_rows % 8)) - 1);
  tally->n_missing += (int64_t)n_rows - count_ones(tally->considered, n_bytes);
  return CORE_OK;
}

/* ---- failing rows ---- */

bool val_row_tally_admits(const struct val_row_tally *tally, int64_t row) {
  return row < tally->limit_row;
}

static void key_json(const struct val_schema *schema, size_t column, bool first,
                     struct core_str *out) {
  const char *name = schema->fields[column].name;
  core_str_char(out, first ? '{' : ',');
  core_str_json(out, name, strlen(name));
  core_str_char(out, ':');
}

/* A failing value is shown, not stored: of a text of megabytes the beginning is enough. */
#define SHOWN_BYTES ((size_t)64 << 10)

static bool is_long_text(const struct val_column *column, size_t row) {
  return val_type_is_bytes(column->type) && !val_column_is_null(column, row) &&
         val_column_text(column, row).len > SHOWN_BYTES;
}

static size_t shown_length(struct core_slice text) {
  return core_utf8_valid_prefix(text.data, SHOWN_BYTES);
}

static void append_json(const struct val_column *column, size_t row, struct core_str *out) {
  if (!is_long_text(column, row)) {
    val_column_value_json(column, row, out);
    return;
  }
  const struct core_slice text = val_column_text(column, row);
  core_str_json(out, text.data, shown_length(text));
  if (out->failed) return;
  out->len--; /* the quote, which comes again behind the dots */
  core_str_text_append(out, "...\"");
}

static void append_text(const struct val_column *column, size_t row, struct core_str *out) {
  if (!is_long_text(column, row)) {
    val_column_value_text(column, row, out);
    return;
  }
  const struct core_slice text = val_column_text(column, row);
  core_str_append(out, text.data, shown_length(text));
  core_str_text_append(out, "...");
}

/* A value, [a,b], or {"col":v,...}. */
static void value_json(const struct val_map *map, const struct val_batch *batch, size_t row,
                       struct core_str *out) {
  const bool pair = map->expected->ops->kind == VAL_EXPECT_PAIR;
  const bool alone = map->expected->ops->kind == VAL_EXPECT_MAP;
  for (size_t i = 0; i < map->n_columns; i++) {
    if (pair)
      core_str_char(out, i ? ',' : '[');
    else if (!alone)
      key_json(map->schema, map->columns[i], i == 0, out);
    append_json(&batch->columns[map->columns[i]], row, out);
  }
  if (!alone) core_str_char(out, pair ? ']' : '}');
}

static void value_text(const struct val_map *map, const struct val_batch *batch, size_t row,
                       struct core_str *out) {
  for (size_t i = 0; i < map->n_columns; i++) {
    if (map->n_columns > 1)
      core_str_printf(out, "%s%s=", i ? ", " : "", map->schema->fields[map->columns[i]].name);
    append_text(&batch->columns[map->columns[i]], row, out);
  }
}

static void index_json(const struct val_map *map, const struct val_batch *batch, size_t row,
                       struct core_str *out) {
  if (!map->n_index_columns) return;
  for (size_t i = 0; i < map->n_columns; i++) {
    key_json(map->schema, map->columns[i], i == 0, out);
    append_json(&batch->columns[map->columns[i]], row, out);
  }
  for (size_t i = 0; i < map->n_index_columns; i++) {
    key_json(map->schema, map->index_columns[i], false, out);
    append_json(&batch->columns[map->index_columns[i]], row, out);
  }
  core_str_char(out, '}');
}

static void row_json(const struct val_map *map, const struct val_batch *batch, size_t row,
                     struct core_str *out) {
  if (!map->expected->include_rows) return;
  for (size_t i = 0; i < map->schema->n_fields; i++) {
    key_json(map->schema, i, i == 0, out);
    append_json(&batch->columns[i], row, out);
  }
  core_str_char(out, '}');
}

/* One block: the struct, then the four texts. */
static struct val_kept *pack(const struct core_str *json, const struct core_str *text,
                             const struct core_str *index, const struct core_str *whole,
                             struct core_error *err) {
  const size_t bytes =
      sizeof(struct val_kept) + json->len + text->len + index->len + whole->len + 4;
  struct val_kept *kept = core_alloc(bytes);
  if (!kept) {
    core_fail_nomem(err, bytes);
    return NULL;
  }
  char *at = (char *)(kept + 1);
  *kept = (struct val_kept){.bytes = bytes, .json = at, .text = at + json->len + 1};
  if (index->len) kept->index_json = kept->text + text->len + 1;
  memcpy(at, core_str_text(json), json->len + 1);
  memcpy(at + json->len + 1, core_str_text(text), text->len + 1);
  memcpy(at + json->len + text->len + 2, core_str_text(index), index->len + 1);
  at += json->len + text->len + index->len + 3;
  if (whole->len) kept->row_json = at;
  memcpy(at, core_str_text(whole), whole->len + 1);
  return kept;
}

struct kept_head {
  size_t bytes, text_at, index_at; /* 0: none */
};

void val_kept_write(const struct val_kept *kept, struct core_str *out) {
  const char *base = (const char *)kept;
  const struct kept_head head = {kept->bytes, (size_t)(kept->text - base),
                                 kept->index_json ? (size_t)(kept->index_json - base) : 0};
  core_str_append(out, (const char *)&head, sizeof head);
  core_str_append(out, base, kept->bytes);
}

struct val_kept *val_kept_read(const char *bytes, size_t *used) {
  struct kept_head head;
  memcpy(&head, bytes, sizeof head);
  struct val_kept *kept = core_alloc(head.bytes);
  if (!kept) return NULL;
  memcpy(kept, bytes + sizeof head, head.bytes);
  kept->json = (const char *)(kept + 1);
  kept->text = (const char *)kept + head.text_at;
  kept->index_json = head.index_at ? (const char *)kept + head.index_at : NULL;
  *used = sizeof head + head.bytes;
  return kept;
}

enum core_status val_row_tally_show(struct val_row_tally *tally, const struct val_batch *batch,
                                    size_t row, struct val_kept **out, struct core_error *err) {
  struct core_str *json = &tally->scratch[0], *text = &tally->scratch[1],
                  *index = &tally->scratch[2], *whole = &tally->scratch[3];
  for (size_t i = 0; i < CORE_COUNT_OF(tally->scratch); i++) core_str_clear(&tally->scratch[i]);
  value_json(tally->map, batch, row, json);
  value_text(tally->map, batch, row, text);
  index_json(tally->map, batch, row, index);
  row_json(tally->map, batch, row, whole);
  for (size_t i = 0; i < CORE_COUNT_OF(tally->scratch); i++)
    CORE_TRY(core_str_status(&tally->scratch[i], err));
  struct val_kept *kept = pack(json, text, index, whole, err);
  if (!kept) return CORE_NOMEM;
  kept->row = val_batch_row(batch, row);
  kept->line = batch->line ? batch->line[row] : -1;
  kept->byte = batch->byte ? batch->byte[row] : -1;
  *out = kept;
  return CORE_OK;
}

static int by_row(const void *a, const void *b) {
  const struct val_kept *const *x = a, *const *y = b;
  return ((*x)->row > (*y)->row) - ((*x)->row < (*y)->row);
}

/* Sorts by row and cuts to the rows that fit; the first row cut off is the limit from now on. */
static void cut(struct val_row_tally *tally) {
  if (!tally->sorted && tally->n_kept)
    qsort(tally->kept, tally->n_kept, sizeof(struct val_kept *), by_row);
  tally->sorted = true;
  size_t n = 0, bytes = 0;
  while (n < tally->n_kept && n < tally->map->max_rows && tally->kept[n]->row < tally->limit_row &&
         bytes + tally->kept[n]->bytes <= tally->map->max_bytes)
    bytes += tally->kept[n++]->bytes;
  if (n == tally->n_kept) return;
  if (tally->kept[n]->row < tally->limit_row) tally->limit_row = tally->kept[n]->row;
  for (size_t i = n; i < tally->n_kept; i++) core_free(tally->kept[i]);
  tally->n_kept = n;
  tally->kept_bytes = bytes;
}

/* Rows in order are cut at once; others when there are twice as many as wanted, so that sorting stays cheap. */
static bool must_cut(const struct val_row_tally *tally) {
  const size_t slack = tally->sorted ? 1 : 2;
  return tally->n_kept / slack > tally->map->max_rows ||
         tally->kept_bytes / slack > tally->map->max_bytes;
}

enum core_status val_row_tally_keep(struct val_row_tally *tally, struct val_kept *kept,
                                    struct core_error *err) {
  if (!val_row_tally_admits(tally, kept->row)) {
    core_free(kept);
    return CORE_OK;
  }
  const enum core_status st = core_grow((void **)&tally->kept, &tally->kept_cap, tally->n_kept + 1,
                                        sizeof(struct val_kept *), err);
  if (st != CORE_OK) {
    core_free(kept);
    return st;
  }
  if (tally->n_kept && tally->kept[tally->n_kept - 1]->row > kept->row) tally->sorted = false;
  tally->kept[tally->n_kept++] = kept;
  tally->kept_bytes += kept->bytes;
  if (must_cut(tally)) cut(tally);
  return CORE_OK;
}

enum core_status val_row_tally_merge(struct val_row_tally *into, struct val_row_tally *later,
                                     struct core_error *err) {
  into->n_rows += later->n_rows;
  into->n_missing += later->n_missing;
  into->n_unexpected += later->n_unexpected;
  if (later->limit_row < into->limit_row) into->limit_row = later->limit_row;
  for (size_t i = 0; i < later->n_kept; i++) {
    struct val_kept *kept = later->kept[i];
    later->kept[i] = NULL;
    CORE_TRY(val_row_tally_keep(into, kept, err));
  }
  later->n_kept = 0;
  return CORE_OK;
}

static void shift_kept(struct val_kept *kept, int64_t rows, int64_t lines) {
  kept->row += rows;
  if (kept->line >= 0) kept->line += lines;
}

void val_row_tally_shift(struct val_row_tally *tally, int64_t rows, int64_t lines) {
  for (size_t i = 0; i < tally->n_kept; i++) shift_kept(tally->kept[i], rows, lines);
  if (tally->limit_row != INT64_MAX) tally->limit_row += rows;
}

void val_row_tally_finish(struct val_row_tally *tally) {
  cut(tally);
}
