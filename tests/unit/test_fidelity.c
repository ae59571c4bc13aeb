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

static struct hpo_estimate whole_estimate_of(size_t number) {
  struct hpo_estimate estimates[CURVES_TRIALS];
  size_t n = 0;
  for (size_t i = 0; i < c.history.n_finished; i++)
    if (c.history.finished[i]->state != HPO_FAIL)
      estimates[n++] = (struct hpo_estimate){.trial = c.history.finished[i], .index = i};
  hpo_fidelity_estimate(estimates, n, c.direction);
  for (size_t i = 0; i < n; i++) {
    assert_ptr_equal(estimates[i].trial, c.history.finished[estimates[i].index]);
    if (estimates[i].trial->number == number) return estimates[i];
  }
  return (struct hpo_estimate){.loss = NAN};
}

static double estimate_of(size_t number) {
  return whole_estimate_of(number).loss;
}

static void a_stopped_trial_changes_as_those_that_went_on(void **state) {
  (void)state;
  for (int sign = 1; sign >= -1; sign -= 2) {
    curves_init(&c, sign > 0 ? HPO_MINIMIZE : HPO_MAXIMIZE);
    ADD(sign, HPO_COMPLETE, 10, 8, 6);
    ADD(sign, HPO_COMPLETE, 12, 9, 8);
    ADD(sign, HPO_COMPLETE, 9, 8, 5);
    ADD(sign, HPO_COMPLETE, 14, 14, 14);
    ADD(sign, HPO_PRUNED, 11);
    assert_true(estimate_of(0) == 6 && estimate_of(3) == 14); /* complete: the objective */
    /* By the nearest three -4, by all four -3. */
    assert_true(fabs(estimate_of(4) - (11 - 3.5)) < 1e-12);
    ADD(sign, HPO_PRUNED, 13, 11);
    /* At 2, by the nearest (9, 14, 8: -1, 0, -2 and 8: -3; of equals the first) and by all. */
    assert_true(fabs(estimate_of(5) - (11 - 0.5 * 1 - 0.5 * 1.5)) < 1e-12);
    /* And is asked itself by the one that stopped before: 9.75 - 13 = -3.25 is no nearest one. */
    assert_true(fabs(estimate_of(4) - (11 - 0.5 * 4 - 0.5 * (12 + 3.25) / 5)) < 1e-12);
  }
}

static void a_spread_is_how_far_estimates_were_off(void **state) {
  (void)state;
  curves_init(&c, HPO_MINIMIZE);
  ADD(1, HPO_COMPLETE, 10, 8);
  ADD(1, HPO_COMPLETE, 20, 14);
  ADD(1, HPO_PRUNED, 15);
  assert_true(whole_estimate_of(0).spread == 0);
  /* -2 by -6 and -6 by -2: off by 4 each; and two as far off as all of the change, 4 + 36 over 2. */
  assert_true(fabs(whole_estimate_of(2).spread - sqrt((16 + 16 + 40) / 4.0)) < 1e-12);
  curves_init(&c, HPO_MINIMIZE);
  for (int k = 0; k < 30; k++) ADD(1, HPO_COMPLETE, 10.0 + k, 5.0 + k);
  ADD(1, HPO_PRUNED, 15);
  /* All change alike: what is left is the prior's, two parts in thirty-two. */
  assert_true(fabs(whole_estimate_of(30).spread - sqrt(2 * 25 / 32.0)) < 1e-12);
}

static void a_slow_start_is_told_from_a_plateau(void **state) {
  (void)state;
  curves_init(&c, HPO_MINIMIZE);
  for (int i = 0; i < 4; i++) {
    const double d = 0.1 * i;
    ADD(1, HPO_COMPLETE, 12 + d, 8 + d, 2 + d);
    ADD(1, HPO_COMPLETE, 8.5 + d, 8 - d, 7.5 - d);
  }
  ADD(1, HPO_PRUNED, 8.6, 7.9);
  ADD(1, HPO_PRUNED, 12.1, 8.1);
  const struct hpo_trial *ranked[CURVES_TRIALS];
  assert_int_equal(rank_trials(ranked), 10);
  size_t slow = 0, fast = 0;
  for (size_t i = 0; i < 10; i++) {
    if (ranked[i]->number == 9) slow = i;
    if (ranked[i]->number == 8) fast = i;
  }
  assert_true(slow < fast);
}

