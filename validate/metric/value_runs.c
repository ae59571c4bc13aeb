/* SPDX-License-Identifier: GPL-3.0-or-later
 * On disk an item is its struct, then the bytes of its text. The runs are merged by a heap of their heads. */
#include "validate/metric/value_runs.h"

#include <string.h>

#include "core/scratch.h"

#define READ_BYTES  ((size_t)32 << 10)
#define WRITE_BYTES ((size_t)1 << 20)

struct val_value_run {
  const struct core_scratch *file;
  int64_t at, end;
};

/* ------------------------------------------------------------------ writing */

static bool has_text(const struct val_scalar *value) {
  return val_type_is_bytes(value->type);
}

static enum core_status write_out(struct val_value_runs *r, struct core_str *bytes,
                                  struct val_value_run *run, struct core_error *err) {
  int64_t at = 0;
  CORE_TRY(core_str_status(bytes, err));
  CORE_TRY(
      val_spill_files_append(&r->files, core_str_text(bytes), bytes->len, &run->file, &at, err));
  if (run->end < 0) run->at = at;
  run->end = at + (int64_t)bytes->len;
  core_str_clear(bytes);
  return CORE_OK;
}

enum core_status val_value_runs_write(struct val_value_runs *r, const struct val_value_count *items,
                                      size_t n, struct core_error *err) {
  struct val_value_run run = {.end = -1};
  struct core_str bytes = {0};
  CORE_TRY(core_grow((void **)&r->runs, &r->cap, r->n + 1, sizeof *r->runs, err));
  enum core_status st = CORE_OK;
  for (size_t i = 0; i < n && st == CORE_OK; i++) {
    core_str_append(&bytes, (const char *)&items[i], sizeof items[i]);
    if (has_text(&items[i].value))
      core_str_append(&bytes, items[i].value.text.data, items[i].value.text.len);
    if (bytes.len >= WRITE_BYTES) st = write_out(r, &bytes, &run, err);
  }
  if (st == CORE_OK) st = write_out(r, &bytes, &run, err);
  core_str_close(&bytes);
  if (st == CORE_OK) r->runs[r->n++] = run;
  return st;
}

enum core_status val_value_runs_join(struct val_value_runs *r, struct val_value_runs *later,
                                     struct core_error *err) {
  CORE_TRY(core_grow((void **)&r->runs, &r->cap, r->n + later->n, sizeof *r->runs, err));
  CORE_TRY(val_spill_files_join(&r->files, &later->files, err));
  if (later->n) memcpy(r->runs + r->n, later->runs, later->n * sizeof *r->runs);
  r->n += later->n;
  later->n = 0;
  return CORE_OK;
}

void val_value_runs_close(struct val_value_runs *r) {
  val_spill_files_close(&r->files);
  core_free(r->runs);
  *r = (struct val_value_runs){0};
}

/* ------------------------------------------------------------------ reading them as one */

struct head {
  struct val_value_run left; /* what was not read yet */
  char *buffer;
  size_t capacity, len, pos;
  struct val_value_count item; /* text in the buffer */
  bool ended;
};

struct val_value_merge {
  struct head *heads, **heap; /* heap: the n_heap that are not ended, the least first */
  size_t n, n_heap;
  struct val_value_count out;
  struct core_str text; /* of `out` */
};

/* At least `need` bytes from pos on. */
static enum core_status have(struct head *h, size_t need, struct core_error *err) {
  if (h->len - h->pos >= need) return CORE_OK;
  memmove(h->buffer, h->buffer + h->pos, h->len - h->pos);
  h->len -= h->pos;
  h->pos = 0;
  CORE_TRY(
      core_grow((void **)&h->buffer, &h->capacity, need > READ_BYTES ? need : READ_BYTES, 1, err));
  const size_t room = h->capacity - h->len;
  const int64_t left = h->left.end - h->left.at;
  const size_t n = left < (int64_t)room ? (size_t)left : room;
  CORE_TRY(core_scratch_read(h->left.file, h->left.at, h->buffer + h->len, n, err));
  h->left.at += (int64_t)n;
  h->len += n;
  if (h->len < need) return core_fail(err, CORE_IO, "a temporary file ends before it should");
  return CORE_OK;
}

