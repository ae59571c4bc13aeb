/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/distinct.h"

#include "validate/metric/hashes.h"
#include "validate/metric/recent.h"
#include <inttypes.h>

struct val_metric {
  size_t column;
  int64_t n_values;
  struct val_hashes seen;
  struct val_recent recent;
};

static enum core_status distinct_open(const struct val_metric_request *request,
                                      const struct val_metric_context *context,
                                      struct val_metric **out, struct core_error *err) {
  (void)context;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  *out = m;
  return CORE_OK;
}

static enum core_status distinct_observe(struct val_metric *m, const struct val_batch *batch,
                                         struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  size_t index;
  bool fresh;
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (val_column_is_null(column, i)) continue;
    const struct val_recent_key key = val_recent_key(column, i);
    if (val_recent_find(&m->recent, key, &index)) continue;
    CORE_TRY(val_hashes_put(&m->seen, val_hash_value(column, i), &index, &fresh, err));
    val_recent_put(&m->recent, key, index);
  }
  m->n_values += (int64_t)batch->n_rows - column->null_count;
  return CORE_OK;
}

static enum core_status distinct_merge(struct val_metric *into, struct val_metric *later,
                                       struct core_error *err) {
  size_t index;
  bool fresh;
  for (size_t i = 0; i < later->seen.n; i++)
    CORE_TRY(val_hashes_put(&into->seen, later->seen.keys[i], &index, &fresh, err));
  into->n_values += later->n_values;
  return CORE_OK;
}

static enum core_status distinct_finish(struct val_metric *m, struct core_error *err) {
  (void)m, (void)err;
  return CORE_OK;
}

static enum core_status distinct_describe(struct val_metric *m, struct core_str *out,
                                          struct core_error *err) {
  core_str_printf(out, "{\"distinct\":%zu,\"values\":%" PRId64 "}", m->seen.n, m->n_values);
  return core_str_status(out, err);
}

static void distinct_close(struct val_metric *m) {
  if (!m) return;
  val_hashes_close(&m->seen);
  core_free(m);
}

int64_t val_distinct_count(const struct val_metric *m) {
  return (int64_t)m->seen.n;
}

int64_t val_distinct_values(const struct val_metric *m) {
  return m->n_values;
}

const struct val_metric_ops val_metric_distinct = {
    .name = "distinct",
    .summary = "the number of different values of a column",
    .open = distinct_open,
    .observe = distinct_observe,
    .merge = distinct_merge,
    .finish = distinct_finish,
    .describe = distinct_describe,
    .close = distinct_close,
};
