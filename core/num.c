/* SPDX-License-Identifier: GPL-3.0-or-later
 * Exact conversions. Whatever locale the process is in, a number has a point and no grouping.
 * Parsing: what is quick is in num_quick.c; the rest by Clinger, How to Read Floating Point Numbers
 * Accurately (PLDI 1990), where one rounding is enough, and by the C library's strtod, on digits
 * reduced to what can still decide the rounding, elsewhere. */
#include "core/num.h"

#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/compiler.h"
#include "core/num_quick.h"

_Static_assert(FLT_EVAL_METHOD == 0 && DBL_MANT_DIG == 53,
               "the fast path needs plain IEEE doubles");

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool core_parse_uint64(const char *text, size_t len, uint64_t *out) {
  if (len == 0) return false;
  uint64_t value = 0;
  for (size_t i = 0; i < len; i++) {
    if (!is_digit(text[i])) return false;
    const uint64_t digit = (uint64_t)(text[i] - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = 10 * value + digit;
  }
  *out = value;
  return true;
}

bool core_parse_int64(const char *text, size_t len, int64_t *out) {
  if (len == 0) return false;
  const bool negative = text[0] == '-';
  const size_t sign = negative || text[0] == '+';
  uint64_t magnitude;
  if (!core_parse_uint64(text + sign, len - sign, &magnitude)) return false;
  if (magnitude > (uint64_t)INT64_MAX + negative) return false;
  *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return true;
}

/* A decimal number taken apart: (-1)^negative * 0.DIGITS * 10^exponent without leading zeros in
 * DIGITS. */
struct decimal {
  bool negative;
  bool many;          /* more digits than `mantissa` holds   */
  uint64_t mantissa;  /* the first 19 significant digits      */
  int n_digits;       /* how many those are                   */
  int64_t exponent;   /* of ten, for the mantissa             */
  const char *digits; /* first significant digit in the input */
  const char *digits_end;
};

#define MANTISSA_DIGITS 19 /* 10^19 - 1 fits 64 bits */

static void take_digit(struct decimal *d, const char *at, bool after_point) {
  if (d->n_digits == 0 && *at == '0') {
    d->exponent -= after_point;
    return;
  }
  if (d->n_digits == 0) d->digits = at;
  d->digits_end = at + 1;
  if (d->n_digits == MANTISSA_DIGITS) {
    d->many |= *at != '0';
    d->exponent += !after_point;
    return;
  }
  d->mantissa = 10 * d->mantissa + (uint64_t)(*at - '0');
  d->n_digits++;
  d->exponent -= after_point;
}

/* [0-9]+ after a sign, saturating: no real exponent comes near the bound. */
static const char *take_exponent(const char *p, const char *end, int64_t *out) {
  const int64_t most = INT64_C(1000000000000);
  const bool negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) p++;
  if (p == end || !is_digit(*p)) return NULL;
  int64_t value = 0;
  for (; p < end && is_digit(*p); p++)
    if (value < most) value = 10 * value + (*p - '0');
  *out = negative ? -value : value;
  return p;
}

static bool take_apart(const char *text, size_t len, struct decimal *d) {
  const char *p = text, *const end = text + len;
  bool any = false;
  *d = (struct decimal){0};
  if (p < end && (*p == '-' || *p == '+')) d->negative = *p++ == '-';
  for (; p < end && is_digit(*p); p++, any = true) take_digit(d, p, false);
  if (p < end && *p == '.')
    for (p++; p < end && is_digit(*p); p++, any = true) take_digit(d, p, true);
  if (!any) return false;
  if (p < end && (*p == 'e' || *p == 'E')) {
    int64_t exponent;
    p = take_exponent(p + 1, end, &exponent);
    if (!p) return false;
    d->exponent += exponent;
  }
  return p == end;
}

/* Exact when the mantissa and the power of ten are both doubles: one correctly rounded operation
 * remains. A mantissa with room to spare may take some of a larger power first. */
static bool clinger(const struct decimal *d, double *out) {
  static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const uint64_t most = UINT64_C(1) << DBL_MANT_DIG;
  const int64_t largest = (int64_t)CORE_COUNT_OF(tens) - 1;
  if (d->many || d->mantissa > most) return false;
  double value = (double)d->mantissa;
  int64_t exponent = d->exponent;
  if (d->mantissa == 0) {
    *out = d->negative ? -0.0 : 0.0;
    return true;
  }
  if (exponent < -largest || exponent > largest + 15) return false;
  if (exponent > largest) {
    value *= tens[exponent - largest];
    if (value >= (double)most) return false;
    exponent = largest;
  }
  value = exponent < 0 ? value / tens[-exponent] : value * tens[exponent];
  *out = d->negative ? -value : value;
  return true;
}

