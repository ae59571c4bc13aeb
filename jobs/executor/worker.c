/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trials on worker ranks: the worker's side. Each trial runs through a local executor of one slot; this file only
 * carries its events to rank 0 and rank 0's orders to it. It decides nothing: signals that mpirun forwards to all ranks
 * are rank 0's to act on. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "core/comm/comm.h"
#include "core/machine.h"
#include "jobs/executor/message.h"
#include "jobs/executor/ranks.h"

static const double nap_s = 0.001; /* as core_comm_wait's: messages give no descriptor to wait on */
static const double deaf_s = 5;    /* see mpi.c */

struct worker {
  struct core_comm *comm;
  const struct core_clock *clock;
  struct core_log *log;
  struct job_executor *local;
  struct core_arena arena; /* of one message */
  struct core_message message;
  struct core_str bytes;
  bool busy;
  bool leaving;
  uint64_t n_ahead; /* events that rank 0 has not yet taken */
  bool heard;       /* anything from rank 0: from then on it speaks regularly */
  double heard_s, spoke_s, listened_s;
};

static double now_s(const struct worker *worker) {
  return worker->clock->monotonic_s(worker->clock);
}

static enum core_status say(struct worker *worker, enum job_message_kind kind,
                            struct core_error *err) {
  CORE_TRY(core_str_status(&worker->bytes, err));
  worker->spoke_s = now_s(worker);
  const enum core_status status = worker->comm->ops->send(
      worker->comm, 0, (int)kind, worker->bytes.data, worker->bytes.len, err);
  core_str_clear(&worker->bytes);
  return status;
}

static enum core_status say_hello(struct worker *worker, struct core_error *err) {
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0 || !host[0])
    snprintf(host, sizeof host, "an unnamed host");
  char machine[CORE_MACHINE_BYTES];
  core_machine_id(machine);
  const struct job_hello hello = {.host = host, .machine = machine, .pid = getpid()};
  job_message_write_hello(&hello, &worker->bytes);
  return say(worker, JOB_MESSAGE_HELLO, err);
}

/* What each order does; `bytes` is its message. */
static enum core_status on_start(struct worker *worker, struct core_slice bytes,
                                 struct core_error *err) {
  struct job_start start;
  CORE_TRY(job_message_read_start(bytes, &worker->arena, &start, err));
  struct core_error why = {0};
  worker->busy = worker->local->ops->start(worker->local, &start, &why) == CORE_OK;
  if (worker->busy) return CORE_OK;
  core_log_failure(worker->log, &why);
  const struct job_event event = {.kind = JOB_EVENT_ENDED,
                                  .number = start.number,
                                  .outcome = HPO_OUTCOME_START,
                                  .message = why.message};
  job_message_write_event(&event, &worker->bytes);
  worker->n_ahead++;
  return say(worker, JOB_MESSAGE_EVENT, err);
}

static enum core_status on_answer(struct worker *worker, struct core_slice bytes,
                                  struct core_error *err) {
  struct job_answer answer;
  CORE_TRY(job_message_read_answer(bytes, &worker->arena, &answer, err));
  worker->local->ops->answer(worker->local, answer.number, answer.prune);
  return CORE_OK;
}

static enum core_status on_stop(struct worker *worker, struct core_slice bytes,
                                struct core_error *err) {
  struct job_stop stop;
  CORE_TRY(job_message_read_stop(bytes, &worker->arena, &stop, err));
  worker->local->ops->stop(worker->local, stop.number);
  return CORE_OK;
}

static enum core_status on_credit(struct worker *worker, struct core_slice bytes,
                                  struct core_error *err) {
  struct job_credit credit;
  CORE_TRY(job_message_read_credit(bytes, &worker->arena, &credit, err));
  worker->n_ahead -= credit.n_events < worker->n_ahead ? credit.n_events : worker->n_ahead;
  return CORE_OK;
}

static enum core_status on_leave(struct worker *worker, struct core_slice bytes,
                                 struct core_error *err) {
  struct job_leave leave;
  CORE_TRY(job_message_read_leave(bytes, &worker->arena, &leave, err));
  worker->leaving = true;
  if (!leave.clean) worker->comm->ops->forget(worker->comm, 0);
  return CORE_OK;
}

