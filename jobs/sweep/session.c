/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/session.h"

#include "jobs/sweep/holder.h"

static enum core_status replay_event(void *context, const struct hpo_event *event,
                                     struct core_error *err) {
  struct job_session *session = context;
  return hpo_study_apply(session->study, event, err);
}

enum core_status job_session_open(struct job_session *session, const char *study_path,
                                  struct core_error *err) {
  struct hpo_holder self;
  *session = (struct job_session){0};
  CORE_TRY(job_spec_open(&session->spec, study_path, err));
  job_holder_self(&self);
  CORE_TRY(hpo_store_open(session->spec.storage, &session->spec.hpo, &self, &session->store,
                          &session->spec.hpo.seed, err));
  CORE_TRY(hpo_study_open(&session->spec.hpo, &session->study, err));
  return hpo_store_replay(session->store, replay_event, session, err);
}

enum core_status job_session_commit(struct job_session *session, const struct hpo_event *events,
                                    size_t n, struct core_error *err) {
  CORE_TRY(hpo_study_check(session->study, &events[0], err));
  CORE_TRY(hpo_store_append(session->store, events, n, err));
  for (size_t i = 0; i < n; i++) CORE_TRY(hpo_study_apply(session->study, &events[i], err));
  return CORE_OK;
}

void job_session_close(struct job_session *session) {
  hpo_study_close(session->study);
  hpo_store_close(session->store);
  job_spec_close(&session->spec);
}
