/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/scatter.h"

#include "core/mem.h"
#include "core/scratch.h"

/* Small sets are many sets: few parts each, so that their buffers are small beside them. */
#define SMALL_SET     ((size_t)8 << 20)
#define SMALL_BITS    6
#define LARGE_BITS    9
#define BUFFERS_SHARE 4 /* of a set's memory, within these: */
#define BUFFER_LEAST  ((size_t)512)
#define BUFFER_MOST   ((size_t)8 << 10)

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
  struct core_scratch *file;
  size_t buffer_bytes; /* of each part */
  int bits;
  struct part parts[]; /* 2^bits */
};

size_t val_scatter_parts(const struct val_scatter *s) {
  return s ? (size_t)1 << s->bits : 0;
}

enum core_status val_scatter_open(size_t memory_bytes, struct val_scatter **out,
                                  struct core_error *err) {
  const int bits = memory_bytes < SMALL_SET ? SMALL_BITS : LARGE_BITS;
  const size_t bytes = sizeof **out + ((size_t)1 << bits) * sizeof *(*out)->parts;
  const size_t share = (memory_bytes / BUFFERS_SHARE) >> bits;
  *out = NULL;
  struct val_scatter *s = core_calloc(1, bytes);
  if (!s) return core_fail_nomem(err, bytes);
  s->bits = bits;
  s->buffer_bytes = share < BUFFER_LEAST ? BUFFER_LEAST : share > BUFFER_MOST ? BUFFER_MOST : share;
  const enum core_status st = core_scratch_open(&s->file, err);
  if (st != CORE_OK) {
    core_free(s);
    return st;
  }
  *out = s;
  return CORE_OK;
}

static enum core_status flush(struct val_scatter *s, struct part *part, struct core_error *err) {
  const size_t len = part->buffer.len;
  int64_t at = 0;
  if (len == 0) return CORE_OK;
  CORE_TRY(
      core_grow((void **)&part->chunks, &part->cap, part->n_chunks + 1, sizeof *part->chunks, err));
  CORE_TRY(core_scratch_append(s->file, part->buffer.data, len, &at, err));
  part->chunks[part->n_chunks++] = (struct chunk){at, len};
  core_str_clear(&part->buffer);
  return CORE_OK;
}

enum core_status val_scatter_add(struct val_scatter *s, uint64_t hash, const void *record,
                                 size_t len, struct core_error *err) {
  struct part *part = &s->parts[hash >> (64 - s->bits)];
  if (part->buffer.len + len > s->buffer_bytes) CORE_TRY(flush(s, part, err));
  core_str_append(&part->buffer, record, len);
  return core_str_status(&part->buffer, err);
}

enum core_status val_scatter_read(struct val_scatter *s, size_t which, struct core_str *bytes,
                                  struct core_error *err) {
  struct part *part = &s->parts[which];
  char block[BUFFER_MOST];
  core_str_clear(bytes);
  for (size_t i = 0; i < part->n_chunks; i++) {
    const struct chunk chunk = part->chunks[i];
    for (size_t done = 0, n = 0; done < chunk.len; done += n) {
      n = chunk.len - done < sizeof block ? chunk.len - done : sizeof block;
      CORE_TRY(core_scratch_read(s->file, chunk.at + (int64_t)done, block, n, err));
      core_str_append(bytes, block, n);
    }
  }
  core_str_append(bytes, core_str_text(&part->buffer), part->buffer.len);
  return core_str_status(bytes, err);
}

void val_scatter_close(struct val_scatter *s) {
  if (!s) return;
  for (size_t i = 0; i < val_scatter_parts(s); i++) {
    core_str_close(&s->parts[i].buffer);
    core_free(s->parts[i].chunks);
  }
  core_scratch_close(s->file);
  core_free(s);
}
