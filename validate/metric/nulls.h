/* SPDX-License-Identifier: GPL-3.0-or-later
 * How many rows, how many of them null in one column. */
#pragma once
#include "validate/metric/metric.h"

int64_t val_nulls_rows(const struct val_metric *metric);
int64_t val_nulls_missing(const struct val_metric *metric);
