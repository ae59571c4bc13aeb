/* SPDX-License-Identifier: GPL-3.0-or-later
 * LZ4_RAW: one block. LZ4, deprecated: the framing of Hadoop (Compression.md), which is blocks with two big-endian
 * lengths of four bytes before each, unpacked and packed; writers are known that left the framing out, so what does not
 * read as Hadoop's is read as one block. */
#include <limits.h>
#include <lz4.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "validate/codec/codec.h"

#define HEAD_BYTES 8

static bool unpack_block(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n) {
  return n <= INT_MAX && out_n <= INT_MAX &&
         LZ4_decompress_safe((const char *)bytes, (char *)out, (int)n, (int)out_n) == (int)out_n;
}

static uint32_t load_big(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool unpack_framed(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n) {
  while (n > 0) {
    if (n < HEAD_BYTES) return false;
    const uint32_t unpacked = load_big(bytes), packed = load_big(bytes + 4);
    bytes += HEAD_BYTES;
    n -= HEAD_BYTES;
    if (packed > n || unpacked > out_n || !unpack_block(bytes, packed, out, unpacked)) return false;
    bytes += packed;
    n -= packed;
    out += unpacked;
    out_n -= unpacked;
  }
  return out_n == 0;
}

static enum core_status raw_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                   struct core_error *err) {
  return unpack_block(bytes, n, out, out_n) ? CORE_OK : val_codec_corrupt("LZ4", n, out_n, err);
}

static enum core_status lz4_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                   struct core_error *err) {
  if (unpack_framed(bytes, n, out, out_n)) return CORE_OK;
  return raw_unpack(bytes, n, out, out_n, err);
}

/* ---- one block piece by piece (lz4, doc/lz4_Block_format.md) ----
 * The library wants blocks whole, but unpacks one that looks back into what another gave. A block is sequences: literals,
 * then a copy from at most 64 KiB before; the last has five literals at least and no copy. So a piece is some sequences and
 * a last one of our own, whose literals are passed over. Very long literals are given as they stand, and their copy becomes a sequence of its own. */

#define BACK          ((size_t)64 << 10)
#define PIECE_MOST    (2 * VAL_CODEC_PIECE) /* packed or unpacked; a piece ends with its sequence */
#define LAST_LITERALS 5
#define MARGIN        64 /* room behind a piece: copies may not end near the end of that */

struct pieces {
  const uint8_t *at, *end;
  uint8_t *in, *out; /* [PIECE_MOST]; [BACK][PIECE_MOST + MARGIN], of which n_back end at BACK */
  size_t n_back;
  bool in_copy;    /* `at` is behind the literals of a sequence, at its copy */
  unsigned nibble; /* of whose length */
};

/* 15 says that bytes follow, up to one that is not 255; false: they are cut. */
static bool load_length(const uint8_t **at, const uint8_t *end, unsigned nibble, size_t *out) {
  *out = nibble;
  if (nibble < 15) return true;
  for (; *at < end && **at == 255; ++*at) *out += 255;
  if (*at == end) return false;
  *out += *(*at)++;
  return true;
}

/* *at moves behind a copy. */
static bool pass_copy(const uint8_t **at, const uint8_t *end, unsigned nibble, size_t *gives) {
  size_t n = 0;
  if (end - *at < 2) return false;
  *at += 2;
  if (!load_length(at, end, nibble, &n)) return false;
  *gives += n + 4;
  return true;
}

/* *at moves to the literals of a sequence, *n of them. */
static bool pass_token(const uint8_t **at, const uint8_t *end, unsigned *nibble, size_t *n) {
  const unsigned token = *(*at)++;
  *nibble = token & 15U;
  return load_length(at, end, token >> 4, n) && *n <= (size_t)(end - *at);
}

/* Sequences up to about a piece, or to the end of the block; false: they are malformed, or too large. */
static bool measure_piece(const struct pieces *p, size_t *bytes, size_t *gives) {
  const uint8_t *at = p->at;
  *gives = 0;
  if (p->in_copy && !pass_copy(&at, p->end, p->nibble, gives)) return false;
  while (at < p->end && *gives < VAL_CODEC_PIECE && (size_t)(at - p->at) < VAL_CODEC_PIECE) {
    const uint8_t *sequence = at;
    unsigned nibble = 0;
    size_t n = 0;
    if (!pass_token(&at, p->end, &nibble, &n)) return false;
    if (n > VAL_CODEC_PIECE) {
      at = sequence;
      break;
    }
    at += n;
    *gives += n;
    if (at < p->end && !pass_copy(&at, p->end, nibble, gives)) return false;
  }
  *bytes = (size_t)(at - p->at);
  return *bytes + 2 + LAST_LITERALS <= PIECE_MOST && *gives <= PIECE_MOST;
}

