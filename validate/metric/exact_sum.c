/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/exact_sum.h"

#include <math.h>
#include <string.h>

#define MANTISSA_BITS 52
#define LOW_MASK      ((int64_t)0xffffffff)
/* A term adds at most 2^52 to a chunk that holds at most 2^32 after a carry: 2^11 - 1 terms stay below 2^63. */
#define MAX_PENDING 2000
#define MOST_TIMES  ((int64_t)1 << 40)

static void carry(struct val_exact_sum *sum) {
  for (size_t i = 0; i + 1 < VAL_EXACT_CHUNKS; i++) {
    const int64_t low = sum->chunk[i] & LOW_MASK;
    sum->chunk[i + 1] += (sum->chunk[i] - low) / ((int64_t)1 << 32);
    sum->chunk[i] = low;
  }
  sum->pending = 0;
}

static void add_special(struct val_exact_sum *sum, double value) {
  if (isnan(value))
    sum->nan = true;
  else if (value > 0)
    sum->plus_inf = true;
  else
    sum->minus_inf = true;
}

void val_exact_add(struct val_exact_sum *sum, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  unsigned exponent = (unsigned)(bits >> MANTISSA_BITS) & 0x7ff;
  if (exponent == 0x7ff) {
    add_special(sum, value);
    return;
  }
  int64_t mantissa = (int64_t)(bits & (((uint64_t)1 << MANTISSA_BITS) - 1));
  if (exponent)
    mantissa |= (int64_t)1 << MANTISSA_BITS;
  else
    exponent = 1;
  const unsigned shift = exponent & 31;
  const int64_t low = (int64_t)((uint64_t)mantissa << shift) & LOW_MASK;
  const int64_t high = (mantissa >> (32 - shift));
  int64_t *chunk = &sum->chunk[exponent >> 5];
  if (bits >> 63) {
    chunk[0] -= low;
    chunk[1] -= high;
  } else {
    chunk[0] += low;
    chunk[1] += high;
  }
  if (++sum->pending >= MAX_PENDING) carry(sum);
}

/* The mantissa times the number, 32 bits of it at a time, each where it belongs. */
void val_exact_add_times(struct val_exact_sum *sum, double value, int64_t times) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  unsigned exponent = (unsigned)(bits >> MANTISSA_BITS) & 0x7ff;
  uint64_t mantissa = bits & (((uint64_t)1 << MANTISSA_BITS) - 1);
  if (times == 0) return;
  if (exponent == 0x7ff) {
    add_special(sum, value);
    return;
  }
  if (times >= MOST_TIMES) { /* no further than the last chunk */
    val_exact_add_times(sum, value, times / 2);
    val_exact_add_times(sum, value, times - times / 2);
    return;
  }
  if (exponent)
    mantissa |= (uint64_t)1 << MANTISSA_BITS;
  else
    exponent = 1;
  int64_t *chunk = &sum->chunk[exponent >> 5];
  const int64_t sign = bits >> 63 ? -1 : 1;
  for (core_uint128 product = (core_uint128)mantissa * (uint64_t)times; product; product >>= 32) {
    const uint64_t part = ((uint64_t)product & (uint64_t)LOW_MASK) << (exponent & 31);
    chunk[0] += sign * (int64_t)(part & (uint64_t)LOW_MASK);
    chunk[1] += sign * (int64_t)(part >> 32);
    chunk++;
  }
  if (++sum->pending >= MAX_PENDING) carry(sum);
}

void val_exact_add_uint64_times(struct val_exact_sum *sum, uint64_t value, int scale,
                                int64_t times) {
  val_exact_add_times(sum, ldexp((double)(value >> 32), 32 + scale), times);
  val_exact_add_times(sum, ldexp((double)(value & (uint64_t)LOW_MASK), scale), times);
}

void val_exact_add_product_times(struct val_exact_sum *sum, double x, double y, int64_t times) {
  const double high = x * y;
  val_exact_add_times(sum, high, times);
  if (isfinite(high)) val_exact_add_times(sum, fma(x, y, -high), times);
}

void val_exact_add_uint64(struct val_exact_sum *sum, uint64_t value, int scale) {
  val_exact_add(sum, ldexp((double)(value >> 32), 32 + scale));
  val_exact_add(sum, ldexp((double)(value & (uint64_t)LOW_MASK), scale));
}

