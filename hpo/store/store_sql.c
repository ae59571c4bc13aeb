/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/store/store_sql.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Another program may hold the file for a moment: a dashboard that writes, a checkpoint. */
#define BUSY_WAIT_MS   20000
#define MAX_TEXT_BYTES (64 * 1024 * 1024)

/* What a primary result code means to a person. The text goes on from "storage 'FILE' ". */
struct fault {
  int code;
  enum core_status status;
  const char *text;
};

static const struct fault faults[] = {
    {SQLITE_NOTADB, CORE_PARSE,
     "is not a SQLite database; name another file, or move this one away"},
    {SQLITE_CORRUPT, CORE_PARSE,
     "is damaged; rescue what it still holds with: sqlite3 FILE .recover"},
    {SQLITE_BUSY, CORE_BUSY, "is locked by another program; close that program and run again"},
    {SQLITE_LOCKED, CORE_BUSY, "is locked by another program; close that program and run again"},
    {SQLITE_FULL, CORE_IO,
     "cannot grow: the disk or quota is full; what was stored before is safe: free some room and "
     "run again"},
    {SQLITE_READONLY, CORE_IO, "cannot be written; check the permissions of the file and folder"},
    {SQLITE_PERM, CORE_IO, "cannot be opened; check the permissions of the file and folder"},
    {SQLITE_AUTH, CORE_IO, "cannot be opened; check the permissions of the file and folder"},
    {SQLITE_TOOBIG, CORE_LIMIT, "cannot hold a text of more than 64 MiB; shorten it"},
};

static enum core_status fail_io(const struct hpo_sql *sql, int code, struct core_error *err) {
  const int cause = sqlite3_system_errno(sql->db);
  const char *act = code == SQLITE_CANTOPEN ? "opened" : "read or written";
  if (cause == 0) return core_fail(err, CORE_IO, "storage '%s' cannot be %s", sql->path, act);
  return core_fail_errno(err, CORE_IO, cause, "storage '%s' cannot be %s", sql->path, act);
}

enum core_status hpo_sql_fail(const struct hpo_sql *sql, struct core_error *err) {
  const int code = sql->db ? sqlite3_errcode(sql->db) & 0xff : SQLITE_NOMEM;
  if (code == SQLITE_NOMEM) return core_fail(err, CORE_NOMEM, "out of memory in SQLite");
  if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN) return fail_io(sql, code, err);
  for (size_t i = 0; i < CORE_COUNT_OF(faults); i++)
    if (faults[i].code == code)
      return core_fail(err, faults[i].status, "storage '%s' %s", sql->path, faults[i].text);
  return core_fail(err, CORE_PARSE, "storage '%s' does not hold what a study's file should: %s",
                   sql->path, sqlite3_errmsg(sql->db));
}

/* "file:" and the path with the characters that a URI gives a meaning written as %XX. */
static enum core_status immutable_uri(const char *path, struct core_str *out,
                                      struct core_error *err) {
  core_str_text_append(out, "file:");
  for (const char *p = path; *p; p++) {
    if (strchr("%?#", *p))
      core_str_printf(out, "%%%02X", (unsigned)*p);
    else
      core_str_char(out, *p);
  }
  core_str_text_append(out, "?immutable=1");
  return core_str_status(out, err);
}

