/* SPDX-License-Identifier: GPL-3.0-or-later
 * Points and values of all trials, as two matrices. A trial that another program left without some parameters (it failed
 * before it asked for them, or was enqueued with a few) is completed with the middle of their ranges where we drive,
 * because every trial of a driven study has a whole point. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hpo/store/store_rows.h"

#define MAX_CELLS ((size_t)1 << 30) /* a small file can ask for a large matrix */

/* What is being read. */
struct reading {
  const struct hpo_store *store;
  const struct hpo_store_rows *rows;
  struct hpo_store_points *points;
  struct core_str *seen; /* a parameter: the distribution that was found good last */
};

/* Distributions repeat: `seen` keeps the text that was found good last, for each parameter. */
static enum core_status check_distribution(const struct reading *r, size_t at, size_t number,
                                           sqlite3_stmt *stmt, struct core_error *err) {
  const char *json = hpo_sql_text(stmt, 3);
  if (r->seen[at].len > 0 && strcmp(core_str_text(&r->seen[at]), json) == 0) return CORE_OK;
  const struct hpo_param *param = &r->store->spec.space.params[at];
  struct core_error why = {0};
  const enum core_status st = hpo_store_distribution_check(param, json, &why);
  if (st != CORE_OK)
    return core_fail(err, st, "trial %zu of study '%s': %s", number, r->store->spec.name,
                     why.message);
  core_str_clear(&r->seen[at]);
  core_str_text_append(&r->seen[at], json);
  return core_str_status(&r->seen[at], err);
}

/* Can it be shown at all? Whether it lies in the study's range is asked where we drive. */
static bool is_possible(const struct hpo_param *param, double value) {
  if (param->type == HPO_PARAM_FLOAT) return isfinite(value);
  if (param->type == HPO_PARAM_INT) return fabs(value) < 0x1p63 && value == floor(value);
  return value >= 0 && value < (double)param->n_choices && value == floor(value);
}

static enum core_status take_param(struct reading *r, size_t *hint, size_t number,
                                   sqlite3_stmt *stmt, struct core_error *err) {
  const struct hpo_space *space = &r->store->spec.space;
  const char *name = hpo_sql_text(stmt, 1);
  size_t at = *hint + 1 < space->n_params ? *hint + 1 : 0; /* most often the next one */
  if (at == space->n_params || strcmp(space->params[at].name, name) != 0)
    at = hpo_space_find(space, name);
  if (at == space->n_params)
    return core_fail(err, CORE_INVAL,
                     "trial %zu of study '%s' has the parameter '%s', which the study's space does "
                     "not have; add it, or give the study another name or storage",
                     number, r->store->spec.name, name);
  *hint = at;
  CORE_TRY(check_distribution(r, at, number, stmt, err));
  const struct hpo_param *param = &space->params[at];
  const double value = hpo_sql_is_null(stmt, 2) ? NAN : sqlite3_column_double(stmt, 2);
  if (!is_possible(param, value))
    return core_fail(err, CORE_PARSE,
                     "trial %zu of study '%s' has no valid value for parameter '%s'", number,
                     r->store->spec.name, name);
  r->points->internal[number * space->n_params + at] = value;
  return CORE_OK;
}

static enum core_status load_params(struct reading *r, struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = true;
  size_t number = 0;
  size_t hint = 0;
  enum core_status st = hpo_sql_prepare(
      &r->store->sql,
      "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params ORDER BY "
      "param_id",
      &stmt, err);
  while (st == CORE_OK) {
    st = hpo_sql_step(&r->store->sql, stmt, &row, err);
    if (st != CORE_OK || !row) break;
    const size_t at = hpo_store_rows_find(r->rows, sqlite3_column_int64(stmt, 0), number);
    if (at == r->rows->n_rows) continue;
    number = at;
    st = take_param(r, &hint, number, stmt, err);
  }
  sqlite3_finalize(stmt);
  return st;
}

double hpo_store_read_value(sqlite3_stmt *stmt, int column) {
  const char *type = hpo_sql_text(stmt, column + 1);
  if (strcmp(type, "INF_POS") == 0) return INFINITY;
  if (strcmp(type, "INF_NEG") == 0) return -INFINITY;
  return hpo_sql_is_null(stmt, column) ? NAN : sqlite3_column_double(stmt, column);
}

static enum core_status load_values(struct reading *r, struct core_error *err) {
  const size_t n_objectives = r->store->spec.n_objectives;
  sqlite3_stmt *stmt = NULL;
  bool row = true;
  size_t number = 0;
  enum core_status st = hpo_sql_prepare(
      &r->store->sql,
      "SELECT trial_id, objective, value, value_type FROM trial_values ORDER BY trial_value_id",
      &stmt, err);
  while (st == CORE_OK) {
    st = hpo_sql_step(&r->store->sql, stmt, &row, err);
    if (st != CORE_OK || !row) break;
    const size_t at = hpo_store_rows_find(r->rows, sqlite3_column_int64(stmt, 0), number);
    const int64_t objective = sqlite3_column_int64(stmt, 1);
    if (at == r->rows->n_rows || objective < 0 || (uint64_t)objective >= n_objectives) continue;
    number = at;
    r->points->values[number * n_objectives + (size_t)objective] = hpo_store_read_value(stmt, 2);
    if (r->points->n_values[number] <= (size_t)objective)
      r->points->n_values[number] = (size_t)objective + 1;
  }
  sqlite3_finalize(stmt);
  return st;
}

