/* SPDX-License-Identifier: GPL-3.0-or-later
 * Input warps: the function itself, the model that has them against the same model of rows that were
 * warped before, gradients against differences, and when a fit takes them. */
#include "hpo/gp/warp.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/rng.h"
#include "hpo/gp/targets.h"
#include "tests/support/gp_checks.h"
#include "tests/support/support.h"

enum { N = 40, D = 4, SIZE = 3 * D + 2 };

static const double logs[] = {-2.3, -1, -0.2, 0, 0.3, 1.1, 2.3};

static void a_warp_of_one_and_one_is_none(void **state) {
  (void)state;
  for (double x = 0; x <= 1; x += 1.0 / 64) {
    assert_near(hpo_gp_warp_value(1, 1, x), x, 1e-15);
    assert_near(hpo_gp_warp_inverse(1, 1, x), x, 1e-15);
    assert_near(hpo_gp_warp_slope(1, 1, x), 1, 1e-8);
  }
}

static void values_are_those_of_the_formula(void **state) {
  (void)state;
  struct core_rng rng;
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < CORE_COUNT_OF(logs); i++)
    for (size_t k = 0; k < CORE_COUNT_OF(logs); k++) {
      const double a = exp(logs[i]), b = exp(logs[k]);
      for (int repeat = 0; repeat < 50; repeat++) {
        const double x = core_rng_unit(&rng), step = 1e-6 * x * (1 - x);
        const double w = hpo_gp_warp_value(a, b, x);
        double by_a, by_b;
        assert_near(w, (double)(1 - powl(1 - powl(x, a), b)), 1e-12);
        assert_true(hpo_gp_warp_by_logs(a, b, x, &by_a, &by_b) == w);
        assert_near(hpo_gp_warp_slope(a, b, x),
                    (hpo_gp_warp_value(a, b, x + step) - hpo_gp_warp_value(a, b, x - step)) /
                        (2 * step),
                    1e-4);
        assert_near(
            by_a,
            (hpo_gp_warp_value(a * exp(1e-6), b, x) - hpo_gp_warp_value(a * exp(-1e-6), b, x)) /
                2e-6,
            1e-6);
        assert_near(
            by_b,
            (hpo_gp_warp_value(a, b * exp(1e-6), x) - hpo_gp_warp_value(a, b * exp(-1e-6), x)) /
                2e-6,
            1e-6);
      }
    }
}

static void nothing_is_lost_at_the_ends(void **state) {
  (void)state;
  static const double near[] = {0, 1e-300, 1e-12, 1 - 1e-12, 1};
  for (size_t i = 0; i < CORE_COUNT_OF(logs); i++)
    for (size_t k = 0; k < CORE_COUNT_OF(logs); k++) {
      const double a = exp(logs[i]), b = exp(logs[k]);
      double last = 0;
      for (size_t e = 0; e < CORE_COUNT_OF(near); e++) {
        double by_a, by_b;
        const double w = hpo_gp_warp_by_logs(a, b, near[e], &by_a, &by_b);
        const double slope = hpo_gp_warp_slope(a, b, near[e]);
        assert_true(w >= last && w <= 1 && isfinite(by_a) && isfinite(by_b));
        assert_true(isfinite(slope) && slope > 0);
        last = w;
      }
      assert_true(hpo_gp_warp_value(a, b, 0) == 0 && hpo_gp_warp_value(a, b, 1) == 1);
      assert_true(hpo_gp_warp_inverse(a, b, 0) == 0 && hpo_gp_warp_inverse(a, b, 1) == 1);
      for (double w = 1.0 / 64; w < 1; w += 1.0 / 64) {
        const double x = hpo_gp_warp_inverse(a, b, w);
        if (1 - x > 1e-9) assert_near(hpo_gp_warp_value(a, b, x), w, 1e-6); /* no more places */
      }
    }
}

/* Features 0, 2 and 3 are numeric, 3 may not be warped. */
static const bool categorical[D] = {false, true, false, false};
static const bool warpable[D] = {true, false, true, false};

struct data {
  double x[N * D], warped[N * D], y[N], extra[N], theta[SIZE];
  struct hpo_gp_warp warp;
  double a[D], b[D];
};

