/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a dataset is: a list of files in a fixed order, and columns that stand in their paths (year=2026/month=01). Knows
 * paths, not what is in the files. Rules: docs/datasets.md. */
#pragma once
#include "core/mem.h"
#include "core/source.h"

#define VAL_DATASET_FILES 1000000 /* more is CORE_LIMIT */

struct val_dataset_file {
  const char *path; /* "-": standard input */
  const char *const
      *values;              /* of the keys: unescaped text; NULL: null, or the path lacks the key */
  int64_t bytes;            /* as they lie on disk; -1: not known */
  struct core_source *held; /* a stream, which can be opened only once; else NULL */
  size_t from;              /* for the search of keys: where the fixed part of its path ends */
};

struct val_dataset {
  struct core_arena arena;
  const char *name; /* for reports: the one argument, or "a.csv and 3 more" */
  struct val_dataset_file *files;
  size_t n_files, files_cap;
  const char *const *keys; /* of the paths, in order of their first appearance */
  size_t n_keys;
  bool many;           /* a folder, a pattern or several arguments: places name their file */
  size_t n_skipped;    /* files of a folder that have no ending of data, ... */
  const char *skipped; /* ... the first of them */
};

/* Each word is a file, "-", a folder or a pattern of glob(3). CORE_IO: there is no such file, or nothing matches;
 * CORE_INVAL: a file is there twice. */
enum core_status val_dataset_open(struct val_dataset *dataset, const char *const *words,
                                  size_t n_words, struct core_error *err) CORE_MUST_CHECK;
void val_dataset_close(struct val_dataset *dataset);
int64_t val_dataset_bytes(const struct val_dataset *dataset); /* -1: not known */

/* For val_dataset_open: finds keys and values in the paths of all files. */
enum core_status val_partitions_find(struct val_dataset *dataset,
                                     struct core_error *err) CORE_MUST_CHECK;
