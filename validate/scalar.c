/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/scalar.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/num.h"
#include "validate/decimal.h"

#define DAY_US ((int64_t)86400000000)

struct val_scalar val_scalar_at(const struct val_column *column, size_t row) {
  struct val_scalar value = {.type = column->type};
  if (val_column_is_null(column, row)) return (struct val_scalar){.type = VAL_TYPE_NULL};
  if (column->codes) return val_scalar_at(&column->dictionary->entries, column->codes[row]);
  switch (column->type) {
  case VAL_TYPE_BOOL:
    value.integer = val_column_bool(column, row);
    break;
  case VAL_TYPE_DATE:
    value.integer = column->values.int32[row];
    break;
  case VAL_TYPE_DOUBLE:
    value.number = column->values.float64[row];
    break;
  case VAL_TYPE_STRING:
  case VAL_TYPE_BINARY:
  case VAL_TYPE_NESTED:
    value.text = val_column_text(column, row);
    break;
  case VAL_TYPE_DECIMAL:
    value.decimal = column->values.decimal[row];
    value.scale = column->scale;
    break;
  default:
    value.integer = column->values.int64[row];
    break;
  }
  return value;
}

struct val_scalar val_scalar_int64(int64_t value) {
  return (struct val_scalar){.type = VAL_TYPE_INT64, .integer = value};
}

struct val_scalar val_scalar_double(double value) {
  return (struct val_scalar){.type = VAL_TYPE_DOUBLE, .number = value};
}

/* The value as a column of one row, so that it is shown as columns are. */
static void show(const struct val_scalar *value, struct core_str *out,
                 void (*how)(const struct val_column *, size_t, struct core_str *)) {
  const uint8_t bit = (uint8_t)(value->integer & 1);
  const int32_t day = (int32_t)value->integer;
  const int32_t offsets[2] = {0, (int32_t)value->text.len};
  struct val_column column = {.type = value->type};
  switch (value->type) {
  case VAL_TYPE_NULL:
    column.null_count = 1;
    break;
  case VAL_TYPE_BOOL:
    column.values.bits = &bit;
    break;
  case VAL_TYPE_DATE:
    column.values.int32 = &day;
    break;
  case VAL_TYPE_DOUBLE:
    column.values.float64 = &value->number;
    break;
  case VAL_TYPE_DECIMAL:
    column.values.decimal = &value->decimal;
    column.scale = value->scale;
    break;
  case VAL_TYPE_STRING:
  case VAL_TYPE_BINARY:
  case VAL_TYPE_NESTED:
    column.values.bytes = value->text.data ? value->text.data : "";
    column.offsets = offsets;
    break;
  default:
    column.values.int64 = &value->integer;
    break;
  }
  how(&column, 0, out);
}

void val_scalar_json(const struct val_scalar *value, struct core_str *out) {
  show(value, out, val_column_value_json);
}

void val_scalar_text(const struct val_scalar *value, struct core_str *out) {
  show(value, out, val_column_value_text);
}

bool val_type_is_number(enum val_type type) {
  return type == VAL_TYPE_BOOL || type == VAL_TYPE_INT64 || type == VAL_TYPE_DOUBLE ||
         type == VAL_TYPE_DECIMAL;
}

bool val_scalar_is_number(const struct val_scalar *value) {
  return val_type_is_number(value->type);
}

static struct val_decimal decimal_of(const struct val_scalar *value) {
  if (value->type == VAL_TYPE_DECIMAL) return (struct val_decimal){value->decimal, value->scale};
  return (struct val_decimal){value->integer, 0};
}

double val_scalar_number(const struct val_scalar *value) {
  if (value->type == VAL_TYPE_DECIMAL) return val_decimal_number(decimal_of(value));
  return value->type == VAL_TYPE_DOUBLE ? value->number : (double)value->integer;
}

bool val_type_is_time(enum val_type type) {
  return type == VAL_TYPE_DATE || type == VAL_TYPE_TIMESTAMP || type == VAL_TYPE_TIMESTAMP_UTC ||
         type == VAL_TYPE_TIMESTAMP_NS || type == VAL_TYPE_TIMESTAMP_NS_UTC;
}

