/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trials per second through the local executor, without sampler and store: trivial in-process
 * objectives, with and without reports, and commands, beside the limit that posix_spawn and waitpid
 * of the same command set.
 *
 *   bench_executor [SLOTS [SECONDS]]      needs libobjective_cases.so beside the tests: SWEEPGATE_BUILD */
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "core/num.h"
#include "jobs/executor/executor.h"
#include "jobs/trial/slot.h"

extern char **environ;

static double now(void) {
  const struct core_clock *clock = core_clock_system();
  return clock->monotonic_s(clock);
}

static double cpu_s(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

struct load {
  struct job_executor *executor;
  struct job_start start; /* number changes */
  uint64_t ended, bad;
};

/* One round: fills free slots, handles a batch of events. */
static void round_run(struct load *load, bool more) {
  static struct job_event events[256];
  struct job_executor *ex = load->executor;
  for (size_t n = more ? ex->ops->free_slots(ex) : 0; n > 0; n--) {
    load->start.number++;
    if (ex->ops->start(ex, &load->start, NULL) != CORE_OK) abort();
  }
  size_t n = 0;
  if (ex->ops->poll(ex, 10, NULL, 0, events, CORE_COUNT_OF(events), &n, NULL) != CORE_OK) abort();
  for (size_t i = 0; i < n; i++) {
    if (events[i].wants_answer) ex->ops->answer(ex, events[i].number, false);
    if (events[i].kind != JOB_EVENT_ENDED) continue;
    load->ended++;
    load->bad += events[i].outcome != HPO_OUTCOME_OK && events[i].outcome != HPO_OUTCOME_NO_RESULT;
  }
}

static void measure(const char *name, struct load *load, double seconds) {
  struct job_executor *ex = load->executor;
  /* Resident processes are started before the clock is. */
  while (load->ended < ex->ops->slots(ex)) round_run(load, true);
  const uint64_t before = load->ended;
  const double start = now(), cpu = cpu_s(RUSAGE_SELF);
  while (now() - start < seconds) round_run(load, true);
  const double took = now() - start, used = cpu_s(RUSAGE_SELF) - cpu;
  const double rate = (double)(load->ended - before) / took;
  while (ex->ops->free_slots(ex) < ex->ops->slots(ex)) round_run(load, false);
  printf("%-34s %10.0f trials/s   driver %5.1f us/trial, %3.0f %% of a core%s\n", name, rate,
         used / took / rate * 1e6, 100 * used / took, load->bad ? "   SOME FAILED" : "");
  fflush(stdout);
}

static void executor_measure(const char *name, size_t slots, double seconds,
                             const struct job_start *start) {
  struct load load = {.start = *start};
  struct core_error err = {0};
  if (job_executor_local_open(slots, core_clock_system(), NULL, &load.executor, &err) != CORE_OK) {
    fprintf(stderr, "bench_executor: %s\n", err.message);
    exit(1);
  }
  measure(name, &load, seconds);
  load.executor->ops->close(load.executor, true);
}

/* The limit: `slots` processes at a time, nothing watched but their end. */
static void spawn_measure(size_t slots, double seconds) {
  char *const argv[] = {"/bin/true", NULL};
  const double start = now();
  uint64_t ended = 0;
  size_t running = 0;
  while (now() - start < seconds) {
    for (; running < slots; running++) {
      pid_t pid;
      if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) != 0) abort();
    }
    while (running > 0 && waitpid(-1, NULL, WNOHANG) > 0) running--, ended++;
    if (running == slots && waitpid(-1, NULL, 0) > 0) running--, ended++;
  }
  const double took = now() - start;
  while (running > 0 && waitpid(-1, NULL, 0) > 0) running--;
  printf("%-34s %10.0f processes/s\n", "posix_spawn + waitpid /bin/true", (double)ended / took);
}

int main(int argc, char **argv) {
  if (job_slot_asked(argc, argv)) return job_slot_main(argc, argv);
  int64_t slots = 64;
  double seconds = 2;
  if (argc > 1 && !core_parse_int64(argv[1], strlen(argv[1]), &slots)) return 2;
  if (argc > 2 && !core_parse_double(argv[2], strlen(argv[2]), &seconds)) return 2;
  const char *build = getenv("SWEEPGATE_BUILD");
  char library[4096];
  snprintf(library, sizeof library, "%s/tests/libobjective_cases.so",
           build ? build : "build/release");
  static const char *const metrics[] = {"loss"};
  static const char *const names[] = {"lr", "momentum", "depth", "width", "kind"};
  static const double values[] = {0.012345678901234567, 0.9, 4, 128, 1};
  struct job_start start = {.study = "bench",
                            .seed = 7,
                            .params_json = "{\"lr\": 0.012345678901234567, \"momentum\": 0.9, "
                                           "\"depth\": 4, \"width\": 128, \"kind\": \"adam\"}",
                            .library = library,
                            .function = "constant",
                            .param_names = names,
                            .param_values = values,
                            .n_params = 5,
                            .metrics = metrics,
                            .n_objectives = 1,
                            .timeout_s = INFINITY};
  printf("%lld slots, %g s each\n", (long long)slots, seconds);
  executor_measure("function, 5 parameters", (size_t)slots, seconds, &start);
  start.function = "curve";
  executor_measure("function, 9 reports answered", (size_t)slots, seconds, &start);
  static const char *const command[] = {"/bin/true", NULL};
  start.library = start.function = NULL;
  start.argv = command;
  executor_measure("/bin/true", (size_t)slots, seconds, &start);
  spawn_measure((size_t)slots, seconds);
  return 0;
}
