/* SPDX-License-Identifier: GPL-3.0-or-later
 * The acquisition over a model, with and without running trials. */
#include "hpo/gp/improvement.h"

#include <math.h>

#include "hpo/gp/logei.h"
#include "tests/support/support.h"

#define D 3
#define N 12

struct fixture {
  struct hpo_gp *gp;
  struct core_arena arena;
  struct core_rng rng;
  struct hpo_improvement improvement;
  double best;
};

static const bool categorical[D] = {false, false, true};

static void open_fixture(struct fixture *f, size_t n_pending) {
  double x[N * D], y[N], pending[5 * D], theta[D + 2];
  const struct hpo_gp_shape shape = {
      .d = D, .categorical = categorical, .prior = hpo_gp_prior_default(D)};
  *f = (struct fixture){.best = INFINITY};
  core_rng_init(&f->rng, 4, 0, CORE_RNG_TEST);
  for (size_t i = 0; i < N * D; i++)
    x[i] = i % D == 2 ? (double)core_rng_below(&f->rng, 3) : core_rng_unit(&f->rng);
  for (size_t i = 0; i < 5 * D; i++)
    pending[i] = i % D == 2 ? (double)core_rng_below(&f->rng, 3) : core_rng_unit(&f->rng);
  for (size_t i = 0; i < N; i++) {
    y[i] = sin(5 * x[i * D]) + x[i * D + 1] + 0.3 * x[i * D + 2] - 0.8;
    f->best = fmin(f->best, y[i]);
  }
  assert_int_equal(hpo_gp_open(&shape, &f->gp, NULL), CORE_OK);
  hpo_gp_theta_default(&shape, theta);
  theta[0] = theta[1] = log(0.4);
  theta[D + 1] = log(1e-3);
  assert_int_equal(hpo_gp_condition(f->gp, theta, x, y, NULL, N, NULL), CORE_OK);
  assert_int_equal(hpo_improvement_open(&f->improvement, f->gp, D, f->best, pending, n_pending,
                                        true, &f->rng, &f->arena, NULL),
                   CORE_OK);
}

static void close_fixture(struct fixture *f) {
  hpo_improvement_close(&f->improvement);
  hpo_gp_close(f->gp);
  core_arena_close(&f->arena);
}

static double value_at(struct fixture *f, const double *row) {
  const struct hpo_target target = hpo_improvement_target(&f->improvement);
  double value;
  target.values(target.context, row, 1, &value);
  return value;
}

static void without_running_trials_it_is_log_ei(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, 0);
  for (int i = 0; i < 50; i++) {
    const double row[D] = {core_rng_unit(&f.rng), core_rng_unit(&f.rng), i % 3};
    double mean, var, unused[2];
    hpo_gp_predict(f.gp, row, 1, &mean, &var);
    assert_true(fabs(value_at(&f, row) - hpo_logei(f.best, mean, sqrt(var), unused, unused + 1)) <
                1e-9);
  }
  close_fixture(&f);
}

static void check_gradients(size_t n_pending) {
  struct fixture f;
  open_fixture(&f, n_pending);
  const struct hpo_target target = hpo_improvement_target(&f.improvement);
  for (int i = 0; i < 30; i++) {
    double row[D] = {core_rng_unit(&f.rng), core_rng_unit(&f.rng), i % 3}, gradient[D];
    const double value = target.gradient(target.context, row, gradient);
    assert_true(fabs(value - value_at(&f, row)) <= 1e-8 * (1 + fabs(value)));
    for (int j = 0; j < 2; j++) {
      const double at = row[j], e = 1e-6;
      row[j] = at + e;
      const double up = value_at(&f, row);
      row[j] = at - e;
      const double down = value_at(&f, row);
      row[j] = at;
      const double slope = (up - down) / (2 * e);
      if (!(fabs(slope - gradient[j]) <= 1e-4 * (1 + fabs(slope))))
        fail_msg("slope %g, gradient %g", slope, gradient[j]);
    }
  }
  close_fixture(&f);
}

static void gradients_are_those_of_finite_differences(void **state) {
  (void)state;
  check_gradients(0);
  check_gradients(1);
  check_gradients(5);
}

/* A block of rows gives what each row gives. */
static void rows_do_not_disturb_each_other(void **state) {
  (void)state;
  enum { M = 300 };
  struct fixture f;
  static double rows[M * D], values[M];
  for (size_t n_pending = 0; n_pending <= 4; n_pending += 4) {
    open_fixture(&f, n_pending);
    for (size_t i = 0; i < M * D; i++)
      rows[i] = i % D == 2 ? (double)core_rng_below(&f.rng, 3) : core_rng_unit(&f.rng);
    const struct hpo_target target = hpo_improvement_target(&f.improvement);
    target.values(target.context, rows, M, values);
    for (size_t i = 0; i < M; i++)
      assert_true(fabs(values[i] - value_at(&f, rows + i * D)) <= 1e-7 * (1 + fabs(values[i])));
    close_fixture(&f);
  }
}

/* Where a trial runs, there is less to be won, and elsewhere not much changes. */
static void a_running_trial_takes_its_place(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, 0);
  const struct hpo_target target = hpo_improvement_target(&f.improvement);
  double best_row[D] = {0}, best = -INFINITY;
  for (int i = 0; i < 2000; i++) {
    const double row[D] = {core_rng_unit(&f.rng), core_rng_unit(&f.rng), i % 3};
    double value;
    target.values(target.context, row, 1, &value);
    if (value <= best) continue;
    best = value;
    for (int j = 0; j < D; j++) best_row[j] = row[j];
  }
  hpo_improvement_close(&f.improvement);
  assert_int_equal(hpo_improvement_open(&f.improvement, f.gp, D, f.best, best_row, 1, true, &f.rng,
                                        &f.arena, NULL),
                   CORE_OK);
  assert_true(value_at(&f, best_row) < best - 1);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_running_trials_it_is_log_ei),
      cmocka_unit_test(gradients_are_those_of_finite_differences),
      cmocka_unit_test(rows_do_not_disturb_each_other),
      cmocka_unit_test(a_running_trial_takes_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
