/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every different pair of two columns' values with the number of its rows, nulls being values too; in ascending order once
 * finished, nulls last. Memory grows with the number of different pairs. */
#pragma once
#include "validate/metric/metric.h"
#include "validate/scalar.h"

struct val_pair_count {
  struct val_scalar a, b; /* texts borrowed from the metric */
  int64_t count;
};
const struct val_pair_count *val_pair_counts(const struct val_metric *metric, size_t *n);
