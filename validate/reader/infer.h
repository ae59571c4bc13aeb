/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which type a column of text has. Each value has one class; the type follows from the set of classes of the whole
 * column, whatever their order. The rules are written out in docs/csv.md. */
#pragma once
#include "validate/batch.h"

/* A set of classes. Values that are null have none. */
enum {
  VAL_CLASS_INT = 1,     /* fits int64, written as a number is: no '+', no leading zeros  */
  VAL_CLASS_BIG_INT = 2, /* the same beyond int64                                         */
  VAL_CLASS_DOUBLE = 4,  /* with a point or exponent; inf, nan                            */
  VAL_CLASS_BOOL = 8,
  VAL_CLASS_DATE = 16,
  VAL_CLASS_TIMESTAMP = 32,
  VAL_CLASS_ZONED = 64, /* a timestamp with its offset from UTC                          */
  VAL_CLASS_TEXT = 128
};

unsigned val_infer_class(const char *text, size_t len);
enum val_type val_infer_type(unsigned classes);
/* Can no further value change the type? */
bool val_infer_is_final(unsigned classes);

/* true/True/TRUE, false/False/FALSE. */
bool val_bool_parse(const char *text, size_t len, bool *out);
/* Blanks and tabs around a number are not part of it. */
struct core_slice val_trimmed(const char *text, size_t len);
