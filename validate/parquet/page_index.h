/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a column chunk's page index says of its pages (parquet.thrift, ColumnIndex), read when somebody asks. An index that
 * makes no sense is none: the pages themselves are the truth. */
#pragma once
#include "validate/parquet/statistics.h"

/* What looking things up may cost in all, so that a file whose row groups all point to the same index is no trap: indexes
 * and filters do not overlap, so the file has as many bytes of them. */
struct val_lookup {
  struct core_arena arena; /* of the row group at hand */
  uint64_t bytes_left;
};

/* CORE_PARSE: it is corrupt, or its lists do not agree. Lists in the arena, slices into `bytes`. */
enum core_status val_page_index_read(const uint8_t *bytes, size_t n, struct core_arena *arena,
                                     struct val_parquet_column_index *out,
                                     struct core_error *err) CORE_MUST_CHECK;
/* Adds to the facts of the chunk, which are those of the footer, what its pages say together. What the facts point to is
 * in the arena of the lookup. */
void val_page_index_facts(const struct val_parquet_file *file, size_t group, size_t leaf,
                          const struct val_conversion *conversion, struct val_lookup *lookup,
                          struct val_facts *facts);
/* The same from an index that was read. */
void val_page_index_add(const struct val_parquet_file *file, size_t group, size_t leaf,
                        const struct val_conversion *conversion,
                        const struct val_parquet_column_index *index, struct val_facts *facts);
