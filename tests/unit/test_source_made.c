/* SPDX-License-Identifier: GPL-3.0-or-later
 * Sources whose bytes are made: the same bytes at every place, forwards and back, and an error where it stands. */
#include "core/source_made.h"

#include <string.h>

#include "core/rng.h"
#include "tests/support/support.h"

/* Byte i is a hash of i; `bad_at`: there the maker fails. */
struct maker {
  uint64_t at, size, bad_at;
  int n_restarts;
};

static char byte_at(uint64_t i) {
  return (char)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

static enum core_status make(void *self, char *buffer, size_t cap, size_t *got,
                             struct core_error *err) {
  struct maker *m = self;
  for (*got = 0; *got < cap && m->at < m->size; m->at++) {
    if (m->at == m->bad_at)
      return core_fail(err, CORE_IO, "bad at %llu", (unsigned long long)m->at);
    buffer[(*got)++] = byte_at(m->at);
  }
  return CORE_OK;
}

static enum core_status begin_again(void *self, struct core_error *err) {
  struct maker *m = self;
  (void)err;
  m->at = 0;
  m->n_restarts++;
  return CORE_OK;
}

static void leave(void *self) {
  (void)self;
}

static const struct core_made_ops ops = {make, begin_again, leave};

static struct core_source *open_made(struct maker *m) {
  struct core_source *source = NULL;
  assert_int_equal(core_source_open_made("made", &ops, m, &source, NULL), CORE_OK);
  return source;
}

/* At most n bytes at `at`: as many as there are, and the right ones. */
static void expect_bytes(struct core_source *source, uint64_t at, size_t n, uint64_t size) {
  static char buffer[1 << 20];
  size_t have = 0, got = 1;
  assert_int_equal(core_source_seek(source, at, NULL), CORE_OK);
  while (have < n && got > 0) {
    assert_int_equal(core_source_read(source, buffer + have, n - have, &got, NULL), CORE_OK);
    have += got;
  }
  assert_int_equal(have, at >= size ? 0 : size - at < n ? size - at : n);
  for (size_t i = 0; i < have; i++)
    if (buffer[i] != byte_at(at + i))
      fail_msg("another byte at %llu", (unsigned long long)(at + i));
}

static void bytes_are_the_same_at_every_place(void **state) {
  (void)state;
  const uint64_t sizes[] = {0, 1, 1000, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, 12345678};
  for (size_t k = 0; k < CORE_COUNT_OF(sizes); k++) {
    struct maker m = {.size = sizes[k], .bad_at = UINT64_MAX};
    struct core_source *source = open_made(&m);
    struct core_rng rng;
    core_rng_init(&rng, 1, k, CORE_RNG_TEST);
    for (uint64_t at = 0; at < sizes[k] + 1; at += 900001)
      expect_bytes(source, at, 900001, sizes[k]);
    for (int i = 0; i < 30; i++)
      expect_bytes(source, (uint64_t)(core_rng_unit(&rng) * (double)(sizes[k] + 10)), 70000,
                   sizes[k]);
    core_source_close(source);
  }
}

static void going_back_a_little_makes_nothing_again(void **state) {
  (void)state;
  struct maker m = {.size = 20 << 20, .bad_at = UINT64_MAX};
  struct core_source *source = open_made(&m);
  for (uint64_t at = 0; at + (1 << 20) < m.size; at += 1 << 20) {
    expect_bytes(source, at, 1 << 20, m.size);
    const uint64_t back = CORE_MADE_BACK_BYTES - 1;
    if (at > back) expect_bytes(source, at - back + (1 << 20), 1000, m.size);
  }
  assert_int_equal(m.n_restarts, 0);
  expect_bytes(source, 5, 1000, m.size);
  assert_int_equal(m.n_restarts, 1);
  core_source_close(source);
}

static void an_error_stands_behind_the_bytes_before_it(void **state) {
  (void)state;
  const uint64_t places[] = {0, 7, 256 << 10, 3000000};
  for (size_t k = 0; k < CORE_COUNT_OF(places); k++)
    for (int twice = 0; twice < 2; twice++) {
      struct maker m = {.size = 5000000, .bad_at = places[k]};
      struct core_source *source = open_made(&m);
      uint64_t have = 0;
      size_t got = 0;
      char buffer[10007];
      enum core_status st;
      do {
        st = core_source_read(source, buffer, sizeof buffer, &got, NULL);
        for (size_t i = 0; i < got; i++) assert_int_equal(buffer[i], byte_at(have + i));
        have += got;
      } while (st == CORE_OK);
      assert_int_equal(st, CORE_IO);
      assert_int_equal(have, places[k]);
      if (twice) assert_int_equal(core_source_read(source, buffer, 1, &got, NULL), CORE_IO);
      core_source_close(source);
    }
}

static void closing_early_leaves_nobody_behind(void **state) {
  (void)state;
  for (int i = 0; i < 50; i++) {
    struct maker m = {.size = UINT64_C(1) << 40, .bad_at = UINT64_MAX};
    struct core_source *source = open_made(&m);
    expect_bytes(source, (uint64_t)i * 40000, 1 << 20, m.size);
    core_source_close(source);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_are_the_same_at_every_place),
      cmocka_unit_test(going_back_a_little_makes_nothing_again),
      cmocka_unit_test(an_error_stands_behind_the_bytes_before_it),
      cmocka_unit_test(closing_early_leaves_nobody_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
