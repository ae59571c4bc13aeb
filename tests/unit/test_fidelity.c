/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/fidelity.h"

#include <math.h>

#include "core/rng.h"
#include "tests/support/curves.h"
#include "tests/support/support.h"

static struct curves c;

/* Reports at steps 1, 2, 4, 8, ... */
static void add(double sign, enum hpo_state state, const double *values, size_t n) {
  struct hpo_trial *trial = curves_trial(&c);
  for (size_t i = 0; i < n; i++) curves_report(&c, trial, 1L << i, sign * values[i]);
  curves_finish(&c, trial, state);
}
#define ADD(sign, state, ...)                                                                      \
  add(sign, state, (const double[]){__VA_ARGS__},                                                  \
      sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static size_t rank_trials(const struct hpo_trial **ranked) {
  struct core_arena arena = {0};
  const size_t n = hpo_fidelity_rank(&c.history, ranked, &arena);
  core_arena_close(&arena);
  return n;
}

static void assert_order(const int *numbers, size_t n) {
  const struct hpo_trial *ranked[CURVES_TRIALS];
  assert_int_equal(rank_trials(ranked), n);
  for (size_t i = 0; i < n; i++) assert_int_equal(ranked[i]->number, numbers[i]);
}

static void without_pruned_trials_the_objective_decides(void **state) {
  (void)state;
  for (int sign = 1; sign >= -1; sign -= 2) {
    curves_init(&c, sign > 0 ? HPO_MINIMIZE : HPO_MAXIMIZE);
    ADD(sign, HPO_COMPLETE, 1, 1, 5);
    ADD(sign, HPO_COMPLETE, 9, 9, 2);
    ADD(sign, HPO_FAIL, 0, 0);
    ADD(sign, HPO_COMPLETE, 3, 3, 2);
    ADD(sign, HPO_COMPLETE, 4, 4, INFINITY);
    ADD(sign, HPO_COMPLETE, 4, 4, -INFINITY);
    curves_trial(&c);
    assert_order((const int[]){5, 1, 3, 0, 4}, 5);
  }
}

static void values_are_compared_at_equal_steps(void **state) {
  (void)state;
  for (int sign = 1; sign >= -1; sign -= 2) {
    curves_init(&c, sign > 0 ? HPO_MINIMIZE : HPO_MAXIMIZE);
    ADD(sign, HPO_COMPLETE, 90, 80, 70); /* nobody was there to compare it with */
    ADD(sign, HPO_PRUNED, 50);
    ADD(sign, HPO_COMPLETE, 30, 20, 11);
    ADD(sign, HPO_COMPLETE, 40, 15, 10);
    ADD(sign, HPO_PRUNED, 45, 25);
    ADD(sign, HPO_PRUNED, 20, 40);
    /* Step 1: 5 2 3 4 1 0; among those with a step 2: 3 2 4 5 1 0; at the end 3 2 and 0. */
    assert_order((const int[]){3, 2, 4, 5, 1, 0}, 6);
  }
}

static void silent_and_diverged_trials_come_last(void **state) {
  (void)state;
  curves_init(&c, HPO_MINIMIZE);
  curves_finish(&c, curves_trial(&c), HPO_PRUNED);
  ADD(1, HPO_PRUNED, NAN);
  ADD(1, HPO_PRUNED, 3, 2);
  ADD(1, HPO_COMPLETE, 4, 3, 1);
  ADD(1, HPO_COMPLETE, NAN, NAN, 2); /* reported nothing of use, but has an objective */
  assert_order((const int[]){2, 3, 4, 0, 1}, 5);
}

/* Of two trials that stopped at the same level the better there is the better; the order is one of all. */
static void random_histories_are_ordered_consistently(void **state) {
  (void)state;
  struct core_rng rng;
  for (uint64_t seed = 0; seed < 50; seed++) {
    const struct hpo_trial *ranked[CURVES_TRIALS];
    core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
    curves_init(&c, HPO_MINIMIZE);
    for (size_t i = 0; i < 100; i++) {
      double values[4];
      for (size_t k = 0; k < 4; k++) values[k] = core_rng_normal(&rng);
      const size_t n = 1 + core_rng_below(&rng, 4);
      add(1, n == 4 ? HPO_COMPLETE : HPO_PRUNED, values, n);
    }
    assert_int_equal(rank_trials(ranked), 100);
    bool met[100] = {false};
    double last[5] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < 100; i++) {
      const size_t n = ranked[i]->n_reports;
      assert_false(met[ranked[i]->number]);
      met[ranked[i]->number] = true;
      assert_true(ranked[i]->reports[n - 1].value >= last[n]);
      last[n] = ranked[i]->reports[n - 1].value;
    }
  }
}

static void no_memory_is_said(void **state) {
  (void)state;
  const struct hpo_trial *ranked[CURVES_TRIALS];
  curves_init(&c, HPO_MINIMIZE);
  ADD(1, HPO_PRUNED, 1);
  core_mem_fail_at(1);
  const size_t n = rank_trials(ranked);
  core_mem_fail_at(0);
  assert_true(n == SIZE_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_pruned_trials_the_objective_decides),
      cmocka_unit_test(values_are_compared_at_equal_steps),
      cmocka_unit_test(silent_and_diverged_trials_come_last),
      cmocka_unit_test(random_histories_are_ordered_consistently),
      cmocka_unit_test(no_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
