/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trials as processes of this machine: one epoll over all pipes of all slots. Starts nothing by
 * itself, knows no study. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "jobs/trial/runner.h"

#define READY_AT_ONCE 128

struct local {
  struct job_executor base;
  struct job_runner_context context;
  struct job_queue queue;
  struct job_runner *runners;
  size_t n_runners;
  size_t next; /* where the search for a free slot begins */
  struct pollfd *polled;
  size_t polled_cap;
  char host[256];
};

static size_t local_slots(const struct job_executor *executor) {
  return ((const struct local *)executor)->n_runners;
}

static size_t local_free_slots(const struct job_executor *executor) {
  const struct local *local = (const struct local *)executor;
  size_t n = 0;
  for (size_t i = 0; i < local->n_runners; i++) n += !local->runners[i].busy;
  return n;
}

static enum core_status local_start(struct job_executor *executor, const struct job_start *start,
                                    struct core_error *err) {
  struct local *local = (struct local *)executor;
  for (size_t i = 0; i < local->n_runners; i++) {
    const size_t at = (local->next + i) % local->n_runners;
    if (local->runners[at].busy) continue;
    local->next = at + 1;
    return job_runner_start(&local->runners[at], start, err);
  }
  return core_fail(err, CORE_BUSY, "no slot is free for trial %llu",
                   (unsigned long long)start->number);
}

/* Handles what is ready now, without waiting; false when nothing was. */
static bool ready_handle(struct local *local) {
  struct epoll_event ready[READY_AT_ONCE];
  const int n = epoll_wait(local->context.epoll_fd, ready, READY_AT_ONCE, 0);
  for (int i = 0; i < n; i++) {
    const uint64_t which = ready[i].data.u64;
    job_runner_ready(&local->runners[which / JOB_READY_KINDS],
                     (enum job_ready)(which % JOB_READY_KINDS));
  }
  return n > 0;
}

/* Waits until a slot or one of wake_fds is readable; *woken: one of those was, or a signal came. */
static enum core_status wait_for(struct local *local, double wait_s, const int *wake_fds,
                                 size_t n_wake_fds, bool *woken, struct core_error *err) {
  CORE_TRY(core_grow((void **)&local->polled, &local->polled_cap, n_wake_fds + 1,
                     sizeof *local->polled, err));
  local->polled[0] = (struct pollfd){.fd = local->context.epoll_fd, .events = POLLIN};
  for (size_t i = 0; i < n_wake_fds; i++)
    local->polled[i + 1] = (struct pollfd){.fd = wake_fds[i], .events = POLLIN};
  if (!(wait_s > 0)) wait_s = 0;
  if (wait_s > 1e6) wait_s = 1e6;
  const struct timespec wait = {.tv_sec = (time_t)wait_s,
                                .tv_nsec = (long)((wait_s - floor(wait_s)) * 1e9)};
  const int n = ppoll(local->polled, n_wake_fds + 1, &wait, NULL);
  if (n < 0 && errno != EINTR)
    return core_fail_errno(err, CORE_IO, errno, "cannot wait for trials");
  *woken = n < 0;
  for (size_t i = 0; n > 0 && i < n_wake_fds; i++)
    if (local->polled[i + 1].revents) *woken = true;
  return CORE_OK;
}

static double clock_now(const struct local *local) {
  return local->context.clock->monotonic_s(local->context.clock);
}

/* Runs what is due; returns the next moment at which something will be. */
static double deadlines_run(struct local *local) {
  const double now = clock_now(local);
  double next = INFINITY;
  for (size_t i = 0; i < local->n_runners; i++) {
    struct job_runner *runner = &local->runners[i];
    if (!runner->busy && !(runner->alive && runner->child.exit_fd < 0)) continue;
    if (now >= job_runner_deadline(runner) || runner->child.exit_fd < 0)
      job_runner_tick(runner, now);
    next = fmin(next, job_runner_deadline(runner));
  }
  return next;
}

