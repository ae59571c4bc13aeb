/* SPDX-License-Identifier: GPL-3.0-or-later
 * The sampler gp as a whole: what it refuses, that it learns, and histories from which nothing can be
 * learnt. What all samplers keep is in tests/conform/. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "hpo/sampler/design.h"
#include "tests/support/study_support.h"

static double bowl(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (x[i] - 0.3) * (x[i] - 0.3);
  return sum;
}

static void several_objectives_are_refused_with_a_sentence(void **state) {
  (void)state;
  struct test_study t;
  struct core_error err = {0};
  enum core_status st = test_spec_open(
      &t,
      "sampler: gp\nobjective: [{metric: a, direction: minimize}, {metric: b, direction: "
      "maximize}]\nspace: {x: {type: float, low: 0, high: 1}}",
      &err);
  struct hpo_study *study = NULL;
  if (st == CORE_OK) st = hpo_study_open(&t.spec, &study, &err);
  assert_int_equal(st, CORE_INVAL);
  assert_non_null(strstr(err.message, "one objective"));
  hpo_spec_close(&t.spec);
  core_tree_close(&t.tree);
}

static double best_of(const char *yaml, uint64_t n, double (*f)(const double *, size_t)) {
  struct test_study t;
  test_study_open(&t, yaml);
  for (uint64_t i = 0; i < n; i++) {
    test_study_ask(&t);
    test_study_complete(&t, i, f(test_study_trial(&t, i)->internal, t.spec.space.n_params));
  }
  const double best = hpo_study_history(t.study)->best->values[0];
  test_study_close(&t);
  return best;
}

static void a_bowl_is_found_to_many_digits(void **state) {
  (void)state;
  assert_true(best_of("sampler: gp\nspace: {a: {type: float, low: 0, high: 1}, b: {type: float, "
                      "low: -1, high: 1}, c: {type: float, low: 0, high: 3}}",
                      40, bowl) < 1e-5);
}

/* The best is in a branch, the others look better at first. */
static double branches(const double *x, size_t n) {
  (void)n;
  if (x[0] == 0) return 0.4 + 0.1 * fabs(x[1] - 0.5);
  if (x[0] == 1) return 0.3 + fabs(x[2] - 2);
  return (x[3] - 0.8) * (x[3] - 0.8) + 0.02 * fabs(x[2] - 7);
}

static void a_conditional_space_is_searched_by_the_model(void **state) {
  (void)state;
  assert_true(best_of("sampler: gp\nspace: {kind: {type: categorical, choices: [a, b, c]}, "
                      "x: {type: float, low: 0, high: 1, when: {kind: a}}, "
                      "k: {type: int, low: 0, high: 10, when: {kind: [b, c]}}, "
                      "y: {type: float, low: 0, high: 1, when: {kind: c}}}",
                      60, branches) < 1e-3);
}

/* A bowl, turned so that two integers and two numbers hang together; its bottom is at (5, 17). */
static double turned(const double *x, size_t n) {
  (void)n;
  const double a = (x[0] - 5) / 8, b = (x[1] - 17) / 40, c = x[2] - 0.31, d = x[3] - 0.67;
  const double u = a + b - c, v = a - b + d, w = c + d + b, z = a + c - d;
  return u * u + 10 * v * v + 30 * w * w + 100 * z * z;
}

static bool is_beside(const double *x, const double *y) {
  return x[0] == y[0] && x[1] == y[1] && fabs(x[2] - y[2]) < 1e-4 && fabs(x[3] - y[3]) < 1e-4;
}

/* A point beside a trial that is known to be bad says nothing new. It used to be asked for again and
 * again where the local model had not been told of the trial. */
static void what_was_bad_is_not_asked_again(void **state) {
  (void)state;
  for (int seed = 0; seed < 3; seed++) {
    struct test_study t;
    char yaml[400];
    snprintf(yaml, sizeof yaml,
             "seed: %d\nsampler: gp\nspace: {a: {type: int, low: 1, high: 8}, b: {type: int, low: "
             "1, high: 40}, c: {type: float, low: 0, high: 1}, d: {type: float, low: 0, high: 1}}",
             seed);
    test_study_open(&t, yaml);
    int wasted = 0;
    for (uint64_t i = 0; i < 150; i++) {
      test_study_ask(&t);
      const double *x = test_study_trial(&t, i)->internal;
      const double value = turned(x, 4);
      bool known = false;
      for (uint64_t k = 0; k < i; k++)
        known |= value > 1e-4 && is_beside(x, test_study_trial(&t, k)->internal);
      wasted += known;
      test_study_complete(&t, i, value);
    }
    assert_true(wasted <= 5);
    assert_true(hpo_study_history(t.study)->best->values[0] < 1e-5);
    test_study_close(&t);
  }
}

