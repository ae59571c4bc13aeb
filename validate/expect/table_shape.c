/* SPDX-License-Identifier: GPL-3.0-or-later
 * How many rows and columns a table has. */
#include "validate/expect/aggregate.h"

static enum core_status nothing_to_plan(const struct val_expected *expected, struct val_plan *plan,
                                        struct core_error *err) {
  (void)expected, (void)plan, (void)err;
  return CORE_OK;
}

static enum core_status judge_between(const struct val_expected *expected, int64_t count,
                                      const struct val_evidence *evidence,
                                      struct val_verdict *verdict, struct core_error *err) {
  const struct val_scalar value = val_scalar_int64(count);
  struct val_range range;
  CORE_TRY(val_range_open(&range, expected, VAL_TYPE_INT64, err));
  verdict->success = val_range_holds(&range, &value);
  return val_observe_scalar(&value, evidence->arena, verdict, err);
}

static enum core_status judge_equal(const struct val_expected *expected, int64_t count,
                                    const struct val_evidence *evidence,
                                    struct val_verdict *verdict, struct core_error *err) {
  const struct val_scalar value = val_scalar_int64(count);
  verdict->success = count == core_option_int(&expected->kwargs, "value");
  return val_observe_scalar(&value, evidence->arena, verdict, err);
}

static enum core_status rows_between(const struct val_expected *expected,
                                     const struct val_evidence *evidence,
                                     struct val_verdict *verdict, struct core_error *err) {
  return judge_between(expected, evidence->n_rows, evidence, verdict, err);
}

static enum core_status rows_equal(const struct val_expected *expected,
                                   const struct val_evidence *evidence, struct val_verdict *verdict,
                                   struct core_error *err) {
  return judge_equal(expected, evidence->n_rows, evidence, verdict, err);
}

static enum core_status columns_between(const struct val_expected *expected,
                                        const struct val_evidence *evidence,
                                        struct val_verdict *verdict, struct core_error *err) {
  return judge_between(expected, (int64_t)evidence->schema->n_fields, evidence, verdict, err);
}

static enum core_status columns_equal(const struct val_expected *expected,
                                      const struct val_evidence *evidence,
                                      struct val_verdict *verdict, struct core_error *err) {
  return judge_equal(expected, (int64_t)evidence->schema->n_fields, evidence, verdict, err);
}

static const struct core_option between_kwargs[] = {VAL_KWARGS_RANGE, CORE_OPTION_END};
static const struct core_option equal_kwargs[] = {
    {.name = "value", .type = CORE_OPT_INT, .required = true, .help = "the number"},
    CORE_OPTION_END};

const struct val_expectation_ops val_expect_table_row_count_to_be_between = {
    .name = "expect_table_row_count_to_be_between",
    .summary = "the number of rows lies in a range",
    .kind = VAL_EXPECT_TABLE,
    .kwargs = between_kwargs,
    .check = val_range_check_integers,
    .plan = nothing_to_plan,
    .judge = rows_between,
};
const struct val_expectation_ops val_expect_table_row_count_to_equal = {
    .name = "expect_table_row_count_to_equal",
    .summary = "the number of rows is given",
    .kind = VAL_EXPECT_TABLE,
    .kwargs = equal_kwargs,
    .plan = nothing_to_plan,
    .judge = rows_equal,
};
const struct val_expectation_ops val_expect_table_column_count_to_be_between = {
    .name = "expect_table_column_count_to_be_between",
    .summary = "the number of columns lies in a range",
    .kind = VAL_EXPECT_TABLE,
    .kwargs = between_kwargs,
    .check = val_range_check_integers,
    .plan = nothing_to_plan,
    .judge = columns_between,
};
const struct val_expectation_ops val_expect_table_column_count_to_equal = {
    .name = "expect_table_column_count_to_equal",
    .summary = "the number of columns is given",
    .kind = VAL_EXPECT_TABLE,
    .kwargs = equal_kwargs,
    .plan = nothing_to_plan,
    .judge = columns_equal,
};
