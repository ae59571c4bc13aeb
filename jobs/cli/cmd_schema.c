/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate schema`: the columns of a data file and their types, as an expectation sees them. */
#include <string.h>

#include "jobs/cli/command.h"
#include "jobs/cli/data_view.h"
#include "jobs/cli/study_view.h"

#include "core/mem.h"

static const struct core_option schema_options[] = {
    {.name = "format",
     .type = CORE_OPT_CHOICE,
     .fallback = "table",
     .choices = "table|json",
     .help = "how to print it"},
    {.name = "csv",
     .type = CORE_OPT_LIST,
     .unit = "KEY=VALUE",
     .help = "how text is written: delimiter, quote, header, encoding; what is not given is found "
             "out; may be given several times"},
    CORE_OPTION_END,
};

/* A type that follows from the values is known when all were seen. */
static enum core_status settle(struct job_data *data, struct core_error *err) {
  const struct val_batch *batch = NULL;
  bool again = false;
  if (data->ops->typed) return CORE_OK;
  do CORE_TRY(job_data_next(data, &batch, &again, err));
  while (batch || again);
  return CORE_OK;
}

static void add_row(const struct val_field *field, struct core_str *cells) {
  job_text_append(field->name, &cells[0]);
  job_type_append(field, &cells[1]);
  if (field->note) job_text_append(field->note, &cells[2]);
}

/* Columns of elements stand behind the column that they are in. */
static void print_table(const struct val_schema *schema, struct core_str *out) {
  const size_t width = val_schema_width(schema);
  struct core_str *cells = core_calloc(width * 3 + 1, sizeof *cells);
  size_t n = 0, element = schema->n_fields;
  if (!cells) {
    out->failed = true;
    return;
  }
  for (size_t i = 0; i < schema->n_fields; i++) {
    add_row(&schema->fields[i], &cells[3 * n++]);
    for (; element < width && schema->fields[element].parent == i; element++)
      add_row(&schema->fields[element], &cells[3 * n++]);
  }
  job_table_append(cells, n, 3, out);
  for (size_t i = 0; i < 3 * n; i++) core_str_close(&cells[i]);
  core_free(cells);
}

static void print_field(const struct val_field *field, struct core_str *out) {
  core_str_text_append(out, "{\"name\": ");
  core_str_json(out, field->name, strlen(field->name));
  core_str_printf(out, ", \"type\": \"%s\"", val_type_name(field->type));
  if (field->type == VAL_TYPE_DECIMAL)
    core_str_printf(out, ", \"precision\": %d, \"scale\": %d", field->precision, field->scale);
  if (!field->note) return;
  core_str_text_append(out, ", \"note\": ");
  core_str_json(out, field->note, strlen(field->note));
}

static void print_json(const struct val_schema *schema, struct core_str *out) {
  size_t element = schema->n_fields;
  core_str_text_append(out, "[");
  for (size_t i = 0; i < schema->n_fields; i++) {
    core_str_text_append(out, i ? ",\n " : "");
    print_field(&schema->fields[i], out);
    const size_t first = element;
    for (; element < val_schema_width(schema) && schema->fields[element].parent == i; element++) {
      core_str_text_append(out, element == first ? ", \"elements\": [" : ", ");
      print_field(&schema->fields[element], out);
      core_str_char(out, '}');
    }
    core_str_text_append(out, element == first ? "}" : "]}");
  }
  core_str_text_append(out, "]\n");
}

static int schema_run(const struct core_options *options, const char *const *words,
                      size_t n_words) {
  struct core_error err = {0};
  struct core_str out = {0};
  struct job_data data;
  if (job_data_open(&data, words, n_words, options, 0, &err) != CORE_OK)
    return job_exit_failure(&err);
  int code = JOB_EXIT_GOOD;
  if (settle(&data, &err) != CORE_OK)
    code = job_exit_failure(&err);
  else if (strcmp(core_option_text(options, "format"), "json") == 0)
    print_json(data.ops->schema(data.reader), &out);
  else
    print_table(data.ops->schema(data.reader), &out);
  job_data_close(&data);
  const int printed = job_print(&out);
  return code ? code : printed;
}

const struct job_command job_command_schema = {
    .name = "schema",
    .synopsis = "DATA... [options]",
    .summary = "print the columns of a data file and their types",
    .description =
        "The types are those that expectations see: a Parquet file's own, a CSV file's inferred "
        "from all of its\nvalues. A note says where a type needs a word. "
        "\nElements of lists and maps are columns that expectations may name: tags[], "
        "items[].price, attrs[].key.",
    .options = schema_options,
    .min_words = 1,
    .max_words = SIZE_MAX,
    .run = schema_run,
};
