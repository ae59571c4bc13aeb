/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a drafted rule: looks at a column (or the table) and appends to the draft what it would expect of the
 * next data of the kind, or nothing. What it appends must hold on the data that it saw. One file and one row in
 * rule_list.h; the order there is the order in the suite. */
#pragma once
#include "validate/profile/draft.h"

struct val_rule_ops {
  const char *name;
  const char *summary; /* one line: the rule, and what must speak for it */
  /* `column` NULL: once, of the table. */
  void (*draft)(const struct val_profile *profile, const struct val_profile_column *column,
                struct val_draft *draft);
};
#define X(name) extern const struct val_rule_ops val_rule_##name;
#include "validate/profile/rule_list.h"
#undef X

/* Few enough different values for their set to be the rule, so that no other rule about values is needed. */
bool val_rule_is_set(const struct val_profile_column *column, const struct val_draft *draft);