static void make(struct data *s, uint64_t seed) {
  static const bool moves[D] = {true, false, true, false};
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
  memset(s, 0, sizeof *s);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < D; j++)
      s->x[i * D + j] = categorical[j] ? (double)core_rng_below(&rng, 3) : core_rng_unit(&rng);
    s->y[i] = sin(5 * s->x[i * D]) + s->x[i * D + 1] + log(0.02 + s->x[i * D + 2]);
    s->extra[i] = i % 3 == 0 ? 0.1 * core_rng_unit(&rng) : 0;
  }
  s->x[2] = 0; /* the ends, too */
  s->x[D] = 1;
  for (size_t j = 0; j < D; j++) s->theta[j] = log(0.5 + 0.2 * (double)j);
  s->theta[D] = 0.3;
  s->theta[D + 1] = log(1e-3);
  s->theta[D + 2] = 0.4;
  s->theta[D + 4] = -1.2;
  s->theta[2 * D + 2] = -0.5;
  s->theta[2 * D + 4] = 0.7;
  for (size_t j = 0; j < D; j++) {
    s->a[j] = exp(s->theta[D + 2 + j]);
    s->b[j] = exp(s->theta[2 * D + 2 + j]);
  }
  s->warp = (struct hpo_gp_warp){D, moves, s->a, s->b};
  hpo_gp_warp_rows(&s->warp, s->x, N, s->warped);
}

static struct hpo_gp *open_gp(bool may_warp) {
  const struct hpo_gp_shape shape = {.d = D,
                                     .categorical = categorical,
                                     .warpable = may_warp ? warpable : NULL,
                                     .prior = hpo_gp_prior_default(D)};
  struct hpo_gp *gp;
  assert_int_equal(hpo_gp_theta_size(&shape), may_warp ? SIZE : D + 2);
  assert_int_equal(hpo_gp_open(&shape, &gp, NULL), CORE_OK);
  return gp;
}

static void condition(struct hpo_gp *gp, const struct data *s, const double *x, size_t n) {
  assert_int_equal(hpo_gp_condition(gp, s->theta, x, s->y, n == N ? s->extra : NULL, n, NULL),
                   CORE_OK);
}

/* Both models, asked at the same place, before and after it was warped. */
static void assert_same_predictions(struct hpo_gp *bent, struct hpo_gp *plain,
                                    const struct data *s) {
  enum { M = 70 };
  struct core_rng rng;
  double x[M * D], seen[M * D], mean[2][2 * M], var[2][M];
  core_rng_init(&rng, 5, 1, CORE_RNG_TEST);
  for (size_t i = 0; i < M * D; i++)
    x[i] = categorical[i % D] ? (double)core_rng_below(&rng, 3) : core_rng_unit(&rng);
  hpo_gp_warp_rows(&s->warp, x, M, seen);
  hpo_gp_predict_fantasies(bent, x, M, mean[0], var[0]);
  hpo_gp_predict_fantasies(plain, seen, M, mean[1], var[1]);
  const size_t count = M * hpo_gp_n_fantasies(bent);
  assert_int_equal(hpo_gp_n_fantasies(bent), hpo_gp_n_fantasies(plain));
  assert_memory_equal(mean[0], mean[1], count * sizeof **mean);
  assert_memory_equal(var[0], var[1], sizeof var[0]);
}

static void a_warped_model_is_one_of_warped_rows(void **state) {
  (void)state;
  struct data s;
  make(&s, 2);
  struct hpo_gp *bent = open_gp(true), *plain = open_gp(false);
  condition(bent, &s, s.x, N);
  condition(plain, &s, s.warped, N);
  assert_non_null(hpo_gp_warp(bent));
  assert_null(hpo_gp_warp(plain));
  assert_same_predictions(bent, plain, &s);
  const double z[4] = {1, -1, 0.3, 2};
  const double at[2 * D] = {0.2, 1, 0.1, 0.9, 0.95, 0, 0.6, 0.3};
  double seen[2 * D];
  hpo_gp_warp_rows(&s.warp, at, 2, seen);
  assert_int_equal(hpo_gp_pend(bent, at, 2, z, 2, NULL), CORE_OK);
  assert_int_equal(hpo_gp_pend(plain, seen, 2, z, 2, NULL), CORE_OK);
  assert_same_predictions(bent, plain, &s);
  condition(bent, &s, s.x, N / 2);
  condition(plain, &s, s.warped, N / 2);
  for (size_t i = N / 2; i < N; i++) {
    assert_int_equal(hpo_gp_append(bent, s.x + i * D, s.y[i], NULL), CORE_OK);
    assert_int_equal(hpo_gp_append(plain, s.warped + i * D, s.y[i], NULL), CORE_OK);
  }
  assert_same_predictions(bent, plain, &s);
  hpo_gp_close(bent);
  hpo_gp_close(plain);
}

