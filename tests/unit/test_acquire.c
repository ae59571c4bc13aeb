/* SPDX-License-Identifier: GPL-3.0-or-later
 * The maximum of an acquisition, on functions whose maximum is known. */
#include "hpo/gp/acquire.h"

#include <math.h>
#include <string.h>

#include "hpo/sampler/taken.h"
#include "tests/support/study_support.h"

typedef double function(const double *row, size_t d, double *gradient);

struct fixture {
  struct test_study t;
  struct hpo_features features;
  struct hpo_taken taken;
  struct core_arena arena;
  struct core_rng rng;
  struct hpo_search search;
  function *f;
  double low[128], high[128], scales[128], incumbent[128], unused[128];
};

static void values(void *context, const double *rows, size_t m, double *out) {
  struct fixture *x = context;
  for (size_t i = 0; i < m; i++) out[i] = x->f(rows + i * x->features.d, x->features.d, x->unused);
}

static double gradient(void *context, const double *row, double *g) {
  struct fixture *x = context;
  return x->f(row, x->features.d, g);
}

static bool is_taken(void *context, const double *internal) {
  struct fixture *x = context;
  return hpo_taken_has(&x->taken, internal, x->t.spec.space.n_params);
}

static void open_fixture(struct fixture *x, const char *space, function *f) {
  *x = (struct fixture){.f = f};
  test_study_open(&x->t, space);
  assert_int_equal(hpo_features_open(&x->features, &x->t.spec.space, NULL), CORE_OK);
  core_rng_init(&x->rng, 1, 2, CORE_RNG_TEST);
  for (size_t j = 0; j < x->features.d; j++) {
    x->high[j] = 1;
    x->scales[j] = 0.3;
    x->incumbent[j] = x->features.list[j].categorical ? 0 : 0.25;
  }
  x->search = (struct hpo_search){.features = &x->features,
                                  .target = {x, values, gradient},
                                  .low = x->low,
                                  .high = x->high,
                                  .incumbents = x->incumbent,
                                  .n_incumbents = 1,
                                  .scales = x->scales,
                                  .n_cube = 256,
                                  .n_near = 128,
                                  .n_starts = 4,
                                  .max_evals = 200,
                                  .is_taken = is_taken,
                                  .taken_context = x,
                                  .rng = &x->rng,
                                  .arena = &x->arena};
}

static void close_fixture(struct fixture *x) {
  core_arena_close(&x->arena);
  hpo_taken_close(&x->taken);
  hpo_features_close(&x->features);
  test_study_close(&x->t);
}

static double acquire(struct fixture *x, double *full) {
  double value = NAN;
  const struct hpo_history *seen = hpo_study_history(x->t.study);
  assert_int_equal(hpo_taken_follow(&x->taken, seen, NULL), CORE_OK);
  assert_int_equal(hpo_acquire(&x->search, full, &value, NULL), CORE_OK);
  core_arena_reset(&x->arena);
  return value;
}

/* The same, as the model sees the point. */
static void acquire_row(struct fixture *x, double *row) {
  acquire(x, row);
  hpo_features_canonical(&x->features, row, row, NULL);
}

#define FLOATS5                                                                                    \
  "space: {a: {type: float, low: 0, high: 1}, b: {type: float, low: 0, high: 1}, c: {type: "       \
  "float, low: 0, high: 1}, d: {type: float, low: 0, high: 1}, e: {type: float, low: 0, high: 1}}"

static double bowl(const double *row, size_t d, double *g) {
  double value = 0;
  for (size_t j = 0; j < d; j++) {
    const double step = row[j] - 0.1 * (double)(j + 1) - 0.05;
    value -= (1 + (double)j) * step * step;
    g[j] = -2 * (1 + (double)j) * step;
  }
  return value;
}

static void a_smooth_maximum_is_found_to_many_digits(void **state) {
  (void)state;
  struct fixture x;
  double full[5];
  open_fixture(&x, FLOATS5, bowl);
  assert_true(acquire(&x, full) > -1e-12);
  for (int j = 0; j < 5; j++) assert_true(fabs(full[j] - 0.1 * (j + 1) - 0.05) < 1e-6);
  close_fixture(&x);
}

static void the_box_is_kept(void **state) {
  (void)state;
  struct fixture x;
  double full[5];
  open_fixture(&x, FLOATS5, bowl);
  for (int j = 0; j < 5; j++) {
    x.low[j] = 0.2;
    x.high[j] = 0.3;
  }
  acquire(&x, full);
  static const double wanted[] = {0.2, 0.25, 0.3, 0.3, 0.3};
  for (int j = 0; j < 5; j++) assert_true(fabs(full[j] - wanted[j]) < 1e-6);
  close_fixture(&x);
}

