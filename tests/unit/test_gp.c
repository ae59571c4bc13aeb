/* SPDX-License-Identifier: GPL-3.0-or-later
 * The Gaussian process against a dense solve in long double that is written here, on its own. */
#include "hpo/gp/kernel.h"
#include "hpo/gp/model.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/rng.h"
#include "tests/support/gp_checks.h"
#include "tests/support/support.h"

enum { MAX_N = 48, MAX_D = 64 };

struct data {
  size_t n, d;
  bool categorical[MAX_D];
  double x[MAX_N * MAX_D], y[MAX_N], extra[MAX_N], theta[MAX_D + 2];
};

/* A smooth function with some noise; every third feature is categorical when `mixed`. */
static struct data *make(size_t n, size_t d, bool mixed, double noise, uint64_t seed) {
  static struct data data;
  struct data *a = &data;
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
  memset(a, 0, sizeof *a);
  a->n = n;
  a->d = d;
  for (size_t j = 0; j < d; j++) {
    a->categorical[j] = mixed && j % 3 == 1;
    a->theta[j] = log(0.3 + 0.4 * core_rng_unit(&rng)) + 0.5 * log((double)d);
  }
  a->theta[d] = log(1.3);
  a->theta[d + 1] = log(noise);
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
      double *x = &a->x[i * d + j];
      *x = a->categorical[j] ? (double)core_rng_below(&rng, 3) : core_rng_unit(&rng);
      sum += sin(3 * *x + (double)j);
    }
    a->y[i] = sum / sqrt((double)d) + sqrt(noise) * core_rng_normal(&rng);
  }
  return a;
}

/* Three rows of four are known less well than the others, each in its own degree. */
static void make_uneven(struct data *a, uint64_t seed) {
  struct core_rng rng;
  core_rng_init(&rng, seed, 9, CORE_RNG_TEST);
  for (size_t i = 0; i < a->n; i++)
    a->extra[i] = i % 4 == 0 ? 0 : pow(10, 3 * core_rng_unit(&rng) - 3);
}

static struct hpo_gp *open_gp(const struct data *a, double noise_floor) {
  const struct hpo_gp_prior prior = hpo_gp_prior_default(a->d);
  struct hpo_gp_shape shape = {.d = a->d, .categorical = a->categorical, .prior = prior};
  shape.prior.noise_floor = noise_floor;
  struct hpo_gp *gp;
  assert_int_equal(hpo_gp_open(&shape, &gp, NULL), CORE_OK);
  return gp;
}

static void condition(struct hpo_gp *gp, const struct data *a) {
  assert_int_equal(hpo_gp_condition(gp, a->theta, a->x, a->y, a->extra, a->n, NULL), CORE_OK);
}

/* The reference: covariance, Gauss-Jordan with pivots, in long double. */

static long double covariance(const struct data *a, const double *p, const double *q) {
  long double squares = 0;
  for (size_t j = 0; j < a->d; j++) {
    const long double length = expl((long double)a->theta[j]);
    const long double difference =
        a->categorical[j] ? (long double)(p[j] != q[j]) : (long double)p[j] - q[j];
    squares += difference * difference / (length * length);
  }
  const long double r = sqrtl(5 * squares);
  return expl((long double)a->theta[a->d]) * (1 + r + r * r / 3) * expl(-r);
}

/* inverse = (K + noise I + diag(extra))^-1, returns log det. */
static long double dense_inverse(const struct data *a, long double noise,
                                 long double inverse[MAX_N][MAX_N]) {
  static long double k[MAX_N][MAX_N];
  const size_t n = a->n;
  long double log_det = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      k[i][j] =
          covariance(a, a->x + i * a->d, a->x + j * a->d) + (i == j ? noise + a->extra[i] : 0);
      inverse[i][j] = i == j;
    }
  }
  for (size_t c = 0; c < n; c++) { /* positive definite: the diagonal serves as pivot */
    const long double pivot = k[c][c];
    log_det += logl(pivot);
    for (size_t j = 0; j < n; j++) {
      k[c][j] /= pivot;
      inverse[c][j] /= pivot;
    }
    for (size_t i = 0; i < n; i++) {
      const long double factor = k[i][c];
      for (size_t j = 0; i != c && j < n; j++) {
        k[i][j] -= factor * k[c][j];
        inverse[i][j] -= factor * inverse[c][j];
      }
    }
  }
  return log_det;
}

