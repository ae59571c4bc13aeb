/* SPDX-License-Identifier: GPL-3.0-or-later
 * The columns of a dataset: those of its files, matched by name, and behind them the keys of the paths. Where the files
 * differ is a finding. */
#pragma once
#include "validate/dataset/dataset.h"
#include "validate/input/input.h"

#define VAL_UNION_NONE UINT32_MAX

/* Where the dataset's columns are in the schema of a file; those behind the n-th are not in it. */
struct val_union_map {
  size_t n, n_elements;
  size_t n_file_columns, n_file_elements;
  uint32_t *at, *elements_at;
};

struct val_union {
  struct core_arena arena;
  const struct val_reader_ops *ops; /* of every file */
  struct val_read_options options;  /* as given, with the dialect that was found */
  struct val_field *fields;         /* types may be corrected by who reads values */
  size_t n, n_of_files; /* columns; the first ones are of the files, the others are the keys */
  size_t n_elements;    /* columns of elements, behind these */
  bool *needed;         /* one a column, those of elements too */
  struct val_union_map **maps;  /* one a file; files of the same columns share theirs */
  struct val_findings findings; /* how the files differ */
};

/* Opens each file once, for its columns. `options` and what it borrows must live longer. */
enum core_status val_union_open(struct val_union *all, const struct val_dataset *dataset,
                                const struct val_read_options *options,
                                struct core_error *err) CORE_MUST_CHECK;
void val_union_close(struct val_union *all);

/* One file of the dataset. */
enum core_status val_union_open_file(const struct val_dataset *dataset, size_t index,
                                     const struct val_read_options *options,
                                     struct val_input *input,
                                     struct core_error *err) CORE_MUST_CHECK;
static inline size_t val_union_width(const struct val_union *all) {
  return all->n + all->n_elements;
}
/* The place of the dataset's column, or column of elements, in the file's schema. */
static inline uint32_t val_union_at(const struct val_union *all, size_t file, size_t column) {
  const struct val_union_map *map = all->maps[file];
  if (column < all->n) return column < map->n ? map->at[column] : VAL_UNION_NONE;
  return column - all->n < map->n_elements ? map->elements_at[column - all->n] : VAL_UNION_NONE;
}