static double *nan_matrix(size_t rows, size_t columns) {
  double *matrix = core_calloc(rows * columns + 1, sizeof *matrix);
  for (size_t i = 0; matrix && i < rows * columns; i++) matrix[i] = NAN;
  return matrix;
}

/* --- what other programs left out ----------------------------------------------------------------- */

/* Optuna's enqueue_trial keeps the wanted values in an attribute, by name, as people write them. A value that the
 * parameter cannot take is Optuna's to warn of; here it counts as not given. */
static void take_fixed(struct reading *r, size_t number, const char *json) {
  const struct hpo_space *space = &r->store->spec.space;
  double *point = r->points->internal + number * space->n_params;
  struct core_tree tree = {0};
  if (core_tree_parse_json(&tree, "fixed_params", json, strlen(json), NULL) == CORE_OK) {
    for (size_t i = 0; i < space->n_params; i++) {
      const struct core_node *value = core_node_get(tree.root, space->params[i].name);
      double internal = NAN;
      if (value && hpo_param_parse(&space->params[i], value, &internal, NULL) == CORE_OK)
        point[i] = internal;
    }
  }
  core_tree_close(&tree);
}

static enum core_status load_fixed(struct reading *r, struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = true;
  enum core_status st = hpo_sql_prepare(&r->store->sql,
                                        "SELECT value_json FROM trial_system_attributes WHERE "
                                        "trial_id = ? AND \"key\" = 'fixed_params'",
                                        &stmt, err);
  for (size_t i = 0; i < r->rows->n_rows && st == CORE_OK; i++) {
    if (!r->rows->rows[i].imported || r->rows->rows[i].state != HPO_WAITING) continue;
    hpo_sql_bind_int(stmt, 1, r->rows->rows[i].id);
    st = hpo_sql_step(&r->store->sql, stmt, &row, err);
    if (st == CORE_OK && row) take_fixed(r, i, hpo_sql_text(stmt, 0));
    sqlite3_reset(stmt);
  }
  sqlite3_finalize(stmt);
  return st;
}

/* The middle of each range, then what is known; what that makes inactive is dropped. */
static void complete_point(const struct hpo_space *space, double *point, double *scratch) {
  double *unit = scratch;
  double *whole = scratch + space->n_params;
  for (size_t i = 0; i < space->n_params; i++)
    unit[i] = isnan(point[i]) ? 0.5 : hpo_param_to_unit(&space->params[i], point[i]);
  hpo_space_to_internal(space, unit, whole);
  for (size_t i = 0; i < space->n_params; i++)
    if (isnan(point[i]) || isnan(whole[i])) point[i] = whole[i];
}

/* Where we drive, a point must be one of the study's. */
static enum core_status settle_imported(struct reading *r, struct core_error *err) {
  const struct hpo_space *space = &r->store->spec.space;
  double *scratch = core_calloc(2 * space->n_params + 1, sizeof *scratch);
  if (!scratch) return core_fail_nomem(err, 2 * space->n_params * sizeof *scratch);
  enum core_status st = CORE_OK;
  for (size_t i = 0; i < r->rows->n_rows && st == CORE_OK; i++) {
    const struct hpo_store_row *row = &r->rows->rows[i];
    double *point = r->points->internal + i * space->n_params;
    if (!row->imported) continue;
    if (row->state != HPO_COMPLETE && row->state != HPO_PRUNED)
      complete_point(space, point, scratch);
    struct core_error why = {0};
    st = hpo_space_check(space, point, &why);
    if (st != CORE_OK)
      st = core_fail(err, st,
                     "trial %zu of study '%s', which another program made, does not fit the study "
                     "file: %s",
                     i, r->store->spec.name, why.message);
  }
  core_free(scratch);
  return st;
}

/* --- all of it ------------------------------------------------------------------------------------ */

static enum core_status read_all(struct reading *r, struct core_error *err) {
  CORE_TRY(load_params(r, err));
  CORE_TRY(load_values(r, err));
  CORE_TRY(load_fixed(r, err));
  return r->store->lock ? settle_imported(r, err) : CORE_OK;
}

enum core_status hpo_store_points_open(const struct hpo_store *store,
                                       const struct hpo_store_rows *rows,
                                       struct hpo_store_points *points, struct core_error *err) {
  const struct hpo_spec *spec = &store->spec;
  const size_t n = rows->n_rows;
  const size_t n_params = spec->space.n_params;
  *points = (struct hpo_store_points){0};
  if (n > MAX_CELLS / (n_params + spec->n_objectives + 1))
    return core_fail(err, CORE_LIMIT,
                     "study '%s' in storage '%s' has %zu trials of %zu parameters and %zu "
                     "objectives, more than fit in memory",
                     spec->name, store->path, n, n_params, spec->n_objectives);
  points->internal = nan_matrix(n, n_params);
  points->values = nan_matrix(n, spec->n_objectives);
  points->n_values = core_calloc(n + 1, sizeof *points->n_values);
  struct reading r = {store, rows, points, core_calloc(n_params + 1, sizeof *r.seen)};
  enum core_status st = CORE_OK;
  if (points->internal && points->values && points->n_values && r.seen)
    st = read_all(&r, err);
  else
    st = core_fail_nomem(err, n * (n_params + spec->n_objectives) * sizeof(double));
  for (size_t i = 0; r.seen && i < n_params; i++) core_str_close(&r.seen[i]);
  core_free(r.seen);
  if (st != CORE_OK) hpo_store_points_close(points);
  return st;
}

void hpo_store_points_close(struct hpo_store_points *points) {
  core_free(points->internal);
  core_free(points->values);
  core_free(points->n_values);
  *points = (struct hpo_store_points){0};
}
