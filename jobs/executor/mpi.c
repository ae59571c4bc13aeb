/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trials on worker ranks: rank 0's side. Every other rank is one slot. It never waits for a rank: one that has been
 * silent for too long is lost, its trial ends so, and nothing is sent to it or taken from it again, even if it comes
 * back (its trial may be running elsewhere by then). */
#include <math.h>
#include <stdio.h>

#include "core/comm/comm.h"
#include "core/machine.h"
#include "jobs/executor/message.h"
#include "jobs/executor/queue.h"
#include "jobs/executor/ranks.h"

static const double look_every_s = 0.5;
/* Longer than a poll's wait by far: nobody was listening (a suspended job, a stopped process), so nobody was silent. */
static const double deaf_s = 5;
static const double poll_slice_s = 0.5;

struct slot {
  bool alive;
  bool greeted; /* said HELLO: it may be given a trial */
  bool busy;
  bool stopping;
  uint64_t number; /* of its trial, while busy */
  double heard_s;
  uint64_t uncredited; /* events taken since the last CREDIT */
  pid_t pid;           /* of a worker on our own machine: its death shows at once; 0: elsewhere */
  char host[256];
};

struct mpi {
  struct job_executor base;
  struct core_comm *comm;
  const struct core_clock *clock;
  struct core_log *log;
  struct slot *slots; /* by rank; slots[0] is not used */
  int n_ranks;
  bool any_lost;
  double polled_s; /* when we last listened */
  double beat_s;   /* when we last told that we live */
  double looked_s; /* when we last looked for the lost */
  char machine[CORE_MACHINE_BYTES];
  struct job_queue queue;
  struct core_message message;
  struct core_str bytes;
};

static double now_s(const struct mpi *mpi) {
  return mpi->clock->monotonic_s(mpi->clock);
}

static size_t mpi_slots(const struct job_executor *executor) {
  const struct mpi *mpi = (const struct mpi *)executor;
  size_t n = 0;
  for (int rank = 1; rank < mpi->n_ranks; rank++) n += mpi->slots[rank].alive;
  return n;
}

static bool is_free(const struct slot *slot) {
  return slot->alive && slot->greeted && !slot->busy;
}

static size_t mpi_free_slots(const struct job_executor *executor) {
  const struct mpi *mpi = (const struct mpi *)executor;
  size_t n = 0;
  for (int rank = 1; rank < mpi->n_ranks; rank++) n += is_free(&mpi->slots[rank]);
  return n;
}

/* Sends mpi->bytes, which the caller has just written. */
static enum core_status send_bytes(struct mpi *mpi, int rank, enum job_message_kind kind,
                                   struct core_error *err) {
  CORE_TRY(core_str_status(&mpi->bytes, err));
  const enum core_status status =
      mpi->comm->ops->send(mpi->comm, rank, (int)kind, mpi->bytes.data, mpi->bytes.len, err);
  core_str_clear(&mpi->bytes);
  return status;
}

static enum core_status add_lost(struct mpi *mpi, const struct slot *slot, const char *message,
                                 struct core_error *err) {
  struct job_event *event = job_queue_add(&mpi->queue);
  const char *host = core_arena_strdup(job_queue_arena(&mpi->queue), slot->host);
  const char *kept = core_arena_strdup(job_queue_arena(&mpi->queue), message);
  if (!event || !host || !kept) return core_fail_nomem(err, sizeof *event);
  event->kind = JOB_EVENT_ENDED;
  event->number = slot->number;
  event->unix_s = mpi->clock->unix_s(mpi->clock);
  event->outcome = HPO_OUTCOME_LOST;
  event->message = kept;
  event->host = host;
  return CORE_OK;
}

/* `why` ends the sentence "worker rank 3 on node7 ". */
static enum core_status lose(struct mpi *mpi, int rank, const char *why, struct core_error *err) {
  struct slot *slot = &mpi->slots[rank];
  char message[512];
  snprintf(message, sizeof message, "worker rank %d on %s %s", rank, slot->host, why);
  core_log_warn(mpi->log, "%s; the sweep goes on without it", message);
  slot->alive = false;
  mpi->any_lost = true;
  mpi->comm->ops->forget(mpi->comm, rank);
  if (!slot->busy) return CORE_OK;
  slot->busy = false;
  return add_lost(mpi, slot, message, err);
}

