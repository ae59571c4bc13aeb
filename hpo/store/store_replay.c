/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reading: merges the tables back into the one sequence of events that was appended. What a later event overwrote (a
 * first try's start and reports, an attribute's old value) is not given back; the study that the events lead to is the
 * same. */
#include <stdlib.h>
#include <string.h>

#include "hpo/store/store_rows.h"

enum phase { PHASE_NONE, PHASE_RUNNING, PHASE_WAITING, PHASE_FINAL };
enum step { STEP_CREATE, STEP_START, STEP_FINISH };
struct item {
  int64_t order;
  enum step step;
  size_t number;
};

/* A table of reports or attributes, read in the order of its keys, one row ahead. */
struct stream {
  sqlite3_stmt *stmt;
  bool row;
  int64_t order;
  size_t number; /* n_rows: of no trial that counts here */
};
enum { STREAM_REPORT, STREAM_USER, STREAM_SYSTEM, N_STREAMS };

struct replay {
  struct hpo_store *store;
  hpo_replay_fn apply;
  void *context;
  struct hpo_store_rows rows;
  struct hpo_store_points points;
  unsigned char *phases;
  int64_t order; /* of the event at hand */
  struct item *items;
  size_t n_items;
  struct stream streams[N_STREAMS];
  sqlite3_stmt *attached[N_STREAMS]; /* the same columns, of one trial */
};

/* --- the order ------------------------------------------------------------------------------------ */

static int compare_items(const void *left, const void *right) {
  const struct item *a = left;
  const struct item *b = right;
  if (a->order != b->order) return a->order < b->order ? -1 : 1;
  if (a->step != b->step) return a->step < b->step ? -1 : 1;
  return (a->number > b->number) - (a->number < b->number);
}

static enum core_status list_items(struct replay *r, struct core_error *err) {
  r->items = core_calloc(3 * r->rows.n_rows + 1, sizeof *r->items);
  if (!r->items) return core_fail_nomem(err, 3 * r->rows.n_rows * sizeof *r->items);
  bool sorted = true;
  for (size_t i = 0; i < r->rows.n_rows; i++) {
    const struct hpo_store_row *row = &r->rows.rows[i];
    const int64_t orders[] = {row->created, row->started, row->finished};
    for (size_t step = 0; step < CORE_COUNT_OF(orders); step++) {
      if (step > 0 && orders[step] == 0) continue;
      r->items[r->n_items] = (struct item){orders[step], (enum step)step, i};
      if (r->n_items > 0 && compare_items(&r->items[r->n_items - 1], &r->items[r->n_items]) > 0)
        sorted = false;
      r->n_items++;
    }
  }
  if (!sorted) qsort(r->items, r->n_items, sizeof *r->items, compare_items);
  return CORE_OK;
}

static const char *const stream_queries[N_STREAMS] = {
    "SELECT trial_intermediate_value_id, trial_id, step, intermediate_value, "
    "intermediate_value_type FROM trial_intermediate_values ORDER BY 1",
    "SELECT trial_user_attribute_id, trial_id, \"key\", value_json FROM trial_user_attributes "
    "ORDER BY 1",
    "SELECT trial_system_attribute_id, trial_id, \"key\", value_json FROM trial_system_attributes "
    "ORDER BY 1",
};
static const char *const attached_queries[N_STREAMS] = {
    "SELECT trial_intermediate_value_id, trial_id, step, intermediate_value, "
    "intermediate_value_type FROM trial_intermediate_values WHERE trial_id = ? ORDER BY 1",
    "SELECT trial_user_attribute_id, trial_id, \"key\", value_json FROM trial_user_attributes "
    "WHERE trial_id = ? ORDER BY 1",
    "SELECT trial_system_attribute_id, trial_id, \"key\", value_json FROM trial_system_attributes "
    "WHERE trial_id = ? ORDER BY 1",
};

static enum core_status stream_next(struct replay *r, struct stream *stream,
                                    struct core_error *err) {
  CORE_TRY(hpo_sql_step(&r->store->sql, stream->stmt, &stream->row, err));
  stream->order = INT64_MAX;
  if (!stream->row) return CORE_OK;
  stream->order = sqlite3_column_int64(stream->stmt, 0);
  stream->number =
      hpo_store_rows_find(&r->rows, sqlite3_column_int64(stream->stmt, 1), stream->number);
  return CORE_OK;
}