bool val_type_is_zoned(enum val_type type) {
  return type == VAL_TYPE_TIMESTAMP_UTC || type == VAL_TYPE_TIMESTAMP_NS_UTC;
}

bool val_type_is_integer(enum val_type type) {
  return type == VAL_TYPE_BOOL || type == VAL_TYPE_INT64 || type == VAL_TYPE_TIME ||
         val_type_is_time(type);
}

bool val_types_compare(enum val_type a, enum val_type b) {
  if (val_type_is_number(a)) return val_type_is_number(b);
  if (val_type_is_time(a) && val_type_is_time(b))
    return val_type_is_zoned(a) == val_type_is_zoned(b);
  if (a == VAL_TYPE_TIME || a == VAL_TYPE_NESTED) return a == b;
  return (a == VAL_TYPE_STRING || a == VAL_TYPE_BINARY) &&
         (b == VAL_TYPE_STRING || b == VAL_TYPE_BINARY);
}

static int order(int64_t a, int64_t b) {
  return (a > b) - (a < b);
}

/* An int64 against a double, neither rounded. */
static int compare_mixed(int64_t a, double b) {
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const double whole = floor(b);
  const int c = order(a, (int64_t)whole);
  return c ? c : -(b > whole);
}

static int compare_decimals(const struct val_scalar *a, const struct val_scalar *b) {
  if (b->type == VAL_TYPE_DOUBLE) return val_decimal_compare_double(decimal_of(a), b->number);
  if (a->type == VAL_TYPE_DOUBLE) return -val_decimal_compare_double(decimal_of(b), a->number);
  return val_decimal_compare(decimal_of(a), decimal_of(b));
}

static int compare_numbers(const struct val_scalar *a, const struct val_scalar *b) {
  if (a->type == VAL_TYPE_DECIMAL || b->type == VAL_TYPE_DECIMAL) return compare_decimals(a, b);
  if (a->type == VAL_TYPE_DOUBLE && b->type == VAL_TYPE_DOUBLE)
    return (a->number > b->number) - (a->number < b->number);
  if (a->type == VAL_TYPE_DOUBLE) return -compare_mixed(b->integer, a->number);
  if (b->type == VAL_TYPE_DOUBLE) return compare_mixed(a->integer, b->number);
  return order(a->integer, b->integer);
}

static int compare_texts(struct core_slice a, struct core_slice b) {
  const size_t n = a.len < b.len ? a.len : b.len;
  const int c = n ? memcmp(a.data, b.data, n) : 0; /* UTF-8 keeps the order of code points */
  return c ? (c > 0) - (c < 0) : (a.len > b.len) - (a.len < b.len);
}

/* In nanoseconds, which takes more than 64 bits where microseconds do not. */
static core_int128 time_ns(const struct val_scalar *value) {
  if (value->type == VAL_TYPE_TIMESTAMP_NS || value->type == VAL_TYPE_TIMESTAMP_NS_UTC)
    return value->integer;
  return (core_int128)1000 *
         (value->type == VAL_TYPE_DATE ? value->integer * DAY_US : value->integer);
}

static int compare_times(const struct val_scalar *a, const struct val_scalar *b) {
  if (a->type == b->type) return order(a->integer, b->integer);
  const core_int128 x = time_ns(a), y = time_ns(b);
  return (x > y) - (x < y);
}

int val_scalar_compare(const struct val_scalar *a, const struct val_scalar *b) {
  assert(val_types_compare(a->type, b->type));
  if (val_type_is_bytes(a->type)) return compare_texts(a->text, b->text);
  if (val_type_is_time(a->type)) return compare_times(a, b);
  if (a->type == VAL_TYPE_TIME) return order(a->integer, b->integer);
  return compare_numbers(a, b);
}

static bool is_nan(const struct val_scalar *value) {
  return value->type == VAL_TYPE_DOUBLE && isnan(value->number);
}

bool val_scalar_equal(const struct val_scalar *a, const struct val_scalar *b) {
  return val_types_compare(a->type, b->type) && !is_nan(a) && !is_nan(b) &&
         val_scalar_compare(a, b) == 0;
}

/* ---- values as written ---- */

