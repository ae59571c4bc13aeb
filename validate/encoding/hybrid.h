/* SPDX-License-Identifier: GPL-3.0-or-later
 * The run-length and bit-packing hybrid (Encodings.md, "RLE"): what levels, dictionary indices and RLE booleans are made
 * of. Without the length before it: that is the caller's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct val_hybrid {
  const uint8_t *at, *end; /* the next run */
  unsigned width;          /* bits of a number, 0 to 32 */
  uint64_t left;           /* numbers of the present run that were not given yet */
  bool packed;
  uint32_t value;      /* of a repeated run */
  const uint8_t *bits; /* of a packed run */
  size_t n_bits_bytes, bit;
};
void val_hybrid_open(struct val_hybrid *h, const uint8_t *bytes, size_t n_bytes, unsigned width);
/* False: there are not so many, or a run is malformed. */
bool val_hybrid_read(struct val_hybrid *h, uint32_t *out, size_t n);
/* When a repeated run stands next: takes at most `most` of it, gives its value and how many; 0 otherwise. */
size_t val_hybrid_repeated(struct val_hybrid *h, size_t most, uint32_t *value);
/* Takes at most `most` numbers of a packed run that stands next into `out`, and gives how many; 0 otherwise. */
size_t val_hybrid_packed(struct val_hybrid *h, size_t most, uint32_t *out);
