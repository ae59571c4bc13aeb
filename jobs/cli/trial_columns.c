/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/cli/trial_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"

#define TABLE_DIGITS 6

/* A kind of column: how its cell is made. */
struct job_column_kind {
  bool (*cell)(const struct job_column *column, const struct job_view *view,
               const struct job_view_trial *trial, enum job_cell_form form, struct core_str *out);
};

/* --- cells ---------------------------------------------------------------------------------------- */

static bool text_cell(const char *text, enum job_cell_form form, struct core_str *out) {
  if (!text || !*text) return false;
  if (form == JOB_CELL_JSON)
    core_str_json(out, text, strlen(text));
  else if (form == JOB_CELL_TABLE)
    job_text_append(text, out);
  else
    core_str_text_append(out, text);
  return true;
}

static bool number_cell(double value, enum job_cell_form form, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  if (form == JOB_CELL_JSON)
    job_json_number(value, out);
  else if (form == JOB_CELL_TABLE)
    core_str_append(out, text, core_format_rounded(value, TABLE_DIGITS, text));
  else
    core_str_append(out, text, core_format_number(value, text));
  return true;
}

static bool cell_number(const struct job_column *column, const struct job_view *view,
                        const struct job_view_trial *trial, enum job_cell_form form,
                        struct core_str *out) {
  (void)column, (void)view, (void)form;
  core_str_printf(out, "%llu", (unsigned long long)trial->number);
  return true;
}

static bool cell_value(const struct job_column *column, const struct job_view *view,
                       const struct job_view_trial *trial, enum job_cell_form form,
                       struct core_str *out) {
  (void)view;
  if (column->index >= trial->n_values || isnan(trial->values[column->index])) return false;
  return number_cell(trial->values[column->index], form, out);
}

static bool time_cell(double unix_s, enum job_cell_form form, struct core_str *out) {
  char text[CORE_TIME_BYTES];
  if (unix_s == 0) return false;
  core_time_format(unix_s, text);
  return text_cell(text, form, out);
}

static bool cell_start(const struct job_column *column, const struct job_view *view,
                       const struct job_view_trial *trial, enum job_cell_form form,
                       struct core_str *out) {
  (void)column, (void)view;
  return time_cell(trial->start_unix_s, form, out);
}

static bool cell_complete(const struct job_column *column, const struct job_view *view,
                          const struct job_view_trial *trial, enum job_cell_form form,
                          struct core_str *out) {
  (void)column, (void)view;
  return time_cell(trial->end_unix_s, form, out);
}

/* "0 days 00:01:02.500000", as pandas writes and reads it. */
static void pandas_duration(double seconds, struct core_str *out) {
  const char *sign = seconds < 0 ? "-" : "";
  const double micros = nearbyint(fabs(seconds) * 1e6);
  const unsigned long long all = micros < 1e18 ? (unsigned long long)micros : 0;
  const unsigned long long s = all / 1000000;
  core_str_printf(out, "%s%llu days %02llu:%02llu:%02llu.%06llu", sign, s / 86400, s / 3600 % 24,
                  s / 60 % 60, s % 60, all % 1000000);
}

static bool cell_duration(const struct job_column *column, const struct job_view *view,
                          const struct job_view_trial *trial, enum job_cell_form form,
                          struct core_str *out) {
  (void)column;
  const double seconds = job_view_duration(view, trial);
  char text[CORE_NUM_BYTES];
  if (isnan(seconds)) return false;
  if (form == JOB_CELL_TABLE)
    core_str_append(out, text, core_format_duration(seconds, text));
  else if (form == JOB_CELL_CSV)
    pandas_duration(seconds, out);
  else
    job_json_number(seconds, out);
  return true;
}

static bool cell_param(const struct job_column *column, const struct job_view *view,
                       const struct job_view_trial *trial, enum job_cell_form form,
                       struct core_str *out) {
  const struct hpo_param *param = &view->study->space.params[column->index];
  const double internal = trial->internal[column->index];
  if (isnan(internal)) return false;
  if (form == JOB_CELL_JSON) {
    job_json_param(param, internal, out);
    return true;
  }
  if (param->type == HPO_PARAM_FLOAT) return number_cell(internal, form, out);
  struct core_str text = {0};
  hpo_param_text(param, internal, &text);
  if (text.failed) out->failed = true;
  const bool there = text_cell(core_str_text(&text), form, out);
  core_str_close(&text);
  return there;
}

