/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/table.h"

#include "tests/support/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "validate/decimal.h"

#define DECIMAL_SCALE 4

struct values {
  uint8_t *validity;
  void *fixed; /* 16 bytes a value are enough, or bits */
  int32_t *offsets;
  struct core_str bytes;
};

struct test_table {
  struct core_tree tree;
  struct val_schema schema;
  struct val_field *fields;
  char (*names)[64];
  size_t n_rows;
  struct values *values;
  struct val_column *columns;
  int64_t *line, *byte;
  struct val_batch batch;
  struct test_encoding *encoding; /* NULL: batches to be judged are plain */
};

static void check(int ok) {
  if (!ok) abort();
}

static enum val_type infer(const struct core_node *list) {
  for (const struct core_node *v = list->first; v; v = v->next) {
    switch (v->kind) {
    case CORE_NODE_BOOL:
      return VAL_TYPE_BOOL;
    case CORE_NODE_INT:
      return VAL_TYPE_INT64;
    case CORE_NODE_DOUBLE:
      return VAL_TYPE_DOUBLE;
    case CORE_NODE_STRING:
      return VAL_TYPE_STRING;
    default:
      break;
    }
  }
  return VAL_TYPE_NULL;
}

struct test_table *test_table_open(const char *json) {
  struct core_error err = {0};
  struct test_table *t = calloc(1, sizeof *t);
  check(t != NULL);
  check(core_tree_parse_json(&t->tree, "table", json, strlen(json), &err) == CORE_OK);
  const struct core_node *root = t->tree.root;
  const size_t n = root->n_children;
  t->fields = calloc(n + 1, sizeof *t->fields);
  t->names = calloc(n + 1, sizeof *t->names);
  t->values = calloc(n + 1, sizeof *t->values);
  t->columns = calloc(n + 1, sizeof *t->columns);
  check(t->fields && t->names && t->values && t->columns);
  size_t i = 0;
  for (const struct core_node *list = root->first; list; list = list->next, i++) {
    snprintf(t->names[i], sizeof t->names[i], "%s", list->key);
    char *colon = strchr(t->names[i], ':');
    t->fields[i] = (struct val_field){.name = t->names[i], .type = infer(list)};
    if (colon) {
      *colon = 0;
      check(val_type_parse(colon + 1, &t->fields[i].type));
      t->fields[i].precision = VAL_DECIMAL_DIGITS;
      t->fields[i].scale = DECIMAL_SCALE;
    }
    t->n_rows = list->n_children;
  }
  t->schema = (struct val_schema){.fields = t->fields, .n_fields = n};
  t->line = calloc(t->n_rows + 1, sizeof *t->line);
  t->byte = calloc(t->n_rows + 1, sizeof *t->byte);
  check(t->line && t->byte);
  for (size_t row = 0; row < t->n_rows; row++) {
    t->line[row] = (int64_t)row + 2;
    t->byte[row] = (int64_t)row * 10;
  }
  return t;
}

static void free_values(struct values *v) {
  free(v->validity);
  free(v->fixed);
  free(v->offsets);
  core_str_close(&v->bytes);
  *v = (struct values){0};
}

void test_table_close(struct test_table *t) {
  if (t->encoding) test_encoding_close(t->encoding);
  for (size_t i = 0; i < t->schema.n_fields; i++) free_values(&t->values[i]);
  core_tree_close(&t->tree);
  free(t->fields);
  free(t->names);
  free(t->values);
  free(t->columns);
  free(t->line);
  free(t->byte);
  free(t);
}

size_t test_table_rows(const struct test_table *t) {
  return t->n_rows;
}

const struct val_schema *test_table_schema(const struct test_table *t) {
  return &t->schema;
}

/* As written, with DECIMAL_SCALE digits behind the point. */
static void put_decimal(struct values *v, size_t i, const struct core_node *node) {
  struct val_decimal value;
  check(val_decimal_parse(node->text.data, node->text.len, &value) && value.scale <= DECIMAL_SCALE);
  for (; value.scale < DECIMAL_SCALE; value.scale++) value.unscaled *= 10;
  ((core_int128 *)v->fixed)[i] = value.unscaled;
}

