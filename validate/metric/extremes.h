/* SPDX-License-Identifier: GPL-3.0-or-later
 * The least and the greatest value of a column that has an order; text by code points. */
#pragma once
#include "validate/metric/metric.h"
#include "validate/scalar.h"

/* Null when every value was. Text is borrowed from the metric. */
struct val_scalar val_extremes_min(const struct val_metric *metric);
struct val_scalar val_extremes_max(const struct val_metric *metric);