static enum core_status distrust(const struct hpo_sql *sql, struct core_error *err) {
  sqlite3_extended_result_codes(sql->db, 1);
  sqlite3_busy_timeout(sql->db, BUSY_WAIT_MS);
  sqlite3_limit(sql->db, SQLITE_LIMIT_LENGTH, MAX_TEXT_BYTES);
  sqlite3_limit(sql->db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  /* A view in a table's place could compute for ever. (Our triggers are for deletions by others.) */
  sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  return hpo_sql_exec(sql, "PRAGMA cell_size_check=ON", err);
}

enum core_status hpo_sql_open(struct hpo_sql *sql, const char *path, enum hpo_sql_mode mode,
                              const char *vfs, struct core_error *err) {
  *sql = (struct hpo_sql){.path = path};
  struct core_str uri = {0};
  int flags = SQLITE_OPEN_READONLY;
  const char *name = path;
  enum core_status st = CORE_OK;
  if (mode == HPO_SQL_WRITE) flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (mode == HPO_SQL_REPAIR) flags = SQLITE_OPEN_READWRITE;
  if (mode == HPO_SQL_READ_IMMUTABLE) {
    flags |= SQLITE_OPEN_URI;
    st = immutable_uri(path, &uri, err);
    name = core_str_text(&uri);
  }
  if (st == CORE_OK && sqlite3_open_v2(name, &sql->db, flags, vfs) != SQLITE_OK)
    st = hpo_sql_fail(sql, err);
  if (st == CORE_OK) st = distrust(sql, err);
  if (st != CORE_OK) hpo_sql_close(sql);
  core_str_close(&uri);
  return st;
}

void hpo_sql_close(struct hpo_sql *sql) {
  sqlite3_close_v2(sql->db);
  sql->db = NULL;
}

enum core_status hpo_sql_exec(const struct hpo_sql *sql, const char *text, struct core_error *err) {
  return sqlite3_exec(sql->db, text, NULL, NULL, NULL) == SQLITE_OK ? CORE_OK
                                                                    : hpo_sql_fail(sql, err);
}

void hpo_sql_try(const struct hpo_sql *sql, const char *text) {
  (void)sqlite3_exec(sql->db, text, NULL, NULL, NULL);
}

enum core_status hpo_sql_prepare(const struct hpo_sql *sql, const char *text, sqlite3_stmt **out,
                                 struct core_error *err) {
  *out = NULL;
  const int code = sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
  return code == SQLITE_OK ? CORE_OK : hpo_sql_fail(sql, err);
}

enum core_status hpo_sql_step(const struct hpo_sql *sql, sqlite3_stmt *stmt, bool *row,
                              struct core_error *err) {
  const int code = sqlite3_step(stmt);
  *row = code == SQLITE_ROW;
  if (*row) return CORE_OK;
  const enum core_status st = code == SQLITE_DONE ? CORE_OK : hpo_sql_fail(sql, err);
  sqlite3_reset(stmt);
  return st;
}

enum core_status hpo_sql_run(const struct hpo_sql *sql, sqlite3_stmt *stmt,
                             struct core_error *err) {
  bool row = true;
  enum core_status st = CORE_OK;
  while (st == CORE_OK && row) st = hpo_sql_step(sql, stmt, &row, err);
  return st;
}

enum core_status hpo_sql_integer(const struct hpo_sql *sql, const char *text, int64_t fallback,
                                 int64_t *out, struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = false;
  *out = fallback;
  enum core_status st = hpo_sql_prepare(sql, text, &stmt, err);
  if (st == CORE_OK) st = hpo_sql_step(sql, stmt, &row, err);
  if (st == CORE_OK && row && !hpo_sql_is_null(stmt, 0)) *out = sqlite3_column_int64(stmt, 0);
  sqlite3_finalize(stmt);
  return st;
}

enum core_status hpo_sql_bind_text(const struct hpo_sql *sql, sqlite3_stmt *stmt, int at,
                                   const char *text, struct core_error *err) {
  return sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC) == SQLITE_OK ? CORE_OK
                                                                           : hpo_sql_fail(sql, err);
}

void hpo_sql_bind_double(sqlite3_stmt *stmt, int at, double value) {
  if (isnan(value))
    sqlite3_bind_null(stmt, at);
  else
    sqlite3_bind_double(stmt, at, value);
}

void hpo_sql_bind_int(sqlite3_stmt *stmt, int at, int64_t value) {
  sqlite3_bind_int64(stmt, at, value);
}

void hpo_sql_bind_null(sqlite3_stmt *stmt, int at) {
  sqlite3_bind_null(stmt, at);
}

const char *hpo_sql_text(sqlite3_stmt *stmt, int column) {
  const unsigned char *text = sqlite3_column_text(stmt, column);
  return text ? (const char *)text : "";
}

bool hpo_sql_is_null(sqlite3_stmt *stmt, int column) {
  return sqlite3_column_type(stmt, column) == SQLITE_NULL;
}