static enum core_status open_streams(struct replay *r, struct core_error *err) {
  for (size_t i = 0; i < N_STREAMS; i++) {
    CORE_TRY(hpo_sql_prepare(&r->store->sql, stream_queries[i], &r->streams[i].stmt, err));
    CORE_TRY(hpo_sql_prepare(&r->store->sql, attached_queries[i], &r->attached[i], err));
    CORE_TRY(stream_next(r, &r->streams[i], err));
  }
  return CORE_OK;
}

static enum core_status load(struct replay *r, struct core_error *err) {
  CORE_TRY(hpo_store_rows_open(r->store, &r->rows, err));
  CORE_TRY(hpo_store_points_open(r->store, &r->rows, &r->points, err));
  r->phases = core_calloc(r->rows.n_rows + 1, 1);
  if (!r->phases) return core_fail_nomem(err, r->rows.n_rows);
  CORE_TRY(list_items(r, err));
  return open_streams(r, err);
}

static void unload(struct replay *r) {
  for (size_t i = 0; i < N_STREAMS; i++) {
    sqlite3_finalize(r->streams[i].stmt);
    sqlite3_finalize(r->attached[i]);
  }
  core_free(r->items);
  core_free(r->phases);
  hpo_store_points_close(&r->points);
  hpo_store_rows_close(&r->rows);
}

/* --- events --------------------------------------------------------------------------------------- */

static enum core_status give(struct replay *r, const struct hpo_event *event, enum phase phase,
                             struct core_error *err) {
  struct hpo_event placed = *event;
  placed.order = r->order;
  r->phases[event->number] = (unsigned char)phase;
  return r->apply(r->context, &placed, err);
}

/* A report or attribute where its statement stands. */
static enum core_status give_detail(struct replay *r, size_t kind, sqlite3_stmt *stmt,
                                    size_t number, struct core_error *err) {
  const enum phase phase = (enum phase)r->phases[number];
  struct hpo_event event = {.number = number, .unix_s = r->rows.rows[number].start_unix_s};
  if (kind == STREAM_REPORT) {
    if (phase != PHASE_RUNNING) return CORE_OK; /* only a file that was edited has such */
    event.kind = HPO_EVENT_REPORT;
    event.report =
        (struct hpo_report){sqlite3_column_int64(stmt, 2), hpo_store_read_value(stmt, 3)};
  } else {
    event.kind = HPO_EVENT_ATTR;
    event.system = kind == STREAM_SYSTEM;
    event.key = hpo_sql_text(stmt, 2);
    event.json = hpo_sql_text(stmt, 3);
    if (!event.system && hpo_store_is_mirror(event.key)) return CORE_OK;
  }
  return give(r, &event, phase, err);
}

static enum core_status give_attached(struct replay *r, size_t number, struct core_error *err) {
  for (size_t kind = 0; kind < N_STREAMS; kind++) {
    sqlite3_stmt *stmt = r->attached[kind];
    bool row = true;
    hpo_sql_bind_int(stmt, 1, r->rows.rows[number].id);
    while (true) {
      CORE_TRY(hpo_sql_step(&r->store->sql, stmt, &row, err));
      if (!row) break;
      CORE_TRY(give_detail(r, kind, stmt, number, err));
    }
  }
  return CORE_OK;
}

/* A trial that was tried before was put back into the queue, with its count; one that has a start of its own, or waits,
 * was made waiting. */
static enum core_status give_create(struct replay *r, size_t number, struct core_error *err) {
  const struct hpo_store_row *row = &r->rows.rows[number];
  const bool waits = row->state == HPO_WAITING || row->started > 0;
  const bool tried = row->attempt > 0;
  struct hpo_event event = {
      .kind = HPO_EVENT_CREATE,
      .number = number,
      .unix_s = row->start_unix_s,
      .internal = r->points.internal + number * r->store->spec.space.n_params,
      .seen = row->seen,
      .asked = row->asked,
      .state = waits && !tried ? HPO_WAITING : HPO_RUNNING,
  };
  CORE_TRY(give(r, &event, waits && !tried ? PHASE_WAITING : PHASE_RUNNING, err));
  if (!tried) return CORE_OK;
  event = (struct hpo_event){.kind = HPO_EVENT_REQUEUE,
                             .number = number,
                             .unix_s = row->start_unix_s,
                             .attempt = row->attempt};
  CORE_TRY(give(r, &event, PHASE_WAITING, err));
  if (waits) return CORE_OK;
  event =
      (struct hpo_event){.kind = HPO_EVENT_START, .number = number, .unix_s = row->start_unix_s};
  return give(r, &event, PHASE_RUNNING, err);
}

