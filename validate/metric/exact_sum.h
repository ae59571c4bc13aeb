/* SPDX-License-Identifier: GPL-3.0-or-later
 * Sums of doubles without rounding: a fixed-point number wide enough for every double, so that a sum does not depend on
 * the order or the grouping of its terms. Rounded once, when it is read.
 * R. M. Neal, "Fast exact summation using small and large superaccumulators", arXiv:1505.05571 (2015): the small one. */
#pragma once
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VAL_EXACT_CHUNKS 67

/* Zero-initialised is the sum of nothing. */
struct val_exact_sum {
  int64_t chunk
      [VAL_EXACT_CHUNKS]; /* chunk i counts in units of 2^(32 i - 1075), 32 bits kept apart from the carries */
  unsigned pending; /* additions since carries were last moved up */
  bool plus_inf, minus_inf, nan;
};
void val_exact_add(struct val_exact_sum *sum, double value);
/* Adds `value` so many times, which is the same bit for bit; times >= 0. */
void val_exact_add_times(struct val_exact_sum *sum, double value, int64_t times);
/* Adds value * 2^scale for an unsigned 64-bit integer; scale in [0, 900]. */
void val_exact_add_uint64(struct val_exact_sum *sum, uint64_t value, int scale);
void val_exact_add_uint64_times(struct val_exact_sum *sum, uint64_t value, int scale,
                                int64_t times);
/* Adds x * y with both halves of the product (exact unless it underflows or overflows). */
void val_exact_add_product(struct val_exact_sum *sum, double x, double y);
void val_exact_add_product_times(struct val_exact_sum *sum, double x, double y, int64_t times);
/* x[i] or x[i]^2 of all that are not null (validity as in columns, NULL: none is): the same sum as one by one, faster where
 * neighbours are of about one size. */
void val_exact_add_many(struct val_exact_sum *sum, const double *x, const uint8_t *validity,
                        size_t from, size_t to);
void val_exact_add_squares(struct val_exact_sum *sum, const double *x, const uint8_t *validity,
                           size_t from, size_t to);
void val_exact_merge(struct val_exact_sum *into, const struct val_exact_sum *from);
/* The nearest double, ties to even; infinities and NaN as IEEE addition gives them. */
double val_exact_round(const struct val_exact_sum *sum);
/* The sum as an int64; false when it is not an integer in range. */
bool val_exact_int64(const struct val_exact_sum *sum, int64_t *out);
/* The sum as a few doubles of falling size that add up to it exactly; returns how many (at most max). */
size_t val_exact_split(const struct val_exact_sum *sum, double *parts, size_t max);