static enum core_status advance(struct head *h, struct core_error *err) {
  h->ended = h->pos == h->len && h->left.at >= h->left.end;
  if (h->ended) return CORE_OK;
  CORE_TRY(have(h, sizeof h->item, err));
  memcpy(&h->item, h->buffer + h->pos, sizeof h->item);
  const size_t text = has_text(&h->item.value) ? h->item.value.text.len : 0;
  CORE_TRY(have(h, sizeof h->item + text, err));
  h->item.value.text.data = h->buffer + h->pos + sizeof h->item;
  h->pos += sizeof h->item + text;
  return CORE_OK;
}

static bool below(const struct head *a, const struct head *b) {
  return val_scalar_compare(&a->item.value, &b->item.value) < 0;
}

static void sift_down(struct val_value_merge *m, size_t at) {
  struct head *moved = m->heap[at];
  for (size_t child; (child = 2 * at + 1) < m->n_heap; at = child) {
    if (child + 1 < m->n_heap && below(m->heap[child + 1], m->heap[child])) child++;
    if (!below(m->heap[child], moved)) break;
    m->heap[at] = m->heap[child];
  }
  m->heap[at] = moved;
}

static void make_heap(struct val_value_merge *m) {
  for (size_t i = 0; i < m->n; i++)
    if (!m->heads[i].ended) m->heap[m->n_heap++] = &m->heads[i];
  for (size_t i = m->n_heap / 2; i-- > 0;) sift_down(m, i);
}

enum core_status val_value_merge_open(const struct val_value_runs *runs,
                                      struct val_value_merge **out, struct core_error *err) {
  struct val_value_merge *m = core_calloc(1, sizeof *m);
  *out = NULL;
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->heads = core_calloc(runs->n + 1, sizeof *m->heads);
  m->heap = core_calloc(runs->n + 1, sizeof(struct head *));
  enum core_status st =
      m->heads && m->heap ? CORE_OK : core_fail_nomem(err, (runs->n + 1) * sizeof *m->heads);
  m->n = m->heads ? runs->n : 0;
  for (size_t i = 0; i < m->n && st == CORE_OK; i++) {
    struct head *h = &m->heads[i];
    h->left = runs->runs[i];
    st = core_grow((void **)&h->buffer, &h->capacity, READ_BYTES, 1, err);
    if (st == CORE_OK) st = advance(h, err);
  }
  if (st != CORE_OK) {
    val_value_merge_close(m);
    return st;
  }
  make_heap(m);
  *out = m;
  return CORE_OK;
}

/* The least head goes on to its next item. */
static enum core_status step(struct val_value_merge *m, struct core_error *err) {
  CORE_TRY(advance(m->heap[0], err));
  if (m->heap[0]->ended) m->heap[0] = m->heap[--m->n_heap];
  if (m->n_heap) sift_down(m, 0);
  return CORE_OK;
}

enum core_status val_value_merge_next(struct val_value_merge *m, const struct val_value_count **out,
                                      struct core_error *err) {
  *out = NULL;
  if (m->n_heap == 0) return CORE_OK;
  m->out = (struct val_value_count){m->heap[0]->item.value, 0};
  if (has_text(&m->out.value)) {
    core_str_clear(&m->text);
    core_str_append(&m->text, m->out.value.text.data, m->out.value.text.len);
    CORE_TRY(core_str_status(&m->text, err));
    m->out.value.text.data = core_str_text(&m->text);
  }
  while (m->n_heap && val_scalar_compare(&m->heap[0]->item.value, &m->out.value) == 0) {
    m->out.count += m->heap[0]->item.count;
    CORE_TRY(step(m, err));
  }
  *out = &m->out;
  return CORE_OK;
}

void val_value_merge_close(struct val_value_merge *m) {
  if (!m) return;
  for (size_t i = 0; i < m->n; i++) core_free(m->heads[i].buffer);
  core_free(m->heads);
  core_free(m->heap);
  core_str_close(&m->text);
  core_free(m);
}
