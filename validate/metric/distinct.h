/* SPDX-License-Identifier: GPL-3.0-or-later
 * How many different values a column holds, nulls apart; exact, 25 bytes a value up to the budget of memory, the
 * rest on disk. */
#pragma once
#include "validate/metric/metric.h"

int64_t val_distinct_count(const struct val_metric *metric);
int64_t val_distinct_values(const struct val_metric *metric); /* values that are not null */
