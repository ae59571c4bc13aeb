/* SPDX-License-Identifier: GPL-3.0-or-later
 * Keys by rank against a sorted copy: of many sizes and shapes, those that a sample is deceived by among them. */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "validate/metric/order_keys.h"

static struct core_rng rng;

static uint64_t any(size_t i, size_t n) {
  (void)i, (void)n;
  return core_rng_u64(&rng);
}
static uint64_t rising(size_t i, size_t n) {
  (void)n;
  return 3 * i;
}
static uint64_t falling(size_t i, size_t n) {
  return 5 * (n - i);
}
static uint64_t the_same(size_t i, size_t n) {
  (void)i, (void)n;
  return 7;
}
static uint64_t few(size_t i, size_t n) {
  (void)i, (void)n;
  return core_rng_below(&rng, 5) << 60;
}
static uint64_t mostly_one(size_t i, size_t n) {
  (void)i, (void)n;
  return core_rng_below(&rng, 3) ? 1000 : core_rng_below(&rng, 2000);
}
/* Every fourth and eighth key, of which a sample may be made, is none like the others. */
static uint64_t periodic(size_t i, size_t n) {
  (void)n;
  return i % 4 == 0 ? 0 : i % 8 == 1 ? UINT64_MAX : core_rng_below(&rng, 1000000);
}
static uint64_t in_bursts(size_t i, size_t n) {
  return i / (n / 10 + 1) * 1000 + core_rng_below(&rng, 3);
}

static int by_size(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void add(struct val_order_keys *k, const uint64_t *keys, size_t n) {
  for (size_t got = 0; n > 0; n -= got, keys += got) {
    uint64_t *to = NULL;
    assert_int_equal(val_order_keys_room(k, n, &to, &got, NULL), CORE_OK);
    memcpy(to, keys, got * sizeof *to);
    val_order_keys_added(k, got);
  }
}

static void check(uint64_t (*make)(size_t, size_t), size_t n) {
  struct val_order_keys k = {0}, first = {0};
  uint64_t *keys = core_alloc(n * sizeof *keys), found = 0;
  assert_non_null(keys);
  for (size_t i = 0; i < n; i++) keys[i] = make(i, n);
  add(&first, keys, n / 3);
  add(&k, keys + n / 3, n - n / 3);
  assert_int_equal(val_order_keys_join(&k, &first, NULL), CORE_OK);
  qsort(keys, n, sizeof *keys, by_size);
  const size_t ahead[] = {n / 4, n / 2, n - 1, n / 2, 0};
  assert_int_equal(val_order_keys_prepare(&k, ahead, core_rng_below(&rng, 6), NULL), CORE_OK);
  for (size_t i = 0; i < 20; i++) {
    const size_t rank = i == 0 ? 0 : i == 1 ? n - 1 : i == 2 ? n / 2 : core_rng_below(&rng, n);
    for (size_t r = rank; r < n && r < rank + 2; r++) {
      assert_int_equal(val_order_keys_select(&k, r, &found, NULL), CORE_OK);
      assert_true(found == keys[r]);
    }
  }
  const uint64_t more = 0;
  add(&k, &more, 1); /* what was known of the order is forgotten */
  assert_int_equal(val_order_keys_select(&k, n / 2, &found, NULL), CORE_OK);
  assert_true(found == (n / 2 ? keys[n / 2 - 1] : 0));
  val_order_keys_close(&first);
  val_order_keys_close(&k);
  core_free(keys);
}

static void ranks_are_those_of_a_sorted_copy(void **state) {
  static uint64_t (*const makes[])(size_t, size_t) = {any, rising,     falling,  the_same,
                                                      few, mostly_one, periodic, in_bursts};
  static const size_t sizes[] = {1, 2, 1000, 65535, 65536, 140000, 2000000};
  (void)state;
  core_rng_init(&rng, 1, 0, 0);
  for (size_t i = 0; i < CORE_COUNT_OF(makes); i++)
    for (size_t s = 0; s < CORE_COUNT_OF(sizes); s++) check(makes[i], sizes[s]);
}

static void no_memory_is_reported(void **state) {
  (void)state;
  uint64_t found = 0;
  core_rng_init(&rng, 2, 0, 0);
  for (unsigned long long fault = 1;; fault++) {
    struct val_order_keys k = {0};
    for (size_t i = 0; i < 140000; i++) {
      const uint64_t key = core_rng_u64(&rng);
      add(&k, &key, 1);
    }
    core_mem_fail_at(fault);
    const enum core_status st = val_order_keys_select(&k, 70000, &found, NULL);
    core_mem_fail_at(0);
    val_order_keys_close(&k);
    if (st == CORE_OK) return;
    assert_int_equal(st, CORE_NOMEM);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_are_those_of_a_sorted_copy),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
