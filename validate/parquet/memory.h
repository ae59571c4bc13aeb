/* SPDX-License-Identifier: GPL-3.0-or-later
 * What all columns of one reader may hold together. */
#pragma once
#include "core/mem.h"
#include "core/scratch.h"
#include <stdint.h>

/* What may be read, and overwritten, behind the bytes that were asked for: short values are copied in blocks. */
#define VAL_PARQUET_SLACK 16
struct val_parquet_buffer {
  uint8_t *bytes; /* cap of them, or NULL */
  size_t cap;
};
struct val_parquet_memory {
  size_t used, most;                /* bytes */
  size_t unspilled;                 /* from here on pages go to `scratch`; 0: they do not */
  size_t n_columns;                 /* that share it; 0: as few as one */
  struct val_parquet_buffer packed; /* for one page at a time, whosever it is */
  struct core_scratch *scratch;     /* of all columns, or NULL */
};
/* A column's equal share of `unspilled`, but within these. */
size_t val_parquet_share(const struct val_parquet_memory *memory, size_t least, size_t most);
/* Room for `need` bytes (and never NULL); what was there is kept. CORE_LIMIT when all would hold more than they may. */
enum core_status val_parquet_grow(struct val_parquet_memory *memory,
                                  struct val_parquet_buffer *buffer, size_t need,
                                  struct core_error *err) CORE_MUST_CHECK;
void val_parquet_release(struct val_parquet_memory *memory, struct val_parquet_buffer *buffer);
void val_parquet_memory_close(struct val_parquet_memory *memory); /* after all columns */
