/* SPDX-License-Identifier: GPL-3.0-or-later
 * Inside of the reader of many files: what its two halves share, reading (files_reader.c) and splitting for threads
 * (files_split.c). */
#pragma once
#include "validate/dataset/file_columns.h"
#include "validate/dataset/files_reader.h"

/* One file that is read by several threads. */
struct files_group {
  size_t file;
  struct val_input input;
  struct val_reader_part *parts;
  size_t n;
};

struct val_reader {
  const struct val_dataset *dataset;
  struct val_union all;           /* of a part: a copy that owns nothing */
  const struct val_union *shared; /* what columns are made by: &all, or the whole's */
  struct val_schema schema;
  struct file_columns columns;
  struct core_arena arena; /* notes */
  struct val_seed *seeds;  /* one a column of files: the classes of its values so far */
  bool started;            /* types were taken from a first batch: other ones are a contradiction */
  bool settled;

  size_t first, end; /* files to read */
  size_t file;       /* at hand */
  bool open;         /* it is */
  struct val_input input;
  struct val_reader *inner; /* of the file at hand: the input's, or a section of it */
  int64_t file_rows;        /* given of it */
  int64_t n_rows;           /* given of all */
  int64_t *rows_of;         /* one a file: its rows */
  struct val_findings findings;
  struct val_batch batch;
  size_t idle_left; /* rows of a batch of which no column is read that are still to be given */

  bool by_parts;
  bool *wanted, *wanted_inner; /* of the part at hand */

  bool is_part;
  struct val_reader *section;   /* of one file; NULL: whole files */
  struct val_reader_part *from; /* where the section was taken from */
  struct files_group *groups;   /* of the whole, while it is split */
  size_t n_groups;
};

enum core_status files_open_at(struct val_reader *r, struct core_error *err) CORE_MUST_CHECK;
/* Has the file at hand as many columns as it had when the dataset was looked at? */
bool files_have_columns(const struct val_reader *r);
/* Are the types of the file at hand those of the dataset? */
bool files_agree(const struct val_reader *r);
/* Stands before the next part of a file, or at the end; for files of parts. */
enum core_status files_find_part(struct val_reader *r, struct core_error *err) CORE_MUST_CHECK;
enum core_status files_rewind(struct val_reader *r, struct core_error *err) CORE_MUST_CHECK;
void files_close(struct val_reader *r);
void files_groups_close(struct val_reader *r);
enum core_status files_new(const struct val_dataset *dataset, struct val_reader **out,
                           struct core_error *err) CORE_MUST_CHECK;
enum core_status files_prepare(struct val_reader *r, struct core_error *err) CORE_MUST_CHECK;

enum core_status files_split(struct val_reader *r, struct val_reader_part *parts, size_t *n,
                             struct core_error *err) CORE_MUST_CHECK;
enum core_status files_join(struct val_reader *r, struct val_reader_part *parts, size_t n,
                            bool *whole, struct core_error *err) CORE_MUST_CHECK;