/* A wide low hill and a narrow high one. */
static double two_hills(const double *row, size_t d, double *g) {
  double wide = 0, narrow = 0;
  for (size_t j = 0; j < d; j++) {
    wide += (row[j] - 0.3) * (row[j] - 0.3) / 0.18;
    narrow += (row[j] - 0.85) * (row[j] - 0.85) / 0.005;
  }
  wide = exp(-wide);
  narrow = 2 * exp(-narrow);
  for (size_t j = 0; j < d; j++)
    g[j] = -2 * (row[j] - 0.3) / 0.18 * wide - 2 * (row[j] - 0.85) / 0.005 * narrow;
  return wide + narrow;
}

static void the_higher_of_two_hills_is_found(void **state) {
  (void)state;
  struct fixture x;
  double full[2];
  open_fixture(&x, "space: {a: {type: float, low: 0, high: 1}, b: {type: float, low: 0, high: 1}}",
               two_hills);
  assert_true(acquire(&x, full) > 1.99);
  close_fixture(&x);
}

#define MIXED                                                                                      \
  "space: {k: {type: int, low: 0, high: 9}, c: {type: categorical, choices: [p, q, r]}, "          \
  "n: {type: int, low: 1, high: 100000}, x: {type: float, low: -1, high: 1}}"

/* Best at c = 2, k = 7 (its cell's middle 0.75), n's unit 0.3, x's 0.9; other c have k elsewhere. */
static double mixed(const double *row, size_t d, double *g) {
  (void)d;
  const double k = row[1] == 2 ? 0.75 : 0.15, base = row[1] == 2 ? 0 : row[1] == 1 ? -0.3 : -0.1;
  g[2] = -8 * (row[2] - 0.3);
  g[3] = -6 * (row[3] - 0.9);
  return base - 2 * fabs(row[0] - k) - 4 * pow(row[2] - 0.3, 2) - 3 * pow(row[3] - 0.9, 2);
}

static void discrete_and_continuous_features_are_searched_together(void **state) {
  (void)state;
  struct fixture x;
  double row[4];
  open_fixture(&x, MIXED, mixed);
  acquire_row(&x, row);
  assert_true(row[1] == 2 && fabs(row[0] - 0.75) < 1e-12);
  assert_true(fabs(row[2] - 0.3) < 1e-4 && fabs(row[3] - 0.9) < 1e-5);
  close_fixture(&x);
}

/* A narrow valley along n = x, whose bottom lies between two values of n. */
static double valley(const double *row, size_t d, double *g) {
  (void)d;
  const double across = row[0] - row[1], along = row[0] - 0.6137;
  g[0] = -2e5 * across - 2 * along;
  g[1] = 2e5 * across;
  return -1e5 * across * across - along * along;
}

static void a_valley_across_the_axes_is_climbed_again_on_the_grid(void **state) {
  (void)state;
  struct fixture x;
  double row[2];
  open_fixture(&x, "space: {n: {type: int, low: 0, high: 60}, x: {type: float, low: 0, high: 1}}",
               valley);
  acquire_row(&x, row);
  assert_true(fabs(row[0] - 37.5 / 61) < 1e-12); /* the nearest value of n, and on the bottom */
  assert_true(fabs(row[1] - row[0]) < 1e-6);
  close_fixture(&x);
}

static void few_values_stay_in_the_box(void **state) {
  (void)state;
  struct fixture x;
  double row[4];
  open_fixture(&x, MIXED, mixed);
  x.low[0] = 0.2;
  x.high[0] = 0.5;
  x.incumbent[0] = 0.25;
  x.incumbent[1] = 2;
  acquire_row(&x, row);
  assert_true(fabs(row[0] - (row[1] == 2 ? 0.45 : 0.25)) < 1e-12); /* outside are better ones */
  close_fixture(&x);
}

static void a_held_feature_keeps_its_value(void **state) {
  (void)state;
  struct fixture x;
  double row[4];
  open_fixture(&x, MIXED, mixed);
  const double held[] = {NAN, 0, NAN, NAN};
  x.search.held = held;
  acquire_row(&x, row);
  assert_true(row[1] == 0 && fabs(row[0] - 0.15) < 1e-12); /* the best beside it */
  close_fixture(&x);
}

#define TREE                                                                                       \
  "space: {kind: {type: categorical, choices: [a, b]}, "                                           \
  "x: {type: float, low: 0, high: 1, when: {kind: a}}, "                                           \
  "y: {type: float, low: 0, high: 1, when: {kind: b}}}"

static double tree(const double *row, size_t d, double *g) {
  (void)d;
  g[1] = row[0] == 0 ? -2 * (row[1] - 0.2) : 0;
  g[2] = row[0] == 1 ? -2 * (row[2] - 0.7) : 0;
  if (row[0] == 0) {
    assert_true(row[2] == 0.5); /* the model never sees what does not exist */
    return -pow(row[1] - 0.2, 2);
  }
  assert_true(row[1] == 0.5);
  return 1e-3 - pow(row[2] - 0.7, 2);
}

