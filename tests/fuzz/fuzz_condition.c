/* SPDX-License-Identifier: GPL-3.0-or-later
 * A row condition, as a query or in Great Expectations' own words: it is read or refused, and one that is read selects rows
 * of a small table. */
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"
#include "tests/fuzz/fuzz.h"
#include "validate/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char table[] = "a,b,c\n1,x,2020-01-01\n2,,\n-3,y,2021-05-06\n";
  struct core_error err = {0};
  struct core_str text = {0};
  struct val_suite suite;
  if (size > 4000) return 0;
  core_str_text_append(
      &text, "{\"suite\": \"s\", \"expectations\": [{\"expect_column_values_to_be_unique\": "
             "{\"column\": \"a\", \"row_condition\": ");
  core_str_json(&text, (const char *)data, size);
  core_str_text_append(&text, "}}]}");
  FUZZ_CHECK(!text.failed);
  const enum core_status st =
      val_suite_parse(&suite, "suite.json", text.data, text.len, NULL, &err);
  core_str_close(&text);
  if (st != CORE_OK) {
    FUZZ_CHECK(err.message[0] != '\0');
    return 0;
  }
  struct core_source *source = NULL;
  struct val_result result;
  FUZZ_CHECK(core_source_open_memory("table.csv", table, sizeof table - 1, &source, &err) ==
             CORE_OK);
  if (val_validate(source, &suite, NULL, &result, &err) == CORE_OK) val_result_close(&result);
  core_source_close(source);
  val_suite_close(&suite);
  return 0;
}