void val_exact_add_product(struct val_exact_sum *sum, double x, double y) {
  const double high = x * y;
  val_exact_add(sum, high);
  if (isfinite(high)) val_exact_add(sum, fma(x, y, -high));
}

/* ---- many at a time ----
 * Numbers whose exponents lie close together are whole numbers in units of the least one's last digit, of no more than 60
 * bits: they add up in a register, and so do their squares in two. */

#define BIAS       1075 /* a mantissa counts in units of 2^(exponent - BIAS) */
#define MANY       64   /* numbers at a time */
#define MOST_SHIFT 7    /* 2 * (53 + MOST_SHIFT) + 6 bits are what the squares of MANY add up to */

#define SMALLEST 64 /* exponent: what the numbers are to be multiplied with is a double, too */

struct aligned {
  double x[MANY];    /* nulls are 0 */
  double units;      /* of a 1: x times this is a whole number */
  unsigned exponent; /* of the unit: chunk and bit of it are as of a double with that exponent */
};

static void copy_valid(const double *x, const uint8_t *validity, size_t from, size_t n,
                       double *out) {
  uint64_t bits[MANY];
  memcpy(bits, x + from, n * sizeof *bits);
  for (size_t i = 0; validity && i < n; i++)
    bits[i] &= 0 - (uint64_t)(validity[(from + i) >> 3] >> ((from + i) & 7) & 1);
  memcpy(out, bits, n * sizeof *bits);
}

static bool is_there(const uint8_t *validity, size_t i) {
  return !validity || validity[i >> 3] >> (i & 7) & 1;
}

/* False: they are too far apart, or one is nearly subnormal, infinite or NaN. */
static bool align(const double *x, const uint8_t *validity, size_t from, size_t n,
                  struct aligned *out) {
  uint64_t least = UINT64_MAX, most = 0;
  copy_valid(x, validity, from, n, out->x);
  for (size_t i = 0; i < n; i++) {
    uint64_t twice; /* without the sign; what is 0 is above all when 1 is taken away */
    memcpy(&twice, &out->x[i], sizeof twice);
    twice <<= 1;
    least = twice - 1 < least ? twice - 1 : least;
    most = twice > most ? twice : most;
  }
  if (most == 0) least = (uint64_t)SMALLEST << (MANTISSA_BITS + 1);
  out->exponent = (unsigned)((least + 1) >> (MANTISSA_BITS + 1));
  const unsigned greatest = (unsigned)(most >> (MANTISSA_BITS + 1));
  if (out->exponent < SMALLEST || greatest == 0x7ff ||
      (most > 0 && greatest - out->exponent > MOST_SHIFT))
    return false;
  const uint64_t power = (uint64_t)(1023 + BIAS - out->exponent) << MANTISSA_BITS;
  memcpy(&out->units, &power, sizeof power);
  return true;
}

/* bit 0 of `magnitude` counts as the unit of a double with that exponent */
static void add_wide(struct val_exact_sum *sum, core_uint128 magnitude, unsigned exponent,
                     bool negative) {
  int64_t *chunk = &sum->chunk[exponent >> 5];
  const int64_t sign = negative ? -1 : 1;
  for (; magnitude; magnitude >>= 32, chunk++) {
    const uint64_t part = ((uint64_t)magnitude & (uint64_t)LOW_MASK) << (exponent & 31);
    chunk[0] += sign * (int64_t)(part & (uint64_t)LOW_MASK);
    chunk[1] += sign * (int64_t)(part >> 32);
  }
  if (++sum->pending >= MAX_PENDING) carry(sum);
}

void val_exact_add_many(struct val_exact_sum *sum, const double *x, const uint8_t *validity,
                        size_t from, size_t to) {
  for (size_t n; from < to; from += n) {
    struct aligned some;
    core_int128 total = 0;
    n = to - from < MANY ? to - from : MANY;
    if (!align(x, validity, from, n, &some)) {
      for (size_t i = from; i < from + n; i++)
        if (is_there(validity, i)) val_exact_add(sum, x[i]);
      continue;
    }
    for (size_t i = 0; i < n; i++) total += (int64_t)(some.x[i] * some.units);
    if (total) add_wide(sum, (core_uint128)(total < 0 ? -total : total), some.exponent, total < 0);
  }
}

