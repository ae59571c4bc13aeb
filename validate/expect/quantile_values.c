/* SPDX-License-Identifier: GPL-3.0-or-later
 * Exact quantiles against one range each. The default takes the value at the nearest rank, as numpy's "nearest" does:
 * half-way positions go to the even rank. In Great Expectations a value within 1e-4 (relative) of a bound passes; here
 * only what may be rounding. */
#include "validate/expect/aggregate.h"

#include "validate/metric/order.h"
#include <math.h>

#define GX_TOLERANCE 1e-4
#define ROUNDING     8.9e-16

enum interpolation { NEAREST, LINEAR, LOWER, HIGHER, MIDPOINT };
static const char *const interpolation_names[] = {"nearest", "linear",   "lower",
                                                  "higher",  "midpoint", NULL};

static const struct core_node *part(const struct val_expected *expected, const char *name) {
  return core_node_get(core_option_node(&expected->kwargs, "quantile_ranges"), name);
}

/* True and false are Great Expectations' other spellings of "nearest". */
static bool interpolation_parse(const struct core_node *node, enum interpolation *out) {
  *out = NEAREST;
  if (!node || node->kind == CORE_NODE_BOOL || node->kind == CORE_NODE_NULL) return true;
  for (int i = 0; node->kind == CORE_NODE_STRING && interpolation_names[i]; i++) {
    if (!core_slice_is(node->text, interpolation_names[i])) continue;
    *out = (enum interpolation)i;
    return true;
  }
  return false;
}

static bool is_bound(const struct core_node *node) {
  return node->kind == CORE_NODE_NULL || core_node_is_number(node);
}

static enum core_status check_range(const struct core_node *range, struct core_error *err) {
  if (range->kind != CORE_NODE_LIST || range->n_children != 2 || !is_bound(range->first) ||
      !is_bound(range->first->next))
    return core_fail_at(err, CORE_INVAL, range->pos,
                        "each of value_ranges must be a list [low, high] of numbers or null");
  const struct core_node *low = range->first, *high = low->next;
  if (low->kind != CORE_NODE_NULL && high->kind != CORE_NODE_NULL && low->number > high->number)
    return core_fail_at(err, CORE_INVAL, range->pos,
                        "quantile_ranges must consist of ordered pairs: %s is above %s",
                        low->text.data, high->text.data);
  return CORE_OK;
}

static enum core_status quantiles_check(const struct val_expected *expected,
                                        struct core_error *err) {
  const struct core_option_value *kwarg = core_option_get(&expected->kwargs, "quantile_ranges");
  const struct core_node *quantiles = part(expected, "quantiles");
  const struct core_node *ranges = part(expected, "value_ranges");
  enum interpolation interpolation;
  if (!quantiles || !ranges || quantiles->kind != CORE_NODE_LIST || ranges->kind != CORE_NODE_LIST)
    return core_fail_at(err, CORE_INVAL, kwarg->pos,
                        "quantile_ranges must have two lists, quantiles and value_ranges");
  if (quantiles->n_children != ranges->n_children)
    return core_fail_at(err, CORE_INVAL, ranges->pos,
                        "value_ranges has %zu entries, quantiles has %zu: they must be as many",
                        ranges->n_children, quantiles->n_children);
  for (const struct core_node *q = quantiles->first; q; q = q->next)
    if (!core_node_is_number(q) || !(q->number >= 0 && q->number <= 1))
      return core_fail_at(err, CORE_INVAL, q->pos, "a quantile must be a number from 0 to 1");
  for (const struct core_node *range = ranges->first; range; range = range->next)
    CORE_TRY(check_range(range, err));
  const struct core_option_value *how = core_option_get(&expected->kwargs, "allow_relative_error");
  if (how->given && !interpolation_parse(how->node, &interpolation))
    return core_fail_at(err, CORE_INVAL, how->pos,
                        "allow_relative_error must be true, false, or one of nearest, linear, "
                        "lower, higher, midpoint");
  return CORE_OK;
}

static enum core_status quantiles_plan(const struct val_expected *expected, struct val_plan *plan,
                                       struct core_error *err) {
  return val_aggregate_plan_column(expected, plan, &val_metric_order, err);
}

static enum core_status take(struct val_metric *order, double q, enum interpolation how,
                             struct val_scalar *out, struct core_error *err) {
  const double at = q * (double)(val_order_count(order) - 1);
  const double low_rank = floor(at), high_rank = ceil(at);
  struct val_scalar low, high;
  CORE_TRY(val_order_select(order, (int64_t)low_rank, &low, err));
  CORE_TRY(val_order_select(order, (int64_t)high_rank, &high, err));
  const double a = val_scalar_number(&low), b = val_scalar_number(&high);
  switch (how) {
  case NEAREST:
    *out = nearbyint(at) == low_rank ? low : high;
    break;
  case LOWER:
    *out = low;
    break;
  case HIGHER:
    *out = high;
    break;
  case LINEAR:
    *out = val_scalar_double(a + (b - a) * (at - low_rank));
    break;
  case MIDPOINT:
    *out = val_scalar_double(low_rank == high_rank ? a : (a + b) / 2);
    break;
  }
  return CORE_OK;
}

