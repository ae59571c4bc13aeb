/* SPDX-License-Identifier: GPL-3.0-or-later
 * Order statistics of a numeric column, exact: values are kept up to a budget of memory, then in sorted runs in a
 * temporary file that has no name (TMPDIR). A rank is found by bisection over the runs, without reading them whole. */
#pragma once
#include "validate/metric/metric.h"
#include "validate/scalar.h"

int64_t val_order_count(const struct val_metric *metric); /* values that are not null */
/* The value of that 0-based rank in ascending order; rank < count. */
enum core_status val_order_select(struct val_metric *metric, int64_t rank, struct val_scalar *out,
                                  struct core_error *err) CORE_MUST_CHECK;
/* These ranks, each below count, will be asked for: together they are found sooner than one by one. */
enum core_status val_order_prepare(struct val_metric *metric, const size_t *ranks, size_t n,
                                   struct core_error *err) CORE_MUST_CHECK;
/* How many values are below x, or at most x when `with_equal`. */
enum core_status val_order_below(struct val_metric *metric, double x, bool with_equal, int64_t *out,
                                 struct core_error *err) CORE_MUST_CHECK;
