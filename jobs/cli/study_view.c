/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/cli/study_view.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/num.h"
#include "jobs/cli/command.h"

#define TEXT_MAX_BYTES 100000 /* of one text that is shown */

/* --- opening -------------------------------------------------------------------------------------- */

/* A storage is known by its first bytes, not by its name. */
static enum core_status is_storage(const char *path, bool *storage, struct core_error *err) {
  static const char magic[] = "SQLite format 3";
  char head[sizeof magic] = {0};
  *storage = false;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return core_fail_errno(err, errno == ENOENT ? CORE_NOT_FOUND : CORE_IO, errno,
                           "study '%s' cannot be read", path);
  const ssize_t len = read(fd, head, sizeof head);
  *storage = len == (ssize_t)sizeof head && memcmp(head, magic, sizeof magic) == 0;
  close(fd);
  if (len == 0)
    return core_fail(
        err, CORE_NOT_FOUND,
        "'%s' is empty: not a study file, and a storage in which nothing was stored yet", path);
  return CORE_OK;
}

static enum core_status open_store(struct job_view *view, const char *path, const char *study_name,
                                   struct core_error *err) {
  bool storage = false;
  CORE_TRY(is_storage(path, &storage, err));
  if (storage) return hpo_store_open_reader(path, study_name, &view->store, err);
  CORE_TRY(job_spec_open(&view->spec, path, err));
  view->has_spec = true;
  if (access(view->spec.storage, F_OK) != 0)
    return core_fail(err, CORE_NOT_FOUND,
                     "%s: its storage '%s' does not exist yet; start it with: "
                     "sweepgate run %s",
                     path, view->spec.storage, path);
  return hpo_store_open_reader(view->spec.storage, study_name ? study_name : view->spec.hpo.name,
                               &view->store, err);
}

/* --- events --------------------------------------------------------------------------------------- */

static enum core_status keep_text(struct job_view *view, const char *text, const char **out,
                                  struct core_error *err) {
  *out = NULL;
  if (!text) return CORE_OK;
  *out = core_arena_strdup(&view->arena, text);
  return *out ? CORE_OK : core_fail_nomem(err, strlen(text) + 1);
}

static enum core_status keep_numbers(struct job_view *view, const double *numbers, size_t n,
                                     const double **out, struct core_error *err) {
  double *copy = core_arena_alloc(&view->arena, (n + 1) * sizeof *copy);
  if (!copy) return core_fail_nomem(err, (n + 1) * sizeof *copy);
  if (n > 0) memcpy(copy, numbers, n * sizeof *copy);
  *out = copy;
  return CORE_OK;
}

static enum core_status on_create(struct job_view *view, const struct hpo_event *event,
                                  struct core_error *err) {
  CORE_TRY(core_grow((void **)&view->trials, &view->trials_cap, view->n_trials + 1,
                     sizeof *view->trials, err));
  struct job_view_trial *trial = &view->trials[view->n_trials];
  *trial = (struct job_view_trial){.number = event->number, .state = event->state};
  if (event->state == HPO_RUNNING) trial->start_unix_s = event->unix_s;
  CORE_TRY(keep_numbers(view, event->internal, view->study->space.n_params, &trial->internal, err));
  view->n_trials++;
  return CORE_OK;
}

static enum core_status on_start(struct job_view *view, const struct hpo_event *event,
                                 struct core_error *err) {
  (void)err;
  view->trials[event->number].state = HPO_RUNNING;
  view->trials[event->number].start_unix_s = event->unix_s;
  return CORE_OK;
}

static enum core_status on_requeue(struct job_view *view, const struct hpo_event *event,
                                   struct core_error *err) {
  (void)err;
  struct job_view_trial *trial = &view->trials[event->number];
  trial->state = HPO_WAITING;
  trial->attempt = event->attempt;
  trial->start_unix_s = 0;
  trial->n_reports = 0;
  return CORE_OK;
}

static enum core_status on_report(struct job_view *view, const struct hpo_event *event,
                                  struct core_error *err) {
  (void)err;
  struct job_view_trial *trial = &view->trials[event->number];
  if (trial->n_reports == 0 || event->report.step > trial->last_report.step)
    trial->last_report = event->report;
  trial->n_reports++;
  return CORE_OK;
}

static enum core_status on_attr(struct job_view *view, const struct hpo_event *event,
                                struct core_error *err) {
  struct job_view_trial *trial = &view->trials[event->number];
  CORE_TRY(core_grow((void **)&trial->attrs, &trial->attrs_cap, trial->n_attrs + 1,
                     sizeof *trial->attrs, err));
  struct job_view_attr *attr = &trial->attrs[trial->n_attrs];
  attr->system = event->system;
  CORE_TRY(keep_text(view, event->key, &attr->key, err));
  CORE_TRY(keep_text(view, event->json, &attr->json, err));
  trial->n_attrs++;
  return CORE_OK;
}

static enum core_status on_finish(struct job_view *view, const struct hpo_event *event,
                                  struct core_error *err) {
  struct job_view_trial *trial = &view->trials[event->number];
  trial->state = event->state;
  trial->outcome = event->outcome;
  trial->end_unix_s = event->unix_s;
  trial->n_values = event->n_values;
  CORE_TRY(keep_numbers(view, event->values, event->n_values, &trial->values, err));
  CORE_TRY(keep_text(view, event->message, &trial->message, err));
  return keep_text(view, event->host, &trial->host, err);
}

