/* SPDX-License-Identifier: GPL-3.0-or-later
 * CMA-ES: the strategy against what is published of it, margins, choices, restarts, and the sampler
 * on histories that are not its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "core/stats.h"
#include "hpo/sampler/cmaes_choice.h"
#include "hpo/sampler/cmaes_margin.h"
#include "hpo/sampler/cmaes_search.h"
#include "tests/support/study_support.h"

#define MAX_DIM 20

static void assert_within(double value, double wanted, double tolerance) {
  assert_true(fabs(value - wanted) <= tolerance);
}

typedef double objective_fn(const double *x, size_t n);

static double sphere(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
  return sum;
}

static double ellipsoid(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += pow(1e6, (double)i / (double)(n - 1)) * x[i] * x[i];
  return sum;
}

static double rosenbrock(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i + 1 < n; i++) sum += 100 * pow(x[i] * x[i] - x[i + 1], 2) + pow(1 - x[i], 2);
  return sum;
}

/* ---- the strategy alone ---- */

struct sample {
  double x[MAX_DIM], loss;
};

static int by_loss(const void *a, const void *b) {
  const double u = ((const struct sample *)a)->loss, v = ((const struct sample *)b)->loss;
  return u < v ? -1 : u > v;
}

/* One generation; the best loss in it. */
static double generation(struct hpo_cmaes *s, objective_fn *f, struct core_rng *rng) {
  struct sample samples[64];
  struct hpo_cmaes_sample ranked[64];
  double z[MAX_DIM];
  for (size_t i = 0; i < s->lambda; i++) {
    for (size_t j = 0; j < s->n; j++) z[j] = core_rng_normal(rng);
    hpo_cmaes_place(s, z, samples[i].x);
    samples[i].loss = f(samples[i].x, s->n);
  }
  qsort(samples, s->lambda, sizeof *samples, by_loss);
  for (size_t i = 0; i < s->lambda; i++) ranked[i] = (struct hpo_cmaes_sample){samples[i].x, false};
  assert_int_equal(hpo_cmaes_update(s, ranked, NULL), CORE_OK);
  return samples[0].loss;
}

/* Evaluations until a loss of 1e-8, from 1.5 in every coordinate, median of five seeds. */
static size_t evaluations(objective_fn *f, size_t n, size_t lambda, bool separable) {
  double counts[5];
  for (uint64_t seed = 0; seed < 5; seed++) {
    struct hpo_cmaes s;
    struct core_rng rng;
    core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
    assert_int_equal(hpo_cmaes_open(&s, n, lambda, separable, NULL), CORE_OK);
    s.sigma = 0.5;
    for (size_t j = 0; j < n; j++) s.mean[j] = 1.5;
    size_t count = lambda;
    while (generation(&s, f, &rng) > 1e-8 && count < 100000) count += lambda;
    counts[seed] = (double)count;
    hpo_cmaes_close(&s);
  }
  core_sort_doubles(counts, 5);
  return (size_t)counts[2];
}

static void constants_are_those_of_the_tutorial(void **state) {
  (void)state;
  struct hpo_cmaes s;
  assert_int_equal(hpo_cmaes_open(&s, 10, 10, false, NULL), CORE_OK);
  assert_within(s.rates.mu_eff, 3.167299281, 1e-8);
  assert_within(s.rates.c_sigma, 5.167299281 / 18.167299281, 1e-9);
  assert_within(s.rates.d_sigma, 1 + s.rates.c_sigma, 1e-12);
  assert_within(s.rates.c_path, 4.3167299281 / 14.6334598562, 1e-9);
  assert_within(s.rates.c_one, 2 / (11.3 * 11.3 + 3.167299281), 1e-9);
  assert_within(s.rates.c_mu, 2 * (0.25 + 3.167299281 + 1 / 3.167299281 - 2) / (144 + 3.167299281),
                1e-9);
  double positive = 0, negative = 0;
  for (size_t i = 0; i < 10; i++) {
    *(s.weights[i] > 0 ? &positive : &negative) += s.weights[i];
    assert_true(i == 0 || s.weights[i] <= s.weights[i - 1]);
  }
  assert_within(positive, 1, 1e-12);
  assert_true(negative < -0.5 && negative >= -(1 + s.rates.c_one / s.rates.c_mu) - 1e-12);
  hpo_cmaes_close(&s);
}

