/* SPDX-License-Identifier: GPL-3.0-or-later
 * Dates and timestamps: every day of 9,999 years against a calendar that counts, and what is no
 * date. */
#include <string.h>

#include "core/mem.h"

#include "tests/support/support.h"
#include "validate/batch.h"

static bool date(const char *text, int32_t *days) {
  return val_date_parse(text, strlen(text), days);
}

static void every_day_there_and_back(void **state) {
  (void)state;
  int32_t expected = -719162; /* of 0001-01-01, by Python's toordinal() - 719163 */
  struct core_str text = {0};
  for (int year = 1; year <= 9999; year++) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 1; month <= 12; month++) {
      const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
      for (int day = 1; day <= lengths[month - 1]; day++, expected++) {
        core_str_clear(&text);
        val_date_text(expected, &text);
        const char *s = text.data;
        const int got_year =
            (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + s[3] - '0';
        const int got_month = (s[5] - '0') * 10 + s[6] - '0',
                  got_day = (s[8] - '0') * 10 + s[9] - '0';
        int32_t days = 0;
        if (got_year != year || got_month != month || got_day != day || !date(s, &days) ||
            days != expected) {
          fail_msg("%04d-%02d-%02d became %s", year, month, day, s);
        }
      }
    }
  }
  core_str_close(&text);
  assert_int_equal(expected, 2932897); /* one past 9999-12-31 */
}

static void what_is_no_date(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",           "2012-02-30", "2011-02-29",  "1900-02-29", "2012-00-01",
      "2012-13-01", "2012-01-00", "2012-04-31",  "0000-01-01", "2012-1-01",
      "2012/01/01", "12-01-01",   "2012-01-01 ", " 012-01-01", "2012-0a-01",
      "+012-01-01", "20120101",   "2012-01-011"};
  int32_t days = 7;
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    if (date(bad[i], &days)) fail_msg("%s", bad[i]);
  }
  assert_int_equal(days, 7);
  assert_true(date("2000-02-29", &days));
  assert_true(date("1970-01-01", &days));
  assert_int_equal(days, 0);
}

static void timestamps_read_as_python_reads_them(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t us;
    bool zoned;
    const char *written;
  } good[] = {
      {"1970-01-01 00:00", 0, false, "1970-01-01T00:00:00"},
      {"1970-01-01T00:00:00.000001", 1, false, "1970-01-01T00:00:00.000001"},
      {"1969-12-31 23:59:59.9", -100000, false, "1969-12-31T23:59:59.900000"},
      {"2012-06-30T23:59:59Z", 1341100799000000, true, "2012-06-30T23:59:59+00:00"},
      {"2012-06-30 23:59:59+02", 1341093599000000, true, "2012-06-30T21:59:59+00:00"},
      {"2012-06-30T23:59:59-0530", 1341120599000000, true, "2012-07-01T05:29:59+00:00"},
      {"2012-06-30T23:59:59.25+05:30", 1341080999250000, true, "2012-06-30T18:29:59.250000+00:00"},
      {"0001-01-01T00:00", -62135596800000000, false, "0001-01-01T00:00:00"},
      {"9999-12-31T23:59:59.999999", 253402300799999999, false, "9999-12-31T23:59:59.999999"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(good); i++) {
    int64_t us = 0;
    bool zoned = !good[i].zoned;
    assert_true(val_timestamp_parse(good[i].text, strlen(good[i].text), &us, &zoned));
    assert_int_equal(us, good[i].us);
    assert_int_equal(zoned, good[i].zoned);
    struct core_str written = {0};
    val_timestamp_text(us, zoned, &written);
    assert_string_equal(core_str_text(&written), good[i].written);
    core_str_close(&written);
  }
}

static void what_is_no_timestamp(void **state) {
  (void)state;
  static const char *const bad[] = {
      "2012-06-30",
      "2012-06-30T",
      "2012-06-30T1:00",
      "2012-06-30T24:00",
      "2012-06-30T23:60",
      "2012-06-30T23:59:60",
      "2012-06-30T23:59:",
      "2012-06-30T23:59:5",
      "2012-06-30T23:59:59.",
      "2012-06-31T23:59:59",
      "2012-06-30T23:59:59.1234567",
      "2012-06-30T23:59:59 Z",
      "2012-06-30T23:59:59z",
      "2012-06-30T23:59:59+2",
      "2012-06-30T23:59:59+24:00",
      "2012-06-30T23:59:59+02:60",
      "2012-06-30_23:59:59",
      "0001-01-01T00:00+01:00",
      "9999-12-31T23:59:59-00:01",
      "2012-06-30T-1:00",
      "2012-06-30T23:59:59+02:",
  };
  int64_t us = 0;
  bool zoned = false;
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    if (val_timestamp_parse(bad[i], strlen(bad[i]), &us, &zoned)) fail_msg("%s", bad[i]);
  }
}

/* Every prefix of a timestamp, in a block of exactly its size, so that a sanitizer sees a read
 * behind the end. */
static void short_texts_are_not_read_beyond(void **state) {
  (void)state;
  const char *whole = "2012-06-30T23:59:59.123456+05:30";
  for (size_t len = 0; len <= strlen(whole); len++) {
    char *text = core_strndup(whole, len);
    assert_non_null(text);
    int64_t us = 0;
    int32_t days = 0;
    bool zoned = false;
    const bool good = len == 16 || len == 19 || (len >= 21 && len <= 26) || len == 29 || len == 32;
    assert_int_equal(val_timestamp_parse(text, len, &us, &zoned), good);
    assert_int_equal(val_date_parse(text, len, &days), len == 10);
    core_free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_day_there_and_back),
      cmocka_unit_test(what_is_no_date),
      cmocka_unit_test(timestamps_read_as_python_reads_them),
      cmocka_unit_test(what_is_no_timestamp),
      cmocka_unit_test(short_texts_are_not_read_beyond),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
