/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the commands share that show a data file: opening it by what it is, and aligned tables. */
#pragma once
#include "core/source.h"
#include "core/str.h"
#include "validate/reader/reader.h"

struct job_data {
  struct core_source *source;
  const struct val_reader_ops *ops;
  struct val_reader *reader;
};
/* All columns are read. `batch_rows` 0: the reader's own. */
enum core_status job_data_open(struct job_data *data, const char *path, size_t batch_rows,
                               struct core_error *err) CORE_MUST_CHECK;
/* The next batch from the reader; starts again where a type had to be corrected, and says so by *again. */
enum core_status job_data_next(struct job_data *data, const struct val_batch **batch, bool *again,
                               struct core_error *err) CORE_MUST_CHECK;
void job_data_close(struct job_data *data);

/* "int64", "decimal(9,2)" */
void job_type_append(const struct val_field *field, struct core_str *out);

/* Cells, row by row, as columns of one width; the last is not padded. `rows` may be 0. */
void job_table_append(const struct core_str *cells, size_t rows, size_t columns,
                      struct core_str *out);
