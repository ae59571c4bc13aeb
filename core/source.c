/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes in. Positions count from where the input stood when it was opened. */
#include "core/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/scratch.h"
#include "core/str.h"

struct core_source {
  char *name;
  const struct core_source_ops *ops; /* NULL: a descriptor or memory */
  void *self;
  int fd;        /* -1: memory */
  bool owns_fd;  /* standard input is not ours to close */
  bool seekable; /* a regular file */
  off_t start;   /* of a regular file */
  const char *bytes;
  int64_t size;               /* -1: not known */
  uint64_t at;                /* the next byte to give */
  struct core_scratch *spool; /* NULL: none; holds the first `spooled` bytes of a pipe */
  uint64_t spooled;
};

/* NULL: out of memory */
static struct core_source *source_new(const char *name, int fd) {
  struct core_source *source = core_calloc(1, sizeof *source);
  char *kept = core_strdup(name);
  if (!source || !kept) {
    core_free(kept);
    core_free(source);
    return NULL;
  }
  source->name = kept;
  source->fd = fd;
  source->size = -1;
  return source;
}

/* What kind of thing the descriptor is; a folder opens well but cannot be read. */
static enum core_status source_inspect(struct core_source *source, struct core_error *err) {
  struct stat st;
  if (fstat(source->fd, &st) != 0) {
    return core_fail_errno(err, CORE_IO, errno, "%s: cannot be read", source->name);
  }
  if (S_ISDIR(st.st_mode)) {
    return core_fail(err, CORE_IO, "%s: is a folder; name a file in it", source->name);
  }
  if (!S_ISREG(st.st_mode)) return CORE_OK;
  const off_t start = lseek(source->fd, 0, SEEK_CUR);
  if (start < 0) return CORE_OK;
  source->seekable = true;
  source->start = start;
  source->size = st.st_size > start ? st.st_size - start : 0;
  return CORE_OK;
}

enum core_status core_source_open_file(const char *path, struct core_source **out,
                                       struct core_error *err) {
  const bool is_stdin = strcmp(path, "-") == 0;
  const int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return core_fail_errno(err, CORE_IO, errno, "%s: cannot be opened", *path ? path : "''");
  }
  struct core_source *source = source_new(is_stdin ? "<stdin>" : path, fd);
  if (!source) {
    if (!is_stdin) close(fd);
    return core_fail_nomem(err, sizeof *source);
  }
  source->owns_fd = !is_stdin;
  const enum core_status status = source_inspect(source, err);
  if (status != CORE_OK) {
    core_source_close(source);
    return status;
  }
  *out = source;
  return CORE_OK;
}

enum core_status core_source_open_memory(const char *name, const void *bytes, size_t len,
                                         struct core_source **out, struct core_error *err) {
  struct core_source *source = source_new(name, -1);
  if (!source) return core_fail_nomem(err, sizeof *source);
  source->bytes = bytes;
  source->size = (int64_t)len;
  *out = source;
  return CORE_OK;
}

enum core_status core_source_open_ops(const char *name, const struct core_source_ops *ops,
                                      void *self, struct core_source **out,
                                      struct core_error *err) {
  struct core_source *source = source_new(name, -1);
  if (!source) {
    ops->close(self);
    return core_fail_nomem(err, sizeof *source);
  }
  source->ops = ops;
  source->self = self;
  *out = source;
  return CORE_OK;
}

static enum core_status read_memory(struct core_source *source, void *buffer, size_t cap,
                                    size_t *got) {
  const size_t left = (size_t)source->size - (size_t)source->at;
  *got = left < cap ? left : cap;
  if (*got > 0) memcpy(buffer, source->bytes + source->at, *got);
  return CORE_OK;
}

/* At `offset` of a file, or onwards where offset is negative. */
static enum core_status read_descriptor(const struct core_source *source, int fd, off_t offset,
                                        void *buffer, size_t cap, size_t *got,
                                        struct core_error *err) {
  ssize_t n;
  do n = offset < 0 ? read(fd, buffer, cap) : pread(fd, buffer, cap, offset);
  while (n < 0 && errno == EINTR);
  if (n < 0) return core_fail_errno(err, CORE_IO, errno, "%s: cannot be read", source->name);
  *got = (size_t)n;
  return CORE_OK;
}

static enum core_status not_kept(const struct core_source *source, enum core_status st,
                                 const struct core_error *why, struct core_error *err) {
  if (st == CORE_OK) return CORE_OK;
  return core_fail(err, st, "%s: cannot be kept for a second pass: %s", source->name, why->message);
}

static enum core_status spool_append(struct core_source *source, const char *bytes, size_t len,
                                     struct core_error *err) {
  struct core_error why = {0};
  int64_t at = 0;
  CORE_TRY(not_kept(source, core_scratch_append(source->spool, bytes, len, &at, &why), &why, err));
  source->spooled += len;
  return CORE_OK;
}

/* From the spool as far as it goes, then from the pipe, which is then spooled too. */
static enum core_status read_spooled(struct core_source *source, void *buffer, size_t cap,
                                     size_t *got, struct core_error *err) {
  if (source->at < source->spooled) {
    const uint64_t left = source->spooled - source->at;
    *got = left < cap ? (size_t)left : cap;
    return core_scratch_read(source->spool, (int64_t)source->at, buffer, *got, err);
  }
  CORE_TRY(read_descriptor(source, source->fd, -1, buffer, cap, got, err));
  return spool_append(source, buffer, *got, err);
}

