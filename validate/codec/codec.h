/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a codec (Parquet's Compression.md). A page says how many bytes it has when unpacked, so a codec fills
 * exactly that many, or fails: nothing is allocated by what the packed bytes claim. */
#pragma once
#include "core/status.h"
#include <stddef.h>
#include <stdint.h>

/* Takes what was unpacked, piece by piece. */
struct val_codec_pieces {
  enum core_status (*take)(void *self, const uint8_t *bytes, size_t n, struct core_error *err);
  void *self;
};
#define VAL_CODEC_PIECE ((size_t)256 << 10) /* about what a piece has */

struct val_stream_ops; /* validate/codec/stream.h */
struct val_codec_ops {
  int id; /* in the file: enum CompressionCodec of parquet.thrift */
  const char *name;
  const char *summary; /* one line */
  /* n > 0 bytes to exactly out_n > 0 bytes; CORE_PARSE when they give more, fewer or none. */
  enum core_status (*unpack)(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                             struct core_error *err);
  /* The same bytes in order, a piece at a time, for what is too large for memory; NULL: the codec cannot.
   * CORE_UNSUPPORTED: not with these bytes, and pieces that were given are worth nothing. */
  enum core_status (*unpack_pieces)(const uint8_t *bytes, size_t n, size_t out_n,
                                    const struct val_codec_pieces *to, struct core_error *err);
  const struct val_stream_ops *stream; /* whole files are packed with it; NULL: they are not */
};
/* NULL-terminated, in the order of codec_list.h. */
const struct val_codec_ops *const *val_codec_all(void);
/* CORE_UNSUPPORTED: a codec that is known but not built in; CORE_PARSE: there is no such codec. */
enum core_status val_codec_find(int id, const struct val_codec_ops **out,
                                struct core_error *err) CORE_MUST_CHECK;
/* The sentence of every codec. */
enum core_status val_codec_corrupt(const char *name, size_t n, size_t out_n,
                                   struct core_error *err);
