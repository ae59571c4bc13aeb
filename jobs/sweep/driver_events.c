/* SPDX-License-Identifier: GPL-3.0-or-later
 * What trials say becomes steps of a batch; the batch is stored, then has its effects. */
#include <math.h>
#include <string.h>

#include "jobs/sweep/driver_state.h"
#include "jobs/sweep/outcome.h"
#include "jobs/trial/start.h"

double driver_now_s(const struct driver *d) {
  return d->setup->clock->monotonic_s(d->setup->clock);
}

double driver_now_unix_s(const struct driver *d) {
  return d->setup->clock->unix_s(d->setup->clock);
}

enum core_status driver_push_step(struct driver *d, const struct driver_step *step,
                                  struct core_error *err) {
  void *steps = d->steps;
  CORE_TRY(core_grow(&steps, &d->steps_cap, d->n_steps + 1, sizeof *d->steps, err));
  d->steps = steps;
  d->steps[d->n_steps++] = *step;
  d->n_claimed += step->start;
  return CORE_OK;
}

enum core_status driver_push(struct driver_queue *queue, uint64_t number, struct core_error *err) {
  if (queue->head > 0 && queue->n == queue->cap) {
    memmove(queue->numbers, queue->numbers + queue->head,
            (queue->n - queue->head) * sizeof *queue->numbers);
    queue->n -= queue->head;
    queue->head = 0;
  }
  void *numbers = queue->numbers;
  CORE_TRY(core_grow(&numbers, &queue->cap, queue->n + 1, sizeof *queue->numbers, err));
  queue->numbers = numbers;
  queue->numbers[queue->n++] = number;
  return CORE_OK;
}

size_t driver_n_ready(const struct driver *d) {
  return d->ready.n - d->ready.head;
}

size_t driver_free_slots(const struct driver *d) {
  const size_t n_free = d->setup->executor->ops->free_slots(d->setup->executor);
  return n_free > d->n_claimed ? n_free - d->n_claimed : 0;
}

/* ---- what trials say ---- */

/* The furthest report of a trial, those of the batch included; NULL when it has none. */
static const struct hpo_report *last_report(const struct driver *d, const struct hpo_trial *trial) {
  const struct hpo_report *last = trial->n_reports ? &trial->reports[trial->n_reports - 1] : NULL;
  for (size_t i = 0; i < d->n_steps; i++) {
    const struct hpo_event *event = &d->steps[i].event;
    if (event->kind == HPO_EVENT_REPORT && event->number == trial->number &&
        (!last || event->report.step > last->step))
      last = &event->report;
  }
  return last;
}

/* An end that the study does not take (too few values, say) is the trial's fault, not the sweep's. */
static void mend_finish(struct driver *d, struct hpo_event *finish, struct core_arena *arena) {
  struct core_error why = {0};
  if (finish->kind != HPO_EVENT_FINISH || hpo_study_check(d->study, finish, &why) == CORE_OK)
    return;
  const char *message = core_arena_strdup(arena, why.message);
  *finish = (struct hpo_event){.kind = HPO_EVENT_FINISH,
                               .number = finish->number,
                               .unix_s = finish->unix_s,
                               .state = HPO_FAIL,
                               .outcome = HPO_OUTCOME_PROTOCOL,
                               .message = message ? message : "the result does not fit the study",
                               .host = finish->host};
}

static void warn_of_failure(struct driver *d, const struct hpo_event *last,
                            const struct job_event *ended, bool again) {
  const bool failed = last->kind == HPO_EVENT_FINISH && last->state == HPO_FAIL;
  if (!failed && !again) return;
  core_log_warn(d->setup->log, "trial %llu: %s: %s%s", (unsigned long long)ended->number,
                hpo_outcome_text(failed ? last->outcome : ended->outcome),
                failed && last->message ? last->message : ended->message,
                again ? "; trying again" : "");
}

static enum core_status on_ended(struct driver *d, const struct job_event *ended,
                                 struct core_error *err) {
  const struct hpo_trial *trial = hpo_study_history(d->study)->trials[ended->number];
  const struct job_outcome_policy policy = {.retries = d->setup->spec->trial.retries,
                                            .stopping = d->stopping};
  struct hpo_event events[JOB_OUTCOME_EVENTS];
  size_t n = 0;
  bool again = false;
  CORE_TRY(job_outcome_events(trial, last_report(d, trial), ended, &policy, &d->scratch, events, &n,
                              &again, err));
  mend_finish(d, &events[n - 1], &d->scratch);
  for (size_t i = 0; i < n; i++)
    CORE_TRY(driver_push_step(d, &(struct driver_step){.event = events[i]}, err));
  if (again) CORE_TRY(driver_push(&d->ready, ended->number, err));
  warn_of_failure(d, &events[n - 1], ended, again);
  d->n_running--;
  return CORE_OK;
}

