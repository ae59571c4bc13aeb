/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every different value of a column with the number of its rows, nulls apart; in ascending order once finished. */
#pragma once
#include "validate/metric/counted.h"
#include "validate/metric/metric.h"

const struct val_value_count *val_value_counts(const struct val_metric *metric, size_t *n);
