/* SPDX-License-Identifier: GPL-3.0-or-later
 * Classes of values by their first byte and then by the parsers that will read them, so that a class never promises
 * what its type cannot hold. */
#include "validate/reader/infer.h"

#include <string.h>

#include "core/num.h"

#define NUMBERS (VAL_CLASS_INT | VAL_CLASS_BIG_INT | VAL_CLASS_DOUBLE)

bool val_bool_parse(const char *text, size_t len, bool *out) {
  static const struct core_slice words[] = {{"false", 5}, {"False", 5}, {"FALSE", 5},
                                            {"true", 4},  {"True", 4},  {"TRUE", 4}};
  if (len != 4 && len != 5) return false;
  for (size_t i = 0; i < CORE_COUNT_OF(words); i++) {
    if (len == words[i].len && memcmp(text, words[i].data, len) == 0) {
      *out = i >= 3;
      return true;
    }
  }
  return false;
}

struct core_slice val_trimmed(const char *text, size_t len) {
  while (len > 0 && (text[0] == ' ' || text[0] == '\t')) text++, len--;
  while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t')) len--;
  return (struct core_slice){text, len};
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static unsigned class_of_time(const char *text, size_t len) {
  int32_t days = 0;
  int64_t us = 0;
  bool zoned = false;
  if (val_date_parse(text, len, &days)) return VAL_CLASS_DATE;
  if (!val_timestamp_parse(text, len, &us, &zoned)) return VAL_CLASS_TEXT;
  return zoned ? VAL_CLASS_ZONED : VAL_CLASS_TIMESTAMP;
}

/* A number that would not be written like this is a code: "007", "+49170". */
static unsigned class_of_number(const char *text, size_t len) {
  const size_t sign = text[0] == '-' || text[0] == '+';
  size_t n = sign;
  while (n < len && is_digit(text[n])) n++;
  const size_t digits = n - sign;
  if (digits > 1 && text[sign] == '0') return VAL_CLASS_TEXT;
  if (n == len) {
    int64_t value = 0;
    if (digits == 0 || text[0] == '+') return VAL_CLASS_TEXT;
    return core_parse_int64(text, len, &value) ? VAL_CLASS_INT : VAL_CLASS_BIG_INT;
  }
  double value = 0;
  return core_parse_double(text, len, &value) ? VAL_CLASS_DOUBLE : VAL_CLASS_TEXT;
}

unsigned val_infer_class(const char *text, size_t len) {
  const struct core_slice s = val_trimmed(text, len);
  if (s.len == 0) return VAL_CLASS_TEXT;
  const char first = s.data[0];
  if (is_digit(first) && len >= 10 && text[4] == '-') {
    const unsigned time = class_of_time(text, len);
    if (time != VAL_CLASS_TEXT) return time;
  }
  if (is_digit(first) || (first && strchr("+-.iInN", first))) return class_of_number(s.data, s.len);
  bool truth = false;
  return val_bool_parse(text, len, &truth) ? VAL_CLASS_BOOL : VAL_CLASS_TEXT;
}

enum val_type val_infer_type(unsigned classes) {
  if (classes == 0) return VAL_TYPE_NULL;
  if ((classes & ~(unsigned)NUMBERS) == 0) {
    if (classes & VAL_CLASS_DOUBLE) return VAL_TYPE_DOUBLE;
    return classes & VAL_CLASS_BIG_INT ? VAL_TYPE_STRING : VAL_TYPE_INT64;
  }
  switch (classes) {
  case VAL_CLASS_BOOL:
    return VAL_TYPE_BOOL;
  case VAL_CLASS_DATE:
    return VAL_TYPE_DATE;
  case VAL_CLASS_TIMESTAMP:
  case VAL_CLASS_TIMESTAMP | VAL_CLASS_DATE:
    return VAL_TYPE_TIMESTAMP;
  case VAL_CLASS_ZONED:
    return VAL_TYPE_TIMESTAMP_UTC;
  default:
    return VAL_TYPE_STRING;
  }
}

bool val_infer_is_final(unsigned classes) {
  return val_infer_type(classes) == VAL_TYPE_STRING && (classes & ~(unsigned)NUMBERS) != 0;
}
