/* SPDX-License-Identifier: GPL-3.0-or-later
 * BYTE_STREAM_SPLIT (Encodings.md, "BYTESTREAMSPLIT"): first all first bytes of the values, then all second ones, and so
 * on. */
#include "validate/encoding/encoding.h"

struct val_decoder {
  struct val_encoded encoded;
  size_t n, at; /* values */
};

static bool split_takes(enum val_physical type) {
  return type == VAL_PHYSICAL_FLOAT || type == VAL_PHYSICAL_DOUBLE || type == VAL_PHYSICAL_INT32 ||
         type == VAL_PHYSICAL_INT64 || type == VAL_PHYSICAL_FIXED;
}

static enum core_status split_open(struct val_decoder **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  return *out ? CORE_OK : core_fail_nomem(err, sizeof **out);
}

static enum core_status split_start(struct val_decoder *d, const struct val_encoded *encoded,
                                    struct core_error *err) {
  if (encoded->n_bytes % encoded->width != 0)
    return core_fail(err, CORE_PARSE,
                     "%zu bytes are no whole number of values of %zu (encoding BYTE_STREAM_SPLIT)",
                     encoded->n_bytes, encoded->width);
  *d = (struct val_decoder){.encoded = *encoded, .n = encoded->n_bytes / encoded->width};
  return CORE_OK;
}

static enum core_status split_fixed(struct val_decoder *d, size_t n, uint8_t *out,
                                    struct core_error *err) {
  const size_t width = d->encoded.width;
  if (n > d->n - d->at) return val_encoding_short("BYTE_STREAM_SPLIT", err);
  for (size_t k = 0; k < width; k++) {
    const uint8_t *stream = d->encoded.bytes + k * d->n + d->at;
    for (size_t i = 0; i < n; i++) out[i * width + k] = stream[i];
  }
  d->at += n;
  return CORE_OK;
}

static void split_close(struct val_decoder *d) {
  core_free(d);
}

extern const struct val_encoding_ops val_encoding_byte_stream_split;
const struct val_encoding_ops val_encoding_byte_stream_split = {
    .id = 9,
    .name = "BYTE_STREAM_SPLIT",
    .summary = "the bytes of the values in streams of their own",
    .takes = split_takes,
    .open = split_open,
    .start = split_start,
    .fixed = split_fixed,
    .close = split_close,
};
