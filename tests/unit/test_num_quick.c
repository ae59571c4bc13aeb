/* SPDX-License-Identifier: GPL-3.0-or-later
 * The quick parsers against the C library's, bit for bit: random doubles written with every number of digits, numbers
 * beside the middle between two doubles, digits and signs in any order. Where they do not answer nothing is wrong; but they
 * must answer nearly always. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/compiler.h"
#include "core/num.h"
#include "core/num_quick.h"
#include "tests/support/csv_random.h"
#include "tests/support/support.h"

static uint64_t seed = 20260101;

static uint64_t bits64(void) {
  return test_csv_random(&seed) << 33 ^ test_csv_random(&seed) << 11 ^ test_csv_random(&seed);
}

/* The text is read in a buffer of exactly its size: nothing may be read behind it. */
static bool agrees(const char *text, int *answered) {
  const size_t len = strlen(text);
  char *copy = malloc(len ? len : 1);
  assert_non_null(copy);
  memcpy(copy, text, len);
  double got = -7, whole = -7;
  char *end = NULL;
  const double expected = strtod(text, &end);
  const bool quick = core_parse_double_quick(copy, len, &got);
  char padded[512];
  double same = -7;
  memset(padded, (int)(bits64() % 256), sizeof padded); /* what stands behind does not matter */
  memcpy(padded, text, len);
  const bool also = core_parse_double_padded(padded, len, &same);
  if (also != quick || (quick && memcmp(&got, &same, sizeof got) != 0))
    fail_msg("'%s' with bytes behind: %d %a, not %d %a", text, also, same, quick, got);
  const bool any = core_parse_double(copy, len, &whole);
  free(copy);
  *answered += quick;
  if (quick && memcmp(&got, &expected, sizeof got) != 0)
    fail_msg("'%s': %a, not %a", text, got, expected);
  if (any && memcmp(&whole, &expected, sizeof whole) != 0)
    fail_msg("'%s': %a, not %a", text, whole, expected);
  return quick;
}

static void random_doubles_in_every_precision(void **state) {
  (void)state;
  int answered = 0;
  char text[400];
  for (int i = 0; i < 400000; i++) {
    const uint64_t bits = bits64();
    double value;
    if (i % 2) { /* of the size that data has */
      value = (double)(int64_t)bits / (double)(UINT64_C(1) << (bits % 64));
    } else {
      memcpy(&value, &bits, sizeof value);
      if (!isfinite(value)) continue;
    }
    if (i % 3)
      snprintf(text, sizeof text, "%.*e", (int)(bits % 19), value);
    else
      snprintf(text, sizeof text, "%.*g", (int)(bits % 19), value);
    agrees(text, &answered);
  }
  assert_true(answered > 200000);
}

static void decimals_of_every_length(void **state) {
  (void)state;
  int answered = 0;
  char text[80];
  for (int i = 0; i < 400000; i++) {
    const unsigned long long w = bits64() >> (bits64() % 64);
    const int places = (int)(bits64() % 25), e = (int)(bits64() % 140) - 70;
    switch (i % 4) {
    case 0:
      snprintf(text, sizeof text, "%llu.%0*llu", w >> 40, places, (w << 24) >> 24);
      break;
    case 1:
      snprintf(text, sizeof text, "-%llue%d", w, e);
      break;
    case 2:
      snprintf(text, sizeof text, "%llu.%02u", w % 100000000, (unsigned)(w % 100));
      break;
    default:
      snprintf(text, sizeof text, "%.*f", places, (double)w * pow(10, -(double)(w % 20)));
      break;
    }
    agrees(text, &answered);
  }
  assert_true(answered > 250000);
}

/* The middle between two neighbours, and one unit of the last digit beside it: 17 to 19 digits. */
static void near_the_middle_of_two_doubles(void **state) {
  (void)state;
  int answered = 0, asked = 0;
  char text[80];
  for (int i = 0; i < 300000; i++) {
    const uint64_t mantissa = (UINT64_C(1) << 53) | (bits64() >> 11) | 1; /* odd: 54 bits, a half */
    const uint64_t middle = mantissa << (bits64() % 9);
    const long long beside = (long long)middle + (long long)(bits64() % 3) - 1;
    const int e = (int)(bits64() % 60) - 30;
    snprintf(text, sizeof text, i % 2 ? "%lld" : "%llde%d", beside, e);
    agrees(text, &answered);
    asked++;
  }
  assert_true(answered > asked - asked / 100);
}

