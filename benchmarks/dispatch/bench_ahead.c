/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a slow sampler costs the slots: bench_ahead [MODEL-S [TRIAL-S [SLOTS [TRIALS]]]]. Trials sleep between 0.8 and 1.2
 * times TRIAL-S, a point takes MODEL-S (asleep too, so that any machine will do). Prints the time from a trial's end to the
 * next start on its slot, taken by the trials themselves, with points asked ahead and without (deterministic: true). */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/num.h"
#include "jobs/sweep/driver.h"
#include "jobs/sweep/holder.h"

/* ---- the sampler ---- */

static double model_s = 0.05;

struct hpo_sampler {
  size_t n_params;
};

static enum core_status slow_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                  struct core_error *err) {
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->n_params = setup->space->n_params;
  *out = s;
  return CORE_OK;
}

static enum core_status slow_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                     uint64_t number, struct core_rng *rng, double *x,
                                     struct core_error *err) {
  (void)seen, (void)number, (void)err;
  core_sleep(model_s);
  for (size_t i = 0; i < s->n_params; i++) x[i] = core_rng_unit(rng);
  return CORE_OK;
}

static void slow_close(struct hpo_sampler *s) {
  core_free(s);
}

static const struct hpo_sampler_ops slow_sampler = {
    .name = "slow", .open = slow_open, .suggest = slow_suggest, .close = slow_close};

/* ---- a sweep ---- */

struct plan {
  double trial_s;
  long slots, trials;
  const char *folder, *sleeper;
};

static void die(const struct core_error *err) {
  fprintf(stderr, "bench_ahead: %s\n", err->message);
  exit(1);
}

static void write_study(const struct plan *plan, const char *name, const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) exit(1);
  fprintf(file,
          "study: %s\nstorage: %s.db\nseed: 1\nobjective: {metric: loss, direction: minimize}\n"
          "trials: %ld\nparallel: %ld\ndeterministic: %s\nsampler: {name: random}\n"
          "space: {s: {type: float, low: %.17g, high: %.17g}}\n"
          "trial:\n  command: [%s, '{s}', %s/%s.times]\n  report: {from: stdout}\n",
          name, name, plan->trials, plan->slots, strcmp(name, "ahead") == 0 ? "false" : "true",
          0.8 * plan->trial_s, 1.2 * plan->trial_s, plan->sleeper, plan->folder, name);
  if (fclose(file) != 0) exit(1);
}

static double run(const struct plan *plan, const char *name) {
  struct core_error err = {0};
  struct job_spec spec;
  struct hpo_holder self;
  struct job_sweep sweep;
  struct hpo_store *store = NULL;
  struct job_driver_setup setup = {.spec = &spec, .clock = core_clock_system(), .signal_fd = -1};
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s.yaml", plan->folder, name);
  write_study(plan, name, path);
  if (job_spec_open(&spec, path, &err) != CORE_OK) die(&err);
  spec.hpo.sampler = &slow_sampler;
  job_holder_self(&self);
  setup.log = core_log_open(STDERR_FILENO, CORE_LOG_WARN, "bench_ahead");
  if (job_gate_open(&spec, &setup.gate, &err) != CORE_OK ||
      hpo_store_open(spec.storage, &spec.hpo, &self, &store, &spec.hpo.seed, &err) != CORE_OK ||
      job_executor_local_open((size_t)plan->slots, setup.clock, setup.log, &setup.executor, &err) !=
          CORE_OK)
    die(&err);
  setup.store = store;
  if (job_driver_run(&setup, &sweep, &err) != CORE_OK) die(&err);
  const double seconds = sweep.seconds;
  job_sweep_close(&sweep);
  setup.executor->ops->close(setup.executor, true);
  hpo_store_close(store);
  job_gate_close(setup.gate);
  core_log_close(setup.log);
  job_spec_close(&spec);
  return seconds;
}

/* ---- the gaps ---- */