static void a_finite_space_is_seen_whole_before_any_repeat(void **state) {
  (void)state;
  struct test_study t;
  bool seen[3][4] = {{false}};
  test_study_open(&t, "sampler: {name: gp, n_startup_trials: 3}\nspace: {c: {type: categorical, "
                      "choices: [p, q, r]}, k: {type: int, low: 0, high: 3}}");
  for (uint64_t i = 0; i < 16; i++) {
    test_study_ask(&t);
    const double *x = test_study_trial(&t, i)->internal;
    bool *place = &seen[(int)x[0]][(int)x[1]];
    assert_true(i < 3 || i >= 12 || !*place);
    *place = true;
    test_study_complete(&t, i, x[0] + fabs(x[1] - 1));
  }
  test_study_close(&t);
}

/* Running trials are at places of their own. */
static void parallel_trials_spread(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "sampler: {name: gp, n_startup_trials: 5}\nspace: {a: {type: float, low: 0, "
                      "high: 1}, b: {type: float, low: 0, high: 1}}");
  for (uint64_t i = 0; i < 8; i++) {
    test_study_ask(&t);
    test_study_complete(&t, i, bowl(test_study_trial(&t, i)->internal, 2));
  }
  for (uint64_t i = 8; i < 72; i++) test_study_ask(&t);
  for (uint64_t i = 8; i < 72; i++)
    for (uint64_t k = 8; k < i; k++) {
      const double *x = test_study_trial(&t, i)->internal, *y = test_study_trial(&t, k)->internal;
      assert_true(hypot(x[0] - y[0], x[1] - y[1]) > 1e-7);
    }
  test_study_close(&t);
}

/* Eight at a time: the design has as many points as one at a time, where half of them have a value,
 * and not the seven that run beside it as well. */
static void running_trials_count_as_points_of_the_design(void **state) {
  (void)state;
  for (uint64_t n_valued = 3; n_valued < 6; n_valued++) {
    struct test_study t;
    struct hpo_design *design;
    double unit[2], row[2];
    test_study_open(&t, "seed: 5\nsampler: {name: gp, n_startup_trials: 8}\nspace: {a: {type: "
                        "float, low: 0, high: 1}, b: {type: float, low: 0, high: 1}}");
    assert_int_equal(hpo_design_open(&t.spec.space, 5, &design, NULL), CORE_OK);
    for (uint64_t i = 0; i < 8; i++) test_study_ask(&t);
    for (uint64_t i = 0; i < n_valued; i++)
      test_study_complete(&t, i, bowl(test_study_trial(&t, i)->internal, 2));
    test_study_ask(&t);
    for (uint64_t i = 0; i < 9; i++) {
      assert_int_equal(hpo_design_point(design, i, unit, NULL), CORE_OK);
      hpo_space_to_internal(&t.spec.space, unit, row);
      const bool designed = memcmp(row, test_study_trial(&t, i)->internal, sizeof row) == 0;
      assert_true(designed == (i < 8 || n_valued < 4));
    }
    hpo_design_close(design);
    test_study_close(&t);
  }
}

/* Sixty trials whose values come from a list, on one kind of space after the other. */
static void survives(const char *space, double (*value)(uint64_t)) {
  struct test_study t;
  struct core_str yaml = {0};
  core_str_printf(&yaml, "sampler: {name: gp, n_startup_trials: 2}\nspace: {%s}", space);
  test_study_open(&t, core_str_text(&yaml));
  core_str_close(&yaml);
  for (uint64_t i = 0; i < 45; i++) {
    struct core_error err = {0};
    double row[128];
    bool fallback = true;
    assert_int_equal(hpo_study_suggest(t.study, row, &fallback, &err), CORE_OK);
    assert_false(fallback);
    test_study_add(&t, row);
    const double v = value(i);
    if (isnan(v))
      test_study_fail(&t, i);
    else
      test_study_complete(&t, i, v);
  }
  test_study_close(&t);
}

static double constant(uint64_t i) {
  (void)i;
  return 1;
}
static double huge(uint64_t i) {
  return i % 3 == 0 ? 1e300 : i % 3 == 1 ? -1e300 : (double)i;
}
static double tiny(uint64_t i) {
  return 1e-300 * (double)(i % 7);
}
static double failing(uint64_t i) {
  return i < 30 ? NAN : (double)(i % 5);
}
static double spread(uint64_t i) {
  return pow(10, (double)(i % 40) - 20);
}
static double infinite(uint64_t i) {
  return i % 2 ? INFINITY : i % 4 ? -INFINITY : 1;
}

