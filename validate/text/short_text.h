/* SPDX-License-Identifier: GPL-3.0-or-later
 * Texts of at most eight bytes as one word: equal words of equal lengths are equal texts. Reads no byte besides. */
#pragma once
#include <stdint.h>
#include <string.h>

#define VAL_SHORT_TEXT_BYTES 8

static inline uint64_t val_short_text_word(const char *text, size_t len) {
  uint64_t low = 0, high = 0;
  if (len >= 4) {
    memcpy(&low, text, 4);
    memcpy(&high, text + len - 4, 4);
    return low | high << 32; /* they overlap where len < 8: still one word for one text */
  }
  if (len >= 2) {
    memcpy(&low, text, 2);
    memcpy(&high, text + len - 2, 2);
    return low | high << 32;
  }
  if (len) memcpy(&low, text, 1);
  return low;
}

/* Spreads a word over `bits` bits. */
static inline size_t val_short_text_slot(uint64_t word, size_t len, unsigned bits) {
  return (size_t)((word + len) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}
