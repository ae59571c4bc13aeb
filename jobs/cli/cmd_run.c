/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate run`: a sweep, on local slots, or over the ranks that mpirun or srun started. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/comm/comm.h"
#include "jobs/cli/command.h"
#include "jobs/sweep/driver.h"
#include "jobs/sweep/holder.h"
#include "jobs/sweep/signals.h"

#define STORE_RETRY_S    1  /* between looks at a store that somebody else drives */
#define PLAIN_PROGRESS_S 10 /* without a terminal: a line every so many seconds */

static const struct core_option run_options[] = {
    {.name = "jobs",
     .letter = 'j',
     .type = CORE_OPT_INT,
     .min = 1,
     .max = 4096,
     .unit = "N",
     .help = "local slots, trials that run at the same time (default: the study's `parallel`)"},
    {.name = "trials",
     .type = CORE_OPT_INT,
     .min = 1,
     .max = 1e12,
     .unit = "N",
     .help = "trials to reach, earlier runs included (default: the study's `trials`)"},
    {.name = "timeout",
     .type = CORE_OPT_DURATION,
     .unit = "TIME",
     .help = "end the sweep after this time; unfinished trials are kept for the next run"},
    {.name = "seed",
     .type = CORE_OPT_INT,
     .min = 0,
     .max = 9007199254740992.0,
     .unit = "N",
     .help = "seed of a new study (a stored study keeps its own)"},
    {.name = "wait",
     .type = CORE_OPT_DURATION,
     .fallback = "0",
     .unit = "TIME",
     .help = "wait this long for another driver of the study to end (on a network file system one "
             "that was killed "
             "on another host is held for alive for a minute)"},
    {.name = "quiet",
     .letter = 'q',
     .type = CORE_OPT_FLAG,
     .help = "warnings and errors only, no progress"},
    CORE_OPTION_END};

/* All that a run holds; closed in reverse. */
struct run {
  struct job_spec spec;
  struct core_log *log;
  struct core_comm *comm; /* NULL: not under MPI */
  struct job_executor *executor;
  struct job_gate *gate;
  struct hpo_store *store;
  struct core_progress *progress;
  int signal_fd;
  bool clean; /* the executor may part from its workers in peace */
};

static void apply_overrides(struct hpo_spec *spec, const struct core_options *options) {
  if (core_option_given(options, "trials")) spec->trials = core_option_int(options, "trials");
  if (core_option_given(options, "timeout"))
    spec->timeout_s = core_option_double(options, "timeout");
  if (core_option_given(options, "jobs")) spec->parallel = core_option_int(options, "jobs");
  if (core_option_given(options, "seed")) {
    spec->seed = (uint64_t)core_option_int(options, "seed");
    spec->seed_given = true;
  }
}

static enum core_status open_executor(struct run *run, struct core_error *err) {
  if (run->comm && run->comm->ops->size(run->comm) > 1)
    return job_executor_mpi_open(run->comm, core_clock_system(), run->log, &run->executor, err);
  return job_executor_local_open((size_t)run->spec.hpo.parallel, core_clock_system(), run->log,
                                 &run->executor, err);
}

/* Takes the driver's lock; while somebody else holds it, tries again for as long as was asked for. */
static enum core_status open_store(struct run *run, double wait_s, struct core_error *err) {
  const struct core_clock *clock = core_clock_system();
  const double deadline_s = clock->monotonic_s(clock) + wait_s;
  struct hpo_spec *spec = &run->spec.hpo;
  struct hpo_holder self;
  job_holder_self(&self);
  for (bool told = false;; told = true) {
    struct core_error busy = {0};
    const enum core_status st =
        hpo_store_open(run->spec.storage, spec, &self, &run->store, &spec->seed, &busy);
    if (st == CORE_OK) return CORE_OK;
    if (st != CORE_BUSY || clock->monotonic_s(clock) >= deadline_s) {
      if (err) *err = busy;
      return st;
    }
    if (!told) core_log_info(run->log, "%s; waiting", busy.message);
    core_sleep(STORE_RETRY_S);
  }
}

/* The study file, the gate, the store: everything that can be wrong before a trial starts. */
static enum core_status open_study(struct run *run, const char *path,
                                   const struct core_options *options, struct core_error *err) {
  CORE_TRY(job_spec_open(&run->spec, path, err));
  CORE_TRY(job_spec_check(&run->spec, err));
  apply_overrides(&run->spec.hpo, options);
  CORE_TRY(job_gate_open(&run->spec, &run->gate, err));
  CORE_TRY(job_gate_check(run->gate, err));
  return open_store(run, core_option_double(options, "wait"), err);
}

static int exit_code(const struct job_sweep *sweep) {
  switch (sweep->end) {
  case JOB_SWEEP_SIGNAL:
  case JOB_SWEEP_NO_WORKERS:
    return JOB_EXIT_STOPPED;
  case JOB_SWEEP_GATE:
    return sweep->gate_status == CORE_OK ? JOB_EXIT_DATA_FAILED : JOB_EXIT_UNREADABLE;
  default:
    return sweep->counts.complete + sweep->counts.pruned > 0 ? JOB_EXIT_GOOD : JOB_EXIT_NO_TRIAL;
  }
}

static const char *end_text(enum job_sweep_end end) {
  switch (end) {
  case JOB_SWEEP_EXHAUSTED:
    return "the search space is exhausted";
  case JOB_SWEEP_TIMEOUT:
    return "stopped by its timeout; run again to go on";
  case JOB_SWEEP_SIGNAL:
    return "stopped by a signal, all is stored; run again to resume";
  case JOB_SWEEP_GATE:
    return "stopped by the gate; mend the data and run again";
  case JOB_SWEEP_NO_WORKERS:
    return "stopped: every worker was lost, all is stored; run again to resume";
  default:
    return NULL;
  }
}

static int drive(struct run *run, bool quiet) {
  struct core_error err = {0};
  struct job_sweep sweep = {0};
  if (!quiet) run->progress = core_progress_open(STDERR_FILENO, run->log, PLAIN_PROGRESS_S);
  const struct job_driver_setup setup = {.spec = &run->spec,
                                         .store = run->store,
                                         .executor = run->executor,
                                         .gate = run->gate,
                                         .clock = core_clock_system(),
                                         .log = run->log,
                                         .progress = run->progress,
                                         .signal_fd = run->signal_fd};
  const enum core_status st = job_driver_run(&setup, &sweep, &err);
  core_progress_close(run->progress);
  run->progress = NULL;
  if (st == CORE_OK && end_text(sweep.end)) core_log_warn(run->log, "%s", end_text(sweep.end));
  fputs(core_str_text(&sweep.text), stdout);
  const int code = st == CORE_OK ? exit_code(&sweep) : job_exit_failure(&err);
  run->clean = st == CORE_OK;
  job_sweep_close(&sweep);
  return code;
}

static int run_sweep(struct run *run, const char *path, const struct core_options *options) {
  struct core_error err = {0};
  const enum core_status opened = open_study(run, path, options, &err);
  if (open_executor(run, opened == CORE_OK ? &err : NULL) != CORE_OK && opened == CORE_OK)
    return job_exit_failure(&err);
  run->clean = true; /* workers that wait are sent home even when the study is wrong */
  return opened == CORE_OK ? drive(run, core_option_flag(options, "quiet"))
                           : job_exit_failure(&err);
}

static int serve(struct run *run) {
  struct core_error err = {0};
  const enum core_status st = job_worker_serve(run->comm, core_clock_system(), run->log, &err);
  run->clean = st == CORE_OK;
  return st == CORE_OK ? JOB_EXIT_GOOD : job_exit_failure(&err);
}

static void run_close(struct run *run, int code) {
  if (run->executor) run->executor->ops->close(run->executor, run->clean);
  hpo_store_close(run->store);
  job_gate_close(run->gate);
  job_spec_close(&run->spec);
  core_log_close(run->log);
  if (run->signal_fd >= 0) close(run->signal_fd);
  fflush(stdout); /* leaving MPI may end the process */
  if (run->comm) run->comm->ops->close(run->comm, run->clean, code);
}

static int run_run(const struct core_options *options, const char *const *words, size_t n_words) {
  (void)n_words;
  struct core_error err = {0};
  struct run run = {.signal_fd = -1};
  int code;
  run.log = core_log_open(STDERR_FILENO,
                          core_option_flag(options, "quiet") ? CORE_LOG_WARN : CORE_LOG_INFO,
                          "sweepgate");
  if (job_signals_open(&run.signal_fd, &err) != CORE_OK ||
      (core_comm_launched() && core_comm_mpi_open(&run.comm, &err) != CORE_OK))
    code = job_exit_failure(&err);
  else if (run.comm && run.comm->ops->rank(run.comm) != 0)
    code = serve(&run);
  else
    code = run_sweep(&run, words[0], options);
  run_close(&run, code);
  return code;
}

const struct job_command job_command_run = {
    .name = "run",
    .synopsis = "STUDY.yaml [-j N] [--trials N] [--timeout TIME]",
    .summary = "run a sweep, or go on with one",
    .description =
        "Checks the study's data gates, then proposes points, runs trials and stores every event,\n"
        "until as many trials have ended as the study asks for. Run again after a stop, a kill or "
        "a\n"
        "crash: nothing that was stored is lost. Under mpirun or srun every rank but the first "
        "runs\n"
        "one trial at a time.\n\n"
        "SIGINT, SIGTERM, SIGHUP and SIGUSR1 end the running trials, keep them for the next run, "
        "and\n"
        "leave with exit code 75.",
    .options = run_options,
    .min_words = 1,
    .max_words = 1,
    .run = run_run,
};
