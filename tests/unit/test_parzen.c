/* SPDX-License-Identifier: GPL-3.0-or-later
 * TPE's Parzen estimator against Optuna 5's numbers, and against a slow one written from the formulas: own domains
 * instead of unit coordinates, long double, one kernel and one dimension at a time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/stats.h"
#include "hpo/sampler/tpe_parzen.h"
#include "tests/support/support.h"

enum { MAX_TRIALS = 64, N_PARAMS = 6 };

static const char space_yaml[] = "x: {type: float, low: -2, high: 7}\n"
                                 "lr: {type: float, low: 1.0e-5, high: 1, log: true}\n"
                                 "d: {type: float, low: 0, high: 0.5, step: 0.05}\n"
                                 "n: {type: int, low: 2, high: 64, step: 2}\n"
                                 "w: {type: int, low: 1, high: 512, log: true}\n"
                                 "k: {type: categorical, choices: [a, b, c]}\n";

struct fixture {
  struct hpo_space space;
  struct hpo_trial trials[MAX_TRIALS];
  const struct hpo_trial *list[MAX_TRIALS];
  double internal[MAX_TRIALS][N_PARAMS], unit[MAX_TRIALS][N_PARAMS];
  struct hpo_parzen parzen; /* of the last fit */
};

static void fixture_open(struct fixture *f) {
  struct core_tree tree;
  *f = (struct fixture){0};
  assert_int_equal(core_tree_parse(&tree, "s", space_yaml, strlen(space_yaml), NULL), CORE_OK);
  assert_int_equal(hpo_space_open(&f->space, tree.root, NULL), CORE_OK);
  core_tree_close(&tree);
}

static void fixture_close(struct fixture *f) {
  hpo_parzen_close(&f->parzen);
  hpo_space_close(&f->space);
}

static void add_trial(struct fixture *f, size_t i, const double *internal) {
  memcpy(f->internal[i], internal, sizeof f->internal[i]);
  hpo_space_to_unit(&f->space, internal, f->unit[i]);
  f->trials[i] = (struct hpo_trial){.number = i, .internal = f->internal[i], .unit = f->unit[i]};
  f->list[i] = &f->trials[i];
}

static const size_t all_params[N_PARAMS] = {0, 1, 2, 3, 4, 5};

static void values_of(const struct hpo_space *space, const size_t *params, size_t n,
                      const double *internal, struct hpo_parzen_value *values) {
  for (size_t d = 0; d < n; d++) {
    const struct hpo_param *p = &space->params[params[d]];
    const double x = internal[params[d]];
    values[d] = (struct hpo_parzen_value){0};
    if (p->type == HPO_PARAM_CATEGORICAL)
      values[d].choice = (size_t)x;
    else
      hpo_param_cell(p, hpo_param_to_unit(p, x), &values[d].lo, &values[d].hi);
  }
}

static struct hpo_parzen *fit(struct fixture *f, const struct hpo_parzen_options *options,
                              const size_t *params, size_t n_params, size_t n) {
  hpo_parzen_close(&f->parzen);
  assert_int_equal(hpo_parzen_open(&f->parzen, options, &f->space, params, n_params, NULL),
                   CORE_OK);
  assert_int_equal(hpo_parzen_fill(&f->parzen, f->list, n, NULL), CORE_OK);
  return &f->parzen;
}

static double log_density(struct hpo_parzen *parzen, const struct hpo_parzen_value *point) {
  double density;
  assert_int_equal(hpo_parzen_log_densities(parzen, point, 1, &density, NULL), CORE_OK);
  return density;
}

static double fraction(double x) {
  return x - floor(x);
}

