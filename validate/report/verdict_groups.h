/* SPDX-License-Identifier: GPL-3.0-or-later
 * Verdicts by what they are about: the table first, then each column of the data in the file's order, at last pairs, lists
 * of columns and columns that are not there. */
#pragma once
#include "validate/result.h"

struct val_verdict_group {
  const char *domain; /* "age", "a, b", "(table)" */
  size_t column;      /* index of the column; n_fields: it is about no single one that is there */
  size_t first, n;    /* verdicts: order[first .. first + n), in the suite's order */
};
struct val_verdict_groups {
  struct core_arena arena;
  size_t *order;
  struct val_verdict_group *groups;
  size_t n;
};
/* Columns without expectations are groups of their own when the result has a profile. */
enum core_status val_verdict_groups_open(struct val_verdict_groups *groups,
                                         const struct val_result *result,
                                         struct core_error *err) CORE_MUST_CHECK;
void val_verdict_groups_close(struct val_verdict_groups *groups);
