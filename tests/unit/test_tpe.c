/* SPDX-License-Identifier: GPL-3.0-or-later
 * TPE's parts around the estimator: the startup, the division of a history, blocks, running trials; and that the whole
 * finds better points than random search. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "hpo/sampler/design.h"
#include "hpo/sampler/tpe_split.h"
#include "tests/support/study_support.h"

static void the_startup_is_the_shared_design(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_design *design;
  double unit[2], row[2];
  test_study_open(&t, "seed: 7\nsampler: {name: tpe, n_startup_trials: 10}\nspace: {x: {type: "
                      "float, low: 0, high: 1}, k: {type: categorical, choices: [a, b, c]}}");
  assert_int_equal(hpo_design_open(&t.spec.space, 7, &design, NULL), CORE_OK);
  bool same = true;
  for (uint64_t i = 0; i < 16; i++) {
    test_study_ask(&t);
    const double *point = test_study_trial(&t, i)->internal;
    assert_int_equal(hpo_design_point(design, i, unit, NULL), CORE_OK);
    hpo_space_to_internal(&t.spec.space, unit, row);
    if (i < 11) /* ten finished trials are there for number 11: a failed one does not count */
      assert_true(row[0] == point[0] && row[1] == point[1]);
    else
      same &= row[0] == point[0];
    if (i == 4)
      test_study_fail(&t, i);
    else
      test_study_complete(&t, i, point[0]);
  }
  assert_false(same);
  hpo_design_close(design);
  test_study_close(&t);
}

/* While most trials are pruned every third point is the even design's; no more when as many are complete. */
static void every_third_point_is_even_while_most_are_pruned(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_design *design;
  double unit[1], row[1];
  test_study_open(&t, "seed: 5\nsampler: {name: tpe}\nspace: {x: {type: float, low: 0, high: 1}}");
  assert_int_equal(hpo_design_open(&t.spec.space, 5, &design, NULL), CORE_OK);
  for (uint64_t i = 0; i < 100; i++) {
    const double x = test_study_trial(&t, test_study_ask(&t))->internal[0];
    assert_int_equal(hpo_design_point(design, i, unit, NULL), CORE_OK);
    hpo_space_to_internal(&t.spec.space, unit, row);
    const bool even = i < 10 || (i % 3 == 0 && i < 60); /* of 60: 30 complete */
    assert_int_equal(x == row[0], even);
    test_study_report(&t, i, 1, x);
    if (i < 4 || i >= 34)
      test_study_complete(&t, i, x);
    else
      test_study_prune(&t, i);
  }
  hpo_design_close(design);
  test_study_close(&t);
}

/* Each point of a finite space comes once, also beside running trials and where a value decides
 * which parameters there are. */
static void no_point_comes_twice(void **state) {
  (void)state;
  static const char *const spaces[] = {
      "x: {type: int, low: 0, high: 99}",
      "k: {type: categorical, choices: [a, b]}, n: {type: int, low: 1, high: 60, when: {k: a}}, "
      "m: {type: int, low: 1, high: 60, when: {k: b}}"};
  for (size_t s = 0; s < 8; s++) {
    struct test_study t;
    struct core_str yaml = {0};
    core_str_printf(&yaml, "sampler: {name: tpe, multivariate: %s}\nspace: {%s}",
                    s < 4 ? "true" : "false", spaces[s % 2]);
    test_study_open(&t, core_str_text(&yaml));
    core_str_close(&yaml);
    size_t n_params = t.spec.space.n_params, repeated = 0;
    for (uint64_t i = 0; i < 45; i++) {
      const double *row = test_study_trial(&t, test_study_ask(&t))->internal;
      for (uint64_t j = 10; j < i; j++)
        repeated += memcmp(row, test_study_trial(&t, j)->internal, n_params * sizeof *row) == 0;
      const double x = row[n_params > 1 && isnan(row[1]) ? 2 : n_params > 1];
      if (i >= 3) test_study_report(&t, i - 3, 1, fabs(x - 31));
      if (i >= 3 && s % 4 < 2)
        test_study_complete(&t, i - 3, fabs(x - 31));
      else if (i >= 3)
        test_study_prune(&t, i - 3);
    }
    assert_int_equal(repeated, 0);
    test_study_close(&t);
  }
}

