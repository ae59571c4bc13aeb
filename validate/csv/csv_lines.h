/* SPDX-License-Identifier: GPL-3.0-or-later
 * The bytes of a source as pieces of valid UTF-8, each at most one physical line, with the place where it stands. Knows
 * encodings and line ends (LF, CR, CRLF), nothing of fields or quotes. Memory: one buffer, whatever a line's length. */
#pragma once
#include "core/source.h"
#include "validate/finding.h"

enum val_encoding { VAL_ENCODING_UTF8, VAL_ENCODING_LATIN1 };
/* "utf-8", "utf8", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1" in any case; NULL is utf-8. */
bool val_encoding_parse(const char *name, enum val_encoding *out);

struct val_piece {
  const char *data; /* UTF-8, with its line end; valid until the next call */
  size_t len;       /* 0: the end of the input */
  int64_t line;     /* 1-based */
  int64_t byte;     /* of the piece's first byte, in the source */
  const char *raw;  /* as it stands in the source; == data unless bytes had to be changed */
  size_t raw_len;
  bool whole; /* ends with a line end or the input; a line longer than the buffer comes in parts */
  bool blank_edges; /* a blank may stand beside a delimiter, a quote or a line end */
};

struct val_lines {
  struct core_source *source;    /* borrowed */
  struct val_findings *findings; /* borrowed: NUL bytes and bytes that are not of the encoding */
  enum val_encoding encoding;
  char delimiter, quote;
  int64_t
      row; /* set by the caller: the data row that the next piece belongs to, for findings; -1: none */
  char *buffer;
  size_t capacity;
  size_t begin, end;       /* what of the buffer is still to be given */
  size_t next_lf, next_cr; /* at or after begin; == end: none; valid while `scanned` */
  bool scanned;
  bool started, eof, after_cr;
  bool has_nul, has_high, blank_edges; /* of the bytes in the buffer */
  int64_t offset;                      /* of buffer[0] in the source */
  int64_t line;
  char *clean;                   /* a piece that had to be changed */
  size_t origin_from, origin_to; /* places in its source and in itself that belong together */
  size_t clean_capacity;
};

#define VAL_LINES_BUFFER_BYTES 262144
/* buffer_bytes 0: the default. `lines` need not be initialised. */
enum core_status val_lines_init(struct val_lines *lines, struct core_source *source,
                                size_t buffer_bytes, struct val_findings *findings,
                                struct core_error *err) CORE_MUST_CHECK;
/* A UTF-8 byte order mark is skipped; one of UTF-16 or UTF-32 is CORE_PARSE. */
enum core_status val_lines_next(struct val_lines *lines, struct val_piece *piece,
                                struct core_error *err) CORE_MUST_CHECK;
/* Where in the source byte `at` of the newest piece comes from. Asked for rising places, all answers together walk over
 * the piece once. */
int64_t val_lines_origin(struct val_lines *lines, const struct val_piece *piece, size_t at);
/* Forgets all that was read; the caller has rewound the source. */
void val_lines_restart(struct val_lines *lines);
void val_lines_close(struct val_lines *lines);
