/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/sum.h"

#include "core/num.h"
#include <inttypes.h>
#include <math.h>

#include "validate/decimal.h"

/* Rows whose halves can be added in 64 bits before they go to the exact sum. */
#define BLOCK_ROWS ((size_t)1 << 20)
#define LOW_MASK   ((int64_t)0xffffffff)
#define SPLIT_MAX  64

struct val_metric {
  size_t column;
  enum val_type type;
  int scale; /* of decimals: the sum is total / 10^scale */
  int64_t n;
  struct val_exact_sum total;
};

static bool takes_numbers(enum val_type type) {
  return val_type_is_number(type) || type == VAL_TYPE_NULL;
}

static enum core_status sum_open(const struct val_metric_request *request,
                                 const struct val_metric_context *context, struct val_metric **out,
                                 struct core_error *err) {
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  m->type = context->schema->fields[m->column].type;
  m->scale = m->type == VAL_TYPE_DECIMAL ? context->schema->fields[m->column].scale : 0;
  *out = m;
  return CORE_OK;
}

/* x = high * 2^32 + low, so the block's sum is two integers that a double holds exactly. */
static void add_int64_block(struct val_exact_sum *total, const struct val_column *column,
                            size_t from, size_t to) {
  const int64_t *x = column->values.int64;
  int64_t high = 0, low = 0;
  for (size_t i = from; i < to; i++) {
    const int64_t v = val_column_is_null(column, i) ? 0 : x[i];
    low += v & LOW_MASK;
    high += (v - (v & LOW_MASK)) / ((int64_t)1 << 32);
  }
  val_exact_add(total, ldexp((double)high, 32));
  val_exact_add(total, (double)low);
}

static void add_double_block(struct val_exact_sum *total, const struct val_column *column,
                             size_t from, size_t to) {
  val_exact_add_many(total, column->values.float64, column->validity, from, to);
}

static void add_bool_block(struct val_exact_sum *total, const struct val_column *column,
                           size_t from, size_t to) {
  int64_t n = 0;
  for (size_t i = from; i < to; i++)
    n += !val_column_is_null(column, i) && val_column_bool(column, i);
  val_exact_add(total, (double)n);
}

/* Whole numbers in units of the last digit; the scale comes in when the sum is read. */
static void add_decimal_block(struct val_exact_sum *total, const struct val_column *column,
                              size_t from, size_t to) {
  for (size_t i = from; i < to; i++) {
    if (val_column_is_null(column, i)) continue;
    const core_int128 v = column->values.decimal[i];
    const uint64_t low = (uint64_t)v, rest = (uint64_t)((core_uint128)v >> 64) & UINT32_MAX;
    const int64_t high = (int64_t)(v >> 96);
    val_exact_add(total, ldexp((double)high, 96)); /* 32 bits with the sign */
    val_exact_add_uint64(total, rest, 64);
    val_exact_add_uint64(total, low, 0);
  }
}

/* Of the nearest doubles. */
static void add_decimal_squares(struct val_exact_sum *total, const struct val_column *column,
                                size_t from, size_t to) {
  for (size_t i = from; i < to; i++) {
    if (val_column_is_null(column, i)) continue;
    const struct val_decimal value = {column->values.decimal[i], 0};
    const double x = val_decimal_number(value);
    val_exact_add_product(total, x, x);
  }
}

