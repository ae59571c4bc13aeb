/* SPDX-License-Identifier: GPL-3.0-or-later
 * The exact median; of an even number of values the mean of the two in the middle. */
#include "validate/expect/aggregate.h"
#include "validate/metric/order.h"

static enum core_status column_median(const struct val_evidence *evidence, struct val_scalar *out,
                                      struct core_error *err) {
  struct val_metric *order = evidence->metrics[1];
  const int64_t n = val_order_count(order);
  struct val_scalar low, high;
  if (n == 0) return CORE_OK;
  CORE_TRY(val_order_select(order, (n - 1) / 2, &low, err));
  CORE_TRY(val_order_select(order, n / 2, &high, err));
  *out = val_scalar_double((val_scalar_number(&low) + val_scalar_number(&high)) / 2);
  return CORE_OK;
}

static const struct core_option kwargs[] = {VAL_KWARGS_AGGREGATE, CORE_OPTION_END};
static const struct val_aggregate aggregate = {{&val_metric_order, NULL}, column_median, false};
const struct val_expectation_ops val_expect_column_median_to_be_between = {
    .name = "expect_column_median_to_be_between",
    .summary = "the median of a numeric column lies in a range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = val_range_check,
    .plan = val_aggregate_plan,
    .judge = val_aggregate_judge,
    .aggregate = &aggregate,
};
