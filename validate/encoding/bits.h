/* SPDX-License-Identifier: GPL-3.0-or-later
 * Little-endian loads and unpacking of bit-packed integers, least significant bit first. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t val_load_u32(const uint8_t *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
static inline uint64_t val_load_u64(const uint8_t *at) {
  return (uint64_t)val_load_u32(at) | (uint64_t)val_load_u32(at + 4) << 32;
}
/* Up to eight bytes, those beyond `left` as zeros. */
static inline uint64_t val_load_some(const uint8_t *at, size_t left) {
  uint64_t value = 0;
  if (left >= 8) return val_load_u64(at);
  for (size_t i = 0; i < left; i++) value |= (uint64_t)at[i] << (8 * i);
  return value;
}
/* The `width` bits (0 to 64) from bit `bit` on; the bytes hold them all. */
static inline uint64_t val_load_bits(const uint8_t *bytes, size_t n_bytes, size_t bit,
                                     unsigned width) {
  if (width == 0) return 0;
  const size_t at = bit >> 3;
  const unsigned shift = (unsigned)(bit & 7);
  uint64_t value = val_load_some(bytes + at, n_bytes - at) >> shift;
  if (shift + width > 64) value |= (uint64_t)bytes[at + 8] << (64 - shift);
  return width == 64 ? value : value & (((uint64_t)1 << width) - 1);
}
/* ULEB128 of at most `max_bits` bits; false when the bytes end first or the number is longer. */
static inline bool val_load_varint(const uint8_t **at, const uint8_t *end, unsigned max_bits,
                                   uint64_t *out) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < max_bits && *at < end; shift += 7) {
    const uint8_t byte = *(*at)++;
    const unsigned room = max_bits - shift;
    if (room < 7 && (byte & 0x7f) >> room) return false;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    *out = value;
    return true;
  }
  return false;
}