static enum core_status give_start(struct replay *r, size_t number, struct core_error *err) {
  if (r->phases[number] != PHASE_WAITING) return CORE_OK;
  const struct hpo_event event = {
      .kind = HPO_EVENT_START, .number = number, .unix_s = r->rows.rows[number].start_unix_s};
  return give(r, &event, PHASE_RUNNING, err);
}

static enum core_status give_finish(struct replay *r, size_t number, struct core_error *err) {
  const struct hpo_store_row *row = &r->rows.rows[number];
  if (row->imported) CORE_TRY(give_attached(r, number, err));
  const struct hpo_event event = {
      .kind = HPO_EVENT_FINISH,
      .number = number,
      .unix_s = row->end_unix_s,
      .state = row->state,
      .outcome = row->outcome,
      .message = row->message,
      .host = row->host,
      .values = r->points.values + number * r->store->spec.n_objectives,
      .n_values = r->points.n_values[number],
  };
  return give(r, &event, PHASE_FINAL, err);
}

static enum core_status give_item(struct replay *r, const struct item *item,
                                  struct core_error *err) {
  r->order = item->order;
  static enum core_status (*const by_step[])(struct replay *, size_t, struct core_error *) = {
      give_create, give_start, give_finish};
  return by_step[item->step](r, item->number, err);
}

static enum core_status give_stream(struct replay *r, size_t kind, struct core_error *err) {
  struct stream *stream = &r->streams[kind];
  r->order = stream->order;
  if (stream->number < r->rows.n_rows) {
    struct hpo_store_row *row = &r->rows.rows[stream->number];
    /* A key that is older than its trial is not one of ours. */
    if (r->phases[stream->number] == PHASE_NONE) row->imported = true;
    if (!row->imported) CORE_TRY(give_detail(r, kind, stream->stmt, stream->number, err));
  }
  return stream_next(r, stream, err);
}

static enum core_status merge(struct replay *r, struct core_error *err) {
  size_t next = 0;
  while (true) {
    size_t kind = STREAM_REPORT;
    for (size_t i = 1; i < N_STREAMS; i++)
      if (r->streams[i].order < r->streams[kind].order) kind = i;
    const bool item_left = next < r->n_items;
    if (!item_left && !r->streams[kind].row) break;
    if (item_left && (!r->streams[kind].row || r->items[next].order <= r->streams[kind].order))
      CORE_TRY(give_item(r, &r->items[next++], err));
    else
      CORE_TRY(give_stream(r, kind, err));
  }
  for (size_t i = 0; i < r->rows.n_rows; i++)
    if (r->rows.rows[i].imported && r->phases[i] != PHASE_FINAL) CORE_TRY(give_attached(r, i, err));
  return CORE_OK;
}

bool hpo_store_is_mirror(const char *key) {
  return strcmp(key, HPO_STORE_MIRROR_OUTCOME) == 0 || strcmp(key, HPO_STORE_MIRROR_MESSAGE) == 0;
}

enum core_status hpo_store_replay(struct hpo_store *store, hpo_replay_fn apply, void *context,
                                  struct core_error *err) {
  struct replay r = {.store = store, .apply = apply, .context = context};
  const bool alone = sqlite3_get_autocommit(store->sql.db) != 0;
  if (alone)
    CORE_TRY(hpo_sql_exec(&store->sql, "BEGIN", err)); /* one view of the file throughout */
  enum core_status st = load(&r, err);
  if (st == CORE_OK) st = merge(&r, err);
  unload(&r);
  if (alone && !sqlite3_get_autocommit(store->sql.db)) {
    const enum core_status end = hpo_sql_exec(&store->sql, "COMMIT", st == CORE_OK ? err : NULL);
    if (st == CORE_OK) st = end;
  }
  return st;
}
