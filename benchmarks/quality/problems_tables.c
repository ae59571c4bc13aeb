/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tables of real training runs as objectives: full grids by index, samples of a space by their
 * nearest rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks/quality/problems_private.h"
#include "core/num.h"
#include "core/rng.h"
#include "core/source.h"
#include "core/str.h"

enum { MAX_COLUMNS = 256, MAX_RUNS = 8, STREAM_RUN = CORE_RNG_TEST + 3 };

struct bench_table {
  size_t n_rows, n_params, n_runs; /* n_runs: 1 for neighbours */
  double *units;                   /* NEIGHBOURS: n_rows x n_params, NaN where absent */
  double *values;                  /* n_rows x n_runs, turned so that less is better; NaN: diverged,
                                      and at the end of a GRID's row: fewer runs */
};

/* A CSV file without quotes, in memory, cut in place. */
struct csv {
  char *bytes;
  size_t len;
  char *next;
  struct core_slice cells[MAX_COLUMNS];
  size_t n_cells;
};

static enum core_status csv_open(struct csv *csv, const char *folder, const char *path,
                                 struct core_error *err) {
  struct core_str name = {0};
  struct core_source *source = NULL;
  core_str_printf(&name, "%s/%s", folder ? folder : ".", path);
  enum core_status st = core_source_open_file(core_str_text(&name), &source, err);
  core_str_close(&name);
  CORE_TRY(st);
  const size_t size = (size_t)core_source_size(source);
  csv->bytes = malloc(size + 1);
  if (!csv->bytes) st = core_fail_nomem(err, size);
  for (size_t got = 1; st == CORE_OK && got > 0 && csv->len < size; csv->len += got)
    st = core_source_read(source, csv->bytes + csv->len, size - csv->len, &got, err);
  core_source_close(source);
  if (st == CORE_OK) csv->bytes[csv->len] = '\0';
  csv->next = csv->bytes;
  return st;
}

static bool csv_row(struct csv *csv) {
  char *p = csv->next;
  if (*p == '\0') return false;
  for (csv->n_cells = 0; csv->n_cells < MAX_COLUMNS; p++) {
    const size_t len = strcspn(p, ",\r\n");
    csv->cells[csv->n_cells++] = (struct core_slice){p, len};
    p += len;
    if (*p != ',') break;
  }
  csv->next = p + strspn(p, "\r\n");
  return true;
}

static size_t csv_find(const struct csv *csv, const char *name) {
  size_t k = 0;
  while (k < csv->n_cells && !core_slice_is(csv->cells[k], name)) k++;
  return k;
}

static double cell_number(struct core_slice cell) {
  double x = NAN;
  if (cell.len > 0) (void)core_parse_double(cell.data, cell.len, &x);
  return x;
}

static size_t count_rows(const struct csv *csv) {
  size_t n = 0;
  for (const char *p = csv->next; (p = strchr(p, '\n')) != NULL; p++) n++;
  return n;
}

/* A grid's row number is its index read with the parameters' numbers of values as bases. */
static size_t grid_row(const struct hpo_space *space, const double *internal) {
  size_t row = 0;
  for (size_t i = 0; i < space->n_params; i++)
    row = row * hpo_param_count(&space->params[i]) +
          (size_t)(space->params[i].type == HPO_PARAM_INT ? internal[i] - space->params[i].low
                                                          : internal[i]);
  return row;
}

static enum core_status read_grid(struct bench_table *table, const struct bench_instance *instance,
                                  struct csv *csv, struct core_error *err) {
  const struct bench_table_source *source = instance->problem->table;
  double digits[BENCH_MAX_DIM];
  for (size_t n = 0; n < table->n_rows && csv_row(csv); n++) {
    if (csv->cells[0].len != table->n_params || csv->n_cells < 2 ||
        csv->n_cells > table->n_runs + 1)
      return core_fail(err, CORE_INVAL, "%s: row %zu does not fit the space", source->path, n + 2);
    for (size_t i = 0; i < table->n_params; i++) digits[i] = csv->cells[0].data[i] - '0';
    const size_t row = grid_row(&instance->space, digits);
    if (row >= table->n_rows)
      return core_fail(err, CORE_INVAL, "%s: row %zu is outside of the grid", source->path, n + 2);
    for (size_t k = 0; k < table->n_runs; k++)
      table->values[row * table->n_runs + k] =
          k + 1 < csv->n_cells ? source->sign * (cell_number(csv->cells[k + 1]) - source->best)
                               : NAN;
  }
  return CORE_OK;
}

/* The internal value that a cell means; NaN for an empty one. */
static double cell_internal(const struct hpo_param *param, struct core_slice cell, bool flip) {
  if (param->type == HPO_PARAM_CATEGORICAL) {
    for (size_t k = 0; k < param->n_choices; k++)
      if (core_slice_is(cell, param->choices[k].text)) return (double)k;
    return NAN;
  }
  const double x = cell_number(cell);
  if (isnan(x)) return x;
  return fmin(fmax(flip ? 1 - x : x, param->low), param->high);
}

static enum core_status find_columns(const struct bench_instance *instance, const struct csv *csv,
                                     size_t *columns, struct core_error *err) {
  const struct bench_table_source *source = instance->problem->table;
  const size_t prefix = source->flip ? strlen(source->flip) : 0, n = instance->space.n_params;
  for (size_t i = 0; i <= n; i++) {
    const char *name = i < n ? instance->space.params[i].name : source->column;
    const bool flip = i < n && prefix > 0 && strncmp(name, source->flip, prefix) == 0;
    columns[i] = csv_find(csv, flip ? name + prefix : name);
    if (columns[i] == csv->n_cells)
      return core_fail(err, CORE_INVAL, "%s: no column '%s'", source->path, name);
  }
  return CORE_OK;
}

