/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a kernel: finds the structural bytes of a piece of CSV (delimiter, quote, LF, CR) and nothing else. It
 * knows no fields and no quoting; which of the bytes count is decided by who reads the index (csv_scan.c). All kernels
 * give the same index for the same bytes. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "validate/csv/csv_block.h"

/* Places of structural bytes, rising. The caller made room for one place a byte and VAL_CSV_SLACK more; as many bytes may be
 * read behind those that are searched. */
struct val_csv_index {
  uint32_t *at; /* places; at[-1] may be written by the reader of the index */
  size_t n;
  uint32_t *special; /* which of `at` are a quote or a line end */
  size_t n_special;
};

enum {
  VAL_CSV_HIGH = 1,
  VAL_CSV_NUL = 2
}; /* bytes of 0x80 and above, of 0, are among those searched */

struct val_csv_kernel {
  const char *name;
  bool (*runs_here)(void);
  /* Appends the places in bytes[from .. to) to the index; says which odd bytes there are. */
  unsigned (*find)(const char *bytes, size_t from, size_t to, char delimiter, char quote,
                   struct val_csv_index *index);
};

/* NULL-terminated, best first; which of them were built depends on the processor that we build for. */
const struct val_csv_kernel *const *val_csv_kernel_all(void);
/* By name; NULL: the best that this machine runs. NULL is returned when it is not known or does not run here. */
const struct val_csv_kernel *val_csv_kernel_find(const char *name);
