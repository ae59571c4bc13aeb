/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values whose z-score, (x - mean) / standard deviation (n - 1), is below a threshold. The mean is known only after the last
 * row, so every value is kept with its place, in memory up to the budget and then in a temporary file (with index columns
 * always in memory). Where there is no deviation (one value, or equal ones)
 * there is no score, and no value meets the threshold. */
#include "validate/expect/aggregate.h"
#include "validate/expect/map.h"

#include "validate/metric/spill_files.h"
#include "validate/metric/sum.h"
#include "validate/plan.h"
#include <math.h>
#include <string.h>

#define BLOCK_ROWS 512

struct scored {
  struct val_scalar value;
  struct val_kept *shown; /* where index columns are asked for; NULL elsewhere */
  int64_t row, line, byte;
};

/* Rows in a file, in order. */
struct section {
  const struct core_scratch *file;
  int64_t at;
  size_t n;
  int64_t rows, lines; /* to be added to their places */
};

struct val_metric {
  struct val_row_tally tally; /* first: val_map_judge reads it */
  struct scored *rows;        /* behind those of the sections */
  size_t n, rows_cap, memory_bytes;
  struct val_spill_files files;
  struct section *sections;
  size_t n_sections, sections_cap;
};

static void zscore_close(struct val_metric *m) {
  if (!m) return;
  for (size_t i = 0; i < m->n; i++) core_free(m->rows[i].shown);
  val_spill_files_close(&m->files);
  core_free(m->sections);
  core_free(m->rows);
  val_row_tally_close(&m->tally);
  core_free(m);
}

static enum core_status zscore_open(const struct val_metric_request *request,
                                    const struct val_metric_context *context,
                                    struct val_metric **out, struct core_error *err) {
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->memory_bytes = context->memory_bytes;
  val_row_tally_open(&m->tally, request->params);
  *out = m;
  return CORE_OK;
}

/* The rows in memory become a section of a file. */
static enum core_status spill(struct val_metric *m, struct core_error *err) {
  struct section section = {.n = m->n};
  if (m->n == 0) return CORE_OK;
  CORE_TRY(core_grow((void **)&m->sections, &m->sections_cap, m->n_sections + 1,
                     sizeof *m->sections, err));
  CORE_TRY(val_spill_files_append(&m->files, m->rows, m->n * sizeof *m->rows, &section.file,
                                  &section.at, err));
  m->sections[m->n_sections++] = section;
  m->n = 0;
  return CORE_OK;
}

static enum core_status spill_if_large(struct val_metric *m, struct core_error *err) {
  if (m->tally.map->n_index_columns) return CORE_OK;
  return m->n * sizeof *m->rows > m->memory_bytes ? spill(m, err) : CORE_OK;
}

static enum core_status zscore_observe(struct val_metric *m, const struct val_batch *batch,
                                       struct core_error *err) {
  const struct val_map *map = m->tally.map;
  CORE_TRY(val_row_tally_consider(&m->tally, batch, err));
  CORE_TRY(core_grow((void **)&m->rows, &m->rows_cap, m->n + batch->n_rows, sizeof *m->rows, err));
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (!val_bit(m->tally.considered, i)) continue;
    struct scored *row = &m->rows[m->n];
    *row = (struct scored){.value = val_scalar_at(&batch->columns[map->columns[0]], i),
                           .row = val_batch_row(batch, i),
                           .line = batch->line ? batch->line[i] : -1,
                           .byte = batch->byte ? batch->byte[i] : -1};
    if (map->n_index_columns) CORE_TRY(val_row_tally_show(&m->tally, batch, i, &row->shown, err));
    m->n++;
  }
  return spill_if_large(m, err);
}

