/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two stages. The kernel lists where delimiters, quotes and line ends stand, some ten thousand bytes ahead of the second
 * stage, so that the list stays in the cache. The second stage takes record by record: where the next quote or line end is
 * a line end and as many delimiters stand before it as a record has, the fields lie between the places of the list and
 * are looked at no further. Only records with quotes are walked field by field. */
#include "validate/csv/csv_scan.h"

#include <string.h>

#include "core/mem.h"
#include "core/str.h"

#define READ_BYTES   ((size_t)512 << 10)
#define WINDOW_BYTES ((size_t)32 << 10) /* indexed at a time */

enum cut { CUT_RECORD, CUT_BLANK, CUT_MORE, CUT_END, CUT_ODD };

/* ------------------------------------------------------------------ the buffer and its index */

static void forget_index(struct val_csv_scan *s, size_t at) {
  s->index.n = s->index.n_special = s->next_at = s->next_special = 0;
  s->indexed = at;
  s->odd = 0;
  s->closed = false;
}

static enum core_status grow_buffer(struct val_csv_scan *s, size_t capacity,
                                    struct core_error *err) {
  char *block = s->buffer ? s->buffer - VAL_CSV_SLACK : NULL;
  block = core_realloc(block, capacity + 2 * VAL_CSV_SLACK, 1);
  if (!block) return core_fail_nomem(err, capacity);
  s->buffer = block + VAL_CSV_SLACK;
  s->capacity = capacity;
  return CORE_OK;
}

enum core_status val_csv_scan_init(struct val_csv_scan *s, size_t max_record_bytes,
                                   size_t read_bytes, struct core_error *err) {
  s->max_record_bytes = max_record_bytes;
  s->read_bytes = read_bytes ? read_bytes : READ_BYTES;
  s->most_bytes = 2 * s->read_bytes;
  s->now = (struct val_csv_place){0, 1, 0, false};
  CORE_TRY(grow_buffer(s, 2 * s->read_bytes, err));
  memset(s->buffer - VAL_CSV_SLACK, 0, VAL_CSV_SLACK);
  return CORE_OK;
}

enum core_status val_csv_scan_expect(struct val_csv_scan *s, size_t n_fields, const bool *keep,
                                     size_t max_records, size_t max_bytes, struct core_error *err) {
  core_free(s->column);
  core_free(s->ends);
  core_free(s->fields);
  core_free(s->line);
  core_free(s->byte);
  s->width = n_fields;
  s->n_kept = 0;
  s->most_bytes = 2 * s->read_bytes;
  if (max_bytes < ((size_t)1 << 30)) s->most_bytes += max_bytes;
  for (size_t i = 0; i < n_fields; i++) s->n_kept += keep[i];
  s->column = core_calloc(s->n_kept, sizeof *s->column);
  s->ends = core_calloc(2 * n_fields, sizeof *s->ends);
  s->fields = core_calloc(s->n_kept * max_records, sizeof *s->fields);
  s->line = core_calloc(max_records, sizeof *s->line);
  s->byte = core_calloc(max_records, sizeof *s->byte);
  if (!s->column || !s->ends || !s->fields || !s->line || !s->byte)
    return core_fail_nomem(err, s->n_kept * max_records * sizeof *s->fields);
  for (size_t i = 0, k = 0; i < n_fields; i++)
    if (keep[i]) s->column[k++] = (uint32_t)i;
  return CORE_OK;
}

void val_csv_scan_seek(struct val_csv_scan *s, const struct val_csv_place *to) {
  s->now = *to;
  if (to->byte >= s->offset && to->byte >= s->changed && to->byte <= s->offset + (int64_t)s->end) {
    forget_index(s, (size_t)(to->byte - s->offset));
    return;
  }
  s->offset = to->byte;
  s->end = 0;
  s->changed = 0;
  s->eof = false;
  forget_index(s, 0);
}

void val_csv_scan_close(struct val_csv_scan *s) {
  if (s->buffer) core_free(s->buffer - VAL_CSV_SLACK);
  if (s->index.at) core_free(s->index.at - 1);
  core_free(s->index.special);
  core_free(s->column);
  core_free(s->ends);
  core_free(s->fields);
  core_free(s->line);
  core_free(s->byte);
  *s = (struct val_csv_scan){0};
}

