/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fills one buffer, looks at all of it once with loops that the compiler turns into vector code, and then gives it out
 * line by line. Lines are copied only where a byte has to be replaced. */
#include "validate/csv/csv_lines.h"

#include <string.h>
#include <strings.h>

#include "core/mem.h"

#define LOOK_BYTES 4096

bool val_encoding_parse(const char *name, enum val_encoding *out) {
  static const struct {
    const char *name;
    enum val_encoding encoding;
  } names[] = {
      {"utf-8", VAL_ENCODING_UTF8},        {"utf8", VAL_ENCODING_UTF8},
      {"ascii", VAL_ENCODING_UTF8},        {"us-ascii", VAL_ENCODING_UTF8},
      {"latin-1", VAL_ENCODING_LATIN1},    {"latin1", VAL_ENCODING_LATIN1},
      {"iso-8859-1", VAL_ENCODING_LATIN1},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(names); i++) {
    if (!name || strcasecmp(name, names[i].name) == 0) {
      *out = names[i].encoding;
      return true;
    }
  }
  return false;
}

enum core_status val_lines_init(struct val_lines *lines, struct core_source *source,
                                size_t buffer_bytes, struct val_findings *findings,
                                struct core_error *err) {
  *lines = (struct val_lines){.source = source, .findings = findings, .row = -1, .line = 1};
  lines->capacity = buffer_bytes ? buffer_bytes : VAL_LINES_BUFFER_BYTES;
  lines->buffer = core_alloc(lines->capacity);
  return lines->buffer ? CORE_OK : core_fail_nomem(err, lines->capacity);
}

void val_lines_restart(struct val_lines *lines) {
  lines->begin = lines->end = 0;
  lines->offset = 0;
  lines->line = 1;
  lines->row = -1;
  lines->started = lines->eof = lines->after_cr = lines->scanned = false;
}

void val_lines_close(struct val_lines *lines) {
  core_free(lines->buffer);
  core_free(lines->clean);
  *lines = (struct val_lines){0};
}

/* ------------------------------------------------------------------ filling the buffer */

static enum core_status skip_mark(struct val_lines *lines, struct core_error *err) {
  const unsigned char *b = (const unsigned char *)lines->buffer;
  const size_t n = lines->end;
  lines->started = true;
  if (n >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff))) {
    return core_fail(
        err, CORE_PARSE,
        "%s: starts with the byte order mark of UTF-16 or UTF-32; convert it to UTF-8 first "
        "(iconv -f UTF-16 -t UTF-8)",
        core_source_name(lines->source));
  }
  if (n >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0) lines->begin = 3;
  return CORE_OK;
}

/* NUL or non-ASCII bytes anywhere? */
static void look_at_bytes(struct val_lines *lines) {
  const unsigned char *b = (const unsigned char *)lines->buffer;
  unsigned char high = 0, nul = 0;
  for (size_t i = 0; i < lines->end; i++) {
    high |= b[i];
    nul |= (unsigned char)(b[i] == 0);
  }
  lines->has_high = high >> 7;
  lines->has_nul = nul;
}

/* A blank beside a delimiter, quote or line end, or first or last? Only there could trimming change a value. */
static bool has_blank_edges(const struct val_lines *lines, const char *bytes, size_t n) {
  const unsigned char *b = (const unsigned char *)bytes;
  const unsigned char delimiter = (unsigned char)lines->delimiter,
                      quote = (unsigned char)lines->quote;
  unsigned char edges = 0;
  for (size_t i = 0; i + 1 < n; i++) {
    const unsigned char p = b[i], q = b[i + 1];
    const unsigned char blank_p = (unsigned char)((p == ' ') | (p == '\t'));
    const unsigned char blank_q = (unsigned char)((q == ' ') | (q == '\t'));
    const unsigned char edge_p =
        (unsigned char)((p == delimiter) | (p == quote) | (p == '\n') | (p == '\r'));
    const unsigned char edge_q =
        (unsigned char)((q == delimiter) | (q == quote) | (q == '\n') | (q == '\r'));
    edges |= (unsigned char)((blank_p & edge_q) | (blank_q & edge_p));
  }
  return edges || n == 0 || b[0] == ' ' || b[0] == '\t' || b[n - 1] == ' ' || b[n - 1] == '\t';
}

