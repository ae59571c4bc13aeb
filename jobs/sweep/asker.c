/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/asker.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/mem.h"

/* Points of a fast sampler are told together, those of a slow one each at once. */
#define PATIENCE_S 0.001

/* Events waiting for the thread: the structs, and an arena for what they point to. */
struct inbox {
  struct hpo_event *events;
  size_t n, cap;
  struct core_arena arena;
};

/* Points waiting for the caller, first in first out. */
struct outbox {
  struct job_suggestion *items;
  double *rows; /* n_params each */
  size_t head, n, items_cap, rows_cap;
};

struct job_asker {
  const struct hpo_spec *spec;
  const struct core_clock *clock;
  pthread_t thread;
  bool started;
  int fd;
  size_t owed; /* the caller's view */

  /* The thread's. */
  struct hpo_study *study;
  struct inbox mine; /* swapped with the shared one, so that feeding never waits for a suggestion */
  size_t next;       /* of mine */
  uint64_t n_applied;
  int64_t next_order; /* behind the last event applied */
  double *row;
  double untold_since_s; /* when the first point that nobody was told of was begun; NaN: none */

  pthread_mutex_t mutex; /* guards all below */
  pthread_cond_t wake;
  struct inbox inbox;
  uint64_t n_fed;
  uint64_t n_due; /* of those fed, what a deterministic study may see */
  size_t wanted;  /* points still to be computed */
  bool quit;
  struct outbox outbox;
  enum core_status end; /* CORE_OK: the thread goes on */
  struct core_error error;
};

/* ---- the inbox ---- */

/* Copies what an event points to. False: out of memory. */
static bool copy_event(struct core_arena *arena, size_t n_params, const struct hpo_event *from,
                       struct hpo_event *to) {
  *to = *from;
  to->message = to->host = NULL; /* no sampler looks at them */
  if (from->internal) {
    double *row = core_arena_alloc(arena, n_params * sizeof *row);
    if (!row) return false;
    memcpy(row, from->internal, n_params * sizeof *row);
    to->internal = row;
  }
  if (from->n_values) {
    double *values = core_arena_alloc(arena, from->n_values * sizeof *values);
    if (!values) return false;
    memcpy(values, from->values, from->n_values * sizeof *values);
    to->values = values;
  }
  if (from->key && !(to->key = core_arena_strdup(arena, from->key))) return false;
  return !from->json || (to->json = core_arena_strdup(arena, from->json)) != NULL;
}

enum core_status job_asker_feed(struct job_asker *asker, const struct hpo_event *events, size_t n,
                                int64_t next_order, struct core_error *err) {
  enum core_status st = CORE_OK;
  pthread_mutex_lock(&asker->mutex);
  struct inbox *inbox = &asker->inbox;
  void *array = inbox->events;
  st = core_grow(&array, &inbox->cap, inbox->n + n, sizeof *inbox->events, err);
  inbox->events = array;
  for (size_t i = 0; st == CORE_OK && i < n; i++) {
    struct hpo_event *event = &inbox->events[inbox->n];
    if (!copy_event(&inbox->arena, asker->spec->space.n_params, &events[i], event)) {
      st = core_fail_nomem(err, sizeof events[i]);
      break;
    }
    event->order = next_order; /* all that one of the asker's events is asked for */
    inbox->n++;
    asker->n_fed++;
  }
  pthread_mutex_unlock(&asker->mutex);
  return st;
}

static void swap_inbox(struct job_asker *asker) {
  asker->mine.n = asker->next = 0;
  core_arena_reset(&asker->mine.arena);
  pthread_mutex_lock(&asker->mutex);
  const struct inbox theirs = asker->inbox;
  asker->inbox = asker->mine;
  asker->mine = theirs;
  pthread_mutex_unlock(&asker->mutex);
}

