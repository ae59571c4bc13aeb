/* SPDX-License-Identifier: GPL-3.0-or-later
 * The model of the best point's neighbourhood: what its box holds, and which rows it knows. */
#include "hpo/gp/neighbourhood.h"

#include <math.h>

#include "core/rng.h"
#include "tests/support/study_support.h"

struct fixture {
  struct test_study t;
  struct hpo_features features;
  struct hpo_observed *observed;
  struct hpo_surrogate *surrogate;
  struct hpo_neighbourhood *local;
  struct core_arena scratch;
  struct core_rng rng;
};

static void open_fixture(struct fixture *f, const char *space) {
  *f = (struct fixture){0};
  test_study_open(&f->t, space);
  assert_int_equal(hpo_features_open(&f->features, &f->t.spec.space, NULL), CORE_OK);
  assert_int_equal(hpo_observed_open(&f->features, &f->observed, NULL), CORE_OK);
  assert_int_equal(hpo_surrogate_open(&f->features, true, &f->surrogate, NULL), CORE_OK);
  assert_int_equal(hpo_neighbourhood_open(&f->features, true, &f->local, NULL), CORE_OK);
  core_rng_init(&f->rng, 3, 0, CORE_RNG_TEST);
}

static void close_fixture(struct fixture *f) {
  hpo_neighbourhood_close(f->local);
  hpo_surrogate_close(f->surrogate);
  hpo_observed_close(f->observed);
  core_arena_close(&f->scratch);
  hpo_features_close(&f->features);
  test_study_close(&f->t);
}

static void observe(struct fixture *f, const double *internal, double value) {
  test_study_complete(&f->t, test_study_add(&f->t, internal), value);
}

/* The model around the `centre`-th observation. */
static void fit(struct fixture *f, size_t centre) {
  bool restarted;
  const struct hpo_history *seen = hpo_study_history(f->t.study);
  assert_int_equal(hpo_observed_follow(f->observed, seen, &restarted, NULL), CORE_OK);
  assert_int_equal(hpo_surrogate_follow(f->surrogate, f->observed, seen->n_finished, restarted,
                                        &f->scratch, NULL),
                   CORE_OK);
  assert_int_equal(hpo_neighbourhood_fit(f->local, f->surrogate, centre, &f->scratch, NULL),
                   CORE_OK);
}

/* The standard deviation that the model gives to observation `row`, of targets with variance 1. */
static double doubt_at(const struct fixture *f, size_t row) {
  double mean, var;
  hpo_gp_predict(hpo_neighbourhood_model(f->local),
                 hpo_surrogate_rows(f->surrogate) + row * f->features.d, 1, &mean, &var);
  return sqrt(var);
}

static double near(struct fixture *f, double x) {
  return x + 0.001 * (core_rng_unit(&f->rng) - 0.5);
}

/* Observations gather at one value of c and of n; what is known of the other c there lies farther
 * away than all of them. */
static void what_was_seen_in_the_box_is_known(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, "space: {x: {type: float, low: 0, high: 1}, c: {type: categorical, choices: [a, "
                   "b]}, y: {type: float, low: 0, high: 1}}");
  observe(&f, (double[]){0.4, 0, 0.6}, 0);
  observe(&f, (double[]){0.4, 1, 0.6}, 3);
  observe(&f, (double[]){0.9, 1, 0.1}, 4); /* outside */
  for (int i = 0; i < 20; i++)
    observe(&f, (double[]){core_rng_unit(&f.rng), i % 2, core_rng_unit(&f.rng)}, 5 + i % 3);
  for (int i = 0; i < 80; i++) {
    const double x = near(&f, 0.4), y = near(&f, 0.6);
    observe(&f, (double[]){x, 0, y}, 100 * (fabs(x - 0.4) + fabs(y - 0.6)));
  }
  fit(&f, 0);
  assert_true(hpo_neighbourhood_low(f.local)[0] > 0.3 && hpo_neighbourhood_high(f.local)[0] < 0.5);
  assert_true(hpo_neighbourhood_has(f.local, 0));
  assert_true(hpo_neighbourhood_has(f.local, 1));
  assert_false(hpo_neighbourhood_has(f.local, 2));
  assert_true(hpo_neighbourhood_count(f.local) < 60);
  assert_true(doubt_at(&f, 1) < 0.01);
  close_fixture(&f);
}

/* However near the rows are to each other, a step of a discrete feature stays in the box. */
static void the_values_beside_the_best_are_in_the_box(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, "space: {x: {type: float, low: 0, high: 1}, k: {type: int, low: 1, high: 8}, "
                   "n: {type: int, low: 1, high: 1000, log: true}, s: {type: float, low: 0, high: "
                   "1, step: 0.25}}");
  observe(&f, (double[]){0.5, 8, 10, 0.5}, 0);
  for (int i = 0; i < 80; i++) {
    const double x = near(&f, 0.5);
    observe(&f, (double[]){x, 8, 10, 0.5}, fabs(x - 0.5));
  }
  fit(&f, 0);
  static const double beside[3][2] = {{7, 8}, {9, 11}, {0.25, 0.75}};
  for (size_t j = 1; j < 4; j++)
    for (size_t side = 0; side < 2; side++) {
      const struct hpo_param *p = &f.t.spec.space.params[j];
      const double u = hpo_param_to_unit(p, beside[j - 1][side]);
      assert_true(u >= hpo_neighbourhood_low(f.local)[j]);
      assert_true(u <= hpo_neighbourhood_high(f.local)[j]);
    }
  assert_true(hpo_neighbourhood_high(f.local)[2] < 0.6); /* n: up to some ten values, not to all */
  close_fixture(&f);
}

/* Nothing bounds a parameter that the best point does not have. */
static void another_branch_is_in_the_box_whole(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f,
               "space: {kind: {type: categorical, choices: [a, b]}, x: {type: float, low: 0, "
               "high: 1, when: {kind: a}}, y: {type: float, low: 0, high: 1, when: {kind: b}}}");
  observe(&f, (double[]){0, 0.4, NAN}, 0);
  observe(&f, (double[]){1, NAN, 0.9}, 3);
  for (int i = 0; i < 80; i++) {
    const double x = near(&f, 0.4);
    observe(&f, (double[]){0, x, NAN}, fabs(x - 0.4));
  }
  fit(&f, 0);
  assert_true(hpo_neighbourhood_low(f.local)[1] > 0.3);
  assert_true(hpo_neighbourhood_low(f.local)[2] == 0 && hpo_neighbourhood_high(f.local)[2] == 1);
  assert_true(hpo_neighbourhood_has(f.local, 1));
  close_fixture(&f);
}

/* Choices alone make no box, and the nearest rows are all that the model holds. */
static void a_space_without_numbers_has_the_nearest_rows_alone(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, "space: {a: {type: categorical, choices: [p, q, r, s]}, b: {type: categorical, "
                   "choices: [p, q, r, s]}, c: {type: categorical, choices: [p, q, r, s]}}");
  for (int i = 0; i < 64; i++) {
    const int a = i % 4, b = i / 4 % 4, c = i / 16;
    observe(&f, (double[]){a, b, c}, a + b + c);
  }
  fit(&f, 0);
  assert_int_equal(hpo_neighbourhood_count(f.local), 38);
  assert_false(hpo_neighbourhood_has(f.local, 63));
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_seen_in_the_box_is_known),
      cmocka_unit_test(the_values_beside_the_best_are_in_the_box),
      cmocka_unit_test(another_branch_is_in_the_box_whole),
      cmocka_unit_test(a_space_without_numbers_has_the_nearest_rows_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
