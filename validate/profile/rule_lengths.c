/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lengths of texts: the one that all have, or half the least to double the greatest. */
#include "validate/profile/rule.h"

enum { SURELY_FIXED = 100 };

static void lengths_draft(const struct val_profile *profile, const struct val_profile_column *c,
                          struct val_draft *draft) {
  struct core_str n = {0};
  (void)profile;
  if (!c || c->n < draft->min_rows || !c->has_shape || val_rule_is_set(c, draft)) return;
  val_draft_count(c->n, &n);
  const bool fixed = c->shape.least == c->shape.most && c->n >= SURELY_FIXED;
  const struct val_scalar low = val_scalar_int64(c->shape.least / 2),
                          high = val_scalar_int64(c->shape.most * 2),
                          exact = val_scalar_int64(c->shape.most);
  if (fixed) {
    val_draft_because(draft, "%s texts, all of one length", core_str_text(&n));
    val_draft_rule(draft, "expect_column_value_lengths_to_equal", c->name);
    val_draft_scalar(draft, "value", &exact);
  } else {
    val_draft_because(draft, "%s texts of %lld to %lld characters", core_str_text(&n),
                      (long long)c->shape.least, (long long)c->shape.most);
    val_draft_rule(draft, "expect_column_value_lengths_to_be_between", c->name);
    val_draft_scalar(draft, "min_value", &low);
    val_draft_scalar(draft, "max_value", &high);
  }
  val_draft_end(draft, VAL_SEVERITY_CRITICAL);
  core_str_close(&n);
}

const struct val_rule_ops val_rule_lengths = {
    .name = "lengths",
    .summary = "the lengths of texts",
    .draft = lengths_draft,
};
