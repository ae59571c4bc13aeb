/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/order.h"
#include "validate/metric/order_keys.h"
#include "validate/metric/order_weights.h"
#include "validate/metric/spill_files.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_KEYS 256
#define RUN_KEYS    ((size_t)1 << 20) /* sorting takes as much memory again */
#define SEEN_KEYS   ((size_t)512)     /* are read at a time: where a search ends, all it asks for */
#define SIGN_BIT    ((uint64_t)1 << 63)

/* Values are held as unsigned keys of the same order. */
struct run {
  const struct core_scratch *file;
  int64_t at; /* first byte */
  size_t n;
  uint64_t *seen; /* SEEN_KEYS of them from seen_from on, as far as there are; NULL: none yet */
  size_t seen_from;
};

struct val_metric {
  size_t column;
  enum val_type type;
  int64_t n;
  size_t budget_keys;
  struct val_order_keys keys;
  struct val_order_weights weights; /* of values that came with how often they occur */
  struct val_spill_files files;
  struct run *runs;
  size_t n_runs, runs_cap;
};

static bool takes_numbers(enum val_type type) {
  return val_type_is_number(type) || type == VAL_TYPE_NULL;
}

static enum core_status order_open(const struct val_metric_request *request,
                                   const struct val_metric_context *context,
                                   struct val_metric **out, struct core_error *err) {
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  m->type = context->schema->fields[m->column].type;
  m->budget_keys = context->memory_bytes / sizeof(uint64_t);
  if (m->budget_keys < FEWEST_KEYS) m->budget_keys = FEWEST_KEYS;
  *out = m;
  return CORE_OK;
}

/* ---- keys ---- */

static uint64_t key_of_int64(int64_t value) {
  return (uint64_t)value ^ SIGN_BIT;
}

static uint64_t key_of_double(double value) {
  uint64_t bits;
  value += 0.0; /* -0.0 is 0.0 */
  memcpy(&bits, &value, sizeof bits);
  return bits ^ ((0 - (bits >> 63)) | SIGN_BIT);
}

/* Decimals are ordered by the nearest double. */
static bool is_real(enum val_type type) {
  return type == VAL_TYPE_DOUBLE || type == VAL_TYPE_DECIMAL;
}

static struct val_scalar value_of_key(enum val_type type, uint64_t key) {
  if (!is_real(type))
    return (struct val_scalar){.type = type, .integer = (int64_t)(key ^ SIGN_BIT)};
  const uint64_t bits = key & SIGN_BIT ? key & ~SIGN_BIT : ~key;
  double value;
  memcpy(&value, &bits, sizeof value);
  return val_scalar_double(value);
}

/* ---- spilling ---- */

static enum core_status write_run(struct val_metric *m, struct val_order_keys *keys,
                                  struct core_error *err) {
  struct run run = {.n = keys->n};
  CORE_TRY(core_grow((void **)&m->runs, &m->runs_cap, m->n_runs + 1, sizeof *m->runs, err));
  CORE_TRY(val_order_keys_sort(keys, err));
  CORE_TRY(val_spill_files_append(&m->files, keys->blocks[0].keys,
                                  run.n * sizeof *keys->blocks[0].keys, &run.file, &run.at, err));
  m->runs[m->n_runs++] = run;
  return CORE_OK;
}

/* The keys in memory become sorted runs in the file. */
static enum core_status spill(struct val_metric *m, struct core_error *err) {
  while (m->keys.n > 0) {
    struct val_order_keys part = {0};
    enum core_status st = val_order_keys_split(&m->keys, RUN_KEYS, &part, err);
    if (st == CORE_OK) st = write_run(m, &part, err);
    val_order_keys_close(&part);
    CORE_TRY(st);
  }
  return CORE_OK;
}

/* ---- observing ---- */

static uint64_t key_at(const struct val_column *column, size_t row) {
  const struct val_scalar value = val_scalar_at(column, row);
  return is_real(column->type) ? key_of_double(val_scalar_number(&value))
                               : key_of_int64(value.integer);
}

