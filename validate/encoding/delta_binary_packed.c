/* SPDX-License-Identifier: GPL-3.0-or-later
 * DELTA_BINARY_PACKED (Encodings.md, "DELTAENC") for INT32 and INT64. */
#include <string.h>

#include "validate/encoding/delta.h"
#include "validate/encoding/encoding.h"

#define STEP 512

struct val_decoder {
  struct val_delta delta;
  size_t width;
};

static bool packed_takes(enum val_physical type) {
  return type == VAL_PHYSICAL_INT32 || type == VAL_PHYSICAL_INT64;
}

static enum core_status packed_open(struct val_decoder **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  return *out ? CORE_OK : core_fail_nomem(err, sizeof **out);
}

static enum core_status packed_start(struct val_decoder *d, const struct val_encoded *encoded,
                                     struct core_error *err) {
  d->width = encoded->width;
  return val_delta_open(&d->delta, encoded->bytes, encoded->n_bytes, (unsigned)encoded->width * 8,
                        err);
}

static enum core_status packed_fixed(struct val_decoder *d, size_t n, uint8_t *out,
                                     struct core_error *err) {
  int64_t step[STEP];
  while (n > 0) {
    const size_t m = n < STEP ? n : STEP;
    CORE_TRY(val_delta_read(&d->delta, step, m, err));
    if (d->width == 8) {
      memcpy(out, step, m * 8);
    } else {
      for (size_t i = 0; i < m; i++) {
        const uint32_t low = (uint32_t)(uint64_t)step[i];
        memcpy(out + i * 4, &low, 4);
      }
    }
    out += m * d->width;
    n -= m;
  }
  return CORE_OK;
}

static void packed_close(struct val_decoder *d) {
  core_free(d);
}

extern const struct val_encoding_ops val_encoding_delta_binary_packed;
const struct val_encoding_ops val_encoding_delta_binary_packed = {
    .id = 5,
    .name = "DELTA_BINARY_PACKED",
    .summary = "differences of integers, packed in blocks",
    .takes = packed_takes,
    .open = packed_open,
    .start = packed_start,
    .fixed = packed_fixed,
    .close = packed_close,
};
