/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/few_values.h"

#include "validate/metric/hashes.h"
#include <inttypes.h>
#include <stdlib.h>

struct val_metric {
  size_t column;
  bool many; /* given up: nothing is kept any more */
  struct val_hashes seen;
  struct val_value_count *counts; /* parallel to seen.keys until finished */
  size_t counts_cap, text_bytes;
  struct core_arena texts;
};

static enum core_status few_values_open(const struct val_metric_request *request,
                                        const struct val_metric_context *context,
                                        struct val_metric **out, struct core_error *err) {
  (void)context;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  *out = m;
  return CORE_OK;
}

static void give_up(struct val_metric *m) {
  m->many = true;
  val_hashes_close(&m->seen);
  m->seen = (struct val_hashes){0};
  core_free(m->counts);
  m->counts = NULL;
  m->counts_cap = 0;
  core_arena_close(&m->texts);
  m->texts = (struct core_arena){0};
}

static enum core_status add(struct val_metric *m, struct core_hash128 hash,
                            const struct val_scalar *value, int64_t count, struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  CORE_TRY(core_grow((void **)&m->counts, &m->counts_cap, m->seen.n + 1, sizeof *m->counts, err));
  CORE_TRY(val_hashes_put(&m->seen, hash, &index, &fresh, err));
  if (!fresh) {
    m->counts[index].count += count;
    return CORE_OK;
  }
  m->text_bytes += val_type_is_bytes(value->type) ? value->text.len : 0;
  if (m->seen.n > VAL_FEW_VALUES || m->text_bytes > VAL_FEW_BYTES) {
    give_up(m);
    return CORE_OK;
  }
  m->counts[index] = (struct val_value_count){*value, count};
  if (value->type == VAL_TYPE_DOUBLE && value->number == 0) m->counts[index].value.number = 0;
  if (!val_type_is_bytes(value->type)) return CORE_OK;
  m->counts[index].value.text.data =
      core_arena_strndup(&m->texts, value->text.data, value->text.len);
  return m->counts[index].value.text.data ? CORE_OK : core_fail_nomem(err, value->text.len);
}

static enum core_status few_values_observe(struct val_metric *m, const struct val_batch *batch,
                                           struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  for (size_t i = 0; i < batch->n_rows && !m->many; i++) {
    if (val_column_is_null(column, i)) continue;
    const struct val_scalar value = val_scalar_at(column, i);
    CORE_TRY(add(m, val_hash_value(column, i), &value, val_batch_weight(batch, i), err));
  }
  return CORE_OK;
}

static enum core_status few_values_merge(struct val_metric *into, struct val_metric *later,
                                         struct core_error *err) {
  if (later->many && !into->many) give_up(into);
  for (size_t i = 0; i < later->seen.n && !into->many; i++)
    CORE_TRY(add(into, later->seen.keys[i], &later->counts[i].value, later->counts[i].count, err));
  return CORE_OK;
}

static int by_value(const void *a, const void *b) {
  const struct val_value_count *x = a, *y = b;
  return val_scalar_compare(&x->value, &y->value);
}

static enum core_status few_values_finish(struct val_metric *m, struct core_error *err) {
  (void)err;
  if (m->seen.n) qsort(m->counts, m->seen.n, sizeof *m->counts, by_value);
  return CORE_OK;
}

static enum core_status few_values_describe(struct val_metric *m, struct core_str *out,
                                            struct core_error *err) {
  if (m->many) core_str_text_append(out, "\"many\"");
  if (m->many) return core_str_status(out, err);
  core_str_char(out, '[');
  for (size_t i = 0; i < m->seen.n; i++) {
    core_str_text_append(out, i ? ",[" : "[");
    val_scalar_json(&m->counts[i].value, out);
    core_str_printf(out, ",%" PRId64 "]", m->counts[i].count);
  }
  core_str_char(out, ']');
  return core_str_status(out, err);
}

static void few_values_close(struct val_metric *m) {
  if (!m) return;
  give_up(m);
  core_free(m);
}

const struct val_value_count *val_few_values(const struct val_metric *m, size_t *n) {
  static const struct val_value_count none = {.count = 0};
  *n = m->seen.n;
  return m->many ? NULL : m->counts ? m->counts : &none;
}

const struct val_metric_ops val_metric_few_values = {
    .name = "few values",
    .summary = "the different values of a column and how often each occurs, while they are few",
    .weighted = true,
    .open = few_values_open,
    .observe = few_values_observe,
    .merge = few_values_merge,
    .finish = few_values_finish,
    .describe = few_values_describe,
    .close = few_values_close,
};