struct reference {
  long double inverse[MAX_N][MAX_N], log_det, constant;
};

static struct reference *reference_of(const struct data *a) {
  static struct reference r;
  r.log_det = dense_inverse(a, expl((long double)a->theta[a->d + 1]), r.inverse);
  long double ones = 0, both = 0;
  for (size_t i = 0; i < a->n; i++) {
    for (size_t j = 0; j < a->n; j++) {
      ones += r.inverse[i][j];
      both += r.inverse[i][j] * a->y[j];
    }
  }
  r.constant = both / (1 + ones);
  return &r;
}

static void reference_predict(const struct data *a, const struct reference *r, const double *x,
                              long double *mean, long double *var) {
  long double k[MAX_N];
  *mean = r->constant;
  *var = expl((long double)a->theta[a->d]);
  for (size_t i = 0; i < a->n; i++) k[i] = covariance(a, x, a->x + i * a->d);
  for (size_t i = 0; i < a->n; i++) {
    for (size_t j = 0; j < a->n; j++) {
      *mean += k[i] * r->inverse[i][j] * (a->y[j] - r->constant);
      *var -= k[i] * r->inverse[i][j] * k[j];
    }
  }
}

static void probe(const struct data *a, struct core_rng *rng, double *x) {
  for (size_t j = 0; j < a->d; j++)
    x[j] = a->categorical[j] ? (double)core_rng_below(rng, 4) : core_rng_unit(rng);
}

static const struct {
  size_t n, d;
  bool mixed;
  double noise;
} cases[] = {
    {1, 1, false, 1e-6}, {2, 3, true, 1e-2},   {17, 2, false, 1e-6}, {40, 5, true, 1e-4},
    {48, 6, false, 0.3}, {30, 60, true, 1e-3}, {24, 1, false, 1e-8},
};
enum { EVEN_AND_UNEVEN = 2 * CORE_COUNT_OF(cases) };

/* Case c, or case c - n with rows of unequal noise. */
static struct data *make_case(size_t c) {
  const size_t k = c % CORE_COUNT_OF(cases);
  struct data *a = make(cases[k].n, cases[k].d, cases[k].mixed, cases[k].noise, k);
  if (c != k) make_uneven(a, c);
  return a;
}

static void mean_and_variance_are_those_of_a_dense_solve(void **state) {
  (void)state;
  for (size_t c = 0; c < EVEN_AND_UNEVEN; c++) {
    struct data *a = make_case(c);
    struct hpo_gp *gp = open_gp(a, 1e-9);
    condition(gp, a);
    const struct reference *r = reference_of(a);
    struct core_rng rng;
    core_rng_init(&rng, c, 1, CORE_RNG_TEST);
    enum { M = 150 }; /* more than one block */
    static double x[M * MAX_D], mean[M], var[M];
    for (size_t i = 0; i < M; i++) probe(a, &rng, x + i * a->d);
    memcpy(x, a->x, a->d * sizeof *x); /* at an observed point, too */
    hpo_gp_predict(gp, x, M, mean, var);
    for (size_t i = 0; i < M; i++) {
      long double want_mean, want_var;
      reference_predict(a, r, x + i * a->d, &want_mean, &want_var);
      assert_near(mean[i], (double)want_mean, 1e-7);
      assert_near(var[i], (double)want_var, 1e-9);
      assert_true(var[i] >= 0);
    }
    hpo_gp_close(gp);
  }
}