/* The observations and candidates for which Optuna 5.0 (_ParzenEstimator, all six parameters jointly) gave `density`. */
static void densities_are_optunas(void **state) {
  (void)state;
  static const struct {
    size_t n;
    bool endpoints, magic_clip;
    double prior_weight, density[3];
  } cases[] = {
      {0, false, true, 1, {-14.5761396313083, -20.1584082399558, -13.7716703175881}},
      {1, false, true, 1, {-14.6167663542239, -20.6168197129888, -13.0071513450682}},
      {7, false, true, 1, {-16.5592231052563, -21.7141767662377, -15.8511088017002}},
      {7, true, false, 0.5, {-17.1735027770422, -21.8360733860819, -16.4797169724257}},
      {25, false, true, 1, {-17.8342361693298, -23.4165047779773, -17.0297668556096}},
      {26, false, true, 1, {-17.835714366199, -23.4179829748466, -17.0312450524789}},
      {60, true, true, 2, {-17.6850145609622, -23.2430554640988, -16.880545247242}},
  };
  static const double candidates[3][N_PARAMS] = {
      {0.5, 1e-3, 0.15, 8, 3, 1}, {6.9, 0.9, 0.5, 64, 512, 2}, {-1.99, 2e-5, 0, 2, 1, 0}};
  struct fixture f;
  fixture_open(&f);
  for (size_t i = 0; i < MAX_TRIALS; i++) {
    const double t = (double)i;
    add_trial(&f, i,
              (double[]){-2 + 9 * fraction(t * 0.37 + 0.11),
                         pow(10, -5 * fraction(t * 0.61 + 0.05)), 0.05 * (double)(i * 7 % 11),
                         2 + 2 * (double)(i * 13 % 32), 1 + (double)(i * i * 31 % 512),
                         (double)(i * 5 % 3)});
  }
  for (size_t c = 0; c < CORE_COUNT_OF(cases); c++) {
    const struct hpo_parzen_options options = {cases[c].prior_weight, cases[c].magic_clip,
                                               cases[c].endpoints};
    struct hpo_parzen *parzen = fit(&f, &options, all_params, N_PARAMS, cases[c].n);
    for (size_t k = 0; k < 3; k++) {
      struct hpo_parzen_value values[N_PARAMS];
      values_of(&f.space, all_params, N_PARAMS, candidates[k], values);
      /* densities of x and lr are per unit interval here, per own domain there */
      const double here = log_density(parzen, values) - log(9) - log(log(1e5));
      if (fabs(here - cases[c].density[k]) > 1e-9)
        fail_msg("case %zu candidate %zu: %.15g, not %.15g", c, k, here, cases[c].density[k]);
    }
  }
  fixture_close(&f);
}

/* ---- the slow estimator ---- */