static void add_complete(struct test_study *t, double value) {
  test_study_complete(t, test_study_add(t, (double[]){0.5}), value);
}

static void add_pruned(struct test_study *t, int64_t step, double value) {
  const uint64_t number = test_study_add(t, (double[]){0.5});
  if (step >= 0) test_study_report(t, number, step, value);
  test_study_prune(t, number);
}

/* The numbers of the trials on one side, ascending. */
static void assert_side(const struct hpo_split *split, enum hpo_side side, const uint64_t *numbers,
                        size_t wanted) {
  size_t n = 0;
  for (size_t i = 0; i < split->n_trials; i++) {
    if (split->side[i] != side) continue;
    assert_true(n < wanted);
    assert_int_equal(split->trials[i]->number, numbers[n++]);
  }
  assert_int_equal(n, wanted);
}

static size_t count_side(const struct hpo_split *split, enum hpo_side side) {
  size_t n = 0;
  for (size_t i = 0; i < split->n_trials; i++) n += split->side[i] == side;
  return n;
}

static void divide(struct hpo_split *split, const struct test_study *t) {
  const struct hpo_history *history = hpo_study_history(t->study);
  assert_true(hpo_split_follows(split, history));
  assert_int_equal(hpo_split_update(split, history, NULL), CORE_OK);
}

static void complete_trials_are_divided_by_value(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(
      &t,
      "objective: {metric: a, direction: maximize}\nspace: {x: {type: float, low: 0, high: 1}}");
  const double values[] = {3, 9, 1, 9, 9, 2, 8, -INFINITY, INFINITY, 0, 4};
  for (size_t i = 0; i < 11; i++) add_complete(&t, values[i]);
  test_study_fail(&t, test_study_add(&t, (double[]){0.5}));
  test_study_add(&t, (double[]){0.5});
  for (int pending = 0; pending < 2; pending++) {
    struct hpo_split split = {.pending = pending};
    divide(&split, &t);
    assert_int_equal(split.n_observed, 11);
    /* a tenth, rounded up; the first of equals */
    assert_side(&split, HPO_SIDE_BELOW, (uint64_t[]){1, 8}, 2);
    assert_side(&split, HPO_SIDE_ABOVE, (uint64_t[]){0, 2, 3, 4, 5, 6, 7, 9, 10, 12},
                pending ? 10 : 9);
    hpo_split_close(&split);
  }
  test_study_close(&t);
}

static void pruned_trials_are_divided_by_their_estimates(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_split split = {0};
  test_study_open(&t, "space: {x: {type: float, low: 0, high: 1}}");
  for (int i = 0; i < 12; i++) add_complete(&t, 100 + i);
  divide(&split, &t);
  assert_side(&split, HPO_SIDE_BELOW, (uint64_t[]){0, 1}, 2); /* by value as yet */
  for (int i = 0; i < 23; i++) add_pruned(&t, -1, NAN);       /* 12 .. 34: nothing is known */
  add_pruned(&t, 3, 0.1);                                     /* 35 */
  add_pruned(&t, 7, NAN);                                     /* 36 */
  add_pruned(&t, 7, 0.5);                                     /* 37 */
  divide(&split, &t);
  /* a tenth of 12 and half of 26, rounded up */
  assert_side(&split, HPO_SIDE_BELOW, (uint64_t[]){0, 35, 37}, 3);
  add_pruned(&t, 3, 0.05); /* 38 */
  add_pruned(&t, 7, 0.25); /* 39 */
  divide(&split, &t);
  assert_side(&split, HPO_SIDE_BELOW, (uint64_t[]){35, 38, 39}, 3);
  hpo_split_close(&split);
  test_study_close(&t);
}

