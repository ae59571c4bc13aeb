/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/value_counts.h"

#include "validate/metric/hashes.h"
#include "validate/metric/recent.h"
#include "validate/metric/value_runs.h"
#include <inttypes.h>
#include <stdlib.h>

struct val_metric {
  size_t column;
  struct val_hashes seen;
  struct val_value_count *counts; /* parallel to seen.keys until finished */
  size_t counts_cap;
  struct core_arena texts;
  struct val_recent recent;
  size_t memory_bytes;
  struct val_value_runs spilled; /* values counted earlier */
  int64_t n;                     /* different values, once finished */
};

static enum core_status value_counts_open(const struct val_metric_request *request,
                                          const struct val_metric_context *context,
                                          struct val_metric **out, struct core_error *err) {
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  m->memory_bytes = context->memory_bytes;
  *out = m;
  return CORE_OK;
}

static enum core_status add(struct val_metric *m, struct core_hash128 hash,
                            const struct val_scalar *value, int64_t count, size_t *at,
                            struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  CORE_TRY(core_grow((void **)&m->counts, &m->counts_cap, m->seen.n + 1, sizeof *m->counts, err));
  CORE_TRY(val_hashes_put(&m->seen, hash, &index, &fresh, err));
  *at = index;
  if (!fresh) {
    m->counts[index].count += count;
    return CORE_OK;
  }
  m->counts[index] = (struct val_value_count){*value, count};
  if (value->type == VAL_TYPE_DOUBLE && value->number == 0) m->counts[index].value.number = 0;
  if (!val_type_is_bytes(value->type)) return CORE_OK;
  m->counts[index].value.text.data =
      core_arena_strndup(&m->texts, value->text.data, value->text.len);
  return m->counts[index].value.text.data ? CORE_OK : core_fail_nomem(err, value->text.len);
}

static int by_value(const void *a, const void *b) {
  const struct val_value_count *x = a, *y = b;
  return val_scalar_compare(&x->value, &y->value);
}

static enum core_status spill(struct val_metric *m, struct core_error *err) {
  if (m->seen.n == 0) return CORE_OK;
  qsort(m->counts, m->seen.n, sizeof *m->counts, by_value);
  CORE_TRY(val_value_runs_write(&m->spilled, m->counts, m->seen.n, err));
  val_hashes_close(&m->seen);
  m->seen = (struct val_hashes){0};
  core_arena_close(&m->texts);
  m->texts = (struct core_arena){0};
  m->recent = (struct val_recent){0};
  return CORE_OK;
}

static enum core_status spill_if_large(struct val_metric *m, struct core_error *err) {
  const size_t held = val_hashes_bytes(&m->seen) + m->seen.n * sizeof *m->counts + m->texts.total;
  return held > m->memory_bytes ? spill(m, err) : CORE_OK;
}

static enum core_status value_counts_observe(struct val_metric *m, const struct val_batch *batch,
                                             struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  for (size_t i = 0; i < batch->n_rows; i++) {
    size_t index = 0;
    if (val_column_is_null(column, i)) continue;
    const struct val_recent_key key = val_recent_key(column, i);
    if (val_recent_find(&m->recent, key, &index)) {
      m->counts[index].count += val_batch_weight(batch, i);
      continue;
    }
    const struct val_scalar value = val_scalar_at(column, i);
    CORE_TRY(add(m, val_hash_value(column, i), &value, val_batch_weight(batch, i), &index, err));
    val_recent_put(&m->recent, key, index);
  }
  return spill_if_large(m, err);
}

static enum core_status value_counts_merge(struct val_metric *into, struct val_metric *later,
                                           struct core_error *err) {
  size_t index = 0;
  into->memory_bytes += later->memory_bytes;
  CORE_TRY(val_value_runs_join(&into->spilled, &later->spilled, err));
  for (size_t i = 0; i < later->seen.n; i++)
    CORE_TRY(add(into, later->seen.keys[i], &later->counts[i].value, later->counts[i].count, &index,
                 err));
  return spill_if_large(into, err);
}

static enum core_status value_counts_finish(struct val_metric *m, struct core_error *err) {
  struct val_value_merge *merge = NULL;
  const struct val_value_count *item = NULL;
  m->n = (int64_t)m->seen.n;
  if (m->spilled.n == 0) {
    if (m->seen.n) qsort(m->counts, m->seen.n, sizeof *m->counts, by_value);
    return CORE_OK;
  }
  CORE_TRY(spill(m, err));
  CORE_TRY(val_value_merge_open(&m->spilled, &merge, err));
  enum core_status st = CORE_OK;
  for (m->n = 0; (st = val_value_merge_next(merge, &item, err)) == CORE_OK && item;) m->n++;
  val_value_merge_close(merge);
  return st;
}

int64_t val_value_counts_n(const struct val_metric *m) {
  return m->n;
}

/* ------------------------------------------------------------------ reading */

struct val_value_cursor {
  const struct val_metric *metric;
  size_t at;                     /* in memory */
  struct val_value_merge *merge; /* on disk; NULL: in memory */
};

enum core_status val_value_cursor_open(const struct val_metric *m, struct val_value_cursor **out,
                                       struct core_error *err) {
  struct val_value_cursor *c = core_calloc(1, sizeof *c);
  *out = NULL;
  if (!c) return core_fail_nomem(err, sizeof *c);
  c->metric = m;
  const enum core_status st =
      m->spilled.n ? val_value_merge_open(&m->spilled, &c->merge, err) : CORE_OK;
  if (st != CORE_OK) {
    core_free(c);
    return st;
  }
  *out = c;
  return CORE_OK;
}

enum core_status val_value_cursor_next(struct val_value_cursor *c,
                                       const struct val_value_count **out, struct core_error *err) {
  if (c->merge) return val_value_merge_next(c->merge, out, err);
  *out = c->at < c->metric->seen.n ? &c->metric->counts[c->at++] : NULL;
  return CORE_OK;
}

void val_value_cursor_close(struct val_value_cursor *c) {
  if (!c) return;
  val_value_merge_close(c->merge);
  core_free(c);
}

static enum core_status value_counts_describe(struct val_metric *m, struct core_str *out,
                                              struct core_error *err) {
  struct val_value_cursor *cursor = NULL;
  const struct val_value_count *item = NULL;
  CORE_TRY(val_value_cursor_open(m, &cursor, err));
  enum core_status st = CORE_OK;
  core_str_char(out, '[');
  for (bool first = true; (st = val_value_cursor_next(cursor, &item, err)) == CORE_OK && item;
       first = false) {
    core_str_text_append(out, first ? "[" : ",[");
    val_scalar_json(&item->value, out);
    core_str_printf(out, ",%" PRId64 "]", item->count);
  }
  core_str_char(out, ']');
  val_value_cursor_close(cursor);
  return st == CORE_OK ? core_str_status(out, err) : st;
}

static void value_counts_close(struct val_metric *m) {
  if (!m) return;
  val_hashes_close(&m->seen);
  core_free(m->counts);
  core_arena_close(&m->texts);
  val_value_runs_close(&m->spilled);
  core_free(m);
}

const struct val_metric_ops val_metric_value_counts = {
    .name = "value_counts",
    .summary = "the different values of a column and how often each occurs",
    .spills = true,
    .weighted = true,
    .open = value_counts_open,
    .observe = value_counts_observe,
    .merge = value_counts_merge,
    .finish = value_counts_finish,
    .describe = value_counts_describe,
    .close = value_counts_close,
};
