/* SPDX-License-Identifier: GPL-3.0-or-later
 * The least value; text by code points. */
#include "validate/expect/aggregate.h"
#include "validate/metric/extremes.h"

static enum core_status column_min(const struct val_evidence *evidence, struct val_scalar *out,
                                   struct core_error *err) {
  (void)err;
  *out = val_extremes_min(evidence->metrics[1]);
  return CORE_OK;
}

static const struct core_option kwargs[] = {VAL_KWARGS_AGGREGATE, CORE_OPTION_END};
static const struct val_aggregate aggregate = {{&val_metric_extremes, NULL}, column_min, false};
const struct val_expectation_ops val_expect_column_min_to_be_between = {
    .name = "expect_column_min_to_be_between",
    .summary = "the least value of a column lies in a range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = val_range_check_given,
    .plan = val_aggregate_plan,
    .judge = val_aggregate_judge,
    .aggregate = &aggregate,
};
