/* SPDX-License-Identifier: GPL-3.0-or-later
 * ISO 8601 text <-> days and microseconds since 1970-01-01, proleptic Gregorian, years 0001 to
 * 9999. Every part is checked: days of the month with leap years, hours below 24, no leap seconds,
 * offsets below a day. */
#include "validate/batch.h"

#include <string.h>

#define DAY_US        INT64_C(86400000000)
#define MIN_DAYS      (-719162) /* 0001-01-01 */
#define MAX_DAYS      2932896   /* 9999-12-31 */
#define YEAR_TO_EPOCH 719468    /* days from 0000-03-01 to 1970-01-01 */

/* Two digits, or -1. */
static int two(const char *s) {
  const unsigned a = (unsigned)(s[0] - '0'), b = (unsigned)(s[1] - '0');
  return a > 9 || b > 9 ? -1 : (int)(a * 10 + b);
}

static bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month) {
  static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Counted in years that begin in March, so that the leap day is a year's last: a month's first day
 * is then a straight line through the months. Eras of 400 years have 146,097 days. */
static int32_t days_of(int year, int month, int day) {
  const int y = year - (month <= 2);
  const int era = y / 400, of_era = y % 400;
  const int shifted = (month + 9) % 12; /* March = 0 */
  const int of_year = (153 * shifted + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - YEAR_TO_EPOCH;
}

static void civil_of(int32_t days, int *year, int *month, int *day) {
  const int64_t since = (int64_t)days + YEAR_TO_EPOCH;
  const int64_t era = (since >= 0 ? since : since - 146096) / 146097;
  const int of_era = (int)(since - era * 146097);
  const int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int of_year = of_era - (365 * y + y / 4 - y / 100);
  const int shifted = (5 * of_year + 2) / 153;
  *day = of_year - (153 * shifted + 2) / 5 + 1;
  *month = shifted < 10 ? shifted + 3 : shifted - 9;
  *year = (int)(y + era * 400) + (*month <= 2);
}

bool val_date_parse(const char *text, size_t len, int32_t *days) {
  if (len != 10 || text[4] != '-' || text[7] != '-') return false;
  const int century = two(text), rest = two(text + 2), month = two(text + 5), day = two(text + 8);
  if (century < 0 || rest < 0 || month < 1 || month > 12 || day < 1) return false;
  const int year = century * 100 + rest;
  if (year < 1 || day > month_days(year, month)) return false;
  *days = days_of(year, month, day);
  return true;
}

/* "hh:mm[:ss[.f{1,6}]]" at text[*at]; moves *at behind it. */
static bool parse_clock(const char *text, size_t len, size_t *at, int64_t *us) {
  size_t i = *at;
  if (len - i < 5 || text[i + 2] != ':') return false;
  const int hour = two(text + i), minute = two(text + i + 3);
  int second = 0;
  int64_t fraction = 0;
  i += 5;
  if (i < len && text[i] == ':') {
    if (len - i < 3) return false;
    second = two(text + i + 1);
    i += 3;
    if (i < len && text[i] == '.') {
      const size_t first = ++i;
      while (i < len && i - first < 6 && text[i] >= '0' && text[i] <= '9') {
        fraction = fraction * 10 + (text[i++] - '0');
      }
      if (i == first) return false;
      for (size_t digits = i - first; digits < 6; digits++) fraction *= 10;
    }
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
  *us = (((int64_t)hour * 60 + minute) * 60 + second) * 1000000 + fraction;
  *at = i;
  return true;
}

/* "Z", "+hh", "+hhmm" or "+hh:mm" up to the end of the text. */
static bool parse_zone(const char *text, size_t len, int64_t *offset_us) {
  *offset_us = 0;
  if (len == 1 && text[0] == 'Z') return true;
  if (len < 3 || (text[0] != '+' && text[0] != '-')) return false;
  const int hour = two(text + 1);
  int minute = 0;
  if (len == 5)
    minute = two(text + 3);
  else if (len == 6 && text[3] == ':')
    minute = two(text + 4);
  else if (len != 3)
    return false;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  *offset_us = ((int64_t)hour * 60 + minute) * 60000000;
  if (text[0] == '-') *offset_us = -*offset_us;
  return true;
}

bool val_timestamp_parse(const char *text, size_t len, int64_t *us, bool *zoned) {
  int32_t days = 0;
  int64_t clock = 0, offset = 0;
  if (len < 16 || (text[10] != 'T' && text[10] != ' ') || !val_date_parse(text, 10, &days))
    return false;
  size_t at = 11;
  if (!parse_clock(text, len, &at, &clock)) return false;
  const bool has_zone = at < len;
  if (has_zone && !parse_zone(text + at, len - at, &offset)) return false;
  const int64_t value = days * DAY_US + clock - offset;
  if (value < MIN_DAYS * DAY_US || value >= (MAX_DAYS + 1) * DAY_US) return false;
  *us = value;
  *zoned = has_zone;
  return true;
}

void val_date_text(int32_t days, struct core_str *out) {
  int year = 0, month = 0, day = 0;
  civil_of(days, &year, &month, &day);
  core_str_printf(out, "%04d-%02d-%02d", year, month, day);
}

bool val_time_parse(const char *text, size_t len, int64_t *ns) {
  size_t at = 0;
  int64_t us = 0, rest = 0;
  if (!parse_clock(text, len, &at, &us)) return false;
  if (at < len && !memchr(text, '.', at)) return false;
  for (int64_t unit = 100; at < len && unit > 0; at++, unit /= 10) {
    if (text[at] < '0' || text[at] > '9') return false;
    rest += (text[at] - '0') * unit;
  }
  *ns = us * 1000 + rest;
  return at == len;
}

void val_time_text(int64_t ns, struct core_str *out) {
  const int64_t second = 1000000000;
  const long long seconds = ns / second, rest = ns % second;
  core_str_printf(out, "%02lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (rest % 1000 > 0)
    core_str_printf(out, ".%09lld", rest);
  else if (rest > 0)
    core_str_printf(out, ".%06lld", rest / 1000);
}

void val_timestamp_ns_text(int64_t ns, bool zoned, struct core_str *out) {
  const int64_t day = 1000 * DAY_US;
  const int64_t days = ns / day - (ns % day < 0);
  val_date_text((int32_t)days, out);
  core_str_char(out, 'T');
  val_time_text(ns - days * day, out);
  if (zoned) core_str_text_append(out, "+00:00");
}

void val_timestamp_text(int64_t us, bool zoned, struct core_str *out) {
  int64_t days = us / DAY_US, rest = us % DAY_US;
  if (rest < 0) {
    days--;
    rest += DAY_US;
  }
  val_date_text((int32_t)days, out);
  const int seconds = (int)(rest / 1000000), fraction = (int)(rest % 1000000);
  core_str_printf(out, "T%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction > 0) core_str_printf(out, ".%06d", fraction);
  if (zoned) core_str_text_append(out, "+00:00");
}
