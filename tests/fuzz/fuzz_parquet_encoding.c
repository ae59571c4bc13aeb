/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every encoding: the first byte says which, the second the type, the third how many values at a time. */
#include "tests/fuzz/fuzz.h"
#include "validate/encoding/encoding.h"

#define MOST 64

static void decode(const struct val_encoding_ops *ops, enum val_physical type, size_t step,
                   const uint8_t *data, size_t size) {
  const size_t width = type == VAL_PHYSICAL_FIXED ? 1 + step % 17 : val_physical_bytes(type);
  const struct val_encoded encoded = {data, size, type, width};
  struct val_decoder *decoder = NULL;
  uint8_t fixed[MOST * 17];
  struct core_slice slices[MOST];
  uint32_t indices[MOST];
  if (!ops->takes(type) || ops->open(&decoder, NULL) != CORE_OK) return;
  enum core_status st = ops->start(decoder, &encoded, NULL);
  unsigned sum = 0;
  for (int i = 0; i < 200 && st == CORE_OK; i++) {
    if (ops->indices) {
      st = ops->indices(decoder, step, indices, NULL);
    } else if (type == VAL_PHYSICAL_BYTE_ARRAY) {
      st = ops->slices(decoder, step, slices, NULL);
      for (size_t k = 0; k < step && st == CORE_OK; k++)
        for (size_t b = 0; b < slices[k].len && b < 64; b++)
          sum += (unsigned char)slices[k].data[b];
    } else {
      st = ops->fixed(decoder, step, fixed, NULL);
    }
  }
  ops->close(decoder);
  FUZZ_CHECK(sum != 0xffffffff); /* so that the bytes are looked at */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t n = 0;
  if (size < 3) return 0;
  while (val_encoding_all()[n]) n++;
  decode(val_encoding_all()[data[0] % n], (enum val_physical)(data[1] % VAL_PHYSICAL_TYPES),
         1 + data[2] % MOST, data + 3, size - 3);
  return 0;
}
