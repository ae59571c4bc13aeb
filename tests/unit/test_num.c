/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/num.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/compiler.h"
#include "tests/support/support.h"

/* A generator of its own, so that the test depends on nothing else: splitmix64. */
static uint64_t next_bits(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static double double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static double parsed(const char *text) {
  double value = -12345;
  if (!core_parse_double(text, strlen(text), &value)) print_error("refused: '%s'\n", text);
  assert_true(core_parse_double(text, strlen(text), &value));
  return value;
}

static const char *formatted(double value) {
  static char text[CORE_NUM_BYTES];
  const size_t len = core_format_double(value, text);
  assert_int_equal(len, strlen(text));
  assert_true(len < CORE_NUM_BYTES);
  return text;
}

static void random_doubles_survive_the_round_trip(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int i = 0; i < 100000; i++) {
    const double value = double_of(next_bits(&seed));
    if (isnan(value)) continue;
    const char *text = formatted(value);
    if (bits_of(parsed(text)) != bits_of(value)) print_error("%a -> %s\n", value, text);
    assert_int_equal(bits_of(parsed(text)), bits_of(value));
  }
}

/* No shorter decimal reads back: one digit less, rounded either way, is another double. */
static void formatted_doubles_are_shortest(void **state) {
  (void)state;
  uint64_t seed = 2;
  for (int i = 0; i < 20000; i++) {
    const double value = fabs(double_of(next_bits(&seed)));
    if (!isfinite(value) || value == 0) continue;
    char longest[64];
    int digits = 1;
    for (; digits <= 17; digits++) {
      snprintf(longest, sizeof longest, "%.*e", digits - 1, value);
      if (strtod(longest, NULL) == value) break;
    }
    size_t n = 0;
    for (const char *p = formatted(value); *p && *p != 'e'; p++)
      n += *p >= '0' && *p <= '9' && (n || *p != '0');
    assert_true(n <= (size_t)digits || value >= 1); /* fixed forms carry zeros before the point */
  }
}

static void doubles_look_as_in_python(void **state) {
  (void)state;
  const struct {
    double value;
    const char *text;
  } cases[] = {{0.1, "0.1"},
               {1e-5, "1e-05"},
               {100, "100.0"},
               {0, "0.0"},
               {-0.0, "-0.0"},
               {1e16, "1e+16"},
               {123456789012345680.0, "1.2345678901234568e+17"},
               {1234567890123456.0, "1234567890123456.0"},
               {0.0001, "0.0001"},
               {0.00012345, "0.00012345"},
               {1.0 / 3, "0.3333333333333333"},
               {5e-324, "5e-324"},
               {1.7976931348623157e308, "1.7976931348623157e+308"},
               {2.2250738585072014e-308, "2.2250738585072014e-308"},
               {0x1p-44, "5.684341886080802e-14"},
               {0x1p-1074 * 3, "1.5e-323"},
               {1e22, "1e+22"},
               {1e23, "1e+23"},
               {-1.5, "-1.5"},
               {HUGE_VAL, "inf"},
               {-HUGE_VAL, "-inf"},
               {9007199254740993.0, "9007199254740992.0"},
               {1e100, "1e+100"}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++)
    assert_string_equal(formatted(cases[i].value), cases[i].text);
  assert_string_equal(formatted((double)NAN), "nan");
  char text[CORE_NUM_BYTES];
  core_format_number(100, text);
  assert_string_equal(text, "100");
  core_format_number(0.5, text);
  assert_string_equal(text, "0.5");
  core_format_number(1e16, text);
  assert_string_equal(text, "1e+16");
  assert_int_equal(core_format_int64(INT64_MIN, text), 20);
  assert_string_equal(text, "-9223372036854775808");
}

static void rounded_numbers_keep_so_many_digits(void **state) {
  (void)state;
  static const struct {
    double value;
    int precision;
    const char *text;
  } cases[] = {{0.1234567, 6, "0.123457"},
               {-123456.7, 3, "-123000"},
               {100, 6, "100"},
               {9.9999, 2, "10"},
               {1.23456e-9, 3, "1.23e-09"},
               {0, 4, "0"},
               {INFINITY, 3, "inf"},
               {-INFINITY, 3, "-inf"},
               {NAN, 3, "nan"},
               {DBL_MAX, 3, "1.7976931348623157e+308"},
               {5e-324, 1, "5e-324"},
               {0.1, 17, "0.1"}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    char text[CORE_NUM_BYTES];
    core_format_rounded(cases[i].value, cases[i].precision, text);
    assert_string_equal(text, cases[i].text);
  }
}

/* Against the C library on texts made of every length, with and without point and exponent; many
 * take the fast path. */