/* So many keys that are all the same. */
static enum core_status add_keys(struct val_metric *m, uint64_t key, int64_t n,
                                 struct core_error *err) {
  for (size_t got = 0; n > 0; n -= (int64_t)got) {
    uint64_t *to = NULL;
    if (m->keys.n >= m->budget_keys) CORE_TRY(spill(m, err));
    size_t want = m->budget_keys - m->keys.n;
    if ((int64_t)want > n) want = (size_t)n;
    CORE_TRY(val_order_keys_room(&m->keys, want, &to, &got, err));
    for (size_t i = 0; i < got; i++) to[i] = key;
    val_order_keys_added(&m->keys, got);
  }
  return CORE_OK;
}

static enum core_status unfold_weights(struct val_metric *m, struct core_error *err) {
  for (size_t i = 0; i < m->weights.n; i++)
    CORE_TRY(add_keys(m, m->weights.list[i].key, m->weights.list[i].n, err));
  val_order_weights_close(&m->weights);
  return CORE_OK;
}

/* Many different keys take more room with their weights than one by one, and more time. */
static enum core_status keep_few(struct val_metric *m, struct core_error *err) {
  if (m->weights.n <= VAL_ORDER_WEIGHTS_MOST) return CORE_OK;
  val_order_weights_combine(&m->weights);
  return m->weights.n > VAL_ORDER_WEIGHTS_MOST / 2 ? unfold_weights(m, err) : CORE_OK;
}

static enum core_status observe_weighted(struct val_metric *m, const struct val_batch *batch,
                                         struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (val_column_is_null(column, i)) continue;
    CORE_TRY(val_order_weights_add(&m->weights, key_at(column, i), batch->weights[i], err));
    m->n += batch->weights[i];
  }
  return keep_few(m, err);
}

/* The keys of rows [from, to), nulls left out; how many they are. */
static size_t make_keys(const struct val_column *column, size_t from, size_t to, uint64_t *keys) {
  size_t n = 0;
  if (column->type == VAL_TYPE_DOUBLE) {
    for (size_t i = from; i < to; i++) {
      keys[n] = key_of_double(column->values.float64[i]);
      n += !val_column_is_null(column, i);
    }
    return n;
  }
  for (size_t i = from; i < to; i++) {
    if (val_column_is_null(column, i)) continue;
    keys[n++] = key_at(column, i);
  }
  return n;
}

static enum core_status order_observe(struct val_metric *m, const struct val_batch *batch,
                                      struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  if (column->type == VAL_TYPE_NULL) return CORE_OK;
  if (batch->weights) return observe_weighted(m, batch, err);
  for (size_t from = 0, got = 0; from < batch->n_rows; from += got) {
    uint64_t *to = NULL;
    if (m->keys.n >= m->budget_keys) CORE_TRY(spill(m, err));
    size_t want = batch->n_rows - from;
    if (want > m->budget_keys - m->keys.n) want = m->budget_keys - m->keys.n;
    CORE_TRY(val_order_keys_room(&m->keys, want, &to, &got, err));
    const size_t n = make_keys(column, from, from + got, to);
    val_order_keys_added(&m->keys, n);
    m->n += (int64_t)n;
  }
  return CORE_OK;
}

/* Files, their runs and the keys in memory change hands. */
static enum core_status order_merge(struct val_metric *into, struct val_metric *later,
                                    struct core_error *err) {
  into->budget_keys += later->budget_keys;
  CORE_TRY(core_grow((void **)&into->runs, &into->runs_cap, into->n_runs + later->n_runs,
                     sizeof *into->runs, err));
  CORE_TRY(val_spill_files_join(&into->files, &later->files, err));
  for (size_t i = 0; i < later->n_runs; i++) {
    into->runs[into->n_runs++] = later->runs[i];
    into->n += (int64_t)later->runs[i].n;
  }
  later->n_runs = 0;
  into->n += (int64_t)later->keys.n;
  if (into->keys.n + later->keys.n > into->budget_keys) CORE_TRY(spill(into, err));
  CORE_TRY(val_order_keys_join(&into->keys, &later->keys, err));
  for (size_t i = 0; i < later->weights.n; i++)
    CORE_TRY(val_order_weights_add(&into->weights, later->weights.list[i].key,
                                   later->weights.list[i].n, err));
  into->n += later->weights.total;
  val_order_weights_close(&later->weights);
  CORE_TRY(keep_few(into, err));
  return into->keys.n >= into->budget_keys ? spill(into, err) : CORE_OK;
}

