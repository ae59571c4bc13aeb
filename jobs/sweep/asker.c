/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/asker.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/mem.h"

/* Events waiting for the thread: the structs, and an arena for what they point to. */
struct inbox {
  struct hpo_event *events;
  size_t n, cap;
  struct core_arena arena;
};

struct job_asker {
  const struct hpo_spec *spec;
  struct hpo_study *study; /* the thread's own */
  pthread_t thread;
  bool started;
  int fd;
  double *rows; /* answer: wanted * n_params */
  size_t rows_cap;
  bool busy; /* the caller's view: asked, not yet taken */

  pthread_mutex_t mutex; /* guards all below */
  pthread_cond_t wake;
  struct inbox inbox;
  size_t wanted; /* points asked for, 0: none */
  bool ready, quit;
  struct job_suggestions answer;
  enum core_status status;
  struct core_error error;
};

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
                                struct core_error *err) {
  enum core_status st = CORE_OK;
  pthread_mutex_lock(&asker->mutex);
  struct inbox *inbox = &asker->inbox;
  void *array = inbox->events;
  st = core_grow(&array, &inbox->cap, inbox->n + n, sizeof *inbox->events, err);
  inbox->events = array;
  for (size_t i = 0; st == CORE_OK && i < n; i++) {
    if (!copy_event(&inbox->arena, asker->spec->space.n_params, &events[i],
                    &inbox->events[inbox->n]))
      st = core_fail_nomem(err, sizeof events[i]);
    else
      inbox->n++;
  }
  pthread_mutex_unlock(&asker->mutex);
  return st;
}

static enum core_status apply_inbox(struct job_asker *asker, const struct inbox *inbox,
                                    struct core_error *err) {
  for (size_t i = 0; i < inbox->n; i++)
    CORE_TRY(hpo_study_apply(asker->study, &inbox->events[i], err));
  return CORE_OK;
}

/* One suggestion, applied at once so that the next one sees it running. */
static enum core_status suggest_one(struct job_asker *asker, double *row, bool *fallback,
                                    struct core_error *err) {
  CORE_TRY(hpo_study_suggest(asker->study, row, fallback, err));
  const struct hpo_history *history = hpo_study_history(asker->study);
  const struct hpo_event created = {.kind = HPO_EVENT_CREATE,
                                    .number = history->n_trials,
                                    .internal = row,
                                    .seen = history->n_finished,
                                    .state = HPO_RUNNING};
  return hpo_study_apply(asker->study, &created, err);
}

static enum core_status answer_request(struct job_asker *asker, size_t wanted,
                                       struct job_suggestions *answer, struct core_error *err) {
  const size_t n_params = asker->spec->space.n_params;
  const struct hpo_history *history = hpo_study_history(asker->study);
  *answer =
      (struct job_suggestions){.first_number = history->n_trials, .seen = history->n_finished};
  void *rows = asker->rows;
  CORE_TRY(core_grow(&rows, &asker->rows_cap, wanted * n_params, sizeof *asker->rows, err));
  asker->rows = rows;
  answer->internal = asker->rows;
  for (; answer->n < wanted; answer->n++) {
    bool fallback = false;
    const enum core_status st =
        suggest_one(asker, asker->rows + answer->n * n_params, &fallback, err);
    if (st == CORE_EXHAUSTED) {
      core_error_clear(err);
      answer->exhausted = true;
      break;
    }
    if (st != CORE_OK) return st;
    answer->n_fallback += fallback;
  }
  return CORE_OK;
}

static void *thread_main(void *argument) {
  struct job_asker *asker = argument;
  struct inbox mine = {
      0}; /* swapped with the shared one, so that feeding never waits for a suggestion */
  pthread_mutex_lock(&asker->mutex);
  while (!asker->quit) {
    if (asker->wanted == 0) {
      pthread_cond_wait(&asker->wake, &asker->mutex);
      continue;
    }
    const size_t wanted = asker->wanted;
    const struct inbox theirs = asker->inbox;
    asker->inbox = mine;
    mine = theirs;
    pthread_mutex_unlock(&asker->mutex);

    struct core_error error = {0};
    struct job_suggestions answer = {0};
    enum core_status status = apply_inbox(asker, &mine, &error);
    if (status == CORE_OK) status = answer_request(asker, wanted, &answer, &error);
    mine.n = 0;
    core_arena_reset(&mine.arena);

    pthread_mutex_lock(&asker->mutex);
    asker->wanted = 0;
    asker->answer = answer;
    asker->status = status;
    asker->error = error;
    asker->ready = true;
    if (eventfd_write(asker->fd, 1) != 0) asker->quit = true; /* cannot happen on an open eventfd */
  }
  pthread_mutex_unlock(&asker->mutex);
  core_free(mine.events);
  core_arena_close(&mine.arena);
  return NULL;
}

enum core_status job_asker_open(const struct hpo_spec *spec, struct job_asker **out,
                                struct core_error *err) {
  enum core_status st = CORE_OK;
  struct job_asker *asker = core_calloc(1, sizeof *asker);
  if (!asker) return core_fail_nomem(err, sizeof *asker);
  asker->spec = spec;
  asker->fd = -1;
  pthread_mutex_init(&asker->mutex, NULL);
  pthread_cond_init(&asker->wake, NULL);
  st = hpo_study_open(spec, &asker->study, err);
  if (st != CORE_OK) goto fail;
  asker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (asker->fd < 0) {
    st = core_fail(err, CORE_IO, "no descriptor is left for the sampler's thread");
    goto fail;
  }
  if (pthread_create(&asker->thread, NULL, thread_main, asker) != 0) {
    st = core_fail(err, CORE_NOMEM, "the sampler's thread could not be started");
    goto fail;
  }
  asker->started = true;
  *out = asker;
  return CORE_OK;
fail:
  job_asker_close(asker);
  return st;
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
  core_free(asker->inbox.events);
  core_arena_close(&asker->inbox.arena);
  core_free(asker->rows);
  core_free(asker);
}

void job_asker_request(struct job_asker *asker, size_t n) {
  pthread_mutex_lock(&asker->mutex);
  asker->wanted = n;
  asker->busy = true;
  pthread_cond_signal(&asker->wake);
  pthread_mutex_unlock(&asker->mutex);
}

bool job_asker_busy(const struct job_asker *asker) {
  return asker->busy;
}

int job_asker_fd(const struct job_asker *asker) {
  return asker->fd;
}

bool job_asker_take(struct job_asker *asker, struct job_suggestions *out, enum core_status *status,
                    struct core_error *err) {
  pthread_mutex_lock(&asker->mutex);
  const bool ready = asker->ready;
  if (ready) {
    eventfd_t count;
    if (eventfd_read(asker->fd, &count) != 0)
      count = 0; /* readable by the law above; nothing to do otherwise */
    *out = asker->answer;
    *status = asker->status;
    if (asker->status != CORE_OK && err) *err = asker->error;
    asker->ready = false;
    asker->busy = false;
  }
  pthread_mutex_unlock(&asker->mutex);
  return ready;
}