/* Published: about 1,600 to 1,800 on the sphere, 3,500 to 4,500 on the ellipsoid and 5,000 to
 * 6,000 on Rosenbrock's function in 10 dimensions, lambda 10. */
static void published_evaluation_counts_are_met(void **state) {
  (void)state;
  assert_in_range(evaluations(sphere, 10, 10, false), 800, 1800);
  assert_in_range(evaluations(ellipsoid, 10, 10, false), 2000, 4500);
  assert_in_range(evaluations(rosenbrock, 10, 10, false), 2500, 6500);
  assert_in_range(evaluations(ellipsoid, 10, 10, true), 1000, 3000);
  assert_in_range(evaluations(ellipsoid, 20, 12, false), 6000, 16000);
}

/* On c |x|^2 only ranks matter: the same samples, whatever c is, bit for bit. */
static double flattened(const double *x, size_t n) {
  return log(ellipsoid(x, n));
}

static void only_ranks_matter(void **state) {
  (void)state;
  struct hpo_cmaes a, b;
  struct core_rng rng_a, rng_b;
  core_rng_init(&rng_a, 3, 0, CORE_RNG_TEST);
  core_rng_init(&rng_b, 3, 0, CORE_RNG_TEST);
  assert_int_equal(hpo_cmaes_open(&a, 6, 9, false, NULL), CORE_OK);
  assert_int_equal(hpo_cmaes_open(&b, 6, 9, false, NULL), CORE_OK);
  for (size_t j = 0; j < 6; j++) a.mean[j] = b.mean[j] = 2;
  for (int g = 0; g < 50; g++) {
    generation(&a, ellipsoid, &rng_a);
    generation(&b, flattened, &rng_b);
  }
  assert_memory_equal(a.mean, b.mean, 6 * sizeof *a.mean);
  hpo_cmaes_close(&a);
  hpo_cmaes_close(&b);
}

/* A foreign point, however far, moves the mean no farther than a long step. */
static void foreign_points_are_limited(void **state) {
  (void)state;
  struct hpo_cmaes s;
  static const double far[4] = {1e9, -1e9, 1e9, 1e9}, zero[4] = {0};
  assert_int_equal(hpo_cmaes_open(&s, 4, 6, false, NULL), CORE_OK);
  s.sigma = 0.1;
  struct hpo_cmaes_sample samples[6];
  for (size_t i = 0; i < 6; i++) samples[i] = (struct hpo_cmaes_sample){i ? zero : far, i == 0};
  assert_int_equal(hpo_cmaes_update(&s, samples, NULL), CORE_OK);
  assert_true(sqrt(sphere(s.mean, 4)) < 0.1 * (2 + 8.0 / 6));
  assert_true(s.sigma < 0.3);
  hpo_cmaes_close(&s);
}

static void no_dimension_is_no_trouble(void **state) {
  (void)state;
  struct hpo_cmaes s;
  struct hpo_cmaes_sample samples[4] = {{NULL, false}};
  assert_int_equal(hpo_cmaes_open(&s, 0, 4, false, NULL), CORE_OK);
  assert_int_equal(hpo_cmaes_update(&s, samples, NULL), CORE_OK);
  assert_true(hpo_cmaes_condition(&s) == 1);
  hpo_cmaes_close(&s);
  struct hpo_cmaes none = {0};
  hpo_cmaes_close(&none);
}

/* ---- margins ---- */

