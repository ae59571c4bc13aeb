/* SPDX-License-Identifier: GPL-3.0-or-later
 * The study: a pure state machine. (state, event) -> state; asks and prune decisions read the state
 * and change nothing. No files, no processes, no clock. One thread at a time.
 *
 * The way of an ask:   hpo_study_suggest -> a CREATE event -> stored -> hpo_study_apply.
 * The way of a report: a REPORT event -> stored -> hpo_study_apply -> hpo_study_should_prune. */
#pragma once
#include "hpo/event.h"
#include "hpo/history.h"
#include "hpo/spec.h"

struct hpo_study;
/* `spec` is borrowed and must outlive the study; it is not changed. Without a sampler (a reader's
 * spec) nothing can be suggested, without a pruner nothing is pruned. */
enum core_status hpo_study_open(const struct hpo_spec *spec, struct hpo_study **out,
                                struct core_error *err) CORE_MUST_CHECK;
void hpo_study_close(struct hpo_study *study);

/* CORE_INVAL for an event that does not fit the state (a report for a final trial, a number out of
 * turn, a NaN objective for COMPLETE): the study is unchanged. */
enum core_status hpo_study_apply(struct hpo_study *study, const struct hpo_event *event,
                                 struct core_error *err) CORE_MUST_CHECK;
/* Checks without applying: what may be stored. */
enum core_status hpo_study_check(const struct hpo_study *study, const struct hpo_event *event,
                                 struct core_error *err) CORE_MUST_CHECK;

/* The next point, as an internal row of n_params, for the trial that would get number
 * `history->n_trials`. CORE_EXHAUSTED when the sampler has nothing left. A sampler that fails in
 * any other way is replaced by a random point and *fallback (may be NULL) is set: a sweep does not
 * die of its model. */
enum core_status hpo_study_suggest(struct hpo_study *study, double *internal, bool *fallback,
                                   struct core_error *err) CORE_MUST_CHECK;
/* A clause for the log on what the sampler would do next and why, "" when it has no choice. Valid
 * until the next call. */
const char *hpo_study_sampler_note(struct hpo_study *study);
/* After its newest report: should the running trial stop? Always false with several objectives. */
bool hpo_study_should_prune(struct hpo_study *study, uint64_t number);

const struct hpo_history *
hpo_study_history(const struct hpo_study *study); /* valid until the next apply */
const struct hpo_spec *hpo_study_spec(const struct hpo_study *study);

struct hpo_counts {
  uint64_t running, complete, pruned, fail, waiting;
};
struct hpo_counts hpo_study_counts(const struct hpo_study *study);
/* A trial's seed for its own randomness: (study seed, number) -> 63-bit. */
uint64_t hpo_trial_seed(uint64_t study_seed, uint64_t number);
