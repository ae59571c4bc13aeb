/* SPDX-License-Identifier: GPL-3.0-or-later
 * parquet_rows FILE: schema, rows and findings of a Parquet file, one a line. */
#include <stdio.h>

#include "tests/support/parquet_read.h"

int main(int argc, char **argv) {
  struct core_error err = {0};
  struct core_source *source = NULL;
  const struct val_read_options options = {0};
  struct parquet_read read = {.with_rows = true};
  if (argc != 2) return 2;
  enum core_status st = core_source_open_file(argv[1], &source, &err);
  if (st == CORE_OK) st = test_parquet_read(source, &options, &read, &err);
  printf("%s\n%s%s", core_str_text(&read.schema), core_str_text(&read.rows),
         core_str_text(&read.findings));
  if (st != CORE_OK) printf("%s: %s\n", core_status_name(st), err.message);
  test_parquet_read_close(&read);
  core_source_close(source);
  return st != CORE_OK;
}
