/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/category_table.h"

#include <inttypes.h>
#include <stdlib.h>

/* Beyond them a column is none of categories, and a document of them is nothing to read. */
#define MOST_CATEGORIES 1000000

static int rank(enum val_type type) {
  return val_type_is_number(type) ? 0 : val_type_is_time(type) ? 1 : 2;
}

/* By kind first, so that categories that no value can equal have a place too. */
static int by_value(const void *a, const void *b) {
  const struct val_category *x = a, *y = b;
  if (!val_types_compare(x->value.type, y->value.type))
    return rank(x->value.type) - rank(y->value.type);
  return val_scalar_compare(&x->value, &y->value);
}

/* As a value of the column, or as itself when no value of the column can equal it. */
static struct val_scalar category(const struct core_node *node, enum val_type type) {
  struct val_scalar value = {.type = VAL_TYPE_STRING, .text = node->text};
  if (val_scalar_from_node(node, type, &value)) return value;
  if (!val_scalar_from_node(node, VAL_TYPE_DOUBLE, &value))
    value = (struct val_scalar){.type = VAL_TYPE_STRING, .text = node->text};
  return value;
}

static void add_expected(struct val_category_table *table, const struct val_partition *partition,
                         enum val_type type) {
  const struct core_node *node = partition->values->first;
  for (size_t i = 0; i < partition->n; i++, node = node->next)
    table->rows[table->n++] = (struct val_category){
        .value = category(node, type), .expected = partition->weights[i], .known = true};
}

static struct val_category *find(struct val_category_table *table, const struct val_scalar *value) {
  const struct val_category wanted = {.value = *value};
  return bsearch(&wanted, table->rows, table->n, sizeof wanted, by_value);
}

static void scale(struct val_category_table *table, double holdout) {
  for (size_t i = 0; table->n_unknown && i < table->n; i++) {
    struct val_category *row = &table->rows[i];
    row->expected = row->known ? row->expected * (1 - holdout) : holdout / (double)table->n_unknown;
  }
}

/* A value that was observed, in its row: one of the partition's first n_known, or a new one. */
static enum core_status add_observed(struct val_category_table *table, size_t n_known,
                                     const struct val_value_count *item, struct core_arena *arena,
                                     struct core_error *err) {
  struct val_category_table known = {.rows = table->rows, .n = n_known};
  struct val_category *row = find(&known, &item->value);
  table->n_values += item->count;
  if (row) {
    row->observed = (double)item->count;
    return CORE_OK;
  }
  row = &table->rows[table->n++];
  *row = (struct val_category){.value = item->value, .observed = (double)item->count};
  if (!val_type_is_bytes(row->value.type)) return CORE_OK;
  row->value.text.data = core_arena_strndup(arena, item->value.text.data, item->value.text.len);
  return row->value.text.data ? CORE_OK : core_fail_nomem(err, item->value.text.len);
}

/* With counts, for the time being; the first value tells the column's type. */
static enum core_status fill(struct val_category_table *table,
                             const struct val_partition *partition, const struct val_metric *counts,
                             struct core_arena *arena, struct core_error *err) {
  struct val_value_cursor *cursor = NULL;
  const struct val_value_count *item = NULL;
  CORE_TRY(val_value_cursor_open(counts, &cursor, err));
  enum core_status st = val_value_cursor_next(cursor, &item, err);
  add_expected(table, partition, st == CORE_OK && item ? item->value.type : VAL_TYPE_STRING);
  qsort(table->rows, table->n, sizeof *table->rows, by_value);
  const size_t n_known = table->n;
  while (st == CORE_OK && item) {
    st = add_observed(table, n_known, item, arena, err);
    if (st == CORE_OK) st = val_value_cursor_next(cursor, &item, err);
  }
  table->n_unknown = table->n - n_known;
  val_value_cursor_close(cursor);
  return st;
}

enum core_status val_category_table_open(struct val_category_table *table,
                                         const struct val_partition *partition,
                                         const struct val_metric *counts, double holdout,
                                         struct core_arena *arena, struct core_error *err) {
  const int64_t n = val_value_counts_n(counts);
  *table = (struct val_category_table){0};
  if (n > MOST_CATEGORIES)
    return core_fail(err, CORE_LIMIT,
                     "the column has %" PRId64 " different values; at most %d are categories", n,
                     MOST_CATEGORIES);
  table->rows = core_arena_calloc(arena, partition->n + (size_t)n + 1, sizeof *table->rows);
  if (!table->rows) return core_fail_nomem(err, (size_t)n * sizeof *table->rows);
  CORE_TRY(fill(table, partition, counts, arena, err));
  for (size_t i = 0; table->n_values && i < table->n; i++)
    table->rows[i].observed /= (double)table->n_values;
  qsort(table->rows, table->n, sizeof *table->rows, by_value);
  scale(table, holdout);
  return CORE_OK;
}

static void side(const struct val_category_table *table, bool observed, struct core_str *out) {
  core_str_text_append(out, "{\"values\":[");
  for (size_t i = 0; i < table->n; i++) {
    if (i) core_str_char(out, ',');
    val_scalar_json(&table->rows[i].value, out);
  }
  core_str_text_append(out, "],\"weights\":[");
  for (size_t i = 0; i < table->n; i++) {
    const struct val_scalar weight =
        val_scalar_double(observed ? table->rows[i].observed : table->rows[i].expected);
    if (i) core_str_char(out, ',');
    val_scalar_json(&weight, out);
  }
  core_str_text_append(out, "]}");
}

void val_category_table_json(const struct val_category_table *table, struct core_str *out) {
  core_str_text_append(out, "{\"observed_partition\":");
  side(table, true, out);
  core_str_text_append(out, ",\"expected_partition\":");
  side(table, false, out);
  core_str_char(out, '}');
}