static bool number_from_node(const struct core_node *node, struct val_scalar *out) {
  switch (node->kind) {
  case CORE_NODE_BOOL:
    *out = (struct val_scalar){.type = VAL_TYPE_BOOL, .integer = node->boolean};
    return true;
  case CORE_NODE_INT:
    *out = val_scalar_int64(node->integer);
    return true;
  case CORE_NODE_DOUBLE:
    *out = val_scalar_double(node->number);
    return true;
  default:
    return false;
  }
}

/* As it is written: a tenth is no double. */
static bool decimal_from_node(const struct core_node *node, struct val_scalar *out) {
  struct val_decimal value;
  if (!core_node_is_number(node) || !val_decimal_parse(node->text.data, node->text.len, &value))
    return false;
  *out = (struct val_scalar){
      .type = VAL_TYPE_DECIMAL, .decimal = value.unscaled, .scale = value.scale};
  return true;
}

bool val_scalar_make_decimal(struct val_scalar *value) {
  char text[CORE_NUM_BYTES];
  struct val_decimal read;
  if (value->type != VAL_TYPE_DOUBLE) return false;
  if (!val_decimal_parse(text, core_format_double(value->number, text), &read)) return false;
  *value =
      (struct val_scalar){.type = VAL_TYPE_DECIMAL, .decimal = read.unscaled, .scale = read.scale};
  return true;
}

/* Digits of a second beyond the sixth, which the reading of times leaves out. */
static void add_nanoseconds(struct core_slice text, struct val_scalar *value) {
  const char *point = memchr(text.data, '.', text.len);
  const size_t len = point ? text.len - (size_t)(point - text.data) : 0;
  int64_t rest = 0, unit = 100, ns = 0;
  for (size_t i = 1; i < len && point[i] >= '0' && point[i] <= '9'; i++) {
    if (i <= 6) continue;
    rest += (point[i] - '0') * unit;
    unit /= 10;
  }
  if (rest == 0 || value->type == VAL_TYPE_DATE) return;
  if (__builtin_mul_overflow(value->integer, 1000, &ns) || __builtin_add_overflow(ns, rest, &ns))
    return; /* no value of the column lies near */
  value->integer = ns;
  value->type = val_type_is_zoned(value->type) ? VAL_TYPE_TIMESTAMP_NS_UTC : VAL_TYPE_TIMESTAMP_NS;
}

bool val_scalar_from_node(const struct core_node *node, enum val_type type,
                          struct val_scalar *out) {
  if (type == VAL_TYPE_DECIMAL && decimal_from_node(node, out)) return true;
  if (val_type_is_number(type)) return number_from_node(node, out);
  if (node->kind != CORE_NODE_STRING) return false;
  if (type == VAL_TYPE_STRING || type == VAL_TYPE_BINARY) {
    *out = (struct val_scalar){.type = type, .text = node->text};
    return true;
  }
  if (type == VAL_TYPE_TIME) {
    *out = (struct val_scalar){.type = type};
    return val_time_parse(node->text.data, node->text.len, &out->integer);
  }
  if (!val_type_is_time(type) || !val_scalar_parse_time(node->text.data, node->text.len, out))
    return false;
  if (type == VAL_TYPE_TIMESTAMP_NS || type == VAL_TYPE_TIMESTAMP_NS_UTC)
    add_nanoseconds(node->text, out);
  return val_types_compare(type, out->type);
}

/* ---- dates as people write them ---- */

struct scan {
  const char *at, *end;
};

static void skip_blanks(struct scan *s) {
  while (s->at < s->end && *s->at == ' ') s->at++;
}

static bool take(struct scan *s, char c) {
  if (s->at == s->end || *s->at != c) return false;
  s->at++;
  return true;
}

static bool take_number(struct scan *s, int max_digits, int *out) {
  int n = 0, value = 0;
  for (; n < max_digits && s->at < s->end && *s->at >= '0' && *s->at <= '9'; n++)
    value = value * 10 + (*s->at++ - '0');
  *out = value;
  return n > 0;
}

static bool take_month(struct scan *s, int *month) {
  static const char names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (s->end - s->at < 3) return false;
  for (int i = 0; i < 12; i++) {
    if (strncasecmp(s->at, names[i], 3) != 0) continue;
    s->at += 3;
    *month = i + 1;
    return true;
  }
  return false;
}

