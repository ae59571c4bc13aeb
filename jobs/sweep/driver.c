/* SPDX-License-Identifier: GPL-3.0-or-later
 * The loop, what ends it, and how a stored study is taken up again. */
#include <math.h>
#include <stdio.h>

#include "core/str.h"
#include "core/subprocess.h"

#include "jobs/sweep/driver_state.h"
#include "jobs/sweep/session.h"
#include "jobs/sweep/signals.h"
#include "jobs/sweep/tally.h"
#include "jobs/trial/start.h"

#define IDLE_WAIT_S 0.5 /* progress and deadlines are looked at this often when nothing happens */

/* ---- the sweep ends ---- */

static bool is_asked(const struct driver *d, uint64_t number) {
  for (size_t i = 0; i < d->asked.n; i++)
    if (d->asked.numbers[i] == number) return true;
  return false;
}

static void stop_running(struct driver *d) {
  const struct hpo_history *history = hpo_study_history(d->study);
  if (d->stopping) return;
  d->stopping = true;
  for (size_t i = 0; i < history->n_trials; i++)
    if (history->trials[i]->state == HPO_RUNNING && !is_asked(d, history->trials[i]->number))
      d->setup->executor->ops->stop(d->setup->executor, history->trials[i]->number);
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
    driver_drain(d, JOB_SWEEP_SIGNAL);
    stop_running(d);
  }
  return false;
}

static void check_deadline(struct driver *d) {
  if (d->stopping || driver_now_s(d) - d->started_s < d->setup->spec->hpo.timeout_s) return;
  core_log_info(d->setup->log, "the sweep's timeout is reached: ending %zu running trial%s",
                d->n_running, d->n_running == 1 ? "" : "s");
  driver_drain(d, JOB_SWEEP_TIMEOUT);
  stop_running(d);
}

static void check_workers(struct driver *d) {
  if (d->draining || d->n_running > 0 || d->setup->executor->ops->slots(d->setup->executor) > 0)
    return;
  core_log_error(d->setup->log, "no worker is left");
  driver_drain(d, JOB_SWEEP_NO_WORKERS);
}

static enum core_status poll_executor(struct driver *d, double wait_s, struct core_error *err) {
  const int fds[] = {job_asker_fd(d->asker), job_gate_fd(d->setup->gate), d->setup->signal_fd};
  const size_t n_fds = d->setup->signal_fd >= 0 ? 3 : 2;
  size_t n = 0;
  CORE_TRY(d->setup->executor->ops->poll(d->setup->executor, wait_s, fds, n_fds, d->polled,
                                         DRIVER_EVENTS_PER_POLL, &n, err));
  for (size_t i = 0; i < n; i++) CORE_TRY(driver_take_event(d, &d->polled[i], err));
  return CORE_OK;
}

/* ---- the loop ---- */

static bool nothing_left(struct driver *d) {
  const struct hpo_spec *spec = &d->setup->spec->hpo;
  if (d->n_running > 0 || d->n_steps > 0) return false;
  if (d->draining) return true;
  if (driver_n_ready(d) > 0 || job_asker_owed(d->asker) > 0) return false;
  if (d->exhausted) d->sweep->end = JOB_SWEEP_EXHAUSTED;
  return d->exhausted ||
         (spec->trials >= 0 && hpo_study_history(d->study)->n_trials >= (uint64_t)spec->trials);
}

static void show_progress(struct driver *d, bool force) {
  struct core_str line = {0};
  if (!d->setup->progress) return;
  job_tally_progress(d->study, driver_now_s(d) - d->started_s, d->sweep->n_ended_now, &line);
  core_progress_show(d->setup->progress, driver_now_s(d), force, "%s", core_str_text(&line));
  core_str_close(&line);
}

static double wait_s(const struct driver *d) {
  const double left = d->setup->spec->hpo.timeout_s - (driver_now_s(d) - d->started_s);
  return left < IDLE_WAIT_S ? fmax(left, 0.001) : IDLE_WAIT_S;
}

/* Says what a sampler that has a choice has chosen, whenever that changes. */
static void log_sampler_note(struct driver *d) {
  const char *note = hpo_study_sampler_note(d->study);
  if (core_streq(note, d->sampler_note)) return;
  snprintf(d->sampler_note, sizeof d->sampler_note, "%s", note);
  core_log_info(d->setup->log, "sampler '%s' %s", d->setup->spec->hpo.sampler->name, note);
}

