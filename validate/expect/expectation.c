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

const struct val_expectation_ops *val_expectation_find(const char *name) {
  for (size_t i = 0; all[i]; i++)
    if (core_streq(all[i]->name, name)) return all[i];
  return NULL;
}
