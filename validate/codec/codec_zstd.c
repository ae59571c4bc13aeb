/* SPDX-License-Identifier: GPL-3.0-or-later
 * ZSTD (RFC 8878). */
#include <zstd.h>

#include "core/mem.h"
#include "validate/codec/codec.h"
#include "validate/codec/stream.h"

/* Frames may ask for a window of many GiB to look back into; zstd's own tool refuses more than this, too, unless told
 * otherwise. */
#define MOST_WINDOW_LOG 27

static enum core_status zstd_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                    struct core_error *err) {
  const size_t len = ZSTD_decompress(out, out_n, bytes, n);
  if (ZSTD_isError(len) || len != out_n) return val_codec_corrupt("zstd", n, out_n, err);
  return CORE_OK;
}

/* Frames one after another, until both the input and what was claimed of it are used up. */
static enum core_status give_frames(ZSTD_DStream *zstd, ZSTD_inBuffer in, uint8_t *piece,
                                    size_t left, const struct val_codec_pieces *to, bool *good,
                                    struct core_error *err) {
  for (*good = false;;) {
    ZSTD_outBuffer out = {piece, VAL_CODEC_PIECE, 0};
    const size_t before = in.pos, more = ZSTD_decompressStream(zstd, &out, &in);
    if (ZSTD_isError(
            more)) /* unpacked whole more is taken: far looks back, blocks beyond the window */
      return core_fail(err, CORE_UNSUPPORTED, "%s", ZSTD_getErrorName(more));
    if (out.pos > left) return CORE_OK;
    left -= out.pos;
    if (out.pos > 0) CORE_TRY(to->take(to->self, piece, out.pos, err));
    *good = more == 0 && in.pos == in.size && left == 0;
    if (*good || (in.pos == in.size && (more == 0 || out.pos < VAL_CODEC_PIECE))) return CORE_OK;
    if (in.pos == before && out.pos == 0) return CORE_OK;
  }
}

static enum core_status zstd_unpack_pieces(const uint8_t *bytes, size_t n, size_t out_n,
                                           const struct val_codec_pieces *to,
                                           struct core_error *err) {
  enum core_status st = CORE_OK;
  bool good = false;
  uint8_t *piece = core_alloc(VAL_CODEC_PIECE);
  ZSTD_DStream *zstd = ZSTD_createDStream();
  if (!piece || !zstd ||
      ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, MOST_WINDOW_LOG)))
    st = core_fail_nomem(err, VAL_CODEC_PIECE);
  if (st == CORE_OK)
    st = give_frames(zstd, (ZSTD_inBuffer){bytes, n, 0}, piece, out_n, to, &good, err);
  ZSTD_freeDStream(zstd);
  core_free(piece);
  if (st == CORE_OK && !good) st = val_codec_corrupt("zstd", n, out_n, err);
  return st;
}

/* ---- whole files ---- */

struct val_stream {
  ZSTD_DStream *zstd;
  bool complete; /* no frame is under way */
};

/* A frame, or one that is to be skipped (0x184D2A50 and the fifteen that follow). */
static bool zstd_claims(const uint8_t *first, size_t n) {
  if (n < 4) return false;
  if (first[0] == 0x28 && first[1] == 0xb5 && first[2] == 0x2f && first[3] == 0xfd) return true;
  return (first[0] & 0xf0) == 0x50 && first[1] == 0x2a && first[2] == 0x4d && first[3] == 0x18;
}

static void zstd_close(struct val_stream *stream) {
  if (!stream) return;
  ZSTD_freeDStream(stream->zstd);
  core_free(stream);
}

static enum core_status zstd_open(struct val_stream **out, struct core_error *err) {
  struct val_stream *stream = core_calloc(1, sizeof *stream);
  if (!stream) return core_fail_nomem(err, sizeof *stream);
  stream->complete = true;
  stream->zstd = ZSTD_createDStream();
  if (!stream->zstd ||
      ZSTD_isError(ZSTD_DCtx_setParameter(stream->zstd, ZSTD_d_windowLogMax, MOST_WINDOW_LOG))) {
    zstd_close(stream);
    return core_fail_nomem(err, 1 << 17);
  }
  *out = stream;
  return CORE_OK;
}

static enum core_status zstd_run(struct val_stream *stream, const uint8_t *bytes, size_t n,
                                 size_t *taken, uint8_t *out, size_t out_n, size_t *given,
                                 bool *complete, struct core_error *err) {
  ZSTD_inBuffer in = {bytes, n, 0};
  ZSTD_outBuffer to = {out, out_n, 0};
  *taken = *given = 0;
  if (n > 0 || !stream->complete) {
    const size_t left = ZSTD_decompressStream(stream->zstd, &to, &in);
    *taken = in.pos;
    *given = to.pos;
    if (ZSTD_isError(left)) return core_fail(err, CORE_PARSE, "%s", ZSTD_getErrorName(left));
    stream->complete = left == 0;
  }
  *complete = stream->complete;
  return CORE_OK;
}

static const struct val_stream_ops zstd_stream = {
    .name = "zstd", .claims = zstd_claims, .open = zstd_open, .run = zstd_run, .close = zstd_close};

extern const struct val_codec_ops val_codec_zstd;
const struct val_codec_ops val_codec_zstd = {
    .id = 6,
    .name = "ZSTD",
    .summary = "Zstandard",
    .unpack = zstd_unpack,
    .unpack_pieces = zstd_unpack_pieces,
    .stream = &zstd_stream,
};