static enum core_status loop(struct driver *d, struct core_error *err) {
  for (;;) {
    if (take_signals(d)) return CORE_OK;
    check_deadline(d);
    check_workers(d);
    CORE_TRY(driver_settle_gate(d, err));
    CORE_TRY(driver_admit_ready(d, err));
    CORE_TRY(driver_take_suggestions(d, err));
    CORE_TRY(driver_commit(d, err));
    log_sampler_note(d);
    driver_request_suggestions(d);
    if (nothing_left(d)) return CORE_OK;
    hpo_store_beat(d->setup->store, driver_now_unix_s(d));
    CORE_TRY(poll_executor(d, wait_s(d), err));
    show_progress(d, false);
  }
}

/* The lock is ours, so whatever still runs for this storage was left by a driver that was killed. */
static void end_leftovers(struct driver *d) {
  struct core_str entry = {0};
  core_str_printf(&entry, "%s=%s", JOB_STORAGE_VARIABLE, d->setup->spec->storage);
  const size_t n = entry.failed ? 0 : core_leftovers_end(core_str_text(&entry));
  core_str_close(&entry);
  if (n > 0)
    core_log_info(d->setup->log, "ended %zu process%s that it had left here", n,
                  n == 1 ? "" : "es");
}

/* Every stored event goes to the study and to the asker's copy of it. */
static enum core_status replay_event(void *context, const struct hpo_event *event,
                                     struct core_error *err) {
  struct driver *d = context;
  if (event->kind == HPO_EVENT_ATTR && event->system && core_streq(event->key, JOB_ASKED_ATTR))
    CORE_TRY(driver_push(&d->asked, event->number, err));
  CORE_TRY(hpo_study_apply(d->study, event, err));
  driver_note_pace(d, event);
  return job_asker_feed(d->asker, event, 1, event->order + 1, err);
}

/* Trials that were running when the last driver died are put back; all that wait are started first.
 */
static enum core_status recover(struct driver *d, struct core_error *err) {
  const struct hpo_history *history = hpo_study_history(d->study);
  size_t n_lost = 0;
  for (size_t i = 0; i < history->n_trials; i++) {
    const struct hpo_trial *trial = history->trials[i];
    if (trial->state == HPO_WAITING) CORE_TRY(driver_push(&d->ready, trial->number, err));
    if (trial->state != HPO_RUNNING || is_asked(d, trial->number)) continue;
    n_lost++;
    const struct job_event lost = {.kind = JOB_EVENT_ENDED,
                                   .number = trial->number,
                                   .unix_s = driver_now_unix_s(d),
                                   .outcome = HPO_OUTCOME_LOST,
                                   .message = "the driver that ran it died"};
    d->n_running++; /* its end counts it down */
    CORE_TRY(driver_take_event(d, &lost, err));
  }
  if (n_lost > 0) {
    core_log_info(d->setup->log, "%zu trial%s of a driver that died: tried again", n_lost,
                  n_lost == 1 ? "" : "s");
    end_leftovers(d);
  }
  return driver_commit(d, err);
}

static enum core_status driver_open(struct driver *d, struct core_error *err) {
  CORE_TRY(hpo_study_open(&d->setup->spec->hpo, &d->study, err));
  CORE_TRY(job_asker_open(&d->setup->spec->hpo, d->setup->clock, &d->asker, err));
  CORE_TRY(driver_publish_verdicts(d, err));
  CORE_TRY(hpo_store_replay(d->setup->store, replay_event, d, err));
  return recover(d, err);
}

static void driver_close(struct driver *d) {
  if (d->study) {
    d->sweep->counts = hpo_study_counts(d->study);
    d->sweep->seconds = driver_now_s(d) - d->started_s;
    job_tally_summary(d->study, d->sweep->seconds, d->sweep->n_ended_now, &d->sweep->text);
  }
  job_asker_close(d->asker);
  hpo_study_close(d->study);
  core_arena_close(&d->scratch);
  core_free(d->steps);
  core_free(d->plain);
  core_free(d->ready.numbers);
  core_free(d->asked.numbers);
  core_free(d);
}

enum core_status job_driver_run(const struct job_driver_setup *setup, struct job_sweep *sweep,
                                struct core_error *err) {
  *sweep = (struct job_sweep){.end = JOB_SWEEP_DONE};
  struct driver *d = core_calloc(1, sizeof *d);
  if (!d) return core_fail_nomem(err, sizeof *d);
  d->setup = setup;
  d->sweep = sweep;
  d->started_s = driver_now_s(d);
  enum core_status st = driver_open(d, err);
  if (st == CORE_OK) st = loop(d, err);
  driver_close(d);
  return st;
}

void job_sweep_close(struct job_sweep *sweep) {
  core_str_close(&sweep->text);
}
