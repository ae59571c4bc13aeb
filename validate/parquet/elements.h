/* SPDX-License-Identifier: GPL-3.0-or-later
 * Columns of elements: each leaf below a list, a map or another repeated field as a column whose rows are the elements, with
 * the row that each is in (Parquet's README, "Nested Encoding"). A list that is null or empty has none; a null element, or
 * one of a null struct, is a null. */
#pragma once
#include "validate/parquet/nested.h"

struct val_parquet_elements {
  char *path;          /* "tags[]", "items[].price", "attrs[].key", "deep[][]" */
  size_t field, leaf;  /* of the schema */
  unsigned definition; /* the least level of an element that is there, be it null */
};
/* Those of all fields, in their order, in the arena; at most one a leaf. */
enum core_status val_elements_list(const struct val_parquet_schema *schema,
                                   struct core_arena *arena, struct val_parquet_elements **out,
                                   size_t *n, struct core_error *err) CORE_MUST_CHECK;

/* One of them, being read. Zero-initialised may be closed. */
struct val_elements_column {
  const struct val_parquet_elements *what;
  struct val_flat flat;
  size_t levels, at, value_at; /* levels at hand, the next one, the next value */
  struct val_flat_values read;
  size_t n, n_bytes; /* elements and bytes of the rows that were filled */
  uint32_t n_rows;
  int64_t n_null;
  struct val_parquet_buffer parents, validity, values, offsets;
};
enum core_status val_elements_open(struct val_elements_column *column,
                                   const struct val_parquet_file *file,
                                   const struct val_parquet_elements *what, bool as_text,
                                   struct val_parquet_memory *memory,
                                   struct core_error *err) CORE_MUST_CHECK;
enum core_status val_elements_begin(struct val_elements_column *column, size_t group,
                                    struct core_error *err) CORE_MUST_CHECK;
void val_elements_reset(struct val_elements_column *column);
/* Adds the elements of the next n rows; `first_row` is the number of the first one, for findings. */
enum core_status val_elements_fill(struct val_elements_column *column, size_t n, int64_t first_row,
                                   struct val_findings *findings,
                                   struct core_error *err) CORE_MUST_CHECK;
/* What was filled, valid until the next reset. */
struct val_elements val_elements_given(const struct val_elements_column *column);
void val_elements_close(struct val_elements_column *column);
