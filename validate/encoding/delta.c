/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/encoding/delta.h"

#include "validate/encoding/bits.h"
#include "validate/encoding/encoding.h"

#define MAX_BLOCK ((uint64_t)1 << 30) /* values; far beyond what any writer makes */

static enum core_status malformed(struct core_error *err, const char *what) {
  return core_fail(err, CORE_PARSE, "a page of DELTA encoding is corrupt: %s", what);
}

static bool read_zigzag(struct val_delta *d, uint64_t *out) {
  uint64_t value = 0;
  if (!val_load_varint(&d->at, d->end, 64, &value)) return false;
  *out = (value >> 1) ^ (0 - (value & 1));
  return true;
}

enum core_status val_delta_open(struct val_delta *d, const uint8_t *bytes, size_t n_bytes,
                                unsigned most, struct core_error *err) {
  uint64_t block = 0, n_mini = 0, total = 0;
  *d = (struct val_delta){.at = bytes, .end = bytes + n_bytes, .most = most};
  if (n_bytes == 0) return CORE_OK; /* a page of nulls */
  if (!val_load_varint(&d->at, d->end, 64, &block) ||
      !val_load_varint(&d->at, d->end, 64, &n_mini) ||
      !val_load_varint(&d->at, d->end, 64, &total) || !read_zigzag(d, &d->last))
    return malformed(err, "its header");
  if (block == 0 || block > MAX_BLOCK || block % 128 || n_mini == 0 || block % n_mini ||
      block / n_mini % 32)
    return malformed(err, "the sizes of its blocks");
  d->left = total;
  d->n_mini = n_mini;
  d->mini_values = block / n_mini;
  d->mini = n_mini; /* a block begins */
  d->first = total > 0;
  return CORE_OK;
}

static enum core_status next_block(struct val_delta *d, struct core_error *err) {
  if (!read_zigzag(d, &d->least)) return malformed(err, "it ends before a block");
  if (d->n_mini > (uint64_t)(d->end - d->at)) return malformed(err, "it ends inside a block");
  d->widths = d->at;
  d->at += d->n_mini;
  d->mini = 0;
  return CORE_OK;
}

/* The next miniblock; d->left > 0. The last one may lack its padding. */
static enum core_status next_mini(struct val_delta *d, struct core_error *err) {
  if (d->mini == d->n_mini) CORE_TRY(next_block(d, err));
  d->width = d->widths[d->mini++];
  if (d->width > d->most) return malformed(err, "a width beyond that of the type");
  const uint64_t wanted = d->left < d->mini_values ? d->left : d->mini_values;
  const uint64_t whole = d->mini_values / 8 * d->width; /* mini_values is a multiple of 32 */
  const uint64_t needed = (wanted * d->width + 7) / 8;
  const uint64_t rest = (uint64_t)(d->end - d->at);
  if (needed > rest) return malformed(err, "it ends inside a miniblock");
  d->bits = d->at;
  d->n_bits_bytes = (size_t)(whole < rest ? whole : rest);
  d->at += d->n_bits_bytes;
  d->bit = 0;
  d->in_mini = wanted;
  return CORE_OK;
}

/* Sums wrap, as the specification wants; for 32 bits the caller cuts. */
static void unpack(struct val_delta *d, int64_t *out, size_t n) {
  const unsigned width = d->width;
  uint64_t last = d->last;
  size_t i = 0, bit = d->bit;
  if (width <= 56) {
    const uint64_t mask = ((uint64_t)1 << width) - 1;
    for (; i < n && (bit >> 3) + 8 <= d->n_bits_bytes; i++, bit += width) {
      last += d->least + (val_load_u64(d->bits + (bit >> 3)) >> (bit & 7) & mask);
      out[i] = (int64_t)last;
    }
  }
  for (; i < n; i++, bit += width) {
    last += d->least + val_load_bits(d->bits, d->n_bits_bytes, bit, width);
    out[i] = (int64_t)last;
  }
  d->bit = bit;
  d->last = last;
}

enum core_status val_delta_read(struct val_delta *d, int64_t *out, size_t n,
                                struct core_error *err) {
  if (n > d->left) return val_encoding_short("DELTA_BINARY_PACKED", err);
  if (n > 0 && d->first) {
    *out++ = (int64_t)d->last;
    n--;
    d->left--;
    d->first = 0;
  }
  while (n > 0) {
    if (d->in_mini == 0) CORE_TRY(next_mini(d, err));
    const size_t m = n < d->in_mini ? n : (size_t)d->in_mini;
    unpack(d, out, m);
    out += m;
    n -= m;
    d->in_mini -= m;
    d->left -= m;
  }
  return CORE_OK;
}

/* Walks over the heads of what is left: nothing needs to be unpacked to find the end. */
enum core_status val_delta_skip(struct val_delta *d, const uint8_t **end, struct core_error *err) {
  if (d->first) d->left--;
  d->first = 0;
  d->left -= d->in_mini;
  while (d->left > 0) {
    CORE_TRY(next_mini(d, err));
    d->left -= d->in_mini;
  }
  *end = d->at;
  return CORE_OK;
}
