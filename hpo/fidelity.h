/* SPDX-License-Identifier: GPL-3.0-or-later
 * What trials that came unequally far are worth beside each other.
 *
 * A trial that was stopped is worth what it would have come to by the curves of those that went on: its last value, and the
 * change from that step to the end, halfway between the mean over all that passed the step and the mean over the three whose
 * curves up to there were nearest to its own. Curves are compared at the step and at a half, a quarter and an eighth of it.
 * A trial that passed the step and was stopped later stands there with its own estimate, so that the many that came to
 * the next step say what happens up to it, and the few that came to the end say the rest. A value at a step is the
 * first report at or after it; a complete trial without one has its objective there. Losses far above the middle ones are
 * taken for as bad as the end of a range, so that one trial that diverged moves no other's estimate far.
 *
 * How uncertain an estimate is, is learnt as well: by how far estimates at its step would have been off for those that passed
 * it, each left out in turn, and a prior of two that were off by all of the change.
 *
 * So values are never compared at unequal steps: neither are trials that stopped early bad for that, as they are when a
 * model takes their last values for final ones, nor are those good that ran to their ends for want of competitors. */
#pragma once
#include "core/mem.h"
#include "hpo/history.h"

/* A COMPLETE or PRUNED trial of a single-objective history. */
struct hpo_estimate {
  const struct hpo_trial *trial;
  size_t index;  /* the caller's: estimates are reordered */
  int64_t reach; /* INT64_MAX: complete */
  double loss; /* Smaller is better. Of a complete trial the objective, of another the estimate; NaN
                    where it stopped at NaN or without a report. */
  double spread; /* the standard deviation of an estimate, above 0; 0 of an objective */
};

/* Fills in all but `trial` and `index`. Orders by reach, the longest first, then by number. Estimates are finite or NaN
 * whatever the reports say. Costs O(n) beside the sort: at most 64 of those that passed a step, evenly picked, are asked. */
void hpo_fidelity_estimate(struct hpo_estimate *estimates, size_t n, enum hpo_direction direction);

/* The COMPLETE and PRUNED trials of a single-objective history, the best first, into ranked[n_finished]; returns how many.
 * Without pruned trials it is the order of the objective. Equals by number; NaN last.
 * SIZE_MAX without memory. What is taken from the arena is the caller's to reset. */
size_t hpo_fidelity_rank(const struct hpo_history *seen, const struct hpo_trial **ranked,
                         struct core_arena *arena) CORE_MUST_CHECK;