/* Some line of the buffer has one? Stops at the first, so that a file full of them is not looked at twice. */
static void look_at_blanks(struct val_lines *lines) {
  lines->blank_edges = lines->end == 0;
  for (size_t at = 0; at < lines->end && !lines->blank_edges; at += LOOK_BYTES) {
    const size_t left = lines->end - at;
    lines->blank_edges =
        has_blank_edges(lines, lines->buffer + at, left < LOOK_BYTES ? left : LOOK_BYTES);
  }
}

static enum core_status fill(struct val_lines *lines, struct core_error *err) {
  const size_t kept = lines->end - lines->begin;
  if (kept && lines->begin) memmove(lines->buffer, lines->buffer + lines->begin, kept);
  lines->offset += (int64_t)lines->begin;
  lines->begin = 0;
  lines->end = kept;
  lines->scanned = false;
  while (!lines->eof && lines->end < lines->capacity) {
    size_t got = 0;
    CORE_TRY(core_source_read(lines->source, lines->buffer + lines->end,
                              lines->capacity - lines->end, &got, err));
    lines->end += got;
    lines->eof = got == 0;
  }
  look_at_bytes(lines);
  look_at_blanks(lines);
  if (lines->started) return CORE_OK;
  CORE_TRY(skip_mark(lines, err));
  return lines->begin ? fill(lines, err) : CORE_OK; /* as full as without the mark */
}

/* ------------------------------------------------------------------ cutting pieces */

static size_t find(const struct val_lines *lines, char c) {
  const char *at = memchr(lines->buffer + lines->begin, c, lines->end - lines->begin);
  return at ? (size_t)(at - lines->buffer) : lines->end;
}

/* Where the next line ends (one behind its line end), or `end` when its end is not in the buffer. A CR right before an
 * LF ends a line together with it. */
static size_t line_end(struct val_lines *lines, bool *found) {
  if (!lines->scanned || lines->next_lf < lines->begin) lines->next_lf = find(lines, '\n');
  if (!lines->scanned || lines->next_cr < lines->begin) lines->next_cr = find(lines, '\r');
  lines->scanned = true;
  *found = true;
  if (lines->next_cr + 1 < lines->next_lf) return lines->next_cr + 1;
  if (lines->next_lf < lines->end) return lines->next_lf + 1;
  *found = lines->next_cr < lines->end;
  return lines->end;
}

/* Bytes at the end of a part of a line that begin a character which is not complete yet. */
static size_t incomplete_tail(const char *data, size_t len) {
  for (size_t back = 1; back <= 3 && back < len; back++) {
    const unsigned char c = (unsigned char)data[len - back];
    if (c < 0x80) return 0;
    if (c >= 0xc0) return (c >= 0xf0 ? 4U : c >= 0xe0 ? 3U : 2U) > back ? back : 0;
  }
  return 0;
}

/* Lines are counted by their ends; an LF right behind a CR that ended the last piece is not one more. */
static void count_line(struct val_lines *lines, const char *data, size_t len) {
  const char last = data[len - 1];
  const bool continues = lines->after_cr && len == 1 && last == '\n';
  if (!continues && (last == '\n' || last == '\r')) lines->line++;
  lines->after_cr = last == '\r';
}

/* ------------------------------------------------------------------ NUL bytes and encodings */

static void report_nuls(struct val_lines *lines, const struct val_piece *piece) {
  const char *at = piece->data, *const end = piece->data + piece->len;
  while ((at = memchr(at, '\0', (size_t)(end - at))) != NULL) {
    val_findings_add(lines->findings, VAL_FINDING_NUL_BYTE, lines->row, piece->line,
                     piece->byte + (at - piece->data), NULL,
                     "a NUL byte stands in the text; it is kept in its value");
    at++;
  }
}

static enum core_status make_room(struct val_lines *lines, size_t bytes, struct core_error *err) {
  void *block = lines->clean;
  const enum core_status st = core_grow(&block, &lines->clean_capacity, bytes, 1, err);
  lines->clean = block;
  return st;
}

