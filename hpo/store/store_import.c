/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trials that another program made in our study become ours: their place in the order is written down, so that every
 * later replay agrees with this one. Of Optuna's tables only the points of unfinished trials grow, by what was left out. */
#include <math.h>

#include "hpo/store/store_rows.h"

static const char upsert_trial[] =
    "INSERT INTO sweepgate_trials (trial_id, created_order, started_order, finished_order, "
    "imported, "
    "seen, attempt, outcome) VALUES (?1, ?2, NULL, ?3, 1, ?4, ?5, ?6) ON CONFLICT (trial_id) DO "
    "UPDATE "
    "SET finished_order = excluded.finished_order, outcome = excluded.outcome";
static const char insert_param[] =
    "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES "
    "(?, ?, ?, ?) ON CONFLICT (trial_id, param_name) DO NOTHING";

static enum core_status import_row(struct hpo_store *store, sqlite3_stmt *stmt,
                                   const struct hpo_store_row *row, struct core_error *err) {
  hpo_sql_bind_int(stmt, 1, row->id);
  hpo_sql_bind_int(stmt, 2, row->created);
  if (row->finished > 0)
    hpo_sql_bind_int(stmt, 3, row->finished);
  else
    hpo_sql_bind_null(stmt, 3);
  hpo_sql_bind_int(stmt, 4, (int64_t)row->seen);
  hpo_sql_bind_int(stmt, 5, row->attempt);
  const char *outcome = row->finished > 0 ? hpo_outcome_text(row->outcome) : NULL;
  CORE_TRY(hpo_sql_bind_text(&store->sql, stmt, 6, outcome, err));
  return hpo_sql_run(&store->sql, stmt, err);
}

/* A trial that will go on needs its whole point in the file. */
static enum core_status complete_params(struct hpo_store *store, sqlite3_stmt *stmt,
                                        const struct hpo_store_row *row, const double *point,
                                        struct core_error *err) {
  const struct hpo_space *space = &store->spec.space;
  struct core_str json = {0};
  enum core_status st = CORE_OK;
  for (size_t i = 0; i < space->n_params && st == CORE_OK; i++) {
    if (isnan(point[i])) continue;
    core_str_clear(&json);
    hpo_store_distribution_json(&space->params[i], &json);
    st = core_str_status(&json, err);
    hpo_sql_bind_int(stmt, 1, row->id);
    if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 2, space->params[i].name, err);
    hpo_sql_bind_double(stmt, 3, point[i]);
    if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 4, core_str_text(&json), err);
    if (st == CORE_OK) st = hpo_sql_run(&store->sql, stmt, err);
  }
  core_str_close(&json);
  return st;
}

static enum core_status import_all(struct hpo_store *store, const struct hpo_store_rows *rows,
                                   struct core_error *err) {
  const size_t n_params = store->spec.space.n_params;
  struct hpo_store_points points;
  sqlite3_stmt *trial = NULL;
  sqlite3_stmt *param = NULL;
  /* Reading the points is what refuses trials that do not fit the study file. */
  CORE_TRY(hpo_store_points_open(store, rows, &points, err));
  enum core_status st = hpo_sql_prepare(&store->sql, upsert_trial, &trial, err);
  if (st == CORE_OK) st = hpo_sql_prepare(&store->sql, insert_param, &param, err);
  for (size_t i = 0; i < rows->n_rows && st == CORE_OK; i++) {
    const struct hpo_store_row *row = &rows->rows[i];
    if (!row->placed) continue;
    st = import_row(store, trial, row, err);
    if (st == CORE_OK && row->imported && !hpo_state_is_final(row->state))
      st = complete_params(store, param, row, points.internal + i * n_params, err);
  }
  sqlite3_finalize(trial);
  sqlite3_finalize(param);
  hpo_store_points_close(&points);
  return st;
}

enum core_status hpo_store_import(struct hpo_store *store, struct core_error *err) {
  struct hpo_store_rows rows;
  CORE_TRY(hpo_store_rows_open(store, &rows, err));
  bool any = false;
  for (size_t i = 0; i < rows.n_rows; i++) any = any || rows.rows[i].placed;
  const enum core_status st = any ? import_all(store, &rows, err) : CORE_OK;
  hpo_store_rows_close(&rows);
  return st;
}
