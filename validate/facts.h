/* SPDX-License-Identifier: GPL-3.0-or-later
 * What an input says of a column's values in one of its parts, so that they need not be read: only what can be relied on. */
#pragma once
#include "validate/scalar.h"

struct val_facts {
  bool knows_nulls;
  int64_t n_null; /* of the part's rows; NaN counts as null, as everywhere */
  bool knows_range;
  struct val_scalar least, greatest; /* every value lies between them; neither need occur */
};
