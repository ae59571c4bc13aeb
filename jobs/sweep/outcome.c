/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/outcome.h"

#include <math.h>
#include <string.h>

#include "core/str.h"

static bool any_nan(const double *values, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (isnan(values[i])) return true;
  return false;
}

static struct hpo_event finish(const struct job_event *ended, enum hpo_state state,
                               enum hpo_outcome outcome) {
  return (struct hpo_event){.kind = HPO_EVENT_FINISH,
                            .number = ended->number,
                            .unix_s = ended->unix_s,
                            .state = state,
                            .outcome = outcome,
                            .message = ended->message,
                            .host = ended->host};
}

static struct hpo_event complete(const struct job_event *ended) {
  if (!ended->has_values) return finish(ended, HPO_FAIL, HPO_OUTCOME_NO_RESULT);
  if (any_nan(ended->values, ended->n_values)) return finish(ended, HPO_FAIL, HPO_OUTCOME_NAN);
  struct hpo_event event = finish(ended, HPO_COMPLETE, HPO_OUTCOME_OK);
  event.values = ended->values;
  event.n_values = ended->n_values;
  return event;
}

/* A pruned trial's value is its last report, as Optuna's tell stores it. */
static enum core_status pruned(const struct hpo_report *last, const struct job_event *ended,
                               struct core_arena *arena, struct hpo_event *event,
                               struct core_error *err) {
  *event = finish(ended, HPO_PRUNED, HPO_OUTCOME_PRUNED);
  if (!last || isnan(last->value)) return CORE_OK;
  double *value = core_arena_alloc(arena, sizeof *value);
  if (!value) return core_fail_nomem(err, sizeof *value);
  *value = last->value;
  event->values = value;
  event->n_values = 1;
  return CORE_OK;
}

/* Keeps what a failed attempt said, before the trial is tried again. */
static enum core_status attempt_note(const struct hpo_trial *trial, const struct job_event *ended,
                                     struct core_arena *arena, struct hpo_event *note,
                                     struct core_error *err) {
  struct core_str json = {0};
  core_str_printf(&json, "{\"outcome\": \"%s\", \"message\": ", hpo_outcome_text(ended->outcome));
  core_str_json(&json, ended->message, strlen(ended->message));
  core_str_char(&json, '}');
  const char *key = core_arena_printf(arena, "sweepgate:attempt:%d", trial->attempt);
  const char *text = json.failed ? NULL : core_arena_strndup(arena, json.data, json.len);
  core_str_close(&json);
  if (!key || !text) return core_fail_nomem(err, strlen(ended->message));
  *note = (struct hpo_event){.kind = HPO_EVENT_ATTR,
                             .number = ended->number,
                             .unix_s = ended->unix_s,
                             .key = key,
                             .json = text,
                             .system = true};
  return CORE_OK;
}

static bool try_again(const struct hpo_trial *trial, const struct job_event *ended,
                      const struct job_outcome_policy *policy) {
  const int64_t limit =
      policy->retries + (ended->outcome == HPO_OUTCOME_LOST ? JOB_LOST_ATTEMPTS : 0);
  return trial->attempt < limit;
}

/* Ended because of us, or by the signal that is asking all of us to stop. */
static bool put_back(const struct job_event *ended, const struct job_outcome_policy *policy) {
  return ended->outcome == HPO_OUTCOME_STOPPED ||
         (policy->stopping &&
          (ended->outcome == HPO_OUTCOME_SIGNAL || ended->outcome == HPO_OUTCOME_LOST));
}

static struct hpo_event requeue(const struct job_event *ended, int attempt) {
  return (struct hpo_event){.kind = HPO_EVENT_REQUEUE,
                            .number = ended->number,
                            .unix_s = ended->unix_s,
                            .attempt = attempt};
}

enum core_status job_outcome_events(const struct hpo_trial *trial, const struct hpo_report *last,
                                    const struct job_event *ended,
                                    const struct job_outcome_policy *policy,
                                    struct core_arena *arena,
                                    struct hpo_event events[JOB_OUTCOME_EVENTS], size_t *n,
                                    bool *again, struct core_error *err) {
  *n = 1;
  *again = false;
  if (ended->outcome == HPO_OUTCOME_PRUNED) return pruned(last, ended, arena, &events[0], err);
  if (ended->outcome == HPO_OUTCOME_OK) {
    events[0] = complete(ended);
  } else if (put_back(ended, policy)) {
    events[0] = requeue(ended, trial->attempt);
  } else if (try_again(trial, ended, policy)) {
    CORE_TRY(attempt_note(trial, ended, arena, &events[0], err));
    events[1] = requeue(ended, trial->attempt + 1);
    *n = 2;
    *again = true;
  } else {
    events[0] = finish(ended, HPO_FAIL, ended->outcome);
  }
  return CORE_OK;
}
