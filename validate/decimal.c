/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/decimal.h"

#include <math.h>
#include <string.h>

#include "core/num.h"

/* 10^38 < 2^127. Any int128 may come in: a file's bytes need not keep to 38 digits. */
static core_int128 power_of_ten(int n) {
  core_int128 power = 1;
  while (n-- > 0) power *= 10;
  return power;
}

static core_uint128 magnitude(core_int128 value) {
  return value < 0 ? 0 - (core_uint128)value : (core_uint128)value;
}

/* ---- text ---- */

static size_t digits_of(core_uint128 value, char *out) {
  char turned[48];
  size_t n = 0;
  do turned[n++] = (char)('0' + (int)(value % 10));
  while ((value /= 10) > 0);
  for (size_t i = 0; i < n; i++) out[i] = turned[n - 1 - i];
  return n;
}

void val_decimal_text(struct val_decimal value, struct core_str *out) {
  static const char zeros[] = "0000000000000000000000000000000000000000";
  char digits[48];
  const size_t n = digits_of(magnitude(value.unscaled), digits), scale = (size_t)value.scale;
  if (value.unscaled < 0) core_str_char(out, '-');
  if (n > scale)
    core_str_append(out, digits, n - scale);
  else
    core_str_char(out, '0');
  if (scale == 0) return;
  core_str_char(out, '.');
  if (n < scale) core_str_append(out, zeros, scale - n);
  core_str_append(out, digits + (n > scale ? n - scale : 0), n < scale ? n : scale);
}

/* "e[+-]digits" up to the end. */
static bool parse_exponent(const char *text, size_t len, int *out) {
  int64_t value = 0;
  if (len == 0) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  if (!core_parse_int64(text + 1, len - 1, &value) || value < -1000 || value > 1000) return false;
  *out = (int)value;
  return true;
}

/* Digits up to 38 that count; `places` of them stood behind the point. False: too many, or none. */
static bool parse_digits(const char *text, size_t len, size_t *at, core_int128 *value,
                         int *places) {
  const core_int128 most = power_of_ten(VAL_DECIMAL_DIGITS - 1);
  bool point = false, any = false;
  for (; *at < len; ++*at) {
    const char c = text[*at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any = true;
    if (*value >= most && point && c == '0')
      continue; /* no more digits count, but zeros do no harm */
    if (*value >= most) return false;
    *value = *value * 10 + (c - '0');
    *places += point;
  }
  return any;
}

bool val_decimal_parse(const char *text, size_t len, struct val_decimal *out) {
  core_int128 value = 0;
  int places = 0, exponent = 0;
  size_t at = len > 0 && (text[0] == '-' || text[0] == '+');
  const bool negative = at > 0 && text[0] == '-';
  if (!parse_digits(text, len, &at, &value, &places)) return false;
  if (!parse_exponent(text + at, len - at, &exponent)) return false;
  places -= exponent;
  for (; places < 0 && value != 0; places++) {
    if (value >= power_of_ten(VAL_DECIMAL_DIGITS - 1)) return false;
    value *= 10;
  }
  if (value == 0) places = 0;
  while (places > 0 && value % 10 == 0 && value != 0) value /= 10, places--;
  if (places > VAL_DECIMAL_DIGITS) return false;
  *out = (struct val_decimal){negative ? -value : value, places};
  return true;
}

/* ---- order ---- */

/* The greatest whole number that is not above, and what is left as a fraction of 10^scale. */
static core_int128 floor_of(struct val_decimal value, core_int128 *rest) {
  const core_int128 unit = power_of_ten(value.scale);
  core_int128 whole = value.unscaled / unit;
  *rest = value.unscaled % unit;
  if (*rest < 0) {
    *rest += unit;
    whole--;
  }
  return whole;
}

static int order(core_int128 a, core_int128 b) {
  return (a > b) - (a < b);
}

int val_decimal_compare(struct val_decimal a, struct val_decimal b) {
  core_int128 rest_a = 0, rest_b = 0;
  if (a.scale == b.scale) return order(a.unscaled, b.unscaled);
  const int c = order(floor_of(a, &rest_a), floor_of(b, &rest_b));
  if (c) return c;
  return order(rest_a * power_of_ten(VAL_DECIMAL_DIGITS - a.scale),
               rest_b * power_of_ten(VAL_DECIMAL_DIGITS - b.scale));
}

/* rest / unit against a fraction in [0, 1): binary digit by binary digit, both exactly. */
static int compare_fractions(core_uint128 rest, core_uint128 unit, double fraction) {
  while (fraction != 0) {
    fraction *= 2; /* exact */
    rest *= 2;     /* below 2 * 10^38 */
    const bool bit_a = rest >= unit, bit_b = fraction >= 1;
    if (bit_a != bit_b) return bit_a ? 1 : -1;
    if (bit_a) {
      rest -= unit;
      fraction -= 1;
    }
  }
  return rest > 0;
}

/* value / 10^scale against b >= 0. */
static int compare_magnitudes(core_uint128 value, int scale, double b) {
  const core_uint128 unit = (core_uint128)power_of_ten(scale), whole = value / unit;
  if (b >= 340282366920938463463374607431768211456.0) return -1; /* 2^128 */
  const core_uint128 of_b = (core_uint128)floor(b);
  if (whole != of_b) return whole > of_b ? 1 : -1;
  return compare_fractions(value % unit, unit, b - floor(b));
}

int val_decimal_compare_double(struct val_decimal a, double b) {
  if (a.unscaled < 0) return b >= 0 ? -1 : -compare_magnitudes(magnitude(a.unscaled), a.scale, -b);
  return b < 0 ? 1 : compare_magnitudes(magnitude(a.unscaled), a.scale, b);
}

/* ---- as other numbers ---- */

double val_decimal_number(struct val_decimal value) {
  static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const core_int128 exact = (core_int128)1 << 53;
  /* Two numbers that doubles hold exactly: the quotient is rounded once. */
  if (value.unscaled >= -exact && value.unscaled <= exact && value.scale < (int)CORE_COUNT_OF(tens))
    return (double)value.unscaled / tens[value.scale];
  char text[64];
  size_t n = 0;
  double number = 0;
  if (value.unscaled < 0) text[n++] = '-';
  n += digits_of(magnitude(value.unscaled), text + n);
  text[n++] = 'e';
  text[n++] = '-';
  n += digits_of((core_uint128)value.scale, text + n);
  return core_parse_double(text, n, &number) ? number : (double)NAN;
}

struct val_decimal val_decimal_plain(struct val_decimal value) {
  while (value.scale > 0 && value.unscaled % 10 == 0) {
    value.unscaled /= 10;
    value.scale--;
  }
  return value;
}