/* A double's decimal expansion, and the midpoint of two, has at most 767 significant digits; what
 * follows can only say "a little more". */
#define DECIDING_DIGITS 800

static bool by_strtod(const struct decimal *d, double *out) {
  char copy[DECIDING_DIGITS + 32];
  size_t n = 0;
  int64_t exponent = d->exponent + d->n_digits; /* of 0.DIGITS */
  bool more = false;
  copy[n++] = '0';
  copy[n++] = '.';
  for (const char *p = d->digits; p < d->digits_end; p++) {
    if (!is_digit(*p)) continue;
    if (n < DECIDING_DIGITS)
      copy[n++] = *p;
    else
      more |= *p != '0';
  }
  if (more) copy[n++] = '1';
  if (exponent > 100000) exponent = 100000;
  if (exponent < -100000) exponent = -100000;
  snprintf(copy + n, sizeof copy - n, "e%" PRId64, exponent);
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* glibc: static, no allocation */
  if (c_locale == (locale_t)0) return false;
  const double value = strtod_l(copy, NULL, c_locale);
  freelocale(c_locale);
  *out = d->negative ? -value : value;
  return true;
}

static bool is_word(const char *text, size_t len, const char *word) {
  if (len != strlen(word)) return false;
  for (size_t i = 0; i < len; i++)
    if ((text[i] | 0x20) != word[i]) return false;
  return true;
}

static bool parse_special(const char *text, size_t len, double *out) {
  const bool negative = len > 0 && text[0] == '-';
  if (len > 0 && (text[0] == '-' || text[0] == '+')) text++, len--;
  if (is_word(text, len, "inf") || is_word(text, len, "infinity"))
    *out = negative ? -HUGE_VAL : HUGE_VAL;
  else if (is_word(text, len, "nan"))
    *out = (double)NAN;
  else
    return false;
  return true;
}

bool core_parse_double(const char *text, size_t len, double *out) {
  struct decimal d;
  if (core_parse_double_quick(text, len, out)) return true;
  if (!take_apart(text, len, &d)) return parse_special(text, len, out);
  return clinger(&d, out) || by_strtod(&d, out);
}

/* Units of durations in seconds; the sort of text that people write. */
struct unit {
  const char *name;
  double factor;
};

/* One "1.5h" of a duration or a size: the number, then letters. */
static const char *take_quantity(const char *p, const char *end, double *number,
                                 const char **letters, size_t *n_letters) {
  const char *const start = p;
  while (p < end && (is_digit(*p) || *p == '.')) p++;
  if (p == start || !core_parse_double(start, (size_t)(p - start), number)) return NULL;
  *letters = p;
  while (p < end && isalpha((unsigned char)*p) && (unsigned char)*p < 128) p++;
  *n_letters = (size_t)(p - *letters);
  return p;
}

/* "1:30:00" or "1:30": all but the first part in two digits below 60, the last may have a fraction.
 */
static bool parse_clock(const char *text, size_t len, double *seconds) {
  double total = 0;
  int parts = 0;
  for (const char *p = text, *const end = text + len;; parts++) {
    const char *stop = memchr(p, ':', (size_t)(end - p));
    if (!stop) stop = end;
    const size_t n = (size_t)(stop - p);
    uint64_t whole;
    double part;
    const size_t n_whole = stop == end && memchr(p, '.', n) ? 2 : n;
    if (n < n_whole || !core_parse_uint64(p, n_whole, &whole)) return false;
    if (!core_parse_double(p, n, &part)) return false;
    if (parts > 0 && (n_whole != 2 || part >= 60)) return false;
    total = 60 * total + part;
    if (stop == end) break;
    p = stop + 1;
  }
  if (parts < 1 || parts > 2) return false;
  *seconds = total;
  return true;
}

bool core_parse_duration(const char *text, size_t len, double *seconds) {
  static const struct unit units[] = {{"us", 1e-6}, {"ms", 1e-3},  {"s", 1},    {"m", 60},
                                      {"min", 60},  {"h", 3600.0}, {"d", 86400}};
  if (len == 0) return false;
  if (memchr(text, ':', len)) return parse_clock(text, len, seconds);
  const char *p = text, *const end = text + len;
  double total = 0, last_factor = HUGE_VAL;
  while (p < end) {
    double number;
    const char *letters;
    size_t n_letters, u = 0;
    p = take_quantity(p, end, &number, &letters, &n_letters);
    if (!p) return false;
    if (n_letters == 0) {
      if (p != end || last_factor < HUGE_VAL) return false; /* a bare number stands alone */
      total = number;
      break;
    }
    while (u < CORE_COUNT_OF(units) &&
           !(strlen(units[u].name) == n_letters && !memcmp(units[u].name, letters, n_letters)))
      u++;
    if (u == CORE_COUNT_OF(units) || units[u].factor >= last_factor) return false;
    last_factor = units[u].factor;
    /* one rounding: dividing by 1000 is exact where multiplying by 0.001 is not */
    total += last_factor < 1 ? number / (last_factor < 1e-4 ? 1e6 : 1e3) : number * last_factor;
  }
  if (!isfinite(total)) return false;
  *seconds = total;
  return true;
}

