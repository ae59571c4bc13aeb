/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reads a Parquet input through the reader's contract and writes down what came, for tests. */
#pragma once
#include "core/source.h"
#include "core/str.h"
#include "validate/reader/reader.h"

struct parquet_read {
  int64_t n_rows;
  int64_t max_rows;         /* stop after so many; 0: all */
  bool with_rows;           /* fill `rows` */
  struct core_str schema;   /* "a:int64 b:string" */
  struct core_str rows;     /* one a line: "[v,v]" in JSON */
  struct core_str findings; /* "code column: message", one a line */
  uint64_t n_findings;
};
enum core_status test_parquet_read(struct core_source *source,
                                   const struct val_read_options *options,
                                   struct parquet_read *read, struct core_error *err);
/* The same from bytes. */
enum core_status test_parquet_read_bytes(const void *bytes, size_t len,
                                         const struct val_read_options *options,
                                         struct parquet_read *read, struct core_error *err);
void test_parquet_read_close(struct parquet_read *read);
const struct val_reader_ops *test_parquet_reader(void);
/* A whole file; NULL when it is not there. Free with core_free. */
unsigned char *test_read_file(const char *path, size_t *len);
