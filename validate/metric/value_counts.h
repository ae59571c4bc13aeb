/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every different value of a column with the number of its rows, nulls apart; in ascending order once finished. */
#pragma once
#include "validate/metric/metric.h"
#include "validate/scalar.h"

struct val_value_count {
  struct val_scalar value; /* text borrowed from the metric */
  int64_t count;
};
const struct val_value_count *val_value_counts(const struct val_metric *metric, size_t *n);
