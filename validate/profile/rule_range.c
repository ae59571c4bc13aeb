/* SPDX-License-Identifier: GPL-3.0-or-later
 * A range for numbers: the extremes, and beyond each once more the distance between it and the 1 % quantile of its side, at
 * least a twentieth of the whole. So a thin tail gets little slack, a long one much. A bound does not cross 0 where no
 * value did: counts and prices have no negative ones. */
#include "core/num.h"
#include "validate/profile/rule.h"
#include <math.h>

static double slack(double extreme, const struct val_profile_quantile *tail, double width) {
  return fmax(fabs(extreme - val_scalar_number(&tail->value)), width / 20);
}

/* The bound as a whole number where the values are; never inside of the extreme, which a double may be when it stands for
 * a large integer. */
static void bound(struct val_draft *draft, const char *name, double value,
                  const struct val_scalar *extreme, int sign) {
  const bool whole = extreme->type == VAL_TYPE_INT64 && fabs(value) < 9e18;
  const struct val_scalar rounded =
      whole ? val_scalar_int64((int64_t)value) : val_scalar_double(value);
  const bool inside = sign * val_scalar_compare(&rounded, extreme) < 0;
  val_draft_scalar(draft, name, inside ? extreme : &rounded);
}

static void range_draft(const struct val_profile *profile, const struct val_profile_column *c,
                        struct val_draft *draft) {
  (void)profile;
  if (!c || c->n < draft->min_rows || c->n_quantiles == 0 || val_rule_is_set(c, draft)) return;
  const double least = val_scalar_number(&c->least), greatest = val_scalar_number(&c->greatest);
  const double width = greatest - least;
  const struct val_profile_quantile *low = val_profile_quantile(c, 0.01),
                                    *high = val_profile_quantile(c, 0.99);
  if (!isfinite(width) || !low || !high) return;
  const bool whole = c->type == VAL_TYPE_INT64;
  const double under = slack(least, low, width), over = slack(greatest, high, width);
  double from = val_draft_outward(least - under, whole ? fmax(under, 10) : under, false);
  double to = val_draft_outward(greatest + over, whole ? fmax(over, 10) : over, true);
  if (least >= 0 && from < 0) from = 0;
  if (greatest <= 0 && to > 0) to = 0;
  if (!isfinite(from) || !isfinite(to)) return;
  struct core_str n = {0}, shown = {0};
  val_draft_shown(&shown, &c->least);
  core_str_text_append(&shown, " to ");
  val_draft_shown(&shown, &c->greatest);
  core_str_text_append(&shown, ", all but 2 percent of them from ");
  val_draft_shown(&shown, &low->value);
  core_str_text_append(&shown, " to ");
  val_draft_shown(&shown, &high->value);
  val_draft_because(draft, "%s values from %s; slack from the tails", val_draft_count(c->n, &n),
                    core_str_text(&shown));
  val_draft_rule(draft, "expect_column_values_to_be_between", c->name);
  bound(draft, "min_value", from, &c->least, -1);
  bound(draft, "max_value", to, &c->greatest, 1);
  val_draft_end(draft, VAL_SEVERITY_CRITICAL);
  core_str_close(&n);
  core_str_close(&shown);
}

const struct val_rule_ops val_rule_range = {
    .name = "range",
    .summary = "a range for numbers, with slack from their tails",
    .draft = range_draft,
};
