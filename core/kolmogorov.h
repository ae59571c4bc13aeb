/* SPDX-License-Identifier: GPL-3.0-or-later
 * The distribution of Kolmogorov and Smirnov's statistic for samples of n values. */
#pragma once
#include <stddef.h>

/* P(D_n >= d), two-sided. Relative error below 1e-10 for n <= 2000 and in the upper tail (n d^2 >= 2.2, p < 0.025) of any n; elsewhere
 * below 1e-5 absolute. d is clipped to [0, 1]; NaN for n = 0, d NaN, or no memory. After Simard & L'Ecuyer, J. Stat. Softw. 39(11)
 * (2011): Marsaglia, Tsang & Wang's matrix power (J. Stat. Softw. 8(18), 2003) or the corrected limit near the middle,
 * twice Smirnov's one-sided probability in the upper tail. */
double core_kolmogorov_sf(size_t n, double d);
/* P(D_n+ >= d), one-sided: Birnbaum & Tingey's sum. */
double core_smirnov_sf(size_t n, double d);
