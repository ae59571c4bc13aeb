/* SPDX-License-Identifier: GPL-3.0-or-later
 * No nulls where there were none; where there were some, at most as many as another sample of this size would have. With
 * none of n null, the share is below 3 / n at 95 % confidence (the rule of three; Hanley and Lippman-Hand, JAMA 249, 1983).
 */
#include "core/num.h"
#include "validate/profile/rule.h"
#include <math.h>

/* Above this share of nulls a floor says nothing. */
#define MOST_MISSING 0.5

/* Three standard errors and the rule of three above what was seen. */
static double upper_share(int64_t part, int64_t whole) {
  const double n = (double)whole, p = (double)part / n;
  return p + 3 * sqrt(2 * p * (1 - p) / n) + 3 / n;
}

static void nulls_draft(const struct val_profile *profile, const struct val_profile_column *column,
                        struct val_draft *draft) {
  struct core_str n = {0}, missing = {0};
  char share[CORE_NUM_BYTES];
  if (!column || profile->n_rows < draft->min_rows) return;
  val_draft_count(profile->n_rows, &n);
  if (column->n_missing == 0) {
    core_format_rounded(300 / (double)profile->n_rows, 2, share);
    val_draft_because(draft,
                      "none of %s is null: fewer than %s percent are, with 95 percent confidence",
                      core_str_text(&n), share);
    val_draft_rule(draft, "expect_column_values_to_not_be_null", column->name);
    val_draft_end(draft, VAL_SEVERITY_CRITICAL);
  } else if (upper_share(column->n_missing, profile->n_rows) < MOST_MISSING) {
    const double mostly =
        floor(1000 * (1 - upper_share(column->n_missing, profile->n_rows))) / 1000;
    core_format_rounded(100 * (double)column->n_missing / (double)profile->n_rows, 3, share);
    val_draft_because(draft,
                      "%s of %s are null (%s percent); three standard errors more are allowed",
                      val_draft_count(column->n_missing, &missing), core_str_text(&n), share);
    val_draft_rule(draft, "expect_column_values_to_not_be_null", column->name);
    val_draft_number(draft, "mostly", mostly);
    val_draft_end(draft, VAL_SEVERITY_WARNING);
  }
  core_str_close(&n);
  core_str_close(&missing);
}

const struct val_rule_ops val_rule_nulls = {
    .name = "nulls",
    .summary = "no nulls, or not many more than were seen",
    .draft = nulls_draft,
};
