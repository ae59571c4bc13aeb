/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/convert.h"

#include <math.h>
#include <string.h>

#include "validate/decimal.h"
#include "validate/encoding/bits.h"

#define DAY_NS       INT64_C(86400000000000)
#define DAY_US       UINT64_C(86400000000)
#define JULIAN_EPOCH 2440588 /* the Julian day of 1970-01-01 */
#define UUID_TEXT    36

/* CONVERT(name, type of a target, expression of `at`, the value's bytes): values that always fit. */
/* NOLINTBEGIN(bugprone-macro-parentheses): `target` is a type */
#define CONVERT(name, target, expression)                                                          \
  static size_t name(const struct val_conversion *c, const uint8_t *in, size_t n, void *out,       \
                     uint8_t *bad) {                                                               \
    (void)c, (void)bad;                                                                            \
    target *to = out;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                               \
      const uint8_t *at = in + i * c->width;                                                       \
      to[i] = (expression);                                                                        \
    }                                                                                              \
    return 0;                                                                                      \
  }
/* NOLINTEND(bugprone-macro-parentheses) */
/* Likewise, but `fits` says which do; others become 0. */
#define CONVERT_IF(name, fits, expression)                                                         \
  static size_t name(const struct val_conversion *c, const uint8_t *in, size_t n, void *out,       \
                     uint8_t *bad) {                                                               \
    int64_t *to = out;                                                                             \
    size_t n_bad = 0;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                               \
      const uint8_t *at = in + i * c->width;                                                       \
      const bool good = (fits);                                                                    \
      to[i] = good ? (expression) : 0;                                                             \
      bad[i] = !good;                                                                              \
      n_bad += !good;                                                                              \
    }                                                                                              \
    return n_bad;                                                                                  \
  }

static inline int32_t load_i32(const uint8_t *at) {
  return (int32_t)val_load_u32(at);
}

static inline int64_t load_i64(const uint8_t *at) {
  return (int64_t)val_load_u64(at);
}

