/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/encoding/bit_packed.h"

size_t val_bit_packed_bytes(size_t n, unsigned width) {
  return (n / 8) * width + (n % 8 * width + 7) / 8;
}

bool val_bit_packed_read(struct val_bit_packed *b, uint8_t *out, size_t n) {
  if (b->width > 0 && n > (b->n_bytes * 8 - b->bit) / b->width) return false;
  for (size_t i = 0; i < n; i++) {
    unsigned value = 0;
    for (unsigned k = 0; k < b->width; k++, b->bit++)
      value = value << 1 | ((unsigned)b->bytes[b->bit >> 3] >> (7 - (b->bit & 7)) & 1);
    out[i] = (uint8_t)value;
  }
  return true;
}