/* In a CSV file a text stands bare, anything else as JSON. */
static void attr_cell(const char *json, enum job_cell_form form, struct core_str *out) {
  struct core_tree tree = {0};
  if (form != JOB_CELL_JSON &&
      core_tree_parse_json(&tree, "attribute", json, strlen(json), NULL) == CORE_OK &&
      tree.root->kind == CORE_NODE_STRING)
    core_str_append(out, tree.root->text.data, tree.root->text.len);
  else
    job_json_attr(json, out);
  core_tree_close(&tree);
}

static bool find_attr(const struct job_column *column, const struct job_view_trial *trial,
                      bool system, enum job_cell_form form, struct core_str *out) {
  const struct job_view_attr *attr = job_view_find_attr(trial, system, column->key);
  if (attr) attr_cell(attr->json, form, out);
  return attr != NULL;
}

static bool cell_user_attr(const struct job_column *column, const struct job_view *view,
                           const struct job_view_trial *trial, enum job_cell_form form,
                           struct core_str *out) {
  (void)view;
  return find_attr(column, trial, false, form, out);
}

static bool cell_system_attr(const struct job_column *column, const struct job_view *view,
                             const struct job_view_trial *trial, enum job_cell_form form,
                             struct core_str *out) {
  (void)view;
  return find_attr(column, trial, true, form, out);
}

static bool cell_state(const struct job_column *column, const struct job_view *view,
                       const struct job_view_trial *trial, enum job_cell_form form,
                       struct core_str *out) {
  (void)column, (void)view;
  return text_cell(hpo_state_text(trial->state), form, out);
}

static bool cell_outcome(const struct job_column *column, const struct job_view *view,
                         const struct job_view_trial *trial, enum job_cell_form form,
                         struct core_str *out) {
  (void)column, (void)view;
  return text_cell(hpo_outcome_text(trial->outcome), form, out);
}

static bool cell_message(const struct job_column *column, const struct job_view *view,
                         const struct job_view_trial *trial, enum job_cell_form form,
                         struct core_str *out) {
  (void)column, (void)view;
  return text_cell(trial->message, form, out);
}

static bool cell_host(const struct job_column *column, const struct job_view *view,
                      const struct job_view_trial *trial, enum job_cell_form form,
                      struct core_str *out) {
  (void)column, (void)view;
  return text_cell(trial->host, form, out);
}

static bool cell_attempt(const struct job_column *column, const struct job_view *view,
                         const struct job_view_trial *trial, enum job_cell_form form,
                         struct core_str *out) {
  (void)column, (void)view, (void)form;
  core_str_printf(out, "%d", trial->attempt);
  return true;
}

bool job_column_cell(const struct job_column *column, const struct job_view *view,
                     const struct job_view_trial *trial, enum job_cell_form form,
                     struct core_str *out) {
  return column->kind->cell(column, view, trial, form, out);
}

/* --- columns -------------------------------------------------------------------------------------- */

static const struct job_column_kind kind_number = {cell_number}, kind_value = {cell_value},
                                    kind_start = {cell_start}, kind_complete = {cell_complete},
                                    kind_duration = {cell_duration}, kind_param = {cell_param},
                                    kind_user_attr = {cell_user_attr},
                                    kind_system_attr = {cell_system_attr},
                                    kind_state = {cell_state}, kind_outcome = {cell_outcome},
                                    kind_message = {cell_message}, kind_host = {cell_host},
                                    kind_attempt = {cell_attempt};

static enum core_status add(struct job_columns *columns, const struct job_column_kind *kind,
                            size_t index, const char *key, const char *name,
                            struct core_error *err) {
  if (!name) return core_fail_nomem(err, 0);
  CORE_TRY(core_grow((void **)&columns->columns, &columns->cap, columns->n_columns + 1,
                     sizeof *columns->columns, err));
  columns->columns[columns->n_columns++] = (struct job_column){kind, index, key, name};
  return CORE_OK;
}

