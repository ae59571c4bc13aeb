/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/memory.h"

#define LEAST 4096

enum core_status val_parquet_grow(struct val_parquet_memory *memory,
                                  struct val_parquet_buffer *buffer, size_t need,
                                  struct core_error *err) {
  if (buffer->bytes && need <= buffer->cap) return CORE_OK;
  size_t cap = need < LEAST ? LEAST : need + need / 4; /* the next page is often a little larger */
  const size_t others = memory->used - buffer->cap;
  if (others > memory->most || need > memory->most - others)
    return core_fail(err, CORE_LIMIT,
                     "the pages at hand take more than %zu MiB of memory; write the file with "
                     "smaller pages or row groups",
                     memory->most >> 20);
  if (cap > memory->most - others) cap = need;
  uint8_t *bytes = core_realloc(buffer->bytes, cap + VAL_PARQUET_SLACK, 1);
  if (!bytes) return core_fail_nomem(err, cap);
  buffer->bytes = bytes;
  buffer->cap = cap;
  memory->used = others + cap;
  return CORE_OK;
}

size_t val_parquet_share(const struct val_parquet_memory *memory, size_t least, size_t most) {
  if (memory->unspilled == 0 || memory->n_columns < 2) return most;
  const size_t share = memory->unspilled / memory->n_columns;
  return share < least ? least : share > most ? most : share;
}

void val_parquet_release(struct val_parquet_memory *memory, struct val_parquet_buffer *buffer) {
  core_free(buffer->bytes);
  memory->used -= buffer->cap;
  *buffer = (struct val_parquet_buffer){0};
}

void val_parquet_memory_close(struct val_parquet_memory *memory) {
  val_parquet_release(memory, &memory->packed);
  core_scratch_close(memory->scratch);
  *memory = (struct val_parquet_memory){0};
}
