/* SPDX-License-Identifier: GPL-3.0-or-later
 * Whole files, read through the reader as a validation would, values looked at. A small file may claim any number of rows,
 * so reading stops after some. */
#include <string.h>

#include "core/source.h"
#include "tests/fuzz/fuzz.h"
#include "validate/reader/reader.h"

#define MOST_ROWS 20000

extern const struct val_reader_ops val_reader_parquet;

static size_t show(const struct val_batch *batch) {
  struct core_str text = {0};
  for (size_t i = 0; i < batch->n_columns; i++)
    for (size_t row = 0; row < batch->n_rows && text.len < (1 << 20); row += 1 + batch->n_rows / 64)
      val_column_value_json(&batch->columns[i], row, &text);
  const size_t len = text.len;
  core_str_close(&text);
  return len;
}

static size_t show_elements(const struct val_batch *batch, size_t n) {
  struct core_str text = {0};
  for (size_t i = 0; i < n; i++) {
    const struct val_elements *elements = &batch->elements[i];
    for (size_t k = 0; k < elements->n; k++) FUZZ_CHECK(elements->parent[k] < batch->n_rows);
    for (size_t k = 0; k < elements->n && text.len < (1 << 20); k += 1 + elements->n / 64)
      val_column_value_json(&elements->column, k, &text);
  }
  const size_t len = text.len;
  core_str_close(&text);
  return len;
}

/* All that the file says of itself, part by part, before the first row. */
static void ask(struct val_reader *reader, const struct val_schema *schema) {
  if (val_reader_parquet.part_rows(reader) < 0) return;
  for (size_t i = 0; i < val_schema_width(schema); i++) {
    struct val_facts facts;
    for (int proof = VAL_PROOF_FOOTER; proof <= VAL_PROOF_LAST; proof++)
      val_reader_parquet.part_facts(reader, i, (enum val_proof)proof, &facts);
    if (facts.knows_range) {
      FUZZ_CHECK(val_scalar_compare(&facts.least, &facts.greatest) <= 0);
      val_facts_lack(&facts, &facts.least);
    }
    FUZZ_CHECK(!facts.knows_nulls || facts.n_null >= 0);
  }
}

static void read_rows(struct val_reader *reader, enum core_status st, struct core_error *err) {
  const struct val_batch *batch = NULL;
  for (size_t rows = 0; st == CORE_OK && rows < MOST_ROWS;) {
    st = val_reader_parquet.next(reader, &batch, err);
    if (st != CORE_OK || !batch) break;
    rows += batch->n_rows;
    show(batch);
    show_elements(batch, val_reader_parquet.schema(reader)->n_elements);
  }
  FUZZ_CHECK(st == CORE_OK || (err->message[0] && !strchr(err->message, '\n')));
}

/* Once as it is, and once more for the elements of its lists alone. */
static void read_elements(struct core_source *source, const struct val_schema *schema) {
  static const char *const nothing[] = {NULL};
  struct core_error err = {0};
  struct val_reader *reader = NULL;
  const char **names = core_calloc(schema->n_elements + 1, sizeof *names);
  if (!names) return;
  for (size_t i = 0; i < schema->n_elements; i++)
    names[i] = schema->fields[schema->n_fields + i].name;
  const struct val_read_options options = {.batch_rows = 100, .needed = nothing, .elements = names};
  const enum core_status st = val_reader_parquet.open(source, &options, &reader, &err);
  read_rows(reader, st, &err);
  val_reader_parquet.close(reader);
  core_free(names);
}

/* With `codes` columns may stay dictionary-encoded. */
static void read_file(const uint8_t *data, size_t size, bool codes) {
  const struct val_read_options options = {.batch_rows = 100, .codes = codes};
  struct core_source *source = NULL;
  struct val_reader *reader = NULL;
  struct core_error err = {0};
  if (core_source_open_memory("x.parquet", data, size, &source, NULL) != CORE_OK) return;
  const enum core_status st = val_reader_parquet.open(source, &options, &reader, &err);
  if (st == CORE_OK) ask(reader, val_reader_parquet.schema(reader));
  read_rows(reader, st, &err);
  if (st == CORE_OK && !codes && val_reader_parquet.schema(reader)->n_elements > 0)
    read_elements(source, val_reader_parquet.schema(reader));
  val_reader_parquet.close(reader);
  core_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  read_file(data, size, false);
  read_file(data, size, true);
  return 0;
}
