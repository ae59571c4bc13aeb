/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/extremes.h"

#include <math.h>

#include "validate/facts.h"

struct val_metric {
  size_t column;
  struct val_scalar least, greatest; /* text points into the two below */
  struct core_str least_text, greatest_text;
};

static enum core_status extremes_open(const struct val_metric_request *request,
                                      const struct val_metric_context *context,
                                      struct val_metric **out, struct core_error *err) {
  (void)context;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  *out = m;
  return CORE_OK;
}

static enum core_status keep(struct val_scalar *kept, struct core_str *text,
                             const struct val_scalar *value, struct core_error *err) {
  if (val_type_is_bytes(value->type)) {
    core_str_clear(text);
    core_str_append(text, value->text.data, value->text.len);
    CORE_TRY(core_str_status(text, err));
  }
  *kept = *value;
  kept->text = (struct core_slice){core_str_text(text), text->len};
  return CORE_OK;
}

static enum core_status widen(struct val_metric *m, const struct val_scalar *least,
                              const struct val_scalar *greatest, struct core_error *err) {
  if (least->type == VAL_TYPE_NULL) return CORE_OK;
  if (m->least.type == VAL_TYPE_NULL || val_scalar_compare(least, &m->least) < 0)
    CORE_TRY(keep(&m->least, &m->least_text, least, err));
  if (m->greatest.type == VAL_TYPE_NULL || val_scalar_compare(greatest, &m->greatest) > 0)
    CORE_TRY(keep(&m->greatest, &m->greatest_text, greatest, err));
  return CORE_OK;
}

/* Finds the rows of the least and the greatest value of an array; they stay n_rows when all values are null. */
#define SCAN(name, type)                                                                           \
  static void scan_##name(const struct val_column *column, const type *values, size_t n_rows,      \
                          size_t *low, size_t *high) {                                             \
    for (size_t i = 0; i < n_rows; i++) {                                                          \
      if (val_column_is_null(column, i)) continue;                                                 \
      if (*low == n_rows) *low = *high = i;                                                        \
      if (values[i] < values[*low]) *low = i;                                                      \
      if (values[i] > values[*high]) *high = i;                                                    \
    }                                                                                              \
  }
SCAN(int64, int64_t)
SCAN(int32, int32_t)
SCAN(double, double)

static void scan_others(const struct val_column *column, size_t n_rows, size_t *low, size_t *high) {
  for (size_t i = 0; i < n_rows; i++) {
    if (val_column_is_null(column, i)) continue;
    if (*low == n_rows) *low = *high = i;
    const struct val_scalar value = val_scalar_at(column, i);
    const struct val_scalar a = val_scalar_at(column, *low), b = val_scalar_at(column, *high);
    if (val_scalar_compare(&value, &a) < 0) *low = i;
    if (val_scalar_compare(&value, &b) > 0) *high = i;
  }
}

static void scan(const struct val_column *column, size_t n_rows, size_t *low, size_t *high) {
  *low = *high = n_rows;
  switch (column->type) {
  case VAL_TYPE_NULL:
    break;
  case VAL_TYPE_DOUBLE:
    scan_double(column, column->values.float64, n_rows, low, high);
    break;
  case VAL_TYPE_DATE:
    scan_int32(column, column->values.int32, n_rows, low, high);
    break;
  case VAL_TYPE_BOOL:
  case VAL_TYPE_STRING:
  case VAL_TYPE_BINARY:
  case VAL_TYPE_NESTED:
  case VAL_TYPE_DECIMAL:
    scan_others(column, n_rows, low, high);
    break;
  default:
    scan_int64(column, column->values.int64, n_rows, low, high);
    break;
  }
}

static enum core_status extremes_observe(struct val_metric *m, const struct val_batch *batch,
                                         struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  size_t low = 0, high = 0;
  scan(column, batch->n_rows, &low, &high);
  if (low == batch->n_rows) return CORE_OK;
  const struct val_scalar least = val_scalar_at(column, low);
  const struct val_scalar greatest = val_scalar_at(column, high);
  return widen(m, &least, &greatest, err);
}

/* Both ends occur, or nothing does. */
static bool extremes_absorb(struct val_metric *m, int64_t n_rows, const struct val_facts *facts) {
  struct core_error err;
  if (facts->knows_nulls && facts->n_null == n_rows) return true;
  if (!facts->knows_range || !facts->occur) return false;
  return widen(m, &facts->least, &facts->greatest, &err) == CORE_OK;
}

static enum core_status extremes_merge(struct val_metric *into, struct val_metric *later,
                                       struct core_error *err) {
  return widen(into, &later->least, &later->greatest, err);
}

/* 0.0 and -0.0 are one value: which of the two came first must not show. */
static enum core_status extremes_finish(struct val_metric *m, struct core_error *err) {
  (void)err;
  if (m->least.number == 0) m->least.number = 0;
  if (m->greatest.number == 0) m->greatest.number = 0;
  return CORE_OK;
}

static enum core_status extremes_describe(struct val_metric *m, struct core_str *out,
                                          struct core_error *err) {
  core_str_text_append(out, "{\"min\":");
  val_scalar_json(&m->least, out);
  core_str_text_append(out, ",\"max\":");
  val_scalar_json(&m->greatest, out);
  core_str_char(out, '}');
  return core_str_status(out, err);
}

static void extremes_close(struct val_metric *m) {
  if (!m) return;
  core_str_close(&m->least_text);
  core_str_close(&m->greatest_text);
  core_free(m);
}

struct val_scalar val_extremes_min(const struct val_metric *m) {
  return m->least;
}

struct val_scalar val_extremes_max(const struct val_metric *m) {
  return m->greatest;
}

const struct val_metric_ops val_metric_extremes = {
    .name = "extremes",
    .summary = "the least and the greatest value of a column",
    .weighted = true,
    .open = extremes_open,
    .observe = extremes_observe,
    .absorb = extremes_absorb,
    .merge = extremes_merge,
    .finish = extremes_finish,
    .describe = extremes_describe,
    .close = extremes_close,
};
