/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/pace.h"

#include <math.h>

#define WAIT_SHARE    0.01 /* of a trial's time that may be waited for its point */
#define ALONE_SHARE   0.1 /* shared by the trials that run: the fewer, the more one result is worth */
#define WAIT_ALWAYS_S 0.002 /* and this in any case: about what starting it costs */
#define SUGGESTIONS   8     /* that the mean remembers: models grow slower        */
#define TRIALS        32

/* The mean of the first `most` values, from then on with the weight 1 / most for each new one. */
static void note(double *mean, size_t *n, size_t most, double seconds) {
  if (!isfinite(seconds) || seconds < 0) return;
  if (*n < most) ++*n;
  *mean += (seconds - *mean) / (double)*n;
}

void job_pace_suggested(struct job_pace *pace, double seconds) {
  note(&pace->suggest_s, &pace->n_suggested, SUGGESTIONS, seconds);
}

void job_pace_ended(struct job_pace *pace, double seconds) {
  note(&pace->trial_s, &pace->n_ended, TRIALS, seconds);
}

size_t job_pace_ahead(const struct job_pace *pace, size_t n_running) {
  if (pace->n_suggested == 0 || pace->n_ended == 0 || n_running < 2) return 0;
  const double share = fmax(WAIT_SHARE, ALONE_SHARE / (double)n_running);
  if (pace->suggest_s <= fmax(WAIT_ALWAYS_S, share * pace->trial_s)) return 0;
  const double ends = pace->suggest_s * (double)n_running / pace->trial_s; /* trial_s may be 0 */
  return ends < (double)n_running - 1 ? 1 + (size_t)ends : n_running;
}
