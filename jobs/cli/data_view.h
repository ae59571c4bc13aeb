/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the commands share that show a data file: opening it by what it is, and aligned tables. */
#pragma once
#include "core/option.h"
#include "core/source.h"
#include "core/str.h"
#include "validate/dataset/data.h"

struct job_data {
  struct core_arena arena;
  struct val_dataset dataset;
  struct val_data data;
  const struct val_reader_ops *ops;
  struct val_reader *reader;
};
/* All columns are read. `batch_rows` 0: the reader's own. The dialect of text is found out but for what --csv declares;
 * what was found, and how files differ, is said on standard error. */
enum core_status job_data_open(struct job_data *data, const char *const *words, size_t n_words,
                               const struct core_options *options, size_t batch_rows,
                               struct core_error *err) CORE_MUST_CHECK;
/* The next batch from the reader; starts again where a type had to be corrected, and says so by *again. */
enum core_status job_data_next(struct job_data *data, const struct val_batch **batch, bool *again,
                               struct core_error *err) CORE_MUST_CHECK;
void job_data_close(struct job_data *data);

/* Was the text found to be written in another way than the default? */
bool job_dialect_is_odd(const struct val_data *data);

/* "int64", "decimal(9,2)" */
void job_type_append(const struct val_field *field, struct core_str *out);

/* Cells, row by row, as columns of one width; the last is not padded. `rows` may be 0. */
void job_table_append(const struct core_str *cells, size_t rows, size_t columns,
                      struct core_str *out);