/* "1/31/2016" or "Jan 31 2016" or "Jan 31, 2016". */
static bool take_date(struct scan *s, int *year, int *month, int *day) {
  if (take_month(s, month)) {
    skip_blanks(s);
    if (!take_number(s, 2, day)) return false;
    take(s, ',');
    skip_blanks(s);
  } else if (!take_number(s, 2, month) || !take(s, '/') || !take_number(s, 2, day) ||
             !take(s, '/')) {
    return false;
  }
  const char *start = s->at;
  return take_number(s, 4, year) && s->at - start == 4;
}

static bool take_half(struct scan *s, int *hour) {
  skip_blanks(s);
  if (s->end - s->at < 2) return true;
  const bool pm = strncasecmp(s->at, "PM", 2) == 0;
  if (!pm && strncasecmp(s->at, "AM", 2) != 0) return true;
  s->at += 2;
  if (*hour < 1 || *hour > 12) return false;
  *hour = *hour % 12 + (pm ? 12 : 0);
  return true;
}

static bool take_clock(struct scan *s, int *hour, int *minute, int *second) {
  return take_number(s, 2, hour) && take(s, ':') && take_number(s, 2, minute) &&
         (!take(s, ':') || take_number(s, 2, second)) && take_half(s, hour);
}

/* Rewritten as ISO 8601, so that one parser knows what a valid date is. */
static bool parse_spoken(const char *text, size_t len, struct val_scalar *out) {
  struct scan s = {text, text + len};
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  skip_blanks(&s);
  if (!take_date(&s, &year, &month, &day)) return false;
  const bool dated = s.at == s.end;
  skip_blanks(&s);
  if (!dated && !take_clock(&s, &hour, &minute, &second)) return false;
  skip_blanks(&s);
  if (s.end - s.at > 10) return false; /* what is left is a zone */
  struct core_str iso = {0};
  core_str_printf(&iso, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, hour, minute, second);
  core_str_append(&iso, s.at, (size_t)(s.end - s.at));
  bool zoned = false;
  const bool ok = !iso.failed && val_timestamp_parse(iso.data, iso.len, &out->integer, &zoned);
  out->type = zoned ? VAL_TYPE_TIMESTAMP_UTC : VAL_TYPE_TIMESTAMP;
  core_str_close(&iso);
  return ok;
}

/* As ISO 8601 is read here: no blank before the zone, a colon in it ("+0530" has none), six digits of a second at most
 * (SQL Server writes seven). Returns the length. */
static size_t tidy_time(const char *text, size_t len, char *copy) {
  size_t n = 0, digits = 0;
  bool fraction = false;
  for (size_t i = 0; i < len; i++) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    const bool blank = c == ' ' && i + 1 < len && (text[i + 1] == '+' || text[i + 1] == '-');
    fraction = c == '.' || (fraction && digit);
    digits = c == '.' ? 0 : digits + digit;
    if (!blank && !(fraction && digits > 6)) copy[n++] = c;
  }
  if (n > 5 && (copy[n - 5] == '+' || copy[n - 5] == '-') && memchr(copy, ':', n)) {
    memmove(copy + n - 1, copy + n - 2, 2);
    copy[n - 2] = ':';
    n++;
  }
  return n;
}

static bool parse_untidy(const char *text, size_t len, struct val_scalar *out) {
  char copy[64];
  bool zoned = false;
  if (len < 8 || len >= sizeof copy - 1) return false;
  const size_t n = tidy_time(text, len, copy);
  if (!val_timestamp_parse(copy, n, &out->integer, &zoned)) return false;
  out->type = zoned ? VAL_TYPE_TIMESTAMP_UTC : VAL_TYPE_TIMESTAMP;
  return true;
}

bool val_scalar_parse_time(const char *text, size_t len, struct val_scalar *out) {
  int32_t days = 0;
  *out = (struct val_scalar){.type = VAL_TYPE_NULL};
  if (val_date_parse(text, len, &days)) {
    *out = (struct val_scalar){.type = VAL_TYPE_DATE, .integer = days};
    return true;
  }
  return parse_untidy(text, len, out) || parse_spoken(text, len, out);
}
