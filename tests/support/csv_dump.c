/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/csv_dump.h"

static void dump_batch(const struct val_batch *batch, struct csv_dump *dump) {
  dump->n_rows += (int64_t)batch->n_rows;
  for (size_t row = 0; row < batch->n_rows; row++) {
    core_str_printf(&dump->rows, "%lld@%lld+%lld [", (long long)batch->first_row + (long long)row,
                    (long long)batch->line[row], (long long)batch->byte[row]);
    for (size_t i = 0; i < batch->n_columns; i++) {
      if (i > 0) core_str_char(&dump->rows, ',');
      val_column_value_json(&batch->columns[i], row, &dump->rows);
    }
    core_str_text_append(&dump->rows, "]\n");
  }
}

static void dump_end(const struct val_reader_ops *ops, const struct val_reader *reader,
                     struct csv_dump *dump) {
  const struct val_schema *schema = ops->schema(reader);
  for (size_t i = 0; i < schema->n_fields; i++) {
    core_str_printf(&dump->schema, "%s%s:%s", i > 0 ? " " : "", schema->fields[i].name,
                    val_type_name(schema->fields[i].type));
    if (schema->fields[i].note) core_str_printf(&dump->notes, "%s\n", schema->fields[i].note);
  }
  const struct val_findings *findings = ops->findings(reader);
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    dump->count[kind] = findings->count[kind];
    for (uint64_t i = 0; i < findings->count[kind] && i < VAL_FINDINGS_KEPT; i++) {
      const struct val_finding *f = &findings->kept[kind][i];
      core_str_printf(&dump->findings, "%s row %lld line %lld byte %lld %s: %s\n",
                      val_finding_code((enum val_finding_kind)kind), (long long)f->row,
                      (long long)f->line, (long long)f->byte, f->column ? f->column : "",
                      f->message);
    }
  }
}

enum core_status test_csv_dump(struct core_source *source, const struct val_read_options *options,
                               struct csv_dump *dump, struct core_error *err) {
  const struct val_reader_ops *ops = val_reader_all()[0];
  struct val_reader *reader = NULL;
  *dump = (struct csv_dump){.restarts = 0};
  CORE_TRY(ops->open(source, options, &reader, err));
  enum core_status st = CORE_OK;
  const struct val_batch *batch = NULL;
  for (;;) {
    st = ops->next(reader, &batch, err);
    if (st == CORE_EXISTS) {
      dump->restarts++;
      dump->n_rows = 0;
      core_str_clear(&dump->rows);
      st = ops->rewind(reader, err);
      if (st == CORE_OK) continue;
    }
    if (st != CORE_OK || !batch) break;
    dump_batch(batch, dump);
  }
  dump_end(ops, reader, dump);
  ops->close(reader);
  return st;
}

void test_csv_dump_close(struct csv_dump *dump) {
  core_str_close(&dump->schema);
  core_str_close(&dump->rows);
  core_str_close(&dump->findings);
  core_str_close(&dump->notes);
}
