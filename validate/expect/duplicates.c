/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows whose value, or tuple of values, occurs more than once: every member of such a group is unexpected. Memory grows
 * with the number of different values: about 3 bytes each where numbers or times rise from row to row, 15 where they do
 * not, 25 for text. Beyond the budget, what rises is put into a file as it is, and only read again if a later value does not
 * rise; all else is dealt out to parts of a file by its hash. */
#include "validate/expect/duplicates.h"

#include <string.h>

#include "validate/dictionary.h"
#include "validate/expect/duplicate_group.h"
#include "validate/metric/hashes.h"
#include "validate/metric/key_set.h"
#include "validate/metric/places.h"
#include "validate/metric/scatter.h"
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
  size_t counted_cap;       /* bytes; no bit behind them is set */
  struct val_kept **shown;  /* likewise, when `shows` */
  size_t shown_cap, n_shown;
  size_t shown_bytes;
  size_t memory_bytes, n_groups; /* once finished */
  int64_t rows_shift,
      lines_shift; /* of the groups in `spilled`: it is shifted when it has seen all its rows */
  struct val_scatter *spilled; /* groups of earlier sets; NULL: there are none */
  struct core_scratch *parked; /* where what rises is put; NULL: all of it is in memory */
  struct core_hash128 *tuple;  /* hashes of one row's values */
  struct val_column *column;   /* a batch of one row, to show a key */
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
  val_scatter_close(m->spilled);
  core_scratch_close(m->parked);
  val_row_tally_close(&m->tally);
  core_free(m);
}

static enum core_status duplicates_open(const struct val_metric_request *request,
                                        const struct val_metric_context *context,
                                        struct val_metric **out, struct core_error *err) {
  const struct val_map *map = request->params;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  val_row_tally_open(&m->tally, map);
  m->exact = map->n_columns == 1 && val_type_is_word(map->schema->fields[map->columns[0]].type);
  /* A first row is shown as its duplicate is, or from its key; but index columns differ, and a duplicate found by merging
   * two partial passes has no batch at hand. */
  m->shows = map->n_index_columns != 0 || (context->partial && !m->exact);
  m->memory_bytes = context->memory_bytes;
  m->tuple = core_calloc(map->n_columns + 1, sizeof *m->tuple);
  m->column = core_calloc(val_schema_width(map->schema) + 1, sizeof *m->column);
  if (!m->tuple || !m->column) {
    duplicates_close(m);
    return core_fail_nomem(err, val_schema_width(map->schema) * sizeof *m->column);
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
      .n_rows = 1, .n_columns = val_schema_width(map->schema), .columns = m->column};
  return val_row_tally_show(&m->tally, &one, 0, out, err);
}

/* ---- groups ---- */

static bool is_counted(const struct val_metric *m, size_t index) {
  return index / 8 < m->counted_cap && val_bit(m->counted, index);
}

static enum core_status set_counted(struct val_metric *m, size_t index, struct core_error *err) {
  const size_t old = m->counted_cap;
  CORE_TRY(core_grow((void **)&m->counted, &m->counted_cap, index / 8 + 1, 1, err));
  memset(m->counted + old, 0, m->counted_cap - old);
  val_bit_set(m->counted, index);
  return CORE_OK;
}

/* A group of its own so far. `shown` is taken over, NULL unless m->shows. */
static enum core_status add_first(struct val_metric *m, size_t index, struct val_place place,
                                  struct val_kept *shown, struct core_error *err) {
  enum core_status st = CORE_OK;
  if (m->shows) st = core_grow((void **)&m->shown, &m->shown_cap, index + 1, sizeof *m->shown, err);
  if (st == CORE_OK) st = val_places_add(&m->firsts, place, err);
  if (st != CORE_OK) {
    core_free(shown);
    return st;
  }
  if (m->shows) m->shown[m->n_shown++] = shown;
  if (shown) m->shown_bytes += shown->bytes;
  return CORE_OK;
}

static struct val_kept *copy_kept(const struct val_kept *kept) {
  struct core_str bytes = {0};
  size_t used = 0;
  val_kept_write(kept, &bytes);
  struct val_kept *copy = bytes.failed ? NULL : val_kept_read(bytes.data, &used);
  core_str_close(&bytes);
  return copy;
}

/* The first row of a group turns out to be unexpected. `like` is shown as any row of the group is, NULL when m->shows;
 * it is taken over. */
