/* SPDX-License-Identifier: GPL-3.0-or-later
 * How fast suggestions are beside the trials that they are for, and so how many to compute ahead.
 *
 * A point that is computed when its slot is free knows every result; one computed ahead misses at
 * least that of the trial whose slot it takes: one in as many as run. So nothing is computed ahead as
 * long as waiting costs a slot less than a hundredth of its time, or a tenth divided by the trials
 * that run; and nothing in a sweep of one slot, where each result is worth a wait, and where the
 * same seed is to give the same sweep. */
#pragma once
#include <stddef.h>

/* Zeroed: nothing is known. Means over the latest ones, in seconds. */
struct job_pace {
  double suggest_s, trial_s;
  size_t n_suggested, n_ended;
};
void job_pace_suggested(struct job_pace *pace, double seconds);
void job_pace_ended(struct job_pace *pace, double seconds);

/* Points to have ready beyond the free slots while `n_running` trials run: as many as are likely to
 * be needed in the time that one takes, and that one; never more than trials run, none beside one. */
size_t job_pace_ahead(const struct job_pace *pace, size_t n_running);
