/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/transform.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/rng.h"
#include "tests/support/support.h"

enum { N = 200 };

static struct hpo_gp_transform *fitted(const double *y, size_t n) {
  struct hpo_gp_transform *t;
  assert_int_equal(hpo_gp_transform_open(&t, NULL), CORE_OK);
  assert_int_equal(hpo_gp_transform_fit(t, y, n, NULL), CORE_OK);
  return t;
}

static void normals(double *y, size_t n, uint64_t seed) {
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < n; i++) y[i] = core_rng_normal(&rng);
}

/* Order kept for all pairs, targets finite, mean 0, variance 1 (or 0). */
static void check(const double *y, size_t n) {
  struct hpo_gp_transform *t = fitted(y, n);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    const double z = hpo_gp_transform_apply(t, y[i]);
    assert_true(isfinite(z));
    sum += z;
    squares += z * z;
    for (size_t j = 0; j < n; j++) {
      const double other = hpo_gp_transform_apply(t, y[j]);
      assert_true(y[i] < y[j] ? z <= other : y[i] > y[j] ? z >= other : z == other);
    }
  }
  const double count = (double)n;
  assert_true(fabs(sum) < 1e-9 * count);
  assert_true(fabs(squares / count - 1) < 1e-9 || squares == 0);
  hpo_gp_transform_close(t);
}

static void normal_losses_are_standardised_alone(void **state) {
  (void)state;
  double y[N];
  for (uint64_t seed = 0; seed < 10; seed++) {
    normals(y, N, seed);
    for (size_t i = 0; i < N; i++) y[i] = 1e6 + 300 * y[i];
    struct hpo_gp_transform *t = fitted(y, N);
    assert_true(hpo_gp_transform_power(t) >= 0.5);
    hpo_gp_transform_close(t);
    check(y, N);
  }
}

static void orders_of_magnitude_become_steps(void **state) {
  (void)state;
  double y[N];
  normals(y, N, 1);
  for (size_t i = 0; i < N; i++) y[i] = exp(4 * y[i]);
  check(y, N);
  struct hpo_gp_transform *t = fitted(y, N);
  assert_true(hpo_gp_transform_power(t) <= 0.25);
  /* ten times is about as far between 10 and 100 as between 100 and 1000 */
  const double low = hpo_gp_transform_apply(t, 100) - hpo_gp_transform_apply(t, 10);
  const double high = hpo_gp_transform_apply(t, 1000) - hpo_gp_transform_apply(t, 100);
  assert_true(low > 0.3 && high / low > 0.5 && high / low < 2);
  hpo_gp_transform_close(t);
}

static void the_origin_does_not_matter(void **state) {
  (void)state;
  double y[N], moved[N];
  normals(y, N, 2);
  for (size_t i = 0; i < N; i++) {
    y[i] = ldexp(rint(ldexp(exp(3 * y[i]), 20)), -20); /* so that moving and scaling are exact */
    moved[i] = 8 * (y[i] - 1024);
  }
  struct hpo_gp_transform *a = fitted(y, N), *b = fitted(moved, N);
  for (size_t i = 0; i < N; i++)
    assert_true(fabs(hpo_gp_transform_apply(a, y[i]) - hpo_gp_transform_apply(b, moved[i])) < 1e-9);
  hpo_gp_transform_close(a);
  hpo_gp_transform_close(b);
}

/* One huge loss leaves the others room. */
static void outliers_do_not_squash_the_rest(void **state) {
  (void)state;
  const double huge[] = {1e6, 1e30, 1e300, 1.7e308};
  for (size_t k = 0; k < CORE_COUNT_OF(huge); k++) {
    double y[30];
    normals(y, 30, 3);
    for (size_t many = 1; many < 4; many++) {
      y[5 * many] = huge[k];
      check(y, 30);
      struct hpo_gp_transform *t = fitted(y, 30);
      const double spread = hpo_gp_transform_apply(t, 1) - hpo_gp_transform_apply(t, -1);
      assert_true(spread > 0.3);
      hpo_gp_transform_close(t);
    }
  }
}

static void degenerate_losses_do_no_harm(void **state) {
  (void)state;
  double y[N] = {0};
  struct hpo_gp_transform *t = fitted(NULL, 0);
  assert_true(hpo_gp_transform_apply(t, 3) == 3);
  hpo_gp_transform_close(t);
  check(y, 1);
  check(y, N); /* all the same */
  for (size_t i = 0; i < N; i++) y[i] = 1e300;
  check(y, N);
  y[3] = nextafter(1e300, 0);
  check(y, N);
  const double two[] = {-1.7e308, 1.7e308};
  check(two, 2);
  for (size_t i = 0; i < N; i++) y[i] = two[i % 2];
  check(y, N);
  for (size_t i = 0; i < N; i++) y[i] = i % 3 == 0 ? 0.09 : 0.09 + 0.01 * (double)(i % 7);
  check(y, N); /* many ties, at the best too */
  for (size_t i = 0; i < N; i++) y[i] = i < N / 2 ? 0 : ldexp(1, (int)i * 10 - 1100);
  check(y, N);
  for (size_t i = 0; i < N; i++) y[i] = i % 2 ? 5e-324 : 0;
  check(y, N);
}