/* Files and sections change hands; what is in memory here comes before them. */
static enum core_status take_sections(struct val_metric *into, struct val_metric *later,
                                      struct core_error *err) {
  if (later->n_sections == 0) return CORE_OK;
  CORE_TRY(spill(into, err));
  CORE_TRY(core_grow((void **)&into->sections, &into->sections_cap,
                     into->n_sections + later->n_sections, sizeof *into->sections, err));
  CORE_TRY(val_spill_files_join(&into->files, &later->files, err));
  memcpy(into->sections + into->n_sections, later->sections,
         later->n_sections * sizeof *later->sections);
  into->n_sections += later->n_sections;
  later->n_sections = 0;
  return CORE_OK;
}

static enum core_status zscore_merge(struct val_metric *into, struct val_metric *later,
                                     struct core_error *err) {
  into->memory_bytes += later->memory_bytes;
  CORE_TRY(val_row_tally_merge(&into->tally, &later->tally, err));
  CORE_TRY(take_sections(into, later, err));
  CORE_TRY(core_grow((void **)&into->rows, &into->rows_cap, into->n + later->n, sizeof *into->rows,
                     err));
  for (size_t i = 0; i < later->n; i++) {
    into->rows[into->n++] = later->rows[i];
    later->rows[i].shown = NULL;
  }
  return spill_if_large(into, err);
}

static void move_down(struct scored *row, int64_t rows, int64_t lines) {
  row->row += rows;
  if (row->line >= 0) row->line += lines;
}

static void zscore_shift(struct val_metric *m, int64_t rows, int64_t lines) {
  val_row_tally_shift(&m->tally, rows, lines);
  for (size_t i = 0; i < m->n_sections; i++) {
    m->sections[i].rows += rows;
    m->sections[i].lines += lines;
  }
  for (size_t i = 0; i < m->n; i++) {
    move_down(&m->rows[i], rows, lines);
    if (m->rows[i].shown) {
      m->rows[i].shown->row = m->rows[i].row;
      m->rows[i].shown->line = m->rows[i].line;
    }
  }
}

static enum core_status zscore_finish(struct val_metric *m, struct core_error *err) {
  (void)m, (void)err;
  return CORE_OK;
}

static enum core_status zscore_describe(struct val_metric *m, struct core_str *out,
                                        struct core_error *err) {
  size_t n = m->n;
  for (size_t i = 0; i < m->n_sections; i++) n += m->sections[i].n;
  core_str_printf(out, "{\"rows\":%zu}", n);
  return core_str_status(out, err);
}

/* Not in metric_list.h: it needs an expectation, so it cannot be shared or tried alone. */
static const struct val_metric_ops metric = {
    .name = "zscore",
    .summary = "every value with its place",
    .spills = true,
    .open = zscore_open,
    .observe = zscore_observe,
    .merge = zscore_merge,
    .shift = zscore_shift,
    .finish = zscore_finish,
    .describe = zscore_describe,
    .close = zscore_close,
};

/* ---- judging ---- */

/* The value as a batch of one row, shown as all failing rows are. */
static enum core_status keep(struct val_metric *m, struct scored *row, struct core_error *err) {
  struct val_kept *kept = row->shown;
  row->shown = NULL;
  if (!kept) {
    const uint8_t bit = (uint8_t)(row->value.integer & 1);
    struct val_column column = {.type = row->value.type};
    struct val_batch batch = {
        .n_rows = 1, .first_row = row->row, .n_columns = 1, .columns = &column};
    const size_t first = 0;
    struct val_map alone = *m->tally.map;
    const struct val_map *map = m->tally.map;
    column.values.int64 = &row->value.integer;
    if (column.type == VAL_TYPE_DOUBLE) column.values.float64 = &row->value.number;
    if (column.type == VAL_TYPE_DECIMAL) {
      column.values.decimal = &row->value.decimal;
      column.scale = row->value.scale;
    }
    if (column.type == VAL_TYPE_BOOL) column.values.bits = &bit;
    alone.columns = &first;
    m->tally.map = &alone;
    const enum core_status st = val_row_tally_show(&m->tally, &batch, 0, &kept, err);
    m->tally.map = map;
    if (st != CORE_OK) return st;
    kept->line = row->line;
    kept->byte = row->byte;
  }
  return val_row_tally_keep(&m->tally, kept, err);
}

struct limit {
  double mean, deviation, threshold;
  bool both;
};

