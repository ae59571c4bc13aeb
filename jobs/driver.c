/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/driver.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "jobs/asker.h"
#include "jobs/outcome.h"
#include "jobs/signals.h"
#include "jobs/start.h"
#include "jobs/tally.h"

#define EVENTS_PER_POLL 512
#define IDLE_WAIT_S     0.5 /* progress and deadlines are looked at this often when nothing happens */

/* One event of the batch and what follows once it is stored. */
struct step {
  struct hpo_event event;
  bool from_asker;   /* the asker has applied it already */
  bool start;        /* start the trial on a free slot */
  bool wants_answer; /* REPORT: the trial waits for the pruner's word */
};

/* Trials that wait for a free slot, first in first out. */
struct queue {
  uint64_t *numbers;
  size_t head, n, cap;
};

struct driver {
  const struct job_driver_setup *setup;
  struct hpo_study *study;
  struct job_asker *asker;
  struct core_arena scratch; /* dies with the batch */
  struct step *steps;
  size_t n_steps, steps_cap;
  struct hpo_event *plain; /* the batch as the store takes it */
  size_t plain_cap;
  struct queue ready;
  size_t n_running;
  size_t n_claimed; /* slots that steps of the batch will take */
  bool draining;    /* start nothing more */
  bool stopping;    /* running trials were told to end */
  bool exhausted;
  double started_s;
  struct job_sweep *sweep;
  struct job_event polled[EVENTS_PER_POLL];
};

static double now_s(const struct driver *d) {
  return d->setup->clock->monotonic_s(d->setup->clock);
}

static double now_unix_s(const struct driver *d) {
  return d->setup->clock->unix_s(d->setup->clock);
}

static enum core_status push_step(struct driver *d, const struct step *step,
                                  struct core_error *err) {
  void *steps = d->steps;
  CORE_TRY(core_grow(&steps, &d->steps_cap, d->n_steps + 1, sizeof *d->steps, err));
  d->steps = steps;
  d->steps[d->n_steps++] = *step;
  d->n_claimed += step->start;
  return CORE_OK;
}

