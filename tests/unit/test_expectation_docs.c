/* SPDX-License-Identifier: GPL-3.0-or-later
 * docs/expectations.md knows every expectation: a row with its arguments, and an example. That the examples are true is
 * tests/golden/docs_examples.sh's business. */
#include "tests/support/support.h"

#include "core/source.h"
#include "validate/expect/expectation.h"
#include <stdio.h>
#include <string.h>

static char page[256 << 10];

static int read_page(void **state) {
  (void)state;
  struct core_source *source = NULL;
  size_t n = 0, got = 0;
  if (core_source_open_file("docs/expectations.md", &source, NULL) != CORE_OK) return -1;
  do {
    if (core_source_read(source, page + n, sizeof page - 1 - n, &got, NULL) != CORE_OK) return -1;
    n += got;
  } while (got && n < sizeof page - 1);
  core_source_close(source);
  return n > 0 && n < sizeof page - 1 ? 0 : -1;
}

/* Old names of others are told of in one place only. */
static bool is_alias(const char *name) {
  return core_streq(name, "expect_multicolumn_values_to_be_unique") ||
         core_streq(name, "expect_column_pair_values_A_to_be_greater_than_B");
}

static void every_expectation_has_an_example(void **state) {
  (void)state;
  int missing = 0;
  for (const struct val_expectation_ops *const *ops = val_expectation_all(); *ops; ops++) {
    char row[128], example[128];
    snprintf(row, sizeof row, "| `%s` |", (*ops)->name + strlen("expect_"));
    snprintf(example, sizeof example, "\n- %s: {", (*ops)->name);
    if (is_alias((*ops)->name) || (strstr(page, row) && strstr(page, example))) continue;
    print_error("%s has no row or no example\n", (*ops)->name);
    missing++;
  }
  assert_int_equal(missing, 0);
}

static void every_argument_is_named(void **state) {
  (void)state;
  int missing = 0;
  for (const struct val_expectation_ops *const *ops = val_expectation_all(); *ops; ops++)
    for (const struct core_option *row = (*ops)->kwargs; row && row->name; row++) {
      char quoted[80], map[80];
      snprintf(quoted, sizeof quoted, "`%s`", row->name);
      snprintf(map, sizeof map, "`%s:", row->name);
      if (strstr(page, quoted) || strstr(page, map)) continue;
      print_error("%s: argument %s is not in the page\n", (*ops)->name, row->name);
      missing++;
    }
  assert_int_equal(missing, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_expectation_has_an_example),
                                     cmocka_unit_test(every_argument_is_named)};
  return cmocka_run_group_tests(tests, read_page, NULL);
}