/* A loss better than all that was learnt from gets a better target. */
static void better_losses_stay_better(void **state) {
  (void)state;
  double y[N];
  normals(y, N, 4);
  for (size_t i = 0; i < N; i++) y[i] = exp(3 * y[i]);
  struct hpo_gp_transform *t = fitted(y, N);
  double last = hpo_gp_transform_apply(t, 1e-3);
  for (double loss = -1e-3; loss > -1e300; loss *= 10) {
    const double z = hpo_gp_transform_apply(t, loss);
    assert_true(isfinite(z) && z <= last);
    last = z;
  }
  hpo_gp_transform_close(t);
}

/* The slope is that of differences, up to a constant. */
static void the_slope_is_that_of_differences(void **state) {
  (void)state;
  double y[40];
  normals(y, 40, 5);
  for (size_t i = 0; i < 40; i++) y[i] = exp(2 * y[i]);
  const double powers[] = {1, 0.5, 0, -1};
  double first = NAN;
  for (size_t k = 0; k < CORE_COUNT_OF(powers); k++) {
    struct hpo_gp_transform *t;
    assert_int_equal(hpo_gp_transform_open(&t, NULL), CORE_OK);
    assert_int_equal(hpo_gp_transform_fit_as(t, y, 40, powers[k], 0.3, NULL), CORE_OK);
    for (size_t i = 0; i < 40; i++) {
      const double at = 1.01 * y[i], step = 1e-6 * at;
      const double slope =
          (hpo_gp_transform_apply(t, at + step) - hpo_gp_transform_apply(t, at - step)) /
          (2 * step);
      const double difference = log(slope) - hpo_gp_transform_log_slope(t, at);
      if (k == 0 && i == 0) first = difference;
      assert_true(fabs(difference - first) < 1e-4);
    }
    hpo_gp_transform_close(t);
  }
}

static void learning_anew_keeps_power_and_share(void **state) {
  (void)state;
  double y[N];
  normals(y, N, 6);
  for (size_t i = 0; i < N; i++) y[i] = exp(3 * y[i]);
  struct hpo_gp_transform *t = fitted(y, N), *again = fitted(y, N);
  assert_int_equal(hpo_gp_transform_refit(again, y, N, NULL), CORE_OK);
  for (size_t i = 0; i < N; i++)
    assert_true(hpo_gp_transform_apply(t, y[i]) == hpo_gp_transform_apply(again, y[i]));
  assert_int_equal(hpo_gp_transform_refit(again, y, N / 2, NULL), CORE_OK);
  assert_true(hpo_gp_transform_power(t) == hpo_gp_transform_power(again));
  assert_true(hpo_gp_transform_softness(t) != hpo_gp_transform_softness(again));
  hpo_gp_transform_close(t);
  hpo_gp_transform_close(again);
}

static void a_variance_follows_the_slope(void **state) {
  (void)state;
  double y[N];
  normals(y, N, 4);
  for (size_t i = 0; i < N; i++) y[i] = exp(2 * y[i]);
  struct hpo_gp_transform *t = fitted(y, N);
  for (size_t i = 0; i < 20; i++) {
    const double spread = 1e-4 * y[i];
    const double slope =
        (hpo_gp_transform_apply(t, y[i] + 1e-6 * y[i]) - hpo_gp_transform_apply(t, y[i])) /
        (1e-6 * y[i]);
    const double wanted = slope * slope * spread * spread;
    assert_true(fabs(hpo_gp_transform_variance(t, y[i], spread) - wanted) < 1e-3 * wanted);
    assert_true(hpo_gp_transform_variance(t, y[i], 0) == 0);
    assert_true(hpo_gp_transform_variance(t, y[i], 1e300) <= 1e4);
  }
  hpo_gp_transform_close(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_variance_follows_the_slope),
      cmocka_unit_test(normal_losses_are_standardised_alone),
      cmocka_unit_test(orders_of_magnitude_become_steps),
      cmocka_unit_test(the_origin_does_not_matter),
      cmocka_unit_test(outliers_do_not_squash_the_rest),
      cmocka_unit_test(degenerate_losses_do_no_harm),
      cmocka_unit_test(better_losses_stay_better),
      cmocka_unit_test(the_slope_is_that_of_differences),
      cmocka_unit_test(learning_anew_keeps_power_and_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
