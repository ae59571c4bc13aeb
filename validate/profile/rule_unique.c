/* SPDX-License-Identifier: GPL-3.0-or-later
 * Unique values, where chance alone would have brought a duplicate: of n values drawn from R possible ones all differ with
 * a probability of about exp(-n^2 / 2R) (the birthday problem). Text has no known R: keys are short and have no blanks. */
#include "core/num.h"
#include "validate/profile/rule.h"
#include <math.h>

enum { KEY_LENGTH = 64 };
#define LUCK 1e-3 /* a probability below this is evidence */

static bool is_key(const struct val_profile_column *c, double *chance) {
  const double n = (double)c->n;
  *chance = 0;
  if (c->type == VAL_TYPE_STRING)
    return c->has_shape && !c->shape.has_blank && c->shape.most <= KEY_LENGTH;
  if (c->type != VAL_TYPE_INT64 && c->type != VAL_TYPE_DATE) return false;
  const double possible = val_scalar_number(&c->greatest) - val_scalar_number(&c->least) + 1;
  *chance = exp(-n * n / (2 * possible));
  return *chance < LUCK;
}

static void unique_draft(const struct val_profile *profile, const struct val_profile_column *c,
                         struct val_draft *draft) {
  struct core_str n = {0};
  char shown[CORE_NUM_BYTES];
  double chance;
  (void)profile;
  if (!c || c->n < draft->min_rows || !c->has_distinct || c->n_distinct != c->n) return;
  if (!is_key(c, &chance)) return;
  val_draft_count(c->n, &n);
  core_format_rounded(chance, 1, shown);
  if (c->type == VAL_TYPE_STRING)
    val_draft_because(draft, "%s values, all different, short and without blanks: a key?",
                      core_str_text(&n));
  else
    val_draft_because(draft,
                      "%s values, all different: by chance in this range with probability %s",
                      core_str_text(&n), shown);
  val_draft_rule(draft, "expect_column_values_to_be_unique", c->name);
  val_draft_end(draft, VAL_SEVERITY_CRITICAL);
  core_str_close(&n);
}

const struct val_rule_ops val_rule_unique = {
    .name = "unique",
    .summary = "unique values, where duplicates would have come by chance",
    .draft = unique_draft,
};