static void parsing_is_correctly_rounded(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int i = 0; i < 100000; i++) {
    char digits[40], text[80];
    const int n = 1 + (int)(next_bits(&seed) % 25);
    for (int k = 0; k < n; k++) digits[k] = (char)('0' + next_bits(&seed) % 10);
    digits[n] = '\0';
    const int point = (int)(next_bits(&seed) % (uint64_t)(n + 1));
    const int exponent = (int)(next_bits(&seed) % 80) - 40;
    if (i % 3 == 0)
      snprintf(text, sizeof text, "%.*s.%se%d", point, digits, digits + point, exponent);
    else if (i % 3 == 1)
      snprintf(text, sizeof text, "-%.*s.%s", point, digits, digits + point);
    else
      snprintf(text, sizeof text, "%sE%+d", digits, exponent);
    if (bits_of(parsed(text)) != bits_of(strtod(text, NULL))) print_error("%s\n", text);
    assert_int_equal(bits_of(parsed(text)), bits_of(strtod(text, NULL)));
  }
}

static void hard_cases_are_correctly_rounded(void **state) {
  (void)state;
  const char *const cases[] = {"9007199254740993",
                               "9007199254740992.999999999999999999999999999999",
                               "9007199254740993.00000000000000000000000001",
                               "2.4703282292062327208e-324",
                               "2.4703282292062328e-324",
                               "1e400",
                               "-1e400",
                               "1e-400",
                               "1e23",
                               "8.5e37",
                               "123456789e30",
                               "1.7976931348623158e308",
                               "1.7976931348623159e308",
                               "0e99999999999999999999",
                               "1e99999999999999999999",
                               "1e-99999999999999999999",
                               "6.631236846766476e-316",
                               "3.2378839133029012895883524125015321748630094e-316"};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++)
    assert_int_equal(bits_of(parsed(cases[i])), bits_of(strtod(cases[i], NULL)));
}

/* Halfway between two doubles, with the deciding digit a thousand places later. */
static void a_late_digit_still_decides(void **state) {
  (void)state;
  char text[4096];
  memset(text, '0', sizeof text);
  memcpy(text, "9007199254740993.", 17);
  text[3000] = '\0';
  assert_true(parsed(text) == 9007199254740992.0);
  text[2999] = '1';
  assert_true(parsed(text) == 9007199254740994.0);
  memset(text, '0', sizeof text); /* a thousand zeros, then digits, brought back by the exponent */
  text[1] = '.';
  memcpy(text + 3002, "125e3001", 9);
  assert_true(parsed(text) == 1.25);
}

static void the_whole_text_must_be_a_number(void **state) {
  (void)state;
  const char *const bad[] = {"",    " ",       " 1",  "1 ",   "+",     "-",     ".",
                             "e5",  "1e",      "1e+", "0x10", "1_000", "1,5",   "1.2.3",
                             "--1", "infinit", "in",  "nanx", "1f",    "1e5.0", "\xd9\xa1"};
  double value = 42;
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++)
    assert_false(core_parse_double(bad[i], strlen(bad[i]), &value));
  assert_false(core_parse_double("1\0002", 3, &value));
  assert_true(value == 42);
  assert_true(core_parse_double("15", 1, &value) && value == 1); /* no terminator needed */
  assert_true(parsed("INF") > 0 && isinf(parsed("-Infinity")) && isnan(parsed("-NaN")));
  assert_true(parsed("+.5") == 0.5 && parsed("5.") == 5 && parsed("1.e2") == 100);
}

static void integers_end_where_their_type_does(void **state) {
  (void)state;
  int64_t i = 42;
  uint64_t u = 42;
  assert_true(core_parse_int64("9223372036854775807", 19, &i) && i == INT64_MAX);
  assert_true(core_parse_int64("-9223372036854775808", 20, &i) && i == INT64_MIN);
  assert_true(core_parse_int64("+007", 4, &i) && i == 7);
  assert_true(core_parse_uint64("18446744073709551615", 20, &u) && u == UINT64_MAX);
  const char *const bad[] = {"",
                             "-",
                             "+",
                             "1.0",
                             "9223372036854775808",
                             "-9223372036854775809",
                             "99999999999999999999999",
                             " 1",
                             "1 ",
                             "0x1",
                             "--1"};
  for (size_t k = 0; k < CORE_COUNT_OF(bad); k++)
    assert_false(core_parse_int64(bad[k], strlen(bad[k]), &i));
  assert_false(core_parse_uint64("18446744073709551616", 20, &u));
  assert_false(core_parse_uint64("-1", 2, &u));
  assert_true(i == 7 && u == UINT64_MAX);
}

