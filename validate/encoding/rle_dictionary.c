/* SPDX-License-Identifier: GPL-3.0-or-later
 * RLE_DICTIONARY, and PLAIN_DICTIONARY as older files call it (Encodings.md, "DICTIONARY"): numbers of entries of the
 * dictionary page, one byte with their width before them. */
#include "validate/encoding/encoding.h"
#include "validate/encoding/hybrid.h"

struct val_decoder {
  struct val_hybrid hybrid;
};

static bool dictionary_takes(enum val_physical type) {
  return type != VAL_PHYSICAL_BOOLEAN;
}

static enum core_status dictionary_open(struct val_decoder **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  return *out ? CORE_OK : core_fail_nomem(err, sizeof **out);
}

static enum core_status dictionary_start(struct val_decoder *d, const struct val_encoded *encoded,
                                         struct core_error *err) {
  const unsigned width = encoded->n_bytes > 0 ? encoded->bytes[0] : 0;
  if (width > 32)
    return core_fail(err, CORE_PARSE, "a page has dictionary indices of %u bits; 32 is the most",
                     width);
  const size_t skip = encoded->n_bytes > 0; /* a page of nulls may have no bytes at all */
  val_hybrid_open(&d->hybrid, encoded->bytes + skip, encoded->n_bytes - skip, width);
  return CORE_OK;
}

static enum core_status dictionary_indices(struct val_decoder *d, size_t n, uint32_t *out,
                                           struct core_error *err) {
  return val_hybrid_read(&d->hybrid, out, n) ? CORE_OK : val_encoding_short("RLE_DICTIONARY", err);
}

static void dictionary_close(struct val_decoder *d) {
  core_free(d);
}

#define OPS(number, text)                                                                          \
  {                                                                                                \
    .id = (number), .name = (text), .summary = "numbers of entries of a dictionary",               \
    .takes = dictionary_takes, .open = dictionary_open, .start = dictionary_start,                 \
    .indices = dictionary_indices, .close = dictionary_close                                       \
  }
extern const struct val_encoding_ops val_encoding_rle_dictionary, val_encoding_plain_dictionary;
const struct val_encoding_ops val_encoding_rle_dictionary = OPS(8, "RLE_DICTIONARY");
const struct val_encoding_ops val_encoding_plain_dictionary = OPS(2, "PLAIN_DICTIONARY");