static enum core_status events_gather(struct local *local, double timeout_s, const int *wake_fds,
                                      size_t n_wake_fds, struct core_error *err) {
  const double until = clock_now(local) + timeout_s;
  bool woken = false;
  while (job_queue_empty(&local->queue) && !woken && !local->context.failed) {
    const bool any = ready_handle(local);
    const double next = deadlines_run(local);
    if (!job_queue_empty(&local->queue) || local->context.failed) break;
    const double now = clock_now(local);
    if (now >= until) {
      if (!any || now >= until + 1) break; /* what is ready is read before time runs out */
      continue;
    }
    CORE_TRY(wait_for(local, fmin(until, next) - now, wake_fds, n_wake_fds, &woken, err));
  }
  if (local->context.failed) return core_fail(err, CORE_NOMEM, "out of memory for trials' events");
  return CORE_OK;
}

static enum core_status local_poll(struct job_executor *executor, double timeout_s,
                                   const int *wake_fds, size_t n_wake_fds, struct job_event *events,
                                   size_t cap, size_t *n, struct core_error *err) {
  struct local *local = (struct local *)executor;
  *n = 0;
  if (job_queue_empty(&local->queue))
    CORE_TRY(events_gather(local, timeout_s, wake_fds, n_wake_fds, err));
  *n = job_queue_take(&local->queue, events, cap);
  return CORE_OK;
}

static struct job_runner *runner_find(struct local *local, uint64_t number) {
  for (size_t i = 0; i < local->n_runners; i++)
    if (local->runners[i].busy && local->runners[i].number == number) return &local->runners[i];
  return NULL;
}

static void local_answer(struct job_executor *executor, uint64_t number, bool prune) {
  struct job_runner *runner = runner_find((struct local *)executor, number);
  if (runner) job_runner_answer(runner, prune);
}

static void local_stop(struct job_executor *executor, uint64_t number) {
  struct job_runner *runner = runner_find((struct local *)executor, number);
  if (runner) job_runner_stop(runner);
}

static void local_close(struct job_executor *executor, bool clean) {
  (void)clean; /* whatever still runs is ended either way */
  if (!executor) return;
  struct local *local = (struct local *)executor;
  for (size_t i = 0; i < local->n_runners; i++) job_runner_close(&local->runners[i]);
  job_queue_close(&local->queue);
  if (local->context.epoll_fd >= 0) close(local->context.epoll_fd);
  core_free(local->context.buffer);
  core_free(local->context.channel_buffer);
  core_free(local->runners);
  core_free(local->polled);
  core_free(local);
}

static const struct job_executor_ops local_ops = {.name = "local",
                                                  .slots = local_slots,
                                                  .free_slots = local_free_slots,
                                                  .start = local_start,
                                                  .poll = local_poll,
                                                  .answer = local_answer,
                                                  .stop = local_stop,
                                                  .close = local_close};

static enum core_status local_fill(struct local *local, size_t n_slots, struct core_error *err) {
  local->context.buffer = core_alloc(JOB_READ_BYTES);
  local->context.channel_buffer = core_alloc(JOB_READ_BYTES);
  local->runners = core_calloc(n_slots, sizeof *local->runners);
  if (!local->context.buffer || !local->context.channel_buffer || !local->runners)
    return core_fail_nomem(err, n_slots * sizeof *local->runners);
  for (; local->n_runners < n_slots; local->n_runners++)
    job_runner_init(&local->runners[local->n_runners], &local->context, local->n_runners);
  local->context.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (local->context.epoll_fd < 0)
    return core_fail_errno(err, CORE_IO, errno, "cannot watch processes");
  if (gethostname(local->host, sizeof local->host - 1) != 0) local->host[0] = '\0';
  return CORE_OK;
}

enum core_status job_executor_local_open(size_t n_slots, const struct core_clock *clock,
                                         struct core_log *log, struct job_executor **out,
                                         struct core_error *err) {
  *out = NULL;
  struct local *local = core_calloc(1, sizeof *local);
  if (!local) return core_fail_nomem(err, sizeof *local);
  local->base.ops = &local_ops;
  local->context = (struct job_runner_context){
      .clock = clock, .log = log, .queue = &local->queue, .epoll_fd = -1, .host = local->host};
  const enum core_status st = local_fill(local, n_slots, err);
  if (st != CORE_OK) {
    local_close(&local->base, false);
    return st;
  }
  *out = &local->base;
  return CORE_OK;
}