static void a_branch_is_entered_and_its_own_parameters_are_climbed(void **state) {
  (void)state;
  struct fixture x;
  double full[3];
  open_fixture(&x, TREE, tree);
  assert_true(acquire(&x, full) > 1e-3 - 1e-10);
  assert_true(full[0] == 1 && fabs(full[2] - 0.7) < 1e-5);
  close_fixture(&x);
}

#define GRID                                                                                       \
  "space: {k: {type: int, low: 0, high: 3}, c: {type: categorical, choices: [p, q]}, "             \
  "s: {type: float, low: 0, high: 1, step: 0.5, when: {c: q}}}"

static double slope(const double *row, size_t d, double *g) {
  (void)g;
  double sum = 0;
  for (size_t j = 0; j < d; j++) sum += row[j];
  return sum;
}

static void no_point_is_repeated_until_all_are_taken(void **state) {
  (void)state;
  struct fixture x;
  double full[3], unit[3], internal[3], last = INFINITY;
  open_fixture(&x, GRID, slope);
  for (int i = 0; i < 20; i++) {
    const double value = acquire(&x, full);
    hpo_features_unit(&x.features, full, unit);
    hpo_space_to_internal(&x.t.spec.space, unit, internal);
    assert_int_equal(is_taken(&x, internal), i >= 16);
    assert_true(i > 16 || i == 16 ? value >= last : value <= last); /* the best of the rest */
    last = value;
    test_study_add(&x.t, internal);
  }
  close_fixture(&x);
}

static void a_large_discrete_space_gives_no_repeats_either(void **state) {
  (void)state;
  struct fixture x;
  double full[2], unit[2], internal[2];
  open_fixture(&x, "space: {k: {type: int, low: 0, high: 99}, n: {type: int, low: 0, high: 99}}",
               bowl);
  for (int i = 0; i < 60; i++) {
    acquire(&x, full);
    hpo_features_unit(&x.features, full, unit);
    hpo_space_to_internal(&x.t.spec.space, unit, internal);
    assert_false(is_taken(&x, internal));
    assert_true(i > 0 || (internal[0] == 14 && internal[1] == 24) ||
                (internal[0] == 15 && internal[1] == 25) ||
                (internal[0] == 14 && internal[1] == 25) ||
                (internal[0] == 15 && internal[1] == 24));
    assert_true(fabs(internal[0] - 15) < 12 && fabs(internal[1] - 25) < 12); /* near the best */
    test_study_add(&x.t, internal);
  }
  close_fixture(&x);
}

static void the_same_numbers_give_the_same_point(void **state) {
  (void)state;
  struct fixture x;
  double once[4], again[4];
  open_fixture(&x, MIXED, mixed);
  acquire(&x, once);
  core_rng_init(&x.rng, 1, 2, CORE_RNG_TEST);
  acquire(&x, again);
  assert_memory_equal(once, again, sizeof once);
  close_fixture(&x);
}

static void a_hundred_parameters_and_no_incumbent(void **state) {
  (void)state;
  struct fixture x;
  struct core_str yaml = {0};
  double full[100];
  for (int i = 0; i < 100; i++)
    core_str_printf(&yaml, "%sp%d: {type: float, low: 0, high: 1}", i ? ", " : "space: {", i);
  core_str_char(&yaml, '}');
  open_fixture(&x, core_str_text(&yaml), bowl);
  core_str_close(&yaml);
  x.search.n_incumbents = 0;
  double middle[100], unused[100];
  for (int j = 0; j < 100; j++) middle[j] = 0.5;
  assert_true(acquire(&x, full) > bowl(middle, 100, unused));
  close_fixture(&x);
}

static double nowhere(const double *row, size_t d, double *g) {
  (void)row;
  for (size_t j = 0; j < d; j++) g[j] = 0;
  return -INFINITY;
}

static void a_function_without_finite_values_still_gives_a_point(void **state) {
  (void)state;
  struct fixture x;
  double full[4];
  open_fixture(&x, MIXED, nowhere);
  acquire(&x, full);
  for (int j = 0; j < 4; j++) assert_true(isfinite(full[j]));
  close_fixture(&x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_smooth_maximum_is_found_to_many_digits),
      cmocka_unit_test(the_box_is_kept),
      cmocka_unit_test(the_higher_of_two_hills_is_found),
      cmocka_unit_test(discrete_and_continuous_features_are_searched_together),
      cmocka_unit_test(a_valley_across_the_axes_is_climbed_again_on_the_grid),
      cmocka_unit_test(few_values_stay_in_the_box),
      cmocka_unit_test(a_held_feature_keeps_its_value),
      cmocka_unit_test(a_branch_is_entered_and_its_own_parameters_are_climbed),
      cmocka_unit_test(no_point_is_repeated_until_all_are_taken),
      cmocka_unit_test(a_large_discrete_space_gives_no_repeats_either),
      cmocka_unit_test(the_same_numbers_give_the_same_point),
      cmocka_unit_test(a_hundred_parameters_and_no_incumbent),
      cmocka_unit_test(a_function_without_finite_values_still_gives_a_point),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