bool core_parse_size(const char *text, size_t len, uint64_t *bytes) {
  static const struct unit units[] = {
      {"", 1},         {"b", 1},        {"k", 1e3},     {"kb", 1e3},     {"m", 1e6},
      {"mb", 1e6},     {"g", 1e9},      {"gb", 1e9},    {"t", 1e12},     {"tb", 1e12},
      {"ki", 0x1p10},  {"kib", 0x1p10}, {"mi", 0x1p20}, {"mib", 0x1p20}, {"gi", 0x1p30},
      {"gib", 0x1p30}, {"ti", 0x1p40},  {"tib", 0x1p40}};
  if (core_parse_uint64(text, len, bytes)) return true;
  double number = 0;
  const char *letters = NULL;
  size_t n_letters = 0;
  if (take_quantity(text, text + len, &number, &letters, &n_letters) != text + len) return false;
  for (size_t u = 0; u < CORE_COUNT_OF(units); u++) {
    if (!is_word(letters, n_letters, units[u].name)) continue;
    const double total = number * units[u].factor;
    if (!(total < 0x1p64)) return false;
    *bytes = (uint64_t)total;
    return true;
  }
  return false;
}

/* The digits of "d.ddde[+-]xx" whatever the locale's point is; returns the decimal exponent. */
static int read_scientific(const char *text, char *digits, size_t *n) {
  *n = 0;
  const char *p = text;
  for (; *p && *p != 'e'; p++)
    if (is_digit(*p)) digits[(*n)++] = *p;
  int64_t exponent = 0;
  if (*p == 'e') (void)take_exponent(p + 1, p + strlen(p), &exponent);
  return (int)exponent;
}

static bool reads_back(const char *digits, size_t n, int exponent, double value) {
  char text[64];
  const int len = snprintf(text, sizeof text, "%.*se%d", (int)n, digits, exponent - (int)n + 1);
  double back;
  return core_parse_double(text, (size_t)len, &back) && back == value;
}

/* Below a power of two doubles lie twice as dense as above it, so the nearest decimal of n digits
 * may fall to the neighbour while the next one up still reads back. */
static bool next_up_reads_back(char *digits, size_t n, int exponent, double value) {
  int ignored;
  if (frexp(value, &ignored) != 0.5 || digits[n - 1] == '9') return false;
  digits[n - 1]++;
  if (reads_back(digits, n, exponent, value)) return true;
  digits[n - 1]--;
  return false;
}

/* The fewest digits that read back, nearest to the value among those; value > 0 and finite. Fifteen
 * digits survive the way through any normal double, so shorter forms are what is left of fifteen
 * without their zeros. */
static int shortest_digits(double value, char digits[24], size_t *n) {
  char text[48];
  int exponent = 0;
  for (int precision = value < DBL_MIN ? 1 : DBL_DIG; precision <= DBL_DECIMAL_DIG; precision++) {
    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    exponent = read_scientific(text, digits, n);
    if (reads_back(digits, *n, exponent, value)) break;
    if (next_up_reads_back(digits, *n, exponent, value)) break;
  }
  while (*n > 1 && digits[*n - 1] == '0') (*n)--;
  return exponent;
}

static size_t put_zeros(char *out, size_t at, int count) {
  for (; count > 0; count--) out[at++] = '0';
  return at;
}

