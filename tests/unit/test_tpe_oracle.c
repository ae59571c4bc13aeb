/* SPDX-License-Identifier: GPL-3.0-or-later
 * The fast TPE against the slow one: densities and suggestions over random spaces and histories that
 * grow an event at a time; and that how an estimator came to hold what it holds leaves no trace. */
#include <malloc.h>
#include <math.h>
#include <string.h>

#include "core/lanes.h"
#include "core/mem.h"
#include "core/stats.h"
#include "hpo/sampler/tpe_parzen.h"
#include "tests/support/study_support.h"
#include "tests/support/tpe_oracle.h"

/* ---- lanes ---- */

static void lanes_are_the_functions(void **state) {
  (void)state;
  struct core_rng rng;
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  for (int i = 0; i < 20000; i++) {
    const double x = -708 + 1417 * core_rng_unit(&rng),
                 y = pow(10, 600 * core_rng_unit(&rng) - 300);
    assert_true(fabs(core_lanes_exp(core_lanes_all(x))[0] / exp(x) - 1) < 1e-15);
    assert_true(fabs(core_lanes_log(core_lanes_all(y))[1] - log(y)) <
                1e-15 * fmax(1, fabs(log(y))));
    const double t = pow(10, 5 * core_rng_unit(&rng) - 4);
    const double mills = exp(core_normal_log_cdf(-t) + 0.5 * t * t) * sqrt(2 * acos(-1));
    assert_true(fabs(core_lanes_mills(core_lanes_all(t))[2] / mills - 1) < 1e-12);
    const double a = (core_rng_unit(&rng) - 0.5) * pow(10, 3 * core_rng_unit(&rng) - 1);
    const double b = a + pow(10, 6 * core_rng_unit(&rng) - 5);
    const double mean = core_normal_log_interval(a, b) - log(b - a) + 0.5 * log(2 * acos(-1));
    if (mean > -100)
      assert_true(fabs(core_lanes_log_normal_mean(core_lanes_all(a), core_lanes_all(b))[3] - mean) <
                  3e-11);
    const double z = -9 + 18 * core_rng_unit(&rng), q = 0.85 * (core_rng_unit(&rng) - 0.5);
    const double cdf = core_lanes_normal_cdf(core_lanes_all(z))[0];
    assert_true(fabs(cdf - exp(core_normal_log_cdf(z))) < 1e-15);
    const double quantile = core_lanes_central_quantile(core_lanes_all(q))[1];
    assert_true(fabs(quantile - core_normal_quantile(0.5 + q)) < 1e-14);
  }
  const core_lanes far = core_lanes_normal_cdf((core_lanes){-1e12, -40, 40, 1e12});
  assert_true(far[0] == 0 && far[1] < 1e-300 && far[2] == 1 && far[3] == 1);
  const core_lanes edge = core_lanes_exp((core_lanes){-INFINITY, -800, 0, -1e300});
  assert_true(edge[0] == 0 && edge[1] == 0 && edge[2] == 1 && edge[3] == 0);
  assert_true(core_lanes_log(core_lanes_all(1))[0] == 0);
}

/* ---- random spaces and histories ---- */

static void add_param(struct core_str *yaml, struct core_rng *rng, int i) {
  static const char *const kinds[] = {
      "type: float, low: -3, high: 4",
      "type: float, low: 1.0e-6, high: 10, log: true",
      "type: float, low: 0, high: 1, step: 0.125",
      "type: int, low: 0, high: 9",
      "type: int, low: -500, high: 2000",
      "type: int, low: 1, high: 300, log: true",
      "type: int, low: 1, high: 12, log: true",
      "type: int, low: 0, high: 100000000000",
      "type: categorical, choices: [a, b, c]",
      "type: int, low: 4, high: 4",
  };
  static const char *const conditions[] = {
      "", "", "", ", when: {k: a}", ", when: {k: [b, c]}", ", when: {m: 1}"};
  core_str_printf(yaml, ", p%d: {%s%s}", i, kinds[core_rng_below(rng, CORE_COUNT_OF(kinds))],
                  conditions[core_rng_below(rng, CORE_COUNT_OF(conditions))]);
}

