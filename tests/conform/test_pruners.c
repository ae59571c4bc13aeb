/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of pruners, over every row of the registry: random histories of curves with gaps, NaN and infinities. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "tests/support/curves.h"
#include "tests/support/support.h"

/* Sections that open each pruner; a pruner without a row here fails the test. */
static const char *const sections[] = {
    "{name: none}",
    "{name: median, n_startup_trials: 2}",
    "{name: percentile, percentile: 30, n_startup_trials: 2}",
    "{name: asha, min_resource: 1, reduction_factor: 2}",
    "{name: asha}",
    "{name: hyperband}",
    "{name: hyperband, max_resource: 20, reduction_factor: 2}",
    "{name: threshold, lower: -2, upper: 2}",
    "{name: patient, patience: 2, pruner: {name: median, n_startup_trials: 1}}",
    "{name: wilcoxon, p_threshold: 0.2}",
};

static double draw(struct core_rng *rng) {
  const uint64_t kind = core_rng_below(rng, 30);
  if (kind == 0) return NAN;
  if (kind == 1) return INFINITY;
  if (kind == 2) return -INFINITY;
  if (kind == 3) return 1e300;
  return core_rng_normal(rng);
}

/* A history of `n` trials in all states; `sign` mirrors every value. */
static void random_history(struct curves *c, uint64_t seed, size_t n, double sign) {
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
  curves_init(c, sign > 0 ? HPO_MINIMIZE : HPO_MAXIMIZE);
  for (size_t i = 0; i < n; i++) {
    struct hpo_trial *trial = curves_trial(c);
    const uint64_t n_reports = core_rng_below(&rng, 20), state = core_rng_below(&rng, 4);
    long step = 0;
    for (uint64_t k = 0; k < n_reports; k++) {
      step += 1 + (long)core_rng_below(&rng, 3);
      curves_report(c, trial, step, sign * draw(&rng));
    }
    if (state < 2) curves_finish(c, trial, HPO_COMPLETE);
    if (state == 2) curves_finish(c, trial, core_rng_below(&rng, 2) ? HPO_PRUNED : HPO_FAIL);
  }
}

/* Every decision over the running trials' prefixes, as a string of digits. */
static void decisions(const char *section, uint64_t seed, size_t n, double sign, char *out,
                      size_t cap) {
  struct curves *c = core_alloc(sizeof *c);
  struct open_pruner p;
  size_t used = 0;
  assert_non_null(c);
  random_history(c, seed, n, sign);
  open_pruner(&p, section, "conform", c->direction);
  for (size_t i = 0; i < n; i++) {
    struct hpo_trial trial = c->trials[i];
    if (trial.state != HPO_RUNNING) continue;
    c->by_number[i] = &trial;
    for (size_t k = 1; k <= c->trials[i].n_reports && used + 2 < cap; k++) {
      trial.n_reports = k;
      const bool once = p.ops->prune(p.pruner, &c->history, &trial);
      assert_int_equal(once,
                       p.ops->prune(p.pruner, &c->history, &trial)); /* asking changes nothing */
      out[used++] = once ? '1' : '0';
    }
    c->by_number[i] = &c->trials[i];
  }
  out[used] = '\0';
  close_pruner(&p);
  core_free(c);
}

static void every_registry_row_is_held_to_this(void **state) {
  (void)state;
  for (const struct hpo_pruner_ops *const *ops = hpo_pruner_all(); *ops; ops++) {
    bool found = false;
    char name[64];
    snprintf(name, sizeof name, "{name: %s", (*ops)->name);
    for (size_t i = 0; i < CORE_COUNT_OF(sections); i++)
      found |= strncmp(sections[i], name, strlen(name)) == 0;
    if (!found) fail_msg("pruner '%s' has no section in this test", (*ops)->name);
    assert_true(strlen((*ops)->summary) > 0);
    assert_ptr_equal(hpo_pruner_find((*ops)->name), *ops);
    (*ops)->close(NULL);
  }
}

static void same_history_same_answer_and_mirrored_when_maximised(void **state) {
  (void)state;
  char one[2000], two[2000], mirrored[2000];
  for (size_t i = 0; i < CORE_COUNT_OF(sections); i++) {
    for (uint64_t seed = 0; seed < 30; seed++) {
      decisions(sections[i], seed, 5 + seed * 4, 1, one, sizeof one);
      decisions(sections[i], seed, 5 + seed * 4, 1, two, sizeof two);
      assert_string_equal(one, two);
      if (strstr(sections[i], "threshold")) continue; /* bounds are not mirrored, and mean it */
      decisions(sections[i], seed, 5 + seed * 4, -1, mirrored, sizeof mirrored);
      assert_string_equal(one, mirrored);
    }
  }
}

