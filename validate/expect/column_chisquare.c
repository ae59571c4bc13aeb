/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pearson's chi-square test of a column's categories against expected weights: p-value above a level. A category that was
 * not expected makes it 0 unless a holdout leaves weight for such. */
#include "validate/expect/aggregate.h"
#include "validate/expect/category_table.h"

#include "core/stats.h"
#include <math.h>

static enum core_status chisquare_check(const struct val_expected *expected,
                                        struct core_error *err) {
  const enum val_partition_kind wanted = VAL_PARTITION_CATEGORIES;
  return val_partition_check(expected, &wanted, err);
}

static enum core_status chisquare_plan(const struct val_expected *expected, struct val_plan *plan,
                                       struct core_error *err) {
  return val_aggregate_plan_column(expected, plan, &val_metric_value_counts, err);
}

/* Sum of (observed - expected)^2 / expected in counts; NaN when nothing was expected of a category not seen. */
static double statistic(const struct val_category_table *table) {
  const double n = (double)table->n_values;
  double sum = 0;
  for (size_t i = 0; i < table->n; i++) {
    const double expected = table->rows[i].expected * n;
    const double difference = table->rows[i].observed * n - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

static enum core_status show(const struct val_category_table *table, double p,
                             struct core_arena *arena, struct val_verdict *verdict,
                             struct core_error *err) {
  const struct val_scalar value =
      isnan(p) ? (struct val_scalar){.type = VAL_TYPE_NULL} : val_scalar_double(p);
  struct core_str details = {0};
  val_category_table_json(table, &details);
  enum core_status st = val_keep_str(&details, arena, &verdict->details_json, err);
  core_str_close(&details);
  return st == CORE_OK ? val_observe_scalar(&value, arena, verdict, err) : st;
}

static enum core_status chisquare_judge(const struct val_expected *expected,
                                        const struct val_evidence *evidence,
                                        struct val_verdict *verdict, struct core_error *err) {
  struct val_partition partition;
  struct val_category_table table;
  CORE_TRY(val_partition_read(&partition, core_option_node(&expected->kwargs, "partition_object"),
                              evidence->arena, err));
  CORE_TRY(val_category_table_open(&table, &partition, evidence->metrics[1],
                                   core_option_double(&expected->kwargs, "tail_weight_holdout"),
                                   evidence->arena, err));
  const double p = table.n_values && table.n > 1
                       ? core_chi2_sf(statistic(&table), (double)table.n - 1)
                       : (double)NAN;
  verdict->success = p > core_option_double(&expected->kwargs, "p");
  return show(&table, p, evidence->arena, verdict, err);
}

static const struct core_option kwargs[] = {
    VAL_KWARG_COLUMN,
    VAL_KWARG_PARTITION(true),
    {.name = "p",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0.05",
     .min = 0,
     .max = 1,
     .nullable = true,
     .help = "the p-value must be above it"},
    {.name = "tail_weight_holdout",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0",
     .min = 0,
     .max = 1,
     .nullable = true,
     .help = "weight left for categories that were not expected"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_chisquare_test_p_value_to_be_greater_than = {
    .name = "expect_column_chisquare_test_p_value_to_be_greater_than",
    .summary = "the categories of a column have given weights, by a chi-square test",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = chisquare_check,
    .plan = chisquare_plan,
    .judge = chisquare_judge,
};
