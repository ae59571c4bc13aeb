/* SPDX-License-Identifier: GPL-3.0-or-later
 * How many different values a column holds, nulls apart; exact, 16 bytes and a little a value. */
#pragma once
#include "validate/metric/metric.h"

int64_t val_distinct_count(const struct val_metric *metric);
int64_t val_distinct_values(const struct val_metric *metric); /* values that are not null */
