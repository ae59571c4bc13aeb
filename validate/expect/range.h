/* SPDX-License-Identifier: GPL-3.0-or-later
 * min_value and max_value with their strictness, for every expectation whose name ends in _between. */
#pragma once
#include "validate/expect/expectation.h"
#include "validate/scalar.h"

struct val_range {
  bool has_min, has_max, strict_min, strict_max;
  struct val_scalar min, max;
};

/* For values of that type. Fails with a sentence when a bound can never be compared with them. */
enum core_status val_range_open(struct val_range *range, const struct val_expected *expected,
                                enum val_type type, struct core_error *err) CORE_MUST_CHECK;
/* The value is not null and compares with the bounds; NaN lies in no range that has a bound. */
bool val_range_holds(const struct val_range *range, const struct val_scalar *value);

/* The same for a value that was computed and rounded, as a mean is: one that lies within rounding (4 units in the last
 * place) of a bound is on it, since the bound may have been computed in another way. */
bool val_range_holds_rounded(const struct val_range *range, const struct val_scalar *value);

/* The same range for a column whose values are integers inside (val_type_is_integer): least <= v <= greatest.
 * False when no integer lies in it. */
bool val_range_integers(const struct val_range *range, enum val_type type, int64_t *least,
                        int64_t *greatest);

/* Checks of keyword arguments, by the way a suite is read. */
enum core_status
val_range_check(const struct val_expected *expected,
                struct core_error *err); /* min_value <= max_value, each comparable */
enum core_status val_range_check_given(const struct val_expected *expected,
                                       struct core_error *err); /* and not both absent */
enum core_status val_range_check_integers(const struct val_expected *expected,
                                          struct core_error *err); /* both integers, min <= max */
