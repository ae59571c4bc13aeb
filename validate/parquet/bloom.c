/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/bloom.h"

#include <string.h>

#include "core/hash.h"
#include "validate/encoding/bits.h"

#define HEADER_MOST 256
#define FILTER_MOST ((int32_t)128 << 20) /* BloomFilter.md: no larger one is of use */
#define WORDS       8

uint32_t val_bloom_block(uint64_t hash, uint32_t n_blocks) {
  return (uint32_t)(((hash >> 32) * n_blocks) >> 32);
}

/* One bit in each of eight words, by the low half of the hash: salts and shift are the specification's. */
bool val_bloom_block_lacks(const uint8_t block[VAL_BLOOM_BLOCK], uint64_t hash) {
  static const uint32_t salts[WORDS] = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                        0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
  for (size_t i = 0; i < WORDS; i++) {
    const uint32_t bit = ((uint32_t)hash * salts[i]) >> 27;
    if (!(val_load_u32(block + 4 * i) >> bit & 1)) return true;
  }
  return false;
}

enum core_status val_bloom_header_read(const uint8_t *bytes, size_t n, uint64_t reach, size_t *used,
                                       uint32_t *n_blocks, struct core_error *err) {
  struct val_parquet_bloom header;
  struct core_arena none = {0}; /* there are no lists in it */
  const enum core_status st =
      val_thrift_read(&val_parquet_bloom_thrift, bytes, n, &none, 0, &header, used, err);
  core_arena_close(&none);
  if (st != CORE_OK) return st;
  if (!header.algorithm.given || !header.hash.given || !header.compression.given)
    return core_fail(err, CORE_UNSUPPORTED, "a bloom filter of a kind that is not known");
  if (header.n_bytes < VAL_BLOOM_BLOCK || header.n_bytes > FILTER_MOST ||
      header.n_bytes % VAL_BLOOM_BLOCK || *used > reach || (uint64_t)header.n_bytes > reach - *used)
    return core_fail(err, CORE_PARSE, "a bloom filter is corrupt: it has %d bytes",
                     (int)header.n_bytes);
  *n_blocks = (uint32_t)header.n_bytes / VAL_BLOOM_BLOCK;
  return CORE_OK;
}

/* ---- values as they were hashed: their PLAIN bytes, without a length ---- */

static bool hash_lacks(const struct val_bloom *bloom, const void *bytes, size_t n) {
  uint8_t block[VAL_BLOOM_BLOCK];
  struct core_error err = {0};
  const uint64_t hash = core_hash_xxh64(bytes, n, 0);
  if (bloom->lookup->bytes_left < sizeof block) return false;
  bloom->lookup->bytes_left -= sizeof block;
  const uint64_t at =
      bloom->at + (uint64_t)val_bloom_block(hash, bloom->n_blocks) * VAL_BLOOM_BLOCK;
  return core_source_read_at(bloom->file->source, at, block, sizeof block, &err) == CORE_OK &&
         val_bloom_block_lacks(block, hash);
}

/* Those bytes stand for the value: reading them gives it. */
static bool stands_for(const struct val_conversion *c, const uint8_t *bytes,
                       const struct val_scalar *value) {
  struct val_scalar back;
  return val_statistics_bound(c, (struct core_slice){(const char *)bytes, c->width}, &back) &&
         val_scalar_equal(&back, value);
}

static void store(uint8_t *out, uint64_t value) {
  for (size_t i = 0; i < sizeof value; i++) out[i] = (uint8_t)(value >> (8 * i));
}

/* Integers and times, in whichever unit the file has them. */
static bool lacks_integer(const struct val_bloom *bloom, const struct val_scalar *value) {
  static const int64_t units[] = {1, 1000, 1000000};
  const struct val_conversion *c = bloom->conversion;
  uint8_t bytes[8];
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    store(bytes, (uint64_t)(value->integer / units[i]));
    if (stands_for(c, bytes, value)) return hash_lacks(bloom, bytes, c->width);
  }
  return false;
}

/* Both zeros are the value that zero is. */
static bool lacks_real(const struct val_bloom *bloom, const struct val_scalar *value) {
  const struct val_conversion *c = bloom->conversion;
  const double both[] = {value->number, -value->number};
  for (size_t i = 0; i < (value->number == 0 ? 2 : 1); i++) {
    uint8_t bytes[sizeof(double)];
    const float narrow = (float)both[i];
    if (c->width == sizeof narrow)
      memcpy(bytes, &narrow, sizeof narrow);
    else
      memcpy(bytes, &both[i], sizeof both[i]);
    if (!stands_for(c, bytes, value) || !hash_lacks(bloom, bytes, c->width)) return false;
  }
  return true;
}

static bool bloom_lacks(const void *with, const struct val_scalar *value) {
  const struct val_bloom *bloom = with;
  const struct val_conversion *c = bloom->conversion;
  const enum val_physical type = bloom->file->schema.leaves[bloom->leaf].type;
  if (value->type != c->type) return false;
  switch (type) {
  case VAL_PHYSICAL_BYTE_ARRAY:
    return c->bytes == 0 && hash_lacks(bloom, value->text.data, value->text.len);
  case VAL_PHYSICAL_FIXED:
    if (c->bytes != 0 || c->text_bytes != 0) return false;
    return value->text.len == c->width && hash_lacks(bloom, value->text.data, value->text.len);
  case VAL_PHYSICAL_FLOAT:
  case VAL_PHYSICAL_DOUBLE:
    return lacks_real(bloom, value);
  case VAL_PHYSICAL_INT32:
  case VAL_PHYSICAL_INT64:
    return val_type_is_integer(c->type) && lacks_integer(bloom, value);
  default:
    return false;
  }
}

void val_bloom_facts(struct val_bloom *bloom, const struct val_parquet_file *file, size_t group,
                     size_t leaf, const struct val_conversion *c, struct val_lookup *lookup,
                     struct val_facts *facts) {
  const struct val_parquet_column *column = val_parquet_column(file, group, leaf);
  uint8_t bytes[HEADER_MOST];
  struct core_error err = {0};
  size_t used = 0;
  *bloom = (struct val_bloom){.file = file, .conversion = c, .lookup = lookup, .leaf = leaf};
  if (!(column->given & VAL_PARQUET_HAS_BLOOM) || column->bloom_offset <= 0 ||
      (uint64_t)column->bloom_offset >= file->data_end)
    return;
  const uint64_t at = (uint64_t)column->bloom_offset, reach = file->data_end - at;
  const size_t n = reach < sizeof bytes ? (size_t)reach : sizeof bytes;
  if (core_source_read_at(file->source, at, bytes, n, &err) != CORE_OK ||
      val_bloom_header_read(bytes, n, reach, &used, &bloom->n_blocks, &err) != CORE_OK)
    return;
  bloom->at = at + used;
  facts->lacks = bloom_lacks;
  facts->with = bloom;
}
