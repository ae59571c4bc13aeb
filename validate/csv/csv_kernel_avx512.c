/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kernel for x86 processors with AVX-512: one vector of 64 bytes a step, whose comparisons are masks already. */
#if defined(__x86_64__) && defined(__GNUC__)
#include "validate/csv/csv_kernel.h"

#ifndef KERNEL_TARGET /* a test brings an emulation of the instructions */
#include <immintrin.h>
#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,bmi,bmi2,popcnt")))
#endif

struct marks {
  __m512i delimiter, quote;
};
struct found {
  uint64_t delimiter, special, high, nul;
};

static KERNEL_TARGET inline struct marks marks_of(unsigned char delimiter, unsigned char quote) {
  return (struct marks){_mm512_set1_epi8((char)delimiter), _mm512_set1_epi8((char)quote)};
}

static KERNEL_TARGET inline void look(const unsigned char *bytes, const struct marks *marks,
                                      struct found *found) {
  const __m512i x = _mm512_loadu_si512(bytes);
  found->delimiter = _mm512_cmpeq_epi8_mask(x, marks->delimiter);
  found->special = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\n')) |
                   _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\r')) |
                   _mm512_cmpeq_epi8_mask(x, marks->quote);
  found->high = _mm512_movepi8_mask(x);
  found->nul = _mm512_cmpeq_epi8_mask(x, _mm512_setzero_si512());
}

#include "validate/csv/csv_kernel_loop.h"

static bool runs_here(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt");
}

extern const struct val_csv_kernel val_csv_kernel_avx512;
const struct val_csv_kernel val_csv_kernel_avx512 = {
    .name = "avx512", .runs_here = runs_here, .find = find};
#else
typedef int val_csv_no_avx512; /* a file must not be empty */
#endif
