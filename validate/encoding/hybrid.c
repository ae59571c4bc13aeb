/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/encoding/hybrid.h"

#include "validate/encoding/bits.h"

void val_hybrid_open(struct val_hybrid *h, const uint8_t *bytes, size_t n_bytes, unsigned width) {
  *h = (struct val_hybrid){.at = bytes, .end = bytes + n_bytes, .width = width};
}

/* Reads the head of the next run. Writers are known that cut the padding of the last packed run: it then has as many
 * numbers as its bytes hold. */
static bool next_run(struct val_hybrid *h) {
  uint64_t head = 0;
  if (!val_load_varint(&h->at, h->end, 32, &head) || head >> 1 == 0) return false;
  const size_t rest = (size_t)(h->end - h->at);
  h->packed = head & 1;
  h->left = head >> 1;
  if (!h->packed) {
    const size_t n_bytes = (h->width + 7) / 8;
    if (n_bytes > rest) return false;
    const uint64_t value = val_load_some(h->at, n_bytes);
    if (value >> h->width) return false;
    h->value = (uint32_t)value;
    h->at += n_bytes;
    return true;
  }
  uint64_t n_bytes = h->left * h->width; /* eight numbers take `width` bytes */
  h->left *= 8;
  if (n_bytes > rest) {
    n_bytes = rest;
    h->left = (uint64_t)rest * 8 / h->width;
    if (h->left == 0) return false;
  }
  h->bits = h->at;
  h->n_bits_bytes = (size_t)n_bytes;
  h->bit = 0;
  h->at += n_bytes;
  return true;
}

static size_t fewer(uint64_t a, size_t b) {
  return a < b ? (size_t)a : b;
}

size_t val_hybrid_repeated(struct val_hybrid *h, size_t most, uint32_t *value) {
  if (h->left == 0 && !next_run(h)) return 0;
  if (h->packed) return 0;
  const size_t n = fewer(h->left, most);
  h->left -= n;
  *value = h->value;
  return n;
}

/* Eight numbers are `width` whole bytes. Of widths up to 16 that begin at a byte, four numbers fit a load: the places of all are
 * known in advance, so that none waits for the one before it. */
#define UNPACK(bits_wide)                                                                          \
  case bits_wide:                                                                                  \
    for (; i + 8 <= n && at + 8 + (bits_wide) / 2 <= end; i += 8, at += (bits_wide)) {             \
      const uint64_t low = val_load_u64(at);                                                       \
      const uint64_t high = val_load_u64(at + (bits_wide) / 2) >> ((bits_wide) % 2 * 4);           \
      const uint32_t mask = ((uint32_t)1 << (bits_wide)) - 1;                                      \
      for (unsigned k = 0; k < 4; k++) {                                                           \
        out[i + k] = (uint32_t)(low >> (k * (bits_wide))) & mask;                                  \
        out[i + 4 + k] = (uint32_t)(high >> (k * (bits_wide))) & mask;                             \
      }                                                                                            \
    }                                                                                              \
    break;

/* How many of the next n were unpacked; the others are left for who takes any. */
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): one case, fifteen times */
static size_t unpack_many(const struct val_hybrid *h, size_t n, uint32_t *out) {
  const uint8_t *at = h->bits + (h->bit >> 3), *const end = h->bits + h->n_bits_bytes;
  size_t i = 0;
  if (h->bit & 7) return 0;
  switch (h->width) {
    UNPACK(1)
    UNPACK(2)
    UNPACK(3)
    UNPACK(4)
    UNPACK(5)
    UNPACK(6)
    UNPACK(7)
    UNPACK(8)
    UNPACK(9)
    UNPACK(10)
    UNPACK(11)
    UNPACK(12)
    UNPACK(13)
    UNPACK(14)
    UNPACK(15)
  default:
    break;
  }
  return i;
}

size_t val_hybrid_packed(struct val_hybrid *h, size_t most, uint32_t *out) {
  if (h->left == 0 && !next_run(h)) return 0;
  if (!h->packed) return 0;
  const size_t n = fewer(h->left, most);
  const unsigned width = h->width;
  const uint32_t mask = width == 32 ? UINT32_MAX : ((uint32_t)1 << width) - 1;
  size_t i = 0, bit = h->bit;
  i = unpack_many(h, n, out);
  bit += i * width;
  /* A load of eight bytes holds a number that begins in the first of them. */
  for (; i < n && (bit >> 3) + 8 <= h->n_bits_bytes; i++, bit += width)
    out[i] = (uint32_t)(val_load_u64(h->bits + (bit >> 3)) >> (bit & 7)) & mask;
  for (; i < n; i++, bit += width)
    out[i] = (uint32_t)val_load_bits(h->bits, h->n_bits_bytes, bit, width);
  h->bit = bit;
  h->left -= n;
  return n;
}

bool val_hybrid_read(struct val_hybrid *h, uint32_t *out, size_t n) {
  while (n > 0) {
    uint32_t value = 0;
    size_t got = val_hybrid_repeated(h, n, &value);
    if (got > 0)
      for (size_t i = 0; i < got; i++) out[i] = value;
    else
      got = val_hybrid_packed(h, n, out);
    if (got == 0) return false;
    out += got;
    n -= got;
  }
  return true;
}