static enum core_status look_for_lost(struct mpi *mpi, struct core_error *err) {
  const double now = now_s(mpi);
  if (now - mpi->looked_s < look_every_s) return CORE_OK;
  mpi->looked_s = now;
  for (int rank = 1; rank < mpi->n_ranks; rank++) {
    const struct slot *slot = &mpi->slots[rank];
    const double silent_s = now - slot->heard_s;
    const double patience_s =
        slot->stopping ? JOB_RANKS_STOPPING_SILENCE_S : JOB_RANKS_WORKER_SILENCE_S;
    char why[64];
    snprintf(why, sizeof why, "has not been heard for %.0f s", silent_s);
    if (!slot->alive) continue;
    if (slot->pid > 0 && !core_machine_has_process(slot->pid)) {
      CORE_TRY(lose(mpi, rank, "has died", err));
    } else if (silent_s > patience_s) {
      CORE_TRY(lose(mpi, rank, why, err));
    }
  }
  return CORE_OK;
}

static void excuse_silence(struct mpi *mpi) {
  const double now = now_s(mpi);
  const double gap = now - mpi->polled_s;
  for (int rank = 1; gap > deaf_s && rank < mpi->n_ranks; rank++)
    mpi->slots[rank].heard_s = fmin(mpi->slots[rank].heard_s + gap, now);
  mpi->polled_s = now;
}

static enum core_status mpi_start(struct job_executor *executor, const struct job_start *start,
                                  struct core_error *err) {
  struct mpi *mpi = (struct mpi *)executor;
  for (int rank = 1; rank < mpi->n_ranks; rank++) {
    struct slot *slot = &mpi->slots[rank];
    if (!is_free(slot)) continue;
    job_message_write_start(start, &mpi->bytes);
    CORE_TRY(send_bytes(mpi, rank, JOB_MESSAGE_START, err));
    slot->busy = true;
    slot->stopping = false;
    slot->number = start->number;
    return CORE_OK;
  }
  return core_fail(err, CORE_BUSY, "no slot is free for trial %llu",
                   (unsigned long long)start->number);
}

/* The rank that runs the trial, or 0: it has ended, or its rank is lost. */
static int rank_of(const struct mpi *mpi, uint64_t number) {
  for (int rank = 1; rank < mpi->n_ranks; rank++) {
    const struct slot *slot = &mpi->slots[rank];
    if (slot->alive && slot->busy && slot->number == number) return rank;
  }
  return 0;
}

/* An order that cannot be sent shows itself again: the next receive fails, or the rank stays silent. */
static void send_order(struct mpi *mpi, int rank, enum job_message_kind kind) {
  struct core_error err = {0};
  if (send_bytes(mpi, rank, kind, &err) != CORE_OK) core_log_failure(mpi->log, &err);
}

static void mpi_answer(struct job_executor *executor, uint64_t number, bool prune) {
  struct mpi *mpi = (struct mpi *)executor;
  const int rank = rank_of(mpi, number);
  if (rank == 0) return;
  job_message_write_answer(&(struct job_answer){.number = number, .prune = prune}, &mpi->bytes);
  send_order(mpi, rank, JOB_MESSAGE_ANSWER);
}

static void mpi_stop(struct job_executor *executor, uint64_t number) {
  struct mpi *mpi = (struct mpi *)executor;
  const int rank = rank_of(mpi, number);
  if (rank == 0) return;
  mpi->slots[rank].stopping = true;
  job_message_write_stop(&(struct job_stop){.number = number}, &mpi->bytes);
  send_order(mpi, rank, JOB_MESSAGE_STOP);
}

