/* SPDX-License-Identifier: GPL-3.0-or-later
 * GZIP: members of RFC 1952, one or several after one another; the zlib format (RFC 1950) is taken too, as other readers
 * do. */
#include <limits.h>
#include <zlib.h>

#include "core/mem.h"
#include "validate/codec/codec.h"
#include "validate/codec/crc.h"

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

uint32_t val_crc32(const uint8_t *bytes, size_t n) {
  return (uint32_t)crc32_z(0, bytes, n);
}

extern const struct val_codec_ops val_codec_gzip;
const struct val_codec_ops val_codec_gzip = {
    .id = 2, .name = "GZIP", .summary = "gzip, any number of members", .unpack = gzip_unpack};
