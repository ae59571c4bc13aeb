/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/expectation.h"

static const struct val_expectation_ops *const all[] = {
#define X(name) &val_expect_##name,
#include "validate/expect/expect_list.h"
#undef X
    NULL};

const struct val_expectation_ops *const *val_expectation_all(void) {
  return all;
}

/* Names that suites of Great Expectations 0.x still carry. */
static const struct {
  const char *old, *name;
} renamed[] = {
    {"expect_column_pair_values_A_to_be_greater_than_B",
     "expect_column_pair_values_a_to_be_greater_than_b"},
    {"expect_multicolumn_values_to_be_unique",
     "expect_select_column_values_to_be_unique_within_record"},
};

const struct val_expectation_ops *val_expectation_find(const char *name) {
  for (size_t i = 0; i < CORE_COUNT_OF(renamed); i++)
    if (core_streq(renamed[i].old, name)) name = renamed[i].name;
  for (size_t i = 0; all[i]; i++)
    if (core_streq(all[i]->name, name)) return all[i];
  return NULL;
}