/* Brings the copy of the study to where the first n_due of the events lead. */
static enum core_status follow(struct job_asker *asker, uint64_t n_due, struct core_error *err) {
  while (asker->n_applied < n_due) {
    if (asker->next == asker->mine.n) swap_inbox(asker);
    const struct hpo_event *event = &asker->mine.events[asker->next++];
    CORE_TRY(hpo_study_apply(asker->study, event, err));
    asker->next_order = event->order;
    asker->n_applied++;
  }
  return CORE_OK;
}

/* ---- suggestions ---- */

/* The next point into asker->row, applied at once so that the one after it sees it running. */
static enum core_status suggest(struct job_asker *asker, struct job_suggestion *out,
                                struct core_error *err) {
  const double begun_s = asker->clock->monotonic_s(asker->clock);
  const struct hpo_history *history = hpo_study_history(asker->study);
  *out = (struct job_suggestion){
      .number = history->n_trials, .seen = history->n_finished, .asked = asker->next_order};
  if (isnan(asker->untold_since_s)) asker->untold_since_s = begun_s;
  CORE_TRY(hpo_study_suggest(asker->study, asker->row, &out->fallback, err));
  const struct hpo_event created = {.kind = HPO_EVENT_CREATE,
                                    .number = out->number,
                                    .internal = asker->row,
                                    .seen = out->seen,
                                    .state = HPO_RUNNING};
  CORE_TRY(hpo_study_apply(asker->study, &created, err));
  out->seconds = asker->clock->monotonic_s(asker->clock) - begun_s;
  return CORE_OK;
}

/* Under the mutex. */
static enum core_status put(struct outbox *outbox, const struct job_suggestion *item,
                            const double *row, size_t n_params, struct core_error *err) {
  if (outbox->head == outbox->n) outbox->head = outbox->n = 0;
  void *items = outbox->items, *rows = outbox->rows;
  CORE_TRY(core_grow(&items, &outbox->items_cap, outbox->n + 1, sizeof *outbox->items, err));
  outbox->items = items;
  CORE_TRY(core_grow(&rows, &outbox->rows_cap, (outbox->n + 1) * n_params, sizeof *row, err));
  outbox->rows = rows;
  outbox->items[outbox->n] = *item;
  memcpy(outbox->rows + outbox->n * n_params, row, n_params * sizeof *row);
  outbox->n++;
  return CORE_OK;
}

/* Under the mutex. What can be taken is told when there is no more to come, or when the caller has
 * waited. */
static void tell(struct job_asker *asker) {
  const double waited_s = asker->clock->monotonic_s(asker->clock) - asker->untold_since_s;
  if (asker->wanted > 0 && waited_s < PATIENCE_S) return;
  asker->untold_since_s = NAN;
  if (eventfd_write(asker->fd, 1) != 0) asker->quit = true; /* cannot happen on an open eventfd */
}

static void *thread_main(void *argument) {
  struct job_asker *asker = argument;
  pthread_mutex_lock(&asker->mutex);
  while (!asker->quit) {
    if (asker->wanted == 0) {
      pthread_cond_wait(&asker->wake, &asker->mutex);
      continue;
    }
    const uint64_t n_due = asker->spec->deterministic ? asker->n_due : asker->n_fed;
    pthread_mutex_unlock(&asker->mutex);

    struct core_error error = {0};
    struct job_suggestion made = {0};
    enum core_status st = follow(asker, n_due, &error);
    if (st == CORE_OK) st = suggest(asker, &made, &error);

    pthread_mutex_lock(&asker->mutex);
    if (st == CORE_OK)
      st = put(&asker->outbox, &made, asker->row, asker->spec->space.n_params, &error);
    asker->wanted = st == CORE_OK ? asker->wanted - 1 : 0;
    if (st != CORE_OK) {
      asker->end = st;
      asker->error = error;
    }
    tell(asker);
    if (st != CORE_OK) break;
  }
  pthread_mutex_unlock(&asker->mutex);
  return NULL;
}

/* ---- the caller's side ---- */

