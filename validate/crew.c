/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/crew.h"

#include <pthread.h>
#include <stdatomic.h>

#define MOST_THREADS ((size_t)256)

struct worker {
  struct val_feed feed;
  struct val_pass *pass;
  atomic_bool *stop; /* somebody failed: what the others do is for nothing */
  pthread_t thread;
  bool started;
  enum core_status status;
};

struct crew {
  const struct val_reader_ops *ops;
  struct val_reader_part *parts;
  struct worker *workers;
  size_t n;
  atomic_bool stop;
};

static bool is_stopped(void *stop) {
  return atomic_load_explicit((const atomic_bool *)stop, memory_order_relaxed);
}

static void *work(void *data) {
  struct worker *w = data;
  struct core_error err = {0};
  w->status = val_feed_pass(&w->feed, w->pass, &err);
  if (w->status != CORE_OK) atomic_store_explicit(w->stop, true, memory_order_relaxed);
  return NULL;
}

static void crew_close(struct crew *crew) {
  for (size_t i = 0; i < crew->n; i++) {
    if (crew->workers) val_pass_close(crew->workers[i].pass);
    if (crew->parts[i].reader) crew->ops->close(crew->parts[i].reader);
  }
  core_free(crew->workers);
  core_free(crew->parts);
}

static enum core_status crew_open(struct crew *crew, const struct val_plan *plan,
                                  struct val_reader *reader, bool by_parts, size_t n_threads,
                                  struct core_error *err) {
  crew->parts = core_calloc(n_threads, sizeof *crew->parts);
  if (!crew->parts) return core_fail_nomem(err, n_threads * sizeof *crew->parts);
  crew->n = n_threads;
  CORE_TRY(crew->ops->split(reader, crew->parts, &crew->n, err));
  if (crew->n < 2) return CORE_OK;
  crew->workers = core_calloc(crew->n, sizeof *crew->workers);
  if (!crew->workers) return core_fail_nomem(err, crew->n * sizeof *crew->workers);
  for (size_t i = 0; i < crew->n; i++) {
    const struct val_feed feed = {.ops = crew->ops,
                                  .reader = crew->parts[i].reader,
                                  .n_columns = val_schema_width(plan->schema),
                                  .by_parts = by_parts,
                                  .is_stopped = is_stopped,
                                  .with = &crew->stop};
    crew->workers[i] = (struct worker){.feed = feed, .stop = &crew->stop};
    CORE_TRY(val_pass_open(plan, crew->n, &crew->workers[i].pass, err));
  }
  return CORE_OK;
}

/* Where a thread cannot be had the caller does its work. */
static void run_all(struct crew *crew) {
  for (size_t i = 1; i < crew->n; i++)
    crew->workers[i].started =
        pthread_create(&crew->workers[i].thread, NULL, work, &crew->workers[i]) == 0;
  for (size_t i = 0; i < crew->n; i++)
    if (!crew->workers[i].started) work(&crew->workers[i]);
  for (size_t i = 1; i < crew->n; i++)
    if (crew->workers[i].started) pthread_join(crew->workers[i].thread, NULL);
}

/* The first pass becomes that of all. */
static enum core_status merge_all(struct crew *crew, struct val_pass **pass,
                                  struct core_error *err) {
  struct worker *w = crew->workers;
  for (size_t i = 1; i < crew->n; i++) {
    val_pass_shift(w[i].pass, crew->parts[i].rows_before, crew->parts[i].lines_before);
    CORE_TRY(val_pass_merge(w[0].pass, w[i].pass, err));
    val_pass_close(w[i].pass);
    w[i].pass = NULL;
  }
  *pass = w[0].pass;
  w[0].pass = NULL;
  return CORE_OK;
}

enum core_status val_crew_read(const struct val_plan *plan, const struct val_reader_ops *ops,
                               struct val_reader *reader, bool by_parts, size_t n_threads,
                               struct val_pass **pass, struct core_error *err) {
  struct crew crew = {.ops = ops};
  bool good = true;
  *pass = NULL;
  atomic_init(&crew.stop, false);
  enum core_status st = crew_open(&crew, plan, reader, by_parts,
                                  n_threads < MOST_THREADS ? n_threads : MOST_THREADS, err);
  if (st != CORE_OK || crew.n < 2) goto out;
  run_all(&crew);
  for (size_t i = 0; i < crew.n; i++) good &= crew.workers[i].status == CORE_OK;
  if (good) st = ops->join(reader, crew.parts, crew.n, &good, err);
  if (st == CORE_OK && good) st = merge_all(&crew, pass, err);
out:
  crew_close(&crew);
  return st;
}
