/* SPDX-License-Identifier: GPL-3.0-or-later
 * The mean of another sample: four standard errors of a difference of two means, and at least a tenth of the standard
 * deviation, since rows are seldom independent. A warning: a mean may move for good reasons. */
#include "core/num.h"
#include "validate/profile/rule.h"
#include <math.h>

static void mean_draft(const struct val_profile *profile, const struct val_profile_column *c,
                       struct val_draft *draft) {
  char mean[CORE_NUM_BYTES], stdev[CORE_NUM_BYTES];
  struct core_str n = {0};
  (void)profile;
  if (!c || c->n < draft->min_rows || !c->has_moments || val_rule_is_set(c, draft)) return;
  if (!isfinite(c->stdev) || !(c->stdev > 0)) return;
  const double slack = fmax(4 * c->stdev * sqrt(2 / (double)c->n), c->stdev / 10);
  const double from = val_draft_outward(c->mean - slack, slack, false),
               to = val_draft_outward(c->mean + slack, slack, true);
  if (!isfinite(from) || !isfinite(to)) return;
  core_format_rounded(c->mean, 6, mean);
  core_format_rounded(c->stdev, 3, stdev);
  val_draft_because(draft, "mean %s of %s values, standard deviation %s", mean,
                    val_draft_count(c->n, &n), stdev);
  val_draft_rule(draft, "expect_column_mean_to_be_between", c->name);
  val_draft_number(draft, "min_value", from);
  val_draft_number(draft, "max_value", to);
  val_draft_end(draft, VAL_SEVERITY_WARNING);
  core_str_close(&n);
}

const struct val_rule_ops val_rule_mean = {
    .name = "mean",
    .summary = "the mean of another sample, four standard errors away at most",
    .draft = mean_draft,
};