/* The unit's square must be one, too, and what is above it: far from what a double's exponent cannot say. */
#define SQUARED_LEAST 700
#define SQUARED_MOST  1400

void val_exact_add_squares(struct val_exact_sum *sum, const double *x, const uint8_t *validity,
                           size_t from, size_t to) {
  for (size_t n; from < to; from += n) {
    struct aligned some;
    core_uint128 total = 0;
    n = to - from < MANY ? to - from : MANY;
    const bool good = align(x, validity, from, n, &some);
    if (!good || some.exponent < SQUARED_LEAST || some.exponent > SQUARED_MOST) {
      for (size_t i = from; i < from + n; i++)
        if (is_there(validity, i)) val_exact_add_product(sum, x[i], x[i]);
      continue;
    }
    for (size_t i = 0; i < n; i++) {
      const int64_t whole = (int64_t)(some.x[i] * some.units);
      total += (core_uint128)((core_int128)whole * whole);
    }
    if (total) add_wide(sum, total, 2 * some.exponent - BIAS, false);
  }
}

void val_exact_merge(struct val_exact_sum *into, const struct val_exact_sum *from) {
  struct val_exact_sum other = *from;
  carry(&other);
  carry(into);
  for (size_t i = 0; i < VAL_EXACT_CHUNKS; i++) into->chunk[i] += other.chunk[i];
  carry(into);
  into->plus_inf |= from->plus_inf;
  into->minus_inf |= from->minus_inf;
  into->nan |= from->nan;
}

/* The magnitude's 64 leading bits, the last one sticky: a double made of them is rounded correctly. */
static double round_magnitude(const int64_t *chunk) {
  int top = VAL_EXACT_CHUNKS - 1;
  while (top >= 0 && chunk[top] == 0) top--;
  if (top < 0) return 0;
  unsigned width = 0;
  while (width < 63 && chunk[top] >> width) width++;
  uint64_t bits = (uint64_t)chunk[top] << (64 - width);
  int free_bits = 64 - (int)width, i = top - 1;
  bool sticky = false;
  for (; i >= 0 && free_bits > 0; i--, free_bits -= 32) {
    const uint64_t part = (uint64_t)chunk[i];
    if (free_bits >= 32) {
      bits |= part << (free_bits - 32);
    } else {
      bits |= part >> (32 - free_bits);
      sticky |= (part & ((UINT64_C(1) << (32 - free_bits)) - 1)) != 0;
    }
  }
  for (; i >= 0; i--) sticky |= chunk[i] != 0;
  return ldexp((double)(bits | sticky), 32 * top + (int)width - 64 - 1075);
}

double val_exact_round(const struct val_exact_sum *sum) {
  if (sum->nan || (sum->plus_inf && sum->minus_inf)) return (double)NAN;
  if (sum->plus_inf) return (double)INFINITY;
  if (sum->minus_inf) return -(double)INFINITY;
  struct val_exact_sum copy = *sum;
  carry(&copy);
  const bool negative = copy.chunk[VAL_EXACT_CHUNKS - 1] < 0;
  if (negative) {
    for (size_t i = 0; i < VAL_EXACT_CHUNKS; i++) copy.chunk[i] = -copy.chunk[i];
    carry(&copy);
  }
  const double magnitude = round_magnitude(copy.chunk);
  return negative ? -magnitude : magnitude;
}

size_t val_exact_split(const struct val_exact_sum *sum, double *parts, size_t max) {
  struct val_exact_sum rest = *sum;
  size_t n = 0;
  for (; n < max; n++) {
    parts[n] = val_exact_round(&rest);
    if (parts[n] == 0 || !isfinite(parts[n])) break;
    val_exact_add(&rest, -parts[n]);
  }
  return n;
}

bool val_exact_int64(const struct val_exact_sum *sum, int64_t *out) {
  double parts[3];
  int64_t total = 0;
  const size_t n = val_exact_split(sum, parts, 3);
  if (n == 3 || sum->nan || sum->plus_inf || sum->minus_inf) return false;
  for (size_t i = 0; i < n; i++) {
    if (fabs(parts[i]) > 4611686018427387904.0 || parts[i] != floor(parts[i])) return false;
    total += (int64_t)parts[i];
  }
  *out = total;
  return true;
}
