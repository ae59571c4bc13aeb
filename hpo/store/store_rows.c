/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/store/store_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#define MAX_TRIALS ((size_t)1 << 30)

#define QUERY_OWN(asked)                                                                           \
  "SELECT t.trial_id, t.state, t.datetime_start, t.datetime_complete, s.created_order, "           \
  "s.started_order, s.finished_order, s.imported, s.seen, s.attempt, s.outcome, s.message, "       \
  "s.host, " asked " FROM trials t LEFT JOIN sweepgate_trials s ON s.trial_id = t.trial_id "       \
  "WHERE t.study_id = ? ORDER BY t.trial_id"
static const char query_own[] = QUERY_OWN("s.asked_order");
static const char query_own_first[] = QUERY_OWN("NULL"); /* of a file without that column */
static const char query_foreign[] =
    "SELECT trial_id, state, datetime_start, datetime_complete, NULL, NULL, NULL, NULL, NULL, "
    "NULL, NULL, NULL, NULL, NULL FROM trials WHERE study_id = ? ORDER BY trial_id";
enum column {
  COL_ID,
  COL_STATE,
  COL_START,
  COL_COMPLETE,
  COL_CREATED,
  COL_STARTED,
  COL_FINISHED,
  COL_IMPORTED,
  COL_SEEN,
  COL_ATTEMPT,
  COL_OUTCOME,
  COL_MESSAGE,
  COL_HOST,
  COL_ASKED
};

static double read_time(sqlite3_stmt *stmt, int column) {
  const char *text = hpo_sql_text(stmt, column);
  double unix_s = 0;
  return core_time_parse(text, strlen(text), &unix_s) == 0 ? unix_s : 0;
}

static bool read_state(const char *text, enum hpo_state *out) {
  static const enum hpo_state states[] = {HPO_RUNNING, HPO_COMPLETE, HPO_PRUNED, HPO_FAIL,
                                          HPO_WAITING};
  for (size_t i = 0; i < CORE_COUNT_OF(states); i++) {
    if (strcmp(text, hpo_state_text(states[i])) == 0) {
      *out = states[i];
      return true;
    }
  }
  return false;
}

/* What another program's end of a trial amounts to. */
static enum hpo_outcome outcome_of(enum hpo_state state) {
  if (state == HPO_COMPLETE) return HPO_OUTCOME_OK;
  if (state == HPO_PRUNED) return HPO_OUTCOME_PRUNED;
  return state == HPO_FAIL ? HPO_OUTCOME_TOLD : HPO_OUTCOME_NONE;
}

static enum core_status read_optional(struct core_arena *arena, sqlite3_stmt *stmt, int column,
                                      const char **out, struct core_error *err) {
  *out = NULL;
  if (hpo_sql_is_null(stmt, column)) return CORE_OK;
  *out = core_arena_strdup(arena, hpo_sql_text(stmt, column));
  return *out ? CORE_OK : core_fail_nomem(err, 0);
}

static enum core_status read_row(const struct hpo_store *store, struct hpo_store_rows *rows,
                                 sqlite3_stmt *stmt, struct core_error *err) {
  if (rows->n_rows == MAX_TRIALS)
    return core_fail(err, CORE_LIMIT, "too many trials in storage '%s'", store->path);
  CORE_TRY(
      core_grow((void **)&rows->rows, &rows->rows_cap, rows->n_rows + 1, sizeof *rows->rows, err));
  struct hpo_store_row *row = &rows->rows[rows->n_rows];
  *row = (struct hpo_store_row){.id = sqlite3_column_int64(stmt, COL_ID)};
  if (!read_state(hpo_sql_text(stmt, COL_STATE), &row->state))
    return core_fail(err, CORE_PARSE,
                     "trial %zu in storage '%s' has the state '%.20s', which does not exist",
                     rows->n_rows, store->path, hpo_sql_text(stmt, COL_STATE));
  row->start_unix_s = read_time(stmt, COL_START);
  row->end_unix_s = read_time(stmt, COL_COMPLETE);
  row->own = !hpo_sql_is_null(stmt, COL_CREATED);
  row->created = sqlite3_column_int64(stmt, COL_CREATED);
  row->started = sqlite3_column_int64(stmt, COL_STARTED);
  row->imported = !row->own || sqlite3_column_int(stmt, COL_IMPORTED) != 0;
  row->seen = (uint64_t)sqlite3_column_int64(stmt, COL_SEEN);
  row->asked = sqlite3_column_int64(stmt, COL_ASKED);
  row->attempt = sqlite3_column_int(stmt, COL_ATTEMPT);
  if (hpo_state_is_final(row->state)) {
    row->finished = sqlite3_column_int64(stmt, COL_FINISHED);
    if (!hpo_outcome_parse(hpo_sql_text(stmt, COL_OUTCOME), &row->outcome) ||
        row->outcome == HPO_OUTCOME_NONE)
      row->outcome = outcome_of(row->state);
  }
  CORE_TRY(read_optional(&rows->arena, stmt, COL_MESSAGE, &row->message, err));
  CORE_TRY(read_optional(&rows->arena, stmt, COL_HOST, &row->host, err));
  rows->n_rows++;
  return CORE_OK;
}

/* --- places for what has none --------------------------------------------------------------------- */

enum mark { MARK_CREATED, MARK_FINISHED };
struct pending {
  double unix_s;
  enum mark mark;
  size_t row;
};

static int compare_pending(const void *left, const void *right) {
  const struct pending *a = left;
  const struct pending *b = right;
  if (a->unix_s != b->unix_s) return a->unix_s < b->unix_s ? -1 : 1;
  if (a->mark != b->mark) return a->mark < b->mark ? -1 : 1;
  return (a->row > b->row) - (a->row < b->row);
}

