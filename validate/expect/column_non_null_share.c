/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values that are not null over rows; 0 for a table without rows. */
#include "validate/expect/aggregate.h"
#include "validate/metric/nulls.h"

static enum core_status column_non_null_share(const struct val_evidence *evidence,
                                              struct val_scalar *out, struct core_error *err) {
  (void)err;
  const int64_t rows = val_nulls_rows(evidence->metrics[0]);
  const int64_t missing = val_nulls_missing(evidence->metrics[0]);
  *out = val_scalar_double(rows ? (double)(rows - missing) / (double)rows : 0);
  return CORE_OK;
}

static const struct core_option kwargs[] = {VAL_KWARGS_AGGREGATE, CORE_OPTION_END};
static const struct val_aggregate aggregate = {{NULL, NULL}, column_non_null_share, false};
const struct val_expectation_ops val_expect_column_proportion_of_non_null_values_to_be_between = {
    .name = "expect_column_proportion_of_non_null_values_to_be_between",
    .summary = "the share of values that are not null lies in a range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = val_range_check,
    .plan = val_aggregate_plan,
    .judge = val_aggregate_judge,
    .aggregate = &aggregate,
};
