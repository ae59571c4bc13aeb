/* SPDX-License-Identifier: GPL-3.0-or-later
 * libcsv knows no positions, so it is fed piece by piece, each at most one line: a record can only end where a piece
 * ends. It runs in its strict mode, which stops in front of a stray quote: the quote is noted and then fed alone in the
 * forgiving mode. Its trimming of blanks is switched off by a function that it calls for every byte; that function is
 * only installed where a blank stands beside a delimiter, a quote or a line end. */
#include "validate/csv/csv_reference.h"

#include <csv.h>
#include <limits.h>
#include <string.h>

#include "core/mem.h"

#define FIELD_STEP_BYTES 65536       /* libcsv's buffer for one field grows by this */
#define MAX_FIELD_BYTES  (256 << 20) /* four times this is still an int32 offset     */

struct val_csv_reference {
  struct csv_parser parser;
  struct val_csv_dialect dialect;
  struct val_lines lines;
  struct val_findings *findings;
  struct core_error *err;  /* during a feed: where callbacks report */
  enum core_status status; /* of the callbacks during a feed */

  size_t width;                          /* fields of a record */
  int32_t *slot;                         /* width: its place among the kept fields, or -1 */
  size_t n_kept, max_records, max_bytes; /* what there is room for, and of bytes of the source */
  int64_t stop;                          /* no record from here on */
  size_t limit_records;                  /* of the next block */

  struct val_csv_field *fields;
  size_t fields_capacity;
  char *bytes;
  size_t n_bytes, bytes_capacity;
  int64_t *line, *byte;
  size_t n_records;

  bool in_record;  /* some of the current record was fed */
  bool open_width; /* the first record: every field is kept */
  size_t n_seen;   /* fields of the current record so far */
  size_t record_bytes;
  struct val_piece record; /* where the current record began */
  struct core_str held;    /* blanks that may turn out to be a blank line */
  bool ended;
};

/* ------------------------------------------------------------------ libcsv's callbacks */

static int nothing_is_a_space(unsigned char c) {
  (void)c;
  return 0;
}

static void *field_realloc(void *block, size_t bytes) {
  return core_realloc(block, bytes, 1);
}

static struct core_pos record_pos(const struct val_csv_reference *t) {
  const int64_t line = t->record.line;
  return (struct core_pos){core_source_name(t->lines.source), line > INT_MAX ? 0 : (int)line, 0};
}

static enum core_status too_long(const struct val_csv_reference *t) {
  return core_fail_at(t->err, CORE_LIMIT, record_pos(t),
                      "the record that begins here has a field of more than %zu bytes, or four "
                      "times as much in all; "
                      "is a quote not closed?",
                      t->dialect.max_field_bytes);
}

/* Most fields are short, and a call of memcpy costs more than their bytes. */
static inline void copy_bytes(char *to, const char *from, size_t len) {
  if (len > 16) {
    memcpy(to, from, len);
  } else if (len >= 8) {
    memcpy(to, from, 8);
    memcpy(to + len - 8, from + len - 8, 8); /* overlaps */
  } else if (len >= 4) {
    memcpy(to, from, 4);
    memcpy(to + len - 4, from + len - 4, 4);
  } else {
    for (size_t i = 0; i < len; i++) to[i] = from[i];
  }
}

static bool make_room(struct val_csv_reference *t, size_t len) {
  void *block = t->bytes;
  t->status = core_grow(&block, &t->bytes_capacity, t->n_bytes + len + VAL_CSV_SLACK, 1, t->err);
  t->bytes = block;
  return t->status == CORE_OK;
}

static inline void add_bytes(struct val_csv_reference *t, const void *bytes, size_t len) {
  if (len + VAL_CSV_SLACK > t->bytes_capacity - t->n_bytes && !make_room(t, len)) return;
  copy_bytes(t->bytes + t->n_bytes, bytes, len);
  t->n_bytes += len;
}

