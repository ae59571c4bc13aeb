/* SPDX-License-Identifier: GPL-3.0-or-later
 * Failing rows grouped by their value, for every report that shows a value once and says how often.
 */
#pragma once
#include "validate/result.h"

struct val_tally_group {
  const struct val_failure *first; /* the earliest row of the group  */
  size_t start, count;             /* its rows: order[start .. start + count), ascending */
};
struct val_tally {
  size_t *order;                  /* indices into the failures */
  struct val_tally_group *groups; /* by their first row */
  size_t n_groups;
};
enum core_status val_tally_open(struct val_tally *tally, const struct val_failure *failures,
                                size_t n, struct core_error *err) CORE_MUST_CHECK;
/* Reorders the groups: most rows first, equal ones by their first row. */
void val_tally_sort_by_count(struct val_tally *tally);
void val_tally_close(struct val_tally *tally);
