/* SPDX-License-Identifier: GPL-3.0-or-later
 * A regular expression, where all texts have one form that says something: with a digit or a mark in it, not mere words. */
#include "validate/profile/rule.h"
#include <string.h>

enum { LEAST_VALUES = 100 };

static bool says_something(const struct val_text_shape *shape) {
  for (size_t i = 0; i < shape->n_runs; i++)
    if (shape->runs[i].kind != 'u' && shape->runs[i].kind != 'l' && shape->runs[i].kind != ' ')
      return true;
  return false;
}

/* A run that always had one length keeps it; others may be of any. */
static void append_run(struct core_str *out, const struct val_text_run *run) {
  if (run->kind == 'd')
    core_str_text_append(out, "[0-9]");
  else if (run->kind == 'u')
    core_str_text_append(out, "[A-Z]");
  else if (run->kind == 'l')
    core_str_text_append(out, "[a-z]");
  else if (strchr("\\.^$|()[]{}*+?", run->kind))
    core_str_printf(out, "[%s%c]", strchr("\\^]", run->kind) ? "\\" : "", run->kind);
  else
    core_str_char(out, run->kind);
  if (run->least != run->most)
    core_str_char(out, '+');
  else if (run->least > 1)
    core_str_printf(out, "{%lld}", (long long)run->least);
}

static void pattern_draft(const struct val_profile *profile, const struct val_profile_column *c,
                          struct val_draft *draft) {
  struct core_str regex = {0}, n = {0};
  (void)profile;
  if (!c || c->n < LEAST_VALUES || c->n < draft->min_rows || !c->has_shape) return;
  if (val_rule_is_set(c, draft) || !c->shape.shared || !says_something(&c->shape)) return;
  if (c->shape.most > 1000) return; /* beyond what a repeat count of a regular expression may be */
  core_str_char(&regex, '^');
  for (size_t i = 0; i < c->shape.n_runs; i++) append_run(&regex, &c->shape.runs[i]);
  core_str_text_append(&regex, "\\z");
  val_draft_because(draft, "%s texts, all of this form", val_draft_count(c->n, &n));
  val_draft_rule(draft, "expect_column_values_to_match_regex", c->name);
  val_draft_text(draft, "regex", core_str_text(&regex));
  val_draft_end(draft, VAL_SEVERITY_CRITICAL);
  if (regex.failed) draft->yaml.failed = true;
  core_str_close(&regex);
  core_str_close(&n);
}

const struct val_rule_ops val_rule_pattern = {
    .name = "pattern",
    .summary = "the form that all texts have",
    .draft = pattern_draft,
};