static inline bool field_fits(struct val_csv_reference *t, size_t len) {
  t->record_bytes += len;
  if (len <= t->dialect.max_field_bytes && t->record_bytes / 4 <= t->dialect.max_field_bytes)
    return true;
  t->status = too_long(t);
  return false;
}

static void keep_field(void *bytes, size_t len, void *data) {
  struct val_csv_reference *t = data;
  const size_t at = t->n_seen++;
  if (t->status != CORE_OK || !field_fits(t, len) || at >= t->width || t->slot[at] < 0) return;
  const size_t place = t->n_records * t->n_kept + (size_t)t->slot[at];
  t->fields[place] = (struct val_csv_field){(uint32_t)t->n_bytes, (uint32_t)len};
  add_bytes(t, bytes, len);
}

static void keep_first_field(void *bytes, size_t len, void *data) {
  struct val_csv_reference *t = data;
  const size_t at = t->n_seen++;
  if (t->status != CORE_OK || !field_fits(t, len)) return;
  if (at >= VAL_CSV_MAX_COLUMNS) {
    t->status = core_fail_at(t->err, CORE_LIMIT, record_pos(t),
                             "the first record has more than %d fields", VAL_CSV_MAX_COLUMNS);
    return;
  }
  void *block = t->fields;
  t->status = core_grow(&block, &t->fields_capacity, at + 1, sizeof *t->fields, t->err);
  t->fields = block;
  if (t->status != CORE_OK) return;
  t->fields[at] = (struct val_csv_field){(uint32_t)t->n_bytes, (uint32_t)len};
  add_bytes(t, bytes, len);
}

static void mend_ragged(struct val_csv_reference *t) {
  for (size_t i = t->n_seen; i < t->width; i++) {
    if (t->slot[i] < 0) continue;
    t->fields[t->n_records * t->n_kept + (size_t)t->slot[i]] =
        (struct val_csv_field){0, VAL_CSV_ABSENT};
  }
  val_findings_add(
      t->findings, VAL_FINDING_RAGGED, t->lines.row, t->record.line, t->record.byte, NULL,
      "%zu field%s where the header has %zu; %s", t->n_seen, t->n_seen == 1 ? "" : "s", t->width,
      t->n_seen < t->width ? "the missing ones are read as null" : "the extra ones are dropped");
}

static void end_record(int terminator, void *data) {
  struct val_csv_reference *t = data;
  (void)terminator;
  t->in_record = false;
  if (t->status != CORE_OK) return;
  if (!t->open_width) {
    if (t->n_seen != t->width) mend_ragged(t);
    t->line[t->n_records] = t->record.line;
    t->byte[t->n_records] = t->record.byte;
  }
  t->n_records++;
  t->lines.row++;
}

/* ------------------------------------------------------------------ feeding it */

static enum core_status parse_status(const struct val_csv_reference *t, struct core_error *err) {
  if (t->status != CORE_OK) return t->status;
  return core_fail_nomem(err, FIELD_STEP_BYTES);
}

/* In front of a quote inside an unquoted field, which is kept, or of text behind a closing quote: the field goes on as an
 * unquoted one, as with Python's and pandas' readers. (libcsv would go on inside the quotes and might swallow the rest of
 * the input.) */
static void take_stray_quote(struct val_csv_reference *t, const struct val_piece *piece,
                             size_t at) {
  const bool behind = t->parser.quoted != 0;
  val_findings_add(t->findings, VAL_FINDING_STRAY_QUOTE, t->lines.row, piece->line,
                   val_lines_origin(&t->lines, piece, at), NULL,
                   behind ? "text stands behind a closing quote; it is kept in the value"
                          : "a quote stands inside an unquoted field; it is kept in the value");
  if (!behind) return;
  t->parser.quoted = 0;
  t->parser.entry_pos--; /* the closing quote */
}

