/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/study_support.h"

#define MAX_POINTS 4096

static bool same_row(const double *a, const double *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i]))) return false;
  return true;
}

/* Asks until nothing is left; all points are distinct. Ends the trials in all ways. */
static size_t exhaust(struct test_study *t) {
  const size_t n = t->spec.space.n_params;
  double *row = core_calloc(n, sizeof *row);
  assert_non_null(row);
  struct core_error err = {0};
  enum core_status st;
  while ((st = hpo_study_suggest(t->study, row, NULL, &err)) == CORE_OK) {
    const uint64_t number = test_study_add(t, row);
    for (uint64_t i = 0; i < number; i++)
      assert_false(same_row(row, test_study_trial(t, i)->internal, n));
    assert_true(number < MAX_POINTS);
    if (number % 4 == 0) test_study_complete(t, number, 1);
    if (number % 4 == 1) test_study_fail(t, number);
    if (number % 4 == 2) test_study_prune(t, number); /* every fourth stays running */
  }
  assert_int_equal(st, CORE_EXHAUSTED);
  assert_non_null(strstr(err.message, "points of the grid have been given"));
  core_free(row);
  return hpo_study_history(t->study)->n_trials;
}

static void every_point_is_given_once(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(
      &t, "sampler: {name: grid}\n"
          "space: {a: {type: int, low: 1, high: 7}, b: {type: categorical, choices: [x, y, z]},\n"
          "  c: {type: float, low: 0, high: 1, step: 0.25}, one: {type: int, low: 3, high: 3}}");
  assert_int_equal(exhaust(&t), 7 * 3 * 5);
  test_study_close(&t);
}

static void one_point_is_a_grid(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "sampler: {name: grid}\nspace: {a: {type: categorical, choices: [x]}}");
  assert_int_equal(exhaust(&t), 1);
  test_study_close(&t);
}

static void conditional_points_differ_in_what_exists(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "sampler: {name: grid}\n"
                      "space:\n"
                      "  gamma: {type: int, low: 1, high: 3, when: {kernel: [rbf, poly]}}\n"
                      "  kernel: {type: categorical, choices: [linear, rbf, poly]}\n"
                      "  degree: {type: int, low: 2, high: 5, when: {kernel: poly}}\n"
                      "  odd: {type: categorical, choices: [p, q], when: {degree: [3, 5]}}\n");
  /* linear: 1; rbf: 3; poly: 3 gammas times (2 even degrees + 2 odd ones times 2) */
  assert_int_equal(exhaust(&t), 1 + 3 + 3 * (2 + 2 * 2));
  test_study_close(&t);
}

static void brute_force_walks_the_whole_tree(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(
      &t, "sampler: brute_force\n"
          "space:\n"
          "  gamma: {type: float, low: 1, high: 3, step: 0.5, when: {kernel: [rbf, poly]}}\n"
          "  kernel: {type: categorical, choices: [linear, rbf, poly]}\n"
          "  degree: {type: int, low: 2, high: 5, when: {kernel: poly}}\n");
  assert_int_equal(exhaust(&t), 1 + 5 + 5 * 4);
  test_study_close(&t);
}

/* All at once: none is given twice, and the sweep ends when the last is taken. */
static void brute_force_never_repeats_a_running_point(void **state) {
  (void)state;
  struct test_study t;
  double row[2];
  bool seen[20][3] = {{false}};
  test_study_open(&t, "sampler: brute_force\nspace: {a: {type: int, low: 0, high: 19}, b: {type: "
                      "categorical, choices: [x, y, z]}}");
  for (int i = 0; i < 60; i++) {
    const double *at = test_study_trial(&t, test_study_ask(&t))->internal;
    assert_false(seen[(int)at[0]][(int)at[1]]);
    seen[(int)at[0]][(int)at[1]] = true;
  }
  assert_int_equal(hpo_study_suggest(t.study, row, NULL, NULL), CORE_EXHAUSTED);
  test_study_close(&t);
}

static void conditional_grids_beyond_a_landmark_are_whole(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "sampler: {name: grid}\n"
                      "space:\n"
                      "  a: {type: int, low: 1, high: 40}\n"
                      "  b: {type: int, low: 1, high: 50, when: {a: [1, 7, 39]}}\n"
                      "  c: {type: int, low: 1, high: 9, when: {b: [2, 50]}}\n"
                      "  d: {type: int, low: 1, high: 5}\n");
  assert_int_equal(exhaust(&t), 5 * (37 + 3 * (48 + 2 * 9)));
  test_study_close(&t);
}

static void listed_values_are_given_exactly(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(
      &t,
      "sampler: {name: grid, search_space: {lr: [0.1, 0.003, 1.0e-5, 0.7], n: [2, 9], k: [b]}}\n"
      "space: {lr: {type: float, low: 1.0e-5, high: 1, log: true},\n"
      "  n: {type: int, low: 1, high: 9}, k: {type: categorical, choices: [a, b]}}");
  assert_int_equal(exhaust(&t), 8);
  const double wanted[] = {0.1, 0.003, 1e-5, 0.7};
  size_t found[4] = {0};
  for (uint64_t i = 0; i < 8; i++) {
    const double *row = test_study_trial(&t, i)->internal;
    for (size_t w = 0; w < 4; w++) found[w] += row[0] == wanted[w];
    assert_true((row[1] == 2 || row[1] == 9) && row[2] == 1);
  }
  for (size_t w = 0; w < 4; w++) assert_int_equal(found[w], 2);
  test_study_close(&t);
}

