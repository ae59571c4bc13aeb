/* SPDX-License-Identifier: GPL-3.0-or-later
 * A study held for the length of one command (ask, tell): study file, store, replayed state. The
 * holder is a driver: a study that a sweep is driving is refused. */
#pragma once
#include "hpo/store/store.h"
#include "hpo/study.h"
#include "jobs/spec.h"

/* System attribute of a trial that `ask` gave away: somebody else runs it, so that a sweep neither ends nor repeats it. */
#define JOB_ASKED_ATTR "sweepgate:asked"

struct job_session {
  struct job_spec spec;
  struct hpo_store *store;
  struct hpo_study *study;
};
enum core_status job_session_open(struct job_session *session, const char *study_path,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Checks the events against the study, stores them as one, applies them. */
enum core_status job_session_commit(struct job_session *session, const struct hpo_event *events,
                                    size_t n, struct core_error *err) CORE_MUST_CHECK;
void job_session_close(struct job_session *session);
