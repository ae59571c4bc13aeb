/* SPDX-License-Identifier: GPL-3.0-or-later
 * The end of a Parquet file, where all is said about it (Parquet's README, "File Format"): read, and held against the
 * file and against itself, so that what comes after may trust offsets, counts and types to that extent. */
#pragma once
#include "core/source.h"
#include "validate/parquet/schema.h"

struct val_parquet_file {
  struct core_source *source; /* borrowed */
  uint64_t data_end;          /* where the footer begins: pages end before */
  uint8_t *bytes;             /* of the footer; slices of the metadata point into it */
  struct core_arena arena;
  struct val_parquet_file_meta meta;
  struct val_parquet_schema schema;
};
/* CORE_PARSE: not a Parquet file, truncated or corrupt; CORE_UNSUPPORTED: encrypted. */
enum core_status val_parquet_open(struct core_source *source, struct val_parquet_file *out,
                                  struct core_error *err) CORE_MUST_CHECK;
/* The same from the footer's own bytes, which are taken over; for a file whose pages end at `data_end`. */
enum core_status val_parquet_open_footer(uint8_t *bytes, size_t len, uint64_t data_end,
                                         struct val_parquet_file *out,
                                         struct core_error *err) CORE_MUST_CHECK;
void val_parquet_close(struct val_parquet_file *file);

size_t val_parquet_n_groups(const struct val_parquet_file *file);
const struct val_parquet_row_group *val_parquet_group(const struct val_parquet_file *file,
                                                      size_t group);
/* A leaf's column in a row group, and that with where its indexes are. */
const struct val_parquet_chunk_meta *val_parquet_chunk(const struct val_parquet_file *file,
                                                       size_t group, size_t leaf);
const struct val_parquet_column *val_parquet_column(const struct val_parquet_file *file,
                                                    size_t group, size_t leaf);