static enum core_status feed(struct val_csv_reference *t, const struct val_piece *piece,
                             struct core_error *err) {
  void (*const on_field)(void *, size_t, void *) = t->open_width ? keep_first_field : keep_field;
  t->err = err;
  csv_set_space_func(&t->parser, piece->blank_edges ? nothing_is_a_space : NULL);
  size_t at = 0;
  for (;;) {
    at += csv_parse(&t->parser, piece->data + at, piece->len - at, on_field, end_record, t);
    if (at >= piece->len || t->status != CORE_OK) break;
    if (csv_error(&t->parser) != CSV_EPARSE) return parse_status(t, err);
    take_stray_quote(t, piece, at);
    csv_set_opts(&t->parser, 0);
    if (csv_parse(&t->parser, piece->data + at, 1, on_field, end_record, t) != 1)
      return parse_status(t, err);
    csv_set_opts(&t->parser, CSV_STRICT);
    at++;
  }
  if (t->status != CORE_OK) return t->status;
  /* libcsv's buffer tells how long the unfinished field is at least */
  if (csv_get_buffer_size(&t->parser) > t->dialect.max_field_bytes + 2 * FIELD_STEP_BYTES)
    return too_long(t);
  return CORE_OK;
}

static void begin_record(struct val_csv_reference *t, const struct val_piece *piece) {
  t->in_record = true;
  t->record = *piece;
  t->n_seen = t->record_bytes = 0;
}

/* Nothing but blanks and a line end? The delimiter is no blank. */
static bool is_blank(const struct val_csv_reference *t, const struct val_piece *piece) {
  for (size_t i = 0; i < piece->len; i++) {
    const char c = piece->data[i];
    if (c == t->dialect.delimiter || (c != ' ' && c != '\t' && c != '\n' && c != '\r'))
      return false;
  }
  return true;
}

/* Blanks: a line of them is dropped, the beginning of one that is longer than the buffer held. A line of too many is one too
 * long however it is cut. */
static enum core_status take_blanks(struct val_csv_reference *t, const struct val_piece *piece,
                                    struct core_error *err) {
  if (t->held.len == 0) t->record = *piece;
  t->err = err;
  core_str_append(&t->held, piece->data, piece->len);
  CORE_TRY(core_str_status(&t->held, err));
  size_t n = t->held.len;
  while (n && (t->held.data[n - 1] == '\n' || t->held.data[n - 1] == '\r')) n--;
  if (n > t->dialect.max_field_bytes) return too_long(t);
  if (piece->whole) core_str_clear(&t->held);
  return CORE_OK;
}

static enum core_status take_piece(struct val_csv_reference *t, const struct val_piece *piece,
                                   struct core_error *err) {
  if (t->in_record) return feed(t, piece, err);
  if (is_blank(t, piece)) return take_blanks(t, piece, err);
  if (t->held.len == 0) {
    begin_record(t, piece);
    return feed(t, piece, err);
  }
  struct val_piece blanks = t->record;
  blanks.data = blanks.raw = t->held.data;
  blanks.len = blanks.raw_len = t->held.len;
  blanks.blank_edges = true;
  begin_record(t, &blanks);
  CORE_TRY(feed(t, &blanks, err));
  core_str_clear(&t->held);
  return feed(t, piece, err);
}

/* The end of the input ends a record, whose last field may still be inside its quotes. */
static enum core_status finish(struct val_csv_reference *t, struct core_error *err) {
  void (*const on_field)(void *, size_t, void *) = t->open_width ? keep_first_field : keep_field;
  t->ended = true;
  if (!t->in_record) return CORE_OK;
  t->err = err;
  csv_set_opts(&t->parser, CSV_STRICT | CSV_STRICT_FINI);
  if (csv_fini(&t->parser, on_field, end_record, t) != 0) {
    val_findings_add(t->findings, VAL_FINDING_UNCLOSED_QUOTE, t->lines.row, t->record.line,
                     t->record.byte, NULL,
                     "the record that begins here has a quote that is not closed; the rest of the "
                     "input is its value");
    csv_set_opts(&t->parser, 0);
    if (csv_fini(&t->parser, on_field, end_record, t) != 0) return parse_status(t, err);
  }
  return t->status;
}

