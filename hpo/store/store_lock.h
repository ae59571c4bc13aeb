/* SPDX-License-Identifier: GPL-3.0-or-later
 * One driver a storage file: a kernel lock on PATH.lock, which dies with its process, and in that file who holds it.
 * Also answers what the file system can do, by asking it. Knows nothing of SQLite. Rules: docs/storage.md, "Locking". */
#pragma once
#include "core/status.h"
#include "hpo/store/store.h"
#include <stdbool.h>

#define HPO_STORE_BEAT_S  10.0 /* how often a holder says that it is alive, at most  */
#define HPO_STORE_STALE_S 60.0 /* when another host's holder counts as dead          */

struct hpo_store_lock;

/* CORE_BUSY with the holder's host, pid and job. self->since_unix_s is taken as the present time. */
enum core_status hpo_store_lock_take(const char *path, const struct hpo_holder *self,
                                     struct hpo_store_lock **out,
                                     struct core_error *err) CORE_MUST_CHECK;
void hpo_store_lock_release(struct hpo_store_lock *lock); /* accepts NULL; removes PATH.lock */
/* Says that the holder is alive; writes at most every HPO_STORE_BEAT_S. A failure to write is not told: the kernel's
 * lock is what counts. */
void hpo_store_lock_beat(struct hpo_store_lock *lock, double unix_s);
/* Who holds `path` now? */
enum core_status hpo_store_lock_peek(const char *path, double unix_s, struct hpo_holder *out,
                                     bool *held, struct core_error *err) CORE_MUST_CHECK;

/* Has the file system shared-memory locks that all users of the file see, as write-ahead logging needs? */
bool hpo_store_lock_has_shared_memory(const struct hpo_store_lock *lock);
/* Has it locks at all? */
bool hpo_store_lock_is_kernel(const struct hpo_store_lock *lock);