static void a_trial_that_only_had_no_competitors_gains_nothing(void **state) {
  (void)state;
  curves_init(&c, HPO_MINIMIZE);
  ADD(1, HPO_COMPLETE, 90, 80, 70);
  ADD(1, HPO_COMPLETE, 30, 20, 11);
  ADD(1, HPO_COMPLETE, 40, 15, 10);
  ADD(1, HPO_PRUNED, 50);
  ADD(1, HPO_PRUNED, 45, 25);
  assert_order((const int[]){2, 1, 4, 3, 0}, 5);
}

static void a_trial_that_diverged_moves_the_others_little(void **state) {
  (void)state;
  double before = 0;
  for (int i = 0; i < 2; i++) {
    curves_init(&c, HPO_MINIMIZE);
    for (int k = 0; k < 6; k++) ADD(1, HPO_COMPLETE, 10.0 + k, 8.0 + k, 6.0 + k);
    ADD(1, HPO_PRUNED, 11);
    ADD(1, HPO_COMPLETE, 12, 12, i ? 1e300 : 13);
    if (i) ADD(1, HPO_COMPLETE, 12, 1e308, INFINITY);
    if (i == 0) before = estimate_of(6);
  }
  assert_true(fabs(estimate_of(6) - before) < 3);
}

static void estimates_are_finite_whatever_was_reported(void **state) {
  (void)state;
  static const double junk[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308, 0, 1, -1, 1e-320};
  for (uint64_t seed = 0; seed < 200; seed++) {
    struct core_rng rng;
    core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
    curves_init(&c, seed % 2 ? HPO_MINIMIZE : HPO_MAXIMIZE);
    for (size_t i = 0; i < 100; i++) {
      struct hpo_trial *trial = curves_trial(&c);
      int64_t step = (int64_t)core_rng_below(&rng, 5) - 3;
      for (size_t k = core_rng_below(&rng, 6); k > 0; k--) {
        step += 1 + (int64_t)core_rng_below(&rng, 3);
        curves_report(&c, trial, step, junk[core_rng_below(&rng, CORE_COUNT_OF(junk))]);
      }
      const uint64_t end = core_rng_below(&rng, 4);
      if (end == 0) curves_value(&c, trial, junk[1 + core_rng_below(&rng, 7)]);
      curves_finish(&c, trial, end == 0 ? HPO_COMPLETE : end == 1 ? HPO_FAIL : HPO_PRUNED);
    }
    for (size_t i = 0; i < 100; i++) {
      const struct hpo_trial *trial = &c.trials[i];
      const bool silent =
          trial->n_reports == 0 || isnan(trial->reports[trial->n_reports - 1].value);
      if (trial->state == HPO_PRUNED)
        assert_true(silent ? isnan(estimate_of(i)) : isfinite(estimate_of(i)));
    }
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

/* Every trial once, complete ones by their objective. */
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
    double last = -INFINITY;
    for (size_t i = 0; i < 100; i++) {
      assert_false(met[ranked[i]->number]);
      met[ranked[i]->number] = true;
      if (ranked[i]->state != HPO_COMPLETE) continue;
      assert_true(ranked[i]->values[0] >= last);
      last = ranked[i]->values[0];
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
      cmocka_unit_test(a_spread_is_how_far_estimates_were_off),
      cmocka_unit_test(without_pruned_trials_the_objective_decides),
      cmocka_unit_test(a_stopped_trial_changes_as_those_that_went_on),
      cmocka_unit_test(a_slow_start_is_told_from_a_plateau),
      cmocka_unit_test(a_trial_that_only_had_no_competitors_gains_nothing),
      cmocka_unit_test(a_trial_that_diverged_moves_the_others_little),
      cmocka_unit_test(estimates_are_finite_whatever_was_reported),
      cmocka_unit_test(silent_and_diverged_trials_come_last),
      cmocka_unit_test(random_histories_are_ordered_consistently),
      cmocka_unit_test(no_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
