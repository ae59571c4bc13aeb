/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes to fields. Values arrive as they stand, nothing is trimmed; blank lines are skipped; the dialect is that of RFC
 * 4180 with a delimiter and a quote of one's choice (docs/csv.md). Well-formed records are cut by a scanner that works on
 * many bytes at a time; what it does not take goes, block by block, to the reference parser, which is libcsv. Both give
 * the same blocks. */
#pragma once
#include "core/source.h"
#include "validate/csv/csv_block.h"
#include "validate/csv/csv_lines.h"

struct val_csv_dialect {
  char delimiter, quote;
  enum val_encoding encoding;
  size_t max_field_bytes; /* a longer field is CORE_LIMIT; a record may have four times as much */
  size_t buffer_bytes;    /* 0: the default; at least 4. Results do not depend on it */
  /* "libcsv", or a kernel of csv_kernel_list.h. NULL: what SWEEPGATE_CSV_KERNEL says, or the best one here. Results do
   * not depend on it either. */
  const char *kernel;
};

/* Between two records. */
struct val_csv_place {
  int64_t byte, line, row; /* of what comes next */
  bool after_cr; /* the line before ended with a CR: an LF that comes next belongs to it */
};

#define VAL_CSV_MAX_COLUMNS 100000

struct val_csv_tokenizer;
/* `source` is at its start; `findings` gets stray and unclosed quotes, ragged rows, NUL bytes, bad encoding. */
enum core_status val_csv_open(struct core_source *source, const struct val_csv_dialect *dialect,
                              struct val_findings *findings, struct val_csv_tokenizer **out,
                              struct core_error *err) CORE_MUST_CHECK;
/* The first record, however wide it is; no records at the end of the input. Call it once, before any val_csv_next. */
enum core_status val_csv_first(struct val_csv_tokenizer *tokenizer, struct val_csv_block *block,
                               struct core_error *err) CORE_MUST_CHECK;
/* From now on records have n_fields fields, of which those with keep[i] are given. At most max_records in a block, which
 * is also ended where max_bytes of the source or more lie behind the start of its first record. */
enum core_status val_csv_expect(struct val_csv_tokenizer *tokenizer, size_t n_fields,
                                const bool *keep, size_t max_records, size_t max_bytes,
                                struct core_error *err) CORE_MUST_CHECK;
/* Blocks of another size from now on, no larger than expected. */
void val_csv_limit(struct val_csv_tokenizer *tokenizer, size_t max_records, size_t max_bytes);
/* The next records, valid until the next call; none at the end. At least VAL_CSV_SLACK bytes may be read before and
 * behind every field. */
enum core_status val_csv_next(struct val_csv_tokenizer *tokenizer, struct val_csv_block *block,
                              struct core_error *err) CORE_MUST_CHECK;
/* Back to before the first record; what was expected stays. */
enum core_status val_csv_restart(struct val_csv_tokenizer *tokenizer,
                                 struct core_error *err) CORE_MUST_CHECK;
/* Records that begin at this byte of the source or behind it are not read; a record begins there, or nothing is promised. */
void val_csv_stop(struct val_csv_tokenizer *tokenizer, int64_t byte);
/* Between the records given and those to come. */
struct val_csv_place val_csv_tell(const struct val_csv_tokenizer *tokenizer);
/* Goes on at a place where a record, a blank line or the end is. */
enum core_status val_csv_seek(struct val_csv_tokenizer *tokenizer, const struct val_csv_place *to,
                              struct core_error *err) CORE_MUST_CHECK;
void val_csv_close(struct val_csv_tokenizer *tokenizer); /* accepts NULL */
