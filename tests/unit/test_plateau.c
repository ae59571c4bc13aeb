/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where an objective is flat: reach by its definition, and what it does to the sampler gp. */
#include "hpo/gp/plateau.h"

#include <math.h>

#include "core/rng.h"
#include "tests/support/study_support.h"

#define D 3
#define N 60
#define K 8

static bool categorical[D] = {false, false, true};
static const struct hpo_features features = {.categorical = categorical, .d = D};
static const double scales[D] = {0.3, 4.0, 7.0}; /* above 1 they count as 1; a choice has none */

struct fixture {
  struct core_arena arena;
  struct core_rng rng;
  double rows[N * D], values[N];
  struct hpo_plateau plateau;
};

static double distance(const double *a, const double *b) {
  const double x = (a[0] - b[0]) / 0.3, y = a[1] - b[1], z = a[2] != b[2];
  return sqrt(x * x + y * y + z * z);
}

static void draw_row(struct core_rng *rng, double *row) {
  row[0] = core_rng_unit(rng);
  row[1] = core_rng_unit(rng);
  row[2] = (double)core_rng_below(rng, 2);
}

/* `levels` values, none of which is like another where levels is 0; every tenth row has none. */
static void open_fixture(struct fixture *f, uint64_t levels) {
  *f = (struct fixture){0};
  core_rng_init(&f->rng, 11, levels, CORE_RNG_TEST);
  for (size_t i = 0; i < N; i++) {
    draw_row(&f->rng, f->rows + i * D);
    f->values[i] = levels > 0 ? (double)core_rng_below(&f->rng, levels) : core_rng_unit(&f->rng);
    if (i % 10 == 9) f->values[i] = NAN;
  }
  assert_int_equal(
      hpo_plateau_find(&f->plateau, &features, f->rows, f->values, N, scales, &f->arena, NULL),
      CORE_OK);
}

/* By the definition: the farthest among the K nearest that ties. */
static double plain_reach(const struct fixture *f, size_t i) {
  double reach = 0;
  for (size_t k = 0; k < N; k++) {
    if (k == i || f->values[k] != f->values[i]) continue;
    const double r = distance(f->rows + i * D, f->rows + k * D);
    size_t nearer = 0;
    for (size_t j = 0; j < N; j++)
      nearer += j != i && distance(f->rows + i * D, f->rows + j * D) < r;
    if (nearer < K) reach = fmax(reach, r);
  }
  return reach;
}

static void reach_is_that_of_the_definition(void **state) {
  (void)state;
  for (uint64_t levels = 1; levels <= 30; levels += 3) {
    struct fixture f;
    open_fixture(&f, levels);
    for (size_t i = 0; i < N; i++)
      assert_true(fabs(sqrt(f.plateau.reach2[i]) - plain_reach(&f, i)) < 1e-12);
    core_arena_close(&f.arena);
  }
}

static void without_ties_every_point_is_new(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, 0);
  assert_null(f.plateau.reach2);
  assert_int_equal(f.plateau.ties_of_best, 0);
  assert_true(hpo_plateau_log_new(&f.plateau, f.rows) == 0);
  core_arena_close(&f.arena);
}

static void new_is_what_lies_beyond_the_reach_of_the_nearest_row(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, 4);
  for (int k = 0; k < 500; k++) {
    double point[D];
    size_t nearest = 0;
    draw_row(&f.rng, point);
    for (size_t i = 1; i < N; i++)
      if (distance(point, f.rows + i * D) < distance(point, f.rows + nearest * D)) nearest = i;
    const double share = distance(point, f.rows + nearest * D) / plain_reach(&f, nearest);
    const double expected = share < 1 ? D * log(share) : 0;
    assert_true(fabs(hpo_plateau_log_new(&f.plateau, point) - expected) < 1e-9);
  }
  assert_true(isfinite(hpo_plateau_log_new(&f.plateau, f.rows)));
  core_arena_close(&f.arena);
}

static void ties_of_the_best_are_counted(void **state) {
  (void)state;
  struct core_arena arena = {0};
  struct hpo_plateau plateau;
  double rows[5 * D] = {0}, values[5] = {2, 1, NAN, 1, 1};
  for (size_t i = 0; i < 5; i++) rows[i * D] = (double)i / 5;
  assert_int_equal(hpo_plateau_find(&plateau, &features, rows, values, 5, scales, &arena, NULL),
                   CORE_OK);
  assert_int_equal(plateau.ties_of_best, 2);
  for (size_t i = 0; i < 5; i++) values[i] = NAN; /* all failed */
  assert_int_equal(hpo_plateau_find(&plateau, &features, rows, values, 5, scales, &arena, NULL),
                   CORE_OK);
  assert_int_equal(plateau.ties_of_best, 0);
  core_arena_close(&arena);
}

/* Steps of a tenth, each 5 units down and then a terrace above the next: from a terrace nothing points
 * to the lowest one. */
static double terraces(double x, double y) {
  return floor(10 * fabs(x - 0.93)) + floor(10 * fabs(y - 0.07));
}

static void a_sampler_leaves_a_plateau(void **state) {
  (void)state;
  struct test_study t;
  size_t lowest = 0, distinct = 0;
  test_study_open(&t, "sampler: gp\nspace: {x: {type: float, low: 0, high: 1}, "
                      "y: {type: float, low: 0, high: 1}}");
  double seen[60];
  for (uint64_t i = 0; i < 60; i++) {
    test_study_ask(&t);
    const double *at = test_study_trial(&t, i)->internal;
    seen[i] = terraces(at[0], at[1]);
    bool known = false;
    for (uint64_t k = 0; k < i; k++) known |= seen[k] == seen[i];
    distinct += !known;
    lowest += seen[i] == 0;
    test_study_complete(&t, i, seen[i]);
  }
  assert_true(lowest > 0);
  assert_true(lowest < 40); /* where it cannot get better it looks elsewhere */
  assert_true(distinct >= 6);
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reach_is_that_of_the_definition),
      cmocka_unit_test(without_ties_every_point_is_new),
      cmocka_unit_test(new_is_what_lies_beyond_the_reach_of_the_nearest_row),
      cmocka_unit_test(ties_of_the_best_are_counted),
      cmocka_unit_test(a_sampler_leaves_a_plateau),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