/* |x| as an unsigned number, for the least int64 too. */
static uint64_t magnitude(int64_t x) {
  return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

/* x^2 = a^2 2^64 + 2ab 2^32 + b^2 for |x| = a 2^32 + b. */
static void add_wide_square(struct val_exact_sum *total, uint64_t x) {
  const uint64_t a = x >> 32, b = x & (uint64_t)LOW_MASK;
  val_exact_add_uint64(total, a * a, 64);
  val_exact_add_uint64(total, a * b, 33);
  val_exact_add_uint64(total, b * b, 0);
}

static void add_int64_squares(struct val_exact_sum *total, const struct val_column *column,
                              size_t from, size_t to) {
  uint64_t high = 0, low = 0;
  for (size_t i = from; i < to; i++) {
    if (val_column_is_null(column, i)) continue;
    const uint64_t x = magnitude(column->values.int64[i]);
    if (x >> 32) {
      add_wide_square(total, x);
    } else {
      low += x * x & (uint64_t)LOW_MASK;
      high += x * x >> 32;
    }
  }
  val_exact_add_uint64(total, high, 32);
  val_exact_add_uint64(total, low, 0);
}

static void add_double_squares(struct val_exact_sum *total, const struct val_column *column,
                               size_t from, size_t to) {
  val_exact_add_squares(total, column->values.float64, column->validity, from, to);
}

/* ---- values with weights ---- */

static void add_int64_times(struct val_exact_sum *total, int64_t x, int64_t times) {
  const int64_t low = x & LOW_MASK, high = (x - low) / ((int64_t)1 << 32);
  val_exact_add_times(total, ldexp((double)high, 32), times);
  val_exact_add_times(total, (double)low, times);
}

static void add_decimal_times(struct val_exact_sum *total, core_int128 x, int64_t times) {
  val_exact_add_times(total, ldexp((double)(int64_t)(x >> 96), 96), times);
  val_exact_add_uint64_times(total, (uint64_t)((core_uint128)x >> 64) & UINT32_MAX, 64, times);
  val_exact_add_uint64_times(total, (uint64_t)x, 0, times);
}

static void add_int64_square_times(struct val_exact_sum *total, int64_t value, int64_t times) {
  const uint64_t x = magnitude(value), a = x >> 32, b = x & (uint64_t)LOW_MASK;
  if (a) {
    val_exact_add_uint64_times(total, a * a, 64, times);
    val_exact_add_uint64_times(total, a * b, 33, times);
  }
  val_exact_add_uint64_times(total, b * b, 0, times);
}

static void add_times(struct val_exact_sum *total, const struct val_column *column, size_t i,
                      int64_t times) {
  if (column->type == VAL_TYPE_DOUBLE)
    val_exact_add_times(total, column->values.float64[i], times);
  else if (column->type == VAL_TYPE_DECIMAL)
    add_decimal_times(total, column->values.decimal[i], times);
  else
    add_int64_times(total, val_scalar_at(column, i).integer, times);
}

static void add_square_times(struct val_exact_sum *total, const struct val_column *column, size_t i,
                             int64_t times) {
  const struct val_scalar value = val_scalar_at(column, i);
  if (column->type == VAL_TYPE_DOUBLE) {
    val_exact_add_product_times(total, value.number, value.number, times);
  } else if (column->type == VAL_TYPE_DECIMAL) {
    const double x = val_decimal_number((struct val_decimal){value.decimal, 0});
    val_exact_add_product_times(total, x, x, times);
  } else {
    add_int64_square_times(total, value.integer, times);
  }
}

static enum core_status observe_weighted(struct val_metric *m, const struct val_batch *batch,
                                         void (*add)(struct val_exact_sum *,
                                                     const struct val_column *, size_t, int64_t)) {
  const struct val_column *column = &batch->columns[m->column];
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (val_column_is_null(column, i)) continue;
    add(&m->total, column, i, batch->weights[i]);
    m->n += batch->weights[i];
  }
  return CORE_OK;
}

/* ---- blocks of rows ---- */

typedef void add_block(struct val_exact_sum *, const struct val_column *, size_t, size_t);

static void observe_blocks(struct val_metric *m, const struct val_batch *batch, add_block *add) {
  for (size_t from = 0; from < batch->n_rows; from += BLOCK_ROWS) {
    const size_t left = batch->n_rows - from;
    add(&m->total, &batch->columns[m->column], from,
        from + (left < BLOCK_ROWS ? left : BLOCK_ROWS));
  }
  m->n += (int64_t)batch->n_rows - batch->columns[m->column].null_count;
}

static enum core_status sum_observe(struct val_metric *m, const struct val_batch *batch,
                                    struct core_error *err) {
  (void)err;
  if (batch->weights) return observe_weighted(m, batch, add_times);
  switch (batch->columns[m->column].type) {
  case VAL_TYPE_INT64:
    observe_blocks(m, batch, add_int64_block);
    break;
  case VAL_TYPE_DOUBLE:
    observe_blocks(m, batch, add_double_block);
    break;
  case VAL_TYPE_BOOL:
    observe_blocks(m, batch, add_bool_block);
    break;
  case VAL_TYPE_DECIMAL:
    observe_blocks(m, batch, add_decimal_block);
    break;
  default:
    break; /* every value is null */
  }
  return CORE_OK;
}

static enum core_status squares_observe(struct val_metric *m, const struct val_batch *batch,
                                        struct core_error *err) {
  (void)err;
  if (batch->weights) return observe_weighted(m, batch, add_square_times);
  switch (batch->columns[m->column].type) {
  case VAL_TYPE_INT64:
    observe_blocks(m, batch, add_int64_squares);
    break;
  case VAL_TYPE_DOUBLE:
    observe_blocks(m, batch, add_double_squares);
    break;
  case VAL_TYPE_BOOL:
    observe_blocks(m, batch, add_bool_block);
    break; /* 1 * 1 = 1 */
  case VAL_TYPE_DECIMAL:
    observe_blocks(m, batch, add_decimal_squares);
    break;
  default:
    break;
  }
  return CORE_OK;
}

