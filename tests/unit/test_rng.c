/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/rng.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "tests/support/support.h"

/* The published known answers of Random123 for philox4x32, 10 rounds. */
static void published_vectors_are_met(void **state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], block[4];
  } cases[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    struct core_rng rng;
    core_rng_init(&rng, 0, 0, 0);
    memcpy(rng.counter, cases[i].counter, sizeof rng.counter);
    memcpy(rng.key, cases[i].key, sizeof rng.key);
    for (int k = 0; k < 4; k++) assert_int_equal(core_rng_u32(&rng), cases[i].block[k]);
  }
}

static void a_copy_continues_from_the_same_position(void **state) {
  (void)state;
  struct core_rng a;
  core_rng_init(&a, 42, 7, CORE_RNG_TEST);
  for (int i = 0; i < 5; i++) (void)core_rng_u32(&a);
  struct core_rng b = a;
  for (int i = 0; i < 100; i++) assert_int_equal(core_rng_u64(&a), core_rng_u64(&b));
}

static uint64_t first_draw(uint64_t seed, uint64_t trial, uint32_t stream) {
  struct core_rng rng;
  core_rng_init(&rng, seed, trial, stream);
  return core_rng_u64(&rng);
}

static void seed_trial_and_stream_each_change_the_draws(void **state) {
  (void)state;
  const uint64_t base = first_draw(1, 2, 3);
  assert_true(base == first_draw(1, 2, 3));
  assert_true(base != first_draw(2, 2, 3));
  assert_true(base != first_draw(1, 3, 3));
  assert_true(base != first_draw(1, 2, 4));
  assert_true(base != first_draw(1 + ((uint64_t)1 << 32), 2, 3));
  assert_true(base != first_draw(1, 2 + ((uint64_t)1 << 32), 3));
}

static void unit_draws_fill_the_half_open_interval(void **state) {
  (void)state;
  struct core_rng rng;
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  const int n = 100000;
  double sum = 0, least = 1, most = 0;
  for (int i = 0; i < n; i++) {
    const double u = core_rng_unit(&rng);
    assert_true(u >= 0 && u < 1);
    sum += u;
    least = fmin(least, u);
    most = fmax(most, u);
  }
  assert_true(fabs(sum / n - 0.5) < 5 / sqrt(12.0 * n));
  assert_true(least < 1e-3 && most > 1 - 1e-3);
}

static void bounded_draws_are_uniform_and_below_the_bound(void **state) {
  (void)state;
  struct core_rng rng;
  core_rng_init(&rng, 5, 0, CORE_RNG_TEST);
  int counts[7] = {0};
  for (int i = 0; i < 70000; i++) {
    const uint64_t k = core_rng_below(&rng, 7);
    assert_true(k < 7);
    counts[k]++;
  }
  for (int i = 0; i < 7; i++)
    assert_in_range(counts[i], 9500, 10500); /* over five standard deviations */
  assert_int_equal(core_rng_below(&rng, 1), 0);
  const uint64_t large = ((uint64_t)1 << 63) + 1; /* half of all products are rejected here */
  for (int i = 0; i < 1000; i++) assert_true(core_rng_below(&rng, large) < large);
}

static void normal_draws_have_normal_moments(void **state) {
  (void)state;
  struct core_rng rng;
  core_rng_init(&rng, 9, 0, CORE_RNG_TEST);
  const int n = 100000;
  double sum = 0, squares = 0, fourths = 0;
  for (int i = 0; i < n; i++) {
    const double z = core_rng_normal(&rng);
    assert_true(isfinite(z));
    sum += z;
    squares += z * z;
    fourths += z * z * z * z;
  }
  assert_true(fabs(sum / n) < 5 / sqrt(n));
  assert_true(fabs(squares / n - 1) < 5 * sqrt(2.0 / n));
  assert_true(fabs(fourths / n - 3) < 5 * sqrt(96.0 / n));
}

static void a_shuffle_is_a_permutation_and_any_item_may_come_first(void **state) {
  (void)state;
  struct core_rng rng;
  core_rng_init(&rng, 11, 0, CORE_RNG_TEST);
  int first[5] = {0};
  for (int round = 0; round < 5000; round++) {
    size_t items[5] = {0, 1, 2, 3, 4};
    core_rng_shuffle(&rng, items, 5);
    unsigned seen = 0;
    for (int i = 0; i < 5; i++) seen |= 1u << items[i];
    assert_int_equal(seen, 31);
    first[items[0]]++;
  }
  for (int i = 0; i < 5; i++) assert_in_range(first[i], 850, 1150);
  core_rng_shuffle(&rng, NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_vectors_are_met),
      cmocka_unit_test(a_copy_continues_from_the_same_position),
      cmocka_unit_test(seed_trial_and_stream_each_change_the_draws),
      cmocka_unit_test(unit_draws_fill_the_half_open_interval),
      cmocka_unit_test(bounded_draws_are_uniform_and_below_the_bound),
      cmocka_unit_test(normal_draws_have_normal_moments),
      cmocka_unit_test(a_shuffle_is_a_permutation_and_any_item_may_come_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
