/* SPDX-License-Identifier: GPL-3.0-or-later
 * BROTLI (RFC 7932). */
#include <brotli/decode.h>

#include "validate/codec/codec.h"

static enum core_status brotli_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                      struct core_error *err) {
  size_t len = out_n;
  if (BrotliDecoderDecompress(n, bytes, &len, out) != BROTLI_DECODER_RESULT_SUCCESS || len != out_n)
    return val_codec_corrupt("brotli", n, out_n, err);
  return CORE_OK;
}

extern const struct val_codec_ops val_codec_brotli;
const struct val_codec_ops val_codec_brotli = {
    .id = 4, .name = "BROTLI", .summary = "brotli", .unpack = brotli_unpack};
