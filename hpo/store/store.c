/* SPDX-License-Identifier: GPL-3.0-or-later
 * Opening and closing: the lock first, then the file, its tables, the study, the counters. */
#include "hpo/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "hpo/store/store_private.h"

/* A driver may hold the file exclusively while its side file is about to appear: short waits, then another look. */
#define READ_WAIT_MS 100
#define READ_LOOKS   200

/* Links are followed first, so that a lock taken by one name holds for every name. */
static char *resolve(const char *path) {
  char *real = realpath(path, NULL);
  char *copy = core_strdup(real ? real : path);
  free(real); /* the C library's own */
  return copy;
}

static enum core_status store_alloc(const char *path, struct hpo_store **out,
                                    struct core_error *err) {
  struct hpo_store *store = core_calloc(1, sizeof *store);
  *out = store;
  if (!store) return core_fail_nomem(err, sizeof *store);
  store->path = resolve(path);
  return store->path ? CORE_OK : core_fail_nomem(err, strlen(path) + 1);
}

void hpo_store_close(struct hpo_store *store) {
  if (!store) return;
  hpo_store_writer_close(store);
  hpo_store_forget_spec(store);
  /* A file at rest is one file that every program can open, on any file system: no write-ahead log beside it. With a
   * reader at work the log stays, which is well too. */
  if (store->lock && store->sql.db) {
    sqlite3_busy_timeout(store->sql.db, 0);
    hpo_sql_try(&store->sql, "PRAGMA journal_mode=DELETE");
  }
  hpo_sql_close(&store->sql);
  hpo_store_view_close(store);
  hpo_store_lock_release(store->lock);
  core_free(store->trial_ids);
  core_free(store->path);
  core_free(store);
}

const struct hpo_spec *hpo_store_spec(const struct hpo_store *store) {
  return &store->spec;
}

/* --- driving -------------------------------------------------------------------------------------- */

/* Without shared-memory locks a write-ahead log would be read wrongly on other hosts. */
static enum core_status choose_journal(struct hpo_store *store, struct core_error *err) {
  if (hpo_store_lock_has_shared_memory(store->lock)) {
    CORE_TRY(hpo_sql_exec(&store->sql, "PRAGMA journal_mode=WAL", err));
    CORE_TRY(hpo_sql_exec(&store->sql, "PRAGMA wal_autocheckpoint=4000", err));
  } else {
    CORE_TRY(hpo_sql_exec(&store->sql, "PRAGMA journal_mode=DELETE", err));
  }
  return hpo_sql_exec(&store->sql, "PRAGMA synchronous=FULL", err);
}

/* All that opening writes is one transaction. */
static enum core_status enter(struct hpo_store *store, const struct hpo_spec *spec, double unix_s,
                              struct core_error *err) {
  CORE_TRY(hpo_schema_ensure(&store->sql, spec->optuna_schema_31, err));
  store->own_tables = true;
  CORE_TRY(hpo_store_enter_study(store, spec, unix_s, err));
  CORE_TRY(hpo_store_import(store, err));
  return hpo_store_load_cursor(store, &store->cursor, err);
}

static enum core_status open_driven(struct hpo_store *store, const struct hpo_spec *spec,
                                    double unix_s, struct core_error *err) {
  const bool kernel_locks = hpo_store_lock_is_kernel(store->lock);
  CORE_TRY(hpo_sql_open(&store->sql, store->path, HPO_SQL_WRITE, kernel_locks ? NULL : "unix-none",
                        err));
  /* Exclusive from the first touch: else a log that came with the file would need shared memory. */
  if (!hpo_store_lock_has_shared_memory(store->lock))
    CORE_TRY(hpo_sql_exec(&store->sql, "PRAGMA locking_mode=EXCLUSIVE", err));
  bool empty = false;
  CORE_TRY(hpo_schema_check(&store->sql, &empty, &store->own_tables, err));
  CORE_TRY(hpo_sql_exec(&store->sql, "BEGIN IMMEDIATE", err));
  enum core_status st = enter(store, spec, unix_s, err);
  if (st == CORE_OK) st = hpo_sql_exec(&store->sql, "COMMIT", err);
  if (st != CORE_OK) {
    if (!sqlite3_get_autocommit(store->sql.db)) hpo_sql_try(&store->sql, "ROLLBACK");
    return st;
  }
  CORE_TRY(choose_journal(store, err)); /* last: a file that is refused stays as it was */
  CORE_TRY(hpo_store_writer_open(store, err));
  return hpo_store_lock_has_shared_memory(store->lock) ? CORE_OK : hpo_store_view_open(store, err);
}