/* Runs are searched by bisection, and what has weights beside them: there are none, or no key is in memory. Keys of which there
 * are few enough are all put together. */
static enum core_status order_finish(struct val_metric *m, struct core_error *err) {
  if (m->weights.n > 0 && m->keys.n > 0 && m->n_runs == 0 &&
      m->weights.total <= (int64_t)(m->budget_keys - m->keys.n))
    CORE_TRY(unfold_weights(m, err));
  val_order_weights_order(&m->weights);
  return m->n_runs > 0 || m->weights.n > 0 ? spill(m, err) : CORE_OK;
}

/* ---- selecting ---- */

static enum core_status read_key(struct run *run, size_t index, uint64_t *out,
                                 struct core_error *err) {
  const size_t from = index / SEEN_KEYS * SEEN_KEYS, left = run->n - from;
  if (!run->seen) {
    run->seen = core_alloc(SEEN_KEYS * sizeof *run->seen);
    if (!run->seen) return core_fail_nomem(err, SEEN_KEYS * sizeof *run->seen);
    run->seen_from = run->n;
  }
  if (run->seen_from != from)
    CORE_TRY(core_scratch_read(run->file, run->at + (int64_t)(from * sizeof *run->seen), run->seen,
                               (left < SEEN_KEYS ? left : SEEN_KEYS) * sizeof *run->seen, err));
  run->seen_from = from;
  *out = run->seen[index - from];
  return CORE_OK;
}

/* How many of a run's keys are <= key, known to be in [low, high]. */
static enum core_status count_up_to(struct run *run, uint64_t key, size_t low, size_t high,
                                    size_t *out, struct core_error *err) {
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    uint64_t found = 0;
    CORE_TRY(read_key(run, middle, &found, err));
    if (found <= key)
      low = middle + 1;
    else
      high = middle;
  }
  *out = low;
  return CORE_OK;
}

struct bounds {
  size_t low, high, count;
};

static enum core_status bisect(const struct val_metric *m, struct bounds *bounds, uint64_t rank,
                               uint64_t *out, struct core_error *err) {
  uint64_t low = 0, high = UINT64_MAX;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    uint64_t total = 0;
    for (size_t i = 0; i < m->n_runs; i++) {
      CORE_TRY(
          count_up_to(&m->runs[i], middle, bounds[i].low, bounds[i].high, &bounds[i].count, err));
      total += bounds[i].count;
    }
    total += (uint64_t)val_order_weights_up_to(&m->weights, middle);
    const bool enough = total > rank;
    for (size_t i = 0; i < m->n_runs; i++) {
      if (enough)
        bounds[i].high = bounds[i].count;
      else
        bounds[i].low = bounds[i].count;
    }
    if (enough)
      high = middle;
    else
      low = middle + 1;
  }
  *out = low;
  return CORE_OK;
}

enum core_status val_order_select(struct val_metric *m, int64_t rank, struct val_scalar *out,
                                  struct core_error *err) {
  assert(rank >= 0 && rank < m->n);
  uint64_t key = 0;
  if (m->n_runs == 0 && m->weights.n > 0) {
    *out = value_of_key(m->type, val_order_weights_select(&m->weights, rank));
    return CORE_OK;
  }
  if (m->n_runs == 0) {
    CORE_TRY(val_order_keys_select(&m->keys, (size_t)rank, &key, err));
    *out = value_of_key(m->type, key);
    return CORE_OK;
  }
  struct bounds *bounds = core_calloc(m->n_runs, sizeof *bounds);
  if (!bounds) return core_fail_nomem(err, m->n_runs * sizeof *bounds);
  for (size_t i = 0; i < m->n_runs; i++) bounds[i].high = m->runs[i].n;
  const enum core_status st = bisect(m, bounds, (uint64_t)rank, &key, err);
  core_free(bounds);
  *out = value_of_key(m->type, key);
  return st;
}

