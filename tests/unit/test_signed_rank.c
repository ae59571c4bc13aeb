/* SPDX-License-Identifier: GPL-3.0-or-later
 * The numbers are scipy.stats.wilcoxon(d, alternative="greater", zero_method="zsplit").pvalue of SciPy 1.10. */
#include "core/signed_rank.h"

#include <math.h>

#include "core/compiler.h"
#include "tests/support/support.h"

static void assert_p(const double *d, size_t n, double wanted) {
  struct core_arena scratch = {0};
  double p = NAN;
  assert_true(core_signed_rank_greater(d, n, &scratch, &p));
  if (!(fabs(p - wanted) <= 1e-12 * wanted)) fail_msg("n = %zu: %.17g, not %.17g", n, p, wanted);
  core_arena_close(&scratch);
}

static void small_samples_with_ties_and_zeros(void **state) {
  (void)state;
  static const struct {
    size_t n;
    double d[15], p;
  } cases[] = {
      {1, {2.5}, 0.5},
      {1, {-1}, 1},
      {4, {1, 2, -3, 4}, 0.3125},
      {6, {1, 1, -1, 2, 2, 3}, 0.046875},
      {4, {1, -1, 2, 3}, 0.1875}, /* a positive sum of 8.5 counts as 8 */
      {5, {0, 1, 2, -3, 4}, 0.20924611672340993},
      {3, {0, 0, 0}, 0.5},
      {9, {0, 0, 0, 1, 1, -1, 2, 0, 3}, 0.083878283247669438},
      /* Darwin's plants, Wilcoxon's own example */
      {15, {6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75}, 0.0206298828125},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) assert_p(cases[i].d, cases[i].n, cases[i].p);
}

static void exact_up_to_fifty_and_normal_beyond(void **state) {
  (void)state;
  static const struct {
    int n, modulus, shift;
    double p;
  } cases[] = {
      {10, 101, 3, 0.39936570996720849},      {25, 101, 9, 0.0079864859580993652},
      {49, 997, 20, 0.89024147454253111},     {50, 997, 20, 0.85448234113643906},
      {50, 997, 100, 0.20485179093006511},    {50, 997, -100, 0.9998164417200659},
      {51, 997, 100, 0.17670544370469765},    {80, 997, 60, 0.42486822574326816},
      {300, 101, 40, 4.1652633049233831e-47}, {300, 101, 5, 0.0012399804023693654},
      {300, 101, -5, 0.99769605785912752},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    double d[300];
    for (int k = 1; k <= cases[i].n; k++)
      d[k - 1] = (k * k * 37) % cases[i].modulus - cases[i].modulus / 2 + cases[i].shift;
    assert_p(d, (size_t)cases[i].n, cases[i].p);
  }
}

static void no_memory_is_said(void **state) {
  (void)state;
  struct core_arena scratch = {0};
  double p;
  core_mem_fail_at(1);
  const bool done = core_signed_rank_greater((double[]){1, 2}, 2, &scratch, &p);
  core_mem_fail_at(0);
  assert_false(done);
  core_arena_close(&scratch);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_samples_with_ties_and_zeros),
      cmocka_unit_test(exact_up_to_fifty_and_normal_beyond),
      cmocka_unit_test(no_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
