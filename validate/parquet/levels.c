/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/levels.h"

#include <string.h>

#include "validate/encoding/bits.h"

#define STEP          512
#define RLE_ID        3
#define BIT_PACKED_ID 4

static unsigned width_of(uint8_t most) {
  unsigned width = 0;
  while (most >> width) width++;
  return width;
}

static enum core_status short_of(struct core_error *err) {
  return core_fail(err, CORE_PARSE, "a page ends before its last level");
}

enum core_status val_levels_open(struct val_levels *levels, uint8_t most, int32_t encoding,
                                 size_t n_values, const uint8_t **at, const uint8_t *end,
                                 struct core_error *err) {
  *levels = (struct val_levels){.most = most};
  if (most == 0) return CORE_OK;
  size_t n_bytes = 0;
  const size_t rest = (size_t)(end - *at);
  if (encoding == BIT_PACKED_ID) {
    n_bytes = val_bit_packed_bytes(n_values, width_of(most));
    if (n_bytes > rest) return short_of(err);
    levels->is_bit_packed = true;
    levels->bit_packed =
        (struct val_bit_packed){.bytes = *at, .n_bytes = n_bytes, .width = width_of(most)};
    *at += n_bytes;
    return CORE_OK;
  }
  if (encoding != RLE_ID)
    return core_fail(err, CORE_PARSE, "a page's levels have encoding %d, which is not for levels",
                     (int)encoding);
  if (rest < 4) return short_of(err);
  n_bytes = val_load_u32(*at);
  if (n_bytes > rest - 4) return short_of(err);
  val_hybrid_open(&levels->hybrid, *at + 4, n_bytes, width_of(most));
  *at += 4 + n_bytes;
  return CORE_OK;
}

void val_levels_open_v2(struct val_levels *levels, uint8_t most, const uint8_t *bytes,
                        size_t n_bytes) {
  *levels = (struct val_levels){.most = most};
  if (most > 0) val_hybrid_open(&levels->hybrid, bytes, n_bytes, width_of(most));
}

static size_t read_some(struct val_levels *levels, uint8_t *out, size_t n, uint32_t *greatest) {
  uint32_t step[STEP], value = 0;
  size_t got = val_hybrid_repeated(&levels->hybrid, n, &value);
  if (got > 0) {
    *greatest = value;
    memset(out, (int)(value & 0xff), got);
    return got;
  }
  got = val_hybrid_packed(&levels->hybrid, n < STEP ? n : STEP, step);
  for (size_t i = 0; i < got; i++) {
    if (step[i] > *greatest) *greatest = step[i];
    out[i] = (uint8_t)step[i];
  }
  return got;
}

enum core_status val_levels_read(struct val_levels *levels, uint8_t *out, size_t n,
                                 struct core_error *err) {
  if (levels->most == 0) {
    memset(out, 0, n);
    return CORE_OK;
  }
  uint32_t greatest = 0;
  if (levels->is_bit_packed) {
    if (!val_bit_packed_read(&levels->bit_packed, out, n)) return short_of(err);
    for (size_t i = 0; i < n; i++)
      if (out[i] > greatest) greatest = out[i];
    n = 0;
  }
  while (n > 0 && greatest <= levels->most) {
    const size_t got = read_some(levels, out, n, &greatest);
    if (got == 0) return short_of(err);
    out += got;
    n -= got;
  }
  if (greatest > levels->most)
    return core_fail(err, CORE_PARSE, "a page is corrupt: a level is %u where %u is the most",
                     (unsigned)greatest, (unsigned)levels->most);
  return CORE_OK;
}