enum core_status val_order_prepare(struct val_metric *m, const size_t *ranks, size_t n,
                                   struct core_error *err) {
  if (m->n_runs > 0 || m->weights.n > 0) return CORE_OK;
  return val_order_keys_prepare(&m->keys, ranks, n, err);
}

int64_t val_order_count(const struct val_metric *m) {
  return m->n;
}

static enum core_status order_describe(struct val_metric *m, struct core_str *out,
                                       struct core_error *err) {
  core_str_printf(out, "{\"n\":%" PRId64 ",\"values\":[", m->n);
  for (int64_t rank = 0; rank < m->n; rank++) {
    struct val_scalar value;
    CORE_TRY(val_order_select(m, rank, &value, err));
    if (rank) core_str_char(out, ',');
    val_scalar_json(&value, out);
  }
  core_str_text_append(out, "]}");
  return core_str_status(out, err);
}

static void order_close(struct val_metric *m) {
  if (!m) return;
  val_spill_files_close(&m->files);
  for (size_t i = 0; i < m->n_runs; i++) core_free(m->runs[i].seen);
  core_free(m->runs);
  val_order_keys_close(&m->keys);
  val_order_weights_close(&m->weights);
  core_free(m);
}

/* ---- counting ---- */

struct limit {
  struct val_scalar value;
  bool with_equal;
};

static bool is_below(const struct val_scalar *value, const struct limit *limit) {
  const int c = val_scalar_compare(value, &limit->value);
  return c < 0 || (limit->with_equal && c == 0);
}

/* The greatest key of a value below the limit; false: there is none. */
static bool greatest_below(enum val_type type, const struct limit *limit, uint64_t *out) {
  uint64_t low = is_real(type) ? key_of_double(-INFINITY) : 0;
  uint64_t high = is_real(type) ? key_of_double(INFINITY) : UINT64_MAX;
  struct val_scalar value = value_of_key(type, low);
  if (!is_below(&value, limit)) return false;
  while (low < high) {
    const uint64_t middle = high - (high - low) / 2;
    value = value_of_key(type, middle);
    if (is_below(&value, limit))
      low = middle;
    else
      high = middle - 1;
  }
  *out = low;
  return true;
}

static enum core_status count_runs_below(struct val_metric *m, const struct limit *limit,
                                         int64_t *out, struct core_error *err) {
  uint64_t key = 0;
  *out = 0;
  if (!greatest_below(m->type, limit, &key)) return CORE_OK;
  *out = val_order_weights_up_to(&m->weights, key);
  for (size_t i = 0; i < m->n_runs; i++) {
    size_t n = 0;
    CORE_TRY(count_up_to(&m->runs[i], key, 0, m->runs[i].n, &n, err));
    *out += (int64_t)n;
  }
  return CORE_OK;
}

enum core_status val_order_below(struct val_metric *m, double x, bool with_equal, int64_t *out,
                                 struct core_error *err) {
  const struct limit limit = {val_scalar_double(x), with_equal};
  int64_t low = 0, high = val_order_count(m);
  if (m->n_runs > 0) return count_runs_below(m, &limit, out, err);
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    struct val_scalar value;
    CORE_TRY(val_order_select(m, middle, &value, err));
    if (is_below(&value, &limit))
      low = middle + 1;
    else
      high = middle;
  }
  *out = low;
  return CORE_OK;
}

const struct val_metric_ops val_metric_order = {
    .name = "order",
    .summary = "the values of a numeric column in ascending order",
    .spills = true,
    .weighted = true,
    .takes = takes_numbers,
    .open = order_open,
    .observe = order_observe,
    .merge = order_merge,
    .finish = order_finish,
    .describe = order_describe,
    .close = order_close,
};
