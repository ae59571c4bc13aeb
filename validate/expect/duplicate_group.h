/* SPDX-License-Identifier: GPL-3.0-or-later
 * A value, or tuple of values, with the first row that has it; how it is written for a temporary file and read again. */
#pragma once
#include "core/hash.h"
#include "validate/expect/row_tally.h"
#include "validate/metric/places.h"

struct val_group {
  struct core_hash128 hash; /* the key in `high` where keys are exact */
  struct val_place place;   /* of its first row */
  bool counted;             /* as unexpected, in its part of the data */
  struct val_kept *shown;   /* owned; NULL: like any row of the group, whose text is not at hand */
};
/* Appended; a failure is kept in `out`. */
void val_group_write(const struct val_group *group, bool exact, struct core_str *out);
/* *used: how many bytes it took. */
enum core_status val_group_read(const char *bytes, bool exact, struct val_group *group,
                                size_t *used, struct core_error *err) CORE_MUST_CHECK;
