/* SPDX-License-Identifier: GPL-3.0-or-later
 * GZIP: members of RFC 1952, one or several after one another; the zlib format (RFC 1950) is taken too, as other readers
 * do. */
#include <limits.h>
#include <zlib.h>

#include "core/mem.h"
#include "validate/codec/codec.h"
#include "validate/codec/crc.h"
#include "validate/codec/stream.h"

static void *gzip_alloc(void *opaque, unsigned count, unsigned bytes) {
  (void)opaque;
  return core_calloc(count, bytes);
}

static void gzip_free(void *opaque, void *block) {
  (void)opaque;
  core_free(block);
}

/* Members until the input ends; false: malformed, or not the bytes that were claimed. */
static int unpack_members(z_stream *stream) {
  for (;;) {
    const int st = inflate(stream, Z_FINISH);
    if (st != Z_STREAM_END) return 0;
    if (stream->avail_in == 0) return stream->avail_out == 0;
    if (inflateReset(stream) != Z_OK) return 0;
  }
}

static enum core_status gzip_unpack(const uint8_t *bytes, size_t n, uint8_t *out, size_t out_n,
                                    struct core_error *err) {
  z_stream stream = {.zalloc = gzip_alloc, .zfree = gzip_free};
  if (n > UINT_MAX || out_n > UINT_MAX) return val_codec_corrupt("gzip", n, out_n, err);
  if (inflateInit2(&stream, MAX_WBITS + 32) != Z_OK) return core_fail_nomem(err, 1 << 15);
  stream.next_in = (z_const Bytef *)(uintptr_t)bytes; /* read only */
  stream.avail_in = (uInt)n;
  stream.next_out = out;
  stream.avail_out = (uInt)out_n;
  const int good = unpack_members(&stream);
  inflateEnd(&stream);
  return good ? CORE_OK : val_codec_corrupt("gzip", n, out_n, err);
}

/* As unpack_members, with a piece as all the room there is. */
static enum core_status give_members(z_stream *stream, uint8_t *piece, size_t left,
                                     const struct val_codec_pieces *to, bool *good,
                                     struct core_error *err) {
  for (*good = false;;) {
    stream->next_out = piece;
    stream->avail_out = VAL_CODEC_PIECE;
    const int st = inflate(stream, Z_NO_FLUSH);
    const size_t n = VAL_CODEC_PIECE - stream->avail_out;
    if (n > left || (st != Z_OK && st != Z_STREAM_END)) return CORE_OK;
    left -= n;
    if (n > 0) CORE_TRY(to->take(to->self, piece, n, err));
    if (st == Z_OK) continue;
    *good = stream->avail_in == 0 && left == 0;
    if (stream->avail_in == 0 || inflateReset(stream) != Z_OK) return CORE_OK;
  }
}

static enum core_status gzip_unpack_pieces(const uint8_t *bytes, size_t n, size_t out_n,
                                           const struct val_codec_pieces *to,
                                           struct core_error *err) {
  z_stream stream = {.zalloc = gzip_alloc, .zfree = gzip_free};
  bool good = false;
  if (n > UINT_MAX) return val_codec_corrupt("gzip", n, out_n, err);
  if (inflateInit2(&stream, MAX_WBITS + 32) != Z_OK) return core_fail_nomem(err, 1 << 15);
  stream.next_in = (z_const Bytef *)(uintptr_t)bytes; /* read only */
  stream.avail_in = (uInt)n;
  uint8_t *piece = core_alloc(VAL_CODEC_PIECE);
  enum core_status st = piece ? give_members(&stream, piece, out_n, to, &good, err)
                              : core_fail_nomem(err, VAL_CODEC_PIECE);
  core_free(piece);
  inflateEnd(&stream);
  if (st == CORE_OK && !good) st = val_codec_corrupt("gzip", n, out_n, err);
  return st;
}

/* ---- whole files: gzip only, a file of the zlib format has no mark to be known by ---- */

