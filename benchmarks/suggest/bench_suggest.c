/* SPDX-License-Identifier: GPL-3.0-or-later
 * CPU time of an ask and its tell against the trials already in the study, and what 100,000 asks
 * cost in memory.
 *
 *   bench_suggest --samplers gp,tpe --out OUT.csv [--dims 5,20,40] [--trials 50,500,5000]
 *   bench_suggest --samplers tpe --whole 1000 --dims 40 --out OUT.csv
 *   bench_suggest --samplers tpe --stress 100000 [--dims 5]
 *
 * As for the peers (ask_peers.py): n random points with the Levy function's values are loaded, one
 * ask and tell warms up, then --repeats are timed one by one (at least 3, until 8 s are spent).
 * cmaes, whose state is its own trials, runs for real; the 20 trials around n count. --whole runs
 * that many trials for real and writes the mean. A sampler may be [LABEL@]NAME[:OPTION=VALUE]... */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "benchmarks/common/in_memory_study.h"
#include "core/option.h"
#include "core/rng.h"
#include "core/stats.h"

enum { MAX_DIM = 200, MAX_LIST = 32, MAX_REPEATS = 1000, AROUND = 20 };
static const double most_s = 8; /* of one figure */

static const struct core_option rows[] = {
    {.name = "samplers",
     .type = CORE_OPT_STRING,
     .required = true,
     .help = "[LABEL@]NAME[:OPTION=VALUE]..., separated by commas"},
    {.name = "out",
     .type = CORE_OPT_STRING,
     .unit = "FILE",
     .help = "the CSV that is added to; default standard output"},
    {.name = "dims", .type = CORE_OPT_STRING, .fallback = "5,20,40", .help = "of the space"},
    {.name = "trials",
     .type = CORE_OPT_STRING,
     .fallback = "50,100,200,500,1000,2000,5000,20000",
     .help = "in the study"},
    {.name = "repeats",
     .type = CORE_OPT_INT,
     .fallback = "41",
     .min = 3,
     .max = MAX_REPEATS,
     .help = "asks timed for a figure"},
    {.name = "whole",
     .type = CORE_OPT_INT,
     .min = 1,
     .max = 1e7,
     .unit = "trials",
     .help = "run that many trials for real"},
    {.name = "stress",
     .type = CORE_OPT_INT,
     .min = 1,
     .max = 1e8,
     .unit = "asks",
     .help = "ask and tell that often, printing resident memory"},
    CORE_OPTION_END};

struct figure {
  double s[MAX_REPEATS];
  size_t n;
};

static double cpu_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Levy & Montalvo's function on [-10, 10]^n; the least is 0 at (1, ..., 1). */
static double levy(const double *x, size_t n) {
  const double pi = 3.14159265358979323846, last = 1 + (x[n - 1] - 1) / 4;
  double sum = 0;
  for (size_t i = 0; i + 1 < n; i++) {
    const double w = 1 + (x[i] - 1) / 4, wave = sin(pi * w + 1);
    sum += (w - 1) * (w - 1) * (1 + 10 * wave * wave);
  }
  const double first = sin(pi * (1 + (x[0] - 1) / 4)), wave = sin(2 * pi * last);
  return first * first + sum + (last - 1) * (last - 1) * (1 + wave * wave);
}

static void open_study(struct bench_study *study, const char *sampler, size_t dim,
                       size_t n_trials) {
  struct core_str space = {0};
  core_str_char(&space, '{');
  for (size_t i = 0; i < dim; i++)
    core_str_printf(&space, "%s\"x%zu\": {\"type\": \"float\", \"low\": -10, \"high\": 10}",
                    i > 0 ? ", " : "", i);
  core_str_char(&space, '}');
  bench_study_open(study, core_str_text(&space), sampler, 1, n_trials, 1);
  core_str_close(&space);
}

static void load_points(struct bench_study *study, size_t n, size_t dim) {
  struct core_rng rng;
  core_rng_init(&rng, n, 0, CORE_RNG_TEST);
  for (size_t t = 0; t < n; t++) {
    double x[MAX_DIM];
    for (size_t i = 0; i < dim; i++) x[i] = 20 * core_rng_unit(&rng) - 10;
    const uint64_t number = bench_study_enter(study, x);
    bench_study_tell(study, number, levy(x, dim));
  }
}

/* CPU seconds of one ask and its tell. */
static double step_s(struct bench_study *study, size_t dim) {
  uint64_t number;
  const double begun_s = cpu_s();
  if (!bench_study_ask(study, &number)) exit(1);
  const double asked_s = cpu_s() - begun_s;
  const double value = levy(bench_study_point(study, number), dim);
  const double told_s = cpu_s();
  bench_study_tell(study, number, value);
  return asked_s + cpu_s() - told_s;
}

static void write_figure(FILE *out, const char *name, size_t dim, size_t n, struct figure *figure) {
  core_sort_doubles(figure->s, figure->n);
  fprintf(out, "%.*s,%zu,%zu,%.9f,%.9f,%.9f,%zu\n", (int)strcspn(name, "@"), name, dim, n,
          core_quantile_sorted(figure->s, figure->n, 0.5), figure->s[0], figure->s[figure->n - 1],
          figure->n);
  fflush(out);
}

