/* SPDX-License-Identifier: GPL-3.0-or-later
 * The study on disk: one SQLite file in Optuna's relational schema (version 12) plus tables of our own prefixed
 * sweepgate_. Format: docs/storage.md. SQLite is visible in this folder only.
 *
 * One driver writes; readers (status, best, trials, Optuna's tools) work meanwhile: WAL where the file system has
 * shared-memory locks, elsewhere an exclusive rollback journal and a side file PATH.view that is replaced atomically. */
#pragma once
#include "hpo/event.h"
#include "hpo/spec.h"

struct hpo_store;

/* Who holds a study: written by a driver, shown to a second one that is refused. */
struct hpo_holder {
  char host[256];
  int64_t pid;
  char job[128]; /* Slurm job id or "" */
  double since_unix_s;
};

/* Opens for driving: creates the file and the study when new; takes the driver's lock (CORE_BUSY names the holder's
 * host, pid and job; a holder on this host whose process is gone is replaced). An existing study whose space, objectives
 * or directions differ is refused with the difference named (CORE_INVAL). *seed is the stored seed for an old study;
 * for a new one the spec's, or one drawn from the system when none was given. */
enum core_status hpo_store_open(const char *path, const struct hpo_spec *spec,
                                const struct hpo_holder *self, struct hpo_store **out,
                                uint64_t *seed, struct core_error *err) CORE_MUST_CHECK;
/* Opens for reading only, without the study file, one view of the file as of now; `study_name` may be NULL when the file holds exactly one study.
 * Missing file or study: CORE_NOT_FOUND, with the names that exist. */
enum core_status hpo_store_open_reader(const char *path, const char *study_name,
                                       struct hpo_store **out,
                                       struct core_error *err) CORE_MUST_CHECK;
void hpo_store_close(struct hpo_store *store); /* accepts NULL; releases the lock */

/* Writes a batch as one transaction. On return the batch is on disk (fsync included) or nothing of it is. */
enum core_status hpo_store_append(struct hpo_store *store, const struct hpo_event *events, size_t n,
                                  struct core_error *err) CORE_MUST_CHECK;

/* The place in the order that the next event will get; only when open for driving. */
int64_t hpo_store_next_order(const struct hpo_store *store);

/* Says that the driver is alive, and refreshes what readers see: call it every few seconds, also when nothing happens.
 * Cheap when it is not due. Appending does it too. */
void hpo_store_beat(struct hpo_store *store, double unix_s);

/* Gives all events back in their order, but for what later ones overwrote: a trial that was put back comes as create,
 * requeue, start. Times of reports and attributes are not kept. Each has its place in the order. The event's pointers live until the callback returns; a callback status other
 * than CORE_OK ends the replay with it. */
typedef enum core_status (*hpo_replay_fn)(void *context, const struct hpo_event *event,
                                          struct core_error *err);
enum core_status hpo_store_replay(struct hpo_store *store, hpo_replay_fn apply, void *context,
                                  struct core_error *err) CORE_MUST_CHECK;

/* The spec part that a reader needs (name, objectives, directions, space, seed), rebuilt from the file. Valid until close. */
const struct hpo_spec *hpo_store_spec(const struct hpo_store *store);

/* Study-level facts beside the trials, upserted by key: gate verdicts, fingerprints, how the sweep ended (JSON). */
enum core_status hpo_store_set_study_attr(struct hpo_store *store, const char *key,
                                          const char *json, bool system,
                                          struct core_error *err) CORE_MUST_CHECK;

/* The gate's verdict on one data set, stored once; trials refer to it by its id (in their attribute
 * sweepgate:gate). */
struct hpo_gate_verdict {
  const char *data, *suite;           /* paths as given */
  const char *data_hash, *suite_hash; /* hex */
  bool success;
  uint64_t n_rows, n_failed; /* failed expectations */
  double unix_s;
  const char *summary_json; /* a line for each failed expectation */
};
enum core_status hpo_store_gate_verdict(struct hpo_store *store,
                                        const struct hpo_gate_verdict *verdict, int64_t *id,
                                        struct core_error *err) CORE_MUST_CHECK;

/* Is a driver at work now, and who? *held false when not. */
enum core_status hpo_store_holder(struct hpo_store *store, struct hpo_holder *out, bool *held,
                                  struct core_error *err) CORE_MUST_CHECK;
