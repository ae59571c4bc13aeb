/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where trials come from: those put back, those suggested, all through the gate. */
#include <string.h>

#include "jobs/sweep/driver_state.h"

void driver_drain(struct driver *d, enum job_sweep_end end) {
  if (!d->draining) d->sweep->end = end;
  d->draining = true;
}

/* ---- the gate ---- */

/* Shows and stores the verdicts that are new. */
enum core_status driver_publish_verdicts(struct driver *d, struct core_error *err) {
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
                                             .unix_s = driver_now_unix_s(d),
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

enum core_status driver_settle_gate(struct driver *d, struct core_error *err) {
  struct core_error why = {0};
  const enum core_status st = job_gate_settle(d->setup->gate, &why);
  if (st != CORE_OK) {
    core_log_failure(d->setup->log, &why);
    d->sweep->gate_status = st;
    return CORE_OK; /* job_gate_look says CLOSED from now on */
  }
  return job_gate_look(d->setup->gate) == JOB_GATE_CHECKING ? CORE_OK
                                                            : driver_publish_verdicts(d, err);
}

/* May a trial start now? Also ends the sweep when the gate has closed. */
static enum job_gate_state gate_now(struct driver *d) {
  const enum job_gate_state state = job_gate_look(d->setup->gate);
  if (state == JOB_GATE_CLOSED) {
    if (!d->draining)
      core_log_error(d->setup->log, "the gate is closed: no further trial starts%s",
                     d->n_running ? "; running ones go on" : "");
    driver_drain(d, JOB_SWEEP_GATE);
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
  const struct driver_step step = {.event = {.kind = HPO_EVENT_ATTR,
                                             .number = number,
                                             .unix_s = driver_now_unix_s(d),
                                             .key = "sweepgate:gate",
                                             .json = text,
                                             .system = true}};
  return driver_push_step(d, &step, err);
}

/* A trial starts, or fails because its data did. `start` is its CREATE or START step. */
static enum core_status admit(struct driver *d, struct driver_step *start, enum job_gate_state gate,
                              struct core_error *err) {
  start->start = gate == JOB_GATE_OPEN;
  CORE_TRY(driver_push_step(d, start, err));
  CORE_TRY(gate_attr(d, start->event.number, err));
  if (gate != JOB_GATE_FAILS) return CORE_OK;
  const struct driver_step fail = {.event = {.kind = HPO_EVENT_FINISH,
                                             .number = start->event.number,
                                             .unix_s = driver_now_unix_s(d),
                                             .state = HPO_FAIL,
                                             .outcome = HPO_OUTCOME_GATE,
                                             .message = "the data failed its suite"}};
  return driver_push_step(d, &fail, err);
}

/* ---- where trials come from ---- */

/* Trials that were lost, put back, or enqueued: first in line for a free slot. */
enum core_status driver_admit_ready(struct driver *d, struct core_error *err) {
  while (!d->draining && driver_n_ready(d) > 0 && driver_free_slots(d) > 0) {
    const enum job_gate_state gate = gate_now(d);
    if (gate != JOB_GATE_OPEN && gate != JOB_GATE_FAILS) return CORE_OK;
    const uint64_t number = d->ready.numbers[d->ready.head++];
    struct driver_step start = {
        .event = {.kind = HPO_EVENT_START, .number = number, .unix_s = driver_now_unix_s(d)}};
    CORE_TRY(admit(d, &start, gate, err));
  }
  return CORE_OK;
}

static enum core_status create(struct driver *d, const struct job_suggestion *point,
                               const double *row, enum job_gate_state gate,
                               struct core_error *err) {
  struct driver_step created = {.from_asker = true,
                                .event = {.kind = HPO_EVENT_CREATE,
                                          .number = point->number,
                                          .unix_s = driver_now_unix_s(d),
                                          .internal = row,
                                          .seen = point->seen,
                                          .asked = point->asked,
                                          .state = HPO_RUNNING}};
  job_pace_suggested(&d->pace, point->seconds);
  if (point->fallback)
    core_log_warn(d->setup->log, "sampler '%s' failed for trial %llu: its point is drawn at random",
                  d->setup->spec->hpo.sampler->name, (unsigned long long)point->number);
  return admit(d, &created, gate, err);
}

/* A point that is ready becomes a trial when there is a slot for it. */
enum core_status driver_take_suggestions(struct driver *d, struct core_error *err) {
  const size_t row_bytes = d->setup->spec->hpo.space.n_params * sizeof(double);
  job_asker_hear(d->asker);
  while (!d->draining && job_asker_owed(d->asker) > 0 && driver_free_slots(d) > driver_n_ready(d)) {
    const enum job_gate_state gate = gate_now(d);
    if (gate != JOB_GATE_OPEN && gate != JOB_GATE_FAILS) return CORE_OK;
    struct job_suggestion point;
    bool got = false;
    double *row = core_arena_alloc(&d->scratch, row_bytes);
    if (!row) return core_fail_nomem(err, row_bytes);
    const enum core_status st = job_asker_take(d->asker, &point, row, &got, err);
    d->exhausted = st == CORE_EXHAUSTED;
    if (d->exhausted) core_error_clear(err);
    if (d->exhausted || !got) return d->exhausted ? CORE_OK : st;
    CORE_TRY(create(d, &point, row, gate, err));
  }
  return CORE_OK;
}

/* Asks for as many points as there are slots that nobody else will take, and for those that will be
 * needed soon if the sampler is slow. */
void driver_request_suggestions(struct driver *d) {
  const struct hpo_spec *spec = &d->setup->spec->hpo;
  const size_t owed = job_asker_owed(d->asker);
  if (d->draining || d->exhausted || (spec->deterministic && owed > 0)) return;
  const size_t n_free = driver_free_slots(d), n_ready = driver_n_ready(d);
  size_t wanted = n_free > n_ready ? n_free - n_ready : 0;
  if (!spec->deterministic) wanted += job_pace_ahead(&d->pace, d->n_running);
  if (spec->trials >= 0) {
    const uint64_t n_trials = hpo_study_history(d->study)->n_trials;
    const uint64_t left = (uint64_t)spec->trials > n_trials ? (uint64_t)spec->trials - n_trials : 0;
    if (wanted > left) wanted = (size_t)left;
  }
  if (wanted > owed) job_asker_request(d->asker, wanted - owed);
}