/* Where what comes next begins in the source: blanks that are held are part of it. */
static int64_t place(const struct val_csv_reference *t) {
  if (t->held.len) return t->record.byte;
  return t->lines.offset + (int64_t)t->lines.begin;
}

static bool wants_more(const struct val_csv_reference *t, size_t max_records) {
  if (t->in_record) return true;
  if (place(t) >= t->stop) return false;
  if (t->n_records == 0) return true;
  return t->n_records < max_records && place(t) - t->byte[0] < (int64_t)t->max_bytes;
}

static enum core_status read_records(struct val_csv_reference *t, size_t max_records,
                                     struct core_error *err) {
  t->n_records = t->n_bytes = 0;
  t->status = CORE_OK;
  while (!t->ended && (t->open_width ? t->n_records == 0 : wants_more(t, max_records))) {
    struct val_piece piece;
    CORE_TRY(val_lines_next(&t->lines, &piece, err));
    CORE_TRY(piece.len == 0 ? finish(t, err) : take_piece(t, &piece, err));
  }
  return CORE_OK;
}

/* ------------------------------------------------------------------ the interface */

static enum core_status check_dialect(const struct val_csv_dialect *dialect,
                                      struct core_error *err) {
  const char *const forbidden = "\n\r";
  const char d = dialect->delimiter, q = dialect->quote;
  if (d <= 0 || strchr(forbidden, d)) {
    return core_fail(err, CORE_INVAL,
                     "csv delimiter: byte 0x%02x; it must be one ASCII character, no line end",
                     (unsigned char)d);
  }
  if (q <= 0 || strchr(forbidden, q) || q == d) {
    return core_fail(
        err, CORE_INVAL,
        "csv quote: byte 0x%02x; it must be one ASCII character, no line end and not the delimiter",
        (unsigned char)q);
  }
  if (dialect->max_field_bytes == 0 || dialect->max_field_bytes > MAX_FIELD_BYTES) {
    return core_fail(err, CORE_INVAL, "csv max_field_bytes: %zu; it must be from 1 to %d",
                     dialect->max_field_bytes, MAX_FIELD_BYTES);
  }
  return CORE_OK;
}

static enum core_status parser_init(struct val_csv_reference *t, struct core_error *err) {
  if (csv_init(&t->parser, CSV_STRICT) != 0)
    return core_fail(err, CORE_INVAL, "libcsv cannot be started");
  csv_set_delim(&t->parser, (unsigned char)t->dialect.delimiter);
  csv_set_quote(&t->parser, (unsigned char)t->dialect.quote);
  csv_set_realloc_func(&t->parser, field_realloc);
  csv_set_free_func(&t->parser, core_free);
  csv_set_blk_size(&t->parser, FIELD_STEP_BYTES);
  return CORE_OK;
}

enum core_status val_csv_reference_open(struct core_source *source,
                                        const struct val_csv_dialect *dialect,
                                        struct val_findings *findings,
                                        struct val_csv_reference **out, struct core_error *err) {
  *out = NULL;
  CORE_TRY(check_dialect(dialect, err));
  struct val_csv_reference *t = core_calloc(1, sizeof *t);
  if (!t) return core_fail_nomem(err, sizeof *t);
  t->dialect = *dialect;
  t->findings = findings;
  t->max_bytes = SIZE_MAX;
  t->stop = INT64_MAX;
  enum core_status st = val_lines_init(&t->lines, source, dialect->buffer_bytes, findings, err);
  t->lines.delimiter = dialect->delimiter;
  t->lines.quote = dialect->quote;
  t->lines.encoding = dialect->encoding;
  t->lines.row = 0;
  t->err = err;
  if (st == CORE_OK && !make_room(t, FIELD_STEP_BYTES))
    st = t->status; /* never NULL from here on */
  if (st == CORE_OK) st = parser_init(t, err);
  if (st != CORE_OK) {
    val_csv_reference_close(t);
    return st;
  }
  *out = t;
  return CORE_OK;
}

