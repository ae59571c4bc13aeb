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

/* With `codes` columns may stay dictionary-encoded. */
static void read_file(const uint8_t *data, size_t size, bool codes) {
  const struct val_read_options options = {.batch_rows = 100, .codes = codes};
  const struct val_batch *batch = NULL;
  struct core_source *source = NULL;
  struct val_reader *reader = NULL;
  struct core_error err = {0};
  if (core_source_open_memory("x.parquet", data, size, &source, NULL) != CORE_OK) return;
  enum core_status st = val_reader_parquet.open(source, &options, &reader, &err);
  for (size_t rows = 0; st == CORE_OK && rows < MOST_ROWS;) {
    st = val_reader_parquet.next(reader, &batch, &err);
    if (st != CORE_OK || !batch) break;
    rows += batch->n_rows;
    show(batch);
  }
  FUZZ_CHECK(st == CORE_OK || (err.message[0] && !strchr(err.message, '\n')));
  val_reader_parquet.close(reader);
  core_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  read_file(data, size, false);
  read_file(data, size, true);
  return 0;
}