static const struct variant {
  const char *yaml;
  struct tpe_oracle oracle;
} variants[] = {
    {", n_ei_candidates: 24", {24, true, true, true, true, false, 1, true}},
    {", multivariate: false, n_ei_candidates: 7", {7, false, false, true, true, false, 1, false}},
    {", n_ei_candidates: 24, group: false, constant_liar: false",
     {24, true, false, false, true, false, 1, true}},
    {", multivariate: true, n_ei_candidates: 24, consider_endpoints: true, prior_weight: 0.01",
     {24, true, true, true, true, true, 0.01, false}},
    {", multivariate: true, n_ei_candidates: 96, consider_magic_clip: false, prior_weight: 3",
     {96, true, true, true, false, false, 3, false}},
};

static void open_random(struct test_study *t, struct core_rng *rng, const struct variant *variant,
                        uint64_t round) {
  struct core_str yaml = {0};
  core_str_printf(&yaml,
                  "seed: %d\nobjective: {metric: a, direction: %s}\nsampler: {name: tpe, "
                  "n_startup_trials: 0%s}\nspace: {k: {type: categorical, choices: [a, b, c]}, m: "
                  "{type: int, low: 0, high: 1, when: {k: [a, b]}}",
                  (int)round, round % 2 ? "minimize" : "maximize", variant->yaml);
  const uint64_t n = 1 + core_rng_below(rng, 6);
  if (round % 4 == 1) /* few points: they would come again */
    core_str_text_append(&yaml, ", q: {type: int, low: 1, high: 5}");
  for (uint64_t i = 0; i < n && round % 4 != 1; i++) add_param(&yaml, rng, (int)i);
  core_str_char(&yaml, '}');
  test_study_open(t, core_str_text(&yaml));
  core_str_close(&yaml);
}

/* Creates a trial at a random point or at one near an earlier one's (duplicates, narrow gaps). */
static void create_random(struct test_study *t, struct core_rng *rng) {
  const struct hpo_space *space = &t->spec.space;
  const size_t n = hpo_study_history(t->study)->n_trials;
  double unit[16], row[16];
  const struct hpo_trial *near =
      n > 0 && core_rng_below(rng, 3) == 0 ? test_study_trial(t, core_rng_below(rng, n)) : NULL;
  for (size_t k = 0; k < space->n_params; k++) {
    unit[k] = core_rng_unit(rng);
    if (near && !isnan(near->unit[k]))
      unit[k] = core_rng_below(rng, 3) ? near->unit[k] : 0.999 * near->unit[k] + 0.001 * unit[k];
  }
  hpo_space_to_internal(space, unit, row);
  test_study_add(t, row);
}

static void finish_random(struct test_study *t, struct core_rng *rng) {
  const size_t n = hpo_study_history(t->study)->n_trials;
  const uint64_t number = n - 1 - core_rng_below(rng, n < 12 ? n : 12);
  if (test_study_trial(t, number)->state != HPO_RUNNING) return;
  const uint64_t kind = core_rng_below(rng, 8);
  if (kind < 3)
    test_study_report(t, number, (int64_t)core_rng_below(rng, 3),
                      kind == 2 ? NAN : core_rng_unit(rng));
  if (kind == 0)
    test_study_fail(t, number);
  else if (kind < 4)
    test_study_prune(t, number);
  else
    test_study_complete(t, number, core_rng_below(rng, 5) ? core_rng_normal(rng) : 0.25);
}

static bool same_value(const struct hpo_param *p, double x, double y) {
  if (isnan(x) || isnan(y)) return isnan(x) && isnan(y);
  return fabs(hpo_param_to_unit(p, x) - hpo_param_to_unit(p, y)) < 1e-9;
}

/* Is the next point of the even design, not the model's? (Tested with the sampler.) */
static bool is_even_turn(const struct hpo_history *seen) {
  size_t n_complete = 0, n_pruned = 0;
  for (size_t i = 0; i < seen->n_finished; i++) {
    n_complete += seen->finished[i]->state == HPO_COMPLETE;
    n_pruned += seen->finished[i]->state == HPO_PRUNED;
  }
  return n_pruned > n_complete && seen->n_trials % 3 == 0;
}