/* Lays digits out as Python's repr does: fixed for exponents -4 to 15, scientific elsewhere. */
static size_t lay_out(const char *digits, size_t n, int exponent, char *out) {
  size_t at = 0;
  if (exponent < -4 || exponent >= 16) {
    out[at++] = digits[0];
    if (n > 1) out[at++] = '.';
    memcpy(out + at, digits + 1, n - 1);
    at += n - 1;
    return at + (size_t)snprintf(out + at, 8, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
  }
  if (exponent < 0) {
    out[at++] = '0';
    out[at++] = '.';
    at = put_zeros(out, at, -exponent - 1);
    memcpy(out + at, digits, n);
    return at + n;
  }
  const size_t whole = (size_t)exponent + 1, given = n < whole ? n : whole;
  memcpy(out, digits, given);
  at = put_zeros(out, given, (int)(whole - given));
  out[at++] = '.';
  if (n > whole)
    memcpy(out + at, digits + whole, n - whole);
  else
    out[at] = '0';
  return at + (n > whole ? n - whole : 1);
}

static size_t put_text(const char *text, char out[CORE_NUM_BYTES]) {
  return (size_t)snprintf(out, CORE_NUM_BYTES, "%s", text);
}

size_t core_format_double(double value, char out[CORE_NUM_BYTES]) {
  if (isnan(value)) return put_text("nan", out);
  if (isinf(value)) return put_text(value < 0 ? "-inf" : "inf", out);
  const size_t sign = signbit(value) ? 1 : 0;
  if (sign) out[0] = '-';
  char digits[24] = "0";
  size_t n = 1;
  const int exponent = value == 0 ? 0 : shortest_digits(fabs(value), digits, &n);
  const size_t len = sign + lay_out(digits, n, exponent, out + sign);
  out[len] = '\0';
  return len;
}

size_t core_format_number(double value, char out[CORE_NUM_BYTES]) {
  size_t len = core_format_double(value, out);
  if (len > 2 && out[len - 2] == '.' && out[len - 1] == '0') {
    len -= 2;
    out[len] = '\0';
  }
  return len;
}

/* Rounded by way of its digits, because those do not depend on the locale. */
size_t core_format_rounded(double value, int precision, char out[CORE_NUM_BYTES]) {
  char text[48];
  char digits[24];
  size_t n = 0;
  double rounded = value;
  if (isfinite(value) && value != 0) {
    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    const int exponent = read_scientific(text, digits, &n);
    const int len = snprintf(text, sizeof text, "%s%.*se%d", value < 0 ? "-" : "", (int)n, digits,
                             exponent - (int)n + 1);
    if (!core_parse_double(text, (size_t)len, &rounded) || isinf(rounded)) rounded = value;
  }
  return core_format_number(rounded, out);
}

size_t core_format_int64(int64_t value, char out[CORE_NUM_BYTES]) {
  return (size_t)snprintf(out, CORE_NUM_BYTES, "%" PRId64, value);
}

/* At most three digits that say something: 1.5, 23, 230. */
static size_t put_rounded(double value, const char *unit, char out[CORE_NUM_BYTES]) {
  char number[CORE_NUM_BYTES];
  const double rounded = value < 9.95 ? round(10 * value) / 10 : round(value);
  core_format_number(rounded, number);
  return (size_t)snprintf(out, CORE_NUM_BYTES, "%.24s %s", number, unit);
}

static size_t put_pair(double larger, const char *larger_unit, double smaller,
                       const char *smaller_unit, char out[CORE_NUM_BYTES]) {
  return (size_t)snprintf(out, CORE_NUM_BYTES, "%.0f %s %02.0f %s", larger, larger_unit, smaller,
                          smaller_unit);
}

size_t core_format_duration(double seconds, char out[CORE_NUM_BYTES]) {
  if (isnan(seconds) || isinf(seconds) || fabs(seconds) > 1e15) {
    char number[CORE_NUM_BYTES];
    core_format_number(seconds, number);
    return (size_t)snprintf(out, CORE_NUM_BYTES, "%.30s s", number);
  }
  if (seconds < 0) {
    char rest[CORE_NUM_BYTES];
    core_format_duration(-seconds, rest);
    return (size_t)snprintf(out, CORE_NUM_BYTES, "-%.38s", rest);
  }
  if (seconds == 0) return put_text("0 s", out);
  if (seconds < 0.0009995) return put_rounded(1e6 * seconds, "us", out);
  if (seconds < 0.9995) return put_rounded(1e3 * seconds, "ms", out);
  if (seconds < 59.5) return put_rounded(seconds, "s", out);
  const double whole = round(seconds), minutes = floor((seconds + 30) / 60);
  if (whole < 3600) return put_pair(floor(whole / 60), "min", fmod(whole, 60), "s", out);
  if (minutes < 48 * 60) return put_pair(floor(minutes / 60), "h", fmod(minutes, 60), "min", out);
  const double hours = floor((seconds + 1800) / 3600);
  return put_pair(floor(hours / 24), "d", fmod(hours, 24), "h", out);
}

size_t core_format_bytes(double bytes, char out[CORE_NUM_BYTES]) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  size_t u = 0;
  while (u + 1 < CORE_COUNT_OF(units) && fabs(bytes) >= 999.5) {
    bytes /= 1000;
    u++;
  }
  return put_rounded(bytes, units[u], out);
}
