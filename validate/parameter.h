/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values that a suite leaves open: {"$PARAMETER": "2 * limit + 1"} in place of any argument, or inside one. An expression is
 * numbers, names of parameters, + - * / ^, brackets, PI, E, sin cos tan exp abs trunc round sgn, now(), datetime(2020, 1, 31),
 * timedelta(days=1). A text that is a parameter's name stands for its value, of whatever kind. As in Great Expectations a
 * sign binds tighter than ^, and ^ to the right; dividing integers gives a double. */
#pragma once
#include "core/tree.h"
#include "validate/scalar.h"

/* Where values come from, in this order: the first that has the name. Borrowed. */
struct val_parameters {
  const struct core_node *maps[3]; /* NULL: none */
  bool has_now;
  int64_t now_us; /* UTC; what now() gives */
};

/* Replaces every {"$PARAMETER": ...} in `node` and below by its value, in place; texts go to `arena`. A companion
 * {"$PARAMETER.EXPRESSION": value} is the value itself. CORE_INVAL with the place. */
enum core_status val_parameters_fill(struct core_node *node,
                                     const struct val_parameters *parameters,
                                     struct core_arena *arena,
                                     struct core_error *err) CORE_MUST_CHECK;