/* One suggestion by both. */
static void compare_suggestions(struct test_study *t, const struct variant *variant) {
  const struct hpo_history *seen = hpo_study_history(t->study);
  double fast[16], slow[16], margin;
  bool fallback;
  struct core_rng rng;
  if (is_even_turn(seen)) return;
  core_rng_init(&rng, t->spec.seed, seen->n_trials, CORE_RNG_SAMPLER);
  tpe_oracle_suggest(&variant->oracle, seen, &rng, slow, &margin);
  assert_int_equal(hpo_study_suggest(t->study, fast, &fallback, NULL), CORE_OK);
  assert_false(fallback);
  for (size_t k = 0; k < t->spec.space.n_params; k++)
    if (!same_value(&t->spec.space.params[k], fast[k], slow[k]) && !(margin < 1e-8))
      fail_msg("%s at n = %zu: parameter %s is %.17g, not %.17g", variant->yaml, seen->n_trials,
               t->spec.space.params[k].name, fast[k], slow[k]);
}

static void suggestions_are_the_slow_ones(void **state) {
  (void)state;
  struct core_rng rng;
  size_t n_adapting[2] = {0}; /* suggestions one by one, and together, of those who choose */
  core_rng_init(&rng, 2, 0, CORE_RNG_TEST);
  for (uint64_t round = 0; round < 40; round++) {
    const struct variant *variant = &variants[round % CORE_COUNT_OF(variants)];
    const size_t most = round % 8 == 7 ? 420 : 120;
    struct test_study t;
    open_random(&t, &rng, variant, round);
    for (size_t i = 0; i < most; i++) {
      create_random(&t, &rng);
      for (size_t k = 0; k < 1 + 3 * (round / 5 % 2); k++) /* many pending or few, in turns */
        if (core_rng_below(&rng, 9) > 0) finish_random(&t, &rng);
      if (core_rng_below(&rng, most / 12) > 0) continue;
      compare_suggestions(&t, variant);
      const struct hpo_history *seen = hpo_study_history(t.study);
      if (variant->oracle.adapts) n_adapting[tpe_oracle_is_multivariate(&variant->oracle, seen)]++;
    }
    test_study_close(&t);
  }
  assert_true(n_adapting[0] > 20 && n_adapting[1] > 20);
}

/* ---- estimators ---- */

static void assert_same_densities(struct hpo_parzen *a, struct hpo_parzen *b,
                                  struct core_rng *rng) {
  enum { POINTS = 20 };
  struct hpo_parzen_value *points = core_calloc(POINTS * a->n_dims, sizeof *points);
  double x[POINTS], y[POINTS];
  for (size_t i = 0; i < POINTS; i++) hpo_parzen_draw(i % 2 ? a : b, rng, points + i * a->n_dims);
  assert_int_equal(hpo_parzen_log_densities(a, points, POINTS, x, NULL), CORE_OK);
  assert_int_equal(hpo_parzen_log_densities(b, points, POINTS, y, NULL), CORE_OK);
  assert_memory_equal(x, y, sizeof x); /* bit for bit */
  core_free(points);
}

static void assert_slow_density(struct hpo_parzen *fast, const struct tpe_oracle_mixture *slow,
                                struct core_rng *rng) {
  struct hpo_parzen_value point[16];
  double unit[16], density;
  hpo_parzen_draw(fast, rng, point);
  for (size_t d = 0; d < fast->n_dims; d++)
    unit[d] = hpo_parzen_unit(&slow->space->params[slow->params[d]], &point[d]);
  assert_int_equal(hpo_parzen_log_densities(fast, point, 1, &density, NULL), CORE_OK);
  const double wanted = tpe_oracle_log_density(slow, unit);
  if (!(fabs(density - wanted) < 1e-9 * fmax(1, fabs(wanted))))
    fail_msg("n = %zu: %.15g, not %.15g", slow->n, density, wanted);
}

static const char estimator_space[] =
    "sampler: tpe\nspace: {a: {type: float, low: 0, high: 1}, b: {type: int, low: 1, high: 900, "
    "log: true}, c: "
    "{type: int, low: 0, high: 6}, d: {type: categorical, choices: [x, y]}, e: {type: float, low: "
    "1, high: 100, log: true}, f: {type: int, low: 0, high: 1000000}, g: {type: float, low: 0, "
    "high: 1}, h: {type: float, low: 0, high: 1}, i: {type: float, low: 0, high: 3}}";