static void at_most_25_trials_are_below(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_split split = {0};
  test_study_open(&t, "space: {x: {type: float, low: 0, high: 1}}");
  for (int i = 0; i < 400; i++) add_complete(&t, (double)(i * 7 % 400));
  divide(&split, &t);
  assert_int_equal(count_side(&split, HPO_SIDE_BELOW), 25);
  assert_int_equal(count_side(&split, HPO_SIDE_ABOVE), 375);
  for (size_t i = 0; i < 400; i++)
    if (split.side[i] == HPO_SIDE_BELOW) assert_true(split.trials[i]->values[0] < 25);
  hpo_split_close(&split);
  test_study_close(&t);
}

/* Ends a random running trial; their orders of creation and of finishing differ. */
static void end_random_trial(struct test_study *t, struct core_rng *rng) {
  const uint64_t number = core_rng_below(rng, hpo_study_history(t->study)->n_trials);
  if (test_study_trial(t, number)->state != HPO_RUNNING) return;
  const uint64_t kind = core_rng_below(rng, 6);
  if (kind < 2) test_study_report(t, number, (int64_t)core_rng_below(rng, 4), core_rng_unit(rng));
  if (kind == 0)
    test_study_fail(t, number);
  else if (kind < 3)
    test_study_prune(t, number);
  else
    test_study_complete(t, number, (double)core_rng_below(rng, 50));
}

static void a_growing_history_is_divided_as_a_whole_one(void **state) {
  (void)state;
  struct test_study t;
  struct hpo_split grown = {.pending = true};
  struct core_rng rng;
  struct hpo_move move;
  uint8_t told[700] = {0};
  core_rng_init(&rng, 3, 0, CORE_RNG_TEST);
  test_study_open(&t, "space: {x: {type: float, low: 0, high: 1}}");
  for (int i = 0; i < 1500; i++) {
    if (core_rng_below(&rng, 5) < 2) test_study_add(&t, (double[]){0.5});
    if (i > 5) end_random_trial(&t, &rng);
    if (i % 3 != 0) continue;
    struct hpo_split whole = {.pending = true};
    divide(&whole, &t);
    divide(&grown, &t);
    assert_int_equal(whole.n_best, grown.n_best);
    assert_memory_equal(whole.side, grown.side, whole.n_trials);
    while (hpo_split_move(&grown, &move)) {
      assert_int_equal(told[move.trial->number], move.from);
      assert_int_not_equal(move.from, move.to);
      told[move.trial->number] = (uint8_t)move.to;
    }
    assert_memory_equal(told, grown.side, grown.n_trials);
    hpo_split_close(&whole);
  }
  assert_true(grown.n_trials > 500 && grown.n_trials < 700 && grown.n_best == 25);
  hpo_split_close(&grown);
  test_study_close(&t);
}

/* The mean distance of the next suggestion to a point at which many trials run. */
static double mean_distance(const char *liar) {
  struct test_study t;
  struct core_str yaml = {0};
  double sum = 0;
  for (int seed = 0; seed < 40; seed++) {
    core_str_clear(&yaml);
    core_str_printf(&yaml,
                    "seed: %d\nsampler: {name: tpe, constant_liar: %s}\nspace: {x: {type: float, "
                    "low: 0, high: 1}}",
                    seed, liar);
    test_study_open(&t, core_str_text(&yaml));
    for (int i = 0; i < 20; i++) {
      const double x = (double)i / 19;
      test_study_complete(&t, test_study_add(&t, &x), fabs(x - 0.5));
    }
    for (int i = 0; i < 20; i++) test_study_add(&t, (double[]){0.5});
    sum += fabs(test_study_trial(&t, test_study_ask(&t))->internal[0] - 0.5);
    test_study_close(&t);
  }
  core_str_close(&yaml);
  return sum / 40;
}

static void running_trials_push_suggestions_away(void **state) {
  (void)state;
  assert_true(mean_distance("true") > 2 * mean_distance("false"));
}

