/* SPDX-License-Identifier: GPL-3.0-or-later
 * RLE for booleans (Encodings.md, "RLE"): the hybrid of one bit, its length in four bytes before it. */
#include "validate/encoding/bits.h"
#include "validate/encoding/encoding.h"
#include "validate/encoding/hybrid.h"

#define STEP 512

struct val_decoder {
  struct val_hybrid hybrid;
};

static bool rle_takes(enum val_physical type) {
  return type == VAL_PHYSICAL_BOOLEAN;
}

static enum core_status rle_open(struct val_decoder **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  return *out ? CORE_OK : core_fail_nomem(err, sizeof **out);
}

static enum core_status rle_start(struct val_decoder *d, const struct val_encoded *encoded,
                                  struct core_error *err) {
  size_t n_bytes = 0;
  if (encoded->n_bytes >= 4) {
    n_bytes = val_load_u32(encoded->bytes);
    if (n_bytes > encoded->n_bytes - 4)
      return core_fail(err, CORE_PARSE, "the RLE values of a page claim %zu bytes of %zu", n_bytes,
                       encoded->n_bytes - 4);
  }
  val_hybrid_open(&d->hybrid, n_bytes ? encoded->bytes + 4 : encoded->bytes, n_bytes, 1);
  return CORE_OK;
}

static enum core_status rle_fixed(struct val_decoder *d, size_t n, uint8_t *out,
                                  struct core_error *err) {
  uint32_t step[STEP];
  while (n > 0) {
    const size_t m = n < STEP ? n : STEP;
    if (!val_hybrid_read(&d->hybrid, step, m)) return val_encoding_short("RLE", err);
    for (size_t i = 0; i < m; i++) out[i] = (uint8_t)step[i];
    out += m;
    n -= m;
  }
  return CORE_OK;
}

static void rle_close(struct val_decoder *d) {
  core_free(d);
}

extern const struct val_encoding_ops val_encoding_rle;
const struct val_encoding_ops val_encoding_rle = {
    .id = 3,
    .name = "RLE",
    .summary = "runs of booleans",
    .takes = rle_takes,
    .open = rle_open,
    .start = rle_start,
    .fixed = rle_fixed,
    .close = rle_close,
};