static bool unpack_piece(struct pieces *p, size_t bytes, size_t gives) {
  static const uint8_t last[] = {LAST_LITERALS << 4, 0, 0, 0, 0, 0};
  size_t n = 0, more = 0;
  if (p->in_copy) p->in[n++] = (uint8_t)p->nibble;
  memcpy(p->in + n, p->at, bytes);
  n += bytes;
  p->at += bytes;
  p->in_copy = false;
  if (p->at < p->end) {
    memcpy(p->in + n, last, sizeof last);
    n += sizeof last;
    more = LAST_LITERALS;
  }
  const int found = LZ4_decompress_safe_usingDict(
      (const char *)p->in, (char *)p->out + BACK, (int)n, (int)(gives + MARGIN),
      (const char *)p->out + BACK - p->n_back, (int)p->n_back);
  return found >= 0 && (size_t)found == gives + more;
}

/* What was given last is kept before `out` + BACK. */
static void keep_back(struct pieces *p, size_t gives) {
  const size_t all = p->n_back + gives;
  const uint8_t *end = p->out + BACK + gives;
  p->n_back = all < BACK ? all : BACK;
  memmove(p->out + BACK - p->n_back, end - p->n_back, p->n_back);
}

/* The next sequence has more literals than a piece. */
static bool give_literals(struct pieces *p, size_t left, const uint8_t **out, size_t *gives) {
  if (!pass_token(&p->at, p->end, &p->nibble, gives) || *gives > left || *gives < BACK)
    return false;
  *out = p->at;
  p->at += *gives;
  p->in_copy = p->at < p->end;
  p->n_back = BACK;
  memcpy(p->out, p->at - BACK, BACK);
  return true;
}

static bool next_piece(struct pieces *p, size_t left, const uint8_t **out, size_t *gives) {
  size_t bytes = 0;
  if (!measure_piece(p, &bytes, gives) || *gives > left) return false;
  if (bytes == 0) return give_literals(p, left, out, gives);
  *out = p->out + BACK;
  return unpack_piece(p, bytes, *gives);
}

static enum core_status give_pieces(struct pieces *p, size_t left,
                                    const struct val_codec_pieces *to, struct core_error *err) {
  while (p->at < p->end) {
    const uint8_t *piece = NULL;
    size_t gives = 0;
    if (!next_piece(p, left, &piece, &gives))
      return core_fail(err, CORE_UNSUPPORTED, "a block of LZ4 cannot be cut");
    if (gives > 0) CORE_TRY(to->take(to->self, piece, gives, err));
    if (piece == p->out + BACK) keep_back(p, gives);
    left -= gives;
  }
  return left == 0 && !p->in_copy
             ? CORE_OK
             : core_fail(err, CORE_UNSUPPORTED, "a block of LZ4 ends too soon");
}

static enum core_status raw_unpack_pieces(const uint8_t *bytes, size_t n, size_t out_n,
                                          const struct val_codec_pieces *to,
                                          struct core_error *err) {
  struct pieces p = {.at = bytes, .end = bytes + n};
  p.in = core_alloc(PIECE_MOST);
  p.out = core_alloc(BACK + PIECE_MOST + MARGIN);
  const enum core_status st =
      p.in && p.out ? give_pieces(&p, out_n, to, err) : core_fail_nomem(err, 2 * PIECE_MOST);
  core_free(p.in);
  core_free(p.out);
  return st;
}

extern const struct val_codec_ops val_codec_lz4, val_codec_lz4_raw;
const struct val_codec_ops val_codec_lz4 = {
    .id = 5, .name = "LZ4", .summary = "LZ4 in Hadoop's framing, or bare", .unpack = lz4_unpack};
const struct val_codec_ops val_codec_lz4_raw = {
    .id = 7,
    .name = "LZ4_RAW",
    .summary = "LZ4, one block",
    .unpack = raw_unpack,
    .unpack_pieces = raw_unpack_pieces,
};
