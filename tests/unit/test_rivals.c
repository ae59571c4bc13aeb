/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which choices get a trial although the best point has others, and that a trap of choices is left. */
#include "hpo/gp/rivals.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/study_support.h"

enum { MAX_ROWS = 400, MAX_D = 5 };

struct fixture {
  struct test_study study;
  struct hpo_features features;
  struct core_arena arena;
  double rows[MAX_ROWS * MAX_D], targets[MAX_ROWS], losses[MAX_ROWS], best[MAX_D];
  struct hpo_rivals rivals;
};

#define TREE                                                                                       \
  "space: {lr: {type: float, low: 0, high: 1}, optimizer: {type: categorical, choices: [sgd, "     \
  "adam, rms]}, momentum: {type: categorical, choices: [off, on], when: {optimizer: sgd}}, "       \
  "decay: {type: categorical, choices: [none, step]}}"

static void open_fixture(struct fixture *f, const char *space) {
  *f = (struct fixture){0};
  test_study_open(&f->study, space);
  assert_int_equal(hpo_features_open(&f->features, &f->study.spec.space, NULL), CORE_OK);
  assert_true(f->features.d <= MAX_D);
  f->rivals = (struct hpo_rivals){.features = &f->features,
                                  .rows = f->rows,
                                  .targets = f->targets,
                                  .losses = f->losses,
                                  .best = f->best,
                                  .gain = 0.01};
}

static void close_fixture(struct fixture *f) {
  core_arena_close(&f->arena);
  hpo_features_close(&f->features);
  test_study_close(&f->study);
}

/* Another observation, at a full row. */
static void observe(struct fixture *f, const double *full, double loss) {
  const size_t n = f->rivals.n++;
  assert_true(n < MAX_ROWS);
  hpo_features_canonical(&f->features, full, f->rows + n * f->features.d, NULL);
  f->targets[n] = f->losses[n] = loss;
}

static struct hpo_rival find(struct fixture *f, bool combined) {
  struct hpo_rival rival;
  assert_int_equal(hpo_rivals_find(&f->rivals, combined, &f->arena, &rival, NULL), CORE_OK);
  return rival;
}

/* A trial with the rival's choices. */
static void try_rival(struct fixture *f, const struct hpo_rival *rival, double loss) {
  double full[MAX_D];
  memcpy(full, f->best, sizeof full);
  for (size_t j = 0; j < f->features.d; j++)
    if (!isnan(rival->held[j])) full[j] = rival->held[j];
  observe(f, full, loss);
}

static void other_choices_come_untried_first_then_by_merit(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, TREE); /* the best point: adam without decay, which has no momentum */
  f.best[0] = 0.5;
  f.best[1] = 1;
  observe(&f, f.best, -2);
  size_t tried[3] = {0};
  for (size_t i = 0; i < 3; i++) { /* sgd, rms, step */
    const struct hpo_rival rival = find(&f, false);
    assert_non_null(rival.held);
    assert_true(isnan(rival.held[0]) && isnan(rival.held[2]) && !isfinite(rival.best));
    assert_true(isnan(rival.held[1]) != isnan(rival.held[3]));
    tried[isnan(rival.held[1]) ? 2 : rival.held[1] > 0]++;
    try_rival(&f, &rival, isnan(rival.held[1]) ? -1 : 1);
  }
  assert_true(tried[0] == 1 && tried[1] == 1 && tried[2] == 1);
  assert_true(find(&f, false).held[3] == 1); /* the best of the three */
  assert_true(find(&f, false).best == -1);
  for (int i = 0; i < 100; i++) { /* until it was tried that often without getting better */
    const struct hpo_rival rival = find(&f, false);
    if (isnan(rival.held[3])) break;
    try_rival(&f, &rival, 0);
  }
  assert_true(isnan(find(&f, false).held[3]));
  close_fixture(&f);
}

