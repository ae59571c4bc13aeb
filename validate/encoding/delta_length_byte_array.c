/* SPDX-License-Identifier: GPL-3.0-or-later
 * DELTA_LENGTH_BYTE_ARRAY (Encodings.md, "DELTALENGTH"): all lengths, then all bytes. */
#include "validate/encoding/delta.h"
#include "validate/encoding/encoding.h"

#define STEP 512

struct val_decoder {
  struct val_delta lengths;
  const uint8_t *at, *end; /* of the bytes */
};

static bool length_takes(enum val_physical type) {
  return type == VAL_PHYSICAL_BYTE_ARRAY;
}

static enum core_status length_open(struct val_decoder **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  return *out ? CORE_OK : core_fail_nomem(err, sizeof **out);
}

static enum core_status length_start(struct val_decoder *d, const struct val_encoded *encoded,
                                     struct core_error *err) {
  CORE_TRY(val_delta_open(&d->lengths, encoded->bytes, encoded->n_bytes, 32, err));
  struct val_delta walk = d->lengths;
  CORE_TRY(val_delta_skip(&walk, &d->at, err));
  d->end = encoded->bytes + encoded->n_bytes;
  return CORE_OK;
}

static enum core_status length_slices(struct val_decoder *d, size_t n, struct core_slice *out,
                                      struct core_error *err) {
  int64_t lengths[STEP];
  while (n > 0) {
    const size_t m = n < STEP ? n : STEP;
    CORE_TRY(val_delta_read(&d->lengths, lengths, m, err));
    for (size_t i = 0; i < m; i++) {
      const int32_t len = (int32_t)(uint32_t)(uint64_t)lengths[i];
      if (len < 0 || len > d->end - d->at)
        return core_fail(err, CORE_PARSE,
                         "a byte array of %d bytes does not fit into its page "
                         "(encoding DELTA_LENGTH_BYTE_ARRAY)",
                         (int)len);
      out[i] = (struct core_slice){(const char *)d->at, (size_t)len};
      d->at += len;
    }
    out += m;
    n -= m;
  }
  return CORE_OK;
}

static void length_close(struct val_decoder *d) {
  core_free(d);
}

extern const struct val_encoding_ops val_encoding_delta_length_byte_array;
const struct val_encoding_ops val_encoding_delta_length_byte_array = {
    .id = 6,
    .name = "DELTA_LENGTH_BYTE_ARRAY",
    .summary = "lengths first, then the bytes",
    .takes = length_takes,
    .open = length_open,
    .start = length_start,
    .slices = length_slices,
    .close = length_close,
};