static void with_identities_all_is_as_without(void **state) {
  (void)state;
  struct data s;
  make(&s, 3);
  memset(s.theta + D + 2, 0, 2 * D * sizeof *s.theta);
  for (size_t j = 0; j < D; j++) s.a[j] = s.b[j] = 1;
  static const bool none[D] = {false};
  s.warp.moves = none;
  struct hpo_gp *may = open_gp(true), *plain = open_gp(false);
  condition(may, &s, s.x, N);
  condition(plain, &s, s.x, N);
  assert_null(hpo_gp_warp(may));
  assert_same_predictions(may, plain, &s);
  double theta[2][SIZE], density[2];
  memcpy(theta[0], s.theta, sizeof s.theta);
  memcpy(theta[1], s.theta, sizeof s.theta);
  assert_int_equal(hpo_gp_fit(may, s.x, s.y, s.extra, N, theta[0], 30, density, NULL), CORE_OK);
  assert_int_equal(hpo_gp_fit(plain, s.x, s.y, s.extra, N, theta[1], 30, density + 1, NULL),
                   CORE_OK);
  assert_memory_equal(theta[0], theta[1], (D + 2) * sizeof **theta);
  assert_true(density[0] == density[1]);
  hpo_gp_close(may);
  hpo_gp_close(plain);
}

static void gradients_are_those_of_differences(void **state) {
  (void)state;
  struct data s;
  struct hpo_gp *gp = open_gp(true);
  for (uint64_t seed = 10; seed < 14; seed++) {
    make(&s, seed);
    if (seed == 13) memset(s.theta + D + 2, 0, 2 * D * sizeof *s.theta); /* at identities */
    double gradient[SIZE], value, up, down;
    assert_int_equal(
        hpo_gp_log_posterior(gp, s.x, s.y, s.extra, N, s.theta, &value, gradient, NULL), CORE_OK);
    for (size_t j = 0; j < SIZE; j++) {
      const double at = s.theta[j], step = 1e-5;
      if (j >= D + 2 && !warpable[(j - D - 2) % D]) continue;
      s.theta[j] = at + step;
      (void)!hpo_gp_log_posterior(gp, s.x, s.y, s.extra, N, s.theta, &up, NULL, NULL);
      s.theta[j] = at - step;
      (void)!hpo_gp_log_posterior(gp, s.x, s.y, s.extra, N, s.theta, &down, NULL, NULL);
      s.theta[j] = at;
      assert_near(gradient[j], (up - down) / (2 * step), 2e-4);
    }
    condition(gp, &s, s.x, N);
    double x[D] = {0.3, 2, 0.2, 0.8}, mean, var, dmean[D], dvar[D];
    hpo_gp_predict_gradient(gp, x, &mean, &var, dmean, dvar);
    assert_prediction_gradients(gp, x, D, categorical, 1e-6, dmean, dvar);
  }
  hpo_gp_close(gp);
}

enum { MANY = 80, TWO = 2 };
static const bool both[TWO] = {true, true};

struct fitted {
  double theta[3 * TWO + 2];
  bool is_warped;
};

static struct fitted fit(const double *x, const double *losses, size_t n) {
  const struct hpo_gp_shape shape = {
      .d = TWO, .warpable = both, .prior = hpo_gp_prior_default(TWO)};
  struct hpo_gp *gp;
  struct hpo_gp_transform *transform;
  struct fitted f = {.is_warped = false};
  assert_int_equal(hpo_gp_open(&shape, &gp, NULL), CORE_OK);
  assert_int_equal(hpo_gp_transform_open(&transform, NULL), CORE_OK);
  assert_int_equal(hpo_gp_fit_targets(gp, transform, x, losses, NULL, n, f.theta, 40, NULL),
                   CORE_OK);
  for (size_t j = 0; j < CORE_COUNT_OF(f.theta); j++) assert_true(isfinite(f.theta[j]));
  for (size_t j = TWO + 2; j < CORE_COUNT_OF(f.theta); j++) f.is_warped |= f.theta[j] != 0;
  hpo_gp_close(gp);
  hpo_gp_transform_close(transform);
  return f;
}

