/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of an executor: has slots, runs one trial in each, gives events back. The driver is its only user.
 * local: processes on this machine. mpi: the same, on worker ranks. */
#pragma once
#include "core/clock.h"
#include "core/log.h"
#include "core/status.h"
#include "hpo/trial.h"
#include "jobs/spec.h"

/* All that is needed to run one trial; self-contained, so that it can be sent to a rank that has not read the study
 * file. Strings are borrowed for the call. */
struct job_start {
  uint64_t number;
  int attempt;
  uint64_t seed;
  const char *study;
  const char *params_json; /* {"lr": 0.1} */
  const char *const *argv; /* placeholders already replaced; NULL with a library */
  const char *const *env;  /* NAME=VALUE, NULL-terminated */
  const char *workdir;     /* absolute; made when missing */
  const char *log; /* absolute path, its folder is made; NULL: none; a further attempt appends */
  const char *library, *function; /* in-process objective */
  const char *const
      *param_names; /* existing parameters, for the library form; parallel to param_values */
  const double *param_values; /* numbers as themselves, categoricals as choice index */
  size_t n_params;
  const char *const *metrics; /* objective names, n_objectives */
  size_t n_objectives;
  enum job_report_from report_from;
  const char *report_pattern;
  double timeout_s;
};

enum job_event_kind {
  JOB_EVENT_REPORT, /* an intermediate value */
  JOB_EVENT_ATTR,   /* a user attribute */
  JOB_EVENT_ENDED   /* the trial has ended and its slot is free (or gone: LOST) */
};
struct job_event {
  enum job_event_kind kind;
  uint64_t number;
  double unix_s; /* when it happened, on the driver's clock */
  struct hpo_report report;
  bool wants_answer;        /* the trial waits for {"prune": ...} */
  const char *key, *json;   /* ATTR */
  enum hpo_outcome outcome; /* ENDED */
  bool has_values;          /* ENDED: values[n_objectives] were given */
  const double *values;
  size_t n_values;
  const char *message; /* ENDED: a sentence and the last lines of stderr; never NULL */
  const char *host;    /* ENDED: where it ran */
  int wait_status;     /* ENDED: as waitpid gives it, 0 for a library */
};

struct job_executor;
struct job_executor_ops {
  const char *name;
  size_t (*slots)(const struct job_executor *executor); /* all that are alive */
  size_t (*free_slots)(const struct job_executor *executor);
  /* Needs a free slot. A command that cannot be started comes back as an ENDED event (outcome START), not as a status. */
  enum core_status (*start)(struct job_executor *executor, const struct job_start *start,
                            struct core_error *err);
  /* Waits up to timeout_s (returns early when one of wake_fds becomes readable) and gives up to `cap` events. Their
   * pointers live until the next poll. */
  enum core_status (*poll)(struct job_executor *executor, double timeout_s, const int *wake_fds,
                           size_t n_wake_fds, struct job_event *events, size_t cap, size_t *n,
                           struct core_error *err);
  /* Answers a report that waits; prune also ends trials that do not ask: they get SIGTERM, then SIGKILL after
   * JOB_KILL_GRACE_S. An ENDED event follows. */
  void (*answer)(struct job_executor *executor, uint64_t number, bool prune);
  /* Ends a trial (the sweep stops): SIGTERM, then SIGKILL. An ENDED event follows: STOPPED, or OK for a trial that had
   * given its result and exits 0. */
  void (*stop)(struct job_executor *executor, uint64_t number);
  void (*close)(struct job_executor *executor, bool clean);
};
struct job_executor {
  const struct job_executor_ops *ops;
};
#define JOB_KILL_GRACE_S 5.0

/* n_slots local processes. `clock` and `log` are borrowed. */
enum core_status job_executor_local_open(size_t n_slots, const struct core_clock *clock,
                                         struct core_log *log, struct job_executor **out,
                                         struct core_error *err) CORE_MUST_CHECK;
struct core_comm;
/* Rank 0's side: every other rank is one slot. `comm` is borrowed. */
enum core_status job_executor_mpi_open(struct core_comm *comm, const struct core_clock *clock,
                                       struct core_log *log, struct job_executor **out,
                                       struct core_error *err) CORE_MUST_CHECK;
/* The other ranks' side: serves trials until rank 0 says that the sweep is over. */
enum core_status job_worker_serve(struct core_comm *comm, const struct core_clock *clock,
                                  struct core_log *log, struct core_error *err) CORE_MUST_CHECK;
