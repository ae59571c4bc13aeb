/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate status`: how far a study is, whether somebody drives it, and its best trial. */
#include <math.h>
#include <string.h>

#include "core/num.h"
#include "jobs/cli/command.h"
#include "jobs/cli/study_view.h"

static const struct core_option status_options[] = {
    {.name = "format",
     .type = CORE_OPT_CHOICE,
     .fallback = "text",
     .choices = "text|json",
     .help = "how to print it"},
    JOB_VIEW_OPTION_STUDY,
    CORE_OPTION_END,
};

static const enum hpo_state shown_states[] = {HPO_COMPLETE, HPO_PRUNED, HPO_FAIL, HPO_RUNNING,
                                              HPO_WAITING};
static const char *const state_words[] = {"complete", "pruned", "failed", "running", "waiting"};

/* What status says, reckoned once. */
struct summary {
  size_t n_finished;
  int64_t budget; /* -1: not known or no limit */
  double
      elapsed_s; /* from the first start to the last end, or to now while it is driven; NaN: no start yet */
  const struct job_view_trial *best;
  size_t n_by_outcome[HPO_OUTCOME_TOLD + 1]; /* of failed trials */
};

static struct summary summarize(const struct job_view *view) {
  struct summary s = {.budget = view->has_spec ? view->spec.hpo.trials : view->study->trials,
                      .elapsed_s = NAN};
  double first_s = INFINITY;
  double last_s = -INFINITY;
  for (size_t i = 0; i < view->n_trials; i++) {
    const struct job_view_trial *trial = &view->trials[i];
    s.n_finished += hpo_state_is_final(trial->state);
    if (trial->state == HPO_FAIL) s.n_by_outcome[trial->outcome]++;
    if (trial->start_unix_s > 0 && trial->start_unix_s < first_s) first_s = trial->start_unix_s;
    if (trial->end_unix_s > last_s) last_s = trial->end_unix_s;
  }
  if (view->held) last_s = view->now_unix_s;
  if (last_s >= first_s) s.elapsed_s = last_s - first_s;
  if (view->study->n_objectives == 1) s.best = job_view_best(view);
  return s;
}

static void text_driver(const struct job_view *view, struct core_str *out) {
  char since[CORE_TIME_BYTES];
  core_str_text_append(out, "driver   ");
  if (!view->held) {
    core_str_text_append(out, "none at work\n");
    return;
  }
  core_time_format(view->holder.since_unix_s, since);
  core_str_printf(out, "process %lld on ", (long long)view->holder.pid);
  job_text_append(view->holder.host, out);
  if (view->holder.job[0]) {
    core_str_text_append(out, ", job ");
    job_text_append(view->holder.job, out);
  }
  core_str_printf(out, ", since %.19s UTC\n", since);
}

static void text_counts(const struct job_view *view, const struct summary *s,
                        struct core_str *out) {
  core_str_printf(out, "trials   %zu", s->n_finished);
  /* `run --trials` may have gone beyond what the study file asks for. */
  if (s->budget >= 0 && s->n_finished <= (uint64_t)s->budget)
    core_str_printf(out, " of %lld", (long long)s->budget);
  core_str_text_append(out, " finished");
  const char *between = ": ";
  for (size_t i = 0; i < CORE_COUNT_OF(shown_states); i++) {
    const size_t n = view->n_by_state[shown_states[i]];
    if (n == 0) continue;
    core_str_printf(out, "%s%zu %s", between, n, state_words[i]);
    between = ", ";
  }
  core_str_char(out, '\n');
  if (view->n_by_state[HPO_FAIL] == 0) return;
  between = "failed   ";
  for (size_t i = 0; i < CORE_COUNT_OF(s->n_by_outcome); i++) {
    if (s->n_by_outcome[i] == 0) continue;
    core_str_printf(out, "%s%zu %s", between, s->n_by_outcome[i],
                    hpo_outcome_text((enum hpo_outcome)i));
    between = ", ";
  }
  core_str_char(out, '\n');
}

static void text_status(const struct job_view *view, const struct summary *s,
                        struct core_str *out) {
  char number[CORE_NUM_BYTES];
  core_str_text_append(out, "study    ");
  job_text_append(view->study->name, out);
  core_str_char(out, '\n');
  text_driver(view, out);
  text_counts(view, s, out);
  if (s->best) {
    core_format_number(s->best->values[0], number);
    core_str_text_append(out, "best     ");
    job_text_append(view->study->objectives[0].metric, out);
    core_str_printf(out, " = %s (trial %llu)\n", number, (unsigned long long)s->best->number);
  }
  if (isnan(s->elapsed_s)) return;
  core_format_duration(s->elapsed_s, number);
  core_str_printf(out, "elapsed  %s", number);
  if (s->elapsed_s > 0 && s->n_finished > 0) {
    const double a_minute = 60.0 * (double)s->n_finished / s->elapsed_s;
    core_format_rounded(a_minute < 100 ? a_minute : round(a_minute), a_minute < 100 ? 3 : 17,
                        number);
    core_str_printf(out, ", %s finished trials a minute", number);
  }
  core_str_char(out, '\n');
}

static void json_driver(const struct job_view *view, struct core_str *out) {
  if (!view->held) {
    core_str_text_append(out, "null");
    return;
  }
  core_str_text_append(out, "{\"host\": ");
  core_str_json(out, view->holder.host, strlen(view->holder.host));
  core_str_printf(out, ", \"pid\": %lld, \"job\": ", (long long)view->holder.pid);
  core_str_json(out, view->holder.job, strlen(view->holder.job));
  core_str_text_append(out, ", \"since\": ");
  job_json_time(view->holder.since_unix_s, out);
  core_str_char(out, '}');
}

static void json_status(const struct job_view *view, const struct summary *s,
                        struct core_str *out) {
  core_str_text_append(out, "{\"study\": ");
  core_str_json(out, view->study->name, strlen(view->study->name));
  core_str_text_append(out, ", \"driver\": ");
  json_driver(view, out);
  core_str_printf(out, ", \"finished\": %zu, \"trials\": ", s->n_finished);
  if (s->budget >= 0)
    core_str_printf(out, "%lld", (long long)s->budget);
  else
    core_str_text_append(out, "null");
  for (size_t i = 0; i < CORE_COUNT_OF(shown_states); i++)
    core_str_printf(out, ", \"%s\": %zu", state_words[i], view->n_by_state[shown_states[i]]);
  core_str_text_append(out, ", \"outcomes_of_failed\": {");
  const char *between = "";
  for (size_t i = 0; i < CORE_COUNT_OF(s->n_by_outcome); i++) {
    if (s->n_by_outcome[i] == 0) continue;
    core_str_printf(out, "%s\"%s\": %zu", between, hpo_outcome_text((enum hpo_outcome)i),
                    s->n_by_outcome[i]);
    between = ", ";
  }
  core_str_text_append(out, "}, \"best\": ");
  if (s->best) {
    core_str_printf(out, "{\"number\": %llu, \"value\": ", (unsigned long long)s->best->number);
    job_json_number(s->best->values[0], out);
    core_str_char(out, '}');
  } else {
    core_str_text_append(out, "null");
  }
  core_str_text_append(out, ", \"elapsed_s\": ");
  if (isnan(s->elapsed_s))
    core_str_text_append(out, "null");
  else
    job_json_number(s->elapsed_s, out);
  core_str_text_append(out, "}\n");
}

static int status_run(const struct core_options *options, const char *const *words,
                      size_t n_words) {
  (void)n_words;
  struct core_error err = {0};
  struct core_str out = {0};
  struct job_view view;
  if (job_view_open(&view, words[0], core_option_text(options, "study"), &err) != CORE_OK)
    return job_exit_failure(&err);
  const struct summary summary = summarize(&view);
  if (strcmp(core_option_text(options, "format"), "json") == 0)
    json_status(&view, &summary, &out);
  else
    text_status(&view, &summary, &out);
  job_view_close(&view);
  return job_print(&out);
}

const struct job_command job_command_status = {
    .name = "status",
    .synopsis = "STUDY [options]",
    .summary = "tell how far a study is and who drives it",
    .description =
        "STUDY is the study file or its storage; the study may be running. Elapsed time goes "
        "from the first start to the\nlast end, or to now while the study is driven; pauses "
        "between runs count.",
    .options = status_options,
    .min_words = 1,
    .max_words = 1,
    .run = status_run,
};
