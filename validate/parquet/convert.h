/* SPDX-License-Identifier: GPL-3.0-or-later
 * From Parquet's types to those of batches (Parquet's LogicalTypes.md): chosen once for a leaf, applied to many values. */
#pragma once
#include "validate/batch.h"
#include "validate/parquet/schema.h"

struct val_conversion;
/* Converts n values to `out` (conversion->bytes each) or to text slices; sets bad[i] for a value that its type cannot
 * hold, and returns how many of these there are. `bad` is zeroed. */
typedef size_t val_convert_fixed(const struct val_conversion *conversion, const uint8_t *in,
                                 size_t n, void *out, uint8_t *bad);
typedef size_t val_convert_slices(const struct val_conversion *conversion,
                                  const struct core_slice *in, size_t n, void *out, uint8_t *bad);

struct val_conversion {
  enum val_type type;
  int precision, scale; /* DECIMAL */
  size_t bytes;         /* of a converted value: booleans are bytes here; 0: text */
  size_t width;         /* of a value in the file, 0 for BYTE_ARRAY */
  bool same;            /* a fixed value's bytes are what is wanted */
  bool utf8;            /* text must be UTF-8 */
  size_t text_bytes;    /* fixed values as text of that length; 0: none */
  val_convert_fixed *fixed;
  val_convert_slices *slices;
  const char *limit; /* what a bad value goes beyond: "the range of timestamps" */
  const char *note;  /* for people, about the whole column; NULL */
};
/* Never fails: what has no meaning here is binary. `as_text`: bytes without a type are declared to be text. */
struct val_conversion val_conversion_of(const struct val_parquet_leaf *leaf, bool as_text);
