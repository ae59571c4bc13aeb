/* SPDX-License-Identifier: GPL-3.0-or-later
 * The side file PATH.view: a whole copy of the store as of some moment, for readers that the driver's exclusive lock
 * keeps out. Always complete: it is made beside and renamed into place. */
#include <stdio.h>
#include <unistd.h>

#include "core/clock.h"
#include "hpo/store/store_private.h"

#define SHORTEST_PAUSE_S 0.5
#define COST_SHARE                                                                                 \
  20.0 /* a pause is at least this many times as long as making the last one took */

struct hpo_store_view {
  struct core_str path;
  struct core_str draft;
  double due_unix_s;
};

enum core_status hpo_store_view_open(struct hpo_store *store, struct core_error *err) {
  struct hpo_store_view *view = core_calloc(1, sizeof *view);
  if (!view) return core_fail_nomem(err, sizeof *view);
  store->view = view;
  core_str_printf(&view->path, HPO_STORE_VIEW_FORMAT, store->path);
  core_str_printf(&view->draft, HPO_STORE_VIEW_FORMAT ".new", store->path);
  CORE_TRY(core_str_status(&view->path, err));
  CORE_TRY(core_str_status(&view->draft, err));
  hpo_store_view_update(store, 0);
  return CORE_OK;
}

/* SQLite's own copier reads through the connection that holds the lock. (Opening the file a second time in this process
 * and closing it would drop that lock.) */
static bool copy_to_draft(const struct hpo_store *store) {
  const char *draft = core_str_text(&store->view->draft);
  struct hpo_sql copy;
  (void)unlink(draft);
  if (hpo_sql_open(&copy, draft, HPO_SQL_WRITE, "unix-none", NULL) != CORE_OK) return false;
  bool done = false;
  if (hpo_sql_exec(&copy, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL) == CORE_OK) {
    sqlite3_backup *backup = sqlite3_backup_init(copy.db, "main", store->sql.db, "main");
    if (backup) {
      done = sqlite3_backup_step(backup, -1) == SQLITE_DONE;
      done = sqlite3_backup_finish(backup) == SQLITE_OK && done;
    }
  }
  hpo_sql_close(&copy);
  return done;
}

void hpo_store_view_update(struct hpo_store *store, double unix_s) {
  struct hpo_store_view *view = store->view;
  if (unix_s < view->due_unix_s) return;
  const struct core_clock *clock = core_clock_system();
  const double begun_s = clock->monotonic_s(clock);
  if (copy_to_draft(store))
    (void)rename(core_str_text(&view->draft), core_str_text(&view->path));
  else
    (void)unlink(core_str_text(&view->draft));
  const double pause_s = COST_SHARE * (clock->monotonic_s(clock) - begun_s);
  view->due_unix_s = unix_s + (pause_s > SHORTEST_PAUSE_S ? pause_s : SHORTEST_PAUSE_S);
}

void hpo_store_view_close(struct hpo_store *store) {
  struct hpo_store_view *view = store->view;
  if (!view) return;
  (void)unlink(core_str_text(&view->path));
  core_str_close(&view->path);
  core_str_close(&view->draft);
  core_free(view);
  store->view = NULL;
}
