/* SPDX-License-Identifier: GPL-3.0-or-later
 * SNAPPY: the raw format, without framing. */
#include <snappy-c.h>

#include "validate/codec/codec.h"

static enum core_status snappy_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                      struct core_error *err) {
  size_t len = 0;
  if (snappy_uncompressed_length((const char *)bytes, n, &len) != SNAPPY_OK || len != out_n ||
      snappy_uncompress((const char *)bytes, n, (char *)out, &len) != SNAPPY_OK || len != out_n)
    return val_codec_corrupt("snappy", n, out_n, err);
  return CORE_OK;
}

extern const struct val_codec_ops val_codec_snappy;
const struct val_codec_ops val_codec_snappy = {
    .id = 1, .name = "SNAPPY", .summary = "Google's snappy, raw", .unpack = snappy_unpack};
