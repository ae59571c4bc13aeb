/* SPDX-License-Identifier: GPL-3.0-or-later
 * The system's clocks behind struct core_clock, and time as text. The calendar is the proleptic
 * Gregorian one, in UTC, computed here: the C library's needs a time zone and a locale. */
#include "core/clock.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static const int64_t seconds_a_day = 86400;
static const int64_t micros_a_second = 1000000;

static double read_clock(clockid_t id) {
  struct timespec now;
  clock_gettime(id, &now); /* cannot fail for the clocks below */
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double system_monotonic_s(const struct core_clock *clock) {
  (void)clock;
  return read_clock(CLOCK_MONOTONIC);
}

static double system_unix_s(const struct core_clock *clock) {
  (void)clock;
  return read_clock(CLOCK_REALTIME);
}

const struct core_clock *core_clock_system(void) {
  static const struct core_clock clock = {.monotonic_s = system_monotonic_s,
                                          .unix_s = system_unix_s};
  return &clock;
}

void core_sleep(double seconds) {
  if (!(seconds > 0)) return;
  seconds = fmin(seconds, 1e9);
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  const double whole = floor(seconds);
  until.tv_sec += (time_t)whole;
  until.tv_nsec += (long)((seconds - whole) * 1e9);
  if (until.tv_nsec >= 1000000000L) {
    until.tv_nsec -= 1000000000L;
    until.tv_sec++;
  }
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
}

/* Days since 1970-01-01 of a date, by counting years from March so that the leap day comes last;
 * 400 years have 146,097 days. month is 1-based. */
static int64_t days_from_date(int64_t year, int month, int day) {
  const int64_t y = month > 2 ? year : year - 1;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

static void date_from_days(int64_t days, int *year, int *month, int *day) {
  const int64_t shifted = days + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
  *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
  *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

void core_time_format(double unix_s, char out[CORE_TIME_BYTES]) {
  const double first = -62167219200.0; /* 0000-01-01 */
  const double last = 253402300799.0;  /* 9999-12-31 23:59:59 */
  const double inside = isnan(unix_s) ? 0 : fmin(fmax(unix_s, first), last);
  double whole = floor(inside);
  int64_t micros = llround((inside - whole) * 1e6);
  if (micros == micros_a_second) {
    whole += 1;
    micros = 0;
  }
  const int64_t seconds = (int64_t)whole;
  int64_t days = seconds / seconds_a_day;
  if (seconds % seconds_a_day < 0) days--;
  const int of_day = (int)(seconds - days * seconds_a_day);
  int year, month, day;
  date_from_days(days, &year, &month, &day);
  snprintf(out, CORE_TIME_BYTES, "%04u-%02u-%02u %02u:%02u:%02u.%06u", (unsigned)year % 10000u,
           (unsigned)month % 100u, (unsigned)day % 100u, (unsigned)of_day / 3600u % 24u,
           (unsigned)of_day / 60u % 60u, (unsigned)of_day % 60u, (unsigned)micros % 1000000u);
}

/* n_digits digits at text[*at]; moves *at behind them. */
static bool take_digits(const char *text, size_t len, size_t *at, int n_digits, int *value) {
  *value = 0;
  for (int i = 0; i < n_digits; i++, ++*at) {
    if (*at >= len || text[*at] < '0' || text[*at] > '9') return false;
    *value = *value * 10 + (text[*at] - '0');
  }
  return true;
}

static bool take_char(const char *text, size_t len, size_t *at, char wanted) {
  if (*at >= len || text[*at] != wanted) return false;
  ++*at;
  return true;
}

/* "" or "." and digits, of which nine count */
static bool take_fraction(const char *text, size_t len, size_t *at, double *fraction) {
  *fraction = 0;
  if (*at == len) return true;
  if (!take_char(text, len, at, '.') || *at == len) return false;
  double scale = 1;
  double digits = 0;
  for (; *at < len; ++*at) {
    if (text[*at] < '0' || text[*at] > '9') return false;
    if (scale < 1e9) {
      digits = digits * 10 + (text[*at] - '0');
      scale *= 10;
    }
  }
  *fraction = digits / scale;
  return true;
}

static bool date_exists(int year, int month, int day) {
  static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= days[month - 1] + (leap && month == 2);
}

int core_time_parse(const char *text, size_t len, double *unix_s) {
  size_t at = 0;
  int year, month, day, hour, minute, second;
  double fraction;
  const bool date = take_digits(text, len, &at, 4, &year) && take_char(text, len, &at, '-') &&
                    take_digits(text, len, &at, 2, &month) && take_char(text, len, &at, '-') &&
                    take_digits(text, len, &at, 2, &day);
  if (!date || !date_exists(year, month, day)) return -1;
  if (!take_char(text, len, &at, ' ') && !take_char(text, len, &at, 'T')) return -1;
  const bool time = take_digits(text, len, &at, 2, &hour) && take_char(text, len, &at, ':') &&
                    take_digits(text, len, &at, 2, &minute) && take_char(text, len, &at, ':') &&
                    take_digits(text, len, &at, 2, &second) &&
                    take_fraction(text, len, &at, &fraction);
  if (!time || hour > 23 || minute > 59 || second > 59) return -1;
  const int64_t whole =
      days_from_date(year, month, day) * seconds_a_day + hour * 3600 + minute * 60 + second;
  *unix_s = (double)whole + fraction;
  return 0;
}
