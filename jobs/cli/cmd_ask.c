/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate ask`: the next point of a study, for trials that somebody else runs. */
#include <stdio.h>

#include "core/clock.h"
#include "jobs/cli/command.h"
#include "jobs/sweep/session.h"

static const struct core_option ask_options[] = {
    {.name = "count",
     .letter = 'n',
     .type = CORE_OPT_INT,
     .fallback = "1",
     .min = 1,
     .max = 100000,
     .unit = "N",
     .help = "how many points to ask for; each is a line of JSON"},
    CORE_OPTION_END};

static double now_unix_s(void) {
  const struct core_clock *clock = core_clock_system();
  return clock->unix_s(clock);
}

/* A trial that was put back comes before a new point. */
static const struct hpo_trial *first_waiting(const struct hpo_history *history) {
  for (size_t i = 0; i < history->n_trials; i++)
    if (history->trials[i]->state == HPO_WAITING) return history->trials[i];
  return NULL;
}

static enum core_status create_next(struct job_session *session, double *row, uint64_t *number,
                                    struct core_error *err) {
  const struct hpo_history *history = hpo_study_history(session->study);
  const struct hpo_trial *waiting = first_waiting(history);
  struct hpo_event events[2] = {{.kind = HPO_EVENT_START, .unix_s = now_unix_s()}};
  *number = waiting ? waiting->number : history->n_trials;
  if (!waiting) {
    bool fallback = false;
    CORE_TRY(hpo_study_suggest(session->study, row, &fallback, err));
    events[0].kind = HPO_EVENT_CREATE;
    events[0].state = HPO_RUNNING;
    events[0].internal = row;
    events[0].seen = history->n_finished;
  }
  events[0].number = *number;
  events[1] = (struct hpo_event){.kind = HPO_EVENT_ATTR,
                                 .number = *number,
                                 .unix_s = events[0].unix_s,
                                 .key = JOB_ASKED_ATTR,
                                 .json = "true",
                                 .system = true};
  return job_session_commit(session, events, CORE_COUNT_OF(events), err);
}

static void print_trial(const struct job_session *session, uint64_t number) {
  const struct hpo_trial *trial = hpo_study_history(session->study)->trials[number];
  struct core_str text = {0};
  core_str_printf(&text, "{\"number\": %llu, \"params\": ", (unsigned long long)number);
  hpo_space_json(&session->spec.hpo.space, trial->internal, &text);
  core_str_text_append(&text, "}");
  puts(core_str_text(&text));
  core_str_close(&text);
}

static enum core_status ask_all(struct job_session *session, int64_t count,
                                struct core_error *err) {
  double *row = core_calloc(session->spec.hpo.space.n_params + 1, sizeof *row);
  if (!row) return core_fail_nomem(err, sizeof *row);
  enum core_status st = CORE_OK;
  for (int64_t i = 0; i < count && st == CORE_OK; i++) {
    uint64_t number = 0;
    st = create_next(session, row, &number, err);
    if (st == CORE_OK) print_trial(session, number);
  }
  core_free(row);
  return st;
}

static int ask_run(const struct core_options *options, const char *const *words, size_t n_words) {
  (void)n_words;
  struct core_error err = {0};
  struct job_session session = {0};
  int code = JOB_EXIT_GOOD;
  if (job_session_open(&session, words[0], &err) != CORE_OK ||
      ask_all(&session, core_option_int(options, "count"), &err) != CORE_OK)
    code = job_exit_failure(&err);
  if (err.status == CORE_EXHAUSTED) code = JOB_EXIT_NO_TRIAL;
  job_session_close(&session);
  return code;
}

const struct job_command job_command_ask = {
    .name = "ask",
    .synopsis = "STUDY.yaml [-n N]",
    .summary = "propose the next point, as JSON",
    .description = "Prints {\"number\": N, \"params\": {...}} and stores the trial as running; "
                   "tell its result with\n"
                   "'sweepgate tell STUDY.yaml N --value V'. Exit code 4: the space is exhausted.",
    .options = ask_options,
    .min_words = 1,
    .max_words = 1,
    .run = ask_run,
};
