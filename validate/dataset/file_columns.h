/* SPDX-License-Identifier: GPL-3.0-or-later
 * From a batch of one file to a batch of the dataset: columns in their places, types made equal, what the file has not as
 * null, keys of the path as columns of one value. */
#pragma once
#include "validate/dataset/union.h"

struct file_column {
  void *values; /* made here: converted, or one value over and over */
  size_t values_cap;
  int32_t *offsets;
  size_t offsets_cap;
  uint8_t *validity;
  size_t validity_cap;
  struct core_str text;
  size_t n_same; /* of a key: rows that are made already */
};

struct file_columns {
  const struct val_union *all; /* borrowed */
  const struct val_dataset *dataset;
  struct file_column *columns; /* one a column of the dataset, those of elements too */
  struct val_column *keys;     /* one value of each key, for the file at hand; in the arena */
  struct core_arena arena;     /* of the file at hand */
  struct val_column *given;
  struct val_elements *given_elements; /* NULL: the dataset has none */
  uint8_t *zeros;
  size_t zeros_cap;
};

enum core_status file_columns_init(struct file_columns *c, const struct val_union *all,
                                   const struct val_dataset *dataset,
                                   struct core_error *err) CORE_MUST_CHECK;
/* Before the batches of a file: reads its keys. Those that are not of their declared type are findings. */
enum core_status file_columns_begin(struct file_columns *c, size_t file,
                                    struct val_findings *findings,
                                    struct core_error *err) CORE_MUST_CHECK;
/* Fills c->given and c->given_elements with n rows; `batch` is the file's own. `wanted` (one a column of the dataset): others are given as those
 * that nobody asked for; NULL: what the union needs. */
enum core_status file_columns_fill(struct file_columns *c, size_t file,
                                   const struct val_batch *batch, size_t n, const bool *wanted,
                                   struct core_error *err) CORE_MUST_CHECK;
/* One value, of a key, for who asks before the batches. */
const struct val_column *file_columns_key(const struct file_columns *c, size_t column);
void file_columns_close(struct file_columns *c);