static void a_narrow_strategy_keeps_its_neighbours(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "space: {k: {type: int, low: 0, high: 9}, l: {type: int, low: 1, high: 100, "
                      "log: true}, b: {type: int, low: 0, high: 1}, x: {type: float, low: 0, high: "
                      "1}}");
  const struct hpo_param *params[4];
  for (size_t j = 0; j < 4; j++) params[j] = &t.spec.space.params[j];
  for (int place = 0; place <= 20; place++) {
    struct hpo_cmaes s;
    assert_int_equal(hpo_cmaes_open(&s, 4, 8, false, NULL), CORE_OK);
    s.sigma = 1e-4;
    for (size_t j = 0; j < 4; j++) s.mean[j] = place / 20.0;
    const double before = s.mean[3];
    hpo_cmaes_keep_margin(&s, params, 0.02);
    for (size_t j = 0; j < 3; j++) {
      double low, high;
      hpo_param_cell(params[j], fmin(fmax(s.mean[j], 0), 1), &low, &high);
      const double deviation = hpo_cmaes_deviation(&s, j);
      const double below = core_normal_cdf((low - s.mean[j]) / deviation);
      const double above = core_normal_cdf((s.mean[j] - high) / deviation);
      if (low > 0 && high < 1) assert_true(fmin(below, above) > 0.0099);
      if (low <= 0) assert_true(above > 0.0199);
      if (high >= 1) assert_true(below > 0.0199);
      assert_true(1 - below - above > 0.45); /* the mean may be on a threshold */
    }
    assert_true(s.mean[3] == before && s.stretch[3] == 1); /* continuous: left alone */
    hpo_cmaes_close(&s);
  }
  test_study_close(&t);
}

/* ---- choices ---- */

static void probabilities_follow_the_winners_and_keep_a_floor(void **state) {
  (void)state;
  struct hpo_cmaes_choices c;
  static const size_t counts[] = {3, 5}, won[] = {2, HPO_CMAES_NO_CHOICE};
  static const size_t *const rows[] = {won, won};
  static const double weights[] = {0.7, 0.3};
  assert_int_equal(hpo_cmaes_choices_open(&c, counts, 2, NULL), CORE_OK);
  for (int i = 0; i < 200; i++) {
    hpo_cmaes_choices_update(&c, rows, weights, 2);
    double sum = 0;
    for (size_t k = 0; k < 3; k++) sum += c.p[k];
    assert_within(sum, 1, 1e-12);
  }
  assert_true(c.p[2] > 0.75 && c.p[0] > 0.01 && c.p[1] > 0.01);
  for (size_t k = 3; k < 8; k++) assert_within(c.p[k], 0.2, 1e-12); /* never existed */
  hpo_cmaes_choices_close(&c);
}

/* ---- the sampler ---- */

static double loss_at(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (x[i] - 0.3) * (x[i] - 0.3) * (double)(i + 1);
  return sum;
}

/* `slots` trials run at once and end in the order in which they began; the best loss. */
static double run(struct test_study *t, size_t trials, size_t slots, objective_fn *f) {
  double best = INFINITY;
  for (uint64_t asked = 0, ended = 0; ended < trials;) {
    if (asked - ended < slots && asked < trials) {
      asked = test_study_ask(t) + 1;
      continue;
    }
    const double loss = f(test_study_trial(t, ended)->internal, t->spec.space.n_params);
    test_study_complete(t, ended++, loss);
    best = fmin(best, loss);
  }
  return best;
}

#define FOUR_FLOATS                                                                                \
  "space: {a: {type: float, low: -2, high: 2}, b: {type: float, low: -2, high: 2}, c: {type: "     \
  "float, low: -2, high: 2}, d: {type: float, low: -2, high: 2}}"

static void parallel_trials_are_not_wasted(void **state) {
  (void)state;
  static const size_t slots[] = {1, 8, 64};
  static const double bars[] = {1e-8, 1e-6, 1e-2};
  for (size_t i = 0; i < CORE_COUNT_OF(slots); i++) {
    struct test_study t;
    test_study_open(&t, "seed: 3\nsampler: cmaes\n" FOUR_FLOATS);
    assert_true(run(&t, 800, slots[i], loss_at) < bars[i]);
    test_study_close(&t);
  }
}

/* x in {0..40}^3 and two floats, the optimum inside a cell far from the middle. */
static double integers(const double *x, size_t n) {
  (void)n;
  return pow(x[0] - 31, 2) + pow(x[1] - 2, 2) + pow(x[2] - 17, 2) + 0.1 * fabs(x[0] - x[2] - 14) +
         pow(x[3] - 0.2, 2) + pow(x[4] - 0.7, 2);
}

