/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/str.h"

struct core_scratch {
  int fd;
  int64_t size;
};

static enum core_status open_unnamed(int *fd, struct core_error *err) {
  const char *folder = getenv("TMPDIR");
  struct core_str path = {0};
  core_str_printf(&path, "%s/sweepgate-XXXXXX", folder && *folder ? folder : "/tmp");
  enum core_status st = core_str_status(&path, err);
  *fd = st == CORE_OK ? mkostemp(path.data, O_CLOEXEC) : -1;
  if (st == CORE_OK && *fd < 0)
    st = core_fail_errno(err, CORE_IO, errno, "cannot make a temporary file like %s (set TMPDIR)",
                         path.data);
  if (*fd >= 0) unlink(path.data); /* the file lives as long as the descriptor */
  core_str_close(&path);
  return st;
}

enum core_status core_scratch_open(struct core_scratch **out, struct core_error *err) {
  struct core_scratch *s = core_calloc(1, sizeof *s);
  *out = NULL;
  if (!s) return core_fail_nomem(err, sizeof *s);
  const enum core_status st = open_unnamed(&s->fd, err);
  if (st != CORE_OK) {
    core_free(s);
    return st;
  }
  *out = s;
  return CORE_OK;
}

static enum core_status write_all(const struct core_scratch *s, int64_t at, const void *bytes,
                                  size_t len, struct core_error *err) {
  const char *from = bytes;
  while (len) {
    const ssize_t n = pwrite(s->fd, from, len, (off_t)at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return core_fail_errno(err, CORE_IO, n ? errno : ENOSPC,
                             "cannot write a temporary file (set TMPDIR)");
    from += n;
    at += n;
    len -= (size_t)n;
  }
  return CORE_OK;
}

enum core_status core_scratch_append(struct core_scratch *s, const void *bytes, size_t len,
                                     int64_t *at, struct core_error *err) {
  *at = s->size;
  CORE_TRY(write_all(s, s->size, bytes, len, err));
  s->size += (int64_t)len;
  return CORE_OK;
}

int64_t core_scratch_reserve(struct core_scratch *s, size_t len) {
  const int64_t page = sysconf(_SC_PAGESIZE), at = (s->size + page - 1) / page * page;
  s->size = at + (int64_t)len;
  return at;
}

enum core_status core_scratch_write(const struct core_scratch *s, int64_t at, const void *bytes,
                                    size_t len, struct core_error *err) {
  return write_all(s, at, bytes, len, err);
}

enum core_status core_scratch_map(const struct core_scratch *s, int64_t at, size_t len,
                                  const void **out, struct core_error *err) {
  void *bytes = mmap(NULL, len, PROT_READ, MAP_SHARED, s->fd, (off_t)at);
  *out = NULL;
  if (bytes == MAP_FAILED)
    return core_fail_errno(err, CORE_IO, errno, "cannot map a temporary file");
  *out = bytes;
  return CORE_OK;
}

void core_scratch_leave(const void *bytes, size_t len) {
  (void)madvise((void *)(uintptr_t)bytes, len, MADV_DONTNEED); /* at worst they stay in memory */
}

void core_scratch_unmap(const void *bytes, size_t len) {
  if (bytes) munmap((void *)(uintptr_t)bytes, len);
}

enum core_status core_scratch_park(struct core_scratch *s, void **bytes, size_t *capacity,
                                   size_t len, struct core_error *err) {
  if (*capacity == 0) return CORE_OK;
  const int64_t at = core_scratch_reserve(s, len);
  const void *mapped = NULL;
  CORE_TRY(write_all(s, at, *bytes, len, err));
  CORE_TRY(core_scratch_map(s, at, len, &mapped, err));
  core_free(*bytes);
  *bytes = (void *)(uintptr_t)mapped;
  *capacity = 0;
  return CORE_OK;
}

void core_scratch_free(void *bytes, size_t capacity, size_t len) {
  if (capacity)
    core_free(bytes);
  else
    core_scratch_unmap(bytes, len);
}

enum core_status core_scratch_read(const struct core_scratch *s, int64_t at, void *bytes,
                                   size_t len, struct core_error *err) {
  char *to = bytes;
  while (len) {
    const ssize_t n = pread(s->fd, to, len, (off_t)at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return core_fail_errno(err, CORE_IO, n ? errno : EIO, "cannot read a temporary file");
    to += n;
    at += n;
    len -= (size_t)n;
  }
  return CORE_OK;
}

void core_scratch_close(struct core_scratch *s) {
  if (!s) return;
  close(s->fd);
  core_free(s);
}
