/* SPDX-License-Identifier: GPL-3.0-or-later
 * The state of the Parquet reader, and how its columns are opened: which fields and elements a file has, and which of them
 * are read. For reader_parquet.c alone. */
#pragma once
#include "validate/parquet/bloom.h"
#include "validate/parquet/elements.h"
#include "validate/parquet/flat.h"
#include "validate/parquet/nested.h"
#include "validate/reader/reader.h"

#define VAL_PARQUET_MEMORY_MOST                                                                    \
  ((size_t)512 << 20) /* for the pages and buffers of all columns, and */
#define VAL_PARQUET_MEMORY_COLUMN ((size_t)4 << 20)  /* for each: wide tables are nothing bad */
#define VAL_PARQUET_UNSPILLED     ((size_t)64 << 20) /* beyond it large pages go to a file */

struct parquet_column {
  size_t index; /* in the schema */
  bool idle;    /* not read in the present part */
  bool nested;
  bool as_text; /* bytes that the suite declares to be text */
  struct val_flat flat;
  struct val_nested list;
  struct val_bloom bloom; /* of the part that comes next */
};

struct elements_column {
  size_t index; /* among the columns of elements */
  bool idle, as_text;
  struct val_elements_column values;
};

struct val_reader {
  struct core_source *source;
  const struct val_parquet_file *file; /* `own`, or that of the reader whose section this is */
  struct val_parquet_file own;
  struct val_parquet_memory memory;
  struct core_arena arena;
  struct val_field *fields;
  struct val_schema schema;
  struct parquet_column *columns;
  size_t n_columns;
  struct val_column *given;              /* of the schema */
  struct val_parquet_elements *elements; /* all that there are, and those that are read */
  struct elements_column *element_columns;
  size_t n_element_columns;
  struct val_elements *given_elements; /* of the schema */
  struct val_batch batch;
  struct val_findings findings, at_open; /* of the latter: those about columns, not rows */
  struct val_lookup lookup;
  size_t batch_rows;
  bool codes; /* columns may stay dictionary-encoded */
  size_t step;
  size_t group;                  /* the next row group */
  size_t first_group, end_group; /* of this reader's section, and behind it */
  int64_t first_row;             /* of the section */
  int64_t group_left;            /* rows of the present one */
  int64_t n_rows;                /* in earlier batches */
  bool by_parts;                 /* batches end with their row group */
};

/* The schema of r->file, and those of its columns that the options ask for. */
enum core_status val_parquet_columns_open(struct val_reader *r,
                                          const struct val_read_options *options,
                                          struct core_error *err) CORE_MUST_CHECK;
/* For a section: the same columns as `whole` has. */
enum core_status val_parquet_columns_open_as(struct val_reader *part,
                                             const struct val_reader *whole,
                                             struct core_error *err) CORE_MUST_CHECK;
