/* SPDX-License-Identifier: GPL-3.0-or-later
 * A column of plain values, at most one a row: from pages to a column of a batch, a few thousand rows at a time. Values
 * that their type cannot hold become null and a finding. */
#pragma once
#include "validate/dictionary.h"
#include "validate/finding.h"
#include "validate/parquet/chunk.h"
#include "validate/parquet/convert.h"

struct val_flat {
  struct val_chunk chunk;
  struct val_conversion conversion;
  const char *name; /* of the column, for findings; borrowed */
  /* What was filled since the last reset. */
  size_t n_rows, n_bytes;
  int64_t n_null;
  size_t max_rows;
  size_t step; /* values at a time: fewer where they are wide */
  struct val_parquet_buffer validity, values, offsets, bytes;
  /* Values of the step at hand. */
  struct val_parquet_buffer raw, dense;
  struct core_slice *slices;
  uint32_t *indices;
  uint8_t *bad;
  /* The dictionary, converted. */
  struct val_parquet_buffer entries, entry_slices, entry_bad;
  size_t n_bad_entries;
  uint64_t entries_of; /* number of the dictionary */
  /* The same as the entries of a batch's column, where rows may be given as numbers of them (flat_codes.c). */
  bool may_code;   /* asked for */
  bool coded;      /* what was filled since the last reset is codes, not values */
  bool codes_good; /* the entries are fit for it */
  uint64_t codes_of;
  struct val_dictionary dictionary;
  struct val_parquet_buffer codes, entry_bytes, entry_offsets;
};
enum core_status val_flat_open(struct val_flat *flat, const struct val_parquet_file *file,
                               size_t leaf, bool as_text, const char *name, size_t max_rows,
                               bool may_code, struct val_parquet_memory *memory,
                               struct core_error *err) CORE_MUST_CHECK;
enum core_status val_flat_begin(struct val_flat *flat, size_t group,
                                struct core_error *err) CORE_MUST_CHECK;
void val_flat_reset(struct val_flat *flat);
/* Adds the next n rows; `first_row` is the number of the first one, for findings. */
enum core_status val_flat_fill(struct val_flat *flat, size_t n, int64_t first_row,
                               struct val_findings *findings,
                               struct core_error *err) CORE_MUST_CHECK;
/* What was filled, valid until the next reset. */
struct val_column val_flat_column(const struct val_flat *flat);
void val_flat_close(struct val_flat *flat);

/* For the values of nested columns: decodes n_values (at most flat->step) of those that val_chunk_levels told of, converted, one after
 * another; text as slices. `bad` as in conversions. Valid until the next call. */
struct val_flat_values {
  const uint8_t *fixed; /* conversion.bytes each */
  const struct core_slice *slices;
  const uint8_t *bad; /* NULL: none is */
};
enum core_status val_flat_take(struct val_flat *flat, size_t n_values, struct val_flat_values *out,
                               struct core_error *err) CORE_MUST_CHECK;

/* Between the two halves of this. */

/* The dictionary at hand, converted. */
enum core_status val_flat_entries(struct val_flat *flat, struct val_flat_values *out,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Tells which of the next n rows have a value (a byte each; NULL: all), and counts the rows. */
void val_flat_add_validity(struct val_flat *flat, const uint8_t *valid, size_t n, size_t n_values);
/* Takes the next n rows as codes, if that can be: *done. */
enum core_status val_flat_fill_codes(struct val_flat *flat, const uint8_t *valid, size_t n,
                                     size_t n_values, bool *done,
                                     struct core_error *err) CORE_MUST_CHECK;
/* Rows that were filled as codes become values. The dictionary is still theirs. */
enum core_status val_flat_settle(struct val_flat *flat, struct core_error *err) CORE_MUST_CHECK;