static inline double load_float(const uint8_t *at) {
  const uint32_t bits = val_load_u32(at);
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

/* IEEE 754 binary16: exact in a double. */
static double load_half(const uint8_t *at) {
  const unsigned bits = at[0] | (unsigned)at[1] << 8;
  const int exponent = (int)(bits >> 10 & 31);
  const double fraction = (double)(bits & 1023);
  double value = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
  if (exponent == 31) value = fraction == 0 ? (double)INFINITY : (double)NAN;
  return bits >> 15 ? -value : value;
}

/* Big-endian two's complement of any length that fits into 128 bits; false: it does not. */
static bool load_big(const uint8_t *at, size_t n, core_int128 *out) {
  const uint8_t sign = n > 0 && at[0] & 0x80 ? 0xff : 0;
  core_uint128 value = sign ? ~(core_uint128)0 : 0;
  for (; n > sizeof value; at++, n--)
    if (*at != sign || ((at[1] ^ sign) & 0x80)) return false;
  for (size_t i = 0; i < n; i++) value = value << 8 | at[i];
  *out = (core_int128)value;
  return true;
}

static inline int64_t int96_day(const uint8_t *at) {
  return (int64_t)load_i32(at + 8) - JULIAN_EPOCH;
}

/* Modulo 2^64: Spark counts microseconds from the first Julian day in 64 bits when it writes, so that what it stores for
 * the year 290000 has wrapped, and comes back only if it wraps again. Nanoseconds beyond a day are known to occur. */
static inline int64_t int96_us(const uint8_t *at) {
  const int64_t ns = load_i64(at);
  return (int64_t)((uint64_t)int96_day(at) * DAY_US + (uint64_t)(ns / 1000 - (ns % 1000 < 0)));
}

CONVERT(from_int32, int64_t, load_i32(at))
CONVERT(from_uint32, int64_t, (int64_t)val_load_u32(at))
CONVERT(from_uint64, core_int128, (core_int128)val_load_u64(at))
CONVERT(from_float, double, load_float(at))
CONVERT(from_half, double, load_half(at))
CONVERT(decimal_from_int32, core_int128, load_i32(at))
CONVERT(decimal_from_int64, core_int128, load_i64(at))
CONVERT(int96, int64_t, int96_us(at))
CONVERT_IF(millis_to_us, load_i64(at) >= INT64_MIN / 1000 && load_i64(at) <= INT64_MAX / 1000,
           load_i64(at) * 1000)
CONVERT_IF(time_millis, load_i32(at) >= 0 && load_i32(at) < DAY_NS / 1000000,
           (int64_t)load_i32(at) * 1000000)
CONVERT_IF(time_micros, load_i64(at) >= 0 && load_i64(at) < DAY_NS / 1000, load_i64(at) * 1000)
CONVERT_IF(time_nanos, load_i64(at) >= 0 && load_i64(at) < DAY_NS, load_i64(at))

static size_t decimal_from_fixed(const struct val_conversion *c, const uint8_t *in, size_t n,
                                 void *out, uint8_t *bad) {
  core_int128 *to = out;
  size_t n_bad = 0;
  for (size_t i = 0; i < n; i++) {
    to[i] = 0;
    bad[i] = !load_big(in + i * c->width, c->width, &to[i]);
    n_bad += bad[i];
  }
  return n_bad;
}

static size_t decimal_from_slices(const struct val_conversion *c, const struct core_slice *in,
                                  size_t n, void *out, uint8_t *bad) {
  core_int128 *to = out;
  size_t n_bad = 0;
  (void)c;
  for (size_t i = 0; i < n; i++) {
    to[i] = 0;
    bad[i] = !load_big((const uint8_t *)in[i].data, in[i].len, &to[i]);
    n_bad += bad[i];
  }
  return n_bad;
}

/* "550e8400-e29b-41d4-a716-446655440000" (RFC 4122), 36 characters each. */
static size_t uuid(const struct val_conversion *c, const uint8_t *in, size_t n, void *out,
                   uint8_t *bad) {
  static const char digits[] = "0123456789abcdef";
  char *to = out;
  (void)bad;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < c->width; k++) {
      if (k == 4 || k == 6 || k == 8 || k == 10) *to++ = '-';
      *to++ = digits[in[i * c->width + k] >> 4];
      *to++ = digits[in[i * c->width + k] & 15];
    }
  }
  return 0;
}

/* ---- choosing ---- */

static struct val_conversion number(enum val_type type, size_t bytes, val_convert_fixed *fixed) {
  return (struct val_conversion){.type = type, .bytes = bytes, .fixed = fixed, .same = !fixed};
}

static struct val_conversion text(bool utf8) {
  return (struct val_conversion){.type = utf8 ? VAL_TYPE_STRING : VAL_TYPE_BINARY, .utf8 = utf8};
}

static struct val_conversion timestamp(bool utc, val_convert_fixed *fixed) {
  struct val_conversion c =
      number(utc ? VAL_TYPE_TIMESTAMP_UTC : VAL_TYPE_TIMESTAMP, sizeof(int64_t), fixed);
  c.limit = "the range of timestamps in microseconds";
  return c;
}

static struct val_conversion time_of_day(val_convert_fixed *fixed) {
  struct val_conversion c = number(VAL_TYPE_TIME, sizeof(int64_t), fixed);
  c.limit = "the range of a day";
  return c;
}

static struct val_conversion physical(const struct val_parquet_leaf *leaf) {
  switch (leaf->type) {
  case VAL_PHYSICAL_BOOLEAN:
    return number(VAL_TYPE_BOOL, 1, NULL);
  case VAL_PHYSICAL_INT32:
    return number(VAL_TYPE_INT64, sizeof(int64_t), from_int32);
  case VAL_PHYSICAL_INT64:
    return number(VAL_TYPE_INT64, sizeof(int64_t), NULL);
  case VAL_PHYSICAL_INT96: {
    struct val_conversion c = timestamp(false, int96);
    c.note = "INT96: digits below a microsecond are left out";
    return c;
  }
  case VAL_PHYSICAL_FLOAT:
    return number(VAL_TYPE_DOUBLE, sizeof(double), from_float);
  case VAL_PHYSICAL_DOUBLE:
    return number(VAL_TYPE_DOUBLE, sizeof(double), NULL);
  default:
    return text(false);
  }
}

