/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/clock.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "tests/support/support.h"

static void known_times_have_known_texts(void **state) {
  (void)state;
  static const struct {
    double unix_s;
    const char *text;
  } cases[] = {
      {0, "1970-01-01 00:00:00.000000"},
      {951782400.5, "2000-02-29 00:00:00.500000"},
      {1772366400.123456, "2026-03-01 12:00:00.123456"},
      {-0.25, "1969-12-31 23:59:59.750000"},
      {1e9 - 1e-7, "2001-09-09 01:46:40.000000"},
      {-2203891200, "1900-03-01 00:00:00.000000"},
      {NAN, "1970-01-01 00:00:00.000000"},
      {INFINITY, "9999-12-31 23:59:59.000000"},
      {-INFINITY, "0000-01-01 00:00:00.000000"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    char text[CORE_TIME_BYTES];
    core_time_format(cases[i].unix_s, text);
    assert_string_equal(text, cases[i].text);
  }
}

static void formatting_and_parsing_round_trip(void **state) {
  (void)state;
  for (double t = -60000000000.0; t < 250000000000.0; t += 86400.0 * 97 + 3661.015625) {
    char text[CORE_TIME_BYTES];
    core_time_format(t, text);
    double back;
    assert_int_equal(core_time_parse(text, strlen(text), &back), 0);
    assert_true(fabs(back - t) < 1e-4);
  }
}

static void the_fraction_and_the_blank_may_vary(void **state) {
  (void)state;
  static const char *const same[] = {"2026-03-01 12:00:00", "2026-03-01T12:00:00",
                                     "2026-03-01 12:00:00.0", "2026-03-01T12:00:00.000000000000"};
  for (size_t i = 0; i < CORE_COUNT_OF(same); i++) {
    double t;
    assert_int_equal(core_time_parse(same[i], strlen(same[i]), &t), 0);
    assert_true(t == 1772366400);
  }
}

static void what_is_no_time_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {"",
                                    "2026",
                                    "2026-02-29 00:00:00",
                                    "2026-13-01 00:00:00",
                                    "2026-00-01 00:00:00",
                                    "2026-01-01 24:00:00",
                                    "2026-01-01 00:60:00",
                                    "2026-01-01 00:00:00.",
                                    "2026-01-01 00:00:00.1x",
                                    "2026-01-01 00:00:00 ",
                                    "1900-02-29 00:00:00",
                                    "2026-1-01 00:00:00"};
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    double t = 5;
    assert_int_equal(core_time_parse(bad[i], strlen(bad[i]), &t), -1);
    assert_true(t == 5);
  }
}

static void the_monotonic_clock_passes_at_least_the_sleep(void **state) {
  (void)state;
  const struct core_clock *clock = core_clock_system();
  const double before = clock->monotonic_s(clock);
  core_sleep(0.002);
  assert_true(clock->monotonic_s(clock) - before >= 0.002);
  core_sleep(-1);
  core_sleep(NAN);
  assert_true(clock->unix_s(clock) > 1.7e9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_times_have_known_texts),
      cmocka_unit_test(formatting_and_parsing_round_trip),
      cmocka_unit_test(the_fraction_and_the_blank_may_vary),
      cmocka_unit_test(what_is_no_time_is_refused),
      cmocka_unit_test(the_monotonic_clock_passes_at_least_the_sleep),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
