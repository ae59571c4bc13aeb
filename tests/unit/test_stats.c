/* SPDX-License-Identifier: GPL-3.0-or-later
 * The constants were computed with mpmath at 60 to 500 digits from the definitions. */
#include "core/stats.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "core/compiler.h"
#include "tests/support/support.h"

static void assert_relative(double got, double wanted, double relative) {
  if (fabs(got - wanted) <= relative * fabs(wanted)) return;
  fail_msg("%.17g is not %.17g: relative error %.3g", got, wanted, fabs(got / wanted - 1));
}

static void log_cdf_is_accurate_in_both_tails(void **state) {
  (void)state;
  static const double cases[][2] = {
      {-40, -804.60844201375378817},     {-38.5, -745.69527029041108133},
      {-20.25, -208.96076728764923992},  {-10, -53.231285150512470578},
      {-9.99, -53.130353745606015337},   {-5, -15.064998393988725736},
      {-1, -1.8410216450092635058},      {-0.1, -0.77615459273027332557},
      {0, -0.69314718055994530942},      {0.3, -0.48141016158848120517},
      {2, -0.023012909328963488465},     {6, -9.8658764552437573169e-10},
      {9, -1.1285884059538406478e-19},   {20, -2.7536241186062336951e-89},
      {37, -5.7255712225245768227e-300},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    assert_relative(core_normal_log_cdf(cases[i][0]), cases[i][1], 1e-13);
  }
  assert_true(core_normal_log_cdf(-INFINITY) == -INFINITY);
  assert_true(core_normal_log_cdf(INFINITY) == 0);
  assert_true(isnan(core_normal_log_cdf(NAN)));
}

static void log_interval_is_accurate_wide_narrow_and_far_out(void **state) {
  (void)state;
  static const double cases[][3] = {
      {-40.0, -39.0, -765.08315656437754441},
      {-40.0, -39.999, -807.80662731474688681},
      {39.5, 39.50000001, -799.46461939191668049},
      {-0.5, 0.5, -0.95991633369562231933},
      {-1e-09, 1e-09, -20.949057189591138526},
      {-8.0, 9.0, -6.2220891626777398999e-16},
      {5.0, 5.5, -15.133540811271287591},
      {-3.0, 40.0, -0.0013508099647481937988},
      {20.0, 21.0, -203.91715537228815924},
      {-30.0, -10.0, -53.231285150512470578},
      {10.0, 10.00000000000091, -78.644825755607032592},
      {-1.0, 3.0, -0.17435952045297590843},
      {0.0, 1.0, -1.0748623268620713817},
      {0.25, 60.0, -0.91306176481113505517},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    const double a = cases[i][0];
    const double b = cases[i][1];
    assert_relative(core_normal_log_interval(a, b), cases[i][2], 1e-13);
    assert_relative(core_normal_log_interval(-b, -a), cases[i][2], 1e-13);
  }
  assert_true(core_normal_log_interval(-INFINITY, INFINITY) == 0);
  assert_relative(core_normal_log_interval(-INFINITY, -10), core_normal_log_cdf(-10), 1e-15);
  assert_relative(core_normal_log_interval(-20, INFINITY), core_normal_log_cdf(20), 1e-15);
  assert_true(core_normal_log_interval(1, 1) == -INFINITY);
  assert_true(isnan(core_normal_log_interval(2, 1)));
}

static void truncated_quantile_is_accurate_in_the_tails(void **state) {
  (void)state;
  static const double cases[][4] = {
      {0.5, -40.0, -39.0, -39.017757305232351403}, {0.25, 39.0, 40.0, 39.007370927551693584},
      {1e-10, -5.0, 5.0, -4.9999327491635127516},  {0.999, -5.0, 5.0, 3.0901473542617515622},
      {0.5, -1.0, 30.0, 0.2001736861668909259},    {0.3, 10.0, 10.001, 10.000298951356945432},
      {0.9, -38.0, 38.0, 1.2815515655446005935},   {1e-300, -40.0, 40.0, -37.047096299361199237},
      {0.75, 2.0, 2.5, 2.3136019986235500321},     {0.125, -40.0, -10.0, -10.203885105425499317},
      {0.6, 30.0, 35.0, 30.030493736639442999},    {0.01, -0.5, 0.25, -0.49177494122693342579},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    assert_relative(core_truncnorm_quantile(cases[i][0], cases[i][1], cases[i][2]), cases[i][3],
                    1e-14);
  }
}