static size_t solved(const char *sampler, const char *space, size_t trials, objective_fn *f,
                     double bar) {
  size_t count = 0;
  for (int seed = 0; seed < 12; seed++) {
    struct test_study t;
    struct core_str yaml = {0};
    core_str_printf(&yaml, "seed: %d\nsampler: %s\n%s", seed, sampler, space);
    test_study_open(&t, core_str_text(&yaml));
    count += run(&t, trials, 1, f) < bar;
    test_study_close(&t);
    core_str_close(&yaml);
  }
  return count;
}

static void margins_find_the_best_integers(void **state) {
  (void)state;
  static const char space[] =
      "space: {i: {type: int, low: 0, high: 40}, j: {type: int, low: 0, high: 40}, k: {type: int, "
      "low: 0, high: 40}, x: {type: float, low: 0, high: 1}, y: {type: float, low: 0, high: 1}}";
  assert_true(solved("{name: cmaes}", space, 500, integers, 0.05) >= 11);
}

static double choices(const double *x, size_t n) {
  (void)n;
  return (x[0] == 3) * -1.0 + (x[1] == 1) * -1.0 + (x[2] == 4) * -1.0 + 3 + pow(x[3] - 0.4, 2);
}

static void categoricals_are_learnt(void **state) {
  (void)state;
  static const char space[] =
      "space: {a: {type: categorical, choices: [a, b, c, d, e, f]}, b: {type: categorical, "
      "choices: "
      "[a, b, c, d, e, f]}, c: {type: categorical, choices: [a, b, c, d, e, f]}, x: {type: float, "
      "low: 0, high: 1}}";
  assert_true(solved("{name: cmaes}", space, 150, choices, 0.01) >= 9);
  assert_true(solved("{name: random}", space, 150, choices, 0.01) <= 4);
}

/* 90 points: while there are enough left, none is evaluated twice, whatever runs beside it. */
static void finite_spaces_are_not_repeated(void **state) {
  (void)state;
  struct test_study t;
  bool seen[5][6][3] = {{{false}}};
  test_study_open(&t, "sampler: cmaes\nspace: {a: {type: int, low: 0, high: 4}, b: {type: "
                      "categorical, choices: [a, b, c, d, e, f]}, c: {type: float, low: 0, high: "
                      "1, step: 0.5}}");
  size_t repeated = 0;
  for (uint64_t i = 0; i < 45; i++) {
    const double *x = test_study_trial(&t, test_study_ask(&t))->internal;
    bool *at = &seen[(int)x[0]][(int)x[1]][(int)(2 * x[2])];
    repeated += *at;
    *at = true;
    if (i >= 4) test_study_complete(&t, i - 4, loss_at(test_study_trial(&t, i - 4)->internal, 3));
  }
  assert_true(repeated <= 5);
  test_study_close(&t);
}

static double rastrigin(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double y = x[i] - 1;
    sum += 10 + y * y - 10 * cos(6.283185307179586 * y);
  }
  return sum;
}

static void restarts_escape_local_minima(void **state) {
  (void)state;
  static const char space[] = "space: {a: {type: float, low: -5, high: 5}, b: {type: float, low: "
                              "-5, high: 5}}";
  const size_t none = solved("{name: cmaes, restart_strategy: none}", space, 5000, rastrigin, 1e-6);
  const size_t ipop = solved("{name: cmaes, restart_strategy: ipop}", space, 5000, rastrigin, 1e-6);
  const size_t bipop =
      solved("{name: cmaes, restart_strategy: bipop}", space, 5000, rastrigin, 1e-6);
  assert_true(none <= 5 && ipop >= 8 && bipop >= 8);
}

static void populations_grow_from_run_to_run(void **state) {
  (void)state;
  struct hpo_cmaes_plan plan;
  struct core_rng rng;
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  hpo_cmaes_plan_init(&plan, HPO_CMAES_IPOP, 6, 2);
  for (size_t lambda = 6; lambda < 100; lambda *= 2) {
    assert_int_equal(plan.lambda, lambda);
    hpo_cmaes_plan_next(&plan, 100, &rng);
  }
  hpo_cmaes_plan_init(&plan, HPO_CMAES_BIPOP, 6, 2);
  size_t n_small = 0;
  for (int i = 0; i < 40; i++) {
    hpo_cmaes_plan_next(&plan, 50 * plan.lambda, &rng);
    assert_true(plan.lambda >= 6 && plan.lambda <= plan.lambda_large);
    assert_true(plan.small ? plan.sigma_factor >= 0.01 : plan.sigma_factor == 1);
    n_small += plan.small;
  }
  assert_true(n_small > 10 && plan.lambda_large >= 24);
}

