/* SPDX-License-Identifier: GPL-3.0-or-later
 * Suite files as YAML. */
#include "tests/fuzz/judge_suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  judge_suite("suite.yaml", data, size);
  return 0;
}
