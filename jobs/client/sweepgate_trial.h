/* SPDX-License-Identifier: MIT
 * What a training program in C or C++ needs to be a trial of sweepgate: its parameters, reports of
 * intermediate values with the answer "stop now?", its result. C99, libc only; copy this pair of
 * files into your program.
 *
 * Without a sweep around it everything still works: parameters take their fallbacks, reports say
 * "go on", results go nowhere. So the program can be run by hand.
 *
 * One thread at a time. Child processes may use it too (the descriptor is inherited), one process
 * at a time: in a parallel program let rank 0 report, and tell the other ranks the answer. */
#ifndef SWEEPGATE_TRIAL_H
#define SWEEPGATE_TRIAL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sweepgate_trial;

/* Reads the environment that a sweep sets. NULL: out of memory, or a malformed SWEEPGATE_PARAMS. */
struct sweepgate_trial *sweepgate_trial_open(void);
void sweepgate_trial_close(struct sweepgate_trial *trial); /* accepts NULL */

int sweepgate_trial_in_sweep(const struct sweepgate_trial *trial);     /* 1 or 0 */
long long sweepgate_trial_number(const struct sweepgate_trial *trial); /* -1 without a sweep */
unsigned long long sweepgate_trial_seed(const struct sweepgate_trial *trial); /* 0 without one */

/* A parameter of this trial, or the fallback when it has none of that name or it is no number.
 * true and false count as 1 and 0. */
double sweepgate_trial_double(const struct sweepgate_trial *trial, const char *name,
                              double fallback);
long long sweepgate_trial_int(const struct sweepgate_trial *trial, const char *name,
                              long long fallback);
/* A parameter as text (numbers as written); valid until the trial is closed. */
const char *sweepgate_trial_text(const struct sweepgate_trial *trial, const char *name,
                                 const char *fallback);

/* Tells an intermediate value and waits for the answer: 1 means stop now (the trial is pruned, or
 * the sweep has gone), 0 means go on. Steps begin at 0 or 1 and grow. */
int sweepgate_trial_report(struct sweepgate_trial *trial, long long step, double value);

/* The value of the objective. Each returns 0, or -1 when it could not be told. */
int sweepgate_trial_result(struct sweepgate_trial *trial, double value);
/* One of several objectives, by its name in the study. */
int sweepgate_trial_result_named(struct sweepgate_trial *trial, const char *metric, double value);
/* Something to keep with the trial, seen in `sweepgate trials` and in Optuna's user attributes. */
int sweepgate_trial_attr_text(struct sweepgate_trial *trial, const char *key, const char *value);
int sweepgate_trial_attr_number(struct sweepgate_trial *trial, const char *key, double value);

#ifdef __cplusplus
}
#endif
#endif