static long double slow_mass(long double a, long double b) {
  const long double r = sqrtl(0.5L);
  return a > 0 ? 0.5L * (erfcl(a * r) - erfcl(b * r)) : 0.5L * (erfcl(-b * r) - erfcl(-a * r));
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double own_domain(const struct hpo_param *p, double x) {
  return p->log ? log(x) : x;
}

/* The width of the kernel at mu among all: its farther neighbour. Assumes distinct mus. */
static double slow_sigma(const double *mus, size_t n, double mu, double low, double high,
                         const struct hpo_parzen_options *options) {
  double sorted[MAX_TRIALS + 2];
  sorted[0] = low;
  memcpy(sorted + 1, mus, n * sizeof *mus);
  sorted[n + 1] = high;
  qsort(sorted + 1, n, sizeof *sorted, compare_doubles);
  size_t at = 1;
  while (sorted[at] != mu) at++;
  double sigma = fmax(sorted[at] - sorted[at - 1], sorted[at + 1] - sorted[at]);
  if (!options->endpoints && n >= 2 && at == 1) sigma = sorted[2] - sorted[1];
  if (!options->endpoints && n >= 2 && at == n) sigma = sorted[n] - sorted[n - 1];
  const double least = options->magic_clip ? (high - low) / fmin(100, (double)n + 2) : 1e-12;
  return fmin(fmax(sigma, least), high - low);
}

/* Log probability (or density, in units of the range) of value x in kernel `i` (n: the prior) of one dimension. */
static long double slow_kernel(const struct fixture *f, size_t param, size_t n, size_t i, double x,
                               const struct hpo_parzen_options *options) {
  const struct hpo_param *p = &f->space.params[param];
  if (p->type == HPO_PARAM_CATEGORICAL) {
    if (i == n) return -logl((long double)p->n_choices);
    const long double share = options->prior_weight / (long double)(n + 1);
    const bool hit = f->internal[i][param] == x;
    return logl((share + (hit ? 1 : 0)) / (1 + share * (long double)p->n_choices));
  }
  const double half = p->step / 2;
  const double low = own_domain(p, p->low - half), high = own_domain(p, p->high + half);
  double mus[MAX_TRIALS];
  for (size_t j = 0; j < n; j++) mus[j] = own_domain(p, f->internal[j][param]);
  const double mu = i < n ? mus[i] : 0.5 * (low + high);
  const double sigma = i < n ? slow_sigma(mus, n, mu, low, high, options) : high - low;
  const long double whole = slow_mass((low - mu) / sigma, (high - mu) / sigma);
  if (p->step > 0)
    return logl(
        slow_mass((own_domain(p, x - half) - mu) / sigma, (own_domain(p, x + half) - mu) / sigma) /
        whole);
  const long double z = (own_domain(p, x) - mu) / sigma;
  return -0.5L * z * z - 0.5L * logl(2 * acosl(-1)) - logl(sigma) - logl(whole) + logl(high - low);
}

static long double slow_weight(size_t i, size_t n, double prior_weight) {
  if (i == n) return prior_weight;
  if (n < 25 || i >= n - 25) return 1;
  return n == 26 ? 1 / (long double)n
                 : 1 / (long double)n +
                       (1 - 1 / (long double)n) * (long double)i / (long double)(n - 26);
}

static double slow_log_density(const struct fixture *f, const size_t *params, size_t n_params,
                               size_t n, const double *x,
                               const struct hpo_parzen_options *options) {
  long double sum = 0, weights = 0;
  for (size_t i = 0; i <= n; i++) {
    long double kernel = 0;
    for (size_t d = 0; d < n_params; d++)
      kernel += slow_kernel(f, params[d], n, i, x[params[d]], options);
    sum += slow_weight(i, n, options->prior_weight) * expl(kernel);
    weights += slow_weight(i, n, options->prior_weight);
  }
  return (double)logl(sum / weights);
}

static void random_row(const struct fixture *f, struct core_rng *rng, double *internal) {
  double unit[N_PARAMS];
  for (size_t k = 0; k < N_PARAMS; k++) unit[k] = core_rng_unit(rng);
  hpo_space_to_internal(&f->space, unit, internal);
}

static void densities_are_those_of_the_formulas(void **state) {
  (void)state;
  static const size_t continuous[] = {1, 0}, one[] = {4}, mixed[] = {5, 1, 0};
  static const struct {
    const size_t *params;
    size_t n;
  } sets[] = {{continuous, 2}, {mixed, 3}, {one, 1}};
  struct core_rng rng;
  core_rng_init(&rng, 5, 0, CORE_RNG_TEST);
  struct fixture f;
  fixture_open(&f);
  for (size_t round = 0; round < 60; round++) {
    const size_t n = core_rng_below(&rng, 50);
    double row[N_PARAMS];
    for (size_t i = 0; i < n; i++) {
      random_row(&f, &rng, row);
      row[4] = 3 + 10 * (double)i; /* distinct, as slow_sigma wants it */
      add_trial(&f, i, row);
    }
    const struct hpo_parzen_options options = {round % 3 ? 1 : 0.25, round % 4 > 0, round % 5 == 0};
    const size_t *params = sets[round % 3].params, n_params = sets[round % 3].n;
    struct hpo_parzen *parzen = fit(&f, &options, params, n_params, n);
    for (size_t c = 0; c < 5; c++) {
      struct hpo_parzen_value values[N_PARAMS];
      random_row(&f, &rng, row);
      values_of(&f.space, params, n_params, row, values);
      const double fast = log_density(parzen, values);
      const double slow = slow_log_density(&f, params, n_params, n, row, &options);
      if (fabs(fast - slow) > 1e-9 * fmax(1, fabs(slow)))
        fail_msg("round %zu: %.15g, not %.15g", round, fast, slow);
    }
  }
  fixture_close(&f);
}

static void masses_of_all_values_sum_to_one(void **state) {
  (void)state;
  static const size_t discrete[] = {2, 4, 5};
  const struct hpo_parzen_options options = {1, true, false};
  struct core_rng rng;
  core_rng_init(&rng, 6, 0, CORE_RNG_TEST);
  struct fixture f;
  fixture_open(&f);
  for (size_t n = 0; n <= 40; n += 20) {
    double row[N_PARAMS];
    for (size_t i = 0; i < n; i++) {
      random_row(&f, &rng, row);
      add_trial(&f, i, row);
    }
    struct hpo_parzen *parzen = fit(&f, &options, discrete, 3, n);
    double sum = 0;
    for (uint64_t a = 0; a < 11; a++)
      for (uint64_t b = 0; b < 512; b++)
        for (uint64_t c = 0; c < 3; c++) {
          struct hpo_parzen_value values[3];
          row[2] = hpo_param_value(&f.space.params[2], a);
          row[4] = hpo_param_value(&f.space.params[4], b);
          row[5] = (double)c;
          values_of(&f.space, discrete, 3, row, values);
          sum += exp(log_density(parzen, values));
        }
    assert_true(fabs(sum - 1) < 1e-9);
  }
  fixture_close(&f);
}

static void draws_have_the_density(void **state) {
  (void)state;
  static const size_t discrete[] = {5, 2};
  const struct hpo_parzen_options options = {1, true, false};
  enum { DRAWS = 60000 };
  struct core_rng rng;
  core_rng_init(&rng, 7, 0, CORE_RNG_TEST);
  struct fixture f;
  double row[N_PARAMS];
  fixture_open(&f);
  for (size_t i = 0; i < 30; i++) {
    random_row(&f, &rng, row);
    add_trial(&f, i, row);
  }
  struct hpo_parzen *parzen = fit(&f, &options, discrete, 2, 30);
  size_t counts[3][11] = {0};
  for (size_t i = 0; i < DRAWS; i++) {
    struct hpo_parzen_value values[2];
    hpo_parzen_draw(parzen, &rng, values);
    const double d =
        hpo_param_from_unit(&f.space.params[2], hpo_parzen_unit(&f.space.params[2], &values[1]));
    counts[values[0].choice][(size_t)nearbyint(d / 0.05)]++;
  }
  double chi = 0;
  for (uint64_t c = 0; c < 3; c++)
    for (uint64_t d = 0; d < 11; d++) {
      struct hpo_parzen_value values[2];
      row[2] = hpo_param_value(&f.space.params[2], d);
      row[5] = (double)c;
      values_of(&f.space, discrete, 2, row, values);
      const double expected = DRAWS * exp(log_density(parzen, values));
      chi += ((double)counts[c][d] - expected) * ((double)counts[c][d] - expected) / expected;
    }
  assert_true(chi < 62.5); /* 32 degrees of freedom: one in a thousand is above */
  fixture_close(&f);
}

/* The continuous draws' empirical distribution against the density's integral. */
static void continuous_draws_have_the_density(void **state) {
  (void)state;
  static const size_t one[] = {0};
  const struct hpo_parzen_options options = {1, true, false};
  enum { DRAWS = 40000, BINS = 20 };
  struct core_rng rng;
  core_rng_init(&rng, 8, 0, CORE_RNG_TEST);
  struct fixture f;
  double row[N_PARAMS];
  fixture_open(&f);
  for (size_t i = 0; i < 12; i++) {
    random_row(&f, &rng, row);
    add_trial(&f, i, row);
  }
  struct hpo_parzen *parzen = fit(&f, &options, one, 1, 12);
  size_t counts[BINS] = {0};
  for (size_t i = 0; i < DRAWS; i++) {
    struct hpo_parzen_value value;
    hpo_parzen_draw(parzen, &rng, &value);
    assert_true(value.lo >= 0 && value.lo <= 1 && value.lo == value.hi);
    counts[value.lo < 1 ? (size_t)(value.lo * BINS) : BINS - 1]++;
  }
  double total = 0;
  for (size_t b = 0; b < BINS; b++) {
    double mass = 0;
    for (size_t i = 0; i < 1000; i++) {
      const double u = ((double)b + ((double)i + 0.5) / 1000) / BINS;
      mass += exp(log_density(parzen, &(struct hpo_parzen_value){.lo = u, .hi = u}));
    }
    mass /= 1000 * BINS;
    total += mass;
    const double off = (double)counts[b] / DRAWS - mass;
    assert_true(fabs(off) < 4.5 * sqrt(mass / DRAWS));
  }
  assert_true(fabs(total - 1) < 1e-5);
  fixture_close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(densities_are_optunas),
      cmocka_unit_test(densities_are_those_of_the_formulas),
      cmocka_unit_test(masses_of_all_values_sum_to_one),
      cmocka_unit_test(draws_have_the_density),
      cmocka_unit_test(continuous_draws_have_the_density),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
