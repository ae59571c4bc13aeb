/* SPDX-License-Identifier: GPL-3.0-or-later
 * A row condition tied to the columns of a table: which rows of a batch it selects, and the batch of those rows alone.
 * Metrics of a conditioned expectation see only that batch, so conditions cost the others nothing. */
#pragma once
#include "validate/condition/condition.h"

/* The types that are at hand are settled once; a filter does not change afterwards and passes may share it. */
struct val_filter;
/* CORE_NOT_FOUND, CORE_UNSUPPORTED: a column that is not there, an order between text and numbers. In `arena`. */
enum core_status val_filter_open(const struct val_condition *condition,
                                 const struct val_schema *schema, struct core_arena *arena,
                                 const struct val_filter **out,
                                 struct core_error *err) CORE_MUST_CHECK;
/* Adds the names of the columns that the condition reads. */
void val_filter_columns(const struct val_condition *condition,
                        void (*add)(const char *name, void *with), void *with);

/* What a pass keeps to build filtered batches. Zero-initialised is ready. */
struct val_selection {
  struct core_arena scratch; /* bits of the terms, of one batch */
  struct val_column *columns;
  struct val_gathered *gathered; /* per column: its growing buffers */
  size_t n_columns;
  int64_t *row, *line, *byte;
  size_t row_cap, line_cap, byte_cap;
  uint32_t *chosen; /* indices of the rows selected */
  size_t chosen_cap;
  uint32_t *elements; /* likewise of elements */
  size_t elements_cap;
  struct val_batch batch;
};
/* The rows of `batch` that the filter selects as a batch of their own, with the columns that `wanted` says (one flag a
 * column), valid until the next call. n_rows 0: none. */
enum core_status val_selection_take(struct val_selection *selection,
                                    const struct val_filter *filter, const struct val_batch *batch,
                                    const bool *wanted, struct core_error *err) CORE_MUST_CHECK;
/* The elements of the schema's column `column` as a batch of rows of their own: each with its value there, the number of
 * the row that it is in, and that row's values of the other columns that are wanted. `filter` NULL: those of every row. */
enum core_status val_selection_expand(struct val_selection *selection,
                                      const struct val_filter *filter,
                                      const struct val_batch *batch, size_t column,
                                      const struct val_schema *schema, const bool *wanted,
                                      struct core_error *err) CORE_MUST_CHECK;
void val_selection_close(struct val_selection *selection);
