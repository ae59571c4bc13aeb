/* SPDX-License-Identifier: GPL-3.0-or-later
 * The different values of a column with the number of their rows, nulls apart, as long as they are few: in bounded memory,
 * where value_counts keeps them all. Whether they are too many depends on the set of values alone, not on where the rows
 * were cut. */
#pragma once
#include "validate/metric/counted.h"
#include "validate/metric/metric.h"

#define VAL_FEW_VALUES 1000              /* more are too many; */
#define VAL_FEW_BYTES  ((size_t)1 << 20) /* and so are more bytes of text than this */

/* In ascending order; NULL when there were too many. */
const struct val_value_count *val_few_values(const struct val_metric *metric, size_t *n);
