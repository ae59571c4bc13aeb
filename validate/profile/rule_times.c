/* SPDX-License-Identifier: GPL-3.0-or-later
 * Dates and times do not begin before those that were seen; how far they go on nobody can tell from the past. */
#include "validate/profile/rule.h"

static void times_draft(const struct val_profile *profile, const struct val_profile_column *c,
                        struct val_draft *draft) {
  struct core_str n = {0}, shown = {0};
  (void)profile;
  if (!c || c->n < draft->min_rows || !val_type_is_time(c->least.type)) return;
  val_draft_shown(&shown, &c->least);
  core_str_text_append(&shown, " to ");
  val_draft_shown(&shown, &c->greatest);
  val_draft_because(draft, "%s values from %s; the end is left open", val_draft_count(c->n, &n),
                    core_str_text(&shown));
  val_draft_rule(draft, "expect_column_values_to_be_between", c->name);
  val_draft_scalar(draft, "min_value", &c->least);
  val_draft_end(draft, VAL_SEVERITY_WARNING);
  core_str_close(&n);
  core_str_close(&shown);
}

const struct val_rule_ops val_rule_times = {
    .name = "times",
    .summary = "dates and times do not begin earlier",
    .draft = times_draft,
};
