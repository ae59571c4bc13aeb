/* SPDX-License-Identifier: GPL-3.0-or-later
 * The tables: Optuna's schema 12 (the same from Optuna 3.0 to 5.0 but for one index), and ours. Ours carry no foreign
 * keys, because Optuna deletes studies without knowing them; two triggers forget instead. */
#include <string.h>

#include "hpo/store/store_private.h"

#define OPTUNA_TAG_31 "v3.0.0.d" /* demanded by Optuna 3.0 and 3.1 */
#define OPTUNA_TAG_32 "v3.2.0.a" /* demanded by Optuna 3.2 to 5.0  */

#define ATTRIBUTE_TABLE(owner, kind, owner_table)                                                  \
  "CREATE TABLE " owner "_" kind "_attributes (" owner "_" kind                                    \
  "_attribute_id INTEGER NOT NULL, " owner "_id INTEGER, \"key\" VARCHAR(512), value_json TEXT, "  \
  "PRIMARY KEY (" owner "_" kind "_attribute_id), UNIQUE (" owner "_id, \"key\"), "                \
  "FOREIGN KEY(" owner "_id) REFERENCES " owner_table " (" owner "_id));"

static const char optuna_tables[] =
    "CREATE TABLE studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, "
    "PRIMARY KEY (study_id));"
    "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);"
    "CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER, "
    "library_version VARCHAR(256), PRIMARY KEY (version_info_id), CHECK (version_info_id=1));"
    "CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL, "
    "direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL, objective INTEGER NOT NULL, "
    "PRIMARY KEY (study_direction_id), UNIQUE (study_id, objective), "
    "FOREIGN KEY(study_id) REFERENCES studies (study_id));"
    // clang-format off
    ATTRIBUTE_TABLE("study", "user", "studies")
    ATTRIBUTE_TABLE("study", "system", "studies")
    // clang-format on
    "CREATE TABLE trials (trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, "
    "state VARCHAR(8) NOT NULL, datetime_start DATETIME, datetime_complete DATETIME, "
    "PRIMARY KEY (trial_id), FOREIGN KEY(study_id) REFERENCES studies (study_id));"
    // clang-format off
    ATTRIBUTE_TABLE("trial", "user", "trials")
    ATTRIBUTE_TABLE("trial", "system", "trials")
    // clang-format on
    "CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER, "
    "param_name VARCHAR(512), param_value FLOAT, distribution_json TEXT, PRIMARY KEY (param_id), "
    "UNIQUE (trial_id, param_name), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"
    "CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, "
    "objective INTEGER NOT NULL, value FLOAT, value_type VARCHAR(7) NOT NULL, "
    "PRIMARY KEY (trial_value_id), UNIQUE (trial_id, objective), "
    "FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"
    "CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL, "
    "trial_id INTEGER NOT NULL, step INTEGER NOT NULL, intermediate_value FLOAT, "
    "intermediate_value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_intermediate_value_id), "
    "UNIQUE (trial_id, step), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"
    "CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL, "
    "trial_id INTEGER NOT NULL, heartbeat DATETIME NOT NULL, PRIMARY KEY (trial_heartbeat_id), "
    "UNIQUE (trial_id), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
    "INSERT INTO version_info VALUES (1, 12, 'sweepgate " SWEEPGATE_VERSION "');";

static const char tag_31[] = "INSERT INTO alembic_version VALUES ('" OPTUNA_TAG_31 "');";
static const char tag_32[] = "INSERT INTO alembic_version VALUES ('" OPTUNA_TAG_32 "');"
                             "CREATE INDEX ix_trials_study_id ON trials (study_id);";
/* A study file that asks for 3.1 gets it, also in a file that was made without. */
static const char retag_31[] = "UPDATE alembic_version SET version_num = '" OPTUNA_TAG_31 "' "
                               "WHERE version_num = '" OPTUNA_TAG_32 "'";

static const char own_tables[] =
    "CREATE TABLE sweepgate_meta (key TEXT PRIMARY KEY NOT NULL, value TEXT) WITHOUT ROWID;"
    "INSERT INTO sweepgate_meta VALUES ('format', '1'), ('created_by', "
    "'sweepgate " SWEEPGATE_VERSION "');"
    "CREATE TABLE sweepgate_studies (study_id INTEGER PRIMARY KEY NOT NULL, seed TEXT NOT NULL, "
    "space_json TEXT NOT NULL, metrics_json TEXT NOT NULL, budget_trials INTEGER, "
    "created_by TEXT NOT NULL, created_at DATETIME NOT NULL);"
    "CREATE TABLE sweepgate_trials (trial_id INTEGER PRIMARY KEY NOT NULL, created_order INTEGER "
    "NOT NULL, started_order INTEGER, finished_order INTEGER, imported INTEGER NOT NULL, seen "
    "INTEGER NOT NULL, attempt INTEGER NOT NULL, outcome TEXT, message TEXT, host TEXT, "
    "asked_order INTEGER);"
    "CREATE TABLE sweepgate_verdicts (verdict_id INTEGER PRIMARY KEY NOT NULL, study_id INTEGER "
    "NOT NULL, data TEXT NOT NULL, suite TEXT NOT NULL, data_hash TEXT NOT NULL, suite_hash TEXT "
    "NOT NULL, success INTEGER NOT NULL, n_rows INTEGER NOT NULL, n_failed INTEGER NOT NULL, "
    "judged_at DATETIME NOT NULL, summary_json TEXT NOT NULL);"
    "CREATE TRIGGER sweepgate_forget_trial AFTER DELETE ON trials BEGIN "
    "DELETE FROM sweepgate_trials WHERE trial_id = OLD.trial_id; END;"
    "CREATE TRIGGER sweepgate_forget_study AFTER DELETE ON studies BEGIN "
    "DELETE FROM sweepgate_studies WHERE study_id = OLD.study_id; "
    "DELETE FROM sweepgate_verdicts WHERE study_id = OLD.study_id; END;";

