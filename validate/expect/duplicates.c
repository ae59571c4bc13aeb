/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows whose value, or tuple of values, occurs more than once: every member of such a group is unexpected. Memory grows
 * with the number of different values (about 50 bytes each); the answer is exact. */
#include "validate/expect/duplicates.h"

#include "validate/metric/hashes.h"

/* The first row of a group. A row number below zero (-1 - row) says that it was counted as unexpected already. */
struct first {
  int64_t row, line, byte;
};

struct val_metric {
  struct val_row_tally tally; /* first: val_map_judge reads it */
  bool shows;                 /* every first row is kept as it would be shown */
  struct val_hashes seen;
  struct first *firsts; /* parallel to seen.keys */
  size_t firsts_cap;
  struct val_kept **shown; /* likewise, when `shows` */
  size_t shown_cap, n_shown;
  struct core_hash128 *tuple; /* hashes of one row's values */
};

static void duplicates_close(struct val_metric *m) {
  if (!m) return;
  for (size_t i = 0; i < m->n_shown; i++) core_free(m->shown[i]);
  core_free(m->shown);
  core_free(m->firsts);
  core_free(m->tuple);
  val_hashes_close(&m->seen);
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
  /* The value of a first row is that of its duplicate; but index columns differ, and a duplicate found by merging two
   * partial passes has no batch at hand. */
  m->shows = map->n_index_columns != 0 || context->partial;
  m->tuple = core_calloc(map->n_columns + 1, sizeof *m->tuple);
  if (!m->tuple) {
    duplicates_close(m);
    return core_fail_nomem(err, map->n_columns * sizeof *m->tuple);
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

/* A group of its own so far. `shown` is taken over, NULL unless m->shows. */
static enum core_status add_first(struct val_metric *m, size_t index, struct first first,
                                  struct val_kept *shown, struct core_error *err) {
  enum core_status st =
      core_grow((void **)&m->firsts, &m->firsts_cap, index + 1, sizeof *m->firsts, err);
  if (st == CORE_OK && m->shows)
    st = core_grow((void **)&m->shown, &m->shown_cap, index + 1, sizeof *m->shown, err);
  if (st != CORE_OK) {
    core_free(shown);
    return st;
  }
  m->firsts[index] = first;
  if (m->shows) m->shown[m->n_shown++] = shown;
  return CORE_OK;
}

/* The first row of a group turns out to be unexpected. `like` is shown as any row of the group is, NULL when m->shows;
 * it is taken over. */
static enum core_status fail_first(struct val_metric *m, size_t index, struct val_kept *like,
                                   struct core_error *err) {
  struct first *first = &m->firsts[index];
  const int64_t row = first->row;
  m->tally.n_unexpected++;
  first->row = -1 - row;
  if (m->shows) {
    like = m->shown[index];
    m->shown[index] = NULL;
  }
  if (!like) return CORE_OK;
  like->row = row;
  like->line = first->line;
  like->byte = first->byte;
  return val_row_tally_keep(&m->tally, like, err);
}

static enum core_status add_duplicate(struct val_metric *m, const struct val_batch *batch,
                                      size_t row, size_t index, struct core_error *err) {
  const int64_t first_row = m->firsts[index].row;
  struct val_kept *kept = NULL;
  m->tally.n_unexpected++;
  if (first_row >= 0) {
    if (!m->shows && val_row_tally_admits(&m->tally, first_row))
      CORE_TRY(val_row_tally_show(&m->tally, batch, row, &kept, err));
    CORE_TRY(fail_first(m, index, kept, err));
  }
  if (!val_row_tally_admits(&m->tally, val_batch_row(batch, row))) return CORE_OK;
  CORE_TRY(val_row_tally_show(&m->tally, batch, row, &kept, err));
  return val_row_tally_keep(&m->tally, kept, err);
}

static enum core_status observe_row(struct val_metric *m, const struct val_batch *batch, size_t row,
                                    struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  CORE_TRY(val_hashes_put(&m->seen, hash_row(m, batch, row), &index, &fresh, err));
  if (!fresh) return add_duplicate(m, batch, row, index, err);
  struct val_kept *shown = NULL;
  if (m->shows) CORE_TRY(val_row_tally_show(&m->tally, batch, row, &shown, err));
  const struct first first = {val_batch_row(batch, row), batch->line ? batch->line[row] : -1,
                              batch->byte ? batch->byte[row] : -1};
  return add_first(m, index, first, shown, err);
}

static enum core_status duplicates_observe(struct val_metric *m, const struct val_batch *batch,
                                           struct core_error *err) {
  CORE_TRY(val_row_tally_consider(&m->tally, batch, err));
  for (size_t row = 0; row < batch->n_rows; row++)
    if (val_bit(m->tally.considered, row)) CORE_TRY(observe_row(m, batch, row, err));
  return CORE_OK;
}

/* One group of `later`: a first row that was alone there is unexpected now if the group was known here. */
static enum core_status merge_group(struct val_metric *into, struct val_metric *later, size_t i,
                                    struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  const struct first first = later->firsts[i];
  CORE_TRY(val_hashes_put(&into->seen, later->seen.keys[i], &index, &fresh, err));
  struct val_kept *shown = later->shown[i];
  later->shown[i] = NULL;
  if (fresh) return add_first(into, index, first, shown, err);
  if (first.row >= 0) {
    into->tally.n_unexpected++;
    CORE_TRY(val_row_tally_keep(&into->tally, shown, err));
  }
  return into->firsts[index].row >= 0 ? fail_first(into, index, NULL, err) : CORE_OK;
}

static enum core_status duplicates_merge(struct val_metric *into, struct val_metric *later,
                                         struct core_error *err) {
  CORE_TRY(val_row_tally_merge(&into->tally, &later->tally, err));
  for (size_t i = 0; i < later->seen.n; i++) CORE_TRY(merge_group(into, later, i, err));
  return CORE_OK;
}

static enum core_status duplicates_finish(struct val_metric *m, struct core_error *err) {
  (void)err;
  val_row_tally_finish(&m->tally);
  return CORE_OK;
}

static enum core_status duplicates_describe(struct val_metric *m, struct core_str *out,
                                            struct core_error *err) {
  core_str_printf(out, "{\"groups\":%zu,\"unexpected\":%lld}", m->seen.n,
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
    .finish = duplicates_finish,
    .describe = duplicates_describe,
    .close = duplicates_close,
};
