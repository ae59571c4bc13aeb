/* SPDX-License-Identifier: GPL-3.0-or-later
 * Kolmogorov and Smirnov's distribution against Marsaglia, Tsang & Wang's matrix power in 60 digits. */
#include "tests/support/support.h"

#include "core/compiler.h"
#include "core/kolmogorov.h"
#include "core/stats.h"
#include <math.h>

static void near_relative(double seen, double wanted, double tolerance) {
  if (!(fabs(seen - wanted) <= tolerance * fabs(wanted)))
    fail_msg("%.17g, wanted %.17g", seen, wanted);
}

static void probabilities_are_exact(void **state) {
  (void)state;
  static const struct {
    size_t n;
    double d, p;
  } cases[] = {
      {10, 0.3, 0.2705355748},
      {10, 0.08, 0.99999780580340531},
      {20, 0.29408, 0.049994160272040439},
      {50, 0.1, 0.66231127046581854},
      {50, 0.19, 0.04698932820206256},
      {50, 0.3, 0.00017353260202718055},
      {100, 0.05, 0.9532159710635725},
      {100, 0.15, 0.01983924212564604},
      {140, 0.16, 0.0013440163244218628},
      {140, 0.2, 2.1981563302200242e-5},
      {300, 0.06, 0.22127579339376713},
      {5, 0.6, 0.03008},
      {5, 0.45, 0.19399375},
      {1, 0.75, 0.5},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++)
    near_relative(core_kolmogorov_sf(cases[i].n, cases[i].d), cases[i].p, 1e-10);
}

/* Where one way of computing takes over from another, the two agree. */
static void ways_agree_where_they_meet(void **state) {
  (void)state;
  for (double x = 0.4; x < 1.45; x += 0.05) {
    const double a = core_kolmogorov_sf(2000, x / sqrt(2000.0));
    const double b = core_kolmogorov_sf(2001, x / sqrt(2001.0));
    if (fabs(a - b) > 2e-5) fail_msg("x = %g: %.10g and %.10g", x, a, b);
  }
  for (size_t n = 2; n < 200; n++) {
    double before = 1;
    for (double d = 0.01; d < 1; d += 0.01) {
      const double p = core_kolmogorov_sf(n, d);
      if (!(p <= before + 1e-9)) fail_msg("n = %zu, d = %g: %g after %g", n, d, p, before);
      before = p;
    }
  }
}

static void ends_are_sane(void **state) {
  (void)state;
  assert_true(isnan(core_kolmogorov_sf(0, 0.5)));
  assert_true(isnan(core_kolmogorov_sf(10, NAN)));
  assert_true(core_kolmogorov_sf(10, -1) == 1);
  assert_true(core_kolmogorov_sf(10, 0) == 1);
  assert_true(core_kolmogorov_sf(10, 1) == 0);
  assert_true(core_kolmogorov_sf(10, 2) == 0);
  assert_true(core_kolmogorov_sf(1000000, 0.9) == 0);
  near_relative(core_smirnov_sf(1, 0.25), 0.75, 1e-14);
  near_relative(core_smirnov_sf(2, 0.5), 0.25, 1e-12);
}

static void distributions_have_their_support(void **state) {
  (void)state;
  assert_true(core_beta_cdf(-1, 2, 3) == 0 && core_beta_cdf(2, 2, 3) == 1);
  near_relative(core_beta_cdf(0.5, 2, 2), 0.5, 1e-14);
  near_relative(core_gamma_cdf(1, 1), 1 - exp(-1), 1e-14);
  near_relative(core_chi2_cdf(2, 2), 1 - exp(-1), 1e-14);
  near_relative(core_chi2_sf(240, 2), exp(-120), 1e-12);
  assert_true(core_chi2_sf(INFINITY, 3) == 0 && core_chi2_sf(0, 3) == 1);
  assert_true(isnan(core_chi2_sf(NAN, 3)) && core_gamma_cdf(INFINITY, 2) == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(probabilities_are_exact),
      cmocka_unit_test(ways_agree_where_they_meet),
      cmocka_unit_test(ends_are_sane),
      cmocka_unit_test(distributions_have_their_support),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