static double constant(const double *x, size_t n) {
  (void)x, (void)n;
  return 7;
}

static double enormous(const double *x, size_t n) {
  return x[0] > 0 ? 1e300 : x[1] > 0 ? -1e300 * fabs(x[2]) : loss_at(x, n);
}

static double unbounded(const double *x, size_t n) {
  return x[0] > 0 ? INFINITY : x[1] > 1 ? -INFINITY : loss_at(x, n);
}

/* Nothing to learn, or nothing but extremes: points stay within bounds and go on differing. */
static void senseless_values_do_no_harm(void **state) {
  (void)state;
  static objective_fn *const functions[] = {constant, enormous, unbounded};
  for (size_t f = 0; f < CORE_COUNT_OF(functions); f++) {
    struct test_study t;
    test_study_open(&t, "seed: 1\nsampler: cmaes\n" FOUR_FLOATS);
    run(&t, 1500, 3, functions[f]);
    size_t same = 0;
    for (uint64_t i = 1; i < 1500; i++) {
      const double *a = test_study_trial(&t, i)->internal,
                   *b = test_study_trial(&t, i - 1)->internal;
      for (size_t k = 0; k < 4; k++) assert_true(a[k] >= -2 && a[k] <= 2);
      same += memcmp(a, b, 4 * sizeof *a) == 0;
    }
    assert_true(same < 15);
    test_study_close(&t);
  }
}

/* Failures are the worst of their generation: the search leaves where they are. */
static void failures_drive_the_search_away(void **state) {
  (void)state;
  struct test_study t;
  size_t late = 0;
  test_study_open(&t, "seed: 4\nsampler: cmaes\n" FOUR_FLOATS);
  for (int i = 0; i < 300; i++) {
    const uint64_t number = test_study_ask(&t);
    const double *x = test_study_trial(&t, number)->internal;
    if (x[0] < 0) {
      test_study_fail(&t, number);
      late += i >= 200;
    } else {
      test_study_complete(&t, number, x[0] + x[1] * x[1]);
    }
  }
  assert_true(late < 80); /* the optimum is on the border */
  test_study_close(&t);
}

static void failures_alone_leave_the_design(void **state) {
  (void)state;
  struct test_study t, design;
  test_study_open(&t, "seed: 4\nsampler: cmaes\n" FOUR_FLOATS);
  test_study_open(&design, "seed: 4\nsampler: {name: cmaes, n_startup_trials: 100}\n" FOUR_FLOATS);
  for (int i = 0; i < 50; i++) {
    test_study_fail(&t, test_study_ask(&t));
    test_study_ask(&design);
    const uint64_t last = (uint64_t)i;
    assert_memory_equal(test_study_trial(&t, last)->internal,
                        test_study_trial(&design, last)->internal, 4 * sizeof(double));
  }
  test_study_close(&t);
  test_study_close(&design);
}

/* Points of other origin move the search towards them. */
static void other_points_are_used(void **state) {
  (void)state;
  struct test_study t;
  const double near[4] = {0.3, 0.3, 0.3, 0.3};
  test_study_open(&t, "seed: 6\nsampler: cmaes\n" FOUR_FLOATS);
  run(&t, 30, 1, loss_at);
  for (int i = 0; i < 12; i++) test_study_complete(&t, test_study_add(&t, near), loss_at(near, 4));
  double distance = 0;
  for (int i = 0; i < 10; i++)
    distance += sqrt(loss_at(test_study_trial(&t, test_study_ask(&t))->internal, 4)) / 10;
  assert_true(distance < 1.5);
  test_study_close(&t);
}

