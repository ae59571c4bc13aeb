/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kernel for every machine: eight bytes in one word, compared all at once by arithmetic (a byte that equals is one
 * whose exclusive or is zero; the test for a zero byte that has no false positives is that of Hacker's Delight, 6-1). */
#include "validate/csv/csv_kernel.h"

#include <string.h>

#define KERNEL_TARGET
#define ONES UINT64_C(0x0101010101010101)
#define LOWS UINT64_C(0x7f7f7f7f7f7f7f7f)

struct marks {
  uint64_t delimiter, quote;
};
struct found {
  uint64_t delimiter, special, high, nul;
};

static struct marks marks_of(unsigned char delimiter, unsigned char quote) {
  return (struct marks){delimiter * ONES, quote * ONES};
}

/* 0x80 in every byte that is zero. */
static inline uint64_t zero_bytes(uint64_t word) {
  return ~(((word & LOWS) + LOWS) | word | LOWS);
}

/* The top bits of eight bytes, gathered; first byte lowest. */
static inline uint64_t gather(uint64_t tops) {
  return ((tops >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static inline void look(const unsigned char *bytes, const struct marks *marks,
                        struct found *found) {
  *found = (struct found){0, 0, 0, 0};
  for (unsigned i = 0; i < 8; i++) {
    uint64_t word = 0;
    memcpy(&word, bytes + (size_t)i * 8, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    const uint64_t ends = zero_bytes(word ^ '\n' * ONES) | zero_bytes(word ^ '\r' * ONES) |
                          zero_bytes(word ^ marks->quote);
    const unsigned shift = 8 * i;
    found->delimiter |= gather(zero_bytes(word ^ marks->delimiter)) << shift;
    found->special |= gather(ends) << shift;
    found->high |= word & ~LOWS; /* any bit will do */
    found->nul |= zero_bytes(word) ? UINT64_C(0xff) << shift : 0;
  }
  if (found->high) { /* now where they are */
    found->high = 0;
    for (unsigned i = 0; i < 64; i++) found->high |= (uint64_t)(bytes[i] >> 7) << i;
  }
  if (found->nul) {
    found->nul = 0;
    for (unsigned i = 0; i < 64; i++) found->nul |= (uint64_t)(bytes[i] == 0) << i;
  }
}

#include "validate/csv/csv_kernel_loop.h"

static bool runs_here(void) {
  return true;
}

extern const struct val_csv_kernel val_csv_kernel_portable;
const struct val_csv_kernel val_csv_kernel_portable = {
    .name = "portable", .runs_here = runs_here, .find = find};
