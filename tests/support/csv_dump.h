/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reads a CSV through the reader's contract, restarts included, and writes everything down as text. */
#pragma once
#include "core/str.h"
#include "validate/reader/reader.h"

struct csv_dump {
  struct core_str schema;   /* "a:int64 b:string" */
  struct core_str rows;     /* one a line: "ROW@LINE+BYTE [v,v]" with JSON values */
  struct core_str findings; /* one a line: "code row R line L byte B column: message" */
  struct core_str notes;    /* of the columns, one a line */
  int restarts;
  int64_t n_rows;
  uint64_t count[VAL_FINDING_KINDS];
};
enum core_status test_csv_dump(struct core_source *source, const struct val_read_options *options,
                               struct csv_dump *dump, struct core_error *err);
void test_csv_dump_close(struct csv_dump *dump);
