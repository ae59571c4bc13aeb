/* SPDX-License-Identifier: GPL-3.0-or-later
 * Different values over values, nulls apart; 0 for a column without values. */
#include "validate/expect/aggregate.h"
#include "validate/metric/distinct.h"

static enum core_status column_unique_share(const struct val_evidence *evidence,
                                            struct val_scalar *out, struct core_error *err) {
  (void)err;
  const int64_t n = val_distinct_values(evidence->metrics[1]);
  *out = val_scalar_double(n ? (double)val_distinct_count(evidence->metrics[1]) / (double)n : 0);
  return CORE_OK;
}

static const struct core_option kwargs[] = {VAL_KWARGS_AGGREGATE, CORE_OPTION_END};
static const struct val_aggregate aggregate = {
    {&val_metric_distinct, NULL}, column_unique_share, false};
const struct val_expectation_ops val_expect_column_proportion_of_unique_values_to_be_between = {
    .name = "expect_column_proportion_of_unique_values_to_be_between",
    .summary = "the number of different values over the number of values lies in a range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = val_range_check,
    .plan = val_aggregate_plan,
    .judge = val_aggregate_judge,
    .aggregate = &aggregate,
};