/* The column that the first files of format 1 do not have. */
static const char add_asked[] = "ALTER TABLE sweepgate_trials ADD COLUMN asked_order INTEGER";

enum core_status hpo_schema_has_asked(const struct hpo_sql *sql, bool *has,
                                      struct core_error *err) {
  int64_t n = 0;
  CORE_TRY(hpo_sql_integer(sql,
                           "SELECT count(*) FROM pragma_table_info('sweepgate_trials') "
                           "WHERE name = 'asked_order'",
                           0, &n, err));
  *has = n > 0;
  return CORE_OK;
}

static enum core_status has_table(const struct hpo_sql *sql, const char *name, bool *has,
                                  struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  enum core_status st = hpo_sql_prepare(
      sql, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", &stmt, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(sql, stmt, 1, name, err);
  if (st == CORE_OK) st = hpo_sql_step(sql, stmt, has, err);
  sqlite3_finalize(stmt);
  return st;
}

static enum core_status check_optuna_tag(const struct hpo_sql *sql, struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = false;
  enum core_status st = hpo_sql_prepare(sql, "SELECT version_num FROM alembic_version", &stmt, err);
  if (st == CORE_OK) st = hpo_sql_step(sql, stmt, &row, err);
  if (st == CORE_OK) {
    const char *tag = row ? hpo_sql_text(stmt, 0) : "";
    if (strcmp(tag, OPTUNA_TAG_31) != 0 && strcmp(tag, OPTUNA_TAG_32) != 0)
      st = core_fail(err, CORE_UNSUPPORTED,
                     "storage '%s' has Optuna's schema version '%s', only %s and %s are known; "
                     "bring it there with: optuna storage upgrade",
                     sql->path, tag, OPTUNA_TAG_31, OPTUNA_TAG_32);
  }
  sqlite3_finalize(stmt);
  return st;
}

static enum core_status check_own_format(const struct hpo_sql *sql, struct core_error *err) {
  int64_t format = 0;
  CORE_TRY(hpo_sql_integer(sql,
                           "SELECT CAST(value AS INTEGER) FROM sweepgate_meta WHERE key = 'format'",
                           0, &format, err));
  if (format == HPO_STORE_FORMAT) return CORE_OK;
  return core_fail(err, CORE_UNSUPPORTED,
                   "storage '%s' has format %lld, this sweepgate (" SWEEPGATE_VERSION
                   ") knows format %d; use the version that wrote it, or a newer one",
                   sql->path, (long long)format, HPO_STORE_FORMAT);
}

enum core_status hpo_schema_check(const struct hpo_sql *sql, bool *empty, bool *own,
                                  struct core_error *err) {
  int64_t n_objects = 0;
  bool optuna = false;
  *own = false;
  CORE_TRY(hpo_sql_integer(sql, "SELECT count(*) FROM sqlite_master", 0, &n_objects, err));
  *empty = n_objects == 0;
  if (*empty) return CORE_OK;
  CORE_TRY(has_table(sql, "alembic_version", &optuna, err));
  if (optuna) CORE_TRY(has_table(sql, "trial_intermediate_values", &optuna, err));
  if (!optuna)
    return core_fail(err, CORE_INVAL,
                     "'%s' is a SQLite database of another program, not a study's storage; name "
                     "another file",
                     sql->path);
  CORE_TRY(check_optuna_tag(sql, err));
  CORE_TRY(has_table(sql, "sweepgate_meta", own, err));
  return *own ? check_own_format(sql, err) : CORE_OK;
}

enum core_status hpo_schema_ensure(const struct hpo_sql *sql, bool optuna_31,
                                   struct core_error *err) {
  bool empty = false;
  bool own = false;
  CORE_TRY(hpo_schema_check(sql, &empty, &own, err));
  if (empty) {
    CORE_TRY(hpo_sql_exec(sql, optuna_tables, err));
    CORE_TRY(hpo_sql_exec(sql, optuna_31 ? tag_31 : tag_32, err));
  } else if (optuna_31) {
    CORE_TRY(hpo_sql_exec(sql, retag_31, err));
  }
  if (!own) return hpo_sql_exec(sql, own_tables, err);
  bool has = false;
  CORE_TRY(hpo_schema_has_asked(sql, &has, err));
  return has ? CORE_OK : hpo_sql_exec(sql, add_asked, err);
}
