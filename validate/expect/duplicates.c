/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows whose value, or tuple of values, occurs more than once: every member of such a group is unexpected. Memory grows
 * with the number of different values: about 3 bytes each where numbers or times rise from row to row, 15 where they do
 * not, 25 for text. */
#include "validate/expect/duplicates.h"

#include <string.h>

#include "validate/metric/hashes.h"
#include "validate/metric/key_set.h"
#include "validate/metric/places.h"
#include "validate/scalar.h"

struct val_metric {
  struct val_row_tally tally; /* first: val_map_judge reads it */
  bool
      exact; /* one column whose values fit 64 bits: the keys are the values; else hashes of 128 bits */
  bool shows; /* every first row of a group is kept as it would be shown */
  struct val_key_set keys;
  struct val_hashes seen;
  struct val_places firsts; /* of each group, in the order of keys or seen */
  uint8_t *counted;         /* likewise, one bit each: the first row was counted as unexpected */
  size_t counted_cap;
  struct val_kept **shown; /* likewise, when `shows` */
  size_t shown_cap, n_shown;
  struct core_hash128 *tuple; /* hashes of one row's values */
  struct val_column *column;  /* a batch of one row, to show a key */
};

static void duplicates_close(struct val_metric *m) {
  if (!m) return;
  for (size_t i = 0; i < m->n_shown; i++) core_free(m->shown[i]);
  core_free(m->shown);
  core_free(m->counted);
  core_free(m->tuple);
  core_free(m->column);
  val_places_close(&m->firsts);
  val_key_set_close(&m->keys);
  val_hashes_close(&m->seen);
  val_row_tally_close(&m->tally);
  core_free(m);
}

static bool fits_key(enum val_type type) {
  return type != VAL_TYPE_STRING && type != VAL_TYPE_NULL;
}

static enum core_status duplicates_open(const struct val_metric_request *request,
                                        const struct val_metric_context *context,
                                        struct val_metric **out, struct core_error *err) {
  const struct val_map *map = request->params;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  val_row_tally_open(&m->tally, map);
  m->exact = map->n_columns == 1 && fits_key(map->schema->fields[map->columns[0]].type);
  /* A first row is shown as its duplicate is, or from its key; but index columns differ, and a duplicate found by merging
   * two partial passes has no batch at hand. */
  m->shows = map->n_index_columns != 0 || (context->partial && !m->exact);
  m->tuple = core_calloc(map->n_columns + 1, sizeof *m->tuple);
  m->column = core_calloc(map->schema->n_fields + 1, sizeof *m->column);
  if (!m->tuple || !m->column) {
    duplicates_close(m);
    return core_fail_nomem(err, map->schema->n_fields * sizeof *m->column);
  }
  *out = m;
  return CORE_OK;
}

static struct core_hash128 hash_row(struct val_metric *m, const struct val_batch *batch,
                                    size_t row) {
  const struct val_map *map = m->tally.map;
  if (map->n_columns == 1) return val_hash_value(&batch->columns[map->columns[0]], row);
  for (size_t i = 0; i < map->n_columns; i++)
    m->tuple[i] = val_hash_value(&batch->columns[map->columns[i]], row);
  return core_hash128(m->tuple, map->n_columns * sizeof *m->tuple, 0);
}

/* ---- values as keys of the same order ---- */

#define SIGN_BIT (UINT64_C(1) << 63)

static uint64_t key_at(const struct val_column *column, size_t row) {
  uint64_t bits;
  switch (column->type) {
  case VAL_TYPE_DOUBLE: {
    const double value = column->values.float64[row] + 0.0; /* -0.0 is 0.0 */
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((0 - (bits >> 63)) | SIGN_BIT);
  }
  case VAL_TYPE_DATE:
    return (uint64_t)column->values.int32[row] ^ SIGN_BIT;
  case VAL_TYPE_BOOL:
    return (uint64_t)val_column_bool(column, row) ^ SIGN_BIT;
  default:
    return (uint64_t)column->values.int64[row] ^ SIGN_BIT;
  }
}

/* The row of a group as it is shown, from nothing but its key. */
static enum core_status show_key(struct val_metric *m, uint64_t key, struct val_kept **out,
                                 struct core_error *err) {
  const struct val_map *map = m->tally.map;
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  struct val_column *column = &m->column[map->columns[0]];
  const int64_t integer = (int64_t)(key ^ SIGN_BIT);
  const int32_t day = (int32_t)integer;
  const uint8_t bit = (uint8_t)(integer & 1);
  const uint64_t bits = key & SIGN_BIT ? key ^ SIGN_BIT : ~key;
  double number;
  memcpy(&number, &bits, sizeof number);
  *column = (struct val_column){.type = type, .values.int64 = &integer};
  if (type == VAL_TYPE_DOUBLE) column->values.float64 = &number;
  if (type == VAL_TYPE_DATE) column->values.int32 = &day;
  if (type == VAL_TYPE_BOOL) column->values.bits = &bit;
  const struct val_batch one = {
      .n_rows = 1, .n_columns = map->schema->n_fields, .columns = m->column};
  return val_row_tally_show(&m->tally, &one, 0, out, err);
}

