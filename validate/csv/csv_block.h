/* SPDX-License-Identifier: GPL-3.0-or-later
 * What lies between a CSV tokenizer and the typing of its columns: some records as text fields, each with its origin.
 * Whoever can fill this struct can feed the column builder. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VAL_CSV_SLACK  64
#define VAL_CSV_ABSENT UINT32_MAX /* the length of a field that its record did not have */

struct val_csv_field {
  uint32_t start, len; /* of `bytes`, unquoted, valid UTF-8 */
};

struct val_csv_block {
  size_t n_records;
  size_t n_fields; /* of each record: those that were asked for, in the order of the columns */
  const struct val_csv_field *fields; /* n_records * n_fields, record by record */
  const char *bytes;                  /* VAL_CSV_SLACK more may be read behind every field */
  size_t n_bytes;                     /* fields end at this or before; no byte is in two fields */
  const int64_t *line;                /* n_records: 1-based physical line where the record began */
  const int64_t *byte;                /* n_records: its first byte */
};
