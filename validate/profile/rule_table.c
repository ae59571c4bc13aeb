/* SPDX-License-Identifier: GPL-3.0-or-later
 * The columns that there are; and about as many rows, as a warning, since nobody knows how the data grows. */
#include "validate/profile/rule.h"
#include <string.h>

static void table_draft(const struct val_profile *profile, const struct val_profile_column *column,
                        struct val_draft *draft) {
  struct core_str list = {0}, number = {0};
  if (column) return;
  core_str_char(&list, '[');
  for (size_t i = 0; i < profile->n_columns; i++) {
    if (i > 0) core_str_text_append(&list, ", ");
    val_draft_quoted(&list, profile->columns[i].name, strlen(profile->columns[i].name));
  }
  core_str_char(&list, ']');
  if (list.failed) draft->yaml.failed = true;
  val_draft_because(draft, "the columns of the file; their order is left open");
  val_draft_rule(draft, "expect_table_columns_to_match_set", NULL);
  val_draft_raw(draft, "column_set", core_str_text(&list));
  val_draft_end(draft, VAL_SEVERITY_CRITICAL);
  val_draft_because(draft, "%s rows were seen; half to double as many",
                    val_draft_count(profile->n_rows, &number));
  val_draft_rule(draft, "expect_table_row_count_to_be_between", NULL);
  const struct val_scalar low = val_scalar_int64(profile->n_rows / 2),
                          high = val_scalar_int64(profile->n_rows * 2);
  val_draft_scalar(draft, "min_value", &low);
  val_draft_scalar(draft, "max_value", &high);
  val_draft_end(draft, VAL_SEVERITY_WARNING);
  core_str_close(&list);
  core_str_close(&number);
}

const struct val_rule_ops val_rule_table = {
    .name = "table",
    .summary = "the columns, and half to double the rows",
    .draft = table_draft,
};
