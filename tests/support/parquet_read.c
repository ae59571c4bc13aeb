/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/parquet_read.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"

const struct val_reader_ops *test_parquet_reader(void) {
  for (const struct val_reader_ops *const *ops = val_reader_all(); *ops; ops++)
    if (strcmp((*ops)->name, "parquet") == 0) return *ops;
  return NULL;
}

static void add_rows(const struct val_batch *batch, struct core_str *out) {
  for (size_t row = 0; row < batch->n_rows; row++) {
    core_str_char(out, '[');
    for (size_t i = 0; i < batch->n_columns; i++) {
      if (i > 0) core_str_char(out, ',');
      val_column_value_json(&batch->columns[i], row, out);
    }
    core_str_text_append(out, "]\n");
  }
}

static void add_end(const struct val_reader_ops *ops, const struct val_reader *reader,
                    struct parquet_read *read) {
  const struct val_schema *schema = ops->schema(reader);
  const struct val_findings *findings = ops->findings(reader);
  for (size_t i = 0; i < schema->n_fields; i++) {
    core_str_printf(&read->schema, "%s%s:%s", i > 0 ? " " : "", schema->fields[i].name,
                    val_type_name(schema->fields[i].type));
    if (schema->fields[i].type == VAL_TYPE_DECIMAL)
      core_str_printf(&read->schema, "(%d,%d)", schema->fields[i].precision,
                      schema->fields[i].scale);
  }
  read->n_findings = val_findings_total(findings);
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++)
    for (uint64_t i = 0; i < findings->count[kind] && i < VAL_FINDINGS_KEPT; i++)
      core_str_printf(&read->findings, "%s %s: %s\n", val_finding_code((enum val_finding_kind)kind),
                      findings->kept[kind][i].column ? findings->kept[kind][i].column : "",
                      findings->kept[kind][i].message);
}

enum core_status test_parquet_read(struct core_source *source,
                                   const struct val_read_options *options,
                                   struct parquet_read *read, struct core_error *err) {
  const struct val_reader_ops *ops = test_parquet_reader();
  const struct val_batch *batch = NULL;
  struct val_reader *reader = NULL;
  enum core_status st = ops->open(source, options, &reader, err);
  while (st == CORE_OK) {
    st = ops->next(reader, &batch, err);
    if (st != CORE_OK || !batch) break;
    if (read->with_rows) add_rows(batch, &read->rows);
    read->n_rows += (int64_t)batch->n_rows;
    if (read->max_rows && read->n_rows >= read->max_rows) break;
  }
  if (reader) add_end(ops, reader, read);
  ops->close(reader);
  return st;
}

enum core_status test_parquet_read_bytes(const void *bytes, size_t len,
                                         const struct val_read_options *options,
                                         struct parquet_read *read, struct core_error *err) {
  struct core_source *source = NULL;
  CORE_TRY(core_source_open_memory("x.parquet", bytes, len, &source, err));
  const enum core_status st = test_parquet_read(source, options, read, err);
  core_source_close(source);
  return st;
}

void test_parquet_read_close(struct parquet_read *read) {
  core_str_close(&read->schema);
  core_str_close(&read->rows);
  core_str_close(&read->findings);
}

unsigned char *test_read_file(const char *path, size_t *len) {
  FILE *file = path ? fopen(path, "rb") : NULL;
  size_t cap = 1 << 22;
  unsigned char *bytes = file ? core_alloc(cap) : NULL;
  *len = 0;
  while (bytes) {
    const size_t got = fread(bytes + *len, 1, cap - *len, file);
    *len += got;
    if (*len < cap) break;
    bytes = core_realloc(bytes, cap *= 2, 1);
  }
  if (file) fclose(file);
  return bytes;
}
