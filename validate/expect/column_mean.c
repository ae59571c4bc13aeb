/* SPDX-License-Identifier: GPL-3.0-or-later
 * The arithmetic mean: the exact sum, rounded once, over the number of values. */
#include "validate/expect/aggregate.h"
#include "validate/metric/sum.h"

static enum core_status column_mean(const struct val_evidence *evidence, struct val_scalar *out,
                                    struct core_error *err) {
  (void)err;
  *out = val_scalar_double(val_sum_mean(evidence->metrics[1]));
  return CORE_OK;
}

static const struct core_option kwargs[] = {VAL_KWARGS_AGGREGATE, CORE_OPTION_END};
static const struct val_aggregate aggregate = {{&val_metric_sum, NULL}, column_mean, true};
const struct val_expectation_ops val_expect_column_mean_to_be_between = {
    .name = "expect_column_mean_to_be_between",
    .summary = "the mean of a numeric column lies in a range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = val_range_check,
    .plan = val_aggregate_plan,
    .judge = val_aggregate_judge,
    .aggregate = &aggregate,
};
