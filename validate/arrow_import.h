/* SPDX-License-Identifier: GPL-3.0-or-later
 * From arrays of the Arrow C data interface to columns of batches: copied, converted to our types, slice by slice. */
#pragma once
#include "validate/arrow.h"
#include "validate/finding.h"

/* How the values lie in the producer's buffers. */
enum val_arrow_storage {
  VAL_ARROW_NULL,
  VAL_ARROW_BIT,
  VAL_ARROW_INT,      /* of `width` bytes, signed   */
  VAL_ARROW_UNSIGNED, /* likewise, unsigned         */
  VAL_ARROW_REAL,     /* of 2, 4 or 8 bytes         */
  VAL_ARROW_TEXT,     /* offsets of `width` bytes   */
  VAL_ARROW_FIXED,    /* `width` bytes each         */
  VAL_ARROW_OTHER     /* known to others            */
};
struct val_arrow_form {
  enum val_type type;
  enum val_arrow_storage storage;
  size_t width;
  int64_t times, per; /* an integer's multiple: value * times / per */
  int precision, scale;
};
/* By the format string; OTHER for what is not read. */
struct val_arrow_form val_arrow_form_of(const char *format);

struct val_arrow_column {
  const char *name; /* borrowed */
  struct val_arrow_form form,
      index; /* index: of a dictionary's entries; OTHER: there is no dictionary */
  int64_t n_null;
  size_t n, n_bytes;
  uint8_t *validity;
  void *values;
  char *bytes;
  int32_t *offsets;
  size_t validity_cap, values_cap, bytes_cap, offsets_cap;
};
/* CORE_PARSE: a null format, or a dictionary by something else than integers. */
enum core_status val_arrow_column_open(struct val_arrow_column *column,
                                       const struct ArrowSchema *schema,
                                       struct core_error *err) CORE_MUST_CHECK;
/* Is the array what the interface says of one of that format, with at least `need` values? */
enum core_status val_arrow_column_check(const struct val_arrow_column *column,
                                        const struct ArrowArray *array, int64_t need,
                                        struct core_error *err) CORE_MUST_CHECK;
/* Values [from, from + n) of the array, counted behind its offset, as a column, valid until the next call. */
enum core_status val_arrow_column_take(struct val_arrow_column *column,
                                       const struct ArrowArray *array, int64_t from, size_t n,
                                       int64_t first_row, struct val_findings *findings,
                                       struct val_column *out,
                                       struct core_error *err) CORE_MUST_CHECK;
void val_arrow_column_close(struct val_arrow_column *column);
