/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate head`: the first rows of a data file, values as they are compared. */
#include <string.h>

#include "jobs/cli/command.h"
#include "jobs/cli/data_view.h"
#include "jobs/cli/study_view.h"

#include "core/mem.h"

#define CELL_BYTES 60 /* of a value in a table; JSON has all of it */

static const struct core_option head_options[] = {
    {.name = "rows",
     .type = CORE_OPT_INT,
     .fallback = "10",
     .min = 0,
     .max = 100000,
     .letter = 'n',
     .unit = "N",
     .help = "how many rows"},
    {.name = "format",
     .type = CORE_OPT_CHOICE,
     .fallback = "table",
     .choices = "table|json",
     .help = "how to print them; json: an array with an object a row"},
    {.name = "csv",
     .type = CORE_OPT_LIST,
     .unit = "KEY=VALUE",
     .help = "how text is written: delimiter, quote, header, encoding; what is not given is found "
             "out; may be given several times"},
    CORE_OPTION_END,
};

/* What was gathered: cells of a table with the header, or JSON. */
struct head {
  size_t most, n_rows, n_columns;
  bool json;
  struct core_str *cells; /* (most + 1) * n_columns */
  struct core_str text;
};

static void clear(struct head *h) {
  for (size_t i = 0; h->cells && i < (h->most + 1) * h->n_columns; i++)
    core_str_close(&h->cells[i]);
  core_free(h->cells);
  core_str_clear(&h->text);
  h->cells = NULL;
  h->n_rows = h->n_columns = 0;
}

static enum core_status begin(struct head *h, const struct val_schema *schema,
                              struct core_error *err) {
  h->n_columns = schema->n_fields;
  h->cells = core_calloc((h->most + 1) * h->n_columns + 1, sizeof *h->cells);
  if (!h->cells) return core_fail_nomem(err, (h->most + 1) * h->n_columns * sizeof *h->cells);
  for (size_t i = 0; i < h->n_columns; i++) job_text_append(schema->fields[i].name, &h->cells[i]);
  return CORE_OK;
}

static void add_cells(struct head *h, const struct val_batch *batch, size_t row) {
  struct core_str value = {0};
  for (size_t i = 0; i < h->n_columns; i++) {
    core_str_clear(&value);
    val_column_value_text(&batch->columns[i], row, &value);
    if (value.failed) h->text.failed = true;
    core_str_escaped(&h->cells[(h->n_rows + 1) * h->n_columns + i], core_str_text(&value),
                     value.len, CELL_BYTES);
  }
  core_str_close(&value);
}

static void add_json(struct head *h, const struct val_schema *schema, const struct val_batch *batch,
                     size_t row) {
  core_str_text_append(&h->text, h->n_rows ? ",\n {" : "{");
  for (size_t i = 0; i < h->n_columns; i++) {
    if (i > 0) core_str_text_append(&h->text, ", ");
    core_str_json(&h->text, schema->fields[i].name, strlen(schema->fields[i].name));
    core_str_text_append(&h->text, ": ");
    val_column_value_json(&batch->columns[i], row, &h->text);
  }
  core_str_char(&h->text, '}');
}

static enum core_status gather(struct head *h, struct job_data *data, struct core_error *err) {
  const struct val_batch *batch = NULL;
  bool again = false;
  do {
    CORE_TRY(job_data_next(data, &batch, &again, err));
    if (again) clear(h);
    if (!h->cells && !again) CORE_TRY(begin(h, data->ops->schema(data->reader), err));
    for (size_t row = 0; batch && row < batch->n_rows && h->n_rows < h->most; row++, h->n_rows++) {
      if (h->json)
        add_json(h, data->ops->schema(data->reader), batch, row);
      else
        add_cells(h, batch, row);
    }
  } while (again || (batch && h->n_rows < h->most));
  return CORE_OK;
}

static int head_run(const struct core_options *options, const char *const *words, size_t n_words) {
  struct core_error err = {0};
  struct core_str out = {0};
  struct job_data data;
  struct head h = {.most = (size_t)core_option_int(options, "rows"),
                   .json = strcmp(core_option_text(options, "format"), "json") == 0};
  if (job_data_open(&data, words, n_words, options, h.most ? h.most : 1, &err) != CORE_OK)
    return job_exit_failure(&err);
  int code = JOB_EXIT_GOOD;
  if (gather(&h, &data, &err) != CORE_OK)
    code = job_exit_failure(&err);
  else if (h.json)
    core_str_printf(&out, "[%s]\n", core_str_text(&h.text));
  else
    job_table_append(h.cells, h.n_rows + 1, h.n_columns, &out);
  if (h.text.failed) out.failed = true;
  clear(&h);
  core_str_close(&h.text);
  job_data_close(&data);
  const int printed = job_print(&out);
  return code ? code : printed;
}

const struct job_command job_command_head = {
    .name = "head",
    .synopsis = "DATA... [options]",
    .summary = "print the first rows of a data file",
    .description =
        "CSV (also packed with gzip or zstd) and Parquet: files, folders, patterns in quotes; '-' "
        "is standard input.\nIn a table long values are cut; JSON has them "
        "whole: decimals with all\ntheir digits, times in ISO 8601, a map as a list of {\"key\", "
        "\"value\"}.",
    .options = head_options,
    .min_words = 1,
    .max_words = SIZE_MAX,
    .run = head_run,
};
