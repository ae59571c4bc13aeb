/* SPDX-License-Identifier: GPL-3.0-or-later
 * The driver: the one event loop of a sweep.
 *
 *   gate -> suggestion (asker) -> CREATE -> store -> start (executor) -> reports, ends -> store ->
 * study -> prune or go on
 *
 * What happened between two looks is one batch, one transaction of the store; nothing is answered,
 * started or shown before it is stored. Suggestions and gate checks run on threads of their own, so
 * neither delays a report. */
#pragma once
#include "core/clock.h"
#include "core/log.h"
#include "core/progress.h"
#include "hpo/store/store.h"
#include "hpo/study.h"
#include "jobs/executor/executor.h"
#include "jobs/spec.h"
#include "jobs/sweep/gate.h"

/* All borrowed. */
struct job_driver_setup {
  const struct job_spec
      *spec; /* with the stored seed, and the command line's overrides already in it */
  struct hpo_store *store;
  struct job_executor *executor;
  struct job_gate *gate; /* checked */
  const struct core_clock *clock;
  struct core_log *log;
  struct core_progress *progress; /* may be NULL */
  int signal_fd;                  /* jobs/sweep/signals.h; -1: none */
};

enum job_sweep_end {
  JOB_SWEEP_DONE,      /* as many trials as asked for have ended */
  JOB_SWEEP_EXHAUSTED, /* the sampler has nothing left to suggest */
  JOB_SWEEP_TIMEOUT,
  JOB_SWEEP_SIGNAL,
  JOB_SWEEP_GATE,      /* the gate closed */
  JOB_SWEEP_NO_WORKERS /* every slot was lost */
};

struct job_sweep {
  enum job_sweep_end end;
  int signal_number;            /* JOB_SWEEP_SIGNAL */
  struct hpo_counts counts;     /* of the whole study, earlier runs included */
  uint64_t n_ended_now;         /* trials that ended in this run */
  double seconds;               /* of this run */
  enum core_status gate_status; /* JOB_SWEEP_GATE: CORE_OK when the data failed; otherwise why it
                                   could not be read */
  struct core_str text;         /* the summary for people */
};

/* Runs until the sweep ends, one way or another. A status means that the sweep could not go on (the
 * store cannot be written, out of memory): what was stored stays stored. Close the sweep in any
 * case. */
enum core_status job_driver_run(const struct job_driver_setup *setup, struct job_sweep *sweep,
                                struct core_error *err) CORE_MUST_CHECK;
void job_sweep_close(struct job_sweep *sweep);