/* One step of a study's life, drawn: a trial begins, reports, or ends. The trial that reported, or NULL. */
static struct hpo_trial *live(struct curves *c, struct core_rng *rng) {
  const uint64_t kind = core_rng_below(rng, 12);
  struct hpo_trial *trial =
      c->history.n_trials > 0 ? &c->trials[core_rng_below(rng, c->history.n_trials)] : NULL;
  if (!trial || (kind == 0 && c->history.n_trials < CURVES_TRIALS)) {
    curves_trial(c);
    return NULL;
  }
  if (trial->state != HPO_RUNNING) return NULL;
  if (kind == 1 && core_rng_below(rng, 4) == 0) trial->n_reports = 0; /* it is repeated */
  if (kind < 3 && trial->n_reports > 0) {
    curves_finish(c, trial,
                  kind == 2                ? HPO_COMPLETE
                  : core_rng_below(rng, 3) ? HPO_PRUNED
                                           : HPO_FAIL);
    return NULL;
  }
  if (trial->n_reports == CURVES_REPORTS) return NULL;
  const long last = trial->n_reports > 0 ? trial->reports[trial->n_reports - 1].step : 0;
  curves_report(c, trial, last + 1 + (core_rng_below(rng, 4) == 0), draw(rng));
  return trial;
}

static void kept_state_changes_no_answer(void **state) {
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(sections); i++) {
    struct curves *c = core_alloc(sizeof *c);
    struct open_pruner kept;
    struct core_rng rng;
    assert_non_null(c);
    core_rng_init(&rng, i, 0, CORE_RNG_TEST);
    curves_init(c, HPO_MINIMIZE);
    open_pruner(&kept, sections[i], "conform", HPO_MINIMIZE);
    for (int k = 0; k < 3000; k++) {
      struct open_pruner fresh;
      const struct hpo_trial *trial = live(c, &rng);
      if (!trial || k % 3 == 0) continue;
      open_pruner(&fresh, sections[i], "conform", HPO_MINIMIZE);
      assert_int_equal(kept.ops->prune(kept.pruner, &c->history, trial),
                       fresh.ops->prune(fresh.pruner, &c->history, trial));
      close_pruner(&fresh);
      core_mem_fail_at(1); /* without memory to keep anything */
      const bool starved = kept.ops->prune(kept.pruner, &c->history, trial);
      core_mem_fail_at(0);
      if (!strstr(sections[i], "wilcoxon")) /* which needs some, and goes on without */
        assert_int_equal(starved, kept.ops->prune(kept.pruner, &c->history, trial));
    }
    close_pruner(&kept);
    core_free(c);
  }
}

static void every_pruner_but_none_stops_something(void **state) {
  (void)state;
  char text[2000];
  for (size_t i = 0; i < CORE_COUNT_OF(sections); i++) {
    bool stopped = false, passed = false;
    for (uint64_t seed = 0; seed < 30; seed++) {
      decisions(sections[i], seed, 60, 1, text, sizeof text);
      stopped |= strchr(text, '1') != NULL;
      passed |= strchr(text, '0') != NULL;
    }
    if (stopped == (strcmp(sections[i], "{name: none}") == 0)) fail_msg("%s", sections[i]);
    assert_true(passed);
  }
}

static void an_empty_history_prunes_only_for_nan_or_bounds(void **state) {
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(sections); i++) {
    struct curves *c = core_alloc(sizeof *c);
    struct open_pruner p;
    assert_non_null(c);
    curves_init(c, HPO_MINIMIZE);
    open_pruner(&p, sections[i], "conform", HPO_MINIMIZE);
    struct hpo_trial *trial = curves_trial(c);
    for (long step = 0; step < 30; step++) {
      curves_report(c, trial, step * 1000, 1 - 0.01 * (double)step);
      assert_false(p.ops->prune(p.pruner, &c->history, trial));
    }
    close_pruner(&p);
    core_free(c);
  }
}

static void no_memory_is_no_crash(void **state) {
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(sections); i++) {
    for (unsigned long long n = 1;; n++) {
      struct open_pruner p;
      struct core_error err = {0};
      core_mem_fail_at(n);
      const enum core_status st = try_open_pruner(&p, sections[i], "conform", HPO_MINIMIZE, &err);
      core_mem_fail_at(0);
      if (st != CORE_OK) {
        assert_int_equal(st, CORE_NOMEM);
        p.ops = NULL;
      }
      close_pruner(&p);
      if (st == CORE_OK) break;
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_registry_row_is_held_to_this),
      cmocka_unit_test(same_history_same_answer_and_mirrored_when_maximised),
      cmocka_unit_test(kept_state_changes_no_answer),
      cmocka_unit_test(every_pruner_but_none_stops_something),
      cmocka_unit_test(an_empty_history_prunes_only_for_nan_or_bounds),
      cmocka_unit_test(no_memory_is_no_crash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