#define PREPARED 8

static enum core_status prepare(const struct core_node *quantiles, struct val_metric *order,
                                struct core_error *err) {
  size_t ranks[PREPARED], n = 0;
  const double last = (double)(val_order_count(order) - 1);
  for (const struct core_node *q = quantiles->first; q && n < PREPARED; q = q->next)
    ranks[n++] = (size_t)(q->number * last);
  return val_order_prepare(order, ranks, n, err);
}

static bool near(double value, double limit, double tolerance) {
  return fabs(value - limit) <= tolerance * fabs(limit);
}

static bool range_holds(const struct core_node *range, double value, double tolerance) {
  const struct core_node *low = range->first, *high = low->next;
  return (low->kind == CORE_NODE_NULL || value >= low->number ||
          near(value, low->number, tolerance)) &&
         (high->kind == CORE_NODE_NULL || value <= high->number ||
          near(value, high->number, tolerance));
}

struct shown {
  struct core_str observed, text, details;
};

static enum core_status judge_quantiles(const struct val_expected *expected,
                                        struct val_metric *order, struct shown *shown,
                                        bool *success, struct core_error *err) {
  enum interpolation how;
  interpolation_parse(core_option_node(&expected->kwargs, "allow_relative_error"), &how);
  const struct core_node *range = part(expected, "value_ranges")->first;
  const struct core_node *first = part(expected, "quantiles")->first;
  *success = true;
  CORE_TRY(prepare(part(expected, "quantiles"), order, err));
  for (const struct core_node *q = first; q; q = q->next, range = range->next) {
    struct val_scalar value;
    CORE_TRY(take(order, q->number, how, &value, err));
    const bool ok = range_holds(range, val_scalar_number(&value),
                                expected->gx_quirks ? GX_TOLERANCE : ROUNDING);
    *success &= ok;
    if (q != first) core_str_char(&shown->observed, ',');
    val_scalar_json(&value, &shown->observed);
    core_str_printf(&shown->text, "%s%s: ", q == first ? "" : ", ", q->text.data);
    val_scalar_text(&value, &shown->text);
    core_str_printf(&shown->details, "%s%s", q == first ? "" : ",", ok ? "true" : "false");
  }
  return CORE_OK;
}

static enum core_status show(const struct val_expected *expected,
                             const struct val_evidence *evidence, struct shown *shown,
                             struct val_verdict *verdict, struct core_error *err) {
  core_str_text_append(&shown->observed, "{\"quantiles\":");
  core_node_json(part(expected, "quantiles"), true, &shown->observed);
  core_str_text_append(&shown->observed, ",\"values\":[");
  core_str_text_append(&shown->details, "{\"success_details\":[");
  CORE_TRY(judge_quantiles(expected, evidence->metrics[1], shown, &verdict->success, err));
  core_str_text_append(&shown->observed, "]}");
  core_str_text_append(&shown->details, "]}");
  CORE_TRY(val_keep_str(&shown->observed, evidence->arena, &verdict->observed_json, err));
  CORE_TRY(val_keep_str(&shown->text, evidence->arena, &verdict->observed_text, err));
  return val_keep_str(&shown->details, evidence->arena, &verdict->details_json, err);
}

static enum core_status quantiles_judge(const struct val_expected *expected,
                                        const struct val_evidence *evidence,
                                        struct val_verdict *verdict, struct core_error *err) {
  val_aggregate_counts(evidence, verdict);
  if (val_order_count(evidence->metrics[1]) == 0) {
    const struct val_scalar none = {.type = VAL_TYPE_NULL};
    return val_observe_scalar(&none, evidence->arena, verdict, err);
  }
  struct shown shown = {0};
  const enum core_status st = show(expected, evidence, &shown, verdict, err);
  core_str_close(&shown.observed);
  core_str_close(&shown.text);
  core_str_close(&shown.details);
  return st;
}

static const struct core_option kwargs[] = {
    VAL_KWARG_COLUMN,
    {.name = "quantile_ranges",
     .type = CORE_OPT_MAP,
     .required = true,
     .help = "quantiles, and value_ranges with one [low, high] for each"},
    {.name = "allow_relative_error",
     .type = CORE_OPT_ANY,
     .nullable = true,
     .help = "how to take a quantile between two ranks: nearest (default), linear, lower, higher, "
             "midpoint"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_quantile_values_to_be_between = {
    .name = "expect_column_quantile_values_to_be_between",
    .summary = "given quantiles of a numeric column lie each in its range",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = quantiles_check,
    .plan = quantiles_plan,
    .judge = quantiles_judge,
};
