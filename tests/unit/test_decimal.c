/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decimals: text there and back, exact order among themselves and against doubles, the nearest double. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "validate/decimal.h"
#include "validate/scalar.h"

static struct val_decimal read(const char *text) {
  struct val_decimal value = {0, 0};
  if (!val_decimal_parse(text, strlen(text), &value)) fail_msg("'%s' is not read", text);
  return value;
}

static void text_is_read_and_written(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"0", "0"},
      {"-0.00", "0"},
      {"1.50", "1.5"},
      {"-12.0625", "-12.0625"},
      {"1e3", "1000"},
      {"1E-3", "0.001"},
      {"+7", "7"},
      {".5", "0.5"},
      {"12.", "12"},
      {"250e-2", "2.5"},
      {"0e900", "0"},
      {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
      {"-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001"}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    struct core_str text = {0};
    val_decimal_text(read(cases[i][0]), &text);
    assert_string_equal(core_str_text(&text), cases[i][1]);
    core_str_close(&text);
  }
}

static void what_does_not_fit_is_not_read(void **state) {
  (void)state;
  static const char *const cases[] = {"",
                                      "-",
                                      ".",
                                      "1.2.3",
                                      "1e",
                                      "e5",
                                      "0x10",
                                      "1 ",
                                      "nan",
                                      "inf",
                                      "1e40",
                                      "1e-40",
                                      "100000000000000000000000000000000000000",
                                      "1e9999999999999999999"};
  struct val_decimal value;
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++)
    assert_false(val_decimal_parse(cases[i], strlen(cases[i]), &value));
}

static void order_is_that_of_the_numbers(void **state) {
  (void)state;
  static const char *const ascending[] = {"-99999999999999999999999999999999999999",
                                          "-1.5",
                                          "-1.25",
                                          "-0.00000000000000000000000000000000000001",
                                          "0",
                                          "0.00000000000000000000000000000000000001",
                                          "0.1",
                                          "0.10000000000000000000000000000000000001",
                                          "1",
                                          "1.00000000000000000000000000000000001",
                                          "10",
                                          "99999999999999999999999999999999999998.0",
                                          "99999999999999999999999999999999999999"};
  for (size_t i = 0; i < CORE_COUNT_OF(ascending); i++)
    for (size_t k = 0; k < CORE_COUNT_OF(ascending); k++)
      assert_int_equal(val_decimal_compare(read(ascending[i]), read(ascending[k])),
                       (i > k) - (i < k));
  const struct val_decimal a = {150, 2}, b = {15, 1};
  assert_int_equal(val_decimal_compare(a, b), 0);
  assert_int_equal(val_decimal_plain(a).scale, 1);
  assert_true(val_decimal_plain(a).unscaled == 15);
}

/* The double next to a tenth is above it. */
static void doubles_are_not_rounded(void **state) {
  (void)state;
  assert_int_equal(val_decimal_compare_double(read("0.1"), 0.1), -1);
  assert_int_equal(val_decimal_compare_double(read("0.3"), 0.3), 1);
  assert_int_equal(val_decimal_compare_double(read("0.5"), 0.5), 0);
  assert_int_equal(val_decimal_compare_double(read("-0.1"), -0.1), 1);
  assert_int_equal(val_decimal_compare_double(read("-2.5"), -2.5), 0);
  assert_int_equal(val_decimal_compare_double(read("9007199254740993"), 9007199254740992.0), 1);
  assert_int_equal(val_decimal_compare_double(read("1"), (double)INFINITY), -1);
  assert_int_equal(val_decimal_compare_double(read("1"), -(double)INFINITY), 1);
  assert_int_equal(val_decimal_compare_double(read("0"), 5e-324), -1);
  assert_int_equal(val_decimal_compare_double(read("0"), -5e-324), 1);
  assert_int_equal(val_decimal_compare_double(read("0"), -0.0), 0);
}

static void the_nearest_double(void **state) {
  (void)state;
  assert_true(val_decimal_number(read("0.1")) == 0.1);
  assert_true(val_decimal_number(read("-1234567.891")) == -1234567.891);
  assert_true(val_decimal_number(read("9007199254740993")) == 9007199254740992.0);
  assert_true(val_decimal_number(read("99999999999999999999999999999999999999")) == 1e38);
  assert_true(val_decimal_number(read("0.00000000000000000000000000000000000001")) == 1e-38);
}

static void scalars_mix(void **state) {
  (void)state;
  const struct val_scalar decimal = {.type = VAL_TYPE_DECIMAL, .decimal = 250, .scale = 2};
  const struct val_scalar whole = val_scalar_int64(2), half = val_scalar_double(2.5);
  const struct val_scalar us = {.type = VAL_TYPE_TIMESTAMP, .integer = INT64_MAX};
  const struct val_scalar ns = {.type = VAL_TYPE_TIMESTAMP_NS, .integer = INT64_MAX};
  const struct val_scalar zoned = {.type = VAL_TYPE_TIMESTAMP_NS_UTC, .integer = 1};
  assert_int_equal(val_scalar_compare(&decimal, &whole), 1);
  assert_int_equal(val_scalar_compare(&whole, &decimal), -1);
  assert_true(val_scalar_equal(&decimal, &half));
  assert_int_equal(val_scalar_compare(&us, &ns), 1);
  assert_false(val_types_compare(ns.type, zoned.type));
}

static void times_of_day(void **state) {
  (void)state;
  int64_t ns = 0;
  static const struct {
    const char *text;
    int64_t ns;
  } good[] = {{"00:00", 0},
              {"23:59:59.999999999", INT64_C(86399999999999)},
              {"12:30:01.5", INT64_C(45001500000000)}};
  static const char *const bad[] = {
      "", "24:00", "12:60", "12:301", "12:30:", "12:30:01.", "12:30:01.0000000001", "12:30:01x"};
  for (size_t i = 0; i < CORE_COUNT_OF(good); i++) {
    assert_true(val_time_parse(good[i].text, strlen(good[i].text), &ns));
    assert_int_equal(ns, good[i].ns);
  }
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++)
    if (val_time_parse(bad[i], strlen(bad[i]), &ns)) fail_msg("'%s' is read", bad[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_is_read_and_written),
      cmocka_unit_test(what_does_not_fit_is_not_read),
      cmocka_unit_test(order_is_that_of_the_numbers),
      cmocka_unit_test(doubles_are_not_rounded),
      cmocka_unit_test(the_nearest_double),
      cmocka_unit_test(scalars_mix),
      cmocka_unit_test(times_of_day),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