/* Room for `more` places; those that were used up make way. */
static enum core_status index_room(struct val_csv_scan *s, size_t more, struct core_error *err) {
  struct val_csv_index *x = &s->index;
  const size_t n = x->n - s->next_at, n_special = x->n_special - s->next_special;
  if (s->next_at) {
    memmove(x->at, x->at + s->next_at, n * sizeof *x->at);
    for (size_t i = 0; i < n_special; i++)
      x->special[i] = x->special[i + s->next_special] - (uint32_t)s->next_at;
    x->n = n;
    x->n_special = n_special;
    s->next_at = s->next_special = 0;
  }
  const size_t need = n + more + VAL_CSV_SLACK;
  if (need <= s->index_capacity) return CORE_OK;
  uint32_t *at = core_realloc(x->at ? x->at - 1 : NULL, need + 1, sizeof *at);
  if (!at) return core_fail_nomem(err, need * sizeof *at);
  x->at = at + 1;
  uint32_t *special = core_realloc(x->special, need, sizeof *special);
  if (!special) return core_fail_nomem(err, need * sizeof *special);
  x->special = special;
  s->index_capacity = need;
  return CORE_OK;
}

/* Indexes the next window. At the end of the input a line end is added that is not there. */
static enum core_status index_more(struct val_csv_scan *s, struct core_error *err) {
  const size_t left = s->end - s->indexed;
  const size_t n = left < WINDOW_BYTES ? left : WINDOW_BYTES;
  CORE_TRY(index_room(s, n + 1, err));
  s->odd |=
      s->kernel->find(s->buffer, s->indexed, s->indexed + n, s->delimiter, s->quote, &s->index);
  s->indexed += n;
  if (!s->eof || s->closed || s->indexed < s->end) return CORE_OK;
  s->index.special[s->index.n_special++] = (uint32_t)s->index.n;
  s->index.at[s->index.n++] = (uint32_t)s->end;
  s->closed = true;
  return CORE_OK;
}

/* Reads on. What stands before `from` is dropped; the record at `now` is indexed again. */
static enum core_status read_more(struct val_csv_scan *s, size_t from, struct core_error *err) {
  size_t got = 0;
  if (from) memmove(s->buffer, s->buffer + from, s->end - from);
  s->end -= from;
  s->offset += (int64_t)from;
  if (s->capacity - s->end < s->read_bytes && s->capacity < s->most_bytes) {
    const size_t twice = 2 * s->capacity;
    CORE_TRY(grow_buffer(s, twice < s->most_bytes ? twice : s->most_bytes, err));
  }
  const size_t room = s->capacity - s->end;
  CORE_TRY(core_source_seek(s->source, (uint64_t)s->offset + s->end, err));
  CORE_TRY(core_source_read(s->source, s->buffer + s->end,
                            room < s->read_bytes ? room : s->read_bytes, &got, err));
  s->end += got;
  s->eof = got == 0;
  memset(s->buffer + s->end, 0, VAL_CSV_SLACK); /* what the kernel reads too much */
  if (s->eof) s->buffer[s->end] = '\n';
  forget_index(s, (size_t)(s->now.byte - s->offset));
  return CORE_OK;
}

/* ------------------------------------------------------------------ one record */

/* A record, or what looks like one, in the buffer. */
struct record {
  size_t start, end;              /* without its line end */
  size_t next;                    /* where the next one starts */
  size_t after_at, after_special; /* of the index */
  int64_t lines;                  /* line ends in it, its own included */
  bool plain;                     /* no quotes */
  bool after_cr;
};

/* The line end at special `k`: with a CR that goes with it. False: what follows the CR is not known yet. */
static bool line_end(const struct val_csv_scan *s, size_t k, struct record *r) {
  const uint32_t which = s->index.special[k];
  const size_t at = s->index.at[which];
  r->end = at;
  r->next = at + 1;
  r->after_at = which + 1;
  r->after_special = k + 1;
  r->after_cr = false;
  if (s->buffer[at] != '\r' || at >= s->end) return true;
  if (at + 1 >= s->end && !s->eof) return false;
  if (at + 1 < s->end && s->buffer[at + 1] == '\n') {
    if (k + 1 >= s->index.n_special) return false;
    r->next++;
    r->after_at++;
    r->after_special++;
  } else {
    r->after_cr = true;
  }
  return true;
}

/* Nothing but blanks between two places where no delimiter stands. */
static bool is_blank(const struct val_csv_scan *s, size_t from, size_t to) {
  while (from < to && (s->buffer[from] == ' ' || s->buffer[from] == '\t')) from++;
  return from == to;
}