enum core_status hpo_store_open(const char *path, const struct hpo_spec *spec,
                                const struct hpo_holder *self, struct hpo_store **out,
                                uint64_t *seed, struct core_error *err) {
  struct hpo_store *store = NULL;
  *out = NULL;
  enum core_status st = store_alloc(path, &store, err);
  if (st == CORE_OK) st = hpo_store_lock_take(store->path, self, &store->lock, err);
  if (st == CORE_OK) st = open_driven(store, spec, self->since_unix_s, err);
  if (st != CORE_OK) {
    hpo_store_close(store);
    return st;
  }
  *seed = store->spec.seed;
  *out = store;
  return CORE_OK;
}

/* --- reading -------------------------------------------------------------------------------------- */

static enum core_status read_study(struct hpo_store *store, const char *study_name,
                                   struct core_error *err) {
  bool empty = false;
  /* One view of the file for as long as it is open. */
  CORE_TRY(hpo_sql_exec(&store->sql, "BEGIN", err));
  CORE_TRY(hpo_schema_check(&store->sql, &empty, &store->own_tables, err));
  if (empty) return core_fail(err, CORE_NOT_FOUND, "storage '%s' holds no study yet", store->path);
  CORE_TRY(hpo_store_find_study(store, study_name, err));
  return hpo_store_load_spec(store, true, err);
}

static enum core_status try_reading(struct hpo_store *store, const char *file,
                                    enum hpo_sql_mode mode, const char *study_name,
                                    struct core_error *err) {
  hpo_store_forget_spec(store);
  hpo_sql_close(&store->sql);
  CORE_TRY(hpo_sql_open(&store->sql, file, mode, NULL, err));
  sqlite3_busy_timeout(store->sql.db, READ_WAIT_MS);
  store->sql.path = store->path;
  return read_study(store, study_name, err);
}

/* A log or journal beside the file means that the file alone is not the whole truth. */
static bool has_beside(const char *path, const char *suffix) {
  struct core_str name = {0};
  core_str_printf(&name, "%s%s", path, suffix);
  const bool has = name.failed || access(core_str_text(&name), F_OK) == 0;
  core_str_close(&name);
  return has;
}

/* The file itself. Plainly reading fails with CORE_IO where a writer died half way, or where the folder gives no place
 * for the shared memory of a log. */
static enum core_status read_file(struct hpo_store *store, const char *study_name, bool held,
                                  struct core_error *err) {
  struct core_error first = {0};
  const enum core_status st = try_reading(store, store->path, HPO_SQL_READ, study_name, &first);
  const bool alone = !has_beside(store->path, "-wal") && !has_beside(store->path, "-journal");
  if (st == CORE_IO && alone)
    return try_reading(store, store->path, HPO_SQL_READ_IMMUTABLE, study_name, err);
  if (st == CORE_IO && !held)
    return try_reading(store, store->path, HPO_SQL_REPAIR, study_name, err);
  if (err) *err = first;
  return st;
}

static enum core_status look(struct hpo_store *store, const char *view, const char *study_name,
                             struct core_error *err) {
  struct hpo_holder holder;
  bool held = false;
  CORE_TRY(hpo_store_holder(store, &holder, &held, err));
  if (held && access(view, R_OK) == 0) {
    struct core_error first = {0};
    const enum core_status st =
        try_reading(store, view, HPO_SQL_READ_IMMUTABLE, study_name, &first);
    if (st != CORE_IO) { /* else it is gone: the driver has ended, the file itself can be read */
      if (err) *err = first;
      return st;
    }
  }
  return read_file(store, study_name, held, err);
}

static enum core_status read_somehow(struct hpo_store *store, const char *study_name,
                                     struct core_error *err) {
  struct core_str view = {0};
  core_str_printf(&view, HPO_STORE_VIEW_FORMAT, store->path);
  enum core_status st = core_str_status(&view, err);
  if (st == CORE_OK) st = look(store, core_str_text(&view), study_name, err);
  for (int i = 1; i < READ_LOOKS && st == CORE_BUSY; i++) {
    core_error_clear(err);
    st = look(store, core_str_text(&view), study_name, err);
  }
  core_str_close(&view);
  return st;
}

enum core_status hpo_store_open_reader(const char *path, const char *study_name,
                                       struct hpo_store **out, struct core_error *err) {
  struct hpo_store *store = NULL;
  *out = NULL;
  if (access(path, R_OK) != 0)
    return core_fail_errno(err, errno == ENOENT ? CORE_NOT_FOUND : CORE_IO, errno,
                           "storage '%s' cannot be read", path);
  enum core_status st = store_alloc(path, &store, err);
  if (st == CORE_OK) st = read_somehow(store, study_name, err);
  if (st != CORE_OK) {
    hpo_store_close(store);
    return st;
  }
  *out = store;
  return CORE_OK;
}

enum core_status hpo_store_holder(struct hpo_store *store, struct hpo_holder *out, bool *held,
                                  struct core_error *err) {
  const struct core_clock *clock = core_clock_system();
  return hpo_store_lock_peek(store->path, clock->unix_s(clock), out, held, err);
}
