/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values, or tuples of values, that occur once. Within a tuple nulls equal each other. */
#include "validate/expect/duplicates.h"

static const struct val_predicate unique = {.metric = &val_metric_duplicates};

static const struct core_option column_kwargs[] = {VAL_KWARGS_MAP, CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_values_to_be_unique = {
    .name = "expect_column_values_to_be_unique",
    .summary = "no value of a column occurs twice",
    .kind = VAL_EXPECT_MAP,
    .kwargs = column_kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &unique,
};

static const struct core_option tuple_kwargs[] = {VAL_KWARGS_MULTICOLUMN, CORE_OPTION_END};
const struct val_expectation_ops val_expect_compound_columns_to_be_unique = {
    .name = "expect_compound_columns_to_be_unique",
    .summary = "no tuple of values of several columns occurs twice",
    .kind = VAL_EXPECT_MULTICOLUMN,
    .kwargs = tuple_kwargs,
    .check = val_map_check_list,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &unique,
};