/* The next point after so many finished trials, while others run. */
static void suggest_beside(const char *multivariate, int n_finished, int n_running,
                           double point[3]) {
  struct test_study t;
  struct core_str yaml = {0};
  struct core_rng rng;
  core_str_printf(&yaml,
                  "sampler: {name: tpe, n_ei_candidates: 24%s}\nspace: {a: {type: float, low: 0, "
                  "high: 1}, b: {type: float, low: 0, high: 1}, k: {type: int, low: 0, high: 9}}",
                  multivariate);
  test_study_open(&t, core_str_text(&yaml));
  core_str_close(&yaml);
  core_rng_init(&rng, 9, 0, CORE_RNG_TEST);
  for (int i = 0; i < n_finished + n_running; i++) {
    const double row[] = {core_rng_unit(&rng), core_rng_unit(&rng),
                          (double)core_rng_below(&rng, 10)};
    const uint64_t number = test_study_add(&t, row);
    if (i < n_finished) test_study_complete(&t, number, row[0] + fabs(row[1] - row[0]));
  }
  bool fallback;
  assert_int_equal(hpo_study_suggest(t.study, point, &fallback, NULL), CORE_OK);
  test_study_close(&t);
}

static void parameters_are_modelled_one_by_one_while_many_trials_run(void **state) {
  (void)state;
  static const struct {
    int n_finished, n_running;
    bool alone;
  } cases[] = {{40, 8, false},  {40, 16, false}, {40, 17, true}, {67, 17, true},
               {68, 17, false}, {80, 20, false}, {80, 21, true}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    const int n = cases[i].n_finished, n_running = cases[i].n_running;
    double alone[3], together[3], chosen[3];
    suggest_beside(", multivariate: false", n, n_running, alone);
    suggest_beside(", multivariate: true", n, n_running, together);
    suggest_beside("", n, n_running, chosen);
    assert_memory_not_equal(alone, together, sizeof alone);
    assert_memory_equal(chosen, cases[i].alone ? alone : together, sizeof chosen);
  }
}

/* The good value of a conditional parameter is learnt from the trials that had it. */
static void conditional_parameters_are_modelled(void **state) {
  (void)state;
  static const char *const sections[] = {"{name: tpe}", "{name: tpe, group: false}",
                                         "{name: tpe, multivariate: false}"};
  for (size_t s = 0; s < CORE_COUNT_OF(sections); s++) {
    struct test_study t;
    struct core_str yaml = {0};
    core_str_printf(&yaml,
                    "sampler: %s\nspace: {k: {type: categorical, choices: [a, b]}, x: {type: "
                    "float, low: 0, high: 1, "
                    "when: {k: a}}, y: {type: float, low: 0, high: 1, when: {k: a}}}",
                    sections[s]);
    test_study_open(&t, core_str_text(&yaml));
    core_str_close(&yaml);
    size_t near = 0, have = 0;
    for (uint64_t i = 0; i < 120; i++) {
      const double *row = test_study_trial(&t, test_study_ask(&t))->internal;
      const bool has = row[0] == 0;
      test_study_complete(&t, i, has ? fabs(row[1] - 0.8) + fabs(row[2] - 0.2) : 0.7);
      if (i < 60) continue;
      have += has;
      near += has && fabs(row[1] - 0.8) < 0.2 && fabs(row[2] - 0.2) < 0.2;
    }
    assert_true(have > 40 && near > have / 2); /* 16 in 100 by chance */
    test_study_close(&t);
  }
}

/* Is the next point the one that comes from so many candidates, after 40 trials whose losses are
 * rounded to a multiple of `step`? */
