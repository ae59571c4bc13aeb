/* SPDX-License-Identifier: GPL-3.0-or-later
 * UNCOMPRESSED. */
#include <string.h>

#include "validate/codec/codec.h"

static enum core_status none_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                    struct core_error *err) {
  if (n != out_n) return val_codec_corrupt("no compression", n, out_n, err);
  memcpy(out, bytes, n);
  return CORE_OK;
}

extern const struct val_codec_ops val_codec_none;
const struct val_codec_ops val_codec_none = {
    .id = 0, .name = "UNCOMPRESSED", .summary = "as it is", .unpack = none_unpack};
