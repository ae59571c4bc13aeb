/* SPDX-License-Identifier: GPL-3.0-or-later
 * SQLite behind four verbs: every failure becomes one sentence that names the file and what to do. Nothing here knows
 * a table. */
#pragma once
#include "core/status.h"
#include "core/str.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* One connection. Statements are the caller's to finalize. */
struct hpo_sql {
  sqlite3 *db;
  const char *path; /* for messages; borrowed */
};

enum hpo_sql_mode {
  HPO_SQL_READ,
  HPO_SQL_READ_IMMUTABLE, /* no locks, no log: the file as its bytes stand */
  HPO_SQL_REPAIR,         /* reads, but may end what a writer that died left half done */
  HPO_SQL_WRITE           /* makes the file */
};

/* `vfs` NULL: SQLite's own choice. The connection distrusts the file: no functions from its schema, bounded values.
 * On failure sql->db is NULL. */
enum core_status hpo_sql_open(struct hpo_sql *sql, const char *path, enum hpo_sql_mode mode,
                              const char *vfs, struct core_error *err) CORE_MUST_CHECK;
void hpo_sql_close(struct hpo_sql *sql);

/* The sentence for what SQLite reported last. */
enum core_status hpo_sql_fail(const struct hpo_sql *sql, struct core_error *err);

enum core_status hpo_sql_exec(const struct hpo_sql *sql, const char *text,
                              struct core_error *err) CORE_MUST_CHECK;
/* For what may fail without harm. */
void hpo_sql_try(const struct hpo_sql *sql, const char *text);
enum core_status hpo_sql_prepare(const struct hpo_sql *sql, const char *text, sqlite3_stmt **out,
                                 struct core_error *err) CORE_MUST_CHECK;
/* *row false at the end; the statement is then reset. */
enum core_status hpo_sql_step(const struct hpo_sql *sql, sqlite3_stmt *stmt, bool *row,
                              struct core_error *err) CORE_MUST_CHECK;
/* Runs a statement that gives no rows, and resets it; its bindings must have been accepted. */
enum core_status hpo_sql_run(const struct hpo_sql *sql, sqlite3_stmt *stmt,
                             struct core_error *err) CORE_MUST_CHECK;
/* The first column of the first row as an integer; `fallback` when there is no row or a NULL. */
enum core_status hpo_sql_integer(const struct hpo_sql *sql, const char *text, int64_t fallback,
                                 int64_t *out, struct core_error *err) CORE_MUST_CHECK;

/* A NULL text is a NULL. The text is borrowed until the statement was run. */
enum core_status hpo_sql_bind_text(const struct hpo_sql *sql, sqlite3_stmt *stmt, int at,
                                   const char *text, struct core_error *err) CORE_MUST_CHECK;
/* A NaN becomes a NULL (SQLite has no NaN). */
void hpo_sql_bind_double(sqlite3_stmt *stmt, int at, double value);
void hpo_sql_bind_int(sqlite3_stmt *stmt, int at, int64_t value);
void hpo_sql_bind_null(sqlite3_stmt *stmt, int at);

/* Never NULL; valid until the next step of the statement. */
const char *hpo_sql_text(sqlite3_stmt *stmt, int column);
bool hpo_sql_is_null(sqlite3_stmt *stmt, int column);
