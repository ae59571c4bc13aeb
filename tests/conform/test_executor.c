/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every executor keeps the contract; alone the local one, as ranks of mpirun the one over MPI
 * (tests/mpi/test_executor.sh). */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/comm/comm.h"
#include "jobs/trial/slot.h"
#include "tests/support/executor_cases.h"
#include "tests/support/support.h"

static int open_descriptors(void) {
  int n = 0;
  DIR *folder = opendir("/proc/self/fd");
  for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) n++;
  if (folder) closedir(folder);
  return n;
}

static const char *library_path(void) {
  const char *build = getenv("SWEEPGATE_BUILD");
  static char path[4096];
  snprintf(path, sizeof path, "%s/tests/libobjective_cases.so", build ? build : "build/release");
  return path;
}

/* Slots run side by side: a trial in each, ended in the other order than started. */
static int slots_run_side_by_side(struct job_executor *ex) {
  static const char *const metrics[] = {"loss"};
  const size_t n = ex->ops->slots(ex);
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    char script[128];
    snprintf(script, sizeof script, "sleep 0.%zu; echo '{\"result\": %zu}' >&3", 9 - 2 * i, i);
    const char *const argv[] = {"bash", "-c", script, NULL};
    const struct job_start start = {.number = i,
                                    .study = "s",
                                    .params_json = "{}",
                                    .argv = argv,
                                    .metrics = metrics,
                                    .n_objectives = 1,
                                    .timeout_s = INFINITY};
    bad |= ex->ops->start(ex, &start, NULL) != CORE_OK;
  }
  bad |= ex->ops->free_slots(ex) != 0;
  size_t ended = 0;
  while (ended < n && !bad) {
    struct job_event event;
    size_t got = 0;
    bad |= ex->ops->poll(ex, 60, NULL, 0, &event, 1, &got, NULL) != CORE_OK || got != 1;
    if (bad) break;
    bad |= event.outcome != HPO_OUTCOME_OK || event.values[0] != (double)event.number;
    bad |= event.number != n - 1 - ended; /* the later ones sleep less */
    ended++;
  }
  printf("%s %s: slots run side by side\n", bad ? "FAIL" : "ok  ", ex->ops->name);
  return bad;
}

/* All that is asked of any executor. */
static int cases_bad(struct job_executor *executor) {
  return executor_cases_run(executor, library_path()) + slots_run_side_by_side(executor);
}

/* A trial while the n-th allocation and all after it fail. */
static enum core_status starved_trial(const struct job_start *start, unsigned long long n,
                                      enum hpo_outcome *outcome) {
  struct job_executor *ex = NULL;
  core_mem_fail_at(n);
  enum core_status st = job_executor_local_open(1, core_clock_system(), NULL, &ex, NULL);
  if (st == CORE_OK) st = ex->ops->start(ex, start, NULL);
  while (st == CORE_OK && *outcome == HPO_OUTCOME_NONE) {
    struct job_event event;
    size_t got = 0;
    st = ex->ops->poll(ex, 60, NULL, 0, &event, 1, &got, NULL);
    if (st == CORE_OK && got == 0) break; /* neither an error nor an end in a minute */
    if (st == CORE_OK && event.kind == JOB_EVENT_ENDED) *outcome = event.outcome;
  }
  core_mem_fail_at(0);
  if (ex) ex->ops->close(ex, false);
  return st;
}

/* With every allocation failing in its turn: an error or an ended trial, never a crash, never a
 * wait without end. */
static int failing_memory_is_told(const char *library) {
  static const char *const metrics[] = {"loss"};
  static const char script[] = "echo loss=1; echo '{\"attr\": {\"a\": 1}}' >&3; echo "
                               "'{\"result\": {\"loss\": 2, \"b\": 3}}' >&3";
  static const char *const argv[] = {"sh", "-c", script, NULL};
  struct job_start start = {.study = "s",
                            .params_json = "{}",
                            .metrics = metrics,
                            .n_objectives = 1,
                            .timeout_s = INFINITY,
                            .argv = argv,
                            .report_from = JOB_REPORT_STDOUT};
  int bad = 0;
  for (int as_library = 0; as_library < 2; as_library++) {
    enum hpo_outcome outcome = HPO_OUTCOME_NONE;
    if (as_library)
      start.library = library, start.function = "constant", start.report_from = JOB_REPORT_PROTOCOL;
    for (unsigned long long n = 1; n < 1000 && outcome != HPO_OUTCOME_OK; n++) {
      outcome = HPO_OUTCOME_NONE;
      const enum core_status st = starved_trial(&start, n, &outcome);
      if (st != CORE_NOMEM && outcome == HPO_OUTCOME_NONE)
        bad = 1, printf("  allocation %llu: %s\n", n, core_status_name(st));
    }
    bad |= outcome != HPO_OUTCOME_OK;
  }
  printf("%s local: failing memory is told\n", bad ? "FAIL" : "ok  ");
  return bad;
}

static int local_bad(void) {
  struct core_error err = {0};
  struct job_executor *executor = NULL;
  const int before = open_descriptors();
  if (job_executor_local_open(3, core_clock_system(), NULL, &executor, &err) != CORE_OK) {
    printf("FAIL local: %s\n", err.message);
    return 1;
  }
  int bad = cases_bad(executor);
  executor->ops->close(executor, true);
  bad += failing_memory_is_told(library_path());
  const int after = open_descriptors();
  printf("%s local: no descriptor is left open (%d, %d)\n", after == before ? "ok  " : "FAIL",
         before, after);
  return bad + (after != before);
}

/* Waits until every worker has spoken. */
static int workers_missing(struct job_executor *executor) {
  size_t n = 0;
  while (executor->ops->free_slots(executor) < executor->ops->slots(executor)) {
    if (executor->ops->poll(executor, 60, NULL, 0, NULL, 0, &n, NULL) != CORE_OK) return 1;
  }
  return executor->ops->slots(executor) == 0;
}

static int mpi_bad(struct core_comm *comm) {
  struct core_error err = {0};
  struct job_executor *executor = NULL;
  enum core_status status;
  int bad = 0;
  if (comm->ops->rank(comm) != 0) {
    status = job_worker_serve(comm, core_clock_system(), NULL, &err);
  } else {
    status = job_executor_mpi_open(comm, core_clock_system(), NULL, &executor, &err);
  }
  if (status != CORE_OK) printf("FAIL mpi: %s\n", err.message);
  if (executor) {
    bad = workers_missing(executor) || cases_bad(executor);
    executor->ops->close(executor, true);
  }
  return bad || status != CORE_OK;
}

int main(int argc, char **argv) {
  if (job_slot_asked(argc, argv)) return job_slot_main(argc, argv);
  if (!core_comm_launched()) return local_bad() != 0;
  struct core_comm *comm = NULL;
  if (core_comm_mpi_open(&comm, NULL) != CORE_OK) return 1;
  const int bad = mpi_bad(comm);
  fflush(stdout);
  comm->ops->close(comm, bad == 0, bad);
  return bad;
}
