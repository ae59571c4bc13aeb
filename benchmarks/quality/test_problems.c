/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "benchmarks/quality/problems_private.h"
#include "core/rng.h"
#include "tests/support/support.h"

enum { N_SEEDS = 5 };

static struct bench_instance *open_instance(size_t problem, uint64_t seed) {
  struct bench_instance *instance = bench_instance_open(problem, seed, NULL);
  assert_non_null(instance);
  return instance;
}

static double truth_at(const struct bench_instance *instance, const double *x) {
  double observed, truth;
  bench_instance_evaluate(instance, 0, x, &observed, &truth);
  return truth;
}

static void random_point(const struct bench_instance *instance, struct core_rng *rng, double *x) {
  double unit[BENCH_MAX_DIM];
  for (size_t i = 0; i < instance->space.n_params; i++) unit[i] = core_rng_unit(rng);
  hpo_space_to_internal(&instance->space, unit, x);
}

static void functions_are_least_where_they_are_placed(void **state) {
  (void)state;
  for (size_t p = 0; p < bench_problem_count(); p++) {
    const struct bench_function *function = bench_problems[p].function;
    for (uint64_t seed = 0; function && seed < N_SEEDS; seed++) {
      struct bench_instance *instance = open_instance(p, seed);
      assert_true(fabs(truth_at(instance, instance->place) - function->least) < 1e-6);
      for (size_t i = 0; i < instance->space.n_params; i++) {
        assert_true(instance->place[i] >= instance->space.params[i].low);
        assert_true(instance->place[i] <= instance->space.params[i].high);
      }
      bench_instance_close(instance);
    }
  }
}

/* Schwefel's function falls below its least outside of the box that an instance moves. */
static void nothing_is_below_the_least(void **state) {
  (void)state;
  for (size_t p = 0; p < bench_problem_count(); p++) {
    for (uint64_t seed = 0; !bench_problems[p].table && seed < N_SEEDS; seed++) {
      struct bench_instance *instance = open_instance(p, seed);
      struct core_rng rng;
      double x[BENCH_MAX_DIM];
      core_rng_init(&rng, seed, p, CORE_RNG_TEST);
      for (int n = 0; n < 20000; n++) {
        random_point(instance, &rng, x);
        assert_true(truth_at(instance, x) >= bench_instance_optimum(instance) - 1e-12);
      }
      bench_instance_close(instance);
    }
  }
}

static void a_seed_is_an_instance(void **state) {
  (void)state;
  for (size_t p = 0; p < bench_problem_count(); p++) {
    if (bench_problems[p].table) continue;
    struct bench_instance *a = open_instance(p, 3), *b = open_instance(p, 3);
    struct bench_instance *other = open_instance(p, 4);
    struct core_rng rng;
    double x[BENCH_MAX_DIM];
    bool differs = false;
    core_rng_init(&rng, 1, p, CORE_RNG_TEST);
    for (int n = 0; n < 50; n++) {
      random_point(a, &rng, x);
      assert_true(truth_at(a, x) == truth_at(b, x));
      differs = differs || truth_at(a, x) != truth_at(other, x);
    }
    assert_true(differs);
    bench_instance_close(a);
    bench_instance_close(b);
    bench_instance_close(other);
  }
}

static void noise_hangs_on_the_trial_alone(void **state) {
  (void)state;
  for (size_t p = 0; p < bench_problem_count(); p++) {
    if (bench_problems[p].noise_sd <= 0) continue;
    struct bench_instance *instance = open_instance(p, 1);
    struct core_rng rng;
    double x[BENCH_MAX_DIM], sum = 0, squares = 0, observed, again, truth;
    core_rng_init(&rng, 1, p, CORE_RNG_TEST);
    random_point(instance, &rng, x);
    for (uint64_t number = 0; number < 2000; number++) {
      bench_instance_evaluate(instance, number, x, &observed, &truth);
      bench_instance_evaluate(instance, number, x, &again, &truth);
      assert_true(observed == again);
      sum += observed - truth;
      squares += (observed - truth) * (observed - truth);
    }
    const double sd = bench_problems[p].noise_sd;
    assert_true(fabs(sum / 2000) < 0.1 * sd);
    assert_true(fabs(sqrt(squares / 2000) - sd) < 0.1 * sd);
    bench_instance_close(instance);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(functions_are_least_where_they_are_placed),
      cmocka_unit_test(nothing_is_below_the_least),
      cmocka_unit_test(a_seed_is_an_instance),
      cmocka_unit_test(noise_hangs_on_the_trial_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
