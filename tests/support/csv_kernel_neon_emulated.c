/* SPDX-License-Identifier: GPL-3.0-or-later
 * The NEON kernel on SIMDe's portable emulation of its instructions, for processors that lack them. */
#if __has_include(<simde/arm/neon.h>)
#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

#define KERNEL_TARGET
#define val_csv_kernel_neon test_csv_kernel_neon
#include "validate/csv/csv_kernel_neon.c"
#else
#include "validate/csv/csv_kernel.h"
extern const struct val_csv_kernel test_csv_kernel_neon;
const struct val_csv_kernel test_csv_kernel_neon = {.name = "neon"}; /* find: not to be had */
#endif
