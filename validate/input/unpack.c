/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/input/unpack.h"

#include <string.h>

#include "core/mem.h"
#include "core/source_made.h"
#include "validate/codec/codec.h"
#include "validate/codec/stream.h"

#define READ_BYTES ((size_t)64 << 10)
#define PEEK_BYTES 16
/* A few bytes may stand for very many: behind the first 4 GiB, no file may unpack to more than 2,000 times its size. The
 * densest gzip has 1,032 times; so only what nobody packs by accident is refused, before it costs days. */
#define FREE_BYTES ((uint64_t)4 << 30)
#define MOST_RATIO 2000

struct unpack {
  struct core_source *packed;
  const struct val_stream_ops *ops;
  struct val_stream *stream;
  uint8_t buffer[READ_BYTES];
  size_t at, end;       /* of the buffer */
  uint64_t n_in, n_out; /* taken and given */
  bool eof, complete;   /* of the packed bytes */
};

static const struct {
  const char *name;
  size_t n;
  char mark[10];
} unread[] = {{"xz", 6,
               "\xfd"
               "7zXZ"}, /* its sixth byte is the NUL */
              {"bzip2", 3, "BZh"},
              {"LZ4", 4, "\x04\x22\x4d\x18"},
              {"zip", 4, "PK\x03\x04"},
              {"compress", 2, "\x1f\x9d"}};

static bool is_unread(size_t i, const uint8_t *first, size_t n) {
  static const char bzip2_block[] = {0x31, 0x41, 0x59, 0x26, 0x53, 0x59};
  if (n < unread[i].n || memcmp(first, unread[i].mark, unread[i].n) != 0) return false;
  return strcmp(unread[i].name, "bzip2") != 0 ||
         (n >= 10 && memcmp(first + 4, bzip2_block, sizeof bzip2_block) == 0);
}

static enum core_status spoilt(const struct unpack *u, const char *why, struct core_error *err) {
  return core_fail(err, CORE_IO, "%s: its %s stream is damaged at byte %llu: %s",
                   core_source_name(u->packed), u->ops->name, (unsigned long long)u->n_in, why);
}

static enum core_status refill(struct unpack *u, struct core_error *err) {
  if (u->at < u->end || u->eof) return CORE_OK;
  u->at = u->end = 0;
  CORE_TRY(core_source_read(u->packed, u->buffer, sizeof u->buffer, &u->end, err));
  u->eof = u->end == 0;
  return CORE_OK;
}

static enum core_status check_ratio(const struct unpack *u, struct core_error *err) {
  if (u->n_out <= FREE_BYTES || u->n_out / MOST_RATIO <= u->n_in) return CORE_OK;
  return core_fail(err, CORE_LIMIT,
                   "%s: its first %llu bytes unpack to more than %d times as many; unpack it "
                   "first if that is meant",
                   core_source_name(u->packed), (unsigned long long)u->n_in, MOST_RATIO);
}

static enum core_status unpack_make(void *self, char *buffer, size_t cap, size_t *got,
                                    struct core_error *err) {
  struct unpack *u = self;
  *got = 0;
  while (*got < cap) {
    struct core_error why = {0};
    size_t taken = 0, given = 0;
    CORE_TRY(refill(u, err));
    const enum core_status st =
        u->ops->run(u->stream, u->buffer + u->at, u->end - u->at, &taken, (uint8_t *)buffer + *got,
                    cap - *got, &given, &u->complete, &why);
    u->at += taken;
    u->n_in += taken;
    u->n_out += given;
    *got += given;
    if (st == CORE_NOMEM) return core_fail(err, st, "%s", why.message);
    if (st != CORE_OK) return spoilt(u, why.message, err);
    CORE_TRY(check_ratio(u, err));
    if (given > 0 || taken > 0) continue;
    if (!u->eof) return spoilt(u, "nothing comes of it", err);
    if (u->complete) return CORE_OK;
    return core_fail(err, CORE_IO, "%s: its %s stream is cut short: it ends at byte %llu",
                     core_source_name(u->packed), u->ops->name, (unsigned long long)u->n_in);
  }
  return CORE_OK;
}

static enum core_status unpack_restart(void *self, struct core_error *err) {
  struct unpack *u = self;
  u->ops->close(u->stream);
  u->stream = NULL;
  u->at = u->end = 0;
  u->n_in = u->n_out = 0;
  u->eof = u->complete = false;
  CORE_TRY(core_source_rewind(u->packed, err));
  return u->ops->open(&u->stream, err);
}

static void unpack_close(void *self) {
  struct unpack *u = self;
  u->ops->close(u->stream);
  core_free(u);
}

enum core_status val_peek(struct core_source *source, unsigned char *first, size_t cap, size_t *n,
                          struct core_error *err) {
  size_t got = 0;
  *n = 0;
  CORE_TRY(core_source_keep(source, err));
  do {
    CORE_TRY(core_source_read(source, first + *n, cap - *n, &got, err));
    *n += got;
  } while (got && *n < cap);
  return core_source_rewind(source, err);
}

static enum core_status open_stream(struct core_source *packed, const struct val_stream_ops *ops,
                                    struct core_source **out, struct core_error *err) {
  static const struct core_made_ops made_ops = {unpack_make, unpack_restart, unpack_close};
  struct unpack *u = core_calloc(1, sizeof *u);
  if (!u) return core_fail_nomem(err, sizeof *u);
  u->packed = packed;
  u->ops = ops;
  const enum core_status st = ops->open(&u->stream, err);
  if (st != CORE_OK) {
    unpack_close(u);
    return st;
  }
  return core_source_open_made(core_source_name(packed), &made_ops, u, out, err);
}

enum core_status val_unpack_open(struct core_source *packed, struct core_source **out,
                                 struct core_error *err) {
  unsigned char first[PEEK_BYTES];
  size_t n = 0;
  *out = NULL;
  CORE_TRY(val_peek(packed, first, sizeof first, &n, err));
  for (const struct val_codec_ops *const *codec = val_codec_all(); *codec; codec++) {
    const struct val_stream_ops *ops = (*codec)->stream;
    if (ops && ops->claims(first, n)) return open_stream(packed, ops, out, err);
  }
  for (size_t i = 0; i < CORE_COUNT_OF(unread); i++)
    if (is_unread(i, first, n))
      return core_fail(err, CORE_IO,
                       "%s: is packed with %s, which is not read; gzip and zstd are, or unpack it",
                       core_source_name(packed), unread[i].name);
  return CORE_OK;
}