static enum core_status last_order(const struct hpo_store *store, const struct hpo_store_rows *rows,
                                   int64_t *last, struct core_error *err) {
  CORE_TRY(hpo_sql_integer(
      &store->sql,
      "SELECT max(n) FROM ("
      "SELECT coalesce(max(trial_intermediate_value_id), 0) AS n FROM trial_intermediate_values "
      "UNION ALL SELECT coalesce(max(trial_user_attribute_id), 0) FROM trial_user_attributes "
      "UNION ALL SELECT coalesce(max(trial_system_attribute_id), 0) FROM trial_system_attributes)",
      0, last, err));
  for (size_t i = 0; i < rows->n_rows; i++) {
    const struct hpo_store_row *row = &rows->rows[i];
    if (row->created > *last) *last = row->created;
    if (row->started > *last) *last = row->started;
    if (row->finished > *last) *last = row->finished;
  }
  if (*last <= HPO_STORE_MAX_KEY) return CORE_OK;
  return core_fail(err, CORE_LIMIT,
                   "storage '%s' has rows with a number beyond 2^62, so none can follow; remove "
                   "them, or name another storage",
                   store->path);
}

/* Creations in the order of numbers whatever the clocks say, an end never before its creation. */
static enum core_status collect_pending(const struct hpo_store_rows *rows, struct pending **out,
                                        size_t *n_pending, struct core_error *err) {
  size_t cap = 0;
  double created_unix_s = 0;
  *out = NULL;
  *n_pending = 0;
  for (size_t i = 0; i < rows->n_rows; i++) {
    const struct hpo_store_row *row = &rows->rows[i];
    if (row->start_unix_s > created_unix_s) created_unix_s = row->start_unix_s;
    CORE_TRY(core_grow((void **)out, &cap, *n_pending + 2, sizeof **out, err));
    if (row->created == 0)
      (*out)[(*n_pending)++] = (struct pending){created_unix_s, MARK_CREATED, i};
    if (hpo_state_is_final(row->state) && row->finished == 0) {
      const double end = row->end_unix_s > created_unix_s ? row->end_unix_s : created_unix_s;
      (*out)[(*n_pending)++] = (struct pending){end, MARK_FINISHED, i};
    }
  }
  return CORE_OK;
}

static enum core_status place_missing(const struct hpo_store *store, struct hpo_store_rows *rows,
                                      struct core_error *err) {
  struct pending *pending = NULL;
  size_t n_pending = 0;
  int64_t last = 0;
  uint64_t n_finished = 0;
  enum core_status st = collect_pending(rows, &pending, &n_pending, err);
  if (st == CORE_OK && n_pending > 0) st = last_order(store, rows, &last, err);
  if (st == CORE_OK && n_pending > 0) {
    for (size_t i = 0; i < rows->n_rows; i++) n_finished += rows->rows[i].finished > 0;
    qsort(pending, n_pending, sizeof *pending, compare_pending);
    for (size_t k = 0; k < n_pending; k++) {
      struct hpo_store_row *row = &rows->rows[pending[k].row];
      row->placed = true;
      if (pending[k].mark == MARK_CREATED) {
        row->created = ++last;
        row->seen = n_finished;
      } else {
        row->finished = ++last;
        n_finished++;
      }
    }
  }
  core_free(pending);
  return st;
}

/* A file that somebody edited still gives events that make sense. */
static void straighten(struct hpo_store_rows *rows) {
  int64_t created = 0;
  for (size_t i = 0; i < rows->n_rows; i++) {
    struct hpo_store_row *row = &rows->rows[i];
    if (row->created < created) row->created = created;
    created = row->created;
    if (row->started > 0 && row->started < row->created) row->started = row->created;
    if (row->finished > 0 && row->finished < row->created) row->finished = row->created;
    if (row->finished > 0 && row->finished < row->started) row->finished = row->started;
    if (row->attempt < 0) row->attempt = 0;
    if (row->asked < 0 || row->asked > row->created) row->asked = 0;
  }
}

enum core_status hpo_store_rows_open(const struct hpo_store *store, struct hpo_store_rows *rows,
                                     struct core_error *err) {
  *rows = (struct hpo_store_rows){0};
  sqlite3_stmt *stmt = NULL;
  bool row = true, asked = false;
  const char *query = query_foreign;
  if (store->own_tables) {
    CORE_TRY(hpo_schema_has_asked(&store->sql, &asked, err));
    query = asked ? query_own : query_own_first;
  }
  enum core_status st = hpo_sql_prepare(&store->sql, query, &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  while (st == CORE_OK) {
    st = hpo_sql_step(&store->sql, stmt, &row, err);
    if (st != CORE_OK || !row) break;
    st = read_row(store, rows, stmt, err);
  }
  sqlite3_finalize(stmt);
  if (st == CORE_OK) st = place_missing(store, rows, err);
  if (st == CORE_OK) straighten(rows);
  if (st != CORE_OK) hpo_store_rows_close(rows);
  return st;
}

void hpo_store_rows_close(struct hpo_store_rows *rows) {
  core_free(rows->rows);
  core_arena_close(&rows->arena);
  *rows = (struct hpo_store_rows){0};
}

size_t hpo_store_rows_find(const struct hpo_store_rows *rows, int64_t trial_id, size_t hint) {
  for (size_t i = hint; i < hint + 2 && i < rows->n_rows; i++)
    if (rows->rows[i].id == trial_id) return i;
  size_t low = 0;
  size_t high = rows->n_rows;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (rows->rows[middle].id < trial_id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < rows->n_rows && rows->rows[low].id == trial_id ? low : rows->n_rows;
}