/* ---- groups ---- */

/* A group of its own so far. `shown` is taken over, NULL unless m->shows. */
static enum core_status add_first(struct val_metric *m, size_t index, struct val_place place,
                                  struct val_kept *shown, struct core_error *err) {
  enum core_status st = CORE_OK;
  if (index % 8 == 0) {
    st = core_grow((void **)&m->counted, &m->counted_cap, index / 8 + 1, 1, err);
    if (st == CORE_OK) m->counted[index / 8] = 0;
  }
  if (st == CORE_OK && m->shows)
    st = core_grow((void **)&m->shown, &m->shown_cap, index + 1, sizeof *m->shown, err);
  if (st == CORE_OK) st = val_places_add(&m->firsts, place, err);
  if (st != CORE_OK) {
    core_free(shown);
    return st;
  }
  if (m->shows) m->shown[m->n_shown++] = shown;
  return CORE_OK;
}

/* The first row of a group turns out to be unexpected. `like` is shown as any row of the group is, NULL when m->shows;
 * it is taken over. */
static enum core_status fail_first(struct val_metric *m, size_t index, struct val_kept *like,
                                   struct core_error *err) {
  const struct val_place place = val_places_get(&m->firsts, index);
  m->tally.n_unexpected++;
  val_bit_set(m->counted, index);
  if (m->shows) {
    like = m->shown[index];
    m->shown[index] = NULL;
  }
  if (!like) return CORE_OK;
  like->row = place.row;
  like->line = place.line;
  like->byte = place.byte;
  return val_row_tally_keep(&m->tally, like, err);
}

static enum core_status add_duplicate(struct val_metric *m, const struct val_batch *batch,
                                      size_t row, size_t index, struct core_error *err) {
  struct val_kept *kept = NULL;
  m->tally.n_unexpected++;
  if (!val_bit(m->counted, index)) {
    if (!m->shows && val_row_tally_admits(&m->tally, val_places_get(&m->firsts, index).row))
      CORE_TRY(val_row_tally_show(&m->tally, batch, row, &kept, err));
    CORE_TRY(fail_first(m, index, kept, err));
  }
  if (!val_row_tally_admits(&m->tally, val_batch_row(batch, row))) return CORE_OK;
  CORE_TRY(val_row_tally_show(&m->tally, batch, row, &kept, err));
  return val_row_tally_keep(&m->tally, kept, err);
}

/* ---- observing ---- */

static enum core_status take_row(struct val_metric *m, const struct val_batch *batch, size_t row,
                                 size_t index, bool fresh, struct core_error *err) {
  struct val_kept *shown = NULL;
  if (!fresh) return add_duplicate(m, batch, row, index, err);
  if (m->shows) CORE_TRY(val_row_tally_show(&m->tally, batch, row, &shown, err));
  const struct val_place place = {val_batch_row(batch, row), batch->line ? batch->line[row] : -1,
                                  batch->byte ? batch->byte[row] : -1};
  return add_first(m, index, place, shown, err);
}

#define AHEAD_ROWS 16

static enum core_status observe_keys(struct val_metric *m, const struct val_batch *batch,
                                     struct core_error *err) {
  const struct val_column *column = &batch->columns[m->tally.map->columns[0]];
  for (size_t row = 0; row < batch->n_rows; row++) {
    size_t index = 0;
    bool fresh = false;
    if (m->keys.hashed && row + AHEAD_ROWS < batch->n_rows)
      val_key_set_prefetch(&m->keys, key_at(column, row + AHEAD_ROWS));
    if (!val_bit(m->tally.considered, row)) continue;
    CORE_TRY(val_key_set_put(&m->keys, key_at(column, row), &index, &fresh, err));
    CORE_TRY(take_row(m, batch, row, index, fresh, err));
  }
  return CORE_OK;
}

static enum core_status duplicates_observe(struct val_metric *m, const struct val_batch *batch,
                                           struct core_error *err) {
  CORE_TRY(val_row_tally_consider(&m->tally, batch, err));
  if (m->exact) return observe_keys(m, batch, err);
  for (size_t row = 0; row < batch->n_rows; row++) {
    size_t index = 0;
    bool fresh = false;
    if (!val_bit(m->tally.considered, row)) continue;
    CORE_TRY(val_hashes_put(&m->seen, hash_row(m, batch, row), &index, &fresh, err));
    CORE_TRY(take_row(m, batch, row, index, fresh, err));
  }
  return CORE_OK;
}

