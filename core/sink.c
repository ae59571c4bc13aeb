/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes out, through one buffer. Whole files are written beside their place and renamed into it, so that a reader or a
 * crash meets the old file or the new one, never half of either. */
#include "core/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"

enum { BUFFER_BYTES = 1 << 16 };

struct core_sink {
  char *name;
  char *target; /* the file that `temporary` will replace; NULL: written in place */
  char *temporary;
  int fd; /* -1: memory */
  bool owns_fd;
  struct core_str *into;
  struct core_error failure; /* the first one; OK until then */
  size_t used;
  char buffer[BUFFER_BYTES];
};

/* NULL: out of memory */
static struct core_sink *sink_new(const char *name) {
  struct core_sink *sink = core_calloc(1, sizeof *sink);
  char *kept = core_strdup(name);
  if (!sink || !kept) {
    core_free(kept);
    core_free(sink);
    return NULL;
  }
  sink->name = kept;
  sink->fd = -1;
  return sink;
}

static void sink_free(struct core_sink *sink) {
  if (sink->owns_fd && sink->fd >= 0) close(sink->fd);
  core_free(sink->temporary);
  core_free(sink->target);
  core_free(sink->name);
  core_free(sink);
}

/* A device, a FIFO or a socket: there is nothing to replace. */
static enum core_status open_in_place(struct core_sink *sink, int flags, struct core_error *err) {
  sink->fd = open(sink->name, O_WRONLY | O_CLOEXEC | flags, 0666);
  if (sink->fd < 0)
    return core_fail_errno(err, CORE_IO, errno, "%s: cannot be written", sink->name);
  sink->owns_fd = true;
  return CORE_OK;
}

/* `target` may be a link: the file behind it is replaced, with its permissions. `st` is NULL for a new file. */
static enum core_status open_beside(struct core_sink *sink, const struct stat *st,
                                    struct core_error *err) {
  sink->target = st ? realpath(sink->name, NULL) : core_strdup(sink->name);
  struct core_str path = {0};
  core_str_printf(&path, "%s.tmp-%d", sink->target ? sink->target : "", (int)getpid());
  if (!sink->target || path.failed) {
    core_str_close(&path);
    return core_fail_nomem(err, strlen(sink->name) + 32);
  }
  sink->temporary = path.data;
  sink->fd = open(sink->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (sink->fd < 0) {
    const int reason = errno;
    core_free(sink->temporary); /* not ours: nothing to remove */
    sink->temporary = NULL;
    return core_fail_errno(err, CORE_IO, reason, "%s: cannot be written", sink->name);
  }
  sink->owns_fd = true;
  if (st)
    (void)fchmod(sink->fd,
                 st->st_mode & 07777); /* a foreign file system may refuse; the bytes matter more */
  return CORE_OK;
}

enum core_status core_sink_open_file(const char *path, struct core_sink **out,
                                     struct core_error *err) {
  struct core_sink *sink = sink_new(path);
  if (!sink) return core_fail_nomem(err, sizeof *sink);
  struct stat st;
  const bool exists = stat(path, &st) == 0;
  enum core_status status;
  if (exists && S_ISDIR(st.st_mode)) {
    status = core_fail(err, CORE_IO, "%s: is a folder; name a file in it", path);
  } else if (exists && !S_ISREG(st.st_mode)) {
    status = open_in_place(sink, 0, err);
  } else {
    status = open_beside(sink, exists ? &st : NULL, err);
  }
  if (status != CORE_OK) {
    sink_free(sink);
    return status;
  }
  *out = sink;
  return CORE_OK;
}

enum core_status core_sink_open_append(const char *path, struct core_sink **out,
                                       struct core_error *err) {
  struct core_sink *sink = sink_new(path);
  if (!sink) return core_fail_nomem(err, sizeof *sink);
  const enum core_status status = open_in_place(sink, O_CREAT | O_APPEND, err);
  if (status != CORE_OK) {
    sink_free(sink);
    return status;
  }
  *out = sink;
  return CORE_OK;
}

enum core_status core_sink_open_fd(int fd, const char *name, struct core_sink **out,
                                   struct core_error *err) {
  struct core_sink *sink = sink_new(name);
  if (!sink) return core_fail_nomem(err, sizeof *sink);
  sink->fd = fd;
  *out = sink;
  return CORE_OK;
}

enum core_status core_sink_open_memory(struct core_str *into, struct core_sink **out,
                                       struct core_error *err) {
  struct core_sink *sink = sink_new("memory");
  if (!sink) return core_fail_nomem(err, sizeof *sink);
  sink->into = into;
  *out = sink;
  return CORE_OK;
}

static bool has_failed(const struct core_sink *sink) {
  return sink->failure.status != CORE_OK;
}

static void fail_now(struct core_sink *sink, int reason) {
  (void)core_fail_errno(&sink->failure, CORE_IO, reason, "%s: cannot be written", sink->name);
}

static void write_through(struct core_sink *sink, const char *bytes, size_t len) {
  if (sink->into) {
    core_str_append(sink->into, bytes, len);
    return;
  }
  while (len > 0 && !has_failed(sink)) {
    const ssize_t done = write(sink->fd, bytes, len);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      fail_now(sink, errno);
    } else {
      bytes += done;
      len -= (size_t)done;
    }
  }
}

