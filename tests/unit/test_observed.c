/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a model learns from trials, those that did not end well included. */
#include "hpo/gp/observed.h"

#include <math.h>

#include "tests/support/study_support.h"

struct fixture {
  struct test_study t;
  struct hpo_features features;
  struct hpo_observed *observed;
};

static void open_fixture(struct fixture *f, const char *yaml) {
  test_study_open(&f->t, yaml);
  assert_int_equal(hpo_features_open(&f->features, &f->t.spec.space, NULL), CORE_OK);
  assert_int_equal(hpo_observed_open(&f->features, &f->observed, NULL), CORE_OK);
}

static void close_fixture(struct fixture *f) {
  hpo_observed_close(f->observed);
  hpo_features_close(&f->features);
  test_study_close(&f->t);
}

static bool follow(struct fixture *f) {
  bool restarted;
  const struct hpo_history *seen = hpo_study_history(f->t.study);
  assert_int_equal(hpo_observed_follow(f->observed, seen, &restarted, NULL), CORE_OK);
  return restarted;
}

#define SPACE "space: {x: {type: float, low: 0, high: 1}}"

static void every_end_of_a_trial_gives_a_finite_loss(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, SPACE);
  static const double values[] = {3, 1, 2, 5, 4, INFINITY, -INFINITY};
  for (uint64_t i = 0; i < 7; i++) {
    test_study_add(&f.t, &(double){0.1 * (double)i});
    test_study_complete(&f.t, i, values[i]);
  }
  for (uint64_t i = 7; i < 11; i++) test_study_add(&f.t, &(double){0.05 * (double)i});
  test_study_report(&f.t, 7, 1, 0.5); /* looks good, but was stopped */
  test_study_prune(&f.t, 7);
  test_study_report(&f.t, 8, 1, 9);
  test_study_prune(&f.t, 8);
  test_study_prune(&f.t, 9);
  test_study_fail(&f.t, 10);
  follow(&f);
  assert_int_equal(hpo_observed_count(f.observed), 11);
  assert_int_equal(hpo_observed_count_valued(f.observed), 7);
  double loss[11], spread[11], scratch[11];
  hpo_observed_losses(f.observed, 11, loss, spread, scratch);
  static const double wanted[] = {3, 1, 2, 5, 4, 4, 0.5, 1, 8, 4, 4}; /* 9 is bounded */
  for (int i = 0; i < 11; i++) assert_true(loss[i] == wanted[i]);
  hpo_observed_losses(f.observed, 3, loss, spread,
                      scratch); /* a shorter past is not told of the rest */
  assert_true(loss[0] == 3 && loss[1] == 1 && loss[2] == 2);
  close_fixture(&f);
}

static void a_pruned_trial_counts_as_what_it_would_have_come_to(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, SPACE);
  for (uint64_t i = 0; i < 5; i++) {
    test_study_add(&f.t, &(double){0.1 * (double)i});
    test_study_report(&f.t, i, 1, 40 + (double)i);
    test_study_report(&f.t, i, 2, 30 + (double)i);
    test_study_complete(&f.t, i, 30 + (double)i);
  }
  for (uint64_t i = 5; i < 7; i++) test_study_add(&f.t, &(double){0.1 * (double)i});
  test_study_report(&f.t, 5, 1, 45);
  test_study_prune(&f.t, 5);
  test_study_report(&f.t, 6, 1, 38); /* 28 would beat all that went on: the best stands for it */
  test_study_prune(&f.t, 6);
  follow(&f);
  double loss[7], spread[7], scratch[7];
  hpo_observed_losses(f.observed, 7, loss, spread, scratch);
  assert_true(loss[4] == 34 && fabs(loss[5] - 35) < 1e-12 && loss[6] == 30);
  for (int i = 0; i < 5; i++) assert_true(spread[i] == 0);
  assert_true(spread[5] > 0 && spread[6] == spread[5]); /* the same step */
  close_fixture(&f);
}

static void a_maximised_objective_is_turned(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, "objective: {metric: a, direction: maximize}\n" SPACE);
  test_study_add(&f.t, &(double){0.25});
  test_study_add(&f.t, &(double){0.5});
  test_study_complete(&f.t, 0, 3);
  test_study_report(&f.t, 1, 1, 2);
  test_study_prune(&f.t, 1);
  follow(&f);
  double loss[2], spread[2], scratch[2];
  hpo_observed_losses(f.observed, 2, loss, spread, scratch);
  assert_true(loss[0] == -3 && loss[1] == -2);
  close_fixture(&f);
}

static void without_any_value_all_losses_are_equal(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, SPACE);
  for (uint64_t i = 0; i < 4; i++) {
    test_study_add(&f.t, &(double){0.1 * (double)i});
    test_study_fail(&f.t, i);
  }
  follow(&f);
  double loss[4], spread[4], scratch[4];
  hpo_observed_losses(f.observed, 4, loss, spread, scratch);
  assert_int_equal(hpo_observed_count_valued(f.observed), 0);
  for (int i = 0; i < 4; i++) assert_true(loss[i] == 0);
  close_fixture(&f);
}

static void another_history_is_a_new_start(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, SPACE);
  for (uint64_t i = 0; i < 3; i++) {
    test_study_add(&f.t, &(double){0.1 * (double)i});
    test_study_complete(&f.t, i, (double)i);
  }
  assert_false(follow(&f));
  const struct hpo_history *whole = hpo_study_history(f.t.study);
  const struct hpo_trial *other[] = {whole->trials[0], whole->trials[2]};
  struct hpo_history part = *whole;
  part.finished = other;
  part.n_finished = 2;
  bool restarted;
  assert_int_equal(hpo_observed_follow(f.observed, &part, &restarted, NULL), CORE_OK);
  assert_true(restarted);
  assert_int_equal(hpo_observed_count(f.observed), 2);
  assert_true(hpo_observed_row(f.observed, 1)[0] == 0.2);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_end_of_a_trial_gives_a_finite_loss),
      cmocka_unit_test(a_pruned_trial_counts_as_what_it_would_have_come_to),
      cmocka_unit_test(a_maximised_objective_is_turned),
      cmocka_unit_test(without_any_value_all_losses_are_equal),
      cmocka_unit_test(another_history_is_a_new_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
