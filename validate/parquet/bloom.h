/* SPDX-License-Identifier: GPL-3.0-or-later
 * The split-block bloom filter of a column chunk (Apache Parquet Format, BloomFilter.md): what it does not have, the chunk
 * does not have. Of the filter only the block that is asked for is read, 32 bytes. */
#pragma once
#include "validate/parquet/page_index.h"

struct val_bloom {
  const struct val_parquet_file *file;
  const struct val_conversion *conversion;
  struct val_lookup *lookup;
  size_t leaf;
  uint64_t at;       /* of the first block in the file */
  uint32_t n_blocks; /* 0: there is no filter */
};
/* Where its header ends and how many blocks follow, of a filter at the beginning of `n` bytes that reaches over `reach`.
 * CORE_PARSE, CORE_UNSUPPORTED: none that we read. */
enum core_status val_bloom_header_read(const uint8_t *bytes, size_t n, uint64_t reach, size_t *used,
                                       uint32_t *n_blocks, struct core_error *err) CORE_MUST_CHECK;
/* Adds to the chunk's facts who can tell of absent values, where there is a filter. All is borrowed. */
void val_bloom_facts(struct val_bloom *bloom, const struct val_parquet_file *file, size_t group,
                     size_t leaf, const struct val_conversion *conversion,
                     struct val_lookup *lookup, struct val_facts *facts);

#define VAL_BLOOM_BLOCK 32 /* bytes */
/* The block that a hash belongs to, and: is the hash not in it? */
uint32_t val_bloom_block(uint64_t hash, uint32_t n_blocks);
bool val_bloom_block_lacks(const uint8_t block[VAL_BLOOM_BLOCK], uint64_t hash);
