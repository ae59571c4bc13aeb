/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/str.h"

/* A process has few descriptors, often 1,024, and a table may have thousands of columns that each want
 * a scratch: beyond so many files those that are there are shared. A place in a file belongs to one
 * scratch, so that nobody is in another's way; it is free again when the last of them is closed. */
#define MAX_FILES 64

struct file {
  int fd;
  int64_t size;
  size_t users;
};

static struct {
  pthread_mutex_t lock;
  struct file *files[MAX_FILES]; /* NULL: not open */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct core_scratch {
  struct file *file;
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

/* The pool's file for one more user: a place without a file, else the file that fewest use. */
static struct file **least_used(void) {
  struct file **least = &pool.files[0];
  for (size_t i = 0; i < MAX_FILES; i++) {
    if (!pool.files[i]) return &pool.files[i];
    if (pool.files[i]->users < (*least)->users) least = &pool.files[i];
  }
  return least;
}

static enum core_status file_join(struct file **out, struct core_error *err) {
  pthread_mutex_lock(&pool.lock);
  enum core_status st = CORE_OK;
  struct file **place = least_used();
  if (!*place) {
    struct file *file = core_calloc(1, sizeof *file);
    st = file ? open_unnamed(&file->fd, err) : core_fail_nomem(err, sizeof *file);
    if (st == CORE_OK)
      *place = file;
    else
      core_free(file);
  }
  if (st == CORE_OK) (*place)->users++;
  *out = st == CORE_OK ? *place : NULL;
  pthread_mutex_unlock(&pool.lock);
  return st;
}

static void file_leave(struct file *file) {
  pthread_mutex_lock(&pool.lock);
  if (--file->users == 0) {
    for (size_t i = 0; i < MAX_FILES; i++)
      if (pool.files[i] == file) pool.files[i] = NULL;
    close(file->fd);
    core_free(file);
  }
  pthread_mutex_unlock(&pool.lock);
}

/* `len` bytes of a file that nobody else has, from a multiple of `align` on. */
static int64_t file_take(struct file *file, size_t len, int64_t align) {
  pthread_mutex_lock(&pool.lock);
  const int64_t at = (file->size + align - 1) / align * align;
  file->size = at + (int64_t)len;
  pthread_mutex_unlock(&pool.lock);
  return at;
}

enum core_status core_scratch_open(struct core_scratch **out, struct core_error *err) {
  struct core_scratch *s = core_calloc(1, sizeof *s);
  *out = NULL;
  if (!s) return core_fail_nomem(err, sizeof *s);
  const enum core_status st = file_join(&s->file, err);
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
    const ssize_t n = pwrite(s->file->fd, from, len, (off_t)at);
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
  *at = file_take(s->file, len, 1);
  return write_all(s, *at, bytes, len, err);
}

int64_t core_scratch_reserve(struct core_scratch *s, size_t len) {
  return file_take(s->file, len, sysconf(_SC_PAGESIZE));
}

enum core_status core_scratch_write(const struct core_scratch *s, int64_t at, const void *bytes,
                                    size_t len, struct core_error *err) {
  return write_all(s, at, bytes, len, err);
}

enum core_status core_scratch_map(const struct core_scratch *s, int64_t at, size_t len,
                                  const void **out, struct core_error *err) {
  void *bytes = mmap(NULL, len, PROT_READ, MAP_SHARED, s->file->fd, (off_t)at);
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
    const ssize_t n = pread(s->file->fd, to, len, (off_t)at);
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
  file_leave(s->file);
  core_free(s);
}
