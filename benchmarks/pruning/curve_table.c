/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "benchmarks/pruning/curve_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "core/stats.h"

enum { MAX_LINE = 1 << 16, MAX_COLUMNS = 512, MAX_PARAMS = 32 };

/* One line of a CSV file without quotes, cut at its commas. */
struct line {
  char text[MAX_LINE];
  char *cells[MAX_COLUMNS];
  size_t n;
};

static bool line_read(struct line *line, FILE *file) {
  if (!fgets(line->text, sizeof line->text, file)) return false;
  line->text[strcspn(line->text, "\r\n")] = '\0';
  line->n = 0;
  for (char *p = line->text; p && line->n < MAX_COLUMNS;) {
    line->cells[line->n++] = p;
    p = strchr(p, ',');
    if (p) *p++ = '\0';
  }
  return true;
}

static double cell_number(const char *cell) {
  double x = NAN;
  (void)core_parse_double(cell, strlen(cell), &x);
  return x;
}

/* Columns of a table: of each parameter, and of the first epoch. */
struct columns {
  size_t params[MAX_PARAMS], curve;
  bool flip[MAX_PARAMS];
};

static enum core_status find_column(const struct line *header, const char *name, size_t *out,
                                    struct core_error *err) {
  for (*out = 0; *out < header->n; ++*out)
    if (core_streq(header->cells[*out], name)) return CORE_OK;
  return core_fail(err, CORE_INVAL, "the table has no column '%s'", name);
}

static enum core_status find_columns(const struct curve_table *table,
                                     const struct core_node *problem, const struct line *header,
                                     struct columns *out, struct core_error *err) {
  static const char prefix[] = "one_minus_";
  char first[64];
  for (size_t i = 0; i < table->space.n_params; i++) {
    const char *name = table->space.params[i].name;
    out->flip[i] = strncmp(name, prefix, sizeof prefix - 1) == 0;
    CORE_TRY(
        find_column(header, name + (out->flip[i] ? sizeof prefix - 1 : 0), &out->params[i], err));
  }
  snprintf(first, sizeof first, "%s01", core_node_get(problem, "curve")->text.data);
  return find_column(header, first, &out->curve, err);
}

/* The internal value that a cell means; NaN for an empty one. */
static double cell_internal(const struct hpo_param *param, const char *cell, bool flip) {
  if (param->type == HPO_PARAM_CATEGORICAL) {
    for (size_t k = 0; k < param->n_choices; k++)
      if (core_streq(cell, param->choices[k].text)) return (double)k;
    return NAN;
  }
  const double x = cell_number(cell);
  return isnan(x) ? x : fmin(fmax(flip ? 1 - x : x, param->low), param->high);
}

static enum core_status keep_row(struct curve_table *table, const struct columns *columns,
                                 const struct line *line, size_t *capacity,
                                 struct core_error *err) {
  const size_t n_params = table->space.n_params, n_steps = table->n_steps, n = table->n_rows;
  double internal[MAX_PARAMS];
  if (line->n < columns->curve + n_steps)
    return core_fail(err, CORE_INVAL, "row %zu has %zu columns only", n + 1, line->n);
  if (n == *capacity) {
    *capacity = 2 * *capacity + 1024;
    table->units = realloc(table->units, *capacity * n_params * sizeof *table->units);
    table->curves = realloc(table->curves, *capacity * n_steps * sizeof *table->curves);
    if (!table->units || !table->curves) return core_fail_nomem(err, *capacity * n_steps);
  }
  for (size_t i = 0; i < n_params; i++)
    internal[i] =
        cell_internal(&table->space.params[i], line->cells[columns->params[i]], columns->flip[i]);
  hpo_space_to_unit(&table->space, internal, table->units + n * n_params);
  for (size_t i = 0; i < n_steps; i++)
    table->curves[n * n_steps + i] = cell_number(line->cells[columns->curve + i]);
  table->n_rows++;
  return CORE_OK;
}

