/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the end of an attempt means for its trial: finished, repeated in place, or put back for the
 * next run. A pure function of the trial, the executor's event and the policy. */
#pragma once
#include "core/mem.h"
#include "hpo/event.h"
#include "jobs/executor/executor.h"

#define JOB_LOST_ATTEMPTS                                                                          \
  3 /* a trial whose worker or driver died is repeated this often beyond its retries */

struct job_outcome_policy {
  int64_t retries;
  bool stopping; /* the sweep was asked to stop: what we ended ourselves goes back to the queue */
};

#define JOB_OUTCOME_EVENTS 3
/* Writes up to JOB_OUTCOME_EVENTS events and their number; *again: the trial is to be started again
 * in this run. `last` is the trial's last report, NULL when it has none. Pointers live as long as
 * `ended` and the arena. */
enum core_status job_outcome_events(const struct hpo_trial *trial, const struct hpo_report *last,
                                    const struct job_event *ended,
                                    const struct job_outcome_policy *policy,
                                    struct core_arena *arena,
                                    struct hpo_event events[JOB_OUTCOME_EVENTS], size_t *n,
                                    bool *again, struct core_error *err) CORE_MUST_CHECK;