static void every_other_combination_is_tried_until_it_is_spent(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, TREE);
  f.best[1] = 1;
  observe(&f, f.best, -2);
  double patterns[16][MAX_D];
  size_t tried[16] = {0}, n = 0;
  for (;;) {
    const struct hpo_rival rival = find(&f, true);
    if (!rival.held) break;
    assert_false(hpo_rival_has(&f.features, &rival, f.rows)); /* the best point's is no rival */
    size_t k = 0;
    while (k < n && !hpo_rival_has(&f.features, &rival, patterns[k])) k++;
    if (k == n) memcpy(patterns[n++], rival.pattern, sizeof patterns[0]);
    tried[k]++;
    try_rival(&f, &rival, k == 3 && tried[k] < 20 ? -0.1 * (double)tried[k] : 1);
  }
  assert_int_equal(
      n, 7); /* sgd with momentum or without, adam, rms; with decay or without; less one */
  for (size_t k = 0; k < n; k++)
    assert_int_equal(tried[k], k == 3 ? 25 : 7); /* one to begin, and six without a gain */
  close_fixture(&f);
}

/* What runs counts as tried, so that parallel trials go to several rivals. */
static void running_trials_count_as_tried(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, TREE);
  observe(&f, f.best, 0);
  double pending[2 * MAX_D];
  f.rivals.pending = pending;
  for (size_t i = 0; i < 2; i++) {
    const struct hpo_rival rival = find(&f, true);
    for (size_t k = 0; k < i; k++)
      assert_false(hpo_rival_has(&f.features, &rival, pending + k * f.features.d));
    memcpy(pending + i * f.features.d, rival.pattern, f.features.d * sizeof *pending);
    f.rivals.n_pending++;
  }
  close_fixture(&f);
}

static void combinations_are_for_few_choices_beside_numbers(void **state) {
  (void)state;
  static const struct {
    const char *space;
    bool combine;
  } rows[] = {
      {TREE, true},
      {"space: {x: {type: float, low: 0, high: 1}}", false},
      {"space: {a: {type: categorical, choices: [p, q]}, b: {type: categorical, choices: [r, s]}}",
       false},
      {"space: {x: {type: int, low: 0, high: 9}, a: {type: categorical, choices: [p, q]}}", true},
      {"space: {x: {type: float, low: 0, high: 1}, a: {type: categorical, choices: [1, 2, 3, 4, 5, "
       "6, 7]}, b: {type: categorical, choices: [1, 2, 3, 4, 5, 6, 7]}, c: {type: categorical, "
       "choices: [1, 2, 3, 4, 5, 6]}}",
       false},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(rows); i++) {
    struct fixture f;
    open_fixture(&f, rows[i].space);
    assert_int_equal(hpo_rivals_combine(&f.features), rows[i].combine);
    close_fixture(&f);
  }
}

/* Only the pair (2, 1) has the least value, in a place of its own. Each of its choices with another one
 * is worse than the rest. */
static double trap(const double *x) {
  static const double floor[3][2] = {{0.5, 1.0}, {0.8, 1.5}, {2.0, 0.0}};
  static const double at[3] = {-3, 0, 3}, step[3][2] = {{5, 15}, {10, 10}, {18, 2}};
  const size_t a = (size_t)x[2], b = (size_t)x[3];
  return floor[a][b] + 0.3 * pow(x[0] - at[a], 2) + 0.02 * pow(x[1] - step[a][b], 2) +
         0.5 * pow(x[4] - (b == 0 ? 1 : -1), 2);
}

static void a_trap_of_choices_is_left(void **state) {
  (void)state;
  static const int seeds[] = {1, 2, 6}; /* without combinations each ends at 0.5 or 0.8 */
  for (size_t k = 0; k < CORE_COUNT_OF(seeds); k++) {
    struct test_study t;
    char yaml[512];
    snprintf(yaml, sizeof yaml,
             "seed: %d\nsampler: gp\nspace: {x: {type: float, low: -5, high: 5}, "
             "k: {type: int, low: 1, high: 20}, a: {type: categorical, choices: [A, B, C]}, "
             "b: {type: categorical, choices: [p, q]}, y: {type: float, low: -3, high: 3}}",
             seeds[k]);
    test_study_open(&t, yaml);
    for (uint64_t i = 0; i < 120; i++) {
      test_study_ask(&t);
      test_study_complete(&t, i, trap(test_study_trial(&t, i)->internal));
    }
    assert_true(hpo_study_history(t.study)->best->values[0] < 0.01);
    test_study_close(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(other_choices_come_untried_first_then_by_merit),
      cmocka_unit_test(every_other_combination_is_tried_until_it_is_spent),
      cmocka_unit_test(running_trials_count_as_tried),
      cmocka_unit_test(combinations_are_for_few_choices_beside_numbers),
      cmocka_unit_test(a_trap_of_choices_is_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