static enum core_status on_hello(struct mpi *mpi, struct slot *slot, struct core_slice bytes,
                                 struct core_error *err) {
  struct job_hello hello;
  CORE_TRY(job_message_read_hello(bytes, job_queue_arena(&mpi->queue), &hello, err));
  snprintf(slot->host, sizeof slot->host, "%s", hello.host);
  const bool neighbour = mpi->machine[0] && core_streq(hello.machine, mpi->machine);
  slot->pid = neighbour && hello.pid > 0 && hello.pid <= INT32_MAX ? (pid_t)hello.pid : 0;
  slot->greeted = true;
  return CORE_OK;
}

/* Tells the worker, now and then, that its events were taken: it holds back when too many are on their way. */
static enum core_status credit(struct mpi *mpi, int rank, struct core_error *err) {
  struct slot *slot = &mpi->slots[rank];
  if (++slot->uncredited < JOB_RANKS_EVENTS_AHEAD / 2) return CORE_OK;
  job_message_write_credit(&(struct job_credit){.n_events = slot->uncredited}, &mpi->bytes);
  slot->uncredited = 0;
  return send_bytes(mpi, rank, JOB_MESSAGE_CREDIT, err);
}

static enum core_status on_event(struct mpi *mpi, int rank, struct core_slice bytes,
                                 struct core_error *err) {
  struct slot *slot = &mpi->slots[rank];
  struct job_event event;
  CORE_TRY(job_message_read_event(bytes, job_queue_arena(&mpi->queue), &event, err));
  if (!slot->busy || event.number != slot->number) {
    return core_fail(err, CORE_PARSE, "worker rank %d speaks of trial %llu, which it was not given",
                     rank, (unsigned long long)event.number);
  }
  event.unix_s = mpi->clock->unix_s(mpi->clock);
  struct job_event *queued = job_queue_add(&mpi->queue);
  if (!queued) return core_fail_nomem(err, sizeof *queued);
  *queued = event;
  slot->busy = event.kind != JOB_EVENT_ENDED;
  return credit(mpi, rank, err);
}

/* A rank that talks nonsense is as good as lost; only our own failures (memory, MPI) end the sweep. */
static enum core_status on_message(struct mpi *mpi, struct core_error *err) {
  const int rank = mpi->message.source;
  struct slot *slot = &mpi->slots[rank];
  if (rank == 0 || !slot->alive) return CORE_OK;
  slot->heard_s = now_s(mpi);
  const struct core_slice bytes = {core_str_text(&mpi->message.bytes), mpi->message.bytes.len};
  struct core_error why = {0};
  enum core_status status = CORE_OK;
  if (mpi->message.tag == JOB_MESSAGE_HELLO) status = on_hello(mpi, slot, bytes, &why);
  if (mpi->message.tag == JOB_MESSAGE_EVENT) status = on_event(mpi, rank, bytes, &why);
  if (status == CORE_PARSE) {
    core_log_failure(mpi->log, &why);
    return lose(mpi, rank, "does not keep to the protocol", err);
  }
  if (status != CORE_OK && err) *err = why;
  return status;
}

/* Everything that has arrived, up to a bound that keeps the driver's turn short. */
static enum core_status take_arrived(struct mpi *mpi, struct core_error *err) {
  enum { MESSAGES_A_TURN = 1024 };
  for (int i = 0; i < MESSAGES_A_TURN; i++) {
    bool got = false;
    CORE_TRY(mpi->comm->ops->receive(mpi->comm, &mpi->message, &got, err));
    if (!got) return CORE_OK;
    CORE_TRY(on_message(mpi, err));
  }
  return CORE_OK;
}

static enum core_status beat(struct mpi *mpi, struct core_error *err) {
  if (now_s(mpi) - mpi->beat_s < JOB_RANKS_DRIVER_BEAT_S) return CORE_OK;
  mpi->beat_s = now_s(mpi);
  for (int rank = 1; rank < mpi->n_ranks; rank++) {
    if (mpi->slots[rank].alive)
      CORE_TRY(mpi->comm->ops->send(mpi->comm, rank, JOB_MESSAGE_BEAT, "", 0, err));
  }
  return CORE_OK;
}

