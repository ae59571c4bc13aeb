/* SPDX-License-Identifier: GPL-3.0-or-later
 * BROTLI (RFC 7932). */
#include <brotli/decode.h>
#include <stdbool.h>

#include "core/mem.h"
#include "validate/codec/codec.h"

static enum core_status brotli_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                      struct core_error *err) {
  size_t len = out_n;
  if (BrotliDecoderDecompress(n, bytes, &len, out) != BROTLI_DECODER_RESULT_SUCCESS || len != out_n)
    return val_codec_corrupt("brotli", n, out_n, err);
  return CORE_OK;
}

static void *brotli_alloc(void *opaque, size_t bytes) {
  (void)opaque;
  return core_alloc(bytes);
}

static void brotli_free(void *opaque, void *block) {
  (void)opaque;
  core_free(block);
}

static enum core_status give_pieces(BrotliDecoderState *state, const uint8_t *bytes, size_t n,
                                    uint8_t *piece, size_t left, const struct val_codec_pieces *to,
                                    bool *good, struct core_error *err) {
  for (*good = false;;) {
    uint8_t *out = piece;
    size_t room = VAL_CODEC_PIECE;
    const BrotliDecoderResult st =
        BrotliDecoderDecompressStream(state, &n, &bytes, &room, &out, NULL);
    const size_t given = VAL_CODEC_PIECE - room;
    if (given > left) return CORE_OK;
    left -= given;
    if (given > 0) CORE_TRY(to->take(to->self, piece, given, err));
    *good = st == BROTLI_DECODER_RESULT_SUCCESS && n == 0 && left == 0;
    if (st != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return CORE_OK;
  }
}

static enum core_status brotli_unpack_pieces(const uint8_t *bytes, size_t n, size_t out_n,
                                             const struct val_codec_pieces *to,
                                             struct core_error *err) {
  bool good = false;
  uint8_t *piece = core_alloc(VAL_CODEC_PIECE);
  BrotliDecoderState *state = BrotliDecoderCreateInstance(brotli_alloc, brotli_free, NULL);
  enum core_status st = piece && state ? give_pieces(state, bytes, n, piece, out_n, to, &good, err)
                                       : core_fail_nomem(err, VAL_CODEC_PIECE);
  if (state) BrotliDecoderDestroyInstance(state);
  core_free(piece);
  if (st == CORE_OK && !good) st = val_codec_corrupt("brotli", n, out_n, err);
  return st;
}

extern const struct val_codec_ops val_codec_brotli;
const struct val_codec_ops val_codec_brotli = {
    .id = 4,
    .name = "BROTLI",
    .summary = "brotli",
    .unpack = brotli_unpack,
    .unpack_pieces = brotli_unpack_pieces,
};
