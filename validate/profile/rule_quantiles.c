/* SPDX-License-Identifier: GPL-3.0-or-later
 * Quantiles stay between those of ranks four standard errors below and above: an interval that holds whatever the
 * distribution is (order statistics; David and Nagaraja 2003, section 7.1). A warning, as with the mean. */
#include "validate/profile/rule.h"
#include <math.h>

enum { LEAST_VALUES = 100 };
static const double told[] = {0.05, 0.5, 0.95};

/* The bound rounded outward at the scale of the interval. */
static void bound(struct core_str *out, const struct val_scalar *end, double scale, bool up) {
  if (end->type == VAL_TYPE_NULL) {
    core_str_text_append(out, "null");
    return;
  }
  const struct val_scalar value =
      val_scalar_double(val_draft_outward(val_scalar_number(end), scale, up));
  const int order = val_scalar_compare(&value, end); /* a large integer is no double */
  val_draft_value(out, (up ? order < 0 : order > 0) ? end : &value);
}

static void interval(struct core_str *out, const struct val_profile_quantile *q) {
  double scale = 0;
  if (q->low.type != VAL_TYPE_NULL && q->high.type != VAL_TYPE_NULL)
    scale = val_scalar_number(&q->high) - val_scalar_number(&q->low);
  core_str_char(out, '[');
  bound(out, &q->low, scale, false);
  core_str_text_append(out, ", ");
  bound(out, &q->high, scale, true);
  core_str_char(out, ']');
}

static bool is_finite(const struct val_profile_column *c) {
  return isfinite(val_scalar_number(&c->least)) && isfinite(val_scalar_number(&c->greatest));
}

static void quantiles_draft(const struct val_profile *profile, const struct val_profile_column *c,
                            struct val_draft *draft) {
  struct core_str ranges = {0}, seen = {0}, n = {0};
  (void)profile;
  if (!c || c->n < LEAST_VALUES || c->n < draft->min_rows || c->n_quantiles == 0) return;
  if (val_rule_is_set(c, draft) || !is_finite(c)) return;
  core_str_text_append(&ranges, "{quantiles: [0.05, 0.5, 0.95], value_ranges: [");
  for (size_t i = 0; i < CORE_COUNT_OF(told); i++) {
    const struct val_profile_quantile *q = val_profile_quantile(c, told[i]);
    if (i > 0) core_str_text_append(&ranges, ", ");
    interval(&ranges, q);
    if (i > 0) core_str_text_append(&seen, ", ");
    val_draft_shown(&seen, &q->value);
  }
  core_str_text_append(&ranges, "]}");
  val_draft_because(draft, "quantiles 0.05, 0.5, 0.95 of %s values: %s", val_draft_count(c->n, &n),
                    core_str_text(&seen));
  val_draft_rule(draft, "expect_column_quantile_values_to_be_between", c->name);
  val_draft_raw(draft, "quantile_ranges", core_str_text(&ranges));
  val_draft_end(draft, VAL_SEVERITY_WARNING);
  if (ranges.failed || seen.failed) draft->yaml.failed = true;
  core_str_close(&ranges);
  core_str_close(&seen);
  core_str_close(&n);
}

const struct val_rule_ops val_rule_quantiles = {
    .name = "quantiles",
    .summary = "the median and the tails of another sample",
    .draft = quantiles_draft,
};
