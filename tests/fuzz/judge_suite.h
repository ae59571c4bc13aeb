/* SPDX-License-Identifier: GPL-3.0-or-later
 * A suite file of either form: it is read, or refused with a sentence. One that was read judges a small table. */
#pragma once
#include "tests/fuzz/fuzz.h"
#include "validate/validate.h"

static inline void judge_suite(const char *name, const uint8_t *data, size_t size) {
  static const char table[] = "a,b,c\n1,x,2020-01-01\n2,,\n2,y,2021-05-06\n";
  struct core_error err = {0};
  struct val_suite suite;
  if (val_suite_parse(&suite, name, (const char *)data, size, NULL, &err) != CORE_OK) {
    FUZZ_CHECK(err.message[0] != '\0');
    return;
  }
  struct core_source *source = NULL;
  struct val_result result;
  FUZZ_CHECK(core_source_open_memory("table.csv", table, sizeof table - 1, &source, &err) ==
             CORE_OK);
  if (val_validate(source, &suite, NULL, &result, &err) == CORE_OK) {
    FUZZ_CHECK(result.n_verdicts == suite.n_expected);
    val_result_close(&result);
  } else {
    FUZZ_CHECK(err.message[0] != '\0');
  }
  core_source_close(source);
  val_suite_close(&suite);
}
