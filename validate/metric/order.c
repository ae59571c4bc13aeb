/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/order.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_KEYS 256
#define SIGN_BIT   ((uint64_t)1 << 63)

/* Values are held as unsigned keys of the same order; half of the budget is the radix sort's scratch. */
struct run {
  int fd;     /* borrowed; -1: in memory */
  int64_t at; /* first byte */
  size_t n;
};

struct val_metric {
  size_t column;
  enum val_type type;
  int64_t n;
  size_t budget_keys;
  uint64_t *keys, *scratch;
  size_t n_keys, cap;
  int *files; /* owned */
  size_t n_files, files_cap;
  int64_t file_bytes; /* written to the newest file, which is our own */
  bool file_is_ours;
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
  m->budget_keys = context->memory_bytes / 2 / sizeof *m->keys;
  if (m->budget_keys < FIRST_KEYS) m->budget_keys = FIRST_KEYS;
  *out = m;
  return CORE_OK;
}

/* ---- keys ---- */

static uint64_t key_of_int64(int64_t value) {
  return (uint64_t)value ^ SIGN_BIT;
}

static uint64_t key_of_double(double value) {
  uint64_t bits;
  if (value == 0) value = 0; /* -0.0 is 0.0 */
  memcpy(&bits, &value, sizeof bits);
  return bits & SIGN_BIT ? ~bits : bits | SIGN_BIT;
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

/* ---- sorting ---- */

/* One pass of a radix sort by the byte at `shift`; false when all keys share it and nothing was moved. */
static bool sort_by_byte(const uint64_t *from, uint64_t *to, size_t n, int shift) {
  size_t start[256] = {0}, total = 0;
  for (size_t i = 0; i < n; i++) start[from[i] >> shift & 255]++;
  if (start[from[0] >> shift & 255] == n) return false;
  for (size_t b = 0; b < 256; b++) {
    const size_t count = start[b];
    start[b] = total;
    total += count;
  }
  for (size_t i = 0; i < n; i++) to[start[from[i] >> shift & 255]++] = from[i];
  return true;
}

static enum core_status sort_keys(struct val_metric *m, struct core_error *err) {
  if (m->n_keys < 2) return CORE_OK;
  uint64_t *scratch = core_realloc(m->scratch, m->cap, sizeof *scratch);
  if (!scratch) return core_fail_nomem(err, m->cap * sizeof *scratch);
  m->scratch = scratch;
  for (int shift = 0; shift < 64; shift += 8) {
    if (!sort_by_byte(m->keys, m->scratch, m->n_keys, shift)) continue;
    uint64_t *sorted = m->scratch;
    m->scratch = m->keys;
    m->keys = sorted;
  }
  return CORE_OK;
}

/* ---- the temporary file ---- */

static enum core_status open_file(struct val_metric *m, struct core_error *err) {
  const char *folder = getenv("TMPDIR");
  struct core_str path = {0};
  core_str_printf(&path, "%s/sweepgate-XXXXXX", folder && *folder ? folder : "/tmp");
  enum core_status st = core_str_status(&path, err);
  if (st == CORE_OK)
    st = core_grow((void **)&m->files, &m->files_cap, m->n_files + 1, sizeof *m->files, err);
  if (st == CORE_OK) {
    const int fd = mkstemp(path.data);
    if (fd < 0) {
      st = core_fail_errno(err, CORE_IO, errno, "cannot make a temporary file like %s (set TMPDIR)",
                           path.data);
    } else {
      unlink(path.data);
      m->files[m->n_files++] = fd;
      m->file_bytes = 0;
      m->file_is_ours = true;
    }
  }
  core_str_close(&path);
  return st;
}

static enum core_status write_all(int fd, const void *bytes, size_t len, struct core_error *err) {
  const char *at = bytes;
  while (len) {
    const ssize_t n = write(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return core_fail_errno(err, CORE_IO, n ? errno : ENOSPC,
                             "cannot write a temporary file for order statistics (set TMPDIR)");
    at += n;
    len -= (size_t)n;
  }
  return CORE_OK;
}

/* The keys in memory become a sorted run in the file. */
static enum core_status spill(struct val_metric *m, struct core_error *err) {
  if (!m->file_is_ours) CORE_TRY(open_file(m, err));
  CORE_TRY(core_grow((void **)&m->runs, &m->runs_cap, m->n_runs + 1, sizeof *m->runs, err));
  CORE_TRY(sort_keys(m, err));
  const int fd = m->files[m->n_files - 1];
  CORE_TRY(write_all(fd, m->keys, m->n_keys * sizeof *m->keys, err));
  m->runs[m->n_runs++] = (struct run){fd, m->file_bytes, m->n_keys};
  m->file_bytes += (int64_t)(m->n_keys * sizeof *m->keys);
  m->n_keys = 0;
  return CORE_OK;
}

/* ---- observing ---- */

static enum core_status make_room(struct val_metric *m, struct core_error *err) {
  if (m->cap >= m->budget_keys) return spill(m, err);
  size_t cap = m->cap ? m->cap * 2 : FIRST_KEYS;
  if (cap > m->budget_keys) cap = m->budget_keys;
  uint64_t *keys = core_realloc(m->keys, cap, sizeof *keys);
  if (!keys) return core_fail_nomem(err, cap * sizeof *keys);
  m->keys = keys;
  m->cap = cap;
  return CORE_OK;
}

static enum core_status add_key(struct val_metric *m, uint64_t key, struct core_error *err) {
  if (m->n_keys == m->cap) CORE_TRY(make_room(m, err));
  m->keys[m->n_keys++] = key;
  m->n++;
  return CORE_OK;
}

static enum core_status order_observe(struct val_metric *m, const struct val_batch *batch,
                                      struct core_error *err) {
  const struct val_column *column = &batch->columns[m->column];
  if (column->type == VAL_TYPE_NULL) return CORE_OK;
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (val_column_is_null(column, i)) continue;
    const struct val_scalar value = val_scalar_at(column, i);
    CORE_TRY(add_key(m,
                     is_real(column->type) ? key_of_double(val_scalar_number(&value))
                                           : key_of_int64(value.integer),
                     err));
  }
  return CORE_OK;
}

/* Files and their runs change hands; what is still in memory is added as if observed. */
static enum core_status order_merge(struct val_metric *into, struct val_metric *later,
                                    struct core_error *err) {
  CORE_TRY(core_grow((void **)&into->files, &into->files_cap, into->n_files + later->n_files,
                     sizeof *into->files, err));
  CORE_TRY(core_grow((void **)&into->runs, &into->runs_cap, into->n_runs + later->n_runs,
                     sizeof *into->runs, err));
  if (later->n_files) {
    memcpy(into->files + into->n_files, later->files, later->n_files * sizeof *into->files);
    into->n_files += later->n_files;
    into->file_is_ours = false; /* the newest is not where our own offsets count */
    later->n_files = 0;
  }
  for (size_t i = 0; i < later->n_runs; i++) {
    into->runs[into->n_runs++] = later->runs[i];
    into->n += (int64_t)later->runs[i].n;
  }
  later->n_runs = 0;
  for (size_t i = 0; i < later->n_keys; i++) CORE_TRY(add_key(into, later->keys[i], err));
  later->n_keys = 0;
  return CORE_OK;
}

static enum core_status order_finish(struct val_metric *m, struct core_error *err) {
  CORE_TRY(core_grow((void **)&m->runs, &m->runs_cap, m->n_runs + 1, sizeof *m->runs, err));
  CORE_TRY(sort_keys(m, err));
  core_free(m->scratch);
  m->scratch = NULL;
  m->runs[m->n_runs++] = (struct run){-1, 0, m->n_keys};
  return CORE_OK;
}

/* ---- selecting ---- */

static enum core_status read_key(const struct val_metric *m, const struct run *run, size_t index,
                                 uint64_t *out, struct core_error *err) {
  if (run->fd < 0) {
    *out = m->keys[index];
    return CORE_OK;
  }
  const ssize_t n =
      pread(run->fd, out, sizeof *out, (off_t)(run->at + (int64_t)(index * sizeof *out)));
  if (n == (ssize_t)sizeof *out) return CORE_OK;
  return core_fail_errno(err, CORE_IO, n < 0 ? errno : EIO,
                         "cannot read a temporary file for order statistics");
}

/* How many of a run's keys are <= key, known to be in [low, high]. */
static enum core_status count_up_to(const struct val_metric *m, const struct run *run, uint64_t key,
                                    size_t low, size_t high, size_t *out, struct core_error *err) {
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    uint64_t found = 0;
    CORE_TRY(read_key(m, run, middle, &found, err));
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
      CORE_TRY(count_up_to(m, &m->runs[i], middle, bounds[i].low, bounds[i].high, &bounds[i].count,
                           err));
      total += bounds[i].count;
    }
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

enum core_status val_order_select(const struct val_metric *m, int64_t rank, struct val_scalar *out,
                                  struct core_error *err) {
  assert(rank >= 0 && rank < m->n);
  uint64_t key = 0;
  if (m->n_runs == 1) {
    *out = value_of_key(m->type, m->keys[rank]);
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
  for (size_t i = 0; i < m->n_files; i++) close(m->files[i]);
  core_free(m->files);
  core_free(m->runs);
  core_free(m->keys);
  core_free(m->scratch);
  core_free(m);
}

enum core_status val_order_below(const struct val_metric *m, double x, bool with_equal,
                                 int64_t *out, struct core_error *err) {
  const struct val_scalar limit = val_scalar_double(x);
  int64_t low = 0, high = val_order_count(m);
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    struct val_scalar value;
    CORE_TRY(val_order_select(m, middle, &value, err));
    const int c = val_scalar_compare(&value, &limit);
    if (c < 0 || (with_equal && c == 0))
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
    .takes = takes_numbers,
    .open = order_open,
    .observe = order_observe,
    .merge = order_merge,
    .finish = order_finish,
    .describe = order_describe,
    .close = order_close,
};