static enum core_status settle(struct val_metric *m, const struct limit *limit, struct scored *rows,
                               size_t n, struct core_error *err) {
  for (size_t i = 0; i < n; i++) {
    const double z = (val_scalar_number(&rows[i].value) - limit->mean) / limit->deviation;
    if (limit->both ? fabs(z) < fabs(limit->threshold) : z < limit->threshold) continue;
    m->tally.n_unexpected++;
    if (val_row_tally_admits(&m->tally, rows[i].row)) CORE_TRY(keep(m, &rows[i], err));
  }
  return CORE_OK;
}

static enum core_status settle_section(struct val_metric *m, const struct limit *limit,
                                       const struct section *section, struct core_error *err) {
  struct scored block[BLOCK_ROWS];
  for (size_t done = 0, n = 0; done < section->n; done += n) {
    n = section->n - done < BLOCK_ROWS ? section->n - done : BLOCK_ROWS;
    CORE_TRY(core_scratch_read(section->file, section->at + (int64_t)(done * sizeof *block), block,
                               n * sizeof *block, err));
    for (size_t i = 0; i < n; i++) move_down(&block[i], section->rows, section->lines);
    CORE_TRY(settle(m, limit, block, n, err));
  }
  return CORE_OK;
}

static enum core_status settle_all(struct val_metric *m, const struct limit *limit,
                                   struct core_error *err) {
  for (size_t i = 0; i < m->n_sections; i++)
    CORE_TRY(settle_section(m, limit, &m->sections[i], err));
  CORE_TRY(settle(m, limit, m->rows, m->n, err));
  val_row_tally_finish(&m->tally);
  return CORE_OK;
}

static enum core_status zscore_takes(const struct val_map *map, struct core_error *err) {
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  return val_type_is_number(type) || type == VAL_TYPE_NULL
             ? CORE_OK
             : val_map_refuse(map, map->columns[0], "numbers, so they have no z-scores", err);
}

static enum core_status zscore_plan(const struct val_expected *expected, struct val_plan *plan,
                                    struct core_error *err) {
  size_t column = 0;
  CORE_TRY(val_map_plan(expected, plan, err));
  CORE_TRY(val_plan_column(plan, expected, "column", &column, err));
  CORE_TRY(val_plan_metric(plan, &val_metric_sum, &column, 1, NULL, err));
  return val_plan_metric(plan, &val_metric_squares, &column, 1, NULL, err);
}

static enum core_status zscore_judge(const struct val_expected *expected,
                                     const struct val_evidence *evidence,
                                     struct val_verdict *verdict, struct core_error *err) {
  struct val_metric *const *m = evidence->metrics;
  const struct limit limit = {.mean = val_sum_mean(m[1]),
                              .deviation = val_sum_stdev(m[1], m[2]),
                              .threshold = core_option_double(&expected->kwargs, "threshold"),
                              .both = core_option_flag(&expected->kwargs, "double_sided")};
  CORE_TRY(settle_all(m[0], &limit, err));
  return val_map_judge(expected, evidence, verdict, err);
}

static const struct core_option kwargs[] = {VAL_KWARGS_MAP,
                                            {.name = "threshold",
                                             .type = CORE_OPT_DOUBLE,
                                             .required = true,
                                             .help = "scores must be below it"},
                                            {.name = "double_sided",
                                             .type = CORE_OPT_FLAG,
                                             .fallback = "true",
                                             .nullable = true,
                                             .help = "the size of the score counts, not its sign"},
                                            CORE_OPTION_END};
static const struct val_predicate predicate = {.takes = zscore_takes, .metric = &metric};
const struct val_expectation_ops val_expect_column_value_z_scores_to_be_less_than = {
    .name = "expect_column_value_z_scores_to_be_less_than",
    .summary = "the values of a column lie within some standard deviations of their mean",
    .kind = VAL_EXPECT_MAP,
    .kwargs = kwargs,
    .plan = zscore_plan,
    .judge = zscore_judge,
    .predicate = &predicate,
};
