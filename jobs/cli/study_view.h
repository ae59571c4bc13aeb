/* SPDX-License-Identifier: GPL-3.0-or-later
 * A study for the commands that only look: opened by its study file or by its storage, while it is driven or not. */
#pragma once
#include "core/clock.h"
#include "core/mem.h"
#include "hpo/store/store.h"
#include "jobs/spec.h"

struct job_view_attr {
  const char *key;
  const char *json;
  bool system;
};

/* A trial as far as it is shown; texts live in the view's arena. */
struct job_view_trial {
  uint64_t number;
  enum hpo_state state;
  enum hpo_outcome outcome;
  const double *internal; /* n_params; NaN: does not exist here */
  const double *values;   /* n_values of them */
  size_t n_values;
  double start_unix_s, end_unix_s; /* 0: not known */
  int attempt;
  size_t n_reports;
  struct hpo_report last_report; /* when n_reports > 0 */
  const char *message, *host;    /* NULL: none */
  struct job_view_attr *attrs;   /* sorted: job_view_find_attr */
  size_t n_attrs, attrs_cap;
};

struct job_view {
  struct job_spec spec; /* of the study file, when it was named by one */
  bool has_spec;
  struct hpo_store *store;
  const struct hpo_spec *study; /* as stored */
  struct job_view_trial *trials;
  size_t n_trials, trials_cap;
  size_t n_by_state[HPO_WAITING + 1];
  struct hpo_holder holder;
  bool held; /* a driver is at work */
  double now_unix_s;
  struct core_arena arena;
};

/* The row of every command that looks at a study. */
#define JOB_VIEW_OPTION_STUDY                                                                      \
  {                                                                                                \
    .name = "study", .type = CORE_OPT_STRING, .unit = "NAME",                                      \
    .help = "which study of a storage that holds several"                                          \
  }

/* `study_name` NULL: the study file's, or the only one of a storage. */
enum core_status job_view_open(struct job_view *view, const char *path, const char *study_name,
                               struct core_error *err) CORE_MUST_CHECK;
void job_view_close(struct job_view *view);

/* The best COMPLETE trial by the first objective (lowest number on ties), NULL when there is none. */
const struct job_view_trial *job_view_best(const struct job_view *view);
/* Seconds from start to end, or to now while it runs; NaN when not known. */
double job_view_duration(const struct job_view *view, const struct job_view_trial *trial);
/* Is `a` better than `b` by the first objective? One without a value is never better. */
bool job_view_better(const struct job_view *view, const struct job_view_trial *a,
                     const struct job_view_trial *b);

/* NULL: the trial has none of this name. */
const struct job_view_attr *job_view_find_attr(const struct job_view_trial *trial, bool system,
                                               const char *key);

/* A number in strict JSON: what it has no number for becomes the text "inf", "-inf" or "nan". */
void job_json_number(double value, struct core_str *out);
/* A parameter's value in strict JSON; the parameter exists. */
void job_json_param(const struct hpo_param *param, double internal, struct core_str *out);
/* A stored attribute in strict JSON; what is not JSON becomes a text. */
void job_json_attr(const char *json, struct core_str *out);
/* "2026-03-01 12:00:00.123456" as JSON text, or null when not known. */
void job_json_time(double unix_s, struct core_str *out);
/* One line of text to the terminal: control characters and broken UTF-8 escaped. */
void job_text_append(const char *text, struct core_str *out);
/* Prints what was gathered and closes it; an exit code. */
int job_print(struct core_str *out);
