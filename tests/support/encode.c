/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/encode.h"

#include <stdlib.h>
#include <string.h>

struct coded {
  struct val_dictionary dictionary;
  struct val_decoded buffers;
  uint32_t *codes;
};

struct test_encoding {
  size_t n_columns;
  struct coded *coded;
  struct val_column *columns;
  struct val_batch batch;
};

static void check(int ok) {
  if (!ok) abort();
}

static bool same(const struct val_column *a, size_t i, const struct val_column *b, size_t k) {
  struct core_str x = {0}, y = {0};
  val_column_value_text(a, i, &x);
  val_column_value_text(b, k, &y);
  const bool equal = x.len == y.len && memcmp(core_str_text(&x), core_str_text(&y), x.len) == 0;
  core_str_close(&x);
  core_str_close(&y);
  return equal;
}

static bool can_code(const struct val_column *column) {
  return column->type != VAL_TYPE_NULL && column->type != VAL_TYPE_BOOL;
}

static void open_column(struct coded *c, const struct val_column *column, size_t n_rows) {
  struct core_error err = {0};
  uint32_t *first = calloc(n_rows + 1, sizeof *first);
  size_t n = 0;
  check(first != NULL);
  for (size_t i = 0; i < n_rows; i++) {
    size_t k = 0;
    if (val_column_is_null(column, i)) continue;
    while (k < n && !same(column, i, column, first[k])) k++;
    if (k == n) first[n++] = (uint32_t)i;
  }
  const struct val_dictionary rows = {.entries = *column, .n = n_rows, .number = 1};
  const struct val_column chosen = {
      .type = column->type, .scale = column->scale, .codes = first, .dictionary = &rows};
  check(val_column_decode(&chosen, n, &c->buffers, &c->dictionary.entries, &err) == CORE_OK);
  c->dictionary.n = n;
  c->dictionary.number = val_dictionary_number();
  free(first);
}

struct test_encoding *test_encoding_open(const struct val_batch *whole) {
  struct test_encoding *e = calloc(1, sizeof *e);
  check(e != NULL);
  e->n_columns = whole->n_columns;
  e->coded = calloc(whole->n_columns + 1, sizeof *e->coded);
  e->columns = calloc(whole->n_columns + 1, sizeof *e->columns);
  check(e->coded && e->columns);
  for (size_t i = 0; i < whole->n_columns; i++)
    if (can_code(&whole->columns[i])) open_column(&e->coded[i], &whole->columns[i], whole->n_rows);
  return e;
}

static void encode_column(struct coded *c, const struct val_column *from, size_t n_rows,
                          struct val_column *to) {
  *to = *from;
  if (!can_code(from) || c->dictionary.n == 0) return;
  free(c->codes);
  c->codes = calloc(n_rows + 1, sizeof *c->codes);
  check(c->codes != NULL);
  for (size_t i = 0; i < n_rows; i++) {
    if (val_column_is_null(from, i)) continue;
    while (!same(from, i, &c->dictionary.entries, c->codes[i])) c->codes[i]++;
    check(c->codes[i] < c->dictionary.n);
  }
  *to = (struct val_column){.type = from->type,
                            .validity = from->validity,
                            .null_count = from->null_count,
                            .scale = from->scale,
                            .codes = c->codes,
                            .dictionary = &c->dictionary};
}

const struct val_batch *test_encode(struct test_encoding *e, const struct val_batch *batch) {
  e->batch = *batch;
  e->batch.columns = e->columns;
  for (size_t i = 0; i < e->n_columns; i++)
    encode_column(&e->coded[i], &batch->columns[i], batch->n_rows, &e->columns[i]);
  return &e->batch;
}

void test_encoding_close(struct test_encoding *e) {
  for (size_t i = 0; i < e->n_columns; i++) {
    val_decoded_close(&e->coded[i].buffers);
    free(e->coded[i].codes);
  }
  free(e->coded);
  free(e->columns);
  free(e);
}
