/* SPDX-License-Identifier: GPL-3.0-or-later
 * One block of records, cut in place out of a buffer by the index that a kernel makes. Takes only records without fault:
 * of the right width, quotes where RFC 4180 has them, valid UTF-8, no NUL. At the first other one it gives the whole block
 * back, to be read by the reference parser. */
#pragma once
#include "core/source.h"
#include "validate/csv/csv_block.h"
#include "validate/csv/csv_kernel.h"
#include "validate/csv/tokenizer.h"

struct val_csv_scan {
  struct core_source *source; /* borrowed */
  const struct val_csv_kernel *kernel;
  char delimiter, quote;
  bool utf8;                                       /* else bytes from 0x80 on are not taken */
  size_t max_record_bytes, read_bytes, most_bytes; /* of one read, of the buffer */

  char *buffer; /* VAL_CSV_SLACK bytes in front and behind */
  size_t capacity, end, indexed;
  bool eof, closed;         /* closed: a line end that is not there was added to the index */
  int64_t offset;           /* of buffer[0] in the source */
  int64_t changed;          /* before this byte of the source the buffer may differ from it */
  struct val_csv_place now; /* the next record */

  struct val_csv_index index; /* of buffer[.. indexed) */
  size_t index_capacity, next_at, next_special;
  unsigned odd; /* of the bytes indexed since the index was emptied */

  size_t width, n_kept;
  uint32_t *column; /* n_kept: places in a record */
  uint32_t *ends;   /* 2 * width: of a record with quotes, where fields start and end */
  struct val_csv_field *fields;
  int64_t *line, *byte;
};

/* The struct is zeroed but for source, kernel, delimiter, quote and utf8. */
enum core_status val_csv_scan_init(struct val_csv_scan *scan, size_t max_record_bytes,
                                   size_t read_bytes, struct core_error *err) CORE_MUST_CHECK;
enum core_status val_csv_scan_expect(struct val_csv_scan *scan, size_t n_fields, const bool *keep,
                                     size_t max_records, size_t max_bytes,
                                     struct core_error *err) CORE_MUST_CHECK;
/* *taken is false when the block has a record that is not for the scanner: nothing was given then, and `now` is where the
 * block began. No records: the end, or `stop`. */
enum core_status val_csv_scan_block(struct val_csv_scan *scan, size_t max_records, size_t max_bytes,
                                    int64_t stop, struct val_csv_block *block, bool *taken,
                                    struct core_error *err) CORE_MUST_CHECK;
void val_csv_scan_seek(struct val_csv_scan *scan, const struct val_csv_place *to);
void val_csv_scan_close(struct val_csv_scan *scan);
