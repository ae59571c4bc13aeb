/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every codec: the first byte says which, the next two how many bytes it must give. */
#include "core/mem.h"
#include "tests/fuzz/fuzz.h"
#include "validate/codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t n = 0;
  struct core_error err = {0};
  if (size < 4) return 0;
  while (val_codec_all()[n]) n++;
  const size_t out_n = 1 + (size_t)(data[1] | data[2] << 8);
  uint8_t *out = core_alloc(out_n);
  if (!out) return 0;
  const enum core_status st =
      val_codec_all()[data[0] % n]->unpack(data + 3, size - 3, out, out_n, &err);
  FUZZ_CHECK(st == CORE_OK || err.message[0]);
  core_free(out);
  return 0;
}