static enum core_status queue_push(struct queue *queue, uint64_t number, struct core_error *err) {
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

static size_t queue_length(const struct queue *queue) {
  return queue->n - queue->head;
}

static size_t free_slots(const struct driver *d) {
  const size_t n_free = d->setup->executor->ops->free_slots(d->setup->executor);
  return n_free > d->n_claimed ? n_free - d->n_claimed : 0;
}

/* ---- the sweep ends ---- */

static void stop_running(struct driver *d) {
  const struct hpo_history *history = hpo_study_history(d->study);
  if (d->stopping) return;
  d->stopping = true;
  for (size_t i = 0; i < history->n_trials; i++)
    if (history->trials[i]->state == HPO_RUNNING)
      d->setup->executor->ops->stop(d->setup->executor, history->trials[i]->number);
}

static void drain(struct driver *d, enum job_sweep_end end) {
  if (!d->draining) d->sweep->end = end;
  d->draining = true;
}

/* True when a second request to stop came: leave at once. */
static bool take_signals(struct driver *d) {
  int number = 0;
  while (d->setup->signal_fd >= 0 && (number = job_signals_take(d->setup->signal_fd)) != 0) {
    if (d->stopping && d->sweep->signal_number != 0) return true;
    core_log_warn(d->setup->log,
                  "%s: ending %zu running trial%s, storing, leaving; once more to leave at once",
                  job_signal_name(number), d->n_running, d->n_running == 1 ? "" : "s");
    d->sweep->signal_number = number;
    d->draining = false; /* a request to stop outranks any other end */
    drain(d, JOB_SWEEP_SIGNAL);
    stop_running(d);
  }
  return false;
}

static void check_deadline(struct driver *d) {
  if (d->stopping || now_s(d) - d->started_s < d->setup->spec->hpo.timeout_s) return;
  core_log_info(d->setup->log, "the sweep's timeout is reached: ending %zu running trial%s",
                d->n_running, d->n_running == 1 ? "" : "s");
  drain(d, JOB_SWEEP_TIMEOUT);
  stop_running(d);
}

static void check_workers(struct driver *d) {
  if (d->draining || d->n_running > 0 || d->setup->executor->ops->slots(d->setup->executor) > 0)
    return;
  core_log_error(d->setup->log, "no worker is left");
  drain(d, JOB_SWEEP_NO_WORKERS);
}

/* ---- the gate ---- */

/* Shows and stores the verdicts that are new. */
static enum core_status publish_verdicts(struct driver *d, struct core_error *err) {
  for (size_t i = 0; i < job_gate_count(d->setup->gate); i++) {
    struct job_gate_entry *entry = job_gate_entry(d->setup->gate, i);
    if (entry->version == entry->stored_version) continue;
    const struct hpo_gate_verdict verdict = {.data = entry->spec->data,
                                             .suite = entry->spec->suite,
                                             .data_hash = entry->data_hash,
                                             .suite_hash = entry->suite_hash,
                                             .success = entry->success,
                                             .n_rows = entry->n_rows,
                                             .n_failed = entry->n_failed,
                                             .unix_s = now_unix_s(d),
                                             .summary_json = core_str_text(&entry->summary)};
    CORE_TRY(hpo_store_gate_verdict(d->setup->store, &verdict, &entry->stored_id, err));
    entry->stored_version = entry->version;
    if (entry->success)
      core_log_info(d->setup->log, "gate: %s is good (%llu rows)", entry->spec->data,
                    (unsigned long long)entry->n_rows);
    else
      core_log_error(d->setup->log, "gate: %s fails its suite\n%s", entry->spec->data,
                     core_str_text(&entry->report));
  }
  return CORE_OK;
}

static enum core_status settle_gate(struct driver *d, struct core_error *err) {
  struct core_error why = {0};
  const enum core_status st = job_gate_settle(d->setup->gate, &why);
  if (st != CORE_OK) {
    core_log_failure(d->setup->log, &why);
    d->sweep->gate_status = st;
    return CORE_OK; /* job_gate_look says CLOSED from now on */
  }
  return job_gate_look(d->setup->gate) == JOB_GATE_CHECKING ? CORE_OK : publish_verdicts(d, err);
}

/* May a trial start now? Also ends the sweep when the gate has closed. */
static enum job_gate_state gate_now(struct driver *d) {
  const enum job_gate_state state = job_gate_look(d->setup->gate);
  if (state == JOB_GATE_CLOSED) {
    if (!d->draining)
      core_log_error(d->setup->log, "the gate is closed: no further trial starts%s",
                     d->n_running ? "; running ones go on" : "");
    drain(d, JOB_SWEEP_GATE);
  }
  return state;
}

/* The data that a trial was started on, as an attribute of the trial. */
static enum core_status gate_attr(struct driver *d, uint64_t number, struct core_error *err) {
  const size_t n = job_gate_count(d->setup->gate);
  struct core_str json = {0};
  if (n == 0) return CORE_OK;
  core_str_char(&json, '[');
  for (size_t i = 0; i < n; i++) {
    const struct job_gate_entry *entry = job_gate_entry(d->setup->gate, i);
    core_str_printf(&json, "%s{\"data\": ", i ? ", " : "");
    core_str_json(&json, entry->spec->data, strlen(entry->spec->data));
    core_str_printf(&json, ", \"hash\": \"%s\", \"success\": %s, \"verdict\": %lld}",
                    entry->data_hash, entry->success ? "true" : "false",
                    (long long)entry->stored_id);
  }
  core_str_char(&json, ']');
  const char *text = json.failed ? NULL : core_arena_strndup(&d->scratch, json.data, json.len);
  core_str_close(&json);
  if (!text) return core_fail_nomem(err, json.len);
  const struct step step = {.event = {.kind = HPO_EVENT_ATTR,
                                      .number = number,
                                      .unix_s = now_unix_s(d),
                                      .key = "sweepgate:gate",
                                      .json = text,
                                      .system = true}};
  return push_step(d, &step, err);
}

/* A trial starts, or fails because its data did. `start` is its CREATE or START step. */
static enum core_status admit(struct driver *d, struct step *start, enum job_gate_state gate,
                              struct core_error *err) {
  start->start = gate == JOB_GATE_OPEN;
  CORE_TRY(push_step(d, start, err));
  CORE_TRY(gate_attr(d, start->event.number, err));
  if (gate != JOB_GATE_FAILS) return CORE_OK;
  const struct step fail = {.event = {.kind = HPO_EVENT_FINISH,
                                      .number = start->event.number,
                                      .unix_s = now_unix_s(d),
                                      .state = HPO_FAIL,
                                      .outcome = HPO_OUTCOME_GATE,
                                      .message = "the data failed its suite"}};
  return push_step(d, &fail, err);
}

/* ---- where trials come from ---- */

/* Trials that were lost, put back, or enqueued: first in line for a free slot. */
static enum core_status admit_ready(struct driver *d, struct core_error *err) {
  while (!d->draining && queue_length(&d->ready) > 0 && free_slots(d) > 0) {
    const enum job_gate_state gate = gate_now(d);
    if (gate != JOB_GATE_OPEN && gate != JOB_GATE_FAILS) return CORE_OK;
    const uint64_t number = d->ready.numbers[d->ready.head++];
    struct step start = {
        .event = {.kind = HPO_EVENT_START, .number = number, .unix_s = now_unix_s(d)}};
    CORE_TRY(admit(d, &start, gate, err));
  }
  return CORE_OK;
}

static enum core_status take_suggestions(struct driver *d, struct core_error *err) {
  struct job_suggestions got;
  enum core_status st = CORE_OK;
  if (d->draining || !job_asker_busy(d->asker)) return CORE_OK;
  const enum job_gate_state gate = gate_now(d);
  if (gate != JOB_GATE_OPEN && gate != JOB_GATE_FAILS) return CORE_OK;
  if (!job_asker_take(d->asker, &got, &st, err)) return CORE_OK;
  if (st != CORE_OK) return st;
  if (got.n_fallback > 0)
    core_log_warn(d->setup->log, "sampler '%s' failed for %zu of %zu points: drawn at random",
                  d->setup->spec->hpo.sampler->name, got.n_fallback, got.n);
  d->exhausted = got.exhausted;
  for (size_t i = 0; i < got.n; i++) {
    struct step created = {
        .from_asker = true,
        .event = {.kind = HPO_EVENT_CREATE,
                  .number = got.first_number + i,
                  .unix_s = now_unix_s(d),
                  .internal = got.internal + i * d->setup->spec->hpo.space.n_params,
                  .seen = got.seen,
                  .state = HPO_RUNNING}};
    CORE_TRY(admit(d, &created, gate, err));
  }
  return CORE_OK;
}

/* Asks for as many points as there are slots that nobody else will take. */
static void request_suggestions(struct driver *d) {
  const struct hpo_spec *spec = &d->setup->spec->hpo;
  if (d->draining || d->exhausted || job_asker_busy(d->asker)) return;
  const size_t n_free = free_slots(d), n_ready = queue_length(&d->ready);
  size_t wanted = n_free > n_ready ? n_free - n_ready : 0;
  if (spec->trials >= 0) {
    const uint64_t n_trials = hpo_study_history(d->study)->n_trials;
    const uint64_t left = (uint64_t)spec->trials > n_trials ? (uint64_t)spec->trials - n_trials : 0;
    if (wanted > left) wanted = (size_t)left;
  }
  if (wanted > 0) job_asker_request(d->asker, wanted);
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
  for (size_t i = 0; i < n; i++) CORE_TRY(push_step(d, &(struct step){.event = events[i]}, err));
  if (again) CORE_TRY(queue_push(&d->ready, ended->number, err));
  warn_of_failure(d, &events[n - 1], ended, again);
  d->sweep->n_ended_now += events[n - 1].kind == HPO_EVENT_FINISH;
  d->n_running--;
  return CORE_OK;
}

/* A report or an attribute; one that the study does not take is dropped with a word. */
static enum core_status on_word(struct driver *d, const struct job_event *event,
                                struct core_error *err) {
  struct core_error why = {0};
  struct step step = {.event = {.number = event->number, .unix_s = event->unix_s}};
  if (event->kind == JOB_EVENT_REPORT) {
    step.event.kind = HPO_EVENT_REPORT;
    step.event.report = event->report;
    step.wants_answer = event->wants_answer;
  } else {
    step.event.kind = HPO_EVENT_ATTR;
    step.event.key = event->key;
    step.event.json = event->json;
  }
  if (hpo_study_check(d->study, &step.event, &why) == CORE_OK) return push_step(d, &step, err);
  core_log_warn(d->setup->log, "%s: dropped", why.message);
  if (event->wants_answer)
    d->setup->executor->ops->answer(d->setup->executor, event->number, false);
  return CORE_OK;
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
static void answer_report(struct driver *d, const struct step *step) {
  const uint64_t number = step->event.number;
  const bool prune = !d->stopping && hpo_study_should_prune(d->study, number);
  if (prune || step->wants_answer)
    d->setup->executor->ops->answer(d->setup->executor, number, prune);
}

static enum core_status follow_up(struct driver *d, const struct step *step,
                                  struct core_error *err) {
  CORE_TRY(hpo_study_apply(d->study, &step->event, err));
  if (!step->from_asker) CORE_TRY(job_asker_feed(d->asker, &step->event, 1, err));
  if (step->start) return launch(d, step->event.number, err);
  if (step->event.kind == HPO_EVENT_REPORT) answer_report(d, step);
  return CORE_OK;
}

/* Stores the batch, then lets it have its effects. */
static enum core_status commit(struct driver *d, struct core_error *err) {
  if (d->n_steps > 0) {
    void *plain = d->plain;
    CORE_TRY(core_grow(&plain, &d->plain_cap, d->n_steps, sizeof *d->plain, err));
    d->plain = plain;
    for (size_t i = 0; i < d->n_steps; i++) d->plain[i] = d->steps[i].event;
    CORE_TRY(hpo_store_append(d->setup->store, d->plain, d->n_steps, err));
    d->n_claimed = 0;
    for (size_t i = 0; i < d->n_steps; i++) CORE_TRY(follow_up(d, &d->steps[i], err));
    d->n_steps = 0;
  }
  core_arena_reset(&d->scratch);
  return CORE_OK;
}

static enum core_status poll_executor(struct driver *d, double wait_s, struct core_error *err) {
  const int fds[] = {job_asker_fd(d->asker), job_gate_fd(d->setup->gate), d->setup->signal_fd};
  const size_t n_fds = d->setup->signal_fd >= 0 ? 3 : 2;
  size_t n = 0;
  CORE_TRY(d->setup->executor->ops->poll(d->setup->executor, wait_s, fds, n_fds, d->polled,
                                         EVENTS_PER_POLL, &n, err));
  for (size_t i = 0; i < n; i++)
    CORE_TRY(d->polled[i].kind == JOB_EVENT_ENDED ? on_ended(d, &d->polled[i], err)
                                                  : on_word(d, &d->polled[i], err));
  return CORE_OK;
}

/* ---- the loop ---- */

static bool nothing_left(struct driver *d) {
  const struct hpo_spec *spec = &d->setup->spec->hpo;
  if (d->n_running > 0 || d->n_steps > 0) return false;
  if (d->draining) return true;
  if (queue_length(&d->ready) > 0 || job_asker_busy(d->asker)) return false;
  if (d->exhausted) d->sweep->end = JOB_SWEEP_EXHAUSTED;
  return d->exhausted ||
         (spec->trials >= 0 && hpo_study_history(d->study)->n_trials >= (uint64_t)spec->trials);
}

static void show_progress(struct driver *d, bool force) {
  struct core_str line = {0};
  if (!d->setup->progress) return;
  job_tally_progress(d->study, now_s(d) - d->started_s, d->sweep->n_ended_now, &line);
  core_progress_show(d->setup->progress, now_s(d), force, "%s", core_str_text(&line));
  core_str_close(&line);
}

static double wait_s(const struct driver *d) {
  const double left = d->setup->spec->hpo.timeout_s - (now_s(d) - d->started_s);
  return left < IDLE_WAIT_S ? fmax(left, 0.001) : IDLE_WAIT_S;
}

static enum core_status loop(struct driver *d, struct core_error *err) {
  for (;;) {
    if (take_signals(d)) return CORE_OK;
    check_deadline(d);
    check_workers(d);
    CORE_TRY(settle_gate(d, err));
    CORE_TRY(admit_ready(d, err));
    CORE_TRY(take_suggestions(d, err));
    CORE_TRY(commit(d, err));
    request_suggestions(d);
    if (nothing_left(d)) return CORE_OK;
    CORE_TRY(poll_executor(d, wait_s(d), err));
    show_progress(d, false);
  }
}

/* Every stored event goes to the study and to the asker's copy of it. */
static enum core_status replay_event(void *context, const struct hpo_event *event,
                                     struct core_error *err) {
  struct driver *d = context;
  CORE_TRY(hpo_study_apply(d->study, event, err));
  return job_asker_feed(d->asker, event, 1, err);
}

/* Trials that were running when the last driver died are put back; all that wait are started first.
 */
static enum core_status recover(struct driver *d, struct core_error *err) {
  const struct hpo_history *history = hpo_study_history(d->study);
  size_t n_lost = 0;
  for (size_t i = 0; i < history->n_trials; i++) {
    const struct hpo_trial *trial = history->trials[i];
    if (trial->state == HPO_WAITING) CORE_TRY(queue_push(&d->ready, trial->number, err));
    if (trial->state != HPO_RUNNING) continue;
    n_lost++;
    const struct job_event lost = {.kind = JOB_EVENT_ENDED,
                                   .number = trial->number,
                                   .unix_s = now_unix_s(d),
                                   .outcome = HPO_OUTCOME_LOST,
                                   .message = "the driver that ran it died"};
    d->n_running++; /* on_ended counts it down */
    CORE_TRY(on_ended(d, &lost, err));
  }
  if (n_lost > 0)
    core_log_info(d->setup->log, "%zu trial%s of a driver that died: tried again", n_lost,
                  n_lost == 1 ? "" : "s");
  return commit(d, err);
}

static enum core_status driver_open(struct driver *d, struct core_error *err) {
  CORE_TRY(hpo_study_open(&d->setup->spec->hpo, &d->study, err));
  CORE_TRY(job_asker_open(&d->setup->spec->hpo, &d->asker, err));
  CORE_TRY(publish_verdicts(d, err));
  CORE_TRY(hpo_store_replay(d->setup->store, replay_event, d, err));
  return recover(d, err);
}

static void driver_close(struct driver *d) {
  if (d->study) {
    d->sweep->counts = hpo_study_counts(d->study);
    d->sweep->seconds = now_s(d) - d->started_s;
    job_tally_summary(d->study, d->sweep->seconds, d->sweep->n_ended_now, &d->sweep->text);
  }
  job_asker_close(d->asker);
  hpo_study_close(d->study);
  core_arena_close(&d->scratch);
  core_free(d->steps);
  core_free(d->plain);
  core_free(d->ready.numbers);
  core_free(d);
}

enum core_status job_driver_run(const struct job_driver_setup *setup, struct job_sweep *sweep,
                                struct core_error *err) {
  *sweep = (struct job_sweep){.end = JOB_SWEEP_DONE};
  struct driver *d = core_calloc(1, sizeof *d);
  if (!d) return core_fail_nomem(err, sizeof *d);
  d->setup = setup;
  d->sweep = sweep;
  d->started_s = now_s(d);
  enum core_status st = driver_open(d, err);
  if (st == CORE_OK) st = loop(d, err);
  driver_close(d);
  return st;
}

void job_sweep_close(struct job_sweep *sweep) {
  core_str_close(&sweep->text);
}
