/* SPDX-License-Identifier: GPL-3.0-or-later
 * Observed and expected categories side by side, in ascending order of the values: what a column's different values and a
 * partition of categories have, joined. */
#pragma once
#include "validate/expect/partition.h"
#include "validate/metric/value_counts.h"

struct val_category {
  struct val_scalar value;
  double observed; /* share of the values; 0: not seen       */
  double expected; /* weight; given only when `known`        */
  bool known;      /* the partition names it                 */
};
struct val_category_table {
  struct val_category *rows;
  size_t n, n_unknown; /* seen, but not in the partition */
  int64_t n_values;
};
/* Weights of categories that were not expected: existing ones are scaled by 1 - holdout, the new ones share the holdout. In
 * `arena`. */
enum core_status val_category_table_open(struct val_category_table *table,
                                         const struct val_partition *partition,
                                         const struct val_metric *counts, double holdout,
                                         struct core_arena *arena,
                                         struct core_error *err) CORE_MUST_CHECK;
/* {"observed_partition":{"values":[...],"weights":[...]},"expected_partition":{...}} */
void val_category_table_json(const struct val_category_table *table, struct core_str *out);