/* Decimals: 1 to 38 digits, in INT32, INT64, FIXED_LEN_BYTE_ARRAY and BYTE_ARRAY. */
static bool decimal(const struct val_parquet_leaf *leaf, int32_t precision, int32_t scale,
                    struct val_conversion *out) {
  static val_convert_fixed *const fixed[VAL_PHYSICAL_TYPES] = {
      [VAL_PHYSICAL_INT32] = decimal_from_int32,
      [VAL_PHYSICAL_INT64] = decimal_from_int64,
      [VAL_PHYSICAL_FIXED] = decimal_from_fixed,
  };
  if (precision < 1 || precision > VAL_DECIMAL_DIGITS || scale < 0 || scale > precision)
    return false;
  if (!fixed[leaf->type] && leaf->type != VAL_PHYSICAL_BYTE_ARRAY) return false;
  *out = number(VAL_TYPE_DECIMAL, sizeof(core_int128), fixed[leaf->type]);
  out->same = false;
  out->slices = decimal_from_slices;
  out->precision = precision;
  out->scale = scale;
  out->limit = "128 bits";
  return true;
}

static struct val_conversion unsigned_64(void) {
  struct val_conversion c = number(VAL_TYPE_DECIMAL, sizeof(core_int128), from_uint64);
  c.precision = 20;
  return c;
}

static bool integer(const struct val_parquet_leaf *leaf, int bits, bool is_signed,
                    struct val_conversion *out) {
  if (leaf->type == VAL_PHYSICAL_INT64 && (bits == 64 || bits == 0)) {
    *out = is_signed ? physical(leaf) : unsigned_64();
    return true;
  }
  if (leaf->type != VAL_PHYSICAL_INT32) return false;
  *out = is_signed ? physical(leaf) : number(VAL_TYPE_INT64, sizeof(int64_t), from_uint32);
  return true;
}

/* By unit: 0 milliseconds, 1 microseconds, 2 nanoseconds. */
static bool clock_time(const struct val_parquet_leaf *leaf, int unit, struct val_conversion *out) {
  static val_convert_fixed *const units[] = {time_millis, time_micros, time_nanos};
  if (leaf->type != (unit == 0 ? VAL_PHYSICAL_INT32 : VAL_PHYSICAL_INT64)) return false;
  *out = time_of_day(units[unit]);
  return true;
}

static bool instant(const struct val_parquet_leaf *leaf, int unit, bool utc,
                    struct val_conversion *out) {
  if (leaf->type != VAL_PHYSICAL_INT64) return false;
  *out = timestamp(utc, unit == 0 ? millis_to_us : NULL);
  if (unit == 2) out->type = utc ? VAL_TYPE_TIMESTAMP_NS_UTC : VAL_TYPE_TIMESTAMP_NS;
  return true;
}

static bool unit_of(const struct val_parquet_time_type *type, int *unit) {
  for (*unit = 0; *unit < 3; ++*unit)
    if (type->unit.given == VAL_THRIFT_GIVEN(*unit)) return true;
  return false;
}

static bool is_bytes(const struct val_parquet_leaf *leaf) {
  return leaf->type == VAL_PHYSICAL_BYTE_ARRAY || leaf->type == VAL_PHYSICAL_FIXED;
}

static bool date(const struct val_parquet_leaf *leaf, struct val_conversion *out) {
  if (leaf->type != VAL_PHYSICAL_INT32) return false;
  *out = number(VAL_TYPE_DATE, sizeof(int32_t), NULL);
  return true;
}

static bool characters(const struct val_parquet_leaf *leaf, struct val_conversion *out) {
  if (!is_bytes(leaf)) return false;
  *out = text(true);
  return true;
}

