/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate tell`: the result, or an intermediate value, of a trial that `ask` gave. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/num.h"
#include "jobs/cli/command.h"
#include "jobs/sweep/session.h"

static const struct core_option tell_options[] = {
    {.name = "value",
     .letter = 'v',
     .type = CORE_OPT_LIST,
     .unit = "V",
     .help = "the objective's value; once for each objective"},
    {.name = "state",
     .type = CORE_OPT_CHOICE,
     .choices = "complete|pruned|fail",
     .help = "how the trial ended (default: complete)"},
    {.name = "step",
     .type = CORE_OPT_INT,
     .min = -9007199254740992.0,
     .max = 9007199254740992.0,
     .unit = "N",
     .help = "the value is a report at this step; exit code 10: the pruner says stop"},
    {.name = "skip-if-finished",
     .type = CORE_OPT_FLAG,
     .help = "say nothing when the trial has ended already"},
    CORE_OPTION_END};

#define VALUES_MAX 64 /* objectives that one command line can tell */

static enum core_status read_values(const struct core_node *list, double *values, size_t *n,
                                    struct core_error *err) {
  *n = 0;
  for (const struct core_node *node = list ? list->first : NULL; node; node = node->next) {
    if (*n == VALUES_MAX)
      return core_fail(err, CORE_INVAL, "tell: more than %d values", VALUES_MAX);
    if (!core_parse_double(node->text.data, node->text.len, &values[(*n)++]))
      return core_fail(err, CORE_INVAL, "tell: --value '%s' is not a number", node->text.data);
  }
  return CORE_OK;
}

static enum core_status find_trial(const struct job_session *session, const char *word,
                                   const struct hpo_trial **trial, struct core_error *err) {
  uint64_t number;
  const struct hpo_history *history = hpo_study_history(session->study);
  if (!core_parse_uint64(word, strlen(word), &number))
    return core_fail(err, CORE_INVAL, "tell: '%s' is not a trial number", word);
  if (number >= history->n_trials)
    return core_fail(err, CORE_INVAL, "tell: there is no trial %s; the study has %zu", word,
                     history->n_trials);
  *trial = history->trials[number];
  return CORE_OK;
}

static enum core_status tell_report(struct job_session *session, const struct hpo_trial *trial,
                                    int64_t step, const double *values, size_t n, bool *prune,
                                    struct core_error *err) {
  if (n != 1)
    return core_fail(err, CORE_INVAL, "tell: a report takes one --value, %zu were given", n);
  const struct core_clock *clock = core_clock_system();
  const struct hpo_event event = {.kind = HPO_EVENT_REPORT,
                                  .number = trial->number,
                                  .unix_s = clock->unix_s(clock),
                                  .report = {.step = step, .value = values[0]}};
  CORE_TRY(job_session_commit(session, &event, 1, err));
  *prune = hpo_study_should_prune(session->study, trial->number);
  puts(*prune ? "{\"prune\": true}" : "{\"prune\": false}");
  return CORE_OK;
}

static enum core_status tell_end(struct job_session *session, const struct hpo_trial *trial,
                                 const char *state, const double *values, size_t n,
                                 struct core_error *err) {
  const struct core_clock *clock = core_clock_system();
  struct hpo_event event = {.kind = HPO_EVENT_FINISH,
                            .number = trial->number,
                            .unix_s = clock->unix_s(clock),
                            .state = HPO_COMPLETE,
                            .outcome = HPO_OUTCOME_TOLD,
                            .values = values,
                            .n_values = n};
  if (state && strcmp(state, "fail") == 0) event.state = HPO_FAIL;
  if (state && strcmp(state, "pruned") == 0) event.state = HPO_PRUNED;
  if (event.state == HPO_PRUNED && n == 0 && trial->n_reports > 0) {
    event.values = &trial->reports[trial->n_reports - 1].value;
    event.n_values = 1;
  }
  return job_session_commit(session, &event, 1, err);
}

static enum core_status tell_one(struct job_session *session, const struct core_options *options,
                                 const char *word, bool *prune, struct core_error *err) {
  const struct hpo_trial *trial = NULL;
  double values[VALUES_MAX];
  size_t n = 0;
  CORE_TRY(find_trial(session, word, &trial, err));
  CORE_TRY(read_values(core_option_node(options, "value"), values, &n, err));
  if (hpo_state_is_final(trial->state) && core_option_flag(options, "skip-if-finished"))
    return CORE_OK;
  if (core_option_given(options, "step"))
    return tell_report(session, trial, core_option_int(options, "step"), values, n, prune, err);
  return tell_end(session, trial, core_option_text(options, "state"), values, n, err);
}

static int tell_run(const struct core_options *options, const char *const *words, size_t n_words) {
  (void)n_words;
  struct core_error err = {0};
  struct job_session session = {0};
  bool prune = false;
  int code = JOB_EXIT_GOOD;
  if (job_session_open(&session, words[0], &err) != CORE_OK ||
      tell_one(&session, options, words[1], &prune, &err) != CORE_OK)
    code = job_exit_failure(&err);
  job_session_close(&session);
  return prune ? JOB_EXIT_PRUNED : code;
}

const struct job_command job_command_tell = {
    .name = "tell",
    .synopsis = "STUDY.yaml NUMBER --value V [--state STATE | --step N]",
    .summary = "store the result or a report of an asked trial",
    .description =
        "With --step the value is an intermediate one: prints {\"prune\": true} and exits 10 when "
        "the study's\n"
        "pruner says that the trial should stop. Otherwise the trial ends with the value.",
    .options = tell_options,
    .min_words = 2,
    .max_words = 2,
    .run = tell_run,
};