/* One look and, where nothing came, a wait of at most slice_s; *woken: a descriptor ended it. */
static enum core_status listen(struct mpi *mpi, double slice_s, const int *wake_fds,
                               size_t n_wake_fds, bool *woken, struct core_error *err) {
  const double until = now_s(mpi) + slice_s;
  bool got = false;
  CORE_TRY(core_comm_wait(mpi->comm, mpi->clock, slice_s, wake_fds, n_wake_fds, &mpi->message, &got,
                          err));
  *woken = !got && now_s(mpi) < until;
  if (got) CORE_TRY(on_message(mpi, err));
  CORE_TRY(take_arrived(mpi, err));
  excuse_silence(mpi);
  CORE_TRY(look_for_lost(mpi, err));
  return beat(mpi, err);
}

static enum core_status mpi_poll(struct job_executor *executor, double timeout_s,
                                 const int *wake_fds, size_t n_wake_fds, struct job_event *events,
                                 size_t cap, size_t *n, struct core_error *err) {
  struct mpi *mpi = (struct mpi *)executor;
  const double deadline = now_s(mpi) + timeout_s;
  bool woken = false;
  bool first = true;
  while (job_queue_empty(&mpi->queue) && !woken) {
    const double left_s = deadline - now_s(mpi);
    if (left_s <= 0 && !first) break;
    first = false;
    const size_t free_before = mpi_free_slots(executor);
    CORE_TRY(listen(mpi, fmax(0, fmin(left_s, poll_slice_s)), wake_fds, n_wake_fds, &woken, err));
    if (mpi_free_slots(executor) != free_before || mpi_slots(executor) == 0) break; /* news too */
  }
  *n = job_queue_take(&mpi->queue, events, cap);
  return CORE_OK;
}

static void mpi_close(struct job_executor *executor, bool clean) {
  if (!executor) return;
  struct mpi *mpi = (struct mpi *)executor;
  for (int rank = 1; rank < mpi->n_ranks; rank++) {
    if (!mpi->slots[rank].alive) continue;
    job_message_write_leave(&(struct job_leave){.clean = clean && !mpi->any_lost}, &mpi->bytes);
    send_order(mpi, rank, JOB_MESSAGE_LEAVE);
  }
  core_str_close(&mpi->message.bytes);
  core_str_close(&mpi->bytes);
  job_queue_close(&mpi->queue);
  core_free(mpi->slots);
  core_free(mpi);
}

static const struct job_executor_ops mpi_ops = {
    .name = "mpi",
    .slots = mpi_slots,
    .free_slots = mpi_free_slots,
    .start = mpi_start,
    .poll = mpi_poll,
    .answer = mpi_answer,
    .stop = mpi_stop,
    .close = mpi_close,
};

enum core_status job_executor_mpi_open(struct core_comm *comm, const struct core_clock *clock,
                                       struct core_log *log, struct job_executor **out,
                                       struct core_error *err) {
  const int n_ranks = comm->ops->size(comm);
  struct mpi *mpi = core_calloc(1, sizeof *mpi);
  struct slot *slots = core_calloc((size_t)n_ranks, sizeof *slots);
  if (!mpi || !slots) {
    core_free(slots);
    core_free(mpi);
    return core_fail_nomem(err, (unsigned long long)n_ranks * sizeof *slots);
  }
  *mpi = (struct mpi){.base = {.ops = &mpi_ops},
                      .comm = comm,
                      .clock = clock,
                      .log = log,
                      .slots = slots,
                      .n_ranks = n_ranks};
  mpi->polled_s = now_s(mpi);
  mpi->beat_s = mpi->looked_s = -INFINITY;
  core_machine_id(mpi->machine);
  for (int rank = 1; rank < n_ranks; rank++) {
    slots[rank].alive = true;
    slots[rank].heard_s = mpi->polled_s;
    snprintf(slots[rank].host, sizeof slots[rank].host, "an unknown host");
  }
  *out = &mpi->base;
  return CORE_OK;
}
