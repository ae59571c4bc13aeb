/* SPDX-License-Identifier: GPL-3.0-or-later
 * SNAPPY: the raw format, without framing (google/snappy, format_description.txt). */
#include <snappy-c.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "validate/codec/codec.h"

static enum core_status snappy_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                      struct core_error *err) {
  size_t len = 0;
  if (snappy_uncompressed_length((const char *)bytes, n, &len) != SNAPPY_OK || len != out_n ||
      snappy_uncompress((const char *)bytes, n, (char *)out, &len) != SNAPPY_OK || len != out_n)
    return val_codec_corrupt("snappy", n, out_n, err);
  return CORE_OK;
}

/* ---- piece by piece ----
 * The library unpacks a stream only as a whole. A stream is elements, each of which gives bytes or copies some from at most
 * 64 KiB before (writers keep to that, though the format could more). So some elements in a row are a stream of their own
 * once the last 64 KiB stand before them as a literal. */

#define BACK       ((size_t)64 << 10)
#define PIECE_MOST (2 * VAL_CODEC_PIECE) /* a piece ends with its element */
#define HEAD_MOST  16                    /* length of the stream, head of the literal */

struct pieces {
  const uint8_t *at, *end;
  uint8_t *in,
      *out; /* [HEAD_MOST][BACK][PIECE_MOST]; [BACK][PIECE_MOST], of which n_back are what was given last */
  size_t n_back;
};

static bool load_little(const uint8_t *at, size_t n_bytes, size_t n, size_t *out) {
  *out = 0;
  if (n_bytes > n) return false;
  for (size_t i = 0; i < n_bytes; i++) *out |= (size_t)at[i] << (8 * i);
  return true;
}

/* Bytes of the element, and those that it gives; false: it is cut. */
static bool measure(const uint8_t *at, size_t n, size_t *bytes, size_t *gives) {
  static const size_t copies[] = {0, 2, 3, 5};
  const unsigned kind = at[0] & 3U, size = at[0] >> 2;
  *bytes = copies[kind];
  *gives = kind == 1 ? (size & 7U) + 4 : size + 1;
  if (kind != 0) return *bytes <= n;
  *bytes = 1;
  if (size >= 60) {
    if (!load_little(at + 1, size - 59, n - 1, gives)) return false;
    *bytes += size - 59;
    ++*gives;
  }
  if (*gives > n - *bytes) return false;
  *bytes += *gives;
  return true;
}

/* Elements up to about a piece; false: they are malformed, or too large. */
static bool measure_piece(const struct pieces *p, size_t *bytes, size_t *gives) {
  *bytes = *gives = 0;
  while (p->at + *bytes < p->end && *gives < VAL_CODEC_PIECE && *bytes < VAL_CODEC_PIECE) {
    size_t b = 0, g = 0;
    if (!measure(p->at + *bytes, (size_t)(p->end - p->at) - *bytes, &b, &g)) return false;
    *bytes += b;
    *gives += g;
    if (*bytes > PIECE_MOST || *gives > PIECE_MOST) return false;
  }
  return true;
}

static size_t put_length(uint8_t *to, size_t value) {
  size_t n = 0;
  for (; value > 127; value >>= 7) to[n++] = (uint8_t)(value & 127) | 128;
  to[n++] = (uint8_t)value;
  return n;
}

/* Makes a stream of the next elements, unpacks it to behind what was given last. */
static bool unpack_piece(struct pieces *p, size_t bytes, size_t gives) {
  size_t n = put_length(p->in, p->n_back + gives), len = BACK + PIECE_MOST;
  if (p->n_back > 0) {
    p->in[n++] = 61 << 2; /* a literal whose length less one is in two bytes */
    p->in[n++] = (uint8_t)((p->n_back - 1) & 255);
    p->in[n++] = (uint8_t)((p->n_back - 1) >> 8);
    memcpy(p->in + n, p->out, p->n_back);
    n += p->n_back;
  }
  memcpy(p->in + n, p->at, bytes);
  return snappy_uncompress((const char *)p->in, n + bytes, (char *)p->out, &len) == SNAPPY_OK &&
         len == p->n_back + gives;
}

static enum core_status give_pieces(struct pieces *p, size_t left,
                                    const struct val_codec_pieces *to, struct core_error *err) {
  while (left > 0) {
    size_t bytes = 0, gives = 0;
    if (!measure_piece(p, &bytes, &gives) || gives == 0 || gives > left ||
        !unpack_piece(p, bytes, gives))
      return core_fail(err, CORE_UNSUPPORTED, "a stream of snappy cannot be cut");
    CORE_TRY(to->take(to->self, p->out + p->n_back, gives, err));
    p->at += bytes;
    left -= gives;
    const size_t all = p->n_back + gives;
    p->n_back = all < BACK ? all : BACK;
    memmove(p->out, p->out + (all - p->n_back), p->n_back);
  }
  return CORE_OK;
}

static enum core_status snappy_unpack_pieces(const uint8_t *bytes, size_t n, size_t out_n,
                                             const struct val_codec_pieces *to,
                                             struct core_error *err) {
  size_t len = 0, head = 0;
  if (snappy_uncompressed_length((const char *)bytes, n, &len) != SNAPPY_OK || len != out_n)
    return val_codec_corrupt("snappy", n, out_n, err);
  while (bytes[head++] & 128) continue;
  struct pieces p = {.at = bytes + head, .end = bytes + n};
  p.in = core_alloc(HEAD_MOST + BACK + PIECE_MOST);
  p.out = core_alloc(BACK + PIECE_MOST);
  enum core_status st = p.in && p.out ? give_pieces(&p, out_n, to, err)
                                      : core_fail_nomem(err, 2 * (BACK + PIECE_MOST));
  if (st == CORE_OK && p.at != p.end) st = val_codec_corrupt("snappy", n, out_n, err);
  core_free(p.in);
  core_free(p.out);
  return st;
}

extern const struct val_codec_ops val_codec_snappy;
const struct val_codec_ops val_codec_snappy = {
    .id = 1,
    .name = "SNAPPY",
    .summary = "Google's snappy, raw",
    .unpack = snappy_unpack,
    .unpack_pieces = snappy_unpack_pieces,
};
