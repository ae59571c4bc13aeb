/* SPDX-License-Identifier: GPL-3.0-or-later
 * A study without store, processes or clock, for the benchmarks: one minimised objective, driven
 * through hpo/study.h. Programs of their own: whatever goes wrong is printed and ends them. */
#pragma once
#include "core/option.h"
#include "core/str.h"
#include "hpo/study.h"

struct bench_study {
  struct core_tree tree;
  struct hpo_spec spec;
  struct hpo_study *study;
  double *row;        /* of the point just suggested */
  size_t n_fallbacks; /* points drawn at random because the sampler failed */
};

/* Prints the message and exits unless st is CORE_OK. */
void bench_check(enum core_status st, const struct core_error *err);

/* The options of a command line without other words; -h prints `about` and the rows, and exits. */
void bench_options_read(const struct core_option *rows, const char *about, int argc, char **argv,
                        struct core_options *options);

/* `space`: JSON text of a study file's section. `sampler`: [LABEL@]NAME[:OPTION=VALUE]...
 * `n_trials` and `parallel` are what the study file would say. */
void bench_study_open(struct bench_study *study, const char *space, const char *sampler,
                      uint64_t seed, size_t n_trials, size_t parallel);
void bench_study_close(struct bench_study *study);
/* Suggests and creates the next trial; false when the sampler has nothing left. */
bool bench_study_ask(struct bench_study *study, uint64_t *number);
/* Creates the next trial at a given internal row; its number. */
uint64_t bench_study_enter(struct bench_study *study, const double *internal);
/* Ends a trial with its value; NaN: it failed. */
void bench_study_tell(struct bench_study *study, uint64_t number, double value);
const double *bench_study_point(const struct bench_study *study, uint64_t number);
