/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writing: a batch of events is one transaction. Order keys are drawn from one counter for the whole file, so that the
 * events of all tables can be merged again (store_replay.c). */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "hpo/store/store_private.h"

enum statement {
  DO_BEGIN,
  DO_COMMIT,
  DO_ROLLBACK,
  DO_VERSION,
  DO_TRIAL,
  DO_TRIAL_OWN,
  DO_PARAM,
  DO_START,
  DO_START_OWN,
  DO_REQUEUE,
  DO_REQUEUE_OWN,
  DO_DROP_REPORTS,
  DO_REPORT,
  DO_USER_ATTR,
  DO_SYSTEM_ATTR,
  DO_FINISH,
  DO_FINISH_OWN,
  DO_VALUE,
  N_STATEMENTS
};

static const char *const statement_texts[N_STATEMENTS] = {
    [DO_BEGIN] = "BEGIN IMMEDIATE",
    [DO_COMMIT] = "COMMIT",
    [DO_ROLLBACK] = "ROLLBACK",
    [DO_VERSION] = "PRAGMA data_version",
    [DO_TRIAL] = "INSERT INTO trials (trial_id, number, study_id, state, datetime_start) VALUES "
                 "(?, ?, ?, ?, ?)",
    [DO_TRIAL_OWN] = "INSERT INTO sweepgate_trials (trial_id, created_order, imported, seen, "
                     "attempt, asked_order) "
                     "VALUES (?, ?, 0, ?, 0, ?)",
    [DO_PARAM] = "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
                 "VALUES (?, ?, ?, ?)",
    [DO_START] = "UPDATE trials SET state = 'RUNNING', datetime_start = ?2 WHERE trial_id = ?1",
    [DO_START_OWN] = "UPDATE sweepgate_trials SET started_order = ?2 WHERE trial_id = ?1",
    [DO_REQUEUE] = "UPDATE trials SET state = 'WAITING', datetime_start = NULL WHERE trial_id = ?1",
    [DO_REQUEUE_OWN] = "UPDATE sweepgate_trials SET started_order = NULL, attempt = ?2 "
                       "WHERE trial_id = ?1",
    [DO_DROP_REPORTS] = "DELETE FROM trial_intermediate_values WHERE trial_id = ?1",
    [DO_REPORT] =
        "INSERT INTO trial_intermediate_values (trial_intermediate_value_id, trial_id, step, "
        "intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (trial_id, step) DO NOTHING",
    [DO_USER_ATTR] =
        "INSERT INTO trial_user_attributes (trial_user_attribute_id, trial_id, \"key\", "
        "value_json) VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, \"key\") DO UPDATE SET "
        "value_json = excluded.value_json",
    [DO_SYSTEM_ATTR] =
        "INSERT INTO trial_system_attributes (trial_system_attribute_id, trial_id, "
        "\"key\", value_json) VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, \"key\") DO "
        "UPDATE SET value_json = excluded.value_json",
    [DO_FINISH] = "UPDATE trials SET state = ?2, datetime_complete = ?3 WHERE trial_id = ?1",
    [DO_FINISH_OWN] =
        "UPDATE sweepgate_trials SET finished_order = ?2, outcome = ?3, message = ?4, "
        "host = ?5 WHERE trial_id = ?1",
    [DO_VALUE] = "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES "
                 "(?, ?, ?, ?)",
};

struct hpo_store_writer {
  sqlite3_stmt *statements[N_STATEMENTS];
  struct core_str *distributions; /* a parameter */
  size_t n_distributions;
  struct core_str scratch;
};

enum core_status hpo_store_writer_open(struct hpo_store *store, struct core_error *err) {
  struct hpo_store_writer *writer = core_calloc(1, sizeof *writer);
  if (!writer) return core_fail_nomem(err, sizeof *writer);
  store->writer = writer;
  for (size_t i = 0; i < N_STATEMENTS; i++)
    CORE_TRY(hpo_sql_prepare(&store->sql, statement_texts[i], &writer->statements[i], err));
  const struct hpo_space *space = &store->spec.space;
  writer->distributions = core_calloc(space->n_params, sizeof *writer->distributions);
  if (!writer->distributions)
    return core_fail_nomem(err, space->n_params * sizeof *writer->distributions);
  writer->n_distributions = space->n_params;
  for (size_t i = 0; i < space->n_params; i++) {
    hpo_store_distribution_json(&space->params[i], &writer->distributions[i]);
    CORE_TRY(core_str_status(&writer->distributions[i], err));
  }
  return CORE_OK;
}

