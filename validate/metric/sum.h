/* SPDX-License-Identifier: GPL-3.0-or-later
 * The exact sum of a numeric column, and of its squares in a metric of its own. */
#pragma once
#include "validate/metric/exact_sum.h"
#include "validate/metric/metric.h"
#include "validate/scalar.h"

int64_t val_sum_count(const struct val_metric *metric); /* values that are not null */
/* Integer columns give an integer while it fits; no values give null. */
struct val_scalar val_sum_total(const struct val_metric *metric);
double val_sum_mean(const struct val_metric *metric); /* NaN without values */
/* Sample standard deviation (n - 1) from the sums of values and of squares of one column; NaN below two values.
 * n * sum(x^2) - sum(x)^2 is taken without rounding, so nothing cancels. */
double val_sum_stdev(const struct val_metric *sum, const struct val_metric *squares);