enum core_status core_source_read(struct core_source *source, void *buffer, size_t cap, size_t *got,
                                  struct core_error *err) {
  *got = 0;
  enum core_status status;
  if (source->ops) {
    status = source->ops->read(source->self, source->at, buffer, cap, got, err);
  } else if (source->fd < 0) {
    status = read_memory(source, buffer, cap, got);
  } else if (source->spool) {
    status = read_spooled(source, buffer, cap, got, err);
  } else {
    const off_t offset = source->seekable ? source->start + (off_t)source->at : -1;
    status = read_descriptor(source, source->fd, offset, buffer, cap, got, err);
  }
  source->at += *got;
  return status;
}

enum core_status core_source_seek(struct core_source *source, uint64_t at, struct core_error *err) {
  const bool stream = source->fd >= 0 && !source->seekable;
  if (stream && !source->spool && source->at != at) {
    return core_fail(err, CORE_UNSUPPORTED,
                     "%s: is a stream and can be read only once; save it to a file", source->name);
  }
  if ((stream && source->spool && at > source->spooled) ||
      (source->fd < 0 && !source->ops && at > (uint64_t)source->size)) {
    return core_fail(err, CORE_INVAL, "%s: byte %llu has not been read yet", source->name,
                     (unsigned long long)at);
  }
  source->at = at;
  return CORE_OK;
}

enum core_status core_source_rewind(struct core_source *source, struct core_error *err) {
  return core_source_seek(source, 0, err);
}

bool core_source_can_share(const struct core_source *source) {
  return !source->ops && (source->fd < 0 || source->seekable);
}

enum core_status core_source_share(const struct core_source *source, struct core_source **out,
                                   struct core_error *err) {
  if (!core_source_can_share(source))
    return core_fail(err, CORE_UNSUPPORTED, "%s: is a stream and has one reader", source->name);
  struct core_source *other = source_new(source->name, source->fd);
  if (!other) return core_fail_nomem(err, sizeof *other);
  other->seekable = source->seekable;
  other->start = source->start;
  other->bytes = source->bytes;
  other->size = source->size;
  *out = other;
  return CORE_OK;
}

enum core_status core_source_keep(struct core_source *source, struct core_error *err) {
  if (source->fd < 0 || source->seekable || source->spool) return CORE_OK;
  if (source->at > 0) {
    return core_fail(err, CORE_INVAL, "%s: its first bytes have been read and were not kept",
                     source->name);
  }
  struct core_error why = {0};
  return not_kept(source, core_scratch_open(&source->spool, &why), &why, err);
}

static enum core_status read_made(const struct core_source *source, uint64_t offset, char *to,
                                  size_t len, struct core_error *err) {
  while (len > 0) {
    size_t got = 0;
    CORE_TRY(source->ops->read(source->self, offset, to, len, &got, err));
    if (got == 0) return core_fail(err, CORE_PARSE, "%s: ends early", source->name);
    offset += got;
    to += got;
    len -= got;
  }
  return CORE_OK;
}

enum core_status core_source_read_at(struct core_source *source, uint64_t offset, void *buffer,
                                     size_t len, struct core_error *err) {
  char *to = buffer;
  if (source->ops) return read_made(source, offset, to, len, err);
  if (offset > INT64_MAX - len) offset = INT64_MAX - len; /* beyond any end */
  if (source->fd < 0) {
    const uint64_t size = (uint64_t)source->size;
    if (offset > size || len > size - offset)
      return core_fail(err, CORE_PARSE, "%s: ends early", source->name);
    if (len > 0) memcpy(to, source->bytes + offset, len);
    return CORE_OK;
  }
  if (source->spool) {
    if (offset > source->spooled || len > source->spooled - offset)
      return core_fail(err, CORE_PARSE, "%s: ends early", source->name);
    return core_scratch_read(source->spool, (int64_t)offset, to, len, err);
  }
  while (len > 0) {
    size_t got = 0;
    const off_t place = source->start + (off_t)offset;
    CORE_TRY(read_descriptor(source, source->fd, place, to, len, &got, err));
    if (got == 0) return core_fail(err, CORE_PARSE, "%s: ends early", source->name);
    offset += got;
    to += got;
    len -= got;
  }
  return CORE_OK;
}

enum core_status core_source_all(struct core_source *source, uint64_t *bytes,
                                 struct core_error *err) {
  char buffer[1 << 15];
  size_t got = 1;
  if (source->ops) {
    while (got > 0) CORE_TRY(core_source_read(source, buffer, sizeof buffer, &got, err));
    *bytes = source->at;
    return CORE_OK;
  }
  if (source->fd < 0 || source->seekable) {
    *bytes = (uint64_t)source->size;
    return CORE_OK;
  }
  CORE_TRY(core_source_keep(source, err));
  source->at = source->spooled;
  while (got > 0) CORE_TRY(core_source_read(source, buffer, sizeof buffer, &got, err));
  *bytes = source->spooled;
  return CORE_OK;
}

const char *core_source_name(const struct core_source *source) {
  return source->name;
}

int64_t core_source_size(const struct core_source *source) {
  return source->size;
}

void core_source_close(struct core_source *source) {
  if (!source) return;
  core_scratch_close(source->spool);
  if (source->owns_fd) close(source->fd);
  if (source->ops) source->ops->close(source->self);
  core_free(source->name);
  core_free(source);
}