static void points_of_told_trials_are_not_given_again(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "sampler: {name: grid}\nspace: {a: {type: int, low: 1, high: 6}}");
  test_study_fail(&t, test_study_add(&t, (double[]){4}));
  test_study_add(&t, (double[]){2});
  assert_int_equal(exhaust(&t), 6);
  test_study_close(&t);
}

static void order_is_shuffled_by_the_seed(void **state) {
  (void)state;
  double order[2][50];
  size_t in_place = 0, same = 0;
  for (int s = 0; s < 2; s++) {
    struct test_study t;
    test_study_open(
        &t, s ? "seed: 8\nsampler: {name: grid}\nspace: {a: {type: int, low: 0, high: 49}}"
              : "seed: 7\nsampler: {name: grid}\nspace: {a: {type: int, low: 0, high: 49}}");
    assert_int_equal(exhaust(&t), 50);
    for (uint64_t i = 0; i < 50; i++) order[s][i] = test_study_trial(&t, i)->internal[0];
    test_study_close(&t);
  }
  for (size_t i = 0; i < 50; i++) {
    in_place += order[0][i] == (double)i;
    same += order[0][i] == order[1][i];
  }
  assert_true(in_place < 8 && same < 8);
}

static void a_huge_grid_is_not_materialised(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(
      &t, "sampler: {name: grid}\n"
          "space: {a: {type: int, low: 0, high: 999999}, b: {type: int, low: 0, high: 999999},\n"
          "  c: {type: int, low: 0, high: 999999}}");
  double low = INFINITY, high = -INFINITY;
  for (int i = 0; i < 200; i++) {
    const double a = test_study_trial(&t, test_study_ask(&t))->internal[2];
    low = fmin(low, a);
    high = fmax(high, a);
  }
  assert_true(low < 50000 && high > 950000); /* spread over the whole axis from the start */
  test_study_close(&t);
}

static void mistakes_are_named_at_their_place(void **state) {
  (void)state;
#define SPACE                                                                                      \
  "space: {x: {type: float, low: 0, high: 1}, k: {type: categorical, choices: [a, b]}}\n"
  static const struct {
    const char *yaml;
    int line, column;
    const char *message;
  } bad[] = {
      {SPACE "sampler: {name: grid}", 2, 10,
       "sampler 'grid': parameter 'x' is continuous; give it a step, or list its values under "
       "search_space"},
      {SPACE "sampler: {name: grid, search_space: {y: [1]}}", 2, 38,
       "sampler 'grid': search_space names 'y', which is no parameter"},
      {SPACE "sampler: {name: grid, search_space: {x: 1}}", 2, 41,
       "sampler 'grid': the values of 'x' are an integer; write a list"},
      {SPACE "sampler: {name: grid, search_space: {x: []}}", 2, 41,
       "sampler 'grid': 'x' has 0 values; from 1 to 10000 can be listed"},
      {SPACE "sampler: {name: grid, search_space: {x: [0.5, 2]}}", 2, 47,
       "parameter 'x': 2 is not a value that it takes; a number from 0 to 1"},
      {SPACE "sampler: {name: grid, search_space: {x: [0.5, 0.5]}}", 2, 47,
       "sampler 'grid': a value of 'x' stands there twice"},
      {SPACE "sampler: brute_force", 2, 10,
       "sampler 'brute_force': parameter 'x' is continuous; give it a step"},
      {"sampler: grid\nspace: {a: {type: int, low: 1, high: 4000000000}, b: {type: int, low: 1, "
       "high: 4000000000}}",
       1, 10,
       "sampler 'grid': the grid has more than 2^62 points; widen steps, list fewer values under "
       "search_space, or use random"},
      {"sampler: grid\nspace: {a: {type: int, low: 1, high: 2000}, b: {type: int, low: 1, high: "
       "2000, when: {a: 1}}, c: {type: int, low: 1, high: 2000}}",
       1, 10,
       "sampler 'grid': this space has conditions and more than 1000000 points; widen steps, list "
       "fewer values under search_space, or use random"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    struct test_study t;
    struct core_error err = {0};
    assert_int_equal(test_spec_open(&t, bad[i].yaml, &err), CORE_INVAL);
    assert_string_equal(err.message, bad[i].message);
    if (err.line != bad[i].line || err.column != bad[i].column)
      fail_msg("%s: at %d:%d", bad[i].yaml, err.line, err.column);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_point_is_given_once),
      cmocka_unit_test(one_point_is_a_grid),
      cmocka_unit_test(conditional_points_differ_in_what_exists),
      cmocka_unit_test(brute_force_walks_the_whole_tree),
      cmocka_unit_test(brute_force_never_repeats_a_running_point),
      cmocka_unit_test(conditional_grids_beyond_a_landmark_are_whole),
      cmocka_unit_test(listed_values_are_given_exactly),
      cmocka_unit_test(points_of_told_trials_are_not_given_again),
      cmocka_unit_test(order_is_shuffled_by_the_seed),
      cmocka_unit_test(a_huge_grid_is_not_materialised),
      cmocka_unit_test(mistakes_are_named_at_their_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
