/* SPDX-License-Identifier: GPL-3.0-or-later
 * A page that there is no memory for, as it is large or there are many columns: unpacked into a temporary file, which all columns of a reader share, and read as if
 * it were memory; what was read of it does not stay resident. */
#pragma once
#include "validate/parquet/memory.h"
#include <stdbool.h>

struct val_spill {
  int64_t at; /* the room of this column in the file: cap bytes */
  size_t cap;
  size_t n, written; /* of the present page */
  const void *map;   /* of it, or NULL */
  size_t passed;     /* bytes that were read since they were last left */
};
/* Should n bytes go there, for which `held` would be room otherwise? Large pages do first, small ones half as much later. */
bool val_spill_wants(const struct val_parquet_memory *memory, size_t held, size_t n);
/* Room for a page of n bytes; then all of them, in order; then where they are, with VAL_PARQUET_SLACK bytes behind. */
enum core_status val_spill_begin(struct val_spill *spill, struct val_parquet_memory *memory,
                                 size_t n, struct core_error *err) CORE_MUST_CHECK;
enum core_status val_spill_add(struct val_spill *spill, struct val_parquet_memory *memory,
                               const uint8_t *bytes, size_t n,
                               struct core_error *err) CORE_MUST_CHECK;
enum core_status val_spill_map(struct val_spill *spill, struct val_parquet_memory *memory,
                               const uint8_t **out, struct core_error *err) CORE_MUST_CHECK;
/* About n bytes more were read. */
void val_spill_pass(struct val_spill *spill, const struct val_parquet_memory *memory, size_t n);
void val_spill_close(struct val_spill *spill);