/* A quoted field whose opening quote is special *k: goes to its closing quote. */
static enum cut skip_quoted(const struct val_csv_scan *s, size_t *k, struct record *r) {
  const struct val_csv_index *x = &s->index;
  for (size_t i = *k + 1; i < x->n_special; i++) {
    const size_t at = x->at[x->special[i]];
    const char c = s->buffer[at];
    if (at >= s->end) return CUT_ODD; /* not closed */
    if (c != s->quote) {
      r->lines += c == '\n' ? s->buffer[at - 1] != '\r' : 1;
      continue;
    }
    if (at + 1 >= s->end && !s->eof) return CUT_MORE;
    const char next = s->buffer[at + 1];
    if (next == s->quote && at + 1 < s->end) {
      i++; /* doubled: the next special is its second half */
      if (i >= x->n_special) return CUT_MORE;
      continue;
    }
    *k = i;
    return next == s->delimiter || next == '\n' || next == '\r' ? CUT_RECORD : CUT_ODD;
  }
  return CUT_MORE;
}

/* From the quote at special `k` to the end of the record. */
static enum cut walk_quotes(const struct val_csv_scan *s, size_t k, struct record *r) {
  const struct val_csv_index *x = &s->index;
  r->plain = false;
  for (; k < x->n_special; k++) {
    const uint32_t which = x->special[k];
    const size_t at = x->at[which];
    if (s->buffer[at] != s->quote || at >= s->end) {
      r->lines++;
      return line_end(s, k, r) ? CUT_RECORD : CUT_MORE;
    }
    const bool first = at == r->start;
    if (!first && (which == 0 || x->at[which - 1] != at - 1 || s->buffer[at - 1] != s->delimiter))
      return CUT_ODD;
    const enum cut cut = skip_quoted(s, &k, r);
    if (cut != CUT_RECORD) return cut;
  }
  return CUT_MORE;
}

static enum cut find_record(const struct val_csv_scan *s, struct record *r) {
  const struct val_csv_index *x = &s->index;
  const size_t k = s->next_special;
  r->start = (size_t)(s->now.byte - s->offset);
  r->lines = 0;
  r->plain = true;
  if (r->start >= s->end && s->eof) return CUT_END;
  if (k >= x->n_special) return CUT_MORE;
  const uint32_t which = x->special[k];
  const size_t at = x->at[which];
  if (s->buffer[at] == s->quote && at < s->end) return walk_quotes(s, k, r);
  if (!line_end(s, k, r)) return CUT_MORE;
  r->lines = 1;
  if (which == s->next_at && is_blank(s, r->start, at)) return CUT_BLANK;
  return which - s->next_at + 1 == s->width ? CUT_RECORD : CUT_ODD;
}

/* What the record would be without findings; asked only where the index has seen odd bytes. */
static bool is_clean(const struct val_csv_scan *s, const struct record *r) {
  const char *bytes = s->buffer + r->start;
  const size_t len = r->end - r->start;
  if (s->odd & VAL_CSV_NUL && memchr(bytes, '\0', len)) return false;
  if (!(s->odd & VAL_CSV_HIGH)) return true;
  if (s->utf8) return core_utf8_valid_prefix(bytes, len) == len;
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)bytes[i] >= 0x80) return false;
  return true;
}

/* ------------------------------------------------------------------ its fields */

static void take_plain(struct val_csv_scan *s, const struct record *r, size_t base,
                       struct val_csv_field *out) {
  uint32_t *ends = s->index.at + s->next_at;
  const uint32_t *column = s->column;
  ends[-1] = (uint32_t)r->start - 1; /* of a field before the first; wraps around and back */
  for (size_t i = 0; i < s->n_kept; i++) {
    const uint32_t *end = ends + column[i];
    const uint32_t start = end[-1] + 1;
    out[i] = (struct val_csv_field){start - (uint32_t)base, *end - start};
  }
}

/* Doubled quotes become one, in place; the new length. */
static uint32_t undouble(const struct val_csv_scan *s, char *bytes, uint32_t len) {
  char *from = memchr(bytes, s->quote, len);
  if (!from) return len;
  char *to = from;
  const char *const stop = bytes + len;
  while (from < stop) {
    *to++ = *from;
    from += *from == s->quote ? 2 : 1;
  }
  return (uint32_t)(to - bytes);
}

/* Where the fields of a record with quotes are; false when there are not as many as wanted. */
static bool cut_quoted(struct val_csv_scan *s, const struct record *r) {
  const struct val_csv_index *x = &s->index;
  size_t n = 0, start = r->start;
  bool inside = false;
  for (size_t i = s->next_at; i < r->after_at; i++) {
    const size_t at = x->at[i];
    const bool last = at == r->end;
    if (!last && s->buffer[at] == s->quote) inside = !inside;
    if (!last && (inside || s->buffer[at] != s->delimiter)) continue;
    if (n == s->width) return false;
    s->ends[2 * n] = (uint32_t)start;
    s->ends[2 * n + 1] = (uint32_t)at;
    n++;
    start = at + 1;
    if (last) break;
  }
  return n == s->width;
}