static void what_is_no_plain_number_is_left_alone(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",     "-",     "+",   ".",   "e5",  "1e",  "1e+", "1.2.3",  "1 ",
      " 1",   "0x10",  "nan", "inf", "1_0", "1,0", "--1", "1e1234", "12345678901234567890",
      "1e99", "1e-99", "1.e", "٣"};
  static const struct {
    const char *text;
    double value;
  } good[] = {{"0", 0},       {"-0", -0.0},
              {"0.000", 0},   {"5.", 5},
              {".5", .5},     {"+1.5", 1.5},
              {"1E2", 100},   {"1e-2", .01},
              {"00012", 12},  {"9007199254740993", 0x1p53},
              {"1e22", 1e22}, {"1e23", 1e23},
              {"0e99", 0},    {"123456789012345678", 123456789012345680.0}};
  for (size_t i = 0; i < CORE_COUNT_OF(texts); i++) {
    double value = 0;
    assert_false(core_parse_double_quick(texts[i], strlen(texts[i]), &value));
    char padded[64] = "";
    memset(padded, '1', sizeof padded - 1);
    memcpy(padded, texts[i], strlen(texts[i]));
    assert_false(core_parse_double_padded(padded, strlen(texts[i]), &value));
  }
  for (size_t i = 0; i < CORE_COUNT_OF(good); i++) {
    double value = 99;
    assert_true(core_parse_double_quick(good[i].text, strlen(good[i].text), &value));
    assert_memory_equal(&value, &good[i].value, sizeof value);
  }
}

/* Every text of up to four characters of an awkward alphabet, and random longer ones. */
static void characters_in_any_order(void **state) {
  (void)state;
  static const char alphabet[] = "019.-+eE ";
  const size_t n = sizeof alphabet - 1;
  int answered = 0;
  for (size_t code = 0; code < n * n * n * n * n; code++) {
    char text[6] = "";
    size_t rest = code, len = 0;
    for (; rest && len < 5; rest /= n) text[len++] = alphabet[rest % n];
    char padded[32];
    double a = 0, b = 0;
    memset(padded, '5', sizeof padded);
    memcpy(padded, text, len);
    const bool quick = core_parse_double_quick(text, len, &a);
    assert_int_equal(core_parse_double_padded(padded, len, &b), quick);
    if (quick) assert_memory_equal(&a, &b, sizeof a);
    answered += quick;
  }
  for (int i = 0; i < 300000; i++) {
    char text[24] = "";
    const size_t len = bits64() % 22;
    for (size_t k = 0; k < len; k++) text[k] = alphabet[bits64() % (bits64() % 8 ? 4 : n)];
    char padded[40];
    double a = 0, b = 0;
    memset(padded, '.', sizeof padded);
    memcpy(padded, text, len);
    const bool quick = core_parse_double_quick(text, len, &a);
    if (core_parse_double_padded(padded, len, &b) != quick) fail_msg("'%s'", text);
    if (quick) assert_memory_equal(&a, &b, sizeof a);
    answered += quick;
  }
  assert_true(answered > 10000);
}

static void digits_of_every_length(void **state) {
  (void)state;
  for (int i = 0; i < 300000; i++) {
    static const char alphabet[] = "0123456789/:-+ .a\0\xb0\xf5";
    char text[32 + 8] = {0};
    const size_t len = bits64() % 20;
    bool all = len > 0 && len <= 18;
    for (size_t k = 0; k < len; k++) {
      text[k] = alphabet[bits64() % (bits64() % 40 ? 10 : sizeof alphabet - 1)];
      all &= text[k] >= '0' && text[k] <= '9';
    }
    uint64_t got = 0;
    text[len] = alphabet[bits64() % (sizeof alphabet - 1)]; /* what stands behind does not matter */
    assert_int_equal(core_digits18(text, len, &got), all);
    text[len] = '\0';
    if (all && got != strtoull(text, NULL, 10)) fail_msg("%s: %llu", text, (unsigned long long)got);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_doubles_in_every_precision),
      cmocka_unit_test(decimals_of_every_length),
      cmocka_unit_test(near_the_middle_of_two_doubles),
      cmocka_unit_test(what_is_no_plain_number_is_left_alone),
      cmocka_unit_test(characters_in_any_order),
      cmocka_unit_test(digits_of_every_length),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