static void likelihood_is_that_of_a_dense_solve(void **state) {
  (void)state;
  for (size_t c = 0; c < EVEN_AND_UNEVEN; c++) {
    struct data *a = make_case(c);
    struct hpo_gp *gp = open_gp(a, 1e-9);
    const struct reference *r = reference_of(a);
    long double want =
        -0.5L * (r->log_det + r->constant * r->constant + (long double)a->n * logl(2 * acosl(-1)));
    for (size_t i = 0; i < a->n; i++)
      for (size_t j = 0; j < a->n; j++)
        want -= 0.5L * (a->y[i] - r->constant) * r->inverse[i][j] * (a->y[j] - r->constant);
    const struct hpo_gp_prior prior = hpo_gp_prior_default(a->d);
    for (size_t j = 0; j < a->d + 2; j++) {
      const double mean = j < a->d    ? prior.length_mean
                          : j == a->d ? prior.signal_mean
                                      : prior.noise_mean;
      const double sd = j < a->d ? prior.length_sd : j == a->d ? prior.signal_sd : prior.noise_sd;
      const double z = (a->theta[j] - mean) / sd; /* Student with 3, or normal */
      want -= j < a->d ? 2 * log1p(z * z / 3) : 0.5 * z * z;
    }
    double value;
    assert_int_equal(
        hpo_gp_log_posterior(gp, a->x, a->y, a->extra, a->n, a->theta, &value, NULL, NULL),
        CORE_OK);
    assert_near(value, (double)want, 1e-8);
    hpo_gp_close(gp);
  }
}

static void likelihood_gradient_is_that_of_differences(void **state) {
  (void)state;
  for (size_t c = 0; c < EVEN_AND_UNEVEN; c++) {
    if (c == CORE_COUNT_OF(cases) - 1) continue; /* too ill conditioned for differences */
    struct data *a = make_case(c);
    struct hpo_gp *gp = open_gp(a, 1e-9);
    double gradient[MAX_D + 2], value, up, down;
    assert_int_equal(
        hpo_gp_log_posterior(gp, a->x, a->y, a->extra, a->n, a->theta, &value, gradient, NULL),
        CORE_OK);
    for (size_t j = 0; j < a->d + 2; j++) {
      const double at = a->theta[j], step = 1e-5;
      a->theta[j] = at + step;
      (void)!hpo_gp_log_posterior(gp, a->x, a->y, a->extra, a->n, a->theta, &up, NULL, NULL);
      a->theta[j] = at - step;
      (void)!hpo_gp_log_posterior(gp, a->x, a->y, a->extra, a->n, a->theta, &down, NULL, NULL);
      a->theta[j] = at;
      assert_near(gradient[j], (up - down) / (2 * step), 2e-4);
    }
    hpo_gp_close(gp);
  }
}

/* Against plain loops, which no compiler turns into the same vector instructions, for all remainders. */
static void sums_over_rows_are_those_of_plain_loops(void **state) {
  (void)state;
  enum { STRIDE = 72, DIMS = 3 };
  const bool kinds[DIMS] = {false, true, false};
  const double weight[DIMS] = {2, 3, 0.5};
  const struct hpo_gp_kernel kernel = {
      .d = DIMS, .categorical = kinds, .weight = weight, .signal = 1};
  double columns[DIMS * STRIDE], t[STRIDE], x[DIMS] = {0.3, 1, 0.7};
  struct core_rng rng;
  core_rng_init(&rng, 8, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < DIMS * STRIDE; i++)
    columns[i] = kinds[i / STRIDE] ? (double)core_rng_below(&rng, 3) : core_rng_unit(&rng);
  for (size_t i = 0; i < STRIDE; i++) t[i] = core_rng_normal(&rng);
  for (size_t n = 1; n <= STRIDE; n++) {
    double sums[DIMS] = {0}, steps[DIMS];
    hpo_gp_kernel_add_squares(&kernel, columns, STRIDE, n, x, t, sums);
    hpo_gp_kernel_differences(&kernel, columns, STRIDE, n, x, t, steps);
    for (size_t j = 0; j < DIMS; j++) {
      volatile double squares = 0, differences = 0;
      for (size_t i = 0; i < n; i++) {
        const double step = x[j] - columns[j * STRIDE + i];
        squares += t[i] * (kinds[j] ? step != 0 : step * step);
        differences += kinds[j] ? 0 : weight[j] * t[i] * step;
      }
      assert_near(sums[j], squares, 1e-12);
      assert_near(steps[j], differences, 1e-12);
    }
  }
}

