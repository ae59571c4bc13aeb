/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/cli/data_view.h"

#include <stdio.h>

#include "core/mem.h"
#include "jobs/cli/csv_words.h"

/* A dialect that is not the default, and whatever else there is to say of the input before its values. */
static void tell(const struct job_data *data) {
  const struct val_findings *f = data->ops->findings(data->reader);
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    if (kind == VAL_FINDING_DIALECT && !job_dialect_is_odd(&data->data)) continue;
    if (kind == VAL_FINDING_BLANK_HEADER) continue;
    for (uint64_t i = 0; i < f->count[kind] && i < VAL_FINDINGS_KEPT; i++) {
      const struct val_finding *one = &f->kept[kind][i];
      fprintf(stderr, "sweepgate: note: %s%s%s\n", one->file ? one->file : "",
              one->file ? ": " : "", one->message);
    }
  }
}

bool job_dialect_is_odd(const struct val_data *data) {
  struct val_read_options found = {
      .sniff = VAL_SNIFF_ALL, .delimiter = ',', .quote = '"', .header = true};
  val_data_found(data, &found);
  return found.delimiter != ',' || found.quote != '"' || !found.header || found.encoding;
}

static enum core_status open_data(struct job_data *data, const char *const *words, size_t n_words,
                                  const struct core_options *options, size_t batch_rows,
                                  struct core_error *err) {
  struct val_read_options read = {
      .header = true, .batch_rows = batch_rows, .sniff = VAL_SNIFF_ALL, .allow_drift = true};
  CORE_TRY(job_csv_options(options, &data->arena, &read, err));
  CORE_TRY(val_dataset_open(&data->dataset, words, n_words, err));
  CORE_TRY(val_data_open(&data->data, &data->dataset, &read, err));
  data->ops = data->data.ops;
  data->reader = data->data.reader;
  tell(data);
  return CORE_OK;
}

enum core_status job_data_open(struct job_data *data, const char *const *words, size_t n_words,
                               const struct core_options *options, size_t batch_rows,
                               struct core_error *err) {
  *data = (struct job_data){.ops = NULL};
  const enum core_status st = open_data(data, words, n_words, options, batch_rows, err);
  if (st != CORE_OK) job_data_close(data);
  return st;
}

enum core_status job_data_next(struct job_data *data, const struct val_batch **batch, bool *again,
                               struct core_error *err) {
  struct core_error why = {0};
  *again = false;
  const enum core_status st = data->ops->next(data->reader, batch, &why);
  if (st == CORE_OK) return CORE_OK;
  if (st != CORE_EXISTS) return core_fail(err, st, "%s", why.message);
  *again = true;
  *batch = NULL;
  return data->ops->rewind(data->reader, err);
}

void job_data_close(struct job_data *data) {
  val_data_close(&data->data);
  val_dataset_close(&data->dataset);
  core_arena_close(&data->arena);
  *data = (struct job_data){.ops = NULL};
}

void job_type_append(const struct val_field *field, struct core_str *out) {
  core_str_text_append(out, val_type_name(field->type));
  if (field->type == VAL_TYPE_DECIMAL)
    core_str_printf(out, "(%d,%d)", field->precision, field->scale);
}

static size_t width_of(const struct core_str *cell) {
  return core_utf8_count(core_str_text(cell), cell->len);
}

static size_t column_width(const struct core_str *cells, size_t rows, size_t columns, size_t c) {
  size_t width = 0;
  for (size_t row = 0; row < rows; row++) {
    const size_t other = width_of(&cells[row * columns + c]);
    if (other > width) width = other;
  }
  return width;
}

static void append_row(const struct core_str *row, const size_t *widths, size_t columns,
                       struct core_str *out) {
  size_t end = out->len;
  for (size_t c = 0; c < columns; c++) {
    core_str_append(out, core_str_text(&row[c]), row[c].len);
    if (row[c].failed) out->failed = true;
    if (row[c].len > 0) end = out->len;
    for (size_t k = width_of(&row[c]); k < widths[c] + 2; k++) core_str_char(out, ' ');
  }
  if (!out->failed) out->len = end; /* no blanks at the end of a line */
  core_str_char(out, '\n');
}

void job_table_append(const struct core_str *cells, size_t rows, size_t columns,
                      struct core_str *out) {
  size_t *widths = core_calloc(columns + 1, sizeof *widths);
  if (!widths) {
    out->failed = true;
    return;
  }
  for (size_t c = 0; c < columns; c++) widths[c] = column_width(cells, rows, columns, c);
  for (size_t row = 0; row < rows; row++) append_row(&cells[row * columns], widths, columns, out);
  core_free(widths);
}
