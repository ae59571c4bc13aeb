/* SPDX-License-Identifier: GPL-3.0-or-later
 * A study held for the length of one command (ask, tell): study file, store, replayed state. The
 * holder is a driver: a study that a sweep is driving is refused. */
#pragma once
#include "hpo/store/store.h"
#include "hpo/study.h"
#include "jobs/spec.h"

struct job_session {
  struct job_spec spec;
  struct hpo_store *store;
  struct hpo_study *study;
};
enum core_status job_session_open(struct job_session *session, const char *study_path,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Checks the event against the study, stores it, applies it. */
enum core_status job_session_commit(struct job_session *session, const struct hpo_event *event,
                                    struct core_error *err) CORE_MUST_CHECK;
void job_session_close(struct job_session *session);
