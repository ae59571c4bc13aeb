/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/distinct.h"

#include "validate/metric/hashes.h"
#include "validate/metric/recent.h"
#include "validate/metric/scatter.h"
#include <inttypes.h>

enum { TOGETHER = 32 }; /* hashes that are looked for at the same time */

struct val_metric {
  size_t column;
  int64_t n_values;
  struct val_hashes seen;
  struct val_recent recent;
  size_t memory_bytes;
  struct val_scatter *spilled; /* hashes of earlier sets; NULL: all are in `seen` */
  int64_t n_distinct;          /* once finished */
};

static enum core_status distinct_open(const struct val_metric_request *request,
                                      const struct val_metric_context *context,
                                      struct val_metric **out, struct core_error *err) {
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  m->memory_bytes = context->memory_bytes;
  *out = m;
  return CORE_OK;
}

/* What was in memory goes to disk; the set is empty then. What is known to be in some set stays known. */
static enum core_status spill(struct val_metric *m, struct core_error *err) {
  if (!m->spilled) CORE_TRY(val_scatter_open(m->memory_bytes, &m->spilled, err));
  for (size_t i = 0; i < m->seen.n; i++)
    CORE_TRY(val_scatter_add(m->spilled, m->seen.keys[i].high, &m->seen.keys[i],
                             sizeof m->seen.keys[i], err));
  val_hashes_close(&m->seen);
  return CORE_OK;
}

static enum core_status keep_within(struct val_metric *m, struct core_error *err) {
  return val_hashes_bytes(&m->seen) > m->memory_bytes ? spill(m, err) : CORE_OK;
}

static enum core_status put_all(struct val_metric *m, const struct core_hash128 *keys, size_t n,
                                struct core_error *err) {
  size_t index;
  bool fresh;
  for (size_t i = 0; i < n; i++) {
    if (i % TOGETHER == 0)
      val_hashes_prefetch(&m->seen, keys + i, n - i < TOGETHER ? n - i : TOGETHER);
    CORE_TRY(val_hashes_put(&m->seen, keys[i], &index, &fresh, err));
  }
  return CORE_OK;
}

static enum core_status distinct_observe(struct val_metric *m, const struct val_batch *batch,
                                         struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  struct core_hash128 keys[TOGETHER];
  size_t n = 0, unused;
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (val_column_is_null(column, i)) continue;
    m->n_values += val_batch_weight(batch, i);
    const struct val_recent_key key = val_recent_key(column, i);
    if (val_recent_find(&m->recent, key, &unused)) continue;
    val_recent_put(&m->recent, key, 0);
    keys[n++] = val_hash_value(column, i);
    if (n < TOGETHER) continue;
    CORE_TRY(put_all(m, keys, n, err));
    n = 0;
  }
  CORE_TRY(put_all(m, keys, n, err));
  return keep_within(m, err);
}

/* The hashes of one part of those on disk are put into the set in memory. */
static enum core_status put_part(struct val_metric *into, struct val_metric *from, size_t part,
                                 struct core_error *err) {
  struct core_str bytes = {0};
  enum core_status st = val_scatter_read(from->spilled, part, &bytes, err);
  for (size_t at = 0; st == CORE_OK && at < bytes.len; at += sizeof(struct core_hash128)) {
    struct core_hash128 key;
    memcpy(&key, bytes.data + at, sizeof key);
    st = put_all(into, &key, 1, err);
  }
  core_str_close(&bytes);
  return st;
}

static enum core_status distinct_merge(struct val_metric *into, struct val_metric *later,
                                       struct core_error *err) {
  into->memory_bytes += later->memory_bytes;
  CORE_TRY(put_all(into, later->seen.keys, later->seen.n, err));
  CORE_TRY(keep_within(into, err));
  for (size_t part = 0; part < val_scatter_parts(later->spilled); part++) {
    CORE_TRY(put_part(into, later, part, err));
    CORE_TRY(keep_within(into, err));
  }
  into->n_values += later->n_values;
  return CORE_OK;
}

static enum core_status distinct_finish(struct val_metric *m, struct core_error *err) {
  m->n_distinct = (int64_t)m->seen.n;
  if (!m->spilled) return CORE_OK;
  CORE_TRY(spill(m, err));
  m->n_distinct = 0;
  for (size_t part = 0; part < val_scatter_parts(m->spilled); part++) {
    CORE_TRY(put_part(m, m, part, err));
    m->n_distinct += (int64_t)m->seen.n;
    val_hashes_close(&m->seen);
  }
  return CORE_OK;
}

static enum core_status distinct_describe(struct val_metric *m, struct core_str *out,
                                          struct core_error *err) {
  core_str_printf(out, "{\"distinct\":%" PRId64 ",\"values\":%" PRId64 "}", m->n_distinct,
                  m->n_values);
  return core_str_status(out, err);
}

static void distinct_close(struct val_metric *m) {
  if (!m) return;
  val_hashes_close(&m->seen);
  val_scatter_close(m->spilled);
  core_free(m);
}

int64_t val_distinct_count(const struct val_metric *m) {
  return m->n_distinct;
}

int64_t val_distinct_values(const struct val_metric *m) {
  return m->n_values;
}

const struct val_metric_ops val_metric_distinct = {
    .name = "distinct",
    .summary = "the number of different values of a column",
    .spills = true,
    .weighted = true,
    .open = distinct_open,
    .observe = distinct_observe,
    .merge = distinct_merge,
    .finish = distinct_finish,
    .describe = distinct_describe,
    .close = distinct_close,
};