static void put(struct values *v, enum val_type type, size_t i, const struct core_node *node) {
  bool zoned = false;
  switch (type) {
  case VAL_TYPE_BOOL:
    if (node->boolean) ((uint8_t *)v->fixed)[i >> 3] |= (uint8_t)(1U << (i & 7));
    break;
  case VAL_TYPE_INT64:
    ((int64_t *)v->fixed)[i] = node->integer;
    break;
  case VAL_TYPE_DOUBLE:
    ((double *)v->fixed)[i] = node->number;
    break;
  case VAL_TYPE_DATE:
    check(val_date_parse(node->text.data, node->text.len, &((int32_t *)v->fixed)[i]));
    break;
  case VAL_TYPE_TIMESTAMP:
  case VAL_TYPE_TIMESTAMP_UTC:
    check(val_timestamp_parse(node->text.data, node->text.len, &((int64_t *)v->fixed)[i], &zoned));
    break;
  case VAL_TYPE_TIMESTAMP_NS:
  case VAL_TYPE_TIMESTAMP_NS_UTC:
    check(val_timestamp_parse(node->text.data, node->text.len, &((int64_t *)v->fixed)[i], &zoned));
    ((int64_t *)v->fixed)[i] *= 1000;
    break;
  case VAL_TYPE_TIME:
    check(val_time_parse(node->text.data, node->text.len, &((int64_t *)v->fixed)[i]));
    break;
  case VAL_TYPE_DECIMAL:
    put_decimal(v, i, node);
    break;
  case VAL_TYPE_STRING:
  case VAL_TYPE_BINARY:
  case VAL_TYPE_NESTED:
    core_str_append(&v->bytes, node->text.data, node->text.len);
    break;
  case VAL_TYPE_NULL:
    abort();
  }
}

/* Null bools stay false: their bits share bytes with others. */
static void fill_column(struct test_table *t, size_t index, const struct core_node *list,
                        size_t from, size_t to) {
  struct values *v = &t->values[index];
  struct val_column *column = &t->columns[index];
  const enum val_type type = t->fields[index].type;
  const size_t n = to - from;
  free_values(v);
  v->validity = calloc(n / 8 + 1, 1);
  v->fixed = aligned_alloc(16, n * 16 + 16);
  v->offsets = calloc(n + 1, sizeof *v->offsets);
  check(v->validity && v->fixed && v->offsets);
  memset(v->fixed, type == VAL_TYPE_BOOL ? 0 : 0x5a, n * 16 + 16);
  *column =
      (struct val_column){.type = type, .scale = type == VAL_TYPE_DECIMAL ? DECIMAL_SCALE : 0};
  for (size_t i = 0; i < n; i++) {
    const struct core_node *node = core_node_at(list, from + i);
    if (node->kind == CORE_NODE_NULL) {
      column->null_count++;
    } else {
      v->validity[i >> 3] |= (uint8_t)(1U << (i & 7));
      put(v, type, i, node);
    }
    v->offsets[i + 1] = (int32_t)v->bytes.len;
  }
  column->validity = column->null_count ? v->validity : NULL;
  column->offsets = v->offsets;
  if (val_type_is_bytes(type))
    column->values.bytes = core_str_text(&v->bytes);
  else
    column->values.int64 = v->fixed;
}

const struct val_batch *test_table_batch(struct test_table *t, size_t from, size_t to) {
  size_t i = 0;
  for (const struct core_node *list = t->tree.root->first; list; list = list->next, i++)
    fill_column(t, i, list, from, to);
  t->batch = (struct val_batch){.n_rows = to - from,
                                .first_row = (int64_t)from,
                                .n_columns = t->schema.n_fields,
                                .columns = t->columns,
                                .line = t->line + from,
                                .byte = t->byte + from};
  return &t->batch;
}

void test_table_encode(struct test_table *t) {
  t->encoding = test_encoding_open(test_table_batch(t, 0, t->n_rows));
}

/* ---- judging ---- */

