/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/scatter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

#define BUFFER_BYTES ((size_t)32 << 10)

struct chunk {
  int64_t at;
  size_t len;
};

struct part {
  struct core_str buffer; /* not written yet */
  struct chunk *chunks;
  size_t n_chunks, cap;
};

struct val_scatter {
  int fd;
  int64_t size;
  struct part parts[VAL_SCATTER_PARTS];
};

enum core_status val_scatter_open(struct val_scatter **out, struct core_error *err) {
  const char *folder = getenv("TMPDIR");
  struct core_str path = {0};
  struct val_scatter *s = core_calloc(1, sizeof *s);
  *out = NULL;
  if (!s) return core_fail_nomem(err, sizeof *s);
  core_str_printf(&path, "%s/sweepgate-XXXXXX", folder && *folder ? folder : "/tmp");
  enum core_status st = core_str_status(&path, err);
  s->fd = st == CORE_OK ? mkstemp(path.data) : -1;
  if (st == CORE_OK && s->fd < 0)
    st = core_fail_errno(err, CORE_IO, errno, "cannot make a temporary file like %s (set TMPDIR)",
                         path.data);
  if (s->fd >= 0) unlink(path.data); /* the file lives as long as the descriptor */
  core_str_close(&path);
  if (st != CORE_OK) {
    core_free(s);
    return st;
  }
  *out = s;
  return CORE_OK;
}

static enum core_status flush(struct val_scatter *s, struct part *part, struct core_error *err) {
  const char *bytes = part->buffer.data;
  size_t len = part->buffer.len;
  if (len == 0) return CORE_OK;
  CORE_TRY(
      core_grow((void **)&part->chunks, &part->cap, part->n_chunks + 1, sizeof *part->chunks, err));
  part->chunks[part->n_chunks++] = (struct chunk){s->size, len};
  while (len) {
    const ssize_t n = pwrite(s->fd, bytes, len, (off_t)s->size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return core_fail_errno(err, CORE_IO, n ? errno : ENOSPC,
                             "cannot write a temporary file for a large set (set TMPDIR)");
    bytes += n;
    len -= (size_t)n;
    s->size += n;
  }
  core_str_clear(&part->buffer);
  return CORE_OK;
}

enum core_status val_scatter_add(struct val_scatter *s, uint64_t hash, const void *record,
                                 size_t len, struct core_error *err) {
  struct part *part = &s->parts[hash >> 58];
  if (part->buffer.len + len > BUFFER_BYTES) CORE_TRY(flush(s, part, err));
  core_str_append(&part->buffer, record, len);
  return core_str_status(&part->buffer, err);
}

enum core_status val_scatter_read(struct val_scatter *s, size_t which, struct core_str *bytes,
                                  struct core_error *err) {
  struct part *part = &s->parts[which];
  char block[BUFFER_BYTES];
  core_str_clear(bytes);
  for (size_t i = 0; i < part->n_chunks; i++) {
    for (size_t done = 0; done < part->chunks[i].len;) {
      const size_t left = part->chunks[i].len - done;
      const ssize_t n = pread(s->fd, block, left < sizeof block ? left : sizeof block,
                              (off_t)(part->chunks[i].at + (int64_t)done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0)
        return core_fail_errno(err, CORE_IO, n ? errno : EIO,
                               "cannot read a temporary file of a large set");
      core_str_append(bytes, block, (size_t)n);
      done += (size_t)n;
    }
  }
  core_str_append(bytes, core_str_text(&part->buffer), part->buffer.len);
  return core_str_status(bytes, err);
}

void val_scatter_close(struct val_scatter *s) {
  if (!s) return;
  for (size_t i = 0; i < VAL_SCATTER_PARTS; i++) {
    core_str_close(&s->parts[i].buffer);
    core_free(s->parts[i].chunks);
  }
  close(s->fd);
  core_free(s);
}
