/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/csv/csv_split.h"

#include "core/mem.h"

#define WINDOW_BYTES ((size_t)1 << 20)
#define TRIED        20 /* records that must have the right width */

struct window {
  const char *bytes;
  size_t len;
  char delimiter, quote;
  size_t width;
};

/* The end of the record that starts at `at` (one behind its line end), or 0: it does not end in the window. */
static size_t next_record(const struct window *w, size_t at, size_t *fields) {
  bool inside = false;
  *fields = 1;
  for (; at < w->len; at++) {
    const char c = w->bytes[at];
    if (c == w->quote)
      inside = !inside;
    else if (!inside && c == w->delimiter)
      (*fields)++;
    else if (!inside && c == '\n')
      return at + 1;
  }
  return 0;
}

/* How many records from `at` on have the right width, up to the first that has not. */
static size_t good_records(const struct window *w, size_t at) {
  size_t n = 0, fields = 0;
  while (n < TRIED) {
    const size_t next = next_record(w, at, &fields);
    if (next == 0 || fields != w->width) break;
    at = next;
    n++;
  }
  return n;
}

/* Behind the first line end that is not in quotes, if the window begins inside or outside of them; 0: none. */
static size_t first_start(const struct window *w, bool inside) {
  for (size_t at = 0; at < w->len; at++) {
    if (w->bytes[at] == w->quote)
      inside = !inside;
    else if (!inside && w->bytes[at] == '\n')
      return at + 1;
  }
  return 0;
}

static int64_t choose(const struct window *w, int64_t near) {
  const size_t outside = first_start(w, false), inside = first_start(w, true);
  const size_t good_outside = outside ? good_records(w, outside) : 0;
  const size_t good_inside = inside ? good_records(w, inside) : 0;
  if (good_outside == 0 && good_inside == 0) return -1;
  return near + (int64_t)(good_inside > good_outside ? inside : outside);
}

enum core_status val_csv_find_start(struct core_source *source,
                                    const struct val_csv_dialect *dialect, size_t width,
                                    int64_t near, int64_t *start, struct core_error *err) {
  char *bytes = core_alloc(WINDOW_BYTES);
  size_t len = 0, got = 1;
  if (!bytes) return core_fail_nomem(err, WINDOW_BYTES);
  enum core_status st = core_source_seek(source, (uint64_t)near, err);
  while (st == CORE_OK && got > 0 && len < WINDOW_BYTES) {
    st = core_source_read(source, bytes + len, WINDOW_BYTES - len, &got, err);
    if (st == CORE_OK) len += got;
  }
  const struct window w = {bytes, len, dialect->delimiter, dialect->quote, width};
  if (st == CORE_OK) *start = choose(&w, near);
  core_free(bytes);
  return st;
}