static void prediction_gradients_are_those_of_differences(void **state) {
  (void)state;
  for (size_t c = 0; c < CORE_COUNT_OF(cases); c++) {
    struct data *a = make(cases[c].n, cases[c].d, cases[c].mixed, cases[c].noise, c);
    struct hpo_gp *gp = open_gp(a, 1e-9);
    condition(gp, a);
    struct core_rng rng;
    core_rng_init(&rng, c, 2, CORE_RNG_TEST);
    for (int repeat = 0; repeat < 5; repeat++) {
      double x[MAX_D], dmean[MAX_D], dvar[MAX_D], mean, var, means[3], vars[3];
      probe(a, &rng, x);
      hpo_gp_predict_gradient(gp, x, &mean, &var, dmean, dvar);
      hpo_gp_predict(gp, x, 1, means, vars);
      assert_near(mean, means[0], 1e-9);
      assert_near(var, vars[0], 1e-9);
      for (size_t j = 0; j < a->d; j++)
        if (a->categorical[j]) assert_true(dmean[j] == 0 && dvar[j] == 0);
      assert_prediction_gradients(gp, x, a->d, a->categorical, 1e-5, dmean, dvar);
    }
    hpo_gp_close(gp);
  }
}

static void rows_appended_are_rows_conditioned_on(void **state) {
  (void)state;
  for (size_t c = 0; c < CORE_COUNT_OF(cases) - 1; c++) {
    struct data *a = make(cases[c].n, cases[c].d, cases[c].mixed, cases[c].noise, c);
    struct hpo_gp *whole = open_gp(a, 1e-9), *grown = open_gp(a, 1e-9);
    condition(whole, a);
    assert_int_equal(hpo_gp_condition(grown, a->theta, a->x, a->y, NULL, 0, NULL), CORE_OK);
    for (size_t i = 0; i < a->n; i++)
      assert_int_equal(hpo_gp_append(grown, a->x + i * a->d, a->y[i], NULL), CORE_OK);
    assert_int_equal(hpo_gp_size(grown), a->n);
    struct core_rng rng;
    core_rng_init(&rng, c, 3, CORE_RNG_TEST);
    for (int repeat = 0; repeat < 10; repeat++) {
      double x[MAX_D], mean[2], var[2];
      probe(a, &rng, x);
      hpo_gp_predict(whole, x, 1, &mean[0], &var[0]);
      hpo_gp_predict(grown, x, 1, &mean[1], &var[1]);
      assert_near(mean[1], mean[0], 1e-9);
      assert_near(var[1], var[0], 1e-10);
    }
    hpo_gp_close(whole);
    hpo_gp_close(grown);
  }
}

static void other_targets_are_as_conditioned_on_them(void **state) {
  (void)state;
  struct data *a = make(30, 4, true, 1e-3, 5);
  struct hpo_gp *gp = open_gp(a, 1e-9), *fresh = open_gp(a, 1e-9);
  condition(gp, a);
  for (size_t i = 0; i < a->n; i++) a->y[i] = 1 - 2 * a->y[i];
  assert_int_equal(hpo_gp_retarget(gp, a->y, NULL), CORE_OK);
  condition(fresh, a);
  double mean[2], var[2];
  hpo_gp_predict(gp, a->x, 1, &mean[0], &var[0]);
  hpo_gp_predict(fresh, a->x, 1, &mean[1], &var[1]);
  assert_memory_equal(&mean[0], &mean[1], sizeof *mean);
  assert_memory_equal(&var[0], &var[1], sizeof *var);
  hpo_gp_close(gp);
  hpo_gp_close(fresh);
}