static enum core_status sum_merge(struct val_metric *into, struct val_metric *later,
                                  struct core_error *err) {
  (void)err;
  val_exact_merge(&into->total, &later->total);
  into->n += later->n;
  return CORE_OK;
}

static enum core_status sum_finish(struct val_metric *m, struct core_error *err) {
  (void)m, (void)err;
  return CORE_OK;
}

/* Every part of the sum, so that equal text means an equal sum and not only an equal rounding of it. */
static enum core_status sum_describe(struct val_metric *m, struct core_str *out,
                                     struct core_error *err) {
  double parts[SPLIT_MAX];
  const size_t n = val_exact_split(&m->total, parts, SPLIT_MAX);
  core_str_printf(out, "{\"n\":%" PRId64 ",\"sum\":[", m->n);
  for (size_t i = 0; i < n; i++) {
    char text[CORE_NUM_BYTES];
    core_format_double(parts[i], text);
    core_str_printf(out, "%s%s", i ? "," : "", text);
  }
  core_str_text_append(out, "]}");
  return core_str_status(out, err);
}

static void sum_close(struct val_metric *m) {
  core_free(m);
}

int64_t val_sum_count(const struct val_metric *m) {
  return m->n;
}

/* Exact as long as the sum has no more than 38 digits. */
static struct val_scalar decimal_total(const struct val_metric *m) {
  const double unit = val_decimal_number((struct val_decimal){1, m->scale});
  double parts[SPLIT_MAX];
  const size_t n = val_exact_split(&m->total, parts, SPLIT_MAX);
  core_int128 total = 0;
  if (n > 0 && !(fabs(parts[0]) < 1e37))
    return val_scalar_double(val_exact_round(&m->total) * unit);
  for (size_t i = 0; i < n; i++) total += (core_int128)parts[i]; /* each is whole */
  return (struct val_scalar){.type = VAL_TYPE_DECIMAL, .decimal = total, .scale = m->scale};
}

struct val_scalar val_sum_total(const struct val_metric *m) {
  int64_t whole = 0;
  if (m->n == 0) return (struct val_scalar){.type = VAL_TYPE_NULL};
  if (m->type == VAL_TYPE_DECIMAL) return decimal_total(m);
  if (m->type != VAL_TYPE_DOUBLE && val_exact_int64(&m->total, &whole))
    return val_scalar_int64(whole);
  return val_scalar_double(val_exact_round(&m->total));
}

double val_sum_mean(const struct val_metric *m) {
  if (m->n == 0) return (double)NAN;
  if (m->type != VAL_TYPE_DECIMAL) return val_exact_round(&m->total) / (double)m->n;
  const struct val_scalar total = decimal_total(m);
  return val_scalar_number(&total) / (double)m->n;
}

double val_sum_stdev(const struct val_metric *sum, const struct val_metric *squares) {
  const double n = (double)sum->n;
  double s[SPLIT_MAX], q[SPLIT_MAX];
  if (sum->n < 2) return (double)NAN;
  if (!isfinite(val_exact_round(&squares->total))) return (double)NAN;
  const size_t n_s = val_exact_split(&sum->total, s, SPLIT_MAX);
  const size_t n_q = val_exact_split(&squares->total, q, SPLIT_MAX);
  struct val_exact_sum spread = {0}; /* n * sum(x^2) - sum(x)^2 */
  for (size_t i = 0; i < n_q; i++) val_exact_add_product(&spread, n, q[i]);
  for (size_t i = 0; i < n_s; i++)
    for (size_t j = 0; j < n_s; j++) val_exact_add_product(&spread, -s[i], s[j]);
  const double numerator = val_exact_round(&spread);
  const double unit = val_decimal_number((struct val_decimal){1, sum->scale});
  return unit * sqrt((numerator > 0 ? numerator : 0) / n / (n - 1));
}

const struct val_metric_ops val_metric_sum = {
    .name = "sum",
    .summary = "the exact sum of a numeric column",
    .weighted = true,
    .takes = takes_numbers,
    .open = sum_open,
    .observe = sum_observe,
    .merge = sum_merge,
    .finish = sum_finish,
    .describe = sum_describe,
    .close = sum_close,
};

const struct val_metric_ops val_metric_squares = {
    .name = "squares",
    .summary = "the exact sum of the squares of a numeric column",
    .weighted = true,
    .takes = takes_numbers,
    .open = sum_open,
    .observe = squares_observe,
    .merge = sum_merge,
    .finish = sum_finish,
    .describe = sum_describe,
    .close = sum_close,
};
