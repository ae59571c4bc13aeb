/* SPDX-License-Identifier: GPL-3.0-or-later
 * One value taken out of a column, computed from it, or written in a suite; compared exactly, whatever the two sides are. */
#pragma once
#include "core/tree.h"
#include "validate/batch.h"

struct val_scalar {
  enum val_type type;     /* VAL_TYPE_NULL: no value                     */
  int scale;              /* DECIMAL                                     */
  int64_t integer;        /* BOOL 0 or 1, INT64, DATE (days), TIMESTAMP*, TIME */
  double number;          /* DOUBLE                                      */
  core_int128 decimal;    /* DECIMAL: the value is decimal / 10^scale    */
  struct core_slice text; /* STRING, BINARY, NESTED; borrowed            */
};

struct val_scalar val_scalar_at(const struct val_column *column,
                                size_t row); /* text borrowed from the batch */
struct val_scalar val_scalar_int64(int64_t value);
struct val_scalar val_scalar_double(double value);
/* As a column's value would be shown: Arrow's types, Python's spelling. */
void val_scalar_json(const struct val_scalar *value, struct core_str *out);
void val_scalar_text(const struct val_scalar *value, struct core_str *out);

bool val_scalar_is_number(
    const struct val_scalar *value); /* BOOL, INT64, DOUBLE: Python's numbers; and DECIMAL */
bool val_type_is_number(enum val_type type);
bool val_type_is_time(enum val_type type); /* DATE, TIMESTAMP*; not TIME, which is of no day */
bool val_type_is_zoned(enum val_type type);
bool val_type_is_integer(
    enum val_type type); /* an integer inside: BOOL, INT64, times of any kind */

/* Can the two be put in order? Numbers with numbers, text with text and bytes, dates with dates and timestamps, but
 * timestamps without a zone not with those that have one. */
bool val_types_compare(enum val_type a, enum val_type b);
/* -1, 0, 1; the types compare, none is NaN. Integers against doubles exactly; text by code points. */
int val_scalar_compare(const struct val_scalar *a, const struct val_scalar *b);
/* Python's ==: values that do not compare are unequal, and so is NaN. */
bool val_scalar_equal(const struct val_scalar *a, const struct val_scalar *b);

/* A value as written in a suite, for comparison with a column of `type`: text stands for a date, a time or a timestamp
 * where the column holds such; beside decimals 0.1 is a tenth, not the double next to it. False when it can never compare with that type (a list, text against numbers). */
bool val_scalar_from_node(const struct core_node *node, enum val_type type, struct val_scalar *out);
/* A double becomes the decimal of its shortest text, as somebody wrote it; false: it is none. */
bool val_scalar_make_decimal(struct val_scalar *value);
/* Text as a date or timestamp: ISO 8601, "M/D/YYYY[ hh:mm[:ss]]", "Jan 01 1970[ hh:mm:ss[ PM]]", with an optional zone. */
bool val_scalar_parse_time(const char *text, size_t len, struct val_scalar *out);
/* As a double, rounded where an int64 does not fit; the value is a number. */
double val_scalar_number(const struct val_scalar *value);
