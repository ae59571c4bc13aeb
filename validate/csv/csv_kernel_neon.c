/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kernel for 64-bit ARM: four vectors of 16 bytes a step. NEON has no movemask; three rounds of pairwise addition
 * gather one bit a byte. */
#include "validate/csv/csv_kernel.h"

#if (defined(__aarch64__) && defined(__ARM_NEON)) || defined(KERNEL_TARGET)
#ifndef KERNEL_TARGET /* a test brings an emulation of the instructions */
#include <arm_neon.h>
#define KERNEL_TARGET
#endif

struct marks {
  uint8x16_t delimiter, quote;
};
struct found {
  uint64_t delimiter, special, high, nul;
};

static inline struct marks marks_of(unsigned char delimiter, unsigned char quote) {
  return (struct marks){vdupq_n_u8(delimiter), vdupq_n_u8(quote)};
}

static inline uint64_t gather(const uint8x16_t yes[4]) {
  static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t bit = vld1q_u8(weights);
  const uint8x16_t a = vpaddq_u8(vandq_u8(yes[0], bit), vandq_u8(yes[1], bit));
  const uint8x16_t b = vpaddq_u8(vandq_u8(yes[2], bit), vandq_u8(yes[3], bit));
  const uint8x16_t c = vpaddq_u8(a, b);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(c, c)), 0);
}

static inline void look(const unsigned char *bytes, const struct marks *marks,
                        struct found *found) {
  uint8x16_t delimiter[4], special[4], high[4], nul[4];
  for (int i = 0; i < 4; i++) {
    const uint8x16_t x = vld1q_u8(bytes + 16 * i);
    delimiter[i] = vceqq_u8(x, marks->delimiter);
    special[i] = vorrq_u8(vorrq_u8(vceqq_u8(x, vdupq_n_u8('\n')), vceqq_u8(x, vdupq_n_u8('\r'))),
                          vceqq_u8(x, marks->quote));
    high[i] = vcgeq_u8(x, vdupq_n_u8(0x80));
    nul[i] = vceqzq_u8(x);
  }
  found->delimiter = gather(delimiter);
  found->special = gather(special);
  found->high = gather(high);
  found->nul = gather(nul);
}

#include "validate/csv/csv_kernel_loop.h"

static bool runs_here(void) {
  return true; /* every 64-bit ARM has it */
}

extern const struct val_csv_kernel val_csv_kernel_neon;
const struct val_csv_kernel val_csv_kernel_neon = {
    .name = "neon", .runs_here = runs_here, .find = find};
#endif