static void pruned_trials_rank_behind_complete_ones(void **state) {
  (void)state;
  static const char *const sections[] = {"{name: cmaes}", "{name: cmaes, consider_pruned_trials: "
                                                          "false}"};
  double means[2];
  for (int p = 0; p < 2; p++) {
    struct test_study t;
    struct core_str yaml = {0};
    core_str_printf(&yaml, "seed: 4\nsampler: %s\n" FOUR_FLOATS, sections[p]);
    test_study_open(&t, core_str_text(&yaml));
    for (int i = 0; i < 200; i++) {
      const uint64_t number = test_study_ask(&t);
      const double loss = loss_at(test_study_trial(&t, number)->internal, 4);
      test_study_report(&t, number, loss < 1 ? 2 : 1, loss);
      if (i >= 12 && loss > 0.5)
        test_study_prune(&t, number);
      else
        test_study_complete(&t, number, loss);
    }
    means[p] = 0;
    for (uint64_t i = 180; i < 200; i++)
      means[p] += loss_at(test_study_trial(&t, i)->internal, 4) / 20;
    test_study_close(&t);
    core_str_close(&yaml);
  }
  assert_true(means[0] < 0.5);
  assert_true(means[0] != means[1]);
}

static void the_first_run_starts_at_x0(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "sampler: {name: cmaes, n_startup_trials: 0, sigma0: 0.001, x0: {a: 1.5, c: "
                      "-1}}\n" FOUR_FLOATS);
  const double *x = test_study_trial(&t, test_study_ask(&t))->internal;
  assert_true(fabs(x[0] - 1.5) < 0.05 && fabs(x[1]) < 0.05 && fabs(x[2] + 1) < 0.05);
  test_study_close(&t);
  struct core_error err = {0};
  assert_int_equal(test_spec_open(&t, "sampler: {name: cmaes, x0: {z: 1}}\n" FOUR_FLOATS, &err),
                   CORE_INVAL);
  assert_non_null(strstr(err.message, "'z'"));
  test_study_close(&t);
}

/* Beyond 256 numeric parameters only variances are learnt: no matrix of n x n. */
static void wide_spaces_are_separable(void **state) {
  (void)state;
  struct test_study t;
  struct core_str yaml = {0};
  core_str_printf(&yaml, "sampler: cmaes\nspace: {");
  for (int i = 0; i < 3000; i++)
    core_str_printf(&yaml, "%sx%d: {type: float, low: 0, high: 1}", i ? ", " : "", i);
  core_str_char(&yaml, '}');
  test_study_open(&t, core_str_text(&yaml));
  core_str_close(&yaml);
  const double early = run(&t, 10, 1, loss_at);
  double best = early;
  for (int i = 0; i < 300; i++) {
    const uint64_t number = test_study_ask(&t);
    const double loss = loss_at(test_study_trial(&t, number)->internal, 3000);
    test_study_complete(&t, number, loss);
    best = fmin(best, loss);
  }
  assert_true(best < 0.8 * early);
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constants_are_those_of_the_tutorial),
      cmocka_unit_test(published_evaluation_counts_are_met),
      cmocka_unit_test(only_ranks_matter),
      cmocka_unit_test(foreign_points_are_limited),
      cmocka_unit_test(no_dimension_is_no_trouble),
      cmocka_unit_test(a_narrow_strategy_keeps_its_neighbours),
      cmocka_unit_test(probabilities_follow_the_winners_and_keep_a_floor),
      cmocka_unit_test(parallel_trials_are_not_wasted),
      cmocka_unit_test(margins_find_the_best_integers),
      cmocka_unit_test(categoricals_are_learnt),
      cmocka_unit_test(finite_spaces_are_not_repeated),
      cmocka_unit_test(restarts_escape_local_minima),
      cmocka_unit_test(populations_grow_from_run_to_run),
      cmocka_unit_test(senseless_values_do_no_harm),
      cmocka_unit_test(failures_drive_the_search_away),
      cmocka_unit_test(failures_alone_leave_the_design),
      cmocka_unit_test(other_points_are_used),
      cmocka_unit_test(pruned_trials_rank_behind_complete_ones),
      cmocka_unit_test(the_first_run_starts_at_x0),
      cmocka_unit_test(wide_spaces_are_separable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
