/* SPDX-License-Identifier: GPL-3.0-or-later
 * PLAIN (Encodings.md, "PLAIN"): values back to back, little-endian; booleans are bits; byte arrays carry their length in
 * four bytes. */
#include "validate/encoding/bits.h"
#include "validate/encoding/encoding.h"

struct val_decoder {
  struct val_encoded encoded;
  size_t at;  /* byte */
  size_t bit; /* of booleans */
};

static bool plain_takes(enum val_physical type) {
  (void)type;
  return true;
}

static enum core_status plain_open(struct val_decoder **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  return *out ? CORE_OK : core_fail_nomem(err, sizeof **out);
}

static enum core_status plain_start(struct val_decoder *d, const struct val_encoded *encoded,
                                    struct core_error *err) {
  (void)err;
  *d = (struct val_decoder){.encoded = *encoded};
  return CORE_OK;
}

static enum core_status read_booleans(struct val_decoder *d, size_t n, uint8_t *out,
                                      struct core_error *err) {
  if (n > d->encoded.n_bytes * 8 - d->bit) return val_encoding_short("PLAIN", err);
  for (size_t i = 0; i < n; i++, d->bit++)
    out[i] = d->encoded.bytes[d->bit >> 3] >> (d->bit & 7) & 1;
  return CORE_OK;
}

static enum core_status plain_fixed(struct val_decoder *d, size_t n, uint8_t *out,
                                    struct core_error *err) {
  if (d->encoded.type == VAL_PHYSICAL_BOOLEAN) return read_booleans(d, n, out, err);
  if (n > (d->encoded.n_bytes - d->at) / d->encoded.width) return val_encoding_short("PLAIN", err);
  if (n > 0) memcpy(out, d->encoded.bytes + d->at, n * d->encoded.width);
  d->at += n * d->encoded.width;
  return CORE_OK;
}

static enum core_status plain_slices(struct val_decoder *d, size_t n, struct core_slice *out,
                                     struct core_error *err) {
  const uint8_t *at = d->encoded.bytes + d->at, *end = d->encoded.bytes + d->encoded.n_bytes;
  for (size_t i = 0; i < n; i++) {
    if (end - at < 4) return val_encoding_short("PLAIN", err);
    const uint32_t len = val_load_u32(at);
    at += 4;
    if (len > (size_t)(end - at))
      return core_fail(err, CORE_PARSE,
                       "a byte array of %u bytes does not fit into its page (encoding PLAIN)",
                       (unsigned)len);
    out[i] = (struct core_slice){(const char *)at, len};
    at += len;
  }
  d->at = (size_t)(at - d->encoded.bytes);
  return CORE_OK;
}

static void plain_close(struct val_decoder *d) {
  core_free(d);
}

extern const struct val_encoding_ops val_encoding_plain;
const struct val_encoding_ops val_encoding_plain = {
    .id = 0,
    .name = "PLAIN",
    .summary = "values back to back",
    .takes = plain_takes,
    .open = plain_open,
    .start = plain_start,
    .fixed = plain_fixed,
    .slices = plain_slices,
    .close = plain_close,
};