static enum core_status from_latin1(struct val_lines *lines, struct val_piece *piece,
                                    struct core_error *err) {
  CORE_TRY(make_room(lines, 2 * piece->len, err));
  size_t n = 0;
  for (size_t i = 0; i < piece->len; i++) {
    const unsigned char c = (unsigned char)piece->data[i];
    if (c < 0x80) {
      lines->clean[n++] = (char)c;
    } else {
      lines->clean[n++] = (char)(0xc0 | c >> 6);
      lines->clean[n++] = (char)(0x80 | (c & 0x3f));
    }
  }
  piece->data = lines->clean;
  piece->len = n;
  return CORE_OK;
}

/* Each byte that is not part of a character becomes U+FFFD. */
static enum core_status mend_utf8(struct val_lines *lines, struct val_piece *piece,
                                  struct core_error *err) {
  size_t good = core_utf8_valid_prefix(piece->data, piece->len);
  if (good == piece->len) return CORE_OK;
  CORE_TRY(make_room(lines, 3 * piece->len, err));
  size_t n = 0, at = 0;
  for (;;) {
    memcpy(lines->clean + n, piece->data + at, good);
    n += good;
    at += good;
    if (at == piece->len) break;
    val_findings_add(lines->findings, VAL_FINDING_ENCODING, lines->row, piece->line,
                     piece->byte + (int64_t)at, NULL,
                     "byte 0x%02x is not valid UTF-8; it is read as U+FFFD",
                     (unsigned char)piece->data[at]);
    memcpy(lines->clean + n, "\xef\xbf\xbd", 3);
    n += 3;
    at++;
    good = core_utf8_valid_prefix(piece->data + at, piece->len - at);
  }
  piece->data = lines->clean;
  piece->len = n;
  return CORE_OK;
}

enum core_status val_lines_next(struct val_lines *lines, struct val_piece *piece,
                                struct core_error *err) {
  bool found = false;
  size_t stop = line_end(lines, &found);
  if (!found && !lines->eof) {
    CORE_TRY(fill(lines, err));
    stop = line_end(lines, &found);
  }
  lines->origin_from = lines->origin_to = 0;
  *piece = (struct val_piece){.data = lines->buffer + lines->begin,
                              .len = stop - lines->begin,
                              .line = lines->line,
                              .byte = lines->offset + (int64_t)lines->begin,
                              .whole = found || lines->eof,
                              .blank_edges = lines->blank_edges};
  if (piece->len == 0) return CORE_OK;
  if (!piece->whole && lines->encoding == VAL_ENCODING_UTF8)
    piece->len -= incomplete_tail(piece->data, piece->len);
  lines->begin += piece->len;
  /* asked of each line only where some line has one */
  if (piece->blank_edges) piece->blank_edges = has_blank_edges(lines, piece->data, piece->len);
  count_line(lines, piece->data, piece->len);
  piece->raw = piece->data;
  piece->raw_len = piece->len;
  if (lines->has_nul) report_nuls(lines, piece);
  if (!lines->has_high) return CORE_OK;
  return lines->encoding == VAL_ENCODING_LATIN1 ? from_latin1(lines, piece, err)
                                                : mend_utf8(lines, piece, err);
}

/* Walks again, character by character: this is asked only of a piece that has a fault besides. */
int64_t val_lines_origin(struct val_lines *lines, const struct val_piece *piece, size_t at) {
  if (piece->raw == piece->data) return piece->byte + (int64_t)at;
  if (at < lines->origin_to) lines->origin_from = lines->origin_to = 0;
  size_t from = lines->origin_from, to = lines->origin_to;
  while (to < at && from < piece->raw_len) {
    const unsigned char c = (unsigned char)piece->raw[from];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (lines->encoding == VAL_ENCODING_LATIN1) {
      to += n > 1 ? 2 : 1;
      from++;
    } else if (n <= piece->raw_len - from && core_utf8_valid_prefix(piece->raw + from, n) == n) {
      to += n;
      from += n;
    } else {
      to += 3; /* U+FFFD */
      from++;
    }
  }
  lines->origin_from = from;
  lines->origin_to = to;
  return piece->byte + (int64_t)from;
}
