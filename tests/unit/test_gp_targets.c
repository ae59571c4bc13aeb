/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/targets.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/rng.h"
#include "tests/support/support.h"

enum { N = 60, D = 2 };

struct fitted {
  struct hpo_gp *gp;
  struct hpo_gp_transform *transform;
  double theta[D + 2];
};

static struct fitted fit(const double *x, const double *losses, size_t n) {
  const struct hpo_gp_shape shape = {.d = D, .prior = hpo_gp_prior_default(D)};
  struct fitted f;
  assert_int_equal(hpo_gp_open(&shape, &f.gp, NULL), CORE_OK);
  assert_int_equal(hpo_gp_transform_open(&f.transform, NULL), CORE_OK);
  assert_int_equal(hpo_gp_fit_targets(f.gp, f.transform, x, losses, NULL, n, f.theta, 40, NULL),
                   CORE_OK);
  for (size_t j = 0; j < D + 2; j++) assert_true(isfinite(f.theta[j]));
  return f;
}

static void release(struct fitted *f) {
  hpo_gp_close(f->gp);
  hpo_gp_transform_close(f->transform);
}

/* A smooth function of uniform points. */
static void smooth(double *x, double *losses, size_t n, uint64_t seed) {
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < D; j++) x[i * D + j] = core_rng_unit(&rng);
    losses[i] = sin(4 * x[i * D]) + cos(3 * x[i * D + 1] + 1);
  }
}

static void a_function_is_straightened_only_when_it_is_bent(void **state) {
  (void)state;
  double x[N * D], losses[N];
  for (uint64_t seed = 0; seed < 5; seed++) {
    smooth(x, losses, N, seed);
    struct fitted f = fit(x, losses, N);
    assert_true(hpo_gp_transform_power(f.transform) >= 0.5);
    release(&f);
    for (size_t i = 0; i < N; i++) losses[i] = exp(5 * losses[i]);
    f = fit(x, losses, N);
    assert_true(hpo_gp_transform_power(f.transform) <= 0);
    release(&f);
  }
}

static void the_fit_is_a_function_of_the_data(void **state) {
  (void)state;
  enum { MANY = 400 };
  static double x[MANY * D], losses[MANY];
  smooth(x, losses, MANY, 7);
  struct fitted a = fit(x, losses, MANY), b = fit(x, losses, 5);
  assert_int_equal(hpo_gp_fit_targets(b.gp, b.transform, x, losses, NULL, MANY, b.theta, 40, NULL),
                   CORE_OK);
  assert_memory_equal(a.theta, b.theta, sizeof a.theta);
  for (size_t i = 0; i < MANY; i++)
    assert_true(hpo_gp_transform_apply(a.transform, losses[i]) ==
                hpo_gp_transform_apply(b.transform, losses[i]));
  release(&a);
  release(&b);
}

static void degenerate_losses_do_no_harm(void **state) {
  (void)state;
  double x[N * D], losses[N];
  smooth(x, losses, N, 8);
  struct fitted f = fit(x, losses, 0);
  release(&f);
  f = fit(x, losses, 1);
  release(&f);
  losses[5] = 1e300;
  losses[9] = -1.7e308;
  f = fit(x, losses, N);
  release(&f);
  for (size_t i = 0; i < N; i++) losses[i] = 3;
  f = fit(x, losses, N);
  assert_true(hpo_gp_transform_apply(f.transform, 3) == 0);
  release(&f);
  for (size_t i = 0; i < N * D; i++) x[i] = 0.5;
  f = fit(x, losses, N);
  release(&f);
  for (size_t i = 0; i < N; i++) losses[i] = (double)(i % 4);
  f = fit(x, losses, N);
  release(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_function_is_straightened_only_when_it_is_bent),
      cmocka_unit_test(the_fit_is_a_function_of_the_data),
      cmocka_unit_test(degenerate_losses_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