static enum core_status fail_first(struct val_metric *m, size_t index, struct val_kept *like,
                                   struct core_error *err) {
  const struct val_place place = val_places_get(&m->firsts, index);
  const enum core_status st = set_counted(m, index, err);
  if (st != CORE_OK) {
    core_free(like);
    return st;
  }
  m->tally.n_unexpected++;
  if (m->shows) {
    like = m->shown[index];
    m->shown[index] = NULL;
    if (like && m->spilled &&
        !m->exact) { /* a first row on disk may have no other text than this */
      m->shown[index] = copy_kept(like);
      if (!m->shown[index]) {
        core_free(like);
        return core_fail_nomem(err, sizeof *like);
      }
    }
  }
  if (!like) return CORE_OK;
  like->row = place.row;
  like->line = place.line;
  like->byte = place.byte;
  return val_row_tally_keep(&m->tally, like, err);
}

/* Where a row may have to be shown from its key alone, all are: -0.0 is 0.0 then, whoever saw it. */
static enum core_status show_row(struct val_metric *m, const struct val_batch *batch, size_t row,
                                 struct val_kept **out, struct core_error *err) {
  const struct val_column *column = &batch->columns[m->tally.map->columns[0]];
  if (!m->exact || m->shows || column->type != VAL_TYPE_DOUBLE)
    return val_row_tally_show(&m->tally, batch, row, out, err);
  CORE_TRY(show_key(m, key_at(column, row), out, err));
  (*out)->row = val_batch_row(batch, row);
  (*out)->line = batch->line ? batch->line[row] : -1;
  (*out)->byte = batch->byte ? batch->byte[row] : -1;
  return CORE_OK;
}

static enum core_status add_duplicate(struct val_metric *m, const struct val_batch *batch,
                                      size_t row, size_t index, struct core_error *err) {
  struct val_kept *kept = NULL;
  m->tally.n_unexpected++;
  if (!is_counted(m, index)) {
    if (!m->shows && val_row_tally_admits(&m->tally, val_places_get(&m->firsts, index).row))
      CORE_TRY(show_row(m, batch, row, &kept, err));
    CORE_TRY(fail_first(m, index, kept, err));
  }
  if (!val_row_tally_admits(&m->tally, val_batch_row(batch, row))) return CORE_OK;
  CORE_TRY(show_row(m, batch, row, &kept, err));
  return val_row_tally_keep(&m->tally, kept, err);
}

/* ---- beyond the memory ---- */

static enum core_status keep_within(struct val_metric *m, struct core_error *err);
static enum core_status spill(struct val_metric *m, struct core_error *err);

