/* SPDX-License-Identifier: GPL-3.0-or-later
 * Text fields of a block to one typed Arrow column: null tokens, parsing, validity. Buffers are reused from block to
 * block; nothing is allocated per value. */
#pragma once
#include "validate/batch.h"
#include "validate/csv/csv_block.h"
#include "validate/finding.h"
#include "validate/reader/null_tokens.h"

struct val_build {
  enum val_type type;
  size_t slot;      /* place of its fields in a block's records */
  const char *name; /* for findings; borrowed */
  bool guessed; /* a value that does not fit ends the build; otherwise it is a finding and null */
  uint8_t *validity;
  void *values;     /* by type; of max_records values */
  int32_t *offsets; /* strings */
  char *bytes;
  size_t bytes_capacity;
  size_t max_records;
};

enum core_status val_build_init(struct val_build *build, enum val_type type, size_t max_records,
                                struct core_error *err) CORE_MUST_CHECK;
void val_build_close(struct val_build *build);

/* Fills `column`, whose buffers are valid until the next call. *fits is false when the type was guessed and a value does
 * not have it; `column` is of no use then. */
enum core_status val_build_column(struct val_build *build, const struct val_csv_block *block,
                                  const struct val_null_tokens *nulls, int64_t first_row,
                                  struct val_findings *findings, struct val_column *column,
                                  bool *fits, struct core_error *err) CORE_MUST_CHECK;
