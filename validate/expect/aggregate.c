/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/aggregate.h"

#include "validate/metric/nulls.h"
#include "validate/plan.h"
#include <math.h>

enum core_status val_aggregate_plan_column(const struct val_expected *expected,
                                           struct val_plan *plan,
                                           const struct val_metric_ops *metric,
                                           struct core_error *err) {
  size_t column = 0;
  CORE_TRY(val_plan_column(plan, expected, "column", &column, err));
  CORE_TRY(val_plan_metric(plan, &val_metric_nulls, &column, 1, NULL, err));
  return metric ? val_plan_metric(plan, metric, &column, 1, NULL, err) : CORE_OK;
}

enum core_status val_aggregate_plan(const struct val_expected *expected, struct val_plan *plan,
                                    struct core_error *err) {
  const struct val_metric_ops *const *metrics = expected->ops->aggregate->metrics;
  size_t column = 0;
  CORE_TRY(val_aggregate_plan_column(expected, plan, metrics[0], err));
  CORE_TRY(val_plan_column(plan, expected, "column", &column, err));
  return metrics[1] ? val_plan_metric(plan, metrics[1], &column, 1, NULL, err) : CORE_OK;
}

void val_aggregate_counts(const struct val_evidence *evidence, struct val_verdict *verdict) {
  verdict->has_counts = verdict->counts_missing = true;
  verdict->element_count = val_nulls_rows(evidence->metrics[0]);
  verdict->missing_count = val_nulls_missing(evidence->metrics[0]);
}

enum core_status val_keep_str(const struct core_str *text, struct core_arena *arena,
                              const char **out, struct core_error *err) {
  CORE_TRY(core_str_status(text, err));
  *out = core_arena_strndup(arena, core_str_text(text), text->len);
  return *out ? CORE_OK : core_fail_nomem(err, text->len + 1);
}

enum core_status val_observe_scalar(const struct val_scalar *value, struct core_arena *arena,
                                    struct val_verdict *verdict, struct core_error *err) {
  struct core_str json = {0}, text = {0};
  val_scalar_json(value, &json);
  val_scalar_text(value, &text);
  enum core_status st = val_keep_str(&json, arena, &verdict->observed_json, err);
  if (st == CORE_OK) st = val_keep_str(&text, arena, &verdict->observed_text, err);
  core_str_close(&json);
  core_str_close(&text);
  return st;
}

enum core_status val_aggregate_judge(const struct val_expected *expected,
                                     const struct val_evidence *evidence,
                                     struct val_verdict *verdict, struct core_error *err) {
  struct val_scalar value = {.type = VAL_TYPE_NULL};
  struct val_range range;
  CORE_TRY(expected->ops->aggregate->value(evidence, &value, err));
  if (value.type == VAL_TYPE_DOUBLE && isnan(value.number)) value.type = VAL_TYPE_NULL;
  val_aggregate_counts(evidence, verdict);
  if (value.type != VAL_TYPE_NULL) {
    CORE_TRY(val_range_open(&range, expected, value.type, err));
    verdict->success = expected->ops->aggregate->rounded ? val_range_holds_rounded(&range, &value)
                                                         : val_range_holds(&range, &value);
  }
  return val_observe_scalar(&value, evidence->arena, verdict, err);
}
