/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate best`: the best trial so far, for people or for the next program. */
#include <math.h>
#include <string.h>

#include "core/num.h"
#include "jobs/cli/command.h"
#include "jobs/cli/study_view.h"

static const struct core_option best_options[] = {
    {.name = "format",
     .type = CORE_OPT_CHOICE,
     .fallback = "text",
     .choices = "text|json",
     .help = "how to print it"},
    JOB_VIEW_OPTION_STUDY,
    CORE_OPTION_END,
};

static void text_best(const struct job_view *view, const struct job_view_trial *best,
                      struct core_str *out) {
  const struct hpo_space *space = &view->study->space;
  char number[CORE_NUM_BYTES];
  core_format_number(best->values[0], number);
  core_str_printf(out, "trial %llu: ", (unsigned long long)best->number);
  job_text_append(view->study->objectives[0].metric, out);
  core_str_printf(out, " = %s\n", number);
  size_t width = 0;
  for (size_t i = 0; i < space->n_params; i++) {
    const size_t len = core_utf8_count(space->params[i].name, strlen(space->params[i].name));
    if (!isnan(best->internal[i]) && len > width) width = len;
  }
  for (size_t i = 0; i < space->n_params; i++) {
    const char *name = space->params[i].name;
    if (isnan(best->internal[i])) continue;
    struct core_str value = {0};
    hpo_param_text(&space->params[i], best->internal[i], &value);
    if (value.failed) out->failed = true;
    core_str_text_append(out, "  ");
    job_text_append(name, out);
    for (size_t k = core_utf8_count(name, strlen(name)); k < width; k++) core_str_char(out, ' ');
    core_str_text_append(out, "  ");
    job_text_append(core_str_text(&value), out);
    core_str_char(out, '\n');
    core_str_close(&value);
  }
}

/* The parameters that exist, in strict JSON. */
static void json_params(const struct hpo_space *space, const double *internal,
                        struct core_str *out) {
  bool first = true;
  core_str_char(out, '{');
  for (size_t i = 0; i < space->n_params; i++) {
    if (isnan(internal[i])) continue;
    if (!first) core_str_text_append(out, ", ");
    first = false;
    core_str_json(out, space->params[i].name, strlen(space->params[i].name));
    core_str_text_append(out, ": ");
    job_json_param(&space->params[i], internal[i], out);
  }
  core_str_char(out, '}');
}

static void json_best(const struct job_view *view, const struct job_view_trial *best,
                      struct core_str *out) {
  const char *metric = view->study->objectives[0].metric;
  core_str_text_append(out, "{\"study\": ");
  core_str_json(out, view->study->name, strlen(view->study->name));
  core_str_printf(out, ", \"number\": %llu, \"metric\": ", (unsigned long long)best->number);
  core_str_json(out, metric, strlen(metric));
  core_str_text_append(out, ", \"value\": ");
  job_json_number(best->values[0], out);
  core_str_text_append(out, ", \"params\": ");
  json_params(&view->study->space, best->internal, out);
  core_str_text_append(out, ", \"datetime_start\": ");
  job_json_time(best->start_unix_s, out);
  core_str_text_append(out, ", \"datetime_complete\": ");
  job_json_time(best->end_unix_s, out);
  core_str_text_append(out, "}\n");
}

static enum core_status find_best(const struct job_view *view, const struct job_view_trial **best,
                                  struct core_error *err) {
  if (view->study->n_objectives > 1)
    return core_fail(err, CORE_UNSUPPORTED,
                     "study '%s' has %zu objectives, so no single trial is best; see: sweepgate "
                     "trials --sort value",
                     view->study->name, view->study->n_objectives);
  *best = job_view_best(view);
  return *best ? CORE_OK
               : core_fail(err, CORE_EXHAUSTED, "study '%s' has no trial with a result yet",
                           view->study->name);
}

static int best_run(const struct core_options *options, const char *const *words, size_t n_words) {
  (void)n_words;
  struct core_error err = {0};
  struct core_str out = {0};
  struct job_view view;
  const struct job_view_trial *best = NULL;
  if (job_view_open(&view, words[0], core_option_text(options, "study"), &err) != CORE_OK)
    return job_exit_failure(&err);
  int code;
  const enum core_status st = find_best(&view, &best, &err);
  if (st != CORE_OK || !best) {
    code = job_exit_failure(&err);
    if (st == CORE_EXHAUSTED) code = JOB_EXIT_NO_TRIAL;
  } else {
    if (strcmp(core_option_text(options, "format"), "json") == 0)
      json_best(&view, best, &out);
    else
      text_best(&view, best, &out);
    code = job_print(&out);
  }
  job_view_close(&view);
  return code;
}

const struct job_command job_command_best = {
    .name = "best",
    .synopsis = "STUDY [options]",
    .summary = "print the best trial of a study",
    .description =
        "STUDY is the study file or its storage; the study may be running. JSON holds the "
        "number, the value and the\nparameters; infinite values are texts there. Exit "
        "code 4: no trial has a result yet.",
    .options = best_options,
    .min_words = 1,
    .max_words = 1,
    .run = best_run,
};