struct span {
  double start_s, end_s;
  bool taken; /* the slot that it left has been taken */
};

static int by_start(const void *left, const void *right) {
  const struct span *a = left, *b = right;
  return (a->start_s > b->start_s) - (a->start_s < b->start_s);
}

static int by_value(const void *left, const void *right) {
  const double *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static size_t read_spans(const struct plan *plan, const char *name, struct span *spans) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s.times", plan->folder, name);
  FILE *file = fopen(path, "r");
  size_t n = 0;
  if (!file) exit(1);
  char line[256];
  while (n < (size_t)plan->trials && fgets(line, sizeof line, file)) {
    char *rest = NULL;
    (void)strtol(line, &rest, 10);
    spans[n].start_s = strtod(rest, &rest);
    spans[n++].end_s = strtod(rest, NULL);
  }
  fclose(file);
  qsort(spans, n, sizeof *spans, by_start);
  return n;
}

/* A start takes the slot of the trial that ended first and whose slot has not been taken yet. */
static size_t find_gaps(struct span *spans, size_t n, double *gaps) {
  size_t n_gaps = 0;
  for (size_t i = 0; i < n; i++) {
    struct span *first = NULL;
    for (size_t k = 0; k < i; k++)
      if (!spans[k].taken && spans[k].end_s <= spans[i].start_s &&
          (!first || spans[k].end_s < first->end_s))
        first = &spans[k];
    if (!first) continue;
    first->taken = true;
    gaps[n_gaps++] = 1000 * (spans[i].start_s - first->end_s);
  }
  qsort(gaps, n_gaps, sizeof *gaps, by_value);
  return n_gaps;
}

static void measure(const struct plan *plan, const char *name) {
  struct span *spans = core_calloc((size_t)plan->trials, sizeof *spans);
  double *gaps = core_calloc((size_t)plan->trials, sizeof *gaps), sum = 0;
  if (!spans || !gaps) exit(1);
  const double seconds = run(plan, name);
  const size_t n = find_gaps(spans, read_spans(plan, name, spans), gaps);
  for (size_t i = 0; i < n; i++) sum += gaps[i];
  if (n > 0)
    printf("| %s | %.1f | %.1f | %.1f | %.1f | %.1f |\n", name, gaps[n / 2], sum / (double)n,
           gaps[n * 9 / 10], gaps[n - 1], seconds);
  fflush(stdout);
  core_free(spans);
  core_free(gaps);
}

static double argument(int argc, char **argv, int at, double fallback) {
  double value = fallback;
  if (argc > at && !core_parse_double(argv[at], strlen(argv[at]), &value)) exit(2);
  return value;
}

int main(int argc, char **argv) {
  char folder[] = "/tmp/bench_ahead.XXXXXX", sleeper[PATH_MAX];
  struct plan plan = {.trial_s = argument(argc, argv, 2, 0.5),
                      .slots = (long)argument(argc, argv, 3, 8),
                      .trials = (long)argument(argc, argv, 4, 200)};
  model_s = argument(argc, argv, 1, model_s);
  const ssize_t len = readlink("/proc/self/exe", sleeper, sizeof sleeper - 1);
  if (len < 0 || !mkdtemp(folder)) return 1;
  sleeper[len] = '\0';
  char *base = strrchr(sleeper, '/');
  snprintf(base, (size_t)(sleeper + sizeof sleeper - base), "/bench_sleeper");
  plan.folder = folder;
  plan.sleeper = sleeper;
  printf("A point takes %g ms, a trial %g s, %ld slots, %ld trials.\n\n", 1000 * model_s,
         plan.trial_s, plan.slots, plan.trials);
  printf("| points | end to start: median, ms | mean | 90 %% | most | whole sweep, s |\n"
         "|---|---:|---:|---:|---:|---:|\n");
  measure(&plan, "deterministic");
  measure(&plan, "ahead");
  return 0;
}