/* The constant stays that of the observed rows, so the reference is told it. */
static void fantasies_are_as_conditioned_on_their_values(void **state) {
  (void)state;
  enum { PENDING = 6, S = 5, M = 70 };
  struct data *a = make(24, 4, true, 1e-3, 6);
  struct hpo_gp *gp = open_gp(a, 1e-9);
  condition(gp, a);
  const long double constant = reference_of(a)->constant;
  struct core_rng rng;
  core_rng_init(&rng, 6, 4, CORE_RNG_TEST);
  double z[S * PENDING], *pending = a->x + a->n * a->d;
  static double x[M * MAX_D], mean[S * M], var[M];
  for (size_t i = 0; i < CORE_COUNT_OF(z); i++) z[i] = core_rng_normal(&rng);
  for (size_t i = 0; i < PENDING; i++) probe(a, &rng, pending + i * a->d);
  for (size_t i = 0; i < M; i++) probe(a, &rng, x + i * a->d);
  assert_int_equal(hpo_gp_n_fantasies(gp), 1);
  assert_int_equal(hpo_gp_pend(gp, pending, PENDING, z, S, NULL), CORE_OK);
  assert_int_equal(hpo_gp_n_fantasies(gp), S);
  hpo_gp_predict_fantasies(gp, x, M, mean, var);
  a->n += PENDING;
  for (size_t f = 0; f < S; f++) {
    for (size_t k = 0; k < PENDING; k++) a->y[24 + k] = hpo_gp_fantasy(gp, k)[f];
    struct reference *r = reference_of(a);
    r->constant = constant;
    for (size_t i = 0; i < M; i++) {
      long double want_mean, want_var;
      reference_predict(a, r, x + i * a->d, &want_mean, &want_var);
      assert_near(mean[f * M + i], (double)want_mean, 1e-9);
      assert_near(var[i], (double)want_var, 1e-9);
    }
  }
  double means[S], dmean[S * MAX_D], dvar[MAX_D], one_var;
  hpo_gp_predict_fantasies_gradient(gp, x, means, &one_var, dmean, dvar);
  assert_near(one_var, var[0], 1e-10);
  for (size_t j = 0; j < a->d; j++) {
    double moved[2 * MAX_D], ends[2 * S], end_vars[2];
    memcpy(moved, x, a->d * sizeof *x);
    memcpy(moved + a->d, x, a->d * sizeof *x);
    moved[j] += a->categorical[j] ? 0 : 1e-5;
    moved[a->d + j] -= a->categorical[j] ? 0 : 1e-5;
    hpo_gp_predict_fantasies(gp, moved, 2, ends, end_vars);
    for (size_t f = 0; f < S; f++) {
      assert_near(means[f], mean[f * M], 1e-10);
      assert_near(dmean[f * a->d + j], (ends[2 * f] - ends[2 * f + 1]) / 2e-5, 1e-5);
    }
    assert_near(dvar[j], (end_vars[0] - end_vars[1]) / 2e-5, 1e-5);
  }
  hpo_gp_drop_pending(gp);
  double back, without;
  hpo_gp_predict_fantasies(gp, x, 1, &back, NULL);
  hpo_gp_predict(gp, x, 1, &without, NULL);
  assert_true(back == without);
  hpo_gp_close(gp);
}

/* Draws have the posterior's mean and, with noise, its variance. */
static void fantasies_are_draws_from_the_posterior(void **state) {
  (void)state;
  enum { S = 4000, PENDING = 2 };
  static double z[S * PENDING];
  struct data *a = make(10, 2, false, 1e-2, 7);
  struct hpo_gp *gp = open_gp(a, 1e-9);
  condition(gp, a);
  struct core_rng rng;
  core_rng_init(&rng, 7, 5, CORE_RNG_TEST);
  const double pending[PENDING * 2] = {0.05, 0.95, 0.5, 0.4};
  for (size_t i = 0; i < CORE_COUNT_OF(z); i++) z[i] = core_rng_normal(&rng);
  double mean[PENDING], var[PENDING];
  hpo_gp_predict(gp, pending, PENDING, mean, var);
  assert_int_equal(hpo_gp_pend(gp, pending, PENDING, z, S, NULL), CORE_OK);
  for (size_t k = 0; k < PENDING; k++) {
    double sum = 0, squares = 0;
    for (size_t f = 0; f < S; f++) sum += hpo_gp_fantasy(gp, k)[f];
    for (size_t f = 0; f < S; f++) squares += pow(hpo_gp_fantasy(gp, k)[f] - sum / S, 2);
    const double want = var[k] + hpo_gp_noise(gp);
    assert_true(fabs(sum / S - mean[k]) < 4 * sqrt(want / S));
    assert_true(fabs(squares / S / want - 1) < 0.1);
  }
  hpo_gp_close(gp);
}

static void fit(struct hpo_gp *gp, struct data *a, double *value) {
  assert_int_equal(hpo_gp_fit(gp, a->x, a->y, a->extra, a->n, a->theta, 200, value, NULL), CORE_OK);
  for (size_t j = 0; j < a->d + 2; j++) assert_true(isfinite(a->theta[j]));
}

