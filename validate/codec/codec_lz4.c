/* SPDX-License-Identifier: GPL-3.0-or-later
 * LZ4_RAW: one block. LZ4, deprecated: the framing of Hadoop (Compression.md), which is blocks with two big-endian
 * lengths of four bytes before each, unpacked and packed; writers are known that left the framing out, so what does not
 * read as Hadoop's is read as one block. */
#include <limits.h>
#include <lz4.h>
#include <stdbool.h>

#include "validate/codec/codec.h"

#define HEAD_BYTES 8

static bool unpack_block(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n) {
  return n <= INT_MAX && out_n <= INT_MAX &&
         LZ4_decompress_safe((const char *)bytes, (char *)out, (int)n, (int)out_n) == (int)out_n;
}

static uint32_t load_big(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool unpack_framed(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n) {
  while (n > 0) {
    if (n < HEAD_BYTES) return false;
    const uint32_t unpacked = load_big(bytes), packed = load_big(bytes + 4);
    bytes += HEAD_BYTES;
    n -= HEAD_BYTES;
    if (packed > n || unpacked > out_n || !unpack_block(bytes, packed, out, unpacked)) return false;
    bytes += packed;
    n -= packed;
    out += unpacked;
    out_n -= unpacked;
  }
  return out_n == 0;
}

static enum core_status raw_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                   struct core_error *err) {
  return unpack_block(bytes, n, out, out_n) ? CORE_OK : val_codec_corrupt("LZ4", n, out_n, err);
}

static enum core_status lz4_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                   struct core_error *err) {
  if (unpack_framed(bytes, n, out, out_n)) return CORE_OK;
  return raw_unpack(bytes, n, out, out_n, err);
}

extern const struct val_codec_ops val_codec_lz4, val_codec_lz4_raw;
const struct val_codec_ops val_codec_lz4 = {
    .id = 5, .name = "LZ4", .summary = "LZ4 in Hadoop's framing, or bare", .unpack = lz4_unpack};
const struct val_codec_ops val_codec_lz4_raw = {
    .id = 7, .name = "LZ4_RAW", .summary = "LZ4, one block", .unpack = raw_unpack};
