/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/scatter.h"

#include "core/mem.h"
#include "core/scratch.h"

#define PART_BITS    9 /* 512 parts */
#define BUFFER_BYTES ((size_t)8 << 10)

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
  struct part parts[VAL_SCATTER_PARTS];
};

enum core_status val_scatter_open(struct val_scatter **out, struct core_error *err) {
  struct val_scatter *s = core_calloc(1, sizeof *s);
  *out = NULL;
  if (!s) return core_fail_nomem(err, sizeof *s);
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
  struct part *part = &s->parts[hash >> (64 - PART_BITS)];
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
  for (size_t i = 0; i < VAL_SCATTER_PARTS; i++) {
    core_str_close(&s->parts[i].buffer);
    core_free(s->parts[i].chunks);
  }
  core_scratch_close(s->file);
  core_free(s);
}