static enum core_status run_pieces(struct test_table *t, const struct val_plan *plan,
                                   const size_t *cuts, size_t n_cuts, struct val_pass *whole,
                                   bool partial, struct core_error *err) {
  size_t from = 0;
  for (size_t i = 0; i <= n_cuts; i++) {
    const size_t to = i < n_cuts ? cuts[i] : t->n_rows;
    const struct val_batch *batch = test_table_batch(t, from, to);
    if (t->encoding) batch = test_encode(t->encoding, batch);
    from = to;
    if (!partial) {
      CORE_TRY(val_pass_observe(whole, batch, err));
      continue;
    }
    /* numbered from its own beginning, as a reader of a section does */
    struct val_pass *piece = NULL;
    struct val_batch own = *batch;
    int64_t *line = core_calloc(batch->n_rows + 1, sizeof *line);
    const int64_t rows_before = val_plan_asks_row(plan) ? 0 : batch->first_row;
    const int64_t lines_before = rows_before;
    if (!line) return core_fail_nomem(err, batch->n_rows);
    for (size_t k = 0; k < batch->n_rows; k++) line[k] = batch->line[k] - lines_before;
    own.first_row -= rows_before;
    own.line = line;
    enum core_status st = val_pass_open(plan, 2, &piece, err);
    if (st == CORE_OK) st = val_pass_observe(piece, &own, err);
    core_free(line);
    if (st == CORE_OK) val_pass_shift(piece, rows_before, lines_before);
    if (st == CORE_OK) st = val_pass_merge(whole, piece, err);
    val_pass_close(piece);
    CORE_TRY(st);
  }
  return CORE_OK;
}

enum core_status test_table_judge(struct test_table *t, const struct val_suite *suite,
                                  const struct val_limits *limits, const size_t *cuts,
                                  size_t n_cuts, bool partial, struct val_result *result,
                                  struct core_error *err) {
  struct val_plan plan;
  struct val_pass *whole = NULL;
  *result = (struct val_result){0};
  CORE_TRY(val_plan_open(&plan, suite, &t->schema, limits, err));
  enum core_status st = val_pass_open(&plan, partial ? 2 : 0, &whole, err);
  if (st == CORE_OK) st = run_pieces(t, &plan, cuts, n_cuts, whole, partial, err);
  if (st == CORE_OK) st = val_pass_finish(whole, err);
  if (st == CORE_OK) st = val_pass_judge(whole, result, err);
  val_pass_close(whole);
  val_plan_close(&plan);
  if (st != CORE_OK) val_result_close(result);
  return st;
}

void test_verdict_text(const struct val_verdict *v, struct core_str *out) {
  core_str_printf(out, "success %d exception %s map %d counts %d/%d: %lld %lld %lld\n", v->success,
                  v->exception ? v->exception : "-", v->is_map, v->has_counts, v->counts_missing,
                  (long long)v->element_count, (long long)v->missing_count,
                  (long long)v->unexpected_count);
  core_str_printf(out, "observed %s (%s) details %s\n", v->observed_json ? v->observed_json : "-",
                  v->observed_text ? v->observed_text : "-",
                  v->details_json ? v->details_json : "-");
  for (size_t i = 0; i < v->n_failures; i++)
    core_str_printf(out, "row %lld line %lld byte %lld: %s (%s) %s\n",
                    (long long)v->failures[i].row, (long long)v->failures[i].line,
                    (long long)v->failures[i].byte, v->failures[i].json, v->failures[i].text,
                    v->failures[i].index_json ? v->failures[i].index_json : "-");
}

enum core_status test_suite_open(struct val_suite *suite, const char *name, const char *kwargs,
                                 struct core_error *err) {
  struct core_str text = {0};
  core_str_printf(&text, "suite: test\nexpectations:\n  - %s: %s\n", name, kwargs);
  const enum core_status st =
      text.failed ? core_fail_nomem(err, 1)
                  : val_suite_parse(suite, "suite.yaml", text.data, text.len, NULL, err);
  core_str_close(&text);
  return st;
}