static void truncated_quantile_stays_inside_and_rises(void **state) {
  (void)state;
  static const double bounds[][2] = {{-40, -39.9999},       {-1, 1},          {38, 39},
                                     {-INFINITY, INFINITY}, {-INFINITY, -30}, {3, INFINITY}};
  for (size_t i = 0; i < CORE_COUNT_OF(bounds); i++) {
    const double a = bounds[i][0];
    const double b = bounds[i][1];
    double last = a;
    for (int k = 0; k <= 1000; k++) {
      const double z = core_truncnorm_quantile(k / 1000.0, a, b);
      assert_true(z >= a && z <= b && z >= last);
      last = z;
    }
    assert_true(core_truncnorm_quantile(0, a, b) == a);
    assert_true(core_truncnorm_quantile(1, a, b) == b);
  }
  assert_true(isnan(core_truncnorm_quantile(1.5, 0, 1)));
  assert_true(isnan(core_truncnorm_quantile(0.5, NAN, 1)));
}

static void quantile_inverts_the_distribution(void **state) {
  (void)state;
  for (double z = -37; z <= 5; z += 0.25) {
    /* dz = dp / phi(z): what the rounding of p alone moves z */
    const double slack =
        DBL_EPSILON * core_normal_cdf(z) / core_normal_pdf(z) + 4 * DBL_EPSILON * fabs(z);
    assert_true(fabs(core_normal_quantile(core_normal_cdf(z)) - z) <= 4 * slack + 1e-15);
  }
  assert_true(core_normal_quantile(0) == -INFINITY);
  assert_true(core_normal_quantile(1) == INFINITY);
  assert_true(core_normal_quantile(0.5) == 0);
  assert_true(isnan(core_normal_quantile(-0.1)) && isnan(core_normal_quantile(NAN)));
}

static void log_sum_exp_does_not_overflow(void **state) {
  (void)state;
  const double large[] = {1000, 1000};
  assert_relative(core_log_sum_exp(large, 2), 1000 + log(2), 1e-15);
  const double none[] = {-INFINITY, -INFINITY};
  assert_true(core_log_sum_exp(none, 2) == -INFINITY);
  assert_true(core_log_sum_exp(NULL, 0) == -INFINITY);
  const double infinite[] = {0, INFINITY};
  assert_true(core_log_sum_exp(infinite, 2) == INFINITY);
  const double nan[] = {0, NAN};
  assert_true(isnan(core_log_sum_exp(nan, 2)));
}

static void sorting_puts_nan_last(void **state) {
  (void)state;
  double x[] = {NAN, 3, -INFINITY, 1, NAN, INFINITY, -2};
  core_sort_doubles(x, 7);
  const double wanted[] = {-INFINITY, -2, 1, 3, INFINITY};
  for (int i = 0; i < 5; i++) assert_true(x[i] == wanted[i]);
  assert_true(isnan(x[5]) && isnan(x[6]));
  core_sort_doubles(NULL, 0);
}

static void quantiles_are_interpolated_as_numpy_does(void **state) {
  (void)state;
  const double x[] = {1, 2, 4, 8};
  assert_true(core_quantile_sorted(x, 4, 0) == 1);
  assert_true(core_quantile_sorted(x, 4, 1) == 8);
  assert_true(core_quantile_sorted(x, 4, 0.5) == 3);
  assert_relative(core_quantile_sorted(x, 4, 0.9), 6.8, 1e-15);
  assert_true(core_quantile_sorted(x, 1, 0.3) == 1);
  const double infinite[] = {-INFINITY, -INFINITY, 0, INFINITY};
  assert_true(core_quantile_sorted(infinite, 4, 0.2) == -INFINITY);
  assert_true(core_quantile_sorted(infinite, 4, 1) == INFINITY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(log_cdf_is_accurate_in_both_tails),
      cmocka_unit_test(log_interval_is_accurate_wide_narrow_and_far_out),
      cmocka_unit_test(truncated_quantile_is_accurate_in_the_tails),
      cmocka_unit_test(truncated_quantile_stays_inside_and_rises),
      cmocka_unit_test(quantile_inverts_the_distribution),
      cmocka_unit_test(log_sum_exp_does_not_overflow),
      cmocka_unit_test(sorting_puts_nan_last),
      cmocka_unit_test(quantiles_are_interpolated_as_numpy_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
