/* SPDX-License-Identifier: GPL-3.0-or-later
 * ZSTD (RFC 8878). */
#include <zstd.h>

#include "validate/codec/codec.h"

static enum core_status zstd_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                    struct core_error *err) {
  const size_t len = ZSTD_decompress(out, out_n, bytes, n);
  if (ZSTD_isError(len) || len != out_n) return val_codec_corrupt("zstd", n, out_n, err);
  return CORE_OK;
}

extern const struct val_codec_ops val_codec_zstd;
const struct val_codec_ops val_codec_zstd = {
    .id = 6, .name = "ZSTD", .summary = "Zstandard", .unpack = zstd_unpack};