static void time_loaded(FILE *out, const char *sampler, size_t dim, size_t n, size_t repeats) {
  struct bench_study study;
  struct figure figure = {0};
  double spent_s = 0;
  open_study(&study, sampler, dim, n + repeats + 1);
  load_points(&study, n, dim);
  step_s(&study, dim);
  while (figure.n < repeats && (figure.n < 3 || spent_s < most_s)) {
    figure.s[figure.n] = step_s(&study, dim);
    spent_s += figure.s[figure.n++];
  }
  write_figure(out, sampler, dim, n, &figure);
  bench_study_close(&study);
}

static void time_real(FILE *out, const char *sampler, size_t dim, const size_t *ns, size_t n_ns) {
  struct bench_study study;
  open_study(&study, sampler, dim, ns[n_ns - 1] + AROUND);
  size_t t = 0;
  for (size_t k = 0; k < n_ns; k++) {
    struct figure figure = {0};
    for (; t < ns[k] + AROUND / 2; t++) {
      const double s = step_s(&study, dim);
      if (t + AROUND / 2 >= ns[k]) figure.s[figure.n++] = s;
    }
    write_figure(out, sampler, dim, ns[k], &figure);
  }
  bench_study_close(&study);
}

/* The mean of a whole run stands as its median; least and most are of single trials. */
static void time_whole(FILE *out, const char *sampler, size_t dim, size_t n) {
  struct bench_study study;
  double sum = 0, least = INFINITY, most = 0;
  open_study(&study, sampler, dim, n);
  for (size_t t = 0; t < n; t++) {
    const double s = step_s(&study, dim);
    sum += s;
    least = fmin(least, s);
    most = fmax(most, s);
  }
  fprintf(out, "%.*s whole run,%zu,%zu,%.9f,%.9f,%.9f,%zu\n", (int)strcspn(sampler, "@"), sampler,
          dim, n, sum / (double)n, least, most, n);
  bench_study_close(&study);
}

static double resident_mb(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file) return NAN;
  const int got = fscanf(file, "%*s %ld", &pages);
  fclose(file);
  return got == 1 ? (double)pages * 4096 / 1e6 : NAN;
}

/* At each doubling: what the asks since the last one took, and the memory beyond the start's. */
static void stress(const char *sampler, size_t dim, size_t n) {
  struct bench_study study;
  open_study(&study, sampler, dim, n);
  const double start_mb = resident_mb();
  double spent_s = 0, worst_s = 0;
  size_t last = 0;
  printf("%s, %zu parameters\n%10s %12s %12s %12s %14s\n", sampler, dim, "asks", "mean ms",
         "worst ms", "resident MB", "bytes a trial");
  for (size_t t = 1; t <= n; t++) {
    const double s = step_s(&study, dim);
    spent_s += s;
    worst_s = fmax(worst_s, s);
    if (t != n && t != 2 * last && t != 1000) continue;
    const double mb = resident_mb();
    printf("%10zu %12.3f %12.3f %12.1f %14.0f\n", t, 1e3 * spent_s / (double)(t - last),
           1e3 * worst_s, mb, (mb - start_mb) * 1e6 / (double)t);
    fflush(stdout);
    last = t;
    spent_s = worst_s = 0;
  }
  bench_study_close(&study);
}

static size_t split_numbers(const char *text, size_t *numbers) {
  size_t n = 0;
  char *end;
  for (; *text && n < MAX_LIST; text = *end ? end + 1 : end) numbers[n++] = strtoul(text, &end, 10);
  return n;
}

static void bench_sampler(const struct core_options *options, FILE *out, const char *sampler) {
  size_t dims[MAX_LIST], ns[MAX_LIST];
  const size_t n_dims = split_numbers(core_option_text(options, "dims"), dims);
  const size_t n_ns = split_numbers(core_option_text(options, "trials"), ns);
  const char *at = strchr(sampler, '@'), *name = at ? at + 1 : sampler;
  for (size_t d = 0; d < n_dims && dims[d] <= MAX_DIM; d++) {
    if (core_option_given(options, "stress"))
      stress(sampler, dims[d], (size_t)core_option_int(options, "stress"));
    else if (core_option_given(options, "whole"))
      time_whole(out, sampler, dims[d], (size_t)core_option_int(options, "whole"));
    else if (strncmp(name, "cmaes", strlen("cmaes")) == 0)
      time_real(out, sampler, dims[d], ns, n_ns);
    else
      for (size_t k = 0; k < n_ns; k++)
        time_loaded(out, sampler, dims[d], ns[k], (size_t)core_option_int(options, "repeats"));
  }
}

int main(int argc, char **argv) {
  struct core_options options;
  bench_options_read(rows, "CPU time of one ask and its tell against the trials in the study.",
                     argc, argv, &options);
  const char *path = core_option_text(&options, "out");
  FILE *out = path ? fopen(path, "a") : stdout;
  if (!out) {
    perror(path);
    return 1;
  }
  if (path && ftell(out) == 0) fputs("optimiser,d,n,median_s,min_s,max_s,repeats\n", out);
  char *samplers = strdup(core_option_text(&options, "samplers"));
  for (char *rest = samplers; rest;) bench_sampler(&options, out, strsep(&rest, ","));
  if (path) fclose(out);
  free(samplers);
  core_options_close(&options);
  return 0;
}
