/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every different value of a column with the number of its rows, nulls apart; exact, in memory up to the budget, the rest in
 * a temporary file. Once finished it is read in ascending order. */
#pragma once
#include "validate/metric/counted.h"
#include "validate/metric/metric.h"

int64_t val_value_counts_n(const struct val_metric *metric); /* different values */

struct val_value_cursor;
/* The metric must live as long. */
enum core_status val_value_cursor_open(const struct val_metric *metric,
                                       struct val_value_cursor **out,
                                       struct core_error *err) CORE_MUST_CHECK;
/* The next value, or NULL behind the last; its text is valid until the next call. */
enum core_status val_value_cursor_next(struct val_value_cursor *cursor,
                                       const struct val_value_count **out,
                                       struct core_error *err) CORE_MUST_CHECK;
void val_value_cursor_close(struct val_value_cursor *cursor); /* accepts NULL */