static const struct {
  enum job_message_kind kind;
  enum core_status (*act)(struct worker *worker, struct core_slice bytes, struct core_error *err);
} orders[] = {
    {JOB_MESSAGE_START, on_start},   {JOB_MESSAGE_ANSWER, on_answer}, {JOB_MESSAGE_STOP, on_stop},
    {JOB_MESSAGE_CREDIT, on_credit}, {JOB_MESSAGE_LEAVE, on_leave},
};

static enum core_status on_message(struct worker *worker, struct core_error *err) {
  const struct core_slice bytes = {core_str_text(&worker->message.bytes),
                                   worker->message.bytes.len};
  worker->heard = true;
  worker->heard_s = now_s(worker);
  core_arena_reset(&worker->arena);
  for (size_t i = 0; i < CORE_COUNT_OF(orders); i++) {
    if ((int)orders[i].kind == worker->message.tag) return orders[i].act(worker, bytes, err);
  }
  return CORE_OK; /* a beat */
}

static enum core_status take_orders(struct worker *worker, double wait_s, struct core_error *err) {
  bool got = false;
  CORE_TRY(
      core_comm_wait(worker->comm, worker->clock, wait_s, NULL, 0, &worker->message, &got, err));
  while (got && !worker->leaving) {
    CORE_TRY(on_message(worker, err));
    CORE_TRY(worker->comm->ops->receive(worker->comm, &worker->message, &got, err));
  }
  return CORE_OK;
}

/* At most what rank 0 has room for; at least one, for n_ahead is below the bound here. */
static enum core_status pass_events(struct worker *worker, struct core_error *err) {
  enum { EVENTS_A_TURN = 64 };
  struct job_event events[EVENTS_A_TURN];
  const uint64_t room = JOB_RANKS_EVENTS_AHEAD - worker->n_ahead;
  size_t n = 0;
  CORE_TRY(worker->local->ops->poll(worker->local, nap_s, NULL, 0, events,
                                    room < EVENTS_A_TURN ? (size_t)room : EVENTS_A_TURN, &n, err));
  for (size_t i = 0; i < n; i++) {
    job_message_write_event(&events[i], &worker->bytes);
    CORE_TRY(say(worker, JOB_MESSAGE_EVENT, err));
    worker->n_ahead++;
    if (events[i].kind == JOB_EVENT_ENDED) worker->busy = false;
  }
  return CORE_OK;
}

static enum core_status stay_in_touch(struct worker *worker, struct core_error *err) {
  const double now = now_s(worker);
  if (now - worker->listened_s > deaf_s)
    worker->heard_s = fmin(worker->heard_s + now - worker->listened_s, now);
  worker->listened_s = now;
  if (worker->heard && now - worker->heard_s > JOB_RANKS_DRIVER_SILENCE_S) {
    worker->comm->ops->forget(worker->comm, 0);
    return core_fail(err, CORE_IO, "worker rank %d leaves: rank 0 has not been heard for %.0f s",
                     worker->comm->ops->rank(worker->comm), now - worker->heard_s);
  }
  return now - worker->spoke_s < JOB_RANKS_WORKER_BEAT_S ? CORE_OK
                                                         : say(worker, JOB_MESSAGE_BEAT, err);
}

static enum core_status serve(struct worker *worker, struct core_error *err) {
  CORE_TRY(say_hello(worker, err));
  while (!worker->leaving) {
    const bool watches = worker->busy && worker->n_ahead < JOB_RANKS_EVENTS_AHEAD;
    if (watches) CORE_TRY(pass_events(worker, err)); /* waits itself */
    const double wait_s = watches ? 0 : worker->busy ? nap_s : JOB_RANKS_WORKER_BEAT_S / 2;
    CORE_TRY(take_orders(worker, wait_s, err));
    CORE_TRY(stay_in_touch(worker, err));
  }
  return CORE_OK;
}

enum core_status job_worker_serve(struct core_comm *comm, const struct core_clock *clock,
                                  struct core_log *log, struct core_error *err) {
  struct worker worker = {.comm = comm, .clock = clock, .log = log};
  worker.heard_s = worker.spoke_s = worker.listened_s = now_s(&worker);
  enum core_status status = job_executor_local_open(1, clock, log, &worker.local, err);
  if (status == CORE_OK) status = serve(&worker, err);
  if (worker.local) worker.local->ops->close(worker.local, status == CORE_OK);
  core_str_close(&worker.message.bytes);
  core_str_close(&worker.bytes);
  core_arena_close(&worker.arena);
  return status;
}