static enum core_status read_rows(struct curve_table *table, const struct core_node *problem,
                                  FILE *file, struct line *line, struct core_error *err) {
  struct columns columns;
  size_t capacity = 0;
  if (!line_read(line, file)) return core_fail(err, CORE_INVAL, "the table is empty");
  CORE_TRY(find_columns(table, problem, line, &columns, err));
  while (line_read(line, file)) CORE_TRY(keep_row(table, &columns, line, &capacity, err));
  return CORE_OK;
}

static enum core_status sort_finals(struct curve_table *table, struct core_error *err) {
  table->finals = calloc(table->n_rows + 1, sizeof *table->finals);
  if (!table->finals) return core_fail_nomem(err, table->n_rows);
  for (size_t i = 0; i < table->n_rows; i++) {
    const double value = table->curves[(i + 1) * table->n_steps - 1];
    if (!isnan(value)) table->finals[table->n_finals++] = table->maximize ? -value : value;
  }
  core_sort_doubles(table->finals, table->n_finals);
  return CORE_OK;
}

enum core_status curve_table_open(struct curve_table *table, const struct core_node *problem,
                                  const char *folder, struct core_error *err) {
  char path[4096];
  *table = (struct curve_table){
      .n_steps = (size_t)core_node_get(problem, "steps")->integer,
      .maximize = core_slice_is(core_node_get(problem, "direction")->text, "maximize")};
  CORE_TRY(hpo_space_open(&table->space, core_node_get(problem, "space"), err));
  snprintf(path, sizeof path, "%s/%s", folder, core_node_get(problem, "file")->text.data);
  FILE *file = fopen(path, "r");
  struct line *line = malloc(sizeof *line);
  enum core_status st = file ? CORE_OK : core_fail(err, CORE_IO, "cannot read %s", path);
  if (!line) st = core_fail_nomem(err, sizeof *line);
  if (st == CORE_OK) st = read_rows(table, problem, file, line, err);
  if (st == CORE_OK) st = sort_finals(table, err);
  if (file) fclose(file);
  free(line);
  if (st != CORE_OK) curve_table_close(table);
  return st;
}

void curve_table_close(struct curve_table *table) {
  hpo_space_close(&table->space);
  free(table->units);
  free(table->curves);
  free(table->finals);
  *table = (struct curve_table){0};
}

/* Squared distance over the numeric parameters; infinite when a categorical differs. */
static double distance(const struct hpo_space *space, const double *a, const double *b) {
  double sum = 0;
  for (size_t i = 0; i < space->n_params; i++) {
    const double by = isnan(a[i]) && isnan(b[i]) ? 0 : a[i] - b[i];
    if (isnan(by) || (space->params[i].type == HPO_PARAM_CATEGORICAL && by != 0)) return INFINITY;
    sum += by * by;
  }
  return sum;
}

const double *curve_table_take(const struct curve_table *table, const double *internal,
                               bool *used) {
  double unit[MAX_PARAMS], least = INFINITY;
  size_t nearest = table->n_rows;
  hpo_space_to_unit(&table->space, internal, unit);
  for (size_t i = 0; i < table->n_rows; i++) {
    if (used[i]) continue;
    const double d = distance(&table->space, unit, table->units + i * table->space.n_params);
    if (nearest < table->n_rows && !(d < least)) continue;
    least = d;
    nearest = i;
  }
  if (nearest == table->n_rows) return NULL;
  used[nearest] = true;
  return table->curves + nearest * table->n_steps;
}

static double turned(const struct curve_table *table, double value) {
  return table->maximize ? -value : value;
}

double curve_table_regret(const struct curve_table *table, double value) {
  const double best = table->finals[0], median = table->finals[table->n_finals / 2];
  return isnan(value) ? 1 : fmin(1, (turned(table, value) - best) / (median - best));
}

double curve_table_rank(const struct curve_table *table, double value) {
  size_t better = 0;
  if (isnan(value)) return 1;
  while (better < table->n_finals && table->finals[better] < turned(table, value)) better++;
  return (double)better / (double)table->n_rows;
}
