/* SPDX-License-Identifier: GPL-3.0-or-later
 * Runs our samplers on the problems through the study's state machine, without processes, and
 * appends a row for each run, in the form of peers.py. A run already in the file is skipped.
 *
 *   bench_quality --optimisers gp,tpe,wide@gp:n_startup_trials=20 --out OUT.csv [--problems A,B]
 *                 [--seeds 0-19] [--trials 200] [--mode sequential|parallel8|parallel64]
 *                 [--tables DIR]
 *
 * An optimiser is [LABEL@]SAMPLER[:OPTION=VALUE]...; without a label it is called as it is written.
 * In parallel, a step ends the oldest running trial, then starts one. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "benchmarks/common/in_memory_study.h"
#include "benchmarks/quality/problems.h"
#include "core/option.h"

enum { N_CHECKPOINTS = 4, MAX_NAMED = 64 };
static const size_t checkpoints[N_CHECKPOINTS] = {25, 50, 100, 200};

static const struct core_option rows[] = {
    {.name = "optimisers",
     .type = CORE_OPT_STRING,
     .required = true,
     .help = "[LABEL@]SAMPLER[:OPTION=VALUE]..., separated by commas"},
    {.name = "out",
     .type = CORE_OPT_STRING,
     .required = true,
     .unit = "FILE",
     .help = "the CSV that is taken up and added to"},
    {.name = "problems",
     .type = CORE_OPT_STRING,
     .help = "names, separated by commas; default all"},
    {.name = "seeds", .type = CORE_OPT_STRING, .fallback = "0-19", .help = "FIRST-LAST"},
    {.name = "trials",
     .type = CORE_OPT_INT,
     .fallback = "200",
     .min = 1,
     .max = 100000,
     .help = "of a run"},
    {.name = "mode",
     .type = CORE_OPT_CHOICE,
     .fallback = "sequential",
     .choices = "sequential|parallel8|parallel64",
     .help = "how many trials run at a time"},
    {.name = "tables",
     .type = CORE_OPT_STRING,
     .unit = "DIR",
     .help = "folder of the tables; default $SWEEPGATE_HPO_TABLES"},
    CORE_OPTION_END};

struct plan {
  struct core_arena arena;
  const char *out, *mode, *tables;
  char *optimisers[MAX_NAMED], *problems[MAX_NAMED];
  size_t n_optimisers, n_problems, n_trials, width;
  uint64_t first_seed, last_seed;
  char *done; /* the lines of `out` so far */
};

static double cpu_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One study on one instance. */
struct run {
  struct bench_instance *instance;
  struct bench_study study;
  size_t width, n_trials;
  double cpu_s; /* of asks and tells */
  double best, regret;
};

/* False when the sampler has nothing left. */
static bool run_ask(struct run *run) {
  uint64_t number;
  const double begun_s = cpu_s();
  const bool more = bench_study_ask(&run->study, &number);
  run->cpu_s += cpu_s() - begun_s;
  return more;
}

static void run_tell(struct run *run, uint64_t number) {
  double observed, truth;
  bench_instance_evaluate(run->instance, number, bench_study_point(&run->study, number), &observed,
                          &truth);
  const double begun_s = cpu_s();
  bench_study_tell(&run->study, number, observed);
  run->cpu_s += cpu_s() - begun_s;
  if (isnan(observed) || observed >= run->best) return;
  run->best = observed;
  run->regret = truth - bench_instance_optimum(run->instance);
}

static void run_all(struct run *run, double regrets[N_CHECKPOINTS]) {
  size_t n_asked = 0;
  bool more = true;
  for (size_t k = 0; k < N_CHECKPOINTS; k++) regrets[k] = NAN;
  for (size_t n_told = 0; n_told < run->n_trials;) {
    while (more && n_asked < run->n_trials && n_asked - n_told < run->width) {
      more = run_ask(run);
      n_asked += more;
    }
    if (n_told < n_asked) run_tell(run, n_told);
    n_told++; /* an exhausted sampler keeps what it has */
    for (size_t k = 0; k < N_CHECKPOINTS; k++)
      if (n_told == checkpoints[k]) regrets[k] = run->regret;
  }
}

static void append_row(const struct plan *plan, const char *key, double regrets[N_CHECKPOINTS],
                       double seconds) {
  FILE *file = fopen(plan->out, "a");
  if (!file) {
    perror(plan->out);
    exit(1);
  }
  fputs(key, file);
  for (size_t k = 0; k < N_CHECKPOINTS; k++) fprintf(file, "%.6g,", regrets[k]);
  fprintf(file, "%.3f\n", seconds);
  fclose(file);
}

