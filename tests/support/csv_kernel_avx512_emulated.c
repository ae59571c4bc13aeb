/* SPDX-License-Identifier: GPL-3.0-or-later
 * The AVX-512 kernel on SIMDe's portable emulation of its instructions, for processors that lack them. */
#if __has_include(<simde/x86/avx512.h>)
#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#define KERNEL_TARGET
#define val_csv_kernel_avx512 test_csv_kernel_avx512
#include "validate/csv/csv_kernel_avx512.c"
#else
#include "validate/csv/csv_kernel.h"
extern const struct val_csv_kernel test_csv_kernel_avx512;
const struct val_csv_kernel test_csv_kernel_avx512 = {.name = "avx512"}; /* find: not to be had */
#endif