static bool draws_candidates(const char *space, double step, int n) {
  double points[2][16];
  size_t n_params = 0;
  for (int given = 0; given < 2; given++) {
    struct test_study t;
    struct core_str yaml = {0};
    core_str_printf(&yaml, "sampler: {name: tpe%s", given ? ", n_ei_candidates: " : "");
    if (given) core_str_printf(&yaml, "%d", n);
    core_str_printf(&yaml, "}\nspace: {%s}", space);
    test_study_open(&t, core_str_text(&yaml));
    core_str_close(&yaml);
    struct core_rng rng;
    double unit[16] = {0}, row[16];
    core_rng_init(&rng, 8, 0, CORE_RNG_TEST);
    for (int i = 0; i < 40; i++) {
      for (size_t k = 0; k < t.spec.space.n_params; k++) unit[k] = core_rng_unit(&rng);
      hpo_space_to_internal(&t.spec.space, unit, row);
      const double loss = step > 0 ? floor(unit[0] / step) * step : unit[0];
      test_study_complete(&t, test_study_add(&t, row), loss);
    }
    bool fallback;
    assert_int_equal(hpo_study_suggest(t.study, points[given], &fallback, NULL), CORE_OK);
    n_params = t.spec.space.n_params;
    test_study_close(&t);
  }
  return memcmp(points[0], points[1], n_params * sizeof(double)) == 0;
}

static void candidates_are_many_where_they_help(void **state) {
  (void)state;
  static const char plane[] =
      "a: {type: float, low: 0, high: 1}, b: {type: float, low: 0, high: 1}";
  static const char tree[] =
      "a: {type: float, low: 0, high: 1}, k: {type: categorical, choices: [p, "
      "q]}, b: {type: float, low: 0, high: 1, when: {k: p}}";
  struct core_str wide = {0};
  for (int i = 0; i < 11; i++)
    core_str_printf(&wide, "%sx%d: {type: float, low: 0, high: 1}", i > 0 ? ", " : "", i);
  assert_true(draws_candidates(plane, 0, 96));
  assert_false(draws_candidates(plane, 0, 24));
  assert_true(draws_candidates(plane, 0.5, 24)); /* good trials tie */
  assert_true(draws_candidates(tree, 0, 24));
  assert_true(draws_candidates(core_str_text(&wide), 0, 24));
  core_str_close(&wide);
}

static void several_objectives_are_refused(void **state) {
  (void)state;
  struct test_study t;
  struct core_error err = {0};
  assert_int_equal(
      test_spec_open(
          &t,
          "objective: [{metric: a, direction: minimize}, {metric: b, direction: minimize}]\n"
          "sampler: {name: tpe}\nspace: {x: {type: float, low: 0, high: 1}}",
          &err),
      CORE_INVAL);
  assert_string_equal(
      err.message,
      "sampler 'tpe' takes one objective, and the study has 2; random, qmc and grid take several");
  assert_int_equal(err.line, 2);
}

static void group_needs_multivariate(void **state) {
  (void)state;
  struct test_study t;
  struct core_error err = {0};
  assert_int_equal(test_spec_open(&t,
                                  "sampler: {name: tpe, multivariate: false, group: true}\n"
                                  "space: {x: {type: float, low: 0, high: 1}}",
                                  &err),
                   CORE_INVAL);
  assert_string_equal(err.message, "sampler 'tpe': 'group: true' needs 'multivariate: true'");
  assert_true(err.line == 1 && err.column == 50);
}

/* ---- quality ---- */

static double sphere(const double *x) {
  double sum = 0;
  for (int i = 0; i < 5; i++) sum += (x[i] - 1.5) * (x[i] - 1.5);
  return sum;
}

static double branin(const double *x) {
  const double pi = acos(-1), a = x[1] - 5.1 / (4 * pi * pi) * x[0] * x[0] + 5 / pi * x[0] - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * cos(x[0]) + 10 - 0.397887;
}

/* A learning rate, a width and a choice, as a training program would have them. */
static double tuning(const double *x) {
  const double lr = log10(x[0]) + 2.5, width = log2(x[1]) - 6;
  static const double penalty[] = {0.6, 0, 0.3};
  return lr * lr + 0.1 * width * width + penalty[(size_t)x[2]] + 0.3 * fabs(x[3] - 0.2);
}