static enum core_status read_rows(struct bench_table *table, const struct bench_instance *instance,
                                  struct csv *csv, struct core_error *err) {
  const struct bench_table_source *source = instance->problem->table;
  const size_t n_params = table->n_params;
  size_t columns[BENCH_MAX_DIM + 1];
  CORE_TRY(find_columns(instance, csv, columns, err));
  for (size_t n = 0; n < table->n_rows && csv_row(csv); n++) {
    double internal[BENCH_MAX_DIM];
    for (size_t i = 0; i < n_params; i++) {
      const struct hpo_param *param = &instance->space.params[i];
      const bool flip =
          source->flip && strncmp(param->name, source->flip, strlen(source->flip)) == 0;
      internal[i] = cell_internal(param, csv->cells[columns[i]], flip);
    }
    hpo_space_to_unit(&instance->space, internal, table->units + n * n_params);
    table->values[n] = source->sign * (cell_number(csv->cells[columns[n_params]]) - source->best);
  }
  return CORE_OK;
}

static double mean(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  return sum / (double)n;
}

static size_t row_runs(const struct bench_table *table, size_t row) {
  size_t n = table->n_runs;
  while (n > 1 && isnan(table->values[row * table->n_runs + n - 1])) n--;
  return n;
}

static double row_mean(const struct bench_table *table, size_t row) {
  return mean(table->values + row * table->n_runs, row_runs(table, row));
}

static enum core_status read_table(struct bench_table *table, struct bench_instance *instance,
                                   struct csv *csv, struct core_error *err) {
  const bool grid = instance->problem->table->kind == BENCH_TABLE_GRID;
  table->n_params = instance->space.n_params;
  if (!csv_row(csv))
    return core_fail(err, CORE_INVAL, "%s is empty", instance->problem->table->path);
  table->n_rows = count_rows(csv);
  table->n_runs = grid ? csv->n_cells - 1 : 1;
  table->units = calloc(table->n_rows * table->n_params, sizeof *table->units);
  table->values = calloc(table->n_rows * table->n_runs, sizeof *table->values);
  if (!table->units || !table->values) return core_fail_nomem(err, table->n_rows * sizeof(double));
  CORE_TRY(grid ? read_grid(table, instance, csv, err) : read_rows(table, instance, csv, err));
  instance->optimum = INFINITY;
  for (size_t n = 0; n < table->n_rows; n++)
    instance->optimum = fmin(instance->optimum, row_mean(table, n));
  return CORE_OK;
}

enum core_status bench_table_open(struct bench_instance *instance, const char *folder,
                                  struct core_error *err) {
  struct csv csv = {0};
  instance->table = calloc(1, sizeof *instance->table);
  if (!instance->table) return core_fail_nomem(err, sizeof *instance->table);
  enum core_status st = csv_open(&csv, folder, instance->problem->table->path, err);
  if (st == CORE_OK) st = read_table(instance->table, instance, &csv, err);
  free(csv.bytes);
  return st;
}

void bench_table_close(struct bench_table *table) {
  if (!table) return;
  free(table->units);
  free(table->values);
  free(table);
}

/* Squared distance over the numeric parameters; infinite when a categorical differs. */
static double distance(const struct hpo_space *space, const double *a, const double *b) {
  double sum = 0;
  for (size_t i = 0; i < space->n_params; i++) {
    if (isnan(a[i]) || isnan(b[i])) {
      if (isnan(a[i]) != isnan(b[i])) return INFINITY;
      continue;
    }
    const double by = a[i] - b[i];
    if (space->params[i].type == HPO_PARAM_CATEGORICAL && by != 0) return INFINITY;
    sum += by * by;
  }
  return sum;
}

static double nearest_mean(const struct bench_instance *instance, const double *internal) {
  enum { MAX_K = 8 };
  const struct bench_table *table = instance->table;
  double unit[BENCH_MAX_DIM], near[MAX_K], value[MAX_K];
  size_t n_near = 0;
  hpo_space_to_unit(&instance->space, internal, unit);
  for (size_t n = 0; n < table->n_rows; n++) {
    const double d = distance(&instance->space, unit, table->units + n * table->n_params);
    if (isinf(d) || (n_near == instance->problem->table->k && d >= near[n_near - 1])) continue;
    size_t k = n_near < instance->problem->table->k ? n_near++ : n_near - 1;
    for (; k > 0 && near[k - 1] > d; k--) {
      near[k] = near[k - 1];
      value[k] = value[k - 1];
    }
    near[k] = d;
    value[k] = table->values[n];
  }
  return n_near > 0 ? mean(value, n_near) : NAN;
}

void bench_table_evaluate(const struct bench_instance *instance, uint64_t number,
                          const double *internal, double *observed, double *noise_free) {
  const struct bench_table_source *source = instance->problem->table;
  const struct bench_table *table = instance->table;
  if (source->kind == BENCH_TABLE_NEIGHBOURS) {
    *noise_free = *observed = nearest_mean(instance, internal);
    return;
  }
  const size_t row = grid_row(&instance->space, internal);
  *noise_free = *observed = row_mean(table, row);
  if (!source->noisy) return;
  struct core_rng rng;
  core_rng_init(&rng, instance->seed ^ instance->key, number, STREAM_RUN);
  *observed = table->values[row * table->n_runs + core_rng_below(&rng, row_runs(table, row))];
}
