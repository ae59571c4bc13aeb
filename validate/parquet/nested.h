/* SPDX-License-Identifier: GPL-3.0-or-later
 * A column that repeats: lists, maps, and structs with such in them, put together from the levels of its leaves (Parquet's
 * README, "Nested Encoding"; LogicalTypes.md, "Lists" and "Maps" with their rules for older forms). Each row is given as
 * JSON: a list as an array, a map as an array of {"key": k, "value": v}, a struct as an object. */
#pragma once
#include "validate/parquet/flat.h"

struct val_nested {
  const struct val_parquet_field *field;
  struct val_nested_leaf *leaves; /* those below the field */
  size_t n_leaves;
  struct val_parquet_memory *memory;
  struct core_str text; /* of the rows that were filled */
  size_t n_rows, n_bytes, max_rows;
  int64_t n_null;
  struct val_parquet_buffer validity, offsets;
};
enum core_status val_nested_open(struct val_nested *nested, const struct val_parquet_file *file,
                                 const struct val_parquet_field *field, size_t max_rows,
                                 struct val_parquet_memory *memory,
                                 struct core_error *err) CORE_MUST_CHECK;
enum core_status val_nested_begin(struct val_nested *nested, size_t group,
                                  struct core_error *err) CORE_MUST_CHECK;
void val_nested_reset(struct val_nested *nested);
enum core_status val_nested_fill(struct val_nested *nested, size_t n, int64_t first_row,
                                 struct val_findings *findings,
                                 struct core_error *err) CORE_MUST_CHECK;
/* How nodes repeat: a list's only child is what repeats, around its element or the element itself; a map's repeats a key
 * and perhaps a value. */
bool val_nested_is_list(const struct val_parquet_node *node);
bool val_nested_is_map(const struct val_parquet_node *node);
bool val_nested_wraps_element(const struct val_parquet_node *list,
                              const struct val_parquet_node *repeated);
struct val_column val_nested_column(const struct val_nested *nested);
void val_nested_close(struct val_nested *nested);
