/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/pair_counts.h"

#include "validate/metric/hashes.h"
#include <inttypes.h>
#include <stdlib.h>

#define MOST_PAIRS 2000000 /* kept in memory; a table of more says nothing */

struct val_metric {
  size_t columns[2];
  struct val_hashes seen;
  struct val_pair_count *counts; /* parallel to seen.keys until finished */
  size_t counts_cap;
  struct core_arena texts;
};

static enum core_status pair_counts_open(const struct val_metric_request *request,
                                         const struct val_metric_context *context,
                                         struct val_metric **out, struct core_error *err) {
  (void)context;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->columns[0] = request->columns[0];
  m->columns[1] = request->columns[request->n_columns > 1];
  *out = m;
  return CORE_OK;
}

static enum core_status keep_text(struct val_metric *m, struct val_scalar *value,
                                  struct core_error *err) {
  if (value->type == VAL_TYPE_DOUBLE && value->number == 0) value->number = 0;
  if (!val_type_is_bytes(value->type)) return CORE_OK;
  value->text.data = core_arena_strndup(&m->texts, value->text.data, value->text.len);
  return value->text.data ? CORE_OK : core_fail_nomem(err, value->text.len);
}

static enum core_status add(struct val_metric *m, struct core_hash128 hash,
                            const struct val_pair_count *pair, struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  CORE_TRY(core_grow((void **)&m->counts, &m->counts_cap, m->seen.n + 1, sizeof *m->counts, err));
  CORE_TRY(val_hashes_put(&m->seen, hash, &index, &fresh, err));
  if (!fresh) {
    m->counts[index].count += pair->count;
    return CORE_OK;
  }
  if (m->seen.n > MOST_PAIRS)
    return core_fail(err, CORE_LIMIT,
                     "the two columns have more than %d different pairs of values; they are no "
                     "categories",
                     MOST_PAIRS);
  m->counts[index] = *pair;
  CORE_TRY(keep_text(m, &m->counts[index].a, err));
  return keep_text(m, &m->counts[index].b, err);
}

static enum core_status pair_counts_observe(struct val_metric *m, const struct val_batch *batch,
                                            struct core_error *err) {
  const struct val_column *a = &batch->columns[m->columns[0]], *b = &batch->columns[m->columns[1]];
  for (size_t i = 0; i < batch->n_rows; i++) {
    const struct core_hash128 both[2] = {val_hash_value(a, i), val_hash_value(b, i)};
    const struct val_pair_count pair = {val_scalar_at(a, i), val_scalar_at(b, i), 1};
    CORE_TRY(add(m, core_hash128(both, sizeof both, 0), &pair, err));
  }
  return CORE_OK;
}

static enum core_status pair_counts_merge(struct val_metric *into, struct val_metric *later,
                                          struct core_error *err) {
  for (size_t i = 0; i < later->seen.n; i++)
    CORE_TRY(add(into, later->seen.keys[i], &later->counts[i], err));
  return CORE_OK;
}

static int by_scalar(const struct val_scalar *a, const struct val_scalar *b) {
  const bool none_a = a->type == VAL_TYPE_NULL, none_b = b->type == VAL_TYPE_NULL;
  return none_a || none_b ? none_a - none_b : val_scalar_compare(a, b);
}

static int by_pair(const void *a, const void *b) {
  const struct val_pair_count *x = a, *y = b;
  const int c = by_scalar(&x->a, &y->a);
  return c ? c : by_scalar(&x->b, &y->b);
}

static enum core_status pair_counts_finish(struct val_metric *m, struct core_error *err) {
  (void)err;
  if (m->seen.n) qsort(m->counts, m->seen.n, sizeof *m->counts, by_pair);
  return CORE_OK;
}

static enum core_status pair_counts_describe(struct val_metric *m, struct core_str *out,
                                             struct core_error *err) {
  core_str_char(out, '[');
  for (size_t i = 0; i < m->seen.n; i++) {
    core_str_text_append(out, i ? ",[" : "[");
    val_scalar_json(&m->counts[i].a, out);
    core_str_char(out, ',');
    val_scalar_json(&m->counts[i].b, out);
    core_str_printf(out, ",%" PRId64 "]", m->counts[i].count);
  }
  core_str_char(out, ']');
  return core_str_status(out, err);
}

static void pair_counts_close(struct val_metric *m) {
  if (!m) return;
  val_hashes_close(&m->seen);
  core_free(m->counts);
  core_arena_close(&m->texts);
  core_free(m);
}

const struct val_pair_count *val_pair_counts(const struct val_metric *m, size_t *n) {
  *n = m->seen.n;
  return m->counts;
}

const struct val_metric_ops val_metric_pair_counts = {
    .name = "pair_counts",
    .summary = "the different pairs of two columns' values and how often each occurs",
    .open = pair_counts_open,
    .observe = pair_counts_observe,
    .merge = pair_counts_merge,
    .finish = pair_counts_finish,
    .describe = pair_counts_describe,
    .close = pair_counts_close,
};
