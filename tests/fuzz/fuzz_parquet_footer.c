/* SPDX-License-Identifier: GPL-3.0-or-later
 * The footer's bytes alone: Thrift, schema, row groups. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "validate/parquet/footer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct val_parquet_file file;
  struct core_error err = {0};
  uint8_t *copy = core_alloc(size + 1);
  if (!copy) return 0;
  if (size) memcpy(copy, data, size);
  if (val_parquet_open_footer(copy, size, (uint64_t)1 << 20, &file, &err) == CORE_OK)
    val_parquet_close(&file);
  else
    FUZZ_CHECK(err.message[0]);
  return 0;
}
