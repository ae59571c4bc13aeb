/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes to fields by libcsv: the reference tokenizer. Values arrive as they stand, nothing is trimmed; blank lines are
 * skipped; the dialect is that of RFC 4180 with a delimiter and a quote of one's choice (docs/csv.md). */
#pragma once
#include "core/source.h"
#include "validate/csv/csv_block.h"
#include "validate/csv/csv_lines.h"

struct val_csv_dialect {
  char delimiter, quote;
  enum val_encoding encoding;
  size_t max_field_bytes; /* a longer field is CORE_LIMIT; a record may have four times as much */
  size_t buffer_bytes;    /* 0: the default; at least 4. Results do not depend on it */
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
 * is also ended when its text reaches max_bytes. */
enum core_status val_csv_expect(struct val_csv_tokenizer *tokenizer, size_t n_fields,
                                const bool *keep, size_t max_records, size_t max_bytes,
                                struct core_error *err) CORE_MUST_CHECK;
/* The next records, valid until the next call; none at the end. */
enum core_status val_csv_next(struct val_csv_tokenizer *tokenizer, struct val_csv_block *block,
                              struct core_error *err) CORE_MUST_CHECK;
/* Back to before the first record; what was expected stays. */
enum core_status val_csv_restart(struct val_csv_tokenizer *tokenizer,
                                 struct core_error *err) CORE_MUST_CHECK;
void val_csv_close(struct val_csv_tokenizer *tokenizer); /* accepts NULL */