static void run_one(const struct plan *plan, size_t problem, const char *optimiser, uint64_t seed,
                    const char *key) {
  double regrets[N_CHECKPOINTS];
  struct run run = {
      .width = plan->width, .n_trials = plan->n_trials, .best = INFINITY, .regret = INFINITY};
  bench_study_open(&run.study, bench_problem_space(problem), optimiser, seed, plan->n_trials,
                   plan->width);
  run.instance = bench_instance_open(problem, seed, plan->tables);
  if (!run.instance) exit(1);
  run_all(&run, regrets);
  append_row(plan, key, regrets, run.cpu_s);
  if (run.study.n_fallbacks > 0) fprintf(stderr, "%s: %zu fallbacks\n", key, run.study.n_fallbacks);
  bench_instance_close(run.instance);
  bench_study_close(&run.study);
}

static char *copy(struct plan *plan, const char *text) {
  char *kept = core_arena_strdup(&plan->arena, text);
  if (!kept) abort();
  return kept;
}

/* Cuts `text` at its commas in place. */
static size_t split(char *text, char **parts) {
  size_t n = 0;
  while (text && n < MAX_NAMED) parts[n++] = strsep(&text, ",");
  return n;
}

static size_t find_problem(const char *name) {
  for (size_t i = 0; i < bench_problem_count(); i++)
    if (core_streq(bench_problem_name(i), name)) return i;
  fprintf(stderr, "bench_quality: no problem '%s'\n", name);
  exit(1);
}

static char *read_file(const char *path) {
  char *text = NULL;
  size_t len = 0;
  FILE *file = fopen(path, "r"), *memory = open_memstream(&text, &len);
  if (!memory) abort();
  for (int c; file && (c = fgetc(file)) != EOF;) fputc(c, memory);
  if (file) fclose(file);
  fclose(memory);
  return text;
}

static void write_header(const struct plan *plan) {
  FILE *file = fopen(plan->out, "a");
  if (!file) {
    perror(plan->out);
    exit(1);
  }
  fputs("problem,family,optimiser,mode,seed", file);
  for (size_t k = 0; k < N_CHECKPOINTS; k++) fprintf(file, ",regret%zu", checkpoints[k]);
  fputs(",cpu_s\n", file);
  fclose(file);
}

static void read_plan(struct plan *plan, const struct core_options *options) {
  const char *seeds = core_option_text(options, "seeds"), *dash = strchr(seeds, '-');
  const char *names = core_option_text(options, "problems");
  plan->out = core_option_text(options, "out");
  plan->mode = core_option_text(options, "mode");
  plan->tables = core_option_text(options, "tables");
  if (!plan->tables) plan->tables = getenv("SWEEPGATE_HPO_TABLES");
  plan->n_trials = (size_t)core_option_int(options, "trials");
  plan->width =
      core_streq(plan->mode, "sequential") ? 1 : (size_t)atoi(plan->mode + strlen("parallel"));
  plan->first_seed = strtoull(seeds, NULL, 10);
  plan->last_seed = dash ? strtoull(dash + 1, NULL, 10) : plan->first_seed;
  plan->n_optimisers = split(copy(plan, core_option_text(options, "optimisers")), plan->optimisers);
  if (names) {
    plan->n_problems = split(copy(plan, names), plan->problems);
  } else {
    for (size_t i = 0; i < bench_problem_count() && i < MAX_NAMED; i++)
      plan->problems[plan->n_problems++] = copy(plan, bench_problem_name(i));
  }
  plan->done = read_file(plan->out);
  if (plan->done[0] == '\0') write_header(plan);
}

int main(int argc, char **argv) {
  struct core_options options;
  struct plan plan = {0};
  bench_options_read(rows, "The regret of our samplers on problems whose optimum is known.", argc,
                     argv, &options);
  read_plan(&plan, &options);
  for (uint64_t seed = plan.first_seed; seed <= plan.last_seed; seed++)
    for (size_t p = 0; p < plan.n_problems; p++)
      for (size_t o = 0; o < plan.n_optimisers; o++) {
        const size_t problem = find_problem(plan.problems[p]);
        const char *label = plan.optimisers[o];
        char key[512];
        snprintf(key, sizeof key, "\n%s,%s,%.*s,%s,%" PRIu64 ",", plan.problems[p],
                 bench_problem_family(problem), (int)strcspn(label, "@"), label, plan.mode, seed);
        if (!strstr(plan.done, key)) run_one(&plan, problem, label, seed, key + 1);
      }
  free(plan.done);
  core_arena_close(&plan.arena);
  core_options_close(&options);
  return 0;
}