/* A report or an attribute; one that the study does not take is dropped with a word. */
static enum core_status on_word(struct driver *d, const struct job_event *event,
                                struct core_error *err) {
  struct core_error why = {0};
  struct driver_step step = {.event = {.number = event->number, .unix_s = event->unix_s}};
  if (event->kind == JOB_EVENT_REPORT) {
    step.event.kind = HPO_EVENT_REPORT;
    step.event.report = event->report;
    step.wants_answer = event->wants_answer;
  } else {
    step.event.kind = HPO_EVENT_ATTR;
    step.event.key = event->key;
    step.event.json = event->json;
  }
  if (hpo_study_check(d->study, &step.event, &why) == CORE_OK)
    return driver_push_step(d, &step, err);
  core_log_warn(d->setup->log, "%s: dropped", why.message);
  if (event->wants_answer)
    d->setup->executor->ops->answer(d->setup->executor, event->number, false);
  return CORE_OK;
}

enum core_status driver_take_event(struct driver *d, const struct job_event *event,
                                   struct core_error *err) {
  return event->kind == JOB_EVENT_ENDED ? on_ended(d, event, err) : on_word(d, event, err);
}

/* ---- the batch ---- */

static enum core_status launch(struct driver *d, uint64_t number, struct core_error *err) {
  const struct job_spec *spec = d->setup->spec;
  const struct hpo_trial *trial = hpo_study_history(d->study)->trials[number];
  struct job_start start;
  CORE_TRY(job_start_build(spec, number, trial->attempt, spec->hpo.seed, trial->internal,
                           &d->scratch, &start, err));
  CORE_TRY(d->setup->executor->ops->start(d->setup->executor, &start, err));
  d->n_running++;
  return CORE_OK;
}

/* The pruner is asked in the order of the events, each report seeing those before it and none
 * after. */
static void answer_report(struct driver *d, const struct driver_step *step) {
  const uint64_t number = step->event.number;
  const bool prune = !d->stopping && hpo_study_should_prune(d->study, number);
  if (prune || step->wants_answer)
    d->setup->executor->ops->answer(d->setup->executor, number, prune);
}

static enum core_status follow_up(struct driver *d, const struct driver_step *step,
                                  struct core_error *err) {
  CORE_TRY(hpo_study_apply(d->study, &step->event, err));
  d->sweep->n_ended_now += step->event.kind == HPO_EVENT_FINISH;
  driver_note_pace(d, &step->event);
  if (step->start) return launch(d, step->event.number, err);
  if (step->event.kind == HPO_EVENT_REPORT) answer_report(d, step);
  return CORE_OK;
}

/* How long a slot was taken; called when the study knows. */
void driver_note_pace(struct driver *d, const struct hpo_event *event) {
  if (event->kind != HPO_EVENT_FINISH) return;
  const struct hpo_trial *trial = hpo_study_history(d->study)->trials[event->number];
  if (trial->start_unix_s > 0) job_pace_ended(&d->pace, event->unix_s - trial->start_unix_s);
}

/* The asker gets the batch at once, so that what it has seen is always a whole one. */
static enum core_status feed_asker(struct driver *d, struct core_error *err) {
  size_t n = 0;
  for (size_t i = 0; i < d->n_steps; i++)
    if (!d->steps[i].from_asker) d->plain[n++] = d->steps[i].event;
  return job_asker_feed(d->asker, d->plain, n, hpo_store_next_order(d->setup->store), err);
}

/* Stores the batch, then lets it have its effects. */
enum core_status driver_commit(struct driver *d, struct core_error *err) {
  if (d->n_steps > 0) {
    void *plain = d->plain;
    CORE_TRY(core_grow(&plain, &d->plain_cap, d->n_steps, sizeof *d->plain, err));
    d->plain = plain;
    for (size_t i = 0; i < d->n_steps; i++) d->plain[i] = d->steps[i].event;
    CORE_TRY(hpo_store_append(d->setup->store, d->plain, d->n_steps, err));
    d->n_claimed = 0;
    CORE_TRY(feed_asker(d, err));
    for (size_t i = 0; i < d->n_steps; i++) CORE_TRY(follow_up(d, &d->steps[i], err));
    d->n_steps = 0;
  }
  core_arena_reset(&d->scratch);
  return CORE_OK;
}