static struct val_csv_block block_of(const struct val_csv_reference *t, size_t n_fields,
                                     const int64_t *line, const int64_t *byte) {
  return (struct val_csv_block){.n_records = t->n_records,
                                .n_fields = n_fields,
                                .fields = t->fields,
                                .bytes = t->bytes,
                                .n_bytes = t->n_bytes,
                                .line = line,
                                .byte = byte};
}

enum core_status val_csv_reference_first(struct val_csv_reference *t, struct val_csv_block *block,
                                         struct core_error *err) {
  t->open_width = true;
  t->lines.row = -1;
  const enum core_status st = read_records(t, 1, err);
  t->open_width = false;
  t->lines.row = 0;
  *block = block_of(t, t->n_seen, &t->record.line, &t->record.byte);
  return st;
}

enum core_status val_csv_reference_expect(struct val_csv_reference *t, size_t n_fields,
                                          const bool *keep, size_t max_records, size_t max_bytes,
                                          struct core_error *err) {
  core_free(t->slot);
  core_free(t->line);
  core_free(t->byte);
  t->width = n_fields;
  t->slot = core_calloc(n_fields, sizeof *t->slot);
  t->line = core_calloc(max_records, sizeof *t->line);
  t->byte = core_calloc(max_records, sizeof *t->byte);
  if (!t->slot || !t->line || !t->byte)
    return core_fail_nomem(err, (n_fields + max_records) * sizeof *t->line);
  t->n_kept = 0;
  for (size_t i = 0; i < n_fields; i++) t->slot[i] = keep[i] ? (int32_t)t->n_kept++ : -1;
  t->max_records = t->limit_records = max_records;
  t->max_bytes = max_bytes;
  void *block = t->fields;
  const enum core_status st =
      core_grow(&block, &t->fields_capacity, t->n_kept * max_records, sizeof *t->fields, err);
  t->fields = block;
  return st;
}

void val_csv_reference_limit(struct val_csv_reference *t, size_t max_records, size_t max_bytes) {
  t->limit_records = max_records < t->max_records ? max_records : t->max_records;
  t->max_bytes = max_bytes;
}

enum core_status val_csv_reference_next(struct val_csv_reference *t, struct val_csv_block *block,
                                        struct core_error *err) {
  CORE_TRY(read_records(t, t->limit_records, err));
  *block = block_of(t, t->n_kept, t->line, t->byte);
  return CORE_OK;
}

enum core_status val_csv_reference_seek(struct val_csv_reference *t, const struct val_csv_place *to,
                                        struct core_error *err) {
  CORE_TRY(core_source_seek(t->lines.source, (uint64_t)to->byte, err));
  val_lines_restart(&t->lines);
  t->lines.offset = to->byte;
  t->lines.line = to->line;
  t->lines.row = to->row;
  t->lines.started = to->byte > 0;
  t->lines.after_cr = to->after_cr;
  csv_free(&t->parser);
  t->in_record = t->ended = false;
  core_str_clear(&t->held);
  return parser_init(t, err);
}

void val_csv_reference_stop(struct val_csv_reference *t, int64_t byte) {
  t->stop = byte;
}

struct val_csv_place val_csv_reference_tell(const struct val_csv_reference *t) {
  if (t->held.len) return (struct val_csv_place){place(t), t->record.line, t->lines.row, false};
  return (struct val_csv_place){place(t), t->lines.line, t->lines.row, t->lines.after_cr};
}

void val_csv_reference_close(struct val_csv_reference *t) {
  if (!t) return;
  csv_free(&t->parser);
  val_lines_close(&t->lines);
  core_free(t->slot);
  core_free(t->fields);
  core_free(t->bytes);
  core_free(t->line);
  core_free(t->byte);
  core_str_close(&t->held);
  core_free(t);
}