static double conditional(const double *x) {
  if (x[0] == 0) return 0.5 + (x[1] - 0.3) * (x[1] - 0.3);
  return 3 * fabs(x[2] - 0.7) + 0.05 * fabs(x[3] - 3);
}

static const struct problem {
  const char *space;
  double (*loss)(const double *);
} problems[] = {
    {"a: {type: float, low: -5, high: 5}, b: {type: float, low: -5, high: 5}, c: {type: float, "
     "low: -5, high: 5}, "
     "d: {type: float, low: -5, high: 5}, e: {type: float, low: -5, high: 5}",
     sphere},
    {"x: {type: float, low: -5, high: 10}, y: {type: float, low: 0, high: 15}", branin},
    {"lr: {type: float, low: 1.0e-5, high: 1, log: true}, width: {type: int, low: 4, high: 1024, "
     "log: true}, "
     "opt: {type: categorical, choices: [sgd, adam, rms]}, drop: {type: float, low: 0, high: 0.5, "
     "step: 0.05}",
     tuning},
    {"kind: {type: categorical, choices: [a, b]}, p: {type: float, low: 0, high: 1, when: {kind: "
     "a}}, "
     "q: {type: float, low: 0, high: 1, when: {kind: b}}, r: {type: int, low: 0, high: 9, when: "
     "{kind: b}}",
     conditional},
};

static double best_after(const char *sampler, const struct problem *problem, int seed, int budget) {
  struct test_study t;
  struct core_str yaml = {0};
  core_str_printf(&yaml, "seed: %d\nsampler: %s\nspace: {%s}", seed, sampler, problem->space);
  test_study_open(&t, core_str_text(&yaml));
  core_str_close(&yaml);
  for (int i = 0; i < budget; i++) {
    const uint64_t number = test_study_ask(&t);
    test_study_complete(&t, number, problem->loss(test_study_trial(&t, number)->internal));
  }
  const double best = hpo_history_best(hpo_study_history(t.study))->values[0];
  test_study_close(&t);
  return best;
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

enum { SEEDS = 31, BUDGET = 100 };

static double median_best(const char *sampler, const struct problem *problem) {
  double best[SEEDS];
  for (int seed = 0; seed < SEEDS; seed++) best[seed] = best_after(sampler, problem, seed, BUDGET);
  qsort(best, SEEDS, sizeof *best, compare_doubles);
  return best[SEEDS / 2];
}

static void regret_is_well_below_that_of_random(void **state) {
  (void)state;
  static const char *const sections[] = {"{name: tpe}", "{name: tpe, multivariate: false}"};
  for (size_t p = 0; p < CORE_COUNT_OF(problems); p++) {
    const double random = median_best("{name: random}", &problems[p]);
    for (size_t s = 0; s < CORE_COUNT_OF(sections); s++) {
      const double tpe = median_best(sections[s], &problems[p]);
      print_message("problem %zu, median best of %d: random %.4g, %s %.4g\n", p, BUDGET, random,
                    sections[s], tpe);
      assert_true(tpe < 0.4 * random);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_startup_is_the_shared_design),
      cmocka_unit_test(no_point_comes_twice),
      cmocka_unit_test(complete_trials_are_divided_by_value),
      cmocka_unit_test(pruned_trials_are_divided_by_their_estimates),
      cmocka_unit_test(every_third_point_is_even_while_most_are_pruned),
      cmocka_unit_test(at_most_25_trials_are_below),
      cmocka_unit_test(a_growing_history_is_divided_as_a_whole_one),
      cmocka_unit_test(running_trials_push_suggestions_away),
      cmocka_unit_test(parameters_are_modelled_one_by_one_while_many_trials_run),
      cmocka_unit_test(conditional_parameters_are_modelled),
      cmocka_unit_test(candidates_are_many_where_they_help),
      cmocka_unit_test(several_objectives_are_refused),
      cmocka_unit_test(group_needs_multivariate),
      cmocka_unit_test(regret_is_well_below_that_of_random),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
