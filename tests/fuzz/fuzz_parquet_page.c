/* SPDX-License-Identifier: GPL-3.0-or-later
 * A page header, then levels of both kinds from what follows it. */
#include "tests/fuzz/fuzz.h"
#include "validate/parquet/levels.h"
#include "validate/parquet/pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct val_parquet_page page;
  size_t used = 0;
  if (val_page_header_read(data, size, &page, &used, NULL) != CORE_OK) used = size ? 1 : 0;
  const uint8_t *at = data + used, *end = data + size;
  const uint8_t most = (uint8_t)(size ? data[0] % 7 : 0);
  uint8_t out[100];
  struct val_levels levels;
  for (int encoding = 3; encoding <= 4; encoding++) {
    const uint8_t *from = at;
    if (val_levels_open(&levels, most, encoding, 1000, &from, end, NULL) != CORE_OK) continue;
    for (int i = 0; i < 10; i++)
      if (val_levels_read(&levels, out, sizeof out, NULL) != CORE_OK) break;
  }
  val_levels_open_v2(&levels, most, at, (size_t)(end - at));
  for (int i = 0; i < 10; i++)
    if (val_levels_read(&levels, out, sizeof out, NULL) != CORE_OK) break;
  return 0;
}
