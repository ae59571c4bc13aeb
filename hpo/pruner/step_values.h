/* SPDX-License-Identifier: GPL-3.0-or-later
 * What finished trials reported at one step, ascending, kept while the history grows, so that a pruner looks at a trial's
 * rank without passing over all trials at each report. Finished trials change no more; the running ones are the caller's. */
#pragma once
#include "hpo/history.h"

/* Which values: the same at every call. */
struct hpo_step_rule {
  int64_t step;
  bool exact;  /* the report at the step; otherwise the first one at or after it */
  double sign; /* 1 or -1: turns values so that smaller is better */
  bool (*wanted)(const void *context, const struct hpo_trial *trial); /* NULL: all */
  const void *context;
};

struct hpo_step_values {
  double *values; /* ascending, without NaN */
  size_t n, cap;
  size_t n_reported; /* NaN included */
  size_t n_finished; /* of the history, taken in */
};

/* Takes in what has finished since the last call; all zeros is a valid beginning. False without memory: what was there
 * stays, and the next call tries again. */
bool hpo_step_values_follow(struct hpo_step_values *values, const struct hpo_step_rule *rule,
                            const struct hpo_history *seen) CORE_MUST_CHECK;
size_t hpo_step_values_below(const struct hpo_step_values *values, double x); /* how many are < x */
void hpo_step_values_close(struct hpo_step_values *values);

/* The numbers of trials that are not final, ascending; follows a growing history likewise. */
struct hpo_open_trials {
  size_t *numbers;
  size_t n, cap;
  size_t n_trials; /* of the history, looked at */
};
bool hpo_open_trials_follow(struct hpo_open_trials *open,
                            const struct hpo_history *seen) CORE_MUST_CHECK;
void hpo_open_trials_close(struct hpo_open_trials *open);
