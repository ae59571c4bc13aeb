/* SPDX-License-Identifier: GPL-3.0-or-later
 * What every judgement by rows counts: rows looked at, rows left out for their nulls, unexpected rows; and the first
 * unexpected rows with their values and places, within a limit. Which rows are kept depends on their row numbers alone,
 * never on how the rows were cut into batches or partial passes. */
#pragma once
#include "validate/expect/expectation.h"

/* Which rows are left out because of nulls in the columns. */
enum val_null_rule {
  VAL_NULLS_ANY, /* a row with any null is left out: every one-column map, either_value_is_missing, any_value_is_missing */
  VAL_NULLS_ALL, /* only when all are null: both_values_are_missing, all_values_are_missing */
  VAL_NULLS_NEVER /* neither, never; and the *_null expectations */
};

/* What a row expectation looks at: the params of its metric, in the plan's arena. */
struct val_map {
  const struct val_expected *expected;
  const struct val_schema *schema;
  const size_t *columns;
  size_t n_columns;
  const size_t *index_columns;
  size_t n_index_columns;
  enum val_null_rule nulls;
  size_t max_rows, max_bytes; /* of failing rows kept */
};

struct val_kept {
  int64_t row, line, byte;
  size_t bytes;                                    /* of the block, for the budget */
  const char *json, *text, *index_json, *row_json; /* behind this struct, in one block */
};

/* As bytes that can be kept elsewhere, appended; and back from them: NULL when out of memory. *used: how many those were. */
void val_kept_write(const struct val_kept *kept, struct core_str *out);
struct val_kept *val_kept_read(const char *bytes, size_t *used);

struct val_row_tally {
  const struct val_map *map;
  int64_t n_rows, n_missing, n_unexpected;
  struct val_kept **kept;
  size_t n_kept, kept_cap, kept_bytes;
  bool sorted;
  int64_t limit_row;   /* rows from here on are not kept */
  uint8_t *considered; /* of the batch at hand: rows that were not left out */
  size_t considered_cap;
  struct core_str scratch[4];
};

void val_row_tally_open(struct val_row_tally *tally, const struct val_map *map);
/* Counts the batch's rows and fills tally->considered, one bit a row, none beyond the last. */
enum core_status val_row_tally_consider(struct val_row_tally *tally, const struct val_batch *batch,
                                        struct core_error *err) CORE_MUST_CHECK;
/* Would a failing row of that number be kept, as things stand? */
bool val_row_tally_admits(const struct val_row_tally *tally, int64_t row);
/* The row as it would be kept; owned by the caller until val_row_tally_keep. */
enum core_status val_row_tally_show(struct val_row_tally *tally, const struct val_batch *batch,
                                    size_t row, struct val_kept **out,
                                    struct core_error *err) CORE_MUST_CHECK;
/* Takes the row over. Rows may come in any order. Does not count it. */
enum core_status val_row_tally_keep(struct val_row_tally *tally, struct val_kept *kept,
                                    struct core_error *err) CORE_MUST_CHECK;
enum core_status val_row_tally_merge(struct val_row_tally *into, struct val_row_tally *later,
                                     struct core_error *err) CORE_MUST_CHECK;
/* As val_metric_ops.shift. */
void val_row_tally_shift(struct val_row_tally *tally, int64_t rows, int64_t lines);
void val_row_tally_finish(struct val_row_tally *tally);
void val_row_tally_close(struct val_row_tally *tally);