void core_sink_flush(struct core_sink *sink) {
  write_through(sink, sink->buffer, sink->used);
  sink->used = 0;
}

void core_sink_write(struct core_sink *sink, const void *bytes, size_t len) {
  if (len > sizeof sink->buffer - sink->used) core_sink_flush(sink);
  if (len >= sizeof sink->buffer) {
    write_through(sink, bytes, len);
  } else if (len > 0) {
    memcpy(sink->buffer + sink->used, bytes, len);
    sink->used += len;
  }
}

void core_sink_text(struct core_sink *sink, const char *text) {
  core_sink_write(sink, text, strlen(text));
}

void core_sink_printf(struct core_sink *sink, const char *format, ...) {
  struct core_str text = {0};
  va_list args;
  va_start(args, format);
  core_str_vprintf(&text, format, args);
  va_end(args);
  if (core_str_status(&text, &sink->failure) == CORE_OK)
    core_sink_write(sink, core_str_text(&text), text.len);
  core_str_close(&text);
}

/* The folder's own record of the new name must reach the disk too. Some file systems cannot sync a folder; they do not
 * need it either. */
static void sync_folder(const char *path) {
  char *copy = core_strdup(path);
  if (!copy) return;
  char *slash = strrchr(copy, '/');
  if (slash) slash[slash == copy] = '\0';
  const int fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  core_free(copy);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

static void put_in_place(struct core_sink *sink) {
  if (fsync(sink->fd) != 0) fail_now(sink, errno);
  const int fd = sink->fd;
  sink->fd = -1;
  if (close(fd) != 0 && errno != EINTR) fail_now(sink, errno); /* a quota may be told only now */
  if (has_failed(sink)) return;
  if (rename(sink->temporary, sink->target) != 0) {
    fail_now(sink, errno);
    return;
  }
  core_free(sink->temporary);
  sink->temporary = NULL;
  sync_folder(sink->target);
}

enum core_status core_sink_close(struct core_sink *sink, struct core_error *err) {
  if (!sink) return CORE_OK;
  core_sink_flush(sink);
  const bool memory_lost = sink->into && core_str_status(sink->into, &sink->failure) != CORE_OK;
  if (!memory_lost && !has_failed(sink) && sink->temporary) put_in_place(sink);
  if (!has_failed(sink) && sink->owns_fd && sink->fd >= 0) {
    const int fd = sink->fd;
    sink->fd = -1;
    if (close(fd) != 0 && errno != EINTR) fail_now(sink, errno);
  }
  const enum core_status status = sink->failure.status;
  if (status != CORE_OK && err && err->status == CORE_OK) *err = sink->failure;
  core_sink_abandon(sink);
  return status;
}

void core_sink_abandon(struct core_sink *sink) {
  if (!sink) return;
  if (sink->temporary) unlink(sink->temporary);
  sink_free(sink);
}