static enum core_status start(struct job_asker *asker, struct core_error *err) {
  CORE_TRY(hpo_study_open(asker->spec, &asker->study, err));
  asker->row = core_calloc(asker->spec->space.n_params, sizeof *asker->row);
  if (!asker->row) return core_fail_nomem(err, sizeof *asker->row);
  asker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (asker->fd < 0)
    return core_fail(err, CORE_IO, "no descriptor is left for the sampler's thread");
  if (pthread_create(&asker->thread, NULL, thread_main, asker) != 0)
    return core_fail(err, CORE_NOMEM, "the sampler's thread could not be started");
  asker->started = true;
  return CORE_OK;
}

enum core_status job_asker_open(const struct hpo_spec *spec, const struct core_clock *clock,
                                struct job_asker **out, struct core_error *err) {
  struct job_asker *asker = core_calloc(1, sizeof *asker);
  if (!asker) return core_fail_nomem(err, sizeof *asker);
  asker->spec = spec;
  asker->clock = clock;
  asker->fd = -1;
  asker->next_order = 1;
  asker->untold_since_s = NAN;
  pthread_mutex_init(&asker->mutex, NULL);
  pthread_cond_init(&asker->wake, NULL);
  const enum core_status st = start(asker, err);
  if (st == CORE_OK)
    *out = asker;
  else
    job_asker_close(asker);
  return st;
}

static void close_inbox(struct inbox *inbox) {
  core_free(inbox->events);
  core_arena_close(&inbox->arena);
}

void job_asker_close(struct job_asker *asker) {
  if (!asker) return;
  if (asker->started) {
    pthread_mutex_lock(&asker->mutex);
    asker->quit = true;
    pthread_cond_signal(&asker->wake);
    pthread_mutex_unlock(&asker->mutex);
    pthread_join(asker->thread, NULL);
  }
  if (asker->fd >= 0) close(asker->fd);
  hpo_study_close(asker->study);
  pthread_mutex_destroy(&asker->mutex);
  pthread_cond_destroy(&asker->wake);
  close_inbox(&asker->inbox);
  close_inbox(&asker->mine);
  core_free(asker->outbox.items);
  core_free(asker->outbox.rows);
  core_free(asker->row);
  core_free(asker);
}

void job_asker_request(struct job_asker *asker, size_t n) {
  pthread_mutex_lock(&asker->mutex);
  asker->n_due = asker->n_fed;
  asker->wanted += n;
  asker->owed += n;
  pthread_cond_signal(&asker->wake);
  pthread_mutex_unlock(&asker->mutex);
}

size_t job_asker_owed(const struct job_asker *asker) {
  return asker->owed;
}

int job_asker_fd(const struct job_asker *asker) {
  return asker->fd;
}

void job_asker_hear(struct job_asker *asker) {
  eventfd_t count;
  if (eventfd_read(asker->fd, &count) != 0) count = 0; /* nothing is new */
}

/* Under the mutex. */
static void take_first(struct job_asker *asker, struct job_suggestion *out, double *row) {
  struct outbox *outbox = &asker->outbox;
  const size_t n_params = asker->spec->space.n_params;
  *out = outbox->items[outbox->head];
  memcpy(row, outbox->rows + outbox->head * n_params, n_params * sizeof *row);
  outbox->head++;
  asker->owed--;
}

enum core_status job_asker_take(struct job_asker *asker, struct job_suggestion *out, double *row,
                                bool *got, struct core_error *err) {
  enum core_status st = CORE_OK;
  pthread_mutex_lock(&asker->mutex);
  *got = asker->outbox.head < asker->outbox.n;
  if (*got)
    take_first(asker, out, row);
  else
    st = asker->end;
  if (st == CORE_EXHAUSTED) asker->owed = 0;
  if (st != CORE_OK && err) *err = asker->error;
  pthread_mutex_unlock(&asker->mutex);
  return st;
}
