/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a sweep tells people while it runs and when it ends: one progress line, one summary. Pure
 * text. */
#pragma once
#include "core/str.h"
#include "hpo/study.h"

/* "12/100 done  2 running  5 pruned  best 0.4791 (trial 7)  3.1 trials/s  about 28 s left" */
void job_tally_progress(const struct hpo_study *study, double elapsed_s, uint64_t ended_now,
                        struct core_str *out);
/* What pruning saved, over all single-objective trials with reports: steps that were run, and steps
 * that would have been run had every pruned trial gone as far as the complete ones did (their
 * median last step). */
struct job_saving {
  uint64_t n_pruned;
  double steps_run, steps_full;
};
struct job_saving job_tally_saving(const struct hpo_history *history);
void job_tally_summary(const struct hpo_study *study, double elapsed_s, uint64_t ended_now,
                       struct core_str *out);
