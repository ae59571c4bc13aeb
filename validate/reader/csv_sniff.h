/* SPDX-License-Identifier: GPL-3.0-or-later
 * How a text was written, from its first bytes: a guess by rules that are written out in docs/csv.md. The same bytes give
 * the same answer. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define CSV_SNIFF_BYTES ((size_t)64 << 10)

struct csv_sniffed {
  char delimiter, quote;
  bool header;
  size_t width;     /* fields of most records; 1 where no delimiter was found */
  size_t n_records; /* that were looked at */
};
/* What is known already is not 0 and stays. `preferred`: the delimiter where none is found. `whole`: the bytes are all that
 * there are; otherwise the last record is left out. */
struct csv_sniffed csv_sniff(const char *bytes, size_t n, bool whole, char delimiter, char quote,
                             char preferred);