static void spread(double *x, struct core_rng *rng) {
  for (size_t i = 0; i < MANY * TWO; i++) x[i] = core_rng_unit(rng);
}

/* A draw of a stationary process, nearly: many waves of random frequencies and phases. */
static void draw_even(const double *x, double *losses, struct core_rng *rng) {
  enum { WAVES = 64 };
  memset(losses, 0, MANY * sizeof *losses);
  for (size_t k = 0; k < WAVES; k++) {
    double frequency[TWO];
    for (size_t j = 0; j < TWO; j++) frequency[j] = core_rng_normal(rng) / 0.4;
    const double phase = 6.283185307179586 * core_rng_unit(rng);
    for (size_t i = 0; i < MANY; i++)
      losses[i] += cos(frequency[0] * x[i * TWO] + frequency[1] * x[i * TWO + 1] + phase);
  }
}

static void inputs_are_warped_where_it_helps(void **state) {
  (void)state;
  double x[MANY * TWO], even[MANY], steep[MANY], noise[MANY];
  for (uint64_t seed = 0; seed < 6; seed++) {
    struct core_rng rng;
    core_rng_init(&rng, seed, 3, CORE_RNG_TEST);
    spread(x, &rng);
    draw_even(x, even, &rng);
    for (size_t i = 0; i < MANY; i++) {
      const double z = log((x[i * TWO] + 0.01) / 0.11);
      steep[i] = z * z + x[i * TWO + 1];
      noise[i] = core_rng_normal(&rng);
    }
    assert_false(fit(x, even, MANY).is_warped);
    assert_false(fit(x, noise, MANY).is_warped);
    const struct fitted f = fit(x, steep, MANY);
    assert_true(f.is_warped);
    const double a = exp(f.theta[TWO + 2]), b = exp(f.theta[2 * TWO + 2]);
    assert_true(hpo_gp_warp_value(a, b, 0.1) > 0.2); /* room is made at the lower end */
  }
}

static void degenerate_histories_do_no_harm(void **state) {
  (void)state;
  double x[MANY * TWO], losses[MANY];
  struct core_rng rng;
  core_rng_init(&rng, 9, 3, CORE_RNG_TEST);
  spread(x, &rng);
  for (size_t i = 0; i < MANY; i++) losses[i] = log(x[i * TWO] + 1e-3);
  for (size_t n = 0; n < 20; n++) (void)fit(x, losses, n);
  losses[3] = 1e300;
  losses[4] = -1.7e308;
  (void)fit(x, losses, MANY);
  for (size_t i = 0; i < MANY; i++) losses[i] = 3;
  assert_false(fit(x, losses, MANY).is_warped);
  for (size_t i = 0; i < MANY; i++) losses[i] = log(x[i * TWO] + 1e-3);
  for (size_t i = 0; i < MANY * TWO; i++) x[i] = (double)(i % 2); /* at the ends alone */
  (void)fit(x, losses, MANY);
  for (size_t i = 0; i < MANY * TWO; i++) x[i] = 0.5; /* one point */
  (void)fit(x, losses, MANY);
  for (size_t i = 0; i < MANY * TWO; i++) x[i] = 1e-12 * (double)i;
  (void)fit(x, losses, MANY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_warp_of_one_and_one_is_none),
      cmocka_unit_test(values_are_those_of_the_formula),
      cmocka_unit_test(nothing_is_lost_at_the_ends),
      cmocka_unit_test(a_warped_model_is_one_of_warped_rows),
      cmocka_unit_test(with_identities_all_is_as_without),
      cmocka_unit_test(gradients_are_those_of_differences),
      cmocka_unit_test(inputs_are_warped_where_it_helps),
      cmocka_unit_test(degenerate_histories_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
