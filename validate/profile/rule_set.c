/* SPDX-License-Identifier: GPL-3.0-or-later
 * The set of values, where it is small and seems complete. The chance that the next value is a new one is about the share of
 * rows whose value occurs once (Good, Biometrika 40, 1953). */
#include "core/num.h"
#include "validate/profile/rule.h"
#include <math.h>
#include <string.h>

enum { MOST_VALUES = 50, ROWS_A_VALUE = 5, MOST_BYTES = 200 };
#define MOST_NEW 0.01

static int64_t n_single(const struct val_profile_column *c) {
  int64_t n = 0;
  for (size_t i = 0; i < c->n_values; i++) n += c->values[i].count == 1;
  return n;
}

/* Can the values be written in a suite, and be read again as what they are? */
static bool can_be_written(const struct val_profile_column *c) {
  for (size_t i = 0; i < c->n_values; i++) {
    const struct core_slice text = c->values[i].value.text;
    if (c->type == VAL_TYPE_DOUBLE && !isfinite(c->values[i].value.number)) return false;
    if (c->type != VAL_TYPE_STRING) continue;
    if (text.len > MOST_BYTES || memchr(text.data, '\0', text.len)) return false;
  }
  return true;
}

bool val_rule_is_set(const struct val_profile_column *c, const struct val_draft *draft) {
  if (!c->has_values || c->n_values == 0 || c->n < draft->min_rows) return false;
  if (c->type != VAL_TYPE_STRING && c->type != VAL_TYPE_INT64 && c->type != VAL_TYPE_BOOL &&
      c->n_values > 1)
    return false; /* few numbers with decimals, few dates: an accident of the sample */
  return c->n_values <= MOST_VALUES && (int64_t)c->n_values * ROWS_A_VALUE <= c->n &&
         (double)n_single(c) <= MOST_NEW * (double)c->n && can_be_written(c);
}

static void set_draft(const struct val_profile *profile, const struct val_profile_column *c,
                      struct val_draft *draft) {
  struct core_str n = {0};
  char chance[CORE_NUM_BYTES];
  (void)profile;
  if (!c || !val_rule_is_set(c, draft)) return;
  if (c->type == VAL_TYPE_BOOL && c->n_values == 2) return; /* the type says it */
  val_draft_count(c->n, &n);
  core_format_rounded(100 * (double)n_single(c) / (double)c->n, 2, chance);
  if (n_single(c) == 0)
    val_draft_because(draft, "%zu different value%s in %s, the rarest %lld times", c->n_values,
                      c->n_values == 1 ? "" : "s", core_str_text(&n),
                      (long long)c->values[c->n_values - 1].count);
  else
    val_draft_because(draft,
                      "%zu different values in %s, %lld of them once: the next is a new one with "
                      "about %s percent",
                      c->n_values, core_str_text(&n), (long long)n_single(c), chance);
  val_draft_rule(draft, "expect_column_values_to_be_in_set", c->name);
  val_draft_values(draft, "value_set", c->values, c->n_values);
  val_draft_end(draft, VAL_SEVERITY_CRITICAL);
  core_str_close(&n);
}

const struct val_rule_ops val_rule_set = {
    .name = "set",
    .summary = "the set of values, where it is small and seems complete",
    .draft = set_draft,
};