static void a_fit_ends_where_the_gradient_does(void **state) {
  (void)state;
  struct data *a = make(48, 3, false, 1e-2, 8);
  struct hpo_gp *gp = open_gp(a, 1e-6);
  double before, after, gradient[MAX_D + 2];
  (void)!hpo_gp_log_posterior(gp, a->x, a->y, a->extra, a->n, a->theta, &before, NULL, NULL);
  fit(gp, a, &after);
  assert_true(after > before);
  (void)!hpo_gp_log_posterior(gp, a->x, a->y, a->extra, a->n, a->theta, &before, gradient, NULL);
  assert_near(after, before, 1e-12);
  for (size_t j = 0; j < a->d + 2; j++) assert_true(fabs(gradient[j]) < 0.2);
  hpo_gp_close(gp);
}

/* Noise of a tenth of the spread is seen, and so is its absence. */
static void noise_is_learnt(void **state) {
  (void)state;
  for (int noisy = 0; noisy < 2; noisy++) {
    struct data *a = make(48, 2, false, noisy ? 0.1 : 1e-12, 9);
    hpo_gp_theta_default(&(struct hpo_gp_shape){.d = 2, .prior = hpo_gp_prior_default(2)},
                         a->theta);
    struct hpo_gp *gp = open_gp(a, 1e-6);
    fit(gp, a, NULL);
    const double noise = exp(a->theta[3]);
    assert_true(noisy ? noise > 0.03 && noise < 0.3 : noise < 1e-4);
    hpo_gp_close(gp);
  }
}

static void a_feature_that_does_nothing_gets_a_long_length(void **state) {
  (void)state;
  struct data *a = make(40, 3, false, 1e-6, 10);
  for (size_t i = 0; i < a->n; i++) a->y[i] = sin(6 * a->x[i * 3]);
  struct hpo_gp *gp = open_gp(a, 1e-6);
  fit(gp, a, NULL);
  assert_true(a->theta[0] < 0 && a->theta[1] > a->theta[0] + 1 && a->theta[2] > a->theta[0] + 1);
  hpo_gp_close(gp);
}

static void check_sane(struct data *a) {
  struct hpo_gp *gp = open_gp(a, 1e-8);
  hpo_gp_theta_default(&(struct hpo_gp_shape){.d = a->d, .prior = hpo_gp_prior_default(a->d)},
                       a->theta);
  fit(gp, a, NULL);
  condition(gp, a);
  struct core_rng rng;
  core_rng_init(&rng, 11, 6, CORE_RNG_TEST);
  double x[MAX_D], mean, var, dmean[MAX_D], dvar[MAX_D];
  for (int repeat = 0; repeat < 20; repeat++) {
    if (repeat == 0 && a->n > 0)
      memcpy(x, a->x, a->d * sizeof *x);
    else
      probe(a, &rng, x);
    hpo_gp_predict_gradient(gp, x, &mean, &var, dmean, dvar);
    assert_true(isfinite(mean) && isfinite(var) && var >= 0);
    for (size_t j = 0; j < a->d; j++) assert_true(isfinite(dmean[j]) && isfinite(dvar[j]));
  }
  for (size_t i = 0; i < 3 && a->n > 0; i++)
    assert_int_equal(hpo_gp_append(gp, a->x, a->y[0], NULL), CORE_OK);
  const double z[2] = {1, -1};
  assert_int_equal(hpo_gp_pend(gp, x, 1, z, 2, NULL), CORE_OK);
  double means[2];
  hpo_gp_predict_fantasies(gp, x, 1, means, &var);
  assert_true(isfinite(means[0]) && means[0] >= means[1] && var >= 0);
  hpo_gp_close(gp);
}