/* A set that would be too large when hashed is dealt out before. */
static enum core_status put_key(struct val_metric *m, uint64_t key, size_t *index, bool *fresh,
                                struct core_error *err) {
  if (!m->keys.hashed && val_key_set_hash_bytes(&m->keys, key) > m->memory_bytes)
    CORE_TRY(spill(m, err));
  return val_key_set_put(&m->keys, key, index, fresh, err);
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

/* ---- keys that rise by small steps, as the ids of a table do: many at a time ---- */

#define STEP_ROWS 512

/* Steps of the rows behind `row`; how many of them are small, at most STEP_ROWS. */
static size_t small_steps(const int64_t *values, size_t row, size_t n_rows, uint8_t *steps) {
  const size_t n = n_rows - row - 1 < STEP_ROWS ? n_rows - row - 1 : STEP_ROWS;
  uint64_t large = 0;
  for (size_t i = 0; i < n; i++) {
    const uint64_t step = (uint64_t)values[row + i + 1] - (uint64_t)values[row + i];
    steps[i] = (uint8_t)step;
    large |= (step - 1) >> 7;
  }
  return large ? 0 : n;
}

/* Takes rows behind `row`, whose key was put: *taken. None of them is considered apart from the others, or has a line. */
static enum core_status take_rising(struct val_metric *m, const struct val_batch *batch, size_t row,
                                    size_t *taken, struct core_error *err) {
  const struct val_column *column = &batch->columns[m->tally.map->columns[0]];
  uint8_t steps[STEP_ROWS];
  *taken = 0;
  if (row + 1 >= batch->n_rows || !val_key_set_is_rising(&m->keys, key_at(column, row)))
    return CORE_OK;
  const size_t n = small_steps(column->values.int64, row, batch->n_rows, steps);
  if (n == 0) return CORE_OK;
  CORE_TRY(val_places_add_rows(&m->firsts, val_batch_row(batch, row + 1), n, err));
  CORE_TRY(val_key_set_put_steps(&m->keys, steps, n, err));
  *taken = n;
  return CORE_OK;
}

/* All rows are considered, and a place is no more than a row. */
static bool may_rise(const struct val_metric *m, const struct val_batch *batch) {
  const struct val_column *column = &batch->columns[m->tally.map->columns[0]];
  return !m->shows && !batch->line && !batch->byte && !batch->row && column->null_count == 0 &&
         val_type_width(column->type) == sizeof(int64_t) && column->type != VAL_TYPE_DOUBLE;
}

static enum core_status observe_keys(struct val_metric *m, const struct val_batch *batch,
                                     struct core_error *err) {
  const struct val_column *column = &batch->columns[m->tally.map->columns[0]];
  const bool rises = may_rise(m, batch);
  for (size_t row = 0; row < batch->n_rows; row++) {
    size_t index = 0;
    bool fresh = false;
    if (m->keys.hashed && row + AHEAD_ROWS < batch->n_rows)
      val_key_set_prefetch(&m->keys, key_at(column, row + AHEAD_ROWS));
    if (!val_bit(m->tally.considered, row)) continue;
    CORE_TRY(put_key(m, key_at(column, row), &index, &fresh, err));
    CORE_TRY(take_row(m, batch, row, index, fresh, err));
    for (size_t more = rises; more > 0; row += more)
      CORE_TRY(take_rising(m, batch, row, &more, err));
  }
  return CORE_OK;
}

static enum core_status observe_hashes(struct val_metric *m, const struct val_batch *batch,
                                       struct core_error *err) {
  struct core_hash128 hashes[AHEAD_ROWS];
  for (size_t first = 0; first < batch->n_rows; first += AHEAD_ROWS) {
    const size_t left = batch->n_rows - first, n = left < AHEAD_ROWS ? left : AHEAD_ROWS;
    for (size_t k = 0; k < n; k++)
      if (val_bit(m->tally.considered, first + k))
        hashes[k] = hash_row(m, batch, first + k);
      else
        hashes[k] = (struct core_hash128){0, 0};
    val_hashes_prefetch(&m->seen, hashes, n);
    for (size_t k = 0; k < n; k++) {
      size_t index = 0;
      bool fresh = false;
      if (!val_bit(m->tally.considered, first + k)) continue;
      CORE_TRY(val_hashes_put(&m->seen, hashes[k], &index, &fresh, err));
      CORE_TRY(take_row(m, batch, first + k, index, fresh, err));
    }
  }
  return CORE_OK;
}

static enum core_status duplicates_observe(struct val_metric *m, const struct val_batch *batch,
                                           struct core_error *err) {
  CORE_TRY(val_row_tally_consider(&m->tally, batch, err));
  CORE_TRY(m->exact ? observe_keys(m, batch, err) : observe_hashes(m, batch, err));
  return keep_within(m, err);
}

/* ---- merging ---- */

/* A row of a group that is shown; NULL where it would not be kept anyway. */
static enum core_status show_group(struct val_metric *m, uint64_t key, int64_t row,
                                   struct val_kept **out, struct core_error *err) {
  *out = NULL;
  return val_row_tally_admits(&m->tally, row) ? show_key(m, key, out, err) : CORE_OK;
}

static enum core_status find_group(struct val_metric *m, const struct val_group *group,
                                   size_t *index, bool *fresh, struct core_error *err) {
  return m->exact ? put_key(m, group->hash.high, index, fresh, err)
                  : val_hashes_put(&m->seen, group->hash, index, fresh, err);
}

/* The first row of a group that is known already: unexpected, if it was not counted yet. */
static enum core_status fail_group(struct val_metric *m, struct val_group *group,
                                   struct core_error *err) {
  struct val_kept *shown = group->shown;
  group->shown = NULL;
  if (group->counted) {
    core_free(shown);
    return CORE_OK;
  }
  m->tally.n_unexpected++;
  if (!shown && m->exact) CORE_TRY(show_group(m, group->hash.high, group->place.row, &shown, err));
  if (!shown) return CORE_OK;
  shown->row = group->place.row;
  shown->line = group->place.line;
  shown->byte = group->place.byte;
  return val_row_tally_keep(&m->tally, shown, err);
}

/* A first row that was alone elsewhere is unexpected now if the group was known here, and so is the one here. */
static enum core_status merge_group(struct val_metric *m, struct val_group *group,
                                    struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  CORE_TRY(find_group(m, group, &index, &fresh, err));
  if (fresh) {
    struct val_kept *shown = group->shown;
    group->shown = NULL;
    CORE_TRY(add_first(m, index, group->place, shown, err));
    return group->counted ? set_counted(m, index, err) : CORE_OK;
  }
  /* of the two first rows one may have no text: that of a row before the first sets went to disk */
  if (!m->exact && m->shows && !is_counted(m, index) && !m->shown[index] && group->shown) {
    m->shown[index] = copy_kept(group->shown);
    if (!m->shown[index]) return core_fail_nomem(err, group->shown->bytes);
  }
  CORE_TRY(fail_group(m, group, err));
  if (is_counted(m, index)) return CORE_OK;
  struct val_kept *like = NULL;
  const int64_t first_row = val_places_get(&m->firsts, index).row;
  if (!m->shows) CORE_TRY(show_group(m, group->hash.high, first_row, &like, err));
  return fail_first(m, index, like, err);
}

static enum core_status merge_part(struct val_metric *into, struct val_metric *from, size_t part,
                                   struct core_error *err) {
  struct core_str bytes = {0};
  enum core_status st = val_scatter_read(from->spilled, part, &bytes, err);
  for (size_t at = 0, used = 0; st == CORE_OK && at < bytes.len; at += used) {
    struct val_group group;
    st = val_group_read(bytes.data + at, into->exact, &group, &used, err);
    group.place.row += from->rows_shift;
    if (group.place.line >= 0) group.place.line += from->lines_shift;
    if (st == CORE_OK) st = merge_group(into, &group, err);
    core_free(group.shown);
  }
  core_str_close(&bytes);
  return st;
}

/* Every key of `later` is new. */
static enum core_status join_rising(struct val_metric *into, struct val_metric *later,
                                    struct core_error *err) {
  for (size_t i = 0; later->counted && i < later->keys.n; i++)
    if (is_counted(later, i)) CORE_TRY(set_counted(into, into->keys.n + i, err));
  CORE_TRY(val_key_set_join(&into->keys, &later->keys, err));
  CORE_TRY(val_places_join(&into->firsts, &later->firsts, err));
  return keep_within(into, err);
}

static size_t n_groups(const struct val_metric *m) {
  return m->exact ? m->keys.n : m->seen.n;
}

/* All groups in memory, one after the other. */
struct walk {
  struct val_key_cursor keys;
  struct val_places_cursor places;
  size_t i;
};

static struct walk walk_groups(const struct val_metric *m) {
  return (struct walk){.keys = {.set = &m->keys}, .places = {.places = &m->firsts}};
}

/* What is shown of the group changes hands. */
static struct val_group next_group(struct val_metric *m, struct walk *walk) {
  const size_t i = walk->i++;
  struct val_group group = {.place = val_places_next(&walk->places), .counted = is_counted(m, i)};
  if (m->exact)
    group.hash.high = val_key_set_next(&walk->keys);
  else
    group.hash = m->seen.keys[i];
  if (i < m->n_shown) {
    group.shown = m->shown[i];
    m->shown[i] = NULL;
  }
  return group;
}

static enum core_status merge_memory(struct val_metric *into, struct val_metric *later,
                                     struct core_error *err) {
  struct walk walk = walk_groups(later);
  if (into->exact && !into->shows && !later->shows &&
      val_key_set_is_below(&into->keys, &later->keys))
    return join_rising(into, later, err);
  while (walk.i < n_groups(later)) {
    struct val_group group = next_group(later, &walk);
    const enum core_status st = merge_group(into, &group, err);
    core_free(group.shown);
    CORE_TRY(st);
  }
  return keep_within(into, err);
}

static enum core_status duplicates_merge(struct val_metric *into, struct val_metric *later,
                                         struct core_error *err) {
  into->memory_bytes += later->memory_bytes;
  CORE_TRY(val_row_tally_merge(&into->tally, &later->tally, err));
  for (size_t part = 0; part < val_scatter_parts(later->spilled); part++) {
    CORE_TRY(merge_part(into, later, part, err));
    CORE_TRY(keep_within(into, err));
  }
  return merge_memory(into, later, err);
}

static void forget_groups(struct val_metric *m) {
  for (size_t i = 0; i < m->n_shown; i++) core_free(m->shown[i]);
  m->n_shown = m->shown_bytes = 0;
  core_free(m->counted);
  m->counted = NULL;
  m->counted_cap = 0;
  val_key_set_close(&m->keys);
  val_hashes_close(&m->seen);
  val_places_close(&m->firsts);
}

/* The sets are empty then, and go on as if new. From now on every first row is kept with its text (where no key tells it): a
 * group that is met again after this has at least one row whose text is known. */
static enum core_status spill(struct val_metric *m, struct core_error *err) {
  struct walk walk = walk_groups(m);
  struct core_str bytes = {0};
  enum core_status st = m->spilled ? CORE_OK : val_scatter_open(m->memory_bytes, &m->spilled, err);
  while (st == CORE_OK && walk.i < n_groups(m)) {
    struct val_group group = next_group(m, &walk);
    core_str_clear(&bytes);
    val_group_write(&group, m->exact, &bytes);
    core_free(group.shown);
    st = core_str_status(&bytes, err);
    const uint64_t hash = m->exact ? val_key_hash(group.hash.high) : group.hash.high;
    if (st == CORE_OK) st = val_scatter_add(m->spilled, hash, bytes.data, bytes.len, err);
  }
  core_str_close(&bytes);
  forget_groups(m);
  m->shows |= !m->exact;
  return st;
}

/* What rises is not looked at again, most likely. */
static enum core_status park(struct val_metric *m, struct core_error *err) {
  if (!m->parked) CORE_TRY(core_scratch_open(&m->parked, err));
  CORE_TRY(val_key_set_park(&m->keys, m->parked, err));
  return val_places_park(&m->firsts, m->parked, err);
}

static enum core_status keep_within(struct val_metric *m, struct core_error *err) {
  const size_t held = val_key_set_bytes(&m->keys) + val_hashes_bytes(&m->seen) +
                      val_places_bytes(&m->firsts) + m->shown_bytes;
  if (held <= m->memory_bytes) return CORE_OK;
  return m->exact && !m->keys.hashed && !m->shows ? park(m, err) : spill(m, err);
}

/* Part by part: groups that were seen in more than one set meet here. */
static enum core_status finish_spilled(struct val_metric *m, struct core_error *err) {
  struct val_scatter *all = NULL;
  CORE_TRY(spill(m, err));
  all = m->spilled;
  m->spilled = NULL;
  struct val_metric from = {.spilled = all};
  m->memory_bytes = SIZE_MAX; /* a part is held whole */
  enum core_status st = CORE_OK;
  for (size_t part = 0; st == CORE_OK && part < val_scatter_parts(all); part++) {
    st = merge_part(m, &from, part, err);
    m->n_groups += n_groups(m);
    forget_groups(m);
  }
  val_scatter_close(all);
  return st;
}

static void duplicates_shift(struct val_metric *m, int64_t rows, int64_t lines) {
  val_row_tally_shift(&m->tally, rows, lines);
  val_places_shift(&m->firsts, rows, lines);
  m->rows_shift += rows;
  m->lines_shift += lines;
}

static enum core_status duplicates_finish(struct val_metric *m, struct core_error *err) {
  m->n_groups = 0;
  if (m->spilled)
    CORE_TRY(finish_spilled(m, err));
  else
    m->n_groups = n_groups(m);
  val_row_tally_finish(&m->tally);
  return CORE_OK;
}

static enum core_status duplicates_describe(struct val_metric *m, struct core_str *out,
                                            struct core_error *err) {
  core_str_printf(out, "{\"groups\":%zu,\"unexpected\":%lld}", m->n_groups,
                  (long long)m->tally.n_unexpected);
  return core_str_status(out, err);
}

/* Not in metric_list.h: it needs an expectation, so it cannot be shared or tried alone. */
const struct val_metric_ops val_metric_duplicates = {
    .name = "duplicates",
    .summary = "rows whose values occur more than once",
    .spills = true,
    .open = duplicates_open,
    .observe = duplicates_observe,
    .merge = duplicates_merge,
    .shift = duplicates_shift,
    .finish = duplicates_finish,
    .describe = duplicates_describe,
    .close = duplicates_close,
};
