/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trials that another program made in our study become ours: their place in the order is written down, so that every
 * later replay agrees with this one. Nothing of Optuna's tables changes. */
#include "hpo/store/store_rows.h"

static const char upsert[] =
    "INSERT INTO sweepgate_trials (trial_id, created_order, started_order, finished_order, "
    "imported, "
    "seen, attempt, outcome) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7) ON CONFLICT (trial_id) DO "
    "UPDATE "
    "SET finished_order = excluded.finished_order, outcome = excluded.outcome";

static enum core_status import_row(struct hpo_store *store, sqlite3_stmt *stmt,
                                   const struct hpo_store_row *row, struct core_error *err) {
  hpo_sql_bind_int(stmt, 1, row->id);
  hpo_sql_bind_int(stmt, 2, row->created);
  hpo_sql_bind_null(stmt, 3);
  if (row->finished > 0)
    hpo_sql_bind_int(stmt, 4, row->finished);
  else
    hpo_sql_bind_null(stmt, 4);
  hpo_sql_bind_int(stmt, 5, (int64_t)row->seen);
  hpo_sql_bind_int(stmt, 6, row->attempt);
  const char *outcome = row->finished > 0 ? hpo_outcome_text(row->outcome) : NULL;
  CORE_TRY(hpo_sql_bind_text(&store->sql, stmt, 7, outcome, err));
  return hpo_sql_run(&store->sql, stmt, err);
}

enum core_status hpo_store_import(struct hpo_store *store, struct core_error *err) {
  struct hpo_store_rows rows;
  CORE_TRY(hpo_store_rows_open(store, &rows, err));
  sqlite3_stmt *stmt = NULL;
  enum core_status st = hpo_sql_prepare(&store->sql, upsert, &stmt, err);
  for (size_t i = 0; i < rows.n_rows && st == CORE_OK; i++)
    if (rows.rows[i].placed) st = import_row(store, stmt, &rows.rows[i], err);
  sqlite3_finalize(stmt);
  hpo_store_rows_close(&rows);
  return st;
}