struct val_stream {
  z_stream zlib;
  bool between; /* two members, or before the first */
  bool first;   /* no member has ended yet */
  bool padding; /* zeros behind the last member, as on tapes */
};

static bool gzip_claims(const uint8_t *first, size_t n) {
  return n >= 3 && first[0] == 0x1f && first[1] == 0x8b && first[2] == 8;
}

static void gzip_close(struct val_stream *stream) {
  if (!stream) return;
  inflateEnd(&stream->zlib);
  core_free(stream);
}

static enum core_status gzip_open(struct val_stream **out, struct core_error *err) {
  struct val_stream *stream = core_calloc(1, sizeof *stream);
  if (!stream) return core_fail_nomem(err, sizeof *stream);
  stream->zlib = (z_stream){.zalloc = gzip_alloc, .zfree = gzip_free};
  stream->between = stream->first = true;
  if (inflateInit2(&stream->zlib, MAX_WBITS + 16) != Z_OK) {
    core_free(stream);
    return core_fail_nomem(err, 1 << 15);
  }
  *out = stream;
  return CORE_OK;
}

/* A member begins, or padding. */
static enum core_status begin_member(struct val_stream *stream, const uint8_t *bytes,
                                     struct core_error *err) {
  if (!stream->first && bytes[0] == 0) {
    stream->padding = true;
    return CORE_OK;
  }
  if (bytes[0] != 0x1f)
    return core_fail(err, CORE_PARSE, "what follows the last member is not gzip");
  stream->between = stream->first = false;
  return inflateReset(&stream->zlib) == Z_OK ? CORE_OK : core_fail_nomem(err, 1 << 15);
}

static enum core_status skip_padding(const uint8_t *bytes, size_t n, size_t *taken,
                                     struct core_error *err) {
  for (; *taken < n; ++*taken)
    if (bytes[*taken] != 0)
      return core_fail(err, CORE_PARSE, "what follows the last member is not gzip");
  return CORE_OK;
}

static enum core_status gzip_run(struct val_stream *stream, const uint8_t *bytes, size_t n,
                                 size_t *taken, uint8_t *out, size_t out_n, size_t *given,
                                 bool *complete, struct core_error *err) {
  *taken = *given = 0;
  if (stream->between && n > 0 && !stream->padding) CORE_TRY(begin_member(stream, bytes, err));
  *complete = stream->between;
  if (stream->padding) return skip_padding(bytes, n, taken, err);
  if (stream->between) return CORE_OK;
  z_stream *z = &stream->zlib;
  z->next_in = (z_const Bytef *)(uintptr_t)bytes; /* read only */
  z->avail_in = n < UINT_MAX ? (uInt)n : UINT_MAX;
  z->next_out = out;
  z->avail_out = out_n < UINT_MAX ? (uInt)out_n : UINT_MAX;
  const int st = inflate(z, Z_NO_FLUSH);
  *taken = (size_t)(z->next_in - bytes);
  *given = (size_t)(z->next_out - out);
  if (st == Z_MEM_ERROR) return core_fail_nomem(err, 1 << 15);
  if (st != Z_OK && st != Z_STREAM_END && st != Z_BUF_ERROR)
    return core_fail(err, CORE_PARSE, "%s", z->msg ? z->msg : "it needs a dictionary");
  *complete = stream->between = st == Z_STREAM_END;
  return CORE_OK;
}

static const struct val_stream_ops gzip_stream = {
    .name = "gzip", .claims = gzip_claims, .open = gzip_open, .run = gzip_run, .close = gzip_close};

uint32_t val_crc32(uint32_t before, const uint8_t *bytes, size_t n) {
  return (uint32_t)crc32_z(before, bytes, n);
}

extern const struct val_codec_ops val_codec_gzip;
const struct val_codec_ops val_codec_gzip = {.id = 2,
                                             .name = "GZIP",
                                             .summary = "gzip, any number of members",
                                             .unpack = gzip_unpack,
                                             .unpack_pieces = gzip_unpack_pieces,
                                             .stream = &gzip_stream};
