/* SPDX-License-Identifier: GPL-3.0-or-later
 * BIT_PACKED (Encodings.md, "BITPACKED"; deprecated): numbers of a fixed width back to back, most significant bit first.
 * Only levels were ever written so; no row of the list, for no value has it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct val_bit_packed {
  const uint8_t *bytes;
  size_t n_bytes, bit;
  unsigned width; /* 0 to 8 */
};
/* Bytes that n numbers take. */
size_t val_bit_packed_bytes(size_t n, unsigned width);
/* False: there are not so many. */
bool val_bit_packed_read(struct val_bit_packed *b, uint8_t *out, size_t n);