static enum core_status take_event(void *context, const struct hpo_event *event,
                                   struct core_error *err) {
  static enum core_status (*const by_kind[])(struct job_view *, const struct hpo_event *,
                                             struct core_error *) = {
      [HPO_EVENT_CREATE] = on_create,   [HPO_EVENT_START] = on_start,
      [HPO_EVENT_REQUEUE] = on_requeue, [HPO_EVENT_REPORT] = on_report,
      [HPO_EVENT_ATTR] = on_attr,       [HPO_EVENT_FINISH] = on_finish};
  return by_kind[event->kind](context, event, err);
}

static int compare_attrs(const void *left, const void *right) {
  const struct job_view_attr *a = left;
  const struct job_view_attr *b = right;
  return a->system != b->system ? a->system - b->system : strcmp(a->key, b->key);
}

/* A trial may have many: each is looked for once. */
const struct job_view_attr *job_view_find_attr(const struct job_view_trial *trial, bool system,
                                               const char *key) {
  const struct job_view_attr wanted = {.key = key, .system = system};
  return trial->n_attrs == 0
             ? NULL
             : bsearch(&wanted, trial->attrs, trial->n_attrs, sizeof wanted, compare_attrs);
}

static void settle_trial(struct job_view *view, struct job_view_trial *trial) {
  view->n_by_state[trial->state]++;
  if (trial->n_attrs > 1) qsort(trial->attrs, trial->n_attrs, sizeof *trial->attrs, compare_attrs);
}

enum core_status job_view_open(struct job_view *view, const char *path, const char *study_name,
                               struct core_error *err) {
  const struct core_clock *clock = core_clock_system();
  *view = (struct job_view){.now_unix_s = clock->unix_s(clock)};
  enum core_status st = open_store(view, path, study_name, err);
  if (st == CORE_OK) {
    view->study = hpo_store_spec(view->store);
    st = hpo_store_replay(view->store, take_event, view, err);
  }
  if (st == CORE_OK) st = hpo_store_holder(view->store, &view->holder, &view->held, err);
  for (size_t i = 0; i < view->n_trials; i++) settle_trial(view, &view->trials[i]);
  if (st != CORE_OK) job_view_close(view);
  return st;
}

void job_view_close(struct job_view *view) {
  for (size_t i = 0; i < view->n_trials; i++) core_free(view->trials[i].attrs);
  core_free(view->trials);
  core_arena_close(&view->arena);
  hpo_store_close(view->store);
  if (view->has_spec) job_spec_close(&view->spec);
  *view = (struct job_view){0};
}

/* --- questions ------------------------------------------------------------------------------------ */

bool job_view_better(const struct job_view *view, const struct job_view_trial *a,
                     const struct job_view_trial *b) {
  if (a->n_values == 0 || isnan(a->values[0])) return false;
  if (b->n_values == 0 || isnan(b->values[0])) return true;
  return view->study->directions[0] == HPO_MAXIMIZE ? a->values[0] > b->values[0]
                                                    : a->values[0] < b->values[0];
}

const struct job_view_trial *job_view_best(const struct job_view *view) {
  const struct job_view_trial *best = NULL;
  for (size_t i = 0; i < view->n_trials; i++) {
    const struct job_view_trial *trial = &view->trials[i];
    if (trial->state != HPO_COMPLETE || trial->n_values == 0) continue;
    if (!best || job_view_better(view, trial, best)) best = trial;
  }
  return best;
}

double job_view_duration(const struct job_view *view, const struct job_view_trial *trial) {
  if (trial->start_unix_s == 0) return NAN;
  if (trial->state == HPO_RUNNING) return view->held ? view->now_unix_s - trial->start_unix_s : NAN;
  return trial->end_unix_s == 0 ? NAN : trial->end_unix_s - trial->start_unix_s;
}

/* --- output --------------------------------------------------------------------------------------- */

void job_json_number(double value, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  core_format_number(value, text);
  core_str_printf(out, isfinite(value) ? "%s" : "\"%s\"", text);
}

void job_json_param(const struct hpo_param *param, double internal, struct core_str *out) {
  const bool choice = param->type == HPO_PARAM_CATEGORICAL;
  if (choice && param->choices[(size_t)internal].kind == CORE_NODE_DOUBLE)
    job_json_number(param->choices[(size_t)internal].number, out);
  else
    hpo_param_json(param, internal, out);
}

void job_json_attr(const char *json, struct core_str *out) {
  struct core_tree tree = {0};
  if (core_tree_parse_json(&tree, "attribute", json, strlen(json), NULL) == CORE_OK)
    core_node_json(tree.root, false, out);
  else
    core_str_json(out, json, strlen(json));
  core_tree_close(&tree);
}

void job_json_time(double unix_s, struct core_str *out) {
  char text[CORE_TIME_BYTES];
  if (unix_s == 0) {
    core_str_text_append(out, "null");
    return;
  }
  core_time_format(unix_s, text);
  core_str_printf(out, "\"%s\"", text);
}

void job_text_append(const char *text, struct core_str *out) {
  core_str_escaped(out, text, strlen(text), TEXT_MAX_BYTES);
}

int job_print(struct core_str *out) {
  struct core_error err = {0};
  int code = JOB_EXIT_GOOD;
  if (core_str_status(out, &err) != CORE_OK)
    code = job_exit_failure(&err);
  else
    fwrite(core_str_text(out), 1, out->len, stdout);
  core_str_close(out);
  return code;
}