static void degenerate_histories_do_no_harm(void **state) {
  (void)state;
  for (size_t n = 0; n < 3; n++) check_sane(make(n, 1, false, 1e-3, 12));
  check_sane(make(20, 60, false, 1e-3, 13));
  check_sane(make(40, 60, true, 1e-3, 14));
  struct data *a = make(30, 3, false, 1e-3, 15); /* one point, again and again */
  for (size_t i = 1; i < a->n; i++) memcpy(a->x + i * a->d, a->x, a->d * sizeof *a->x);
  check_sane(a);
  a = make(30, 3, false, 1e-3, 16); /* one value */
  for (size_t i = 0; i < a->n; i++) a->y[i] = 0;
  check_sane(a);
  for (size_t i = 1; i < a->n; i++) memcpy(a->x + i * a->d, a->x, a->d * sizeof *a->x);
  check_sane(a);                    /* both */
  a = make(30, 3, false, 1e-3, 17); /* one value far from all others */
  for (size_t i = 0; i < a->n; i++) a->y[i] = i == 7 ? 5.3 : -0.1852;
  check_sane(a);
  a = make(30, 3, false, 1e-3, 18); /* nothing but categories */
  for (size_t j = 0; j < a->d; j++) a->categorical[j] = true;
  for (size_t i = 0; i < a->n * a->d; i++) a->x[i] = (double)((i * 7 + i / 5) % 2);
  check_sane(a);
  a = make(40, 2, false, 1e-3, 19); /* points that nearly coincide */
  for (size_t i = 0; i < a->n * a->d; i++) a->x[i] = 0.5 + 1e-9 * a->x[i];
  check_sane(a);
}

/* Two rows that are the same need the jitter as soon as there is no noise to speak of. */
static void jitter_grows_until_the_factor_exists(void **state) {
  (void)state;
  struct data *a = make(20, 2, false, 1e-3, 20);
  for (size_t i = 1; i < a->n; i++) memcpy(a->x + i * a->d, a->x, a->d * sizeof *a->x);
  a->theta[a->d + 1] = log(1e-300);
  struct hpo_gp *gp = open_gp(a, 1e-300);
  condition(gp, a);
  assert_true(hpo_gp_noise(gp) >= 1e-12 && hpo_gp_noise(gp) < 1e-8);
  assert_near(hpo_gp_theta(gp)[a->d + 1], log(hpo_gp_noise(gp)), 1e-15);
  double mean, var;
  hpo_gp_predict(gp, a->x, 1, &mean, &var);
  assert_true(isfinite(mean) && isfinite(var));
  hpo_gp_close(gp);
}

/* A fit of many rows takes a subset, the same each time, and looks at the best of them. */
static void fits_of_many_rows_are_bounded_and_repeatable(void **state) {
  (void)state;
  enum { N = 3 * HPO_GP_FIT_ROWS, D = 2 };
  static double x[N * D], y[N];
  struct core_rng rng;
  core_rng_init(&rng, 21, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < D; j++) x[i * D + j] = core_rng_unit(&rng);
    y[i] = sin(5 * x[i * D]) + 0.3 * core_rng_normal(&rng);
  }
  const struct hpo_gp_shape shape = {.d = D, .prior = hpo_gp_prior_default(D)};
  double theta[2][D + 2], value[2];
  for (int run = 0; run < 2; run++) {
    struct hpo_gp *gp;
    assert_int_equal(hpo_gp_open(&shape, &gp, NULL), CORE_OK);
    hpo_gp_theta_default(&shape, theta[run]);
    assert_int_equal(hpo_gp_fit(gp, x, y, NULL, N, theta[run], 40, &value[run], NULL), CORE_OK);
    hpo_gp_close(gp);
  }
  assert_memory_equal(theta[0], theta[1], sizeof theta[0]);
  assert_true(value[0] == value[1]);
  assert_true(theta[0][0] < theta[0][1] && fabs(theta[0][3] - log(0.09)) < 0.7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mean_and_variance_are_those_of_a_dense_solve),
      cmocka_unit_test(likelihood_is_that_of_a_dense_solve),
      cmocka_unit_test(likelihood_gradient_is_that_of_differences),
      cmocka_unit_test(sums_over_rows_are_those_of_plain_loops),
      cmocka_unit_test(prediction_gradients_are_those_of_differences),
      cmocka_unit_test(rows_appended_are_rows_conditioned_on),
      cmocka_unit_test(other_targets_are_as_conditioned_on_them),
      cmocka_unit_test(fantasies_are_as_conditioned_on_their_values),
      cmocka_unit_test(fantasies_are_draws_from_the_posterior),
      cmocka_unit_test(a_fit_ends_where_the_gradient_does),
      cmocka_unit_test(noise_is_learnt),
      cmocka_unit_test(a_feature_that_does_nothing_gets_a_long_length),
      cmocka_unit_test(degenerate_histories_do_no_harm),
      cmocka_unit_test(jitter_grows_until_the_factor_exists),
      cmocka_unit_test(fits_of_many_rows_are_bounded_and_repeatable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
