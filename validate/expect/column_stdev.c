/* SPDX-License-Identifier: GPL-3.0-or-later
 * The sample standard deviation (n - 1); one value alone has none, which fails. */
#include "validate/expect/aggregate.h"
#include "validate/metric/sum.h"

static enum core_status column_stdev(const struct val_evidence *evidence, struct val_scalar *out,
                                     struct core_error *err) {
  (void)err;
  *out = val_scalar_double(val_sum_stdev(evidence->metrics[1], evidence->metrics[2]));
  return CORE_OK;
}

static const struct core_option kwargs[] = {VAL_KWARGS_AGGREGATE, CORE_OPTION_END};
static const struct val_aggregate aggregate = {
    {&val_metric_sum, &val_metric_squares}, column_stdev, true};
const struct val_expectation_ops val_expect_column_stdev_to_be_between = {
    .name = "expect_column_stdev_to_be_between",
    .summary = "the sample standard deviation of a numeric column lies in a range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = val_range_check,
    .plan = val_aggregate_plan,
    .judge = val_aggregate_judge,
    .aggregate = &aggregate,
};