static void durations_mean_seconds(void **state) {
  (void)state;
  const struct {
    const char *text;
    double seconds;
  } good[] = {{"30s", 30},         {"5m", 300},     {"5min", 300},      {"1.5h", 5400},
              {"2d", 172800},      {"500ms", 0.5},  {"90", 90},         {"0.1", 0.1},
              {"1:30:00", 5400},   {"1:30", 90},    {"0:00:01.5", 1.5}, {"1h30m", 5400},
              {"1d2h3m4s", 93784}, {"12us", 12e-6}, {"0", 0},           {"100:00:00", 360000}};
  for (size_t i = 0; i < CORE_COUNT_OF(good); i++) {
    double seconds = -1;
    assert_true(core_parse_duration(good[i].text, strlen(good[i].text), &seconds));
    assert_true(seconds == good[i].seconds);
  }
  const char *const bad[] = {"",    "-5s",  "5 s",   "s",    "5x",   "1:60", "1:2:3:4",
                             "1:5", ":30",  "1:",    "1h1h", "1m1h", "1h30", "inf",
                             "nan", "1e5s", "1..5s", "5S",   "1:3a", "1e400"};
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    double seconds = -1;
    if (core_parse_duration(bad[i], strlen(bad[i]), &seconds)) print_error("taken: '%s'\n", bad[i]);
    assert_true(seconds == -1);
  }
}

static void sizes_mean_bytes(void **state) {
  (void)state;
  const struct {
    const char *text;
    uint64_t bytes;
  } good[] = {{"123", 123},      {"64M", 64000000},           {"1GiB", UINT64_C(1) << 30},
              {"500kB", 500000}, {"500KB", 500000},           {"1.5GB", 1500000000},
              {"2Ki", 2048},     {"1TiB", UINT64_C(1) << 40}, {"18446744073709551615", UINT64_MAX},
              {"7B", 7}};
  for (size_t i = 0; i < CORE_COUNT_OF(good); i++) {
    uint64_t bytes = 0;
    assert_true(core_parse_size(good[i].text, strlen(good[i].text), &bytes));
    assert_true(bytes == good[i].bytes);
  }
  const char *const bad[] = {"",          "-1",  "M",   "1 M", "1X", "1MM", "18446744073709551616",
                             "99999999T", "nan", "inf", "1e3"};
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    uint64_t bytes = 42;
    assert_false(core_parse_size(bad[i], strlen(bad[i]), &bytes));
    assert_true(bytes == 42);
  }
}

static void people_read_short_forms(void **state) {
  (void)state;
  const struct {
    double seconds;
    const char *text;
  } times[] = {{1.5, "1.5 s"},       {0.23, "230 ms"},     {12e-6, "12 us"},
               {7500, "2 h 05 min"}, {65, "1 min 05 s"},   {0, "0 s"},
               {59.6, "1 min 00 s"}, {0.9999, "1 s"},      {3599.7, "1 h 00 min"},
               {200000, "2 d 08 h"}, {-65, "-1 min 05 s"}, {30, "30 s"},
               {HUGE_VAL, "inf s"}};
  char text[CORE_NUM_BYTES];
  for (size_t i = 0; i < CORE_COUNT_OF(times); i++) {
    core_format_duration(times[i].seconds, text);
    assert_string_equal(text, times[i].text);
  }
  core_format_bytes(512, text);
  assert_string_equal(text, "512 B");
  core_format_bytes(1.5e9, text);
  assert_string_equal(text, "1.5 GB");
  core_format_bytes(999999, text);
  assert_string_equal(text, "1 MB");
}

/* A locale with a decimal comma, built where none is installed but its source is. */
static const char *comma_locale(void) {
  const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8",
                               "pt_BR.UTF-8"};
  for (size_t i = 0; i < CORE_COUNT_OF(names); i++)
    if (setlocale(LC_ALL, names[i])) return names[i];
  if (access("/usr/share/i18n/locales/de_DE", R_OK) != 0) return NULL;
  char command[512];
  snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >'%s/log' 2>&1",
           test_folder(), test_folder());
  if (system(command) != 0) return NULL;
  setenv("LOCPATH", test_folder(), 1);
  return setlocale(LC_ALL, "de_DE.UTF-8");
}

static void the_locale_does_not_matter(void **state) {
  if (!comma_locale()) {
    print_message("no locale with a decimal comma here\n");
    skip();
  }
  char probe[16];
  snprintf(probe, sizeof probe, "%.1f", 1.5);
  assert_string_equal(probe, "1,5");
  assert_true(parsed("1.5") == 1.5);
  assert_true(parsed("1.234567890123456789012345e-300") == 1.234567890123456789012345e-300);
  double value;
  assert_false(core_parse_double("1,5", 3, &value));
  doubles_look_as_in_python(state);
  durations_mean_seconds(state);
  people_read_short_forms(state);
  setlocale(LC_ALL, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rounded_numbers_keep_so_many_digits),
      cmocka_unit_test(random_doubles_survive_the_round_trip),
      cmocka_unit_test(formatted_doubles_are_shortest),
      cmocka_unit_test(doubles_look_as_in_python),
      cmocka_unit_test(parsing_is_correctly_rounded),
      cmocka_unit_test(hard_cases_are_correctly_rounded),
      cmocka_unit_test(a_late_digit_still_decides),
      cmocka_unit_test(the_whole_text_must_be_a_number),
      cmocka_unit_test(integers_end_where_their_type_does),
      cmocka_unit_test(durations_mean_seconds),
      cmocka_unit_test(sizes_mean_bytes),
      cmocka_unit_test(people_read_short_forms),
      cmocka_unit_test(the_locale_does_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