/* Inserted and removed at random, compared with one filled at once and with the slow one. */
static void the_way_leaves_no_trace(void **state) {
  (void)state;
  enum { TRIALS = 600 };
  static const size_t sets[][9] = {{0, 1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3}, {3}, {0, 8}, {5}};
  static const size_t lengths[] = {9, 3, 1, 2, 1};
  struct test_study t;
  struct core_rng rng;
  const struct hpo_trial *members[TRIALS];
  core_rng_init(&rng, 4, 0, CORE_RNG_TEST);
  test_study_open(&t, estimator_space);
  for (size_t i = 0; i < TRIALS; i++) create_random(&t, &rng);
  for (size_t s = 0; s < CORE_COUNT_OF(sets); s++) {
    const struct hpo_parzen_options options = {1, s != 2, s == 3};
    const struct tpe_oracle oracle = {24, true, true, true, s != 2, s == 3, 1, false};
    struct hpo_parzen grown, filled;
    bool in[TRIALS] = {0};
    assert_int_equal(hpo_parzen_open(&grown, &options, &t.spec.space, sets[s], lengths[s], NULL),
                     CORE_OK);
    for (size_t step = 0; step < 2400; step++) {
      const size_t i = (size_t)core_rng_below(&rng, step < 1000 ? 60 + step / 2 : TRIALS);
      const struct hpo_trial *trial = test_study_trial(&t, i < TRIALS ? i : TRIALS - 1);
      bool *is_in = &in[trial->number];
      if (*is_in && core_rng_below(&rng, 3) > 0) continue;
      *is_in = !*is_in;
      if (*is_in)
        assert_int_equal(hpo_parzen_insert(&grown, trial, NULL), CORE_OK);
      else
        hpo_parzen_remove(&grown, trial);
      if (step % 47 != 0) continue;
      size_t n = 0;
      for (size_t k = 0; k < TRIALS; k++)
        if (in[k]) members[n++] = test_study_trial(&t, k);
      assert_int_equal(hpo_parzen_open(&filled, &options, &t.spec.space, sets[s], lengths[s], NULL),
                       CORE_OK);
      assert_int_equal(hpo_parzen_fill(&filled, members, n, NULL), CORE_OK);
      assert_same_densities(&grown, &filled, &rng);
      struct tpe_oracle_mixture slow;
      tpe_oracle_fit(&slow, &oracle, &t.spec.space, sets[s], lengths[s], members, n);
      assert_slow_density(&grown, &slow, &rng);
      tpe_oracle_release(&slow);
      hpo_parzen_close(&filled);
    }
    hpo_parzen_close(&grown);
  }
  test_study_close(&t);
}

/* ---- memory ---- */

static size_t bytes_in_use(void) {
#ifdef SWEEPGATE_SANITIZED
  return 0; /* the sanitizer's own allocator is not counted; it finds leaks by itself */
#else
  return mallinfo2().uordblks;
#endif
}

static void grow_to(struct test_study *t, struct core_rng *rng, size_t n) {
  while (hpo_study_history(t->study)->n_trials < n) {
    const uint64_t number = test_study_ask(t);
    test_study_complete(t, number, core_rng_normal(rng));
  }
}

static void memory_is_bounded_by_the_history(void **state) {
  (void)state;
  struct test_study t;
  struct core_rng rng;
  double row[16];
  core_rng_init(&rng, 5, 0, CORE_RNG_TEST);
  test_study_open(&t, estimator_space);
  grow_to(&t, &rng, 300);
  assert_int_equal(hpo_study_suggest(t.study, row, NULL, NULL), CORE_OK);
  const size_t before = bytes_in_use();
  for (size_t i = 0; i < 400; i++)
    assert_int_equal(hpo_study_suggest(t.study, row, NULL, NULL), CORE_OK);
  assert_int_equal(bytes_in_use(), before);
  grow_to(&t, &rng, 1300);
  const size_t bytes = bytes_in_use();
  /* a thousand trials of nine parameters: at most 64 bytes each here, twice that while growing, and
   * as much again for the trials */
  assert_true(bytes - before < (size_t)1000 * 9 * 256);
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lanes_are_the_functions),
      cmocka_unit_test(the_way_leaves_no_trace),
      cmocka_unit_test(suggestions_are_the_slow_ones),
      cmocka_unit_test(memory_is_bounded_by_the_history),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