/* False: the type of the values does not go with it, or it says nothing about them. */
static bool logical(const struct val_parquet_leaf *leaf, struct val_conversion *out) {
  const struct val_parquet_logical *type = &leaf->node->element->logical;
  int unit = 0;
  for (int member = 0; member <= VAL_PARQUET_LOGICAL_GEOGRAPHY; member++) {
    if (type->given != VAL_THRIFT_GIVEN(member)) continue;
    switch (member) {
    case VAL_PARQUET_LOGICAL_STRING:
    case VAL_PARQUET_LOGICAL_ENUM:
    case VAL_PARQUET_LOGICAL_JSON:
      return characters(leaf, out);
    case VAL_PARQUET_LOGICAL_DECIMAL:
      return decimal(leaf, type->decimal.precision, type->decimal.scale, out);
    case VAL_PARQUET_LOGICAL_DATE:
      return date(leaf, out);
    case VAL_PARQUET_LOGICAL_TIME:
      return unit_of(&type->time, &unit) && clock_time(leaf, unit, out);
    case VAL_PARQUET_LOGICAL_TIMESTAMP:
      return unit_of(&type->timestamp, &unit) && instant(leaf, unit, type->timestamp.utc, out);
    case VAL_PARQUET_LOGICAL_INTEGER:
      return integer(leaf, type->integer.bits, type->integer.is_signed, out);
    case VAL_PARQUET_LOGICAL_UNKNOWN:
      *out = (struct val_conversion){.type = VAL_TYPE_NULL};
      return true;
    case VAL_PARQUET_LOGICAL_UUID:
      if (leaf->type != VAL_PHYSICAL_FIXED || leaf->width != 16) return false;
      *out =
          (struct val_conversion){.type = VAL_TYPE_STRING, .fixed = uuid, .text_bytes = UUID_TEXT};
      return true;
    case VAL_PARQUET_LOGICAL_FLOAT16:
      if (leaf->type != VAL_PHYSICAL_FIXED || leaf->width != 2) return false;
      *out = number(VAL_TYPE_DOUBLE, sizeof(double), from_half);
      return true;
    default:
      return false;
    }
  }
  return false;
}

static bool converted(const struct val_parquet_leaf *leaf, struct val_conversion *out) {
  const struct val_parquet_element *element = leaf->node->element;
  switch (element->converted) {
  case VAL_PARQUET_UTF8:
  case VAL_PARQUET_ENUM:
  case VAL_PARQUET_JSON:
    return characters(leaf, out);
  case VAL_PARQUET_DECIMAL:
    return decimal(leaf, element->precision, element->scale, out);
  case VAL_PARQUET_DATE:
    return date(leaf, out);
  case VAL_PARQUET_TIME_MILLIS:
  case VAL_PARQUET_TIME_MICROS:
    return clock_time(leaf, element->converted - VAL_PARQUET_TIME_MILLIS, out);
  case VAL_PARQUET_TIMESTAMP_MILLIS:
  case VAL_PARQUET_TIMESTAMP_MICROS: /* both are instants: LogicalTypes.md, "TIMESTAMP" */
    return instant(leaf, element->converted - VAL_PARQUET_TIMESTAMP_MILLIS, true, out);
  case VAL_PARQUET_UINT_8:
  case VAL_PARQUET_UINT_16:
  case VAL_PARQUET_UINT_32:
    return integer(leaf, 32, false, out);
  case VAL_PARQUET_UINT_64:
    return integer(leaf, 64, false, out);
  default:
    return false;
  }
}

struct val_conversion val_conversion_of(const struct val_parquet_leaf *leaf, bool as_text) {
  const struct val_parquet_element *element = leaf->node->element;
  struct val_conversion c;
  bool known = false;
  if (element->given & VAL_PARQUET_HAS_LOGICAL && element->logical.given != 0)
    known = logical(leaf, &c);
  else if (element->given & VAL_PARQUET_HAS_CONVERTED)
    known = converted(leaf, &c);
  if (!known) c = physical(leaf);
  if (c.type == VAL_TYPE_BINARY && as_text) c = text(true);
  c.width = leaf->width;
  return c;
}
