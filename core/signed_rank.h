/* SPDX-License-Identifier: GPL-3.0-or-later
 * Wilcoxon's signed-rank test of paired differences, one-sided. Wilcoxon, Biometrics Bulletin 1(6), 1945. */
#pragma once
#include "core/mem.h"
#include <stdbool.h>

/* p-value of "the differences lie above zero" against "they are symmetric around zero": the chance of a sum of positive
 * ranks as large as seen. Ranks of equal |d| are averaged, those of zeros are split half and half ("zsplit").
 *
 * Up to 50 differences without a zero the distribution is exact (as if there were no ties; half a rank too many is dropped);
 * otherwise it is normal, with the variance corrected for ties and without a continuity correction. These are the rules of
 * scipy.stats.wilcoxon(alternative="greater", zero_method="zsplit"), SciPy 1.0 to 1.12.
 *
 * n > 0, all of d finite. False without memory, *p is then unset. The scratch is the caller's to reset. */
bool core_signed_rank_greater(const double *d, size_t n, struct core_arena *scratch,
                              double *p) CORE_MUST_CHECK;