static bool take_quoted(struct val_csv_scan *s, const struct record *r, size_t base,
                        struct val_csv_field *out) {
  if (!cut_quoted(s, r)) return false;
  s->changed = s->offset + (int64_t)r->next;
  for (size_t i = 0; i < s->n_kept; i++) {
    uint32_t start = s->ends[2 * s->column[i]];
    uint32_t len = s->ends[2 * s->column[i] + 1] - start;
    if (len && s->buffer[start] == s->quote) {
      start++;
      len = undouble(s, s->buffer + start, len - 2);
    }
    out[i] = (struct val_csv_field){start - (uint32_t)base, len};
  }
  return true;
}

/* ------------------------------------------------------------------ a block of them */

static void step_over(struct val_csv_scan *s, const struct record *r) {
  s->next_at = r->after_at;
  s->next_special = r->after_special;
  s->now.byte = s->offset + (int64_t)r->next;
  s->now.line += r->lines;
  s->now.after_cr = r->after_cr;
}

static bool take(struct val_csv_scan *s, const struct record *r, size_t base, size_t n) {
  struct val_csv_field *out = s->fields + n * s->n_kept;
  if (r->end - r->start > s->max_record_bytes) return false;
  if (s->odd && !is_clean(s, r)) return false;
  if (r->plain)
    take_plain(s, r, base, out);
  else if (!take_quoted(s, r, base, out))
    return false;
  s->line[n] = s->now.line;
  s->byte[n] = s->offset + (int64_t)r->start;
  return true;
}

/* More of the index, or of the input. A record that does not fit into the buffer is odd. */
static enum core_status go_on(struct val_csv_scan *s, size_t *base, enum cut *cut,
                              struct core_error *err) {
  if (s->indexed < s->end || (s->eof && !s->closed)) return index_more(s, err);
  if (s->eof || s->end - *base >= s->most_bytes) {
    *cut = CUT_ODD;
    return CORE_OK;
  }
  CORE_TRY(read_more(s, *base, err));
  *base = 0;
  return CORE_OK;
}

/* An LF that belongs to a CR before the place where we began. */
static enum core_status skip_half_end(struct val_csv_scan *s, struct core_error *err) {
  const size_t at = (size_t)(s->now.byte - s->offset);
  if (at >= s->end && !s->eof) CORE_TRY(read_more(s, at, err));
  const size_t here = (size_t)(s->now.byte - s->offset);
  if (here < s->end && s->buffer[here] == '\n') {
    s->now.byte++;
    forget_index(s, here + 1);
  }
  s->now.after_cr = false;
  return CORE_OK;
}

enum core_status val_csv_scan_block(struct val_csv_scan *s, size_t max_records, size_t max_bytes,
                                    int64_t stop, struct val_csv_block *block, bool *taken,
                                    struct core_error *err) {
  const struct val_csv_place began = s->now;
  size_t base = (size_t)(s->now.byte - s->offset), n = 0;
  enum cut cut = CUT_MORE;
  if (s->now.after_cr) {
    CORE_TRY(skip_half_end(s, err));
    base = (size_t)(s->now.byte - s->offset);
  }
  while (s->now.byte < stop && n < max_records &&
         (n == 0 || s->now.byte - s->byte[0] < (int64_t)max_bytes)) {
    struct record r;
    cut = find_record(s, &r);
    if (cut == CUT_MORE) CORE_TRY(go_on(s, &base, &cut, err));
    if (cut == CUT_RECORD && !take(s, &r, base, n)) cut = CUT_ODD;
    if (cut == CUT_BLANK && r.end - r.start > s->max_record_bytes) cut = CUT_ODD;
    if (cut == CUT_END || cut == CUT_ODD) break;
    if (cut == CUT_MORE) continue;
    step_over(s, &r);
    n += cut == CUT_RECORD;
  }
  *taken = cut != CUT_ODD;
  if (!*taken) {
    s->now = began;
    return CORE_OK;
  }
  s->now.row += (int64_t)n;
  *block = (struct val_csv_block){.n_records = n,
                                  .n_fields = s->n_kept,
                                  .fields = s->fields,
                                  .bytes = s->buffer + base,
                                  .n_bytes = (size_t)(s->now.byte - s->offset) - base,
                                  .line = s->line,
                                  .byte = s->byte};
  return CORE_OK;
}
