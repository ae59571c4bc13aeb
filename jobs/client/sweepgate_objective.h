/* SPDX-License-Identifier: MIT
 * An objective as a function in a shared library, for
 *
 *   trial: {library: ./libobjective.so, function: objective}
 *
 * It runs in a process of its own that stays for the next trial: loaded data can be kept in static
 * variables. A crash ends one trial, not the sweep. Several trials never run at the same time in
 * one process. Nothing is linked: the functions below call through the struct. C99 or C++.
 *
 *   int objective(struct sweepgate_objective *trial, double *values) {
 *     const double x = sweepgate_param(trial, "x", 0);
 *     for (int step = 1; step <= 10; step++)
 *       if (sweepgate_report(trial, step, loss_at(x, step))) return 0;   // pruned: return at once
 *     values[0] = loss_at(x, 10);
 *     return 0;                                                          // not 0: the trial failed
 *   } */
#ifndef SWEEPGATE_OBJECTIVE_H
#define SWEEPGATE_OBJECTIVE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SWEEPGATE_OBJECTIVE_ABI 1 /* grows when members are added, always at the end */

/* All of it is valid until the function returns. */
struct sweepgate_objective {
  int abi;
  const char *study;
  uint64_t number; /* of the trial */
  int attempt;     /* 0 for the first try */
  uint64_t seed;   /* the trial's own */
  size_t n_params; /* those that exist in this trial */
  const char *const *names;
  const double *numbers;    /* numbers as themselves, categoricals as the index of the choice */
  const char *const *texts; /* as a command's placeholder would be */
  size_t n_values;          /* objectives: values[n_values] is to be filled */
  const char *const *metrics;
  int (*report)(struct sweepgate_objective *trial, int64_t step, double value);
  int (*attr)(struct sweepgate_objective *trial, const char *key, const char *json);
  void (*fail)(struct sweepgate_objective *trial, const char *message);
  void *host; /* the caller's own */
};
typedef int sweepgate_objective_fn(struct sweepgate_objective *trial, double *values);

/* A parameter's number, or the fallback when this trial has none of that name. */
static inline double sweepgate_param(const struct sweepgate_objective *trial, const char *name,
                                     double fallback) {
  size_t i;
  for (i = 0; i < trial->n_params; i++)
    if (strcmp(trial->names[i], name) == 0) return trial->numbers[i];
  return fallback;
}

/* A parameter as text; of a categorical, its choice. */
static inline const char *sweepgate_param_text(const struct sweepgate_objective *trial,
                                               const char *name, const char *fallback) {
  size_t i;
  for (i = 0; i < trial->n_params; i++)
    if (strcmp(trial->names[i], name) == 0) return trial->texts[i];
  return fallback;
}

/* Tells an intermediate value; 1 means: stop now, the trial is pruned. */
static inline int sweepgate_report(struct sweepgate_objective *trial, int64_t step, double value) {
  return trial->report(trial, step, value);
}

/* Keeps a value with the trial; `json` is JSON text, such as 3.5 or "\"text\"". 0, or -1. */
static inline int sweepgate_attr(struct sweepgate_objective *trial, const char *key,
                                 const char *json) {
  return trial->attr(trial, key, json);
}

/* Says why the function is about to return something else than 0. */
static inline void sweepgate_fail(struct sweepgate_objective *trial, const char *message) {
  trial->fail(trial, message);
}

#ifdef __cplusplus
}
#endif
#endif