/* ---- merging ---- */

static enum core_status put_group(struct val_metric *into, const struct val_metric *later, size_t i,
                                  const uint64_t *keys, size_t *index, bool *fresh,
                                  struct core_error *err) {
  return into->exact ? val_key_set_put(&into->keys, keys[i], index, fresh, err)
                     : val_hashes_put(&into->seen, later->seen.keys[i], index, fresh, err);
}

/* A row of a group that is shown; NULL where it would not be kept anyway. */
static enum core_status show_group(struct val_metric *m, const uint64_t *keys, size_t i,
                                   int64_t row, struct val_kept **out, struct core_error *err) {
  *out = NULL;
  return val_row_tally_admits(&m->tally, row) ? show_key(m, keys[i], out, err) : CORE_OK;
}

/* One group of `later`: a first row that was alone there is unexpected now if the group was known here. */
static enum core_status merge_group(struct val_metric *into, struct val_metric *later, size_t i,
                                    const uint64_t *keys, struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  const struct val_place place = val_places_get(&later->firsts, i);
  CORE_TRY(put_group(into, later, i, keys, &index, &fresh, err));
  struct val_kept *shown = NULL;
  if (into->shows) {
    shown = later->shown[i];
    later->shown[i] = NULL;
  }
  if (fresh) {
    CORE_TRY(add_first(into, index, place, shown, err));
    if (val_bit(later->counted, i)) val_bit_set(into->counted, index);
    return CORE_OK;
  }
  if (!val_bit(later->counted, i)) {
    into->tally.n_unexpected++;
    if (!into->shows) CORE_TRY(show_group(into, keys, i, place.row, &shown, err));
    if (shown) {
      shown->row = place.row;
      shown->line = place.line;
      shown->byte = place.byte;
      CORE_TRY(val_row_tally_keep(&into->tally, shown, err));
    }
  }
  if (val_bit(into->counted, index)) return CORE_OK;
  struct val_kept *like = NULL;
  const int64_t first_row = val_places_get(&into->firsts, index).row;
  if (!into->shows) CORE_TRY(show_group(into, keys, i, first_row, &like, err));
  return fail_first(into, index, like, err);
}

/* Every key of `later` is new and none occurred twice. */
static enum core_status join_rising(struct val_metric *into, struct val_metric *later,
                                    struct core_error *err) {
  const size_t n = into->keys.n + later->keys.n, old = (into->keys.n + 7) / 8;
  CORE_TRY(core_grow((void **)&into->counted, &into->counted_cap, n / 8 + 1, 1, err));
  memset(into->counted + old, 0, n / 8 + 1 - old);
  CORE_TRY(val_key_set_join(&into->keys, &later->keys, err));
  return val_places_join(&into->firsts, &later->firsts, err);
}

static enum core_status duplicates_merge(struct val_metric *into, struct val_metric *later,
                                         struct core_error *err) {
  const uint64_t *keys = NULL;
  CORE_TRY(val_row_tally_merge(&into->tally, &later->tally, err));
  if (into->exact && !into->shows && val_key_set_is_below(&into->keys, &later->keys))
    return join_rising(into, later, err);
  if (later->exact) CORE_TRY(val_key_set_list(&later->keys, &keys, err));
  const size_t n = later->exact ? later->keys.n : later->seen.n;
  for (size_t i = 0; i < n; i++) CORE_TRY(merge_group(into, later, i, keys, err));
  return CORE_OK;
}

static void duplicates_shift(struct val_metric *m, int64_t rows, int64_t lines) {
  val_row_tally_shift(&m->tally, rows, lines);
  val_places_shift(&m->firsts, rows, lines);
}

static enum core_status duplicates_finish(struct val_metric *m, struct core_error *err) {
  (void)err;
  val_row_tally_finish(&m->tally);
  return CORE_OK;
}

static enum core_status duplicates_describe(struct val_metric *m, struct core_str *out,
                                            struct core_error *err) {
  core_str_printf(out, "{\"groups\":%zu,\"unexpected\":%lld}", m->exact ? m->keys.n : m->seen.n,
                  (long long)m->tally.n_unexpected);
  return core_str_status(out, err);
}

/* Not in metric_list.h: it needs an expectation, so it cannot be shared or tried alone. */
const struct val_metric_ops val_metric_duplicates = {
    .name = "duplicates",
    .summary = "rows whose values occur more than once",
    .open = duplicates_open,
    .observe = duplicates_observe,
    .merge = duplicates_merge,
    .shift = duplicates_shift,
    .finish = duplicates_finish,
    .describe = duplicates_describe,
    .close = duplicates_close,
};