static void degenerate_histories_give_points(void **state) {
  (void)state;
  static double (*const histories[])(uint64_t) = {constant, huge, tiny, failing, spread, infinite};
  static const char *const spaces[] = {
      "x: {type: float, low: 0, high: 1}",
      "c: {type: categorical, choices: [a, b, c, d]}, e: {type: categorical, choices: [a, b]}",
      "x: {type: float, low: 1.0e-12, high: 1.0e12, log: true}, k: {type: int, low: 0, high: "
      "1000000}, c: {type: categorical, choices: [p, q]}, y: {type: float, low: 0, high: 1, when: "
      "{c: q}}",
  };
  for (size_t h = 0; h < CORE_COUNT_OF(histories); h++)
    for (size_t s = 0; s < CORE_COUNT_OF(spaces); s++) survives(spaces[s], histories[h]);
}

static void a_hundred_parameters_are_no_trouble(void **state) {
  (void)state;
  struct core_str space = {0};
  for (int i = 0; i < 100; i++)
    core_str_printf(&space, "%sp%d: {type: %s, low: 0, high: 5}", i ? ", " : "", i,
                    i % 4 ? "float" : "int");
  survives(core_str_text(&space), spread);
  core_str_close(&space);
}

/* One study of every size around the points where the model changes its ways: live and resumed
 * suggestions are the same. */
static void a_long_history_replays(void **state) {
  (void)state;
#define LONG                                                                                       \
  "sampler: gp\nspace: {a: {type: float, low: 0, high: 1}, b: {type: float, low: 0, high: 1}, k: " \
  "{type: int, low: 0, high: 3}}"
  struct test_study live, fresh;
  struct core_rng rng;
  double row[3], again[3];
  core_rng_init(&rng, 5, 0, CORE_RNG_TEST);
  test_study_open(&live, LONG);
  for (uint64_t i = 0; i < 520; i++) {
    if (i > 380 && i % 9 == 0)
      assert_int_equal(hpo_study_suggest(live.study, row, NULL, NULL), CORE_OK);
    row[0] = core_rng_unit(&rng), row[1] = core_rng_unit(&rng);
    row[2] = (double)core_rng_below(&rng, 4);
    test_study_add(&live, row);
    test_study_complete(&live, i, bowl(row, 3));
  }
  assert_int_equal(hpo_study_suggest(live.study, row, NULL, NULL), CORE_OK);
  test_study_open(&fresh, LONG);
  for (uint64_t i = 0; i < 520; i++) {
    const struct hpo_trial *trial = test_study_trial(&live, i);
    test_study_add(&fresh, trial->internal);
    test_study_complete(&fresh, i, trial->values[0]);
  }
  assert_int_equal(hpo_study_suggest(fresh.study, again, NULL, NULL), CORE_OK);
  assert_memory_equal(row, again, sizeof row);
  test_study_close(&fresh);
  test_study_close(&live);
#undef LONG
}

/* A bowl by the logarithm of the distance from an edge: the model's inputs are warped for it. */
static double edge(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double z = log((x[i] + 0.005) / 0.03);
    sum += z * z;
  }
  return sum;
}

static void a_peak_at_an_edge_is_found_and_replays(void **state) {
  (void)state;
  enum { N = 50, RUNNING = 3 };
  const char *yaml = "sampler: gp\nspace: {a: {type: float, low: 0, high: 1}, b: {type: float, "
                     "low: 0, high: 1}, c: "
                     "{type: float, low: 0, high: 1}}";
  struct test_study live, fresh;
  double row[3], again[3];
  test_study_open(&live, yaml);
  test_study_open(&fresh, yaml);
  for (uint64_t i = 0; i < N + RUNNING; i++) {
    test_study_ask(&live);
    if (i < N) test_study_complete(&live, i, edge(test_study_trial(&live, i)->internal, 3));
  }
  assert_true(hpo_study_history(live.study)->best->values[0] < 1e-4);
  for (uint64_t i = 0; i < N + RUNNING; i++) {
    test_study_add(&fresh, test_study_trial(&live, i)->internal);
    if (i < N) test_study_complete(&fresh, i, test_study_trial(&live, i)->values[0]);
  }
  assert_int_equal(hpo_study_suggest(live.study, row, NULL, NULL), CORE_OK);
  assert_int_equal(hpo_study_suggest(fresh.study, again, NULL, NULL), CORE_OK);
  assert_memory_equal(row, again, sizeof row);
  test_study_close(&fresh);
  test_study_close(&live);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(several_objectives_are_refused_with_a_sentence),
      cmocka_unit_test(a_bowl_is_found_to_many_digits),
      cmocka_unit_test(a_conditional_space_is_searched_by_the_model),
      cmocka_unit_test(what_was_bad_is_not_asked_again),
      cmocka_unit_test(a_finite_space_is_seen_whole_before_any_repeat),
      cmocka_unit_test(parallel_trials_spread),
      cmocka_unit_test(running_trials_count_as_points_of_the_design),
      cmocka_unit_test(degenerate_histories_give_points),
      cmocka_unit_test(a_hundred_parameters_are_no_trouble),
      cmocka_unit_test(a_long_history_replays),
      cmocka_unit_test(a_peak_at_an_edge_is_found_and_replays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
