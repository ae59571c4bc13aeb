/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/value_counts.h"

#include "validate/metric/hashes.h"
#include "validate/metric/recent.h"
#include <inttypes.h>
#include <stdlib.h>

struct val_metric {
  size_t column;
  struct val_hashes seen;
  struct val_value_count *counts; /* parallel to seen.keys until finished */
  size_t counts_cap;
  struct core_arena texts;
  struct val_recent recent;
};

static enum core_status value_counts_open(const struct val_metric_request *request,
                                          const struct val_metric_context *context,
                                          struct val_metric **out, struct core_error *err) {
  (void)context;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
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

static enum core_status value_counts_observe(struct val_metric *m, const struct val_batch *batch,
                                             struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  for (size_t i = 0; i < batch->n_rows; i++) {
    size_t index = 0;
    if (val_column_is_null(column, i)) continue;
    const struct val_recent_key key = val_recent_key(column, i);
    if (val_recent_find(&m->recent, key, &index)) {
      m->counts[index].count++;
      continue;
    }
    const struct val_scalar value = val_scalar_at(column, i);
    CORE_TRY(add(m, val_hash_value(column, i), &value, 1, &index, err));
    val_recent_put(&m->recent, key, index);
  }
  return CORE_OK;
}

static enum core_status value_counts_merge(struct val_metric *into, struct val_metric *later,
                                           struct core_error *err) {
  size_t index = 0;
  for (size_t i = 0; i < later->seen.n; i++)
    CORE_TRY(add(into, later->seen.keys[i], &later->counts[i].value, later->counts[i].count, &index,
                 err));
  return CORE_OK;
}

static int by_value(const void *a, const void *b) {
  const struct val_value_count *x = a, *y = b;
  return val_scalar_compare(&x->value, &y->value);
}

static enum core_status value_counts_finish(struct val_metric *m, struct core_error *err) {
  (void)err;
  if (m->seen.n) qsort(m->counts, m->seen.n, sizeof *m->counts, by_value);
  return CORE_OK;
}

static enum core_status value_counts_describe(struct val_metric *m, struct core_str *out,
                                              struct core_error *err) {
  core_str_char(out, '[');
  for (size_t i = 0; i < m->seen.n; i++) {
    core_str_text_append(out, i ? ",[" : "[");
    val_scalar_json(&m->counts[i].value, out);
    core_str_printf(out, ",%" PRId64 "]", m->counts[i].count);
  }
  core_str_char(out, ']');
  return core_str_status(out, err);
}

static void value_counts_close(struct val_metric *m) {
  if (!m) return;
  val_hashes_close(&m->seen);
  core_free(m->counts);
  core_arena_close(&m->texts);
  core_free(m);
}

const struct val_value_count *val_value_counts(const struct val_metric *m, size_t *n) {
  *n = m->seen.n;
  return m->counts;
}

const struct val_metric_ops val_metric_value_counts = {
    .name = "value_counts",
    .summary = "the different values of a column and how often each occurs",
    .open = value_counts_open,
    .observe = value_counts_observe,
    .merge = value_counts_merge,
    .finish = value_counts_finish,
    .describe = value_counts_describe,
    .close = value_counts_close,
};
