/* SPDX-License-Identifier: GPL-3.0-or-later
 * How many different values there are, nulls apart. */
#include "validate/expect/aggregate.h"
#include "validate/metric/distinct.h"

static enum core_status column_unique_count(const struct val_evidence *evidence,
                                            struct val_scalar *out, struct core_error *err) {
  (void)err;
  *out = val_scalar_int64(val_distinct_count(evidence->metrics[1]));
  return CORE_OK;
}

static const struct core_option kwargs[] = {VAL_KWARGS_AGGREGATE, CORE_OPTION_END};
static const struct val_aggregate aggregate = {
    {&val_metric_distinct, NULL}, column_unique_count, false};
const struct val_expectation_ops val_expect_column_unique_value_count_to_be_between = {
    .name = "expect_column_unique_value_count_to_be_between",
    .summary = "the number of different values of a column lies in a range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = val_range_check,
    .plan = val_aggregate_plan,
    .judge = val_aggregate_judge,
    .aggregate = &aggregate,
};
