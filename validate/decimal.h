/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decimal numbers: an integer of up to 38 digits and a scale, the value being integer / 10^scale. Compared exactly, with
 * each other and with doubles. */
#pragma once
#include "core/compiler.h"
#include "core/str.h"
#include <stdbool.h>

#define VAL_DECIMAL_DIGITS 38

struct val_decimal {
  core_int128 unscaled;
  int scale; /* 0 to 38 */
};

/* "[+-]digits[.digits][e[+-]digits]"; false when it is no number, or none of 38 digits and a scale up to 38. */
bool val_decimal_parse(const char *text, size_t len, struct val_decimal *out);
/* Plain digits with `scale` of them behind the point: "-0.50". */
void val_decimal_text(struct val_decimal value, struct core_str *out);
/* -1, 0, 1 */
int val_decimal_compare(struct val_decimal a, struct val_decimal b);
/* Exact; b is not NaN. */
int val_decimal_compare_double(struct val_decimal a, double b);
/* The nearest double. */
double val_decimal_number(struct val_decimal value);
/* Equal values become the same two numbers: 1.50 and 1.5. */
struct val_decimal val_decimal_plain(struct val_decimal value);
