/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part of core/num.h that is for millions of values: it answers for nearly all texts, at once and exactly, and says
 * when it does not. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The value that core_parse_double gives; false: ask that one. */
bool core_parse_double_quick(const char *text, size_t len, double *out);

/* The same; eight bytes behind the text may be read. */
bool core_parse_double_padded(const char *text, size_t len, double *out);

/* The number that the digits of a word make, the first of them in its lowest byte; false when one is none. Their values are
 * gathered by pairs: tens and ones, then hundreds, then ten thousands. */
static inline bool core_digits_of_word(uint64_t word, uint64_t *out) {
  const uint64_t upper = UINT64_C(0xf0f0f0f0f0f0f0f0), zeros = UINT64_C(0x3030303030303030);
  if (((word & upper) | (((word + UINT64_C(0x0606060606060606)) & upper) >> 4)) !=
      UINT64_C(0x3333333333333333))
    return false;
  word -= zeros;
  word = word * 10 + (word >> 8);
  const uint64_t mask = UINT64_C(0x000000ff000000ff);
  *out = ((word & mask) * UINT64_C(0x000f424000000064) +
          ((word >> 16) & mask) * UINT64_C(0x0000271000000001)) >>
         32;
  return true;
}

static inline uint64_t core_load_word(const char *text) {
  uint64_t word;
  memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

/* One to eight characters at the end of a word, zeros before them; eight bytes of the text may be read. */
static inline uint64_t core_load_end(const char *text, size_t len) {
  const unsigned shift = 64 - 8 * (unsigned)len;
  const uint64_t word = core_load_word(text) << shift;
  return shift ? word | UINT64_C(0x3030303030303030) >> (64 - shift) : word;
}

/* The number that eight digits make. */
static inline bool core_digits8(const char *text, uint64_t *out) {
  return core_digits_of_word(core_load_word(text), out);
}

/* That of one to eight, of which eight bytes may be read. */
static inline bool core_digits_below9(const char *text, size_t len, uint64_t *out) {
  return core_digits_of_word(core_load_end(text, len), out);
}

/* The number that `len` digits make, at most 18; eight bytes behind them may be read. */
static inline bool core_digits18(const char *text, size_t len, uint64_t *out) {
  static const uint64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  uint64_t head = 0, tail = 0;
  if (len - 1 < 8) return core_digits_below9(text, len, out);
  if (len - 1 >= 18 || !core_digits8(text, &head)) return false;
  text += 8;
  len -= 8;
  if (len > 8) {
    if (!core_digits8(text, &tail)) return false;
    head = head * 100000000 + tail;
    text += 8;
    len -= 8;
  }
  if (!core_digits_below9(text, len, &tail)) return false;
  *out = head * tens[len] + tail;
  return true;
}
