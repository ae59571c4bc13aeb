/* SPDX-License-Identifier: GPL-3.0-or-later
 * One slot of a machine: the process of the trial that runs in it, from start to verdict. Never blocks.
 *
 * A command is a process of its own. An in-process objective runs in a resident process (jobs/trial/slot.h) that serves one
 * trial after the other and is replaced when it dies. Both speak the protocol of jobs/trial/protocol.h. */
#pragma once
#include "core/subprocess.h"
#include "jobs/executor/queue.h"
#include "jobs/trial/ending.h"
#include "jobs/trial/lines.h"
#include "jobs/trial/patterns.h"
#include "jobs/trial/printed.h"
#include "jobs/trial/protocol.h"

#define JOB_ANSWER_BYTES (1024 * 1024) /* answers that a trial does not read are kept up to this */
#define JOB_READ_BYTES   65536
#define JOB_DRAIN_BYTES  (8 * 1024 * 1024) /* read of each stream after the process has ended */

/* What all slots of an executor share; borrowed. */
struct job_runner_context {
  const struct core_clock *clock;
  struct core_log *log;
  struct job_queue *queue;
  int epoll_fd;
  const char *host;
  char *buffer;         /* JOB_READ_BYTES, for what streams bring */
  char *channel_buffer; /* JOB_READ_BYTES: streams are read while its lines are looked at */
  bool failed;          /* out of memory: events may be missing */
};

/* Which descriptor of a slot became ready: epoll's data.u64 is index * JOB_READY_KINDS + kind. */
enum job_ready { JOB_READY_OUT, JOB_READY_ERR, JOB_READY_CHANNEL, JOB_READY_EXIT, JOB_READY_KINDS };

struct job_runner {
  struct job_runner_context *context;
  size_t index;
  /* The process. */
  struct core_child child;
  bool alive;
  bool signalled;          /* we have sent it SIGTERM or SIGKILL */
  struct core_str program; /* "LIBRARY\nFUNCTION" of a resident process; empty: a command's */
  struct core_str unsent;  /* to the channel */
  /* The trial. */
  bool busy;
  struct core_arena arena; /* what is kept of job_start, values, messages */
  uint64_t number;
  enum job_report_from report_from;
  double timeout_s;
  const char *const *metrics;
  size_t n_objectives;
  double *values;
  bool *given; /* by a result */
  bool *seen;  /* by a printed line; does not go before a result */
  struct job_patterns *patterns;
  struct job_lines out, err, channel;
  struct job_printed printed;
  size_t n_reports, attr_bytes, n_waiting; /* n_waiting: reports not answered yet */
  int64_t last_step;
  enum job_why why;
  const char *fault;
  const char *other;                   /* the first thing a result named that is no objective */
  double timeout_at, term_at, kill_at; /* on the monotonic clock; INFINITY: not set */
};

void job_runner_init(struct job_runner *runner, struct job_runner_context *context, size_t index);
/* Needs an idle slot. What keeps the trial from starting becomes an ENDED event. */
enum core_status job_runner_start(struct job_runner *runner, const struct job_start *start,
                                  struct core_error *err) CORE_MUST_CHECK;
/* A descriptor of the slot is ready. */
void job_runner_ready(struct job_runner *runner, enum job_ready which);
/* The next moment at which job_runner_tick has something to do. */
double job_runner_deadline(const struct job_runner *runner);
void job_runner_tick(struct job_runner *runner, double now_s);
void job_runner_answer(struct job_runner *runner, bool prune);
void job_runner_stop(struct job_runner *runner);
void job_runner_close(struct job_runner *runner);

/* Between runner_start.c and runner.c: the trial cannot start; bytes to the process, without waiting; its end. */
void job_runner_refuse(struct job_runner *runner, const char *fault);
void job_runner_send(struct job_runner *runner, const char *bytes, size_t len);
void job_runner_close_process(struct job_runner *runner);
