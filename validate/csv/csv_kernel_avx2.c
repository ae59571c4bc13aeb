/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kernel for x86 processors with AVX2: two vectors of 32 bytes a step. */
#if defined(__x86_64__) && defined(__GNUC__)
#include "validate/csv/csv_kernel.h"

#include <immintrin.h>

#define KERNEL_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))

struct marks {
  __m256i delimiter, quote;
};
struct found {
  uint64_t delimiter, special, high, nul;
};

static KERNEL_TARGET inline struct marks marks_of(unsigned char delimiter, unsigned char quote) {
  return (struct marks){_mm256_set1_epi8((char)delimiter), _mm256_set1_epi8((char)quote)};
}

static KERNEL_TARGET inline uint64_t both(__m256i low, __m256i high) {
  return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static KERNEL_TARGET inline __m256i ends_of(__m256i x, __m256i quote) {
  return _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8('\n')),
                                         _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\r'))),
                         _mm256_cmpeq_epi8(x, quote));
}

static KERNEL_TARGET inline void look(const unsigned char *bytes, const struct marks *marks,
                                      struct found *found) {
  const __m256i a = _mm256_loadu_si256((const __m256i *)bytes);
  const __m256i b = _mm256_loadu_si256((const __m256i *)(bytes + 32));
  const __m256i zero = _mm256_setzero_si256();
  found->delimiter =
      both(_mm256_cmpeq_epi8(a, marks->delimiter), _mm256_cmpeq_epi8(b, marks->delimiter));
  found->special = both(ends_of(a, marks->quote), ends_of(b, marks->quote));
  found->high = both(a, b);
  found->nul = both(_mm256_cmpeq_epi8(a, zero), _mm256_cmpeq_epi8(b, zero));
}

#include "validate/csv/csv_kernel_loop.h"

static bool runs_here(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

extern const struct val_csv_kernel val_csv_kernel_avx2;
const struct val_csv_kernel val_csv_kernel_avx2 = {
    .name = "avx2", .runs_here = runs_here, .find = find};
#else
typedef int val_csv_no_avx2; /* a file must not be empty */
#endif
