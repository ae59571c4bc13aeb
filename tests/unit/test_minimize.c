/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/minimize.h"

#include <math.h>
#include <string.h>

#include "tests/support/support.h"

enum { N = 4 };
static const double low[N] = {-5, -5, -5, -5}, high[N] = {10, 10, 10, 10};

static double rosenbrock(void *context, const double *x, double *gradient) {
  unsigned *calls = context;
  if (calls != NULL) ++*calls;
  double sum = 0;
  if (gradient != NULL) memset(gradient, 0, N * sizeof *gradient);
  for (size_t i = 0; i + 1 < N; i++) {
    const double bend = x[i + 1] - x[i] * x[i], rest = 1 - x[i];
    sum += 100 * bend * bend + rest * rest;
    if (gradient == NULL) continue;
    gradient[i] -= 400 * bend * x[i] + 2 * rest;
    gradient[i + 1] += 200 * bend;
  }
  return sum;
}

/* Rosenbrock's valley with a hole in it: no value where x[0] lies in (0, 0.3). */
static double with_a_hole(void *context, const double *x, double *gradient) {
  const double value = rosenbrock(context, x, gradient);
  return x[0] > 0 && x[0] < 0.3 ? NAN : value;
}

static double never_finite(void *context, const double *x, double *gradient) {
  (void)context;
  (void)x;
  for (size_t i = 0; gradient != NULL && i < N; i++) gradient[i] = NAN;
  return INFINITY;
}

static double linear(void *context, const double *x, double *gradient) {
  (void)context;
  double sum = 0;
  for (size_t i = 0; i < N; i++) {
    sum += (double)(i + 1) * x[i];
    if (gradient != NULL) gradient[i] = (double)(i + 1);
  }
  return sum;
}

static const struct core_minimize_limits limits = {.max_evals = 500};

static struct core_minimize_result lbfgs(core_minimize_fn *function, void *context, double *x) {
  const struct core_minimize_problem problem = {N, low, high, function, context};
  struct core_minimize_result result;
  assert_int_equal(core_minimize_lbfgs(&problem, &limits, x, &result, NULL), CORE_OK);
  return result;
}

static void the_minimum_inside_is_found(void **state) {
  (void)state;
  double x[N] = {-1.2, 1, -0.5, 3};
  unsigned calls = 0;
  const struct core_minimize_result result = lbfgs(rosenbrock, &calls, x);
  assert_true(result.value < 1e-12 && result.evals == calls && calls < 200);
  for (size_t i = 0; i < N; i++) assert_true(fabs(x[i] - 1) < 1e-5);
}

static void the_minimum_at_a_corner_is_found(void **state) {
  (void)state;
  double x[N] = {0, 3, -20, 50}; /* two of them out of bounds */
  const struct core_minimize_result result = lbfgs(linear, NULL, x);
  assert_memory_equal(x, low, sizeof x);
  assert_true(result.value == -50);
}

static void equal_bounds_hold_a_coordinate(void **state) {
  (void)state;
  double below[N], above[N], x[N] = {0};
  memcpy(below, low, sizeof below);
  memcpy(above, high, sizeof above);
  below[2] = above[2] = 0.25;
  const struct core_minimize_problem problem = {N, below, above, rosenbrock, NULL};
  struct core_minimize_result result;
  assert_int_equal(core_minimize_lbfgs(&problem, &limits, x, &result, NULL), CORE_OK);
  assert_true(x[2] == 0.25 && fabs(x[3] - 0.0625) < 1e-6);
  const struct core_minimize_problem point = {N, low, low, rosenbrock, NULL};
  assert_int_equal(core_minimize_lbfgs(&point, &limits, x, &result, NULL), CORE_OK);
  assert_memory_equal(x, low, sizeof x);
  assert_true(result.evals == 1);
}

static void values_that_are_not_finite_end_nothing(void **state) {
  (void)state;
  double x[N] = {-1.2, 1, 1, 1};
  const double start = rosenbrock(NULL, x, NULL);
  struct core_minimize_result result = lbfgs(with_a_hole, NULL, x);
  assert_true(isfinite(result.value) && result.value < start);
  assert_true(result.value == rosenbrock(NULL, x, NULL));
  double y[N] = {1, 2, 3, 4};
  const double before[N] = {1, 2, 3, 4};
  result = lbfgs(never_finite, NULL, y);
  assert_true(isinf(result.value));
  assert_memory_equal(y, before, sizeof y);
  double z[N] = {NAN, 1, INFINITY, 1};
  result = lbfgs(rosenbrock, NULL, z);
  assert_true(result.value < 1e-10);
}

static void evaluations_are_bounded_and_the_best_one_is_kept(void **state) {
  (void)state;
  const struct core_minimize_problem problem = {N, low, high, rosenbrock, NULL};
  double last = INFINITY;
  for (unsigned most = 1; most < 40; most += 3) {
    double x[N] = {-1.2, 1, -0.5, 3};
    struct core_minimize_result result;
    const struct core_minimize_limits few = {.max_evals = most};
    assert_int_equal(core_minimize_lbfgs(&problem, &few, x, &result, NULL), CORE_OK);
    assert_true(result.evals <= most && result.value <= last);
    assert_true(result.value == rosenbrock(NULL, x, NULL));
    last = result.value;
  }
}

static void same_start_same_bits(void **state) {
  (void)state;
  double a[N] = {-1.2, 1, -0.5, 3}, b[N] = {-1.2, 1, -0.5, 3};
  lbfgs(rosenbrock, NULL, a);
  lbfgs(rosenbrock, NULL, b);
  assert_memory_equal(a, b, sizeof a);
}

static void no_gradient_is_needed(void **state) {
  (void)state;
  const struct core_minimize_problem problem = {N, low, high, rosenbrock, NULL};
  const struct core_minimize_limits many = {.max_evals = 3000, .x_tolerance = 1e-9};
  double x[N] = {0.3, 1, -0.5, 3};
  struct core_minimize_result result;
  assert_int_equal(core_minimize_derivative_free(&problem, &many, x, &result, NULL), CORE_OK);
  assert_true(result.value < 1e-8);
  const double below[N] = {-5, 1, 1, 1}, above[N] = {10, 1, 1, 1}; /* one free coordinate */
  const struct core_minimize_problem line = {N, below, above, rosenbrock, NULL};
  x[0] = 7;
  assert_int_equal(core_minimize_derivative_free(&line, &many, x, &result, NULL), CORE_OK);
  assert_true(fabs(x[0] - 1) < 1e-5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_minimum_inside_is_found),
      cmocka_unit_test(the_minimum_at_a_corner_is_found),
      cmocka_unit_test(equal_bounds_hold_a_coordinate),
      cmocka_unit_test(values_that_are_not_finite_end_nothing),
      cmocka_unit_test(evaluations_are_bounded_and_the_best_one_is_kept),
      cmocka_unit_test(same_start_same_bits),
      cmocka_unit_test(no_gradient_is_needed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