void hpo_store_writer_close(struct hpo_store *store) {
  struct hpo_store_writer *writer = store->writer;
  if (!writer) return;
  for (size_t i = 0; i < N_STATEMENTS; i++) sqlite3_finalize(writer->statements[i]);
  for (size_t i = 0; i < writer->n_distributions; i++) core_str_close(&writer->distributions[i]);
  core_free(writer->distributions);
  core_str_close(&writer->scratch);
  core_free(writer);
  store->writer = NULL;
}

/* --- the counters --------------------------------------------------------------------------------- */

static const char query_next_order[] =
    "SELECT 1 + max(n) FROM ("
    "SELECT coalesce(max(trial_intermediate_value_id), 0) AS n FROM trial_intermediate_values "
    "UNION ALL SELECT coalesce(max(trial_user_attribute_id), 0) FROM trial_user_attributes "
    "UNION ALL SELECT coalesce(max(trial_system_attribute_id), 0) FROM trial_system_attributes "
    "UNION ALL SELECT coalesce(max(max(created_order, coalesce(started_order, 0), "
    "coalesce(finished_order, 0))), 0) FROM sweepgate_trials)";

static enum core_status load_trial_ids(struct hpo_store *store, size_t *n_trials,
                                       struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = true;
  size_t n = 0;
  enum core_status st = hpo_sql_prepare(
      &store->sql, "SELECT trial_id FROM trials WHERE study_id = ? ORDER BY trial_id", &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  while (st == CORE_OK) {
    st = hpo_sql_step(&store->sql, stmt, &row, err);
    if (st != CORE_OK || !row) break;
    st = core_grow((void **)&store->trial_ids, &store->trial_ids_cap, n + 1,
                   sizeof *store->trial_ids, err);
    if (st == CORE_OK) store->trial_ids[n++] = sqlite3_column_int64(stmt, 0);
  }
  sqlite3_finalize(stmt);
  *n_trials = n;
  return st;
}

enum core_status hpo_store_load_cursor(struct hpo_store *store, struct hpo_store_cursor *out,
                                       struct core_error *err) {
  const struct hpo_sql *sql = &store->sql;
  CORE_TRY(hpo_sql_integer(sql, "PRAGMA data_version", 0, &out->data_version, err));
  CORE_TRY(
      hpo_sql_integer(sql, "SELECT 1 + max(trial_id) FROM trials", 1, &out->next_trial_id, err));
  CORE_TRY(hpo_sql_integer(sql, query_next_order, 1, &out->next_order, err));
  if (out->next_trial_id > HPO_STORE_MAX_KEY || out->next_order > HPO_STORE_MAX_KEY)
    return core_fail(err, CORE_LIMIT,
                     "storage '%s' has rows with a number beyond 2^62, so none can follow; remove "
                     "them, or name another storage",
                     store->path);
  return load_trial_ids(store, &out->n_trials, err);
}

/* Another program may have written an attribute (a dashboard's note): the counters move on. A trial that it added would
 * make the study in memory wrong. */
static enum core_status follow_others(struct hpo_store *store, struct core_error *err) {
  sqlite3_stmt *stmt = store->writer->statements[DO_VERSION];
  bool row = false;
  CORE_TRY(hpo_sql_step(&store->sql, stmt, &row, err));
  const int64_t version = row ? sqlite3_column_int64(stmt, 0) : 0;
  sqlite3_reset(stmt);
  if (version == store->cursor.data_version) return CORE_OK;
  struct hpo_store_cursor now;
  CORE_TRY(hpo_store_load_cursor(store, &now, err));
  if (now.n_trials != store->cursor.n_trials)
    return core_fail(err, CORE_BUSY,
                     "another program changed the trials of study '%s' in storage '%s' (%zu, were "
                     "%zu) during the sweep; stop it and run again",
                     store->spec.name, store->path, now.n_trials, store->cursor.n_trials);
  store->cursor = now;
  return CORE_OK;
}

/* --- one event ------------------------------------------------------------------------------------ */

static enum core_status run(struct hpo_store *store, enum statement which, struct core_error *err) {
  return hpo_sql_run(&store->sql, store->writer->statements[which], err);
}

static enum core_status bind_text(struct hpo_store *store, enum statement which, int at,
                                  const char *text, struct core_error *err) {
  return hpo_sql_bind_text(&store->sql, store->writer->statements[which], at, text, err);
}

/* Optuna's way with what SQL has no number for. */
static enum core_status bind_value(struct hpo_store *store, enum statement which, int at,
                                   double value, struct core_error *err) {
  sqlite3_stmt *stmt = store->writer->statements[which];
  const char *type = isnan(value)   ? "NAN"
                     : isinf(value) ? value > 0 ? "INF_POS" : "INF_NEG"
                                    : "FINITE";
  hpo_sql_bind_double(stmt, at, isfinite(value) ? value : NAN);
  return bind_text(store, which, at + 1, type, err);
}

static enum core_status append_params(struct hpo_store *store, int64_t trial_id,
                                      const double *internal, struct core_error *err) {
  const struct hpo_space *space = &store->spec.space;
  sqlite3_stmt *stmt = store->writer->statements[DO_PARAM];
  for (size_t i = 0; i < space->n_params; i++) {
    if (isnan(internal[i])) continue;
    hpo_sql_bind_int(stmt, 1, trial_id);
    CORE_TRY(bind_text(store, DO_PARAM, 2, space->params[i].name, err));
    hpo_sql_bind_double(stmt, 3, internal[i]);
    CORE_TRY(bind_text(store, DO_PARAM, 4, core_str_text(&store->writer->distributions[i]), err));
    CORE_TRY(run(store, DO_PARAM, err));
  }
  return CORE_OK;
}

static enum core_status append_create(struct hpo_store *store, const struct hpo_event *event,
                                      struct core_error *err) {
  struct hpo_store_cursor *cursor = &store->cursor;
  char start[CORE_TIME_BYTES];
  core_time_format(event->unix_s, start);
  CORE_TRY(core_grow((void **)&store->trial_ids, &store->trial_ids_cap, cursor->n_trials + 1,
                     sizeof *store->trial_ids, err));
  const int64_t id = cursor->next_trial_id++;
  sqlite3_stmt *trial = store->writer->statements[DO_TRIAL];
  hpo_sql_bind_int(trial, 1, id);
  hpo_sql_bind_int(trial, 2, (int64_t)event->number);
  hpo_sql_bind_int(trial, 3, store->study_id);
  CORE_TRY(bind_text(store, DO_TRIAL, 4, hpo_state_text(event->state), err));
  CORE_TRY(bind_text(store, DO_TRIAL, 5, event->state == HPO_RUNNING ? start : NULL, err));
  CORE_TRY(run(store, DO_TRIAL, err));
  sqlite3_stmt *own = store->writer->statements[DO_TRIAL_OWN];
  hpo_sql_bind_int(own, 1, id);
  hpo_sql_bind_int(own, 2, cursor->next_order++);
  hpo_sql_bind_int(own, 3, (int64_t)event->seen);
  if (event->asked > 0)
    hpo_sql_bind_int(own, 4, event->asked);
  else
    hpo_sql_bind_null(own, 4);
  CORE_TRY(run(store, DO_TRIAL_OWN, err));
  store->trial_ids[cursor->n_trials++] = id;
  return append_params(store, id, event->internal, err);
}

static enum core_status append_start(struct hpo_store *store, const struct hpo_event *event,
                                     struct core_error *err) {
  const int64_t id = store->trial_ids[event->number];
  char start[CORE_TIME_BYTES];
  core_time_format(event->unix_s, start);
  hpo_sql_bind_int(store->writer->statements[DO_START], 1, id);
  CORE_TRY(bind_text(store, DO_START, 2, start, err));
  CORE_TRY(run(store, DO_START, err));
  hpo_sql_bind_int(store->writer->statements[DO_START_OWN], 1, id);
  hpo_sql_bind_int(store->writer->statements[DO_START_OWN], 2, store->cursor.next_order++);
  return run(store, DO_START_OWN, err);
}

static enum core_status append_requeue(struct hpo_store *store, const struct hpo_event *event,
                                       struct core_error *err) {
  const int64_t id = store->trial_ids[event->number];
  hpo_sql_bind_int(store->writer->statements[DO_REQUEUE], 1, id);
  CORE_TRY(run(store, DO_REQUEUE, err));
  hpo_sql_bind_int(store->writer->statements[DO_REQUEUE_OWN], 1, id);
  hpo_sql_bind_int(store->writer->statements[DO_REQUEUE_OWN], 2, event->attempt);
  CORE_TRY(run(store, DO_REQUEUE_OWN, err));
  hpo_sql_bind_int(store->writer->statements[DO_DROP_REPORTS], 1, id);
  return run(store, DO_DROP_REPORTS, err);
}

static enum core_status append_report(struct hpo_store *store, const struct hpo_event *event,
                                      struct core_error *err) {
  sqlite3_stmt *stmt = store->writer->statements[DO_REPORT];
  hpo_sql_bind_int(stmt, 1, store->cursor.next_order++);
  hpo_sql_bind_int(stmt, 2, store->trial_ids[event->number]);
  hpo_sql_bind_int(stmt, 3, event->report.step);
  CORE_TRY(bind_value(store, DO_REPORT, 4, event->report.value, err));
  return run(store, DO_REPORT, err);
}

static enum core_status put_attr(struct hpo_store *store, enum statement which, uint64_t number,
                                 const char *key, const char *json, struct core_error *err) {
  sqlite3_stmt *stmt = store->writer->statements[which];
  hpo_sql_bind_int(stmt, 1, store->cursor.next_order++);
  hpo_sql_bind_int(stmt, 2, store->trial_ids[number]);
  CORE_TRY(bind_text(store, which, 3, key, err));
  CORE_TRY(bind_text(store, which, 4, json, err));
  return run(store, which, err);
}

static enum core_status append_attr(struct hpo_store *store, const struct hpo_event *event,
                                    struct core_error *err) {
  if (!event->system && hpo_store_is_mirror(event->key)) return CORE_OK;
  return put_attr(store, event->system ? DO_SYSTEM_ATTR : DO_USER_ATTR, event->number, event->key,
                  event->json, err);
}

/* Our tables are invisible to Optuna's users: why a trial failed is shown to them as well. */
static enum core_status mirror(struct hpo_store *store, uint64_t number, const char *key,
                               const char *text, struct core_error *err) {
  struct core_str *json = &store->writer->scratch;
  core_str_clear(json);
  core_str_json(json, text, strlen(text));
  CORE_TRY(core_str_status(json, err));
  return put_attr(store, DO_USER_ATTR, number, key, core_str_text(json), err);
}

static enum core_status append_values(struct hpo_store *store, const struct hpo_event *event,
                                      struct core_error *err) {
  sqlite3_stmt *stmt = store->writer->statements[DO_VALUE];
  for (size_t i = 0; i < event->n_values; i++) {
    if (isnan(event->values[i])) continue; /* Optuna has no place for it */
    hpo_sql_bind_int(stmt, 1, store->trial_ids[event->number]);
    hpo_sql_bind_int(stmt, 2, (int64_t)i);
    CORE_TRY(bind_value(store, DO_VALUE, 3, event->values[i], err));
    CORE_TRY(run(store, DO_VALUE, err));
  }
  return CORE_OK;
}

static enum core_status append_finish(struct hpo_store *store, const struct hpo_event *event,
                                      struct core_error *err) {
  const int64_t id = store->trial_ids[event->number];
  char end[CORE_TIME_BYTES];
  core_time_format(event->unix_s, end);
  hpo_sql_bind_int(store->writer->statements[DO_FINISH], 1, id);
  CORE_TRY(bind_text(store, DO_FINISH, 2, hpo_state_text(event->state), err));
  CORE_TRY(bind_text(store, DO_FINISH, 3, end, err));
  CORE_TRY(run(store, DO_FINISH, err));
  if (event->state == HPO_FAIL) {
    CORE_TRY(mirror(store, event->number, HPO_STORE_MIRROR_OUTCOME,
                    hpo_outcome_text(event->outcome), err));
    if (event->message)
      CORE_TRY(mirror(store, event->number, HPO_STORE_MIRROR_MESSAGE, event->message, err));
  }
  hpo_sql_bind_int(store->writer->statements[DO_FINISH_OWN], 1, id);
  hpo_sql_bind_int(store->writer->statements[DO_FINISH_OWN], 2, store->cursor.next_order++);
  CORE_TRY(bind_text(store, DO_FINISH_OWN, 3, hpo_outcome_text(event->outcome), err));
  CORE_TRY(bind_text(store, DO_FINISH_OWN, 4, event->message, err));
  CORE_TRY(bind_text(store, DO_FINISH_OWN, 5, event->host, err));
  CORE_TRY(run(store, DO_FINISH_OWN, err));
  return append_values(store, event, err);
}

typedef enum core_status (*append_fn)(struct hpo_store *store, const struct hpo_event *event,
                                      struct core_error *err);
static const append_fn append_by_kind[] = {
    [HPO_EVENT_CREATE] = append_create,   [HPO_EVENT_START] = append_start,
    [HPO_EVENT_REQUEUE] = append_requeue, [HPO_EVENT_REPORT] = append_report,
    [HPO_EVENT_ATTR] = append_attr,       [HPO_EVENT_FINISH] = append_finish,
};

static enum core_status append_one(struct hpo_store *store, const struct hpo_event *event,
                                   struct core_error *err) {
  const bool creates = event->kind == HPO_EVENT_CREATE;
  const bool fits =
      creates ? event->number == store->cursor.n_trials : event->number < store->cursor.n_trials;
  if (!fits)
    return core_fail(err, CORE_INVAL,
                     "an event for trial %llu does not fit storage '%s' with %zu trials",
                     (unsigned long long)event->number, store->path, store->cursor.n_trials);
  return append_by_kind[event->kind](store, event, err);
}

/* --- the batch ------------------------------------------------------------------------------------ */

enum core_status hpo_store_append(struct hpo_store *store, const struct hpo_event *events, size_t n,
                                  struct core_error *err) {
  assert(store->writer);
  if (n == 0) return CORE_OK;
  enum core_status st = run(store, DO_BEGIN, err);
  if (st != CORE_OK) return st;
  st = follow_others(store, err);
  const struct hpo_store_cursor before = store->cursor;
  for (size_t i = 0; i < n && st == CORE_OK; i++) st = append_one(store, &events[i], err);
  if (st == CORE_OK) st = run(store, DO_COMMIT, err);
  if (st != CORE_OK) {
    store->cursor = before;
    /* SQLite has rolled back by itself after some faults; then this one fails, and may. */
    if (!sqlite3_get_autocommit(store->sql.db)) (void)run(store, DO_ROLLBACK, NULL);
    return st;
  }
  hpo_store_beat(store, events[n - 1].unix_s);
  return CORE_OK;
}

int64_t hpo_store_next_order(const struct hpo_store *store) {
  return store->cursor.next_order;
}

void hpo_store_beat(struct hpo_store *store, double unix_s) {
  if (store->lock) hpo_store_lock_beat(store->lock, unix_s);
  if (store->view) hpo_store_view_update(store, unix_s);
}

enum core_status hpo_store_set_study_attr(struct hpo_store *store, const char *key,
                                          const char *json, bool system, struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  enum core_status st = hpo_sql_prepare(
      &store->sql,
      system
          ? "INSERT INTO study_system_attributes (study_id, \"key\", value_json) VALUES (?, ?, ?) "
            "ON CONFLICT (study_id, \"key\") DO UPDATE SET value_json = excluded.value_json"
          : "INSERT INTO study_user_attributes (study_id, \"key\", value_json) VALUES (?, ?, ?) "
            "ON CONFLICT (study_id, \"key\") DO UPDATE SET value_json = excluded.value_json",
      &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 2, key, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 3, json, err);
  if (st == CORE_OK) st = hpo_sql_run(&store->sql, stmt, err);
  sqlite3_finalize(stmt);
  return st;
}

enum core_status hpo_store_gate_verdict(struct hpo_store *store,
                                        const struct hpo_gate_verdict *verdict, int64_t *id,
                                        struct core_error *err) {
  const struct hpo_sql *sql = &store->sql;
  const char *texts[] = {verdict->data, verdict->suite, verdict->data_hash, verdict->suite_hash,
                         verdict->summary_json};
  char judged[CORE_TIME_BYTES];
  core_time_format(verdict->unix_s, judged);
  sqlite3_stmt *stmt = NULL;
  enum core_status st = hpo_sql_prepare(
      sql,
      "INSERT INTO sweepgate_verdicts (data, suite, data_hash, suite_hash, summary_json, study_id, "
      "success, n_rows, n_failed, judged_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      &stmt, err);
  for (size_t i = 0; i < CORE_COUNT_OF(texts) && st == CORE_OK; i++)
    st = hpo_sql_bind_text(sql, stmt, (int)i + 1, texts[i] ? texts[i] : "", err);
  if (st == CORE_OK) {
    hpo_sql_bind_int(stmt, 6, store->study_id);
    hpo_sql_bind_int(stmt, 7, verdict->success);
    hpo_sql_bind_int(stmt, 8, (int64_t)verdict->n_rows);
    hpo_sql_bind_int(stmt, 9, (int64_t)verdict->n_failed);
    st = hpo_sql_bind_text(sql, stmt, 10, judged, err);
  }
  if (st == CORE_OK) st = hpo_sql_run(sql, stmt, err);
  if (st == CORE_OK) *id = sqlite3_last_insert_rowid(sql->db);
  sqlite3_finalize(stmt);
  return st;
}
