/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every sampler asked many times over one growing study: the points stay valid, asking again gives the same point, and
 * nothing is kept for an ask, only for a trial. Leaks are the sanitizer's to find; the long run, 100,000 asks, is
 * `bench_suggest --stress`. */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/study_support.h"

#define N_TRIALS 320
#define N_WARM                                                                                     \
  64 /* until the allocator's caches of freed blocks, which it counts as used, are full */
#define N_ASKS   32 /* over one history after that */
#define N_PARAMS 4

static double loss_of(const double *internal) {
  double sum = 0;
  for (size_t i = 0; i < N_PARAMS; i++) sum += (internal[i] - 1) * (internal[i] - 1);
  return sum;
}

/* Bytes of the heap in use; 0 under a sanitizer, which has a heap of its own. */
static size_t heap_bytes(void) {
  return mallinfo2().uordblks;
}

static void same_point(struct test_study *t, const double *first) {
  double row[N_PARAMS];
  assert_int_equal(hpo_study_suggest(t->study, row, NULL, NULL), CORE_OK);
  assert_memory_equal(row, first, sizeof row);
}

/* False when the sampler has nothing left. */
static bool asks_leave_nothing_behind(struct test_study *t) {
  double row[N_PARAMS];
  bool fallback = false;
  struct core_error err = {0};
  const enum core_status st = hpo_study_suggest(t->study, row, &fallback, &err);
  if (st == CORE_EXHAUSTED) return false;
  assert_int_equal(st, CORE_OK);
  assert_false(fallback);
  assert_int_equal(hpo_space_check(&t->spec.space, row, NULL), CORE_OK);
  for (int i = 0; i < N_WARM; i++) same_point(t, row);
  const size_t before = heap_bytes();
  for (int i = 0; i < N_ASKS; i++) same_point(t, row);
  assert_int_equal(heap_bytes(), before);
  return true;
}

static void run(const char *sampler) {
  const bool finite = strcmp(sampler, "grid") == 0 || strcmp(sampler, "brute_force") == 0;
  struct test_study t;
  struct core_str yaml = {0};
  core_str_printf(&yaml, "space:\n");
  for (int i = 0; i < N_PARAMS; i++)
    core_str_printf(&yaml, "  x%d: {type: float, low: -5, high: 5%s}\n", i,
                    finite ? ", step: 2" : "");
  core_str_printf(&yaml, "sampler: {name: %s}\n", sampler);
  test_study_open(&t, core_str_text(&yaml));
  core_str_close(&yaml);
  uint64_t n = 0;
  bool more = true;
  for (; more && n < N_TRIALS; n++) {
    if ((n & (n - 1)) == 0) more = asks_leave_nothing_behind(&t);
    const uint64_t number = test_study_ask(&t);
    test_study_complete(&t, number, loss_of(test_study_trial(&t, number)->internal));
  }
  assert_int_equal(n, N_TRIALS);
  asks_leave_nothing_behind(&t);
  test_study_close(&t);
}

static void nothing_is_kept_for_an_ask(void **state) {
  (void)state;
  for (const struct hpo_sampler_ops *const *p = hpo_sampler_all(); *p; p++) {
    printf("sampler %s\n", (*p)->name);
    run((*p)->name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_kept_for_an_ask)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