static enum core_status add_values(struct job_columns *columns, const struct job_view *view,
                                   struct core_error *err) {
  if (view->study->n_objectives == 1) return add(columns, &kind_value, 0, NULL, "value", err);
  for (size_t i = 0; i < view->study->n_objectives; i++)
    CORE_TRY(add(columns, &kind_value, i, NULL, core_arena_printf(&columns->arena, "values_%zu", i),
                 err));
  return CORE_OK;
}

static enum core_status add_params(struct job_columns *columns, const struct job_view *view,
                                   bool table, struct core_error *err) {
  for (size_t i = 0; i < view->study->space.n_params; i++) {
    const char *name = view->study->space.params[i].name;
    const char *shown = table ? name : core_arena_printf(&columns->arena, "params_%s", name);
    CORE_TRY(add(columns, &kind_param, i, NULL, shown, err));
  }
  return CORE_OK;
}

static int compare_keys(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The keys that occur, each once, sorted as Optuna sorts them. */
static enum core_status add_attrs(struct job_columns *columns, const struct job_view *view,
                                  bool system, struct core_error *err) {
  const char **keys = NULL;
  size_t n_keys = 0;
  size_t cap = 0;
  enum core_status st = CORE_OK;
  for (size_t t = 0; t < view->n_trials && st == CORE_OK; t++) {
    for (size_t a = 0; a < view->trials[t].n_attrs && st == CORE_OK; a++) {
      if (view->trials[t].attrs[a].system != system) continue;
      st = core_grow((void **)&keys, &cap, n_keys + 1, sizeof *keys, err);
      if (st == CORE_OK) keys[n_keys++] = view->trials[t].attrs[a].key;
    }
  }
  if (n_keys > 0) qsort(keys, n_keys, sizeof *keys, compare_keys);
  for (size_t i = 0; i < n_keys && st == CORE_OK; i++) {
    if (i > 0 && strcmp(keys[i], keys[i - 1]) == 0) continue;
    st = add(
        columns, system ? &kind_system_attr : &kind_user_attr, 0, keys[i],
        core_arena_printf(&columns->arena, system ? "system_attrs_%s" : "user_attrs_%s", keys[i]),
        err);
  }
  core_free(keys);
  return st;
}

static enum core_status add_table(struct job_columns *columns, const struct job_view *view,
                                  struct core_error *err) {
  CORE_TRY(add(columns, &kind_number, 0, NULL, "number", err));
  CORE_TRY(add(columns, &kind_state, 0, NULL, "state", err));
  CORE_TRY(add_values(columns, view, err));
  CORE_TRY(add(columns, &kind_duration, 0, NULL, "duration", err));
  CORE_TRY(add(columns, &kind_outcome, 0, NULL, "outcome", err));
  CORE_TRY(add_params(columns, view, true, err));
  return add(columns, &kind_message, 0, NULL, "message", err);
}

static enum core_status add_all(struct job_columns *columns, const struct job_view *view,
                                struct core_error *err) {
  CORE_TRY(add(columns, &kind_number, 0, NULL, "number", err));
  CORE_TRY(add_values(columns, view, err));
  CORE_TRY(add(columns, &kind_start, 0, NULL, "datetime_start", err));
  CORE_TRY(add(columns, &kind_complete, 0, NULL, "datetime_complete", err));
  CORE_TRY(add(columns, &kind_duration, 0, NULL, "duration", err));
  CORE_TRY(add_params(columns, view, false, err));
  CORE_TRY(add_attrs(columns, view, false, err));
  CORE_TRY(add_attrs(columns, view, true, err));
  CORE_TRY(add(columns, &kind_state, 0, NULL, "state", err));
  CORE_TRY(add(columns, &kind_outcome, 0, NULL, "outcome", err));
  CORE_TRY(add(columns, &kind_message, 0, NULL, "message", err));
  CORE_TRY(add(columns, &kind_host, 0, NULL, "host", err));
  return add(columns, &kind_attempt, 0, NULL, "attempt", err);
}

enum core_status job_columns_open(struct job_columns *columns, const struct job_view *view,
                                  bool table, struct core_error *err) {
  *columns = (struct job_columns){0};
  const enum core_status st = table ? add_table(columns, view, err) : add_all(columns, view, err);
  if (st != CORE_OK) job_columns_close(columns);
  return st;
}

void job_columns_close(struct job_columns *columns) {
  core_free(columns->columns);
  core_arena_close(&columns->arena);
  *columns = (struct job_columns){0};
}
