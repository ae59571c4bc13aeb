/* SPDX-License-Identifier: GPL-3.0-or-later
 * The law of the store, for every sampler and every pruner: a study that is read back from its file suggests and prunes
 * as the one that wrote it, bit for bit, at every moment of an asynchronous sweep. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "hpo/store/store.h"
#include "tests/support/store_support.h"
#include "tests/support/study_support.h"

#define N_TRIALS   40
#define N_RUNNING  3
#define N_STEPS    4
#define MAX_PARAMS 8

/* A live study beside its store; each event is stored first and applied second. */
struct sweep {
  struct test_study live;
  struct hpo_store *store;
  struct core_rng rng;
  uint64_t running[N_RUNNING];
  int64_t steps[N_RUNNING]; /* reported by it */
  size_t n_running;
};

static void act(struct sweep *s, const struct hpo_event *event) {
  struct core_error err = {0};
  if (hpo_store_append(s->store, event, 1, &err) != CORE_OK) fail_msg("store: %s", err.message);
  if (hpo_study_apply(s->live.study, event, &err) != CORE_OK) fail_msg("apply: %s", err.message);
}

static enum core_status apply_to(void *study, const struct hpo_event *event,
                                 struct core_error *err) {
  return hpo_study_apply(study, event, err);
}

/* A new study from the file alone. */
static struct hpo_study *read_back(struct sweep *s) {
  struct hpo_study *study = NULL;
  struct core_error err = {0};
  if (hpo_study_open(&s->live.spec, &study, &err) != CORE_OK) fail_msg("open: %s", err.message);
  if (hpo_store_replay(s->store, apply_to, study, &err) != CORE_OK)
    fail_msg("replay: %s", err.message);
  return study;
}

/* False when the sampler has nothing left. */
static bool start_trial(struct sweep *s) {
  double point[MAX_PARAMS];
  double again[MAX_PARAMS];
  struct core_error err = {0};
  const struct hpo_history *history = hpo_study_history(s->live.study);
  const size_t n_params = s->live.spec.space.n_params;
  struct hpo_study *copy = read_back(s);
  const enum core_status live = hpo_study_suggest(s->live.study, point, NULL, &err);
  assert_int_equal(hpo_study_suggest(copy, again, NULL, &err), live);
  hpo_study_close(copy);
  if (live == CORE_EXHAUSTED) return false;
  assert_memory_equal(point, again, n_params * sizeof *point);
  const uint64_t number = history->n_trials;
  const struct hpo_event create = test_create(number, point, history->n_finished);
  act(s, &create);
  s->running[s->n_running] = number;
  s->steps[s->n_running++] = 0;
  return true;
}

static double loss_at(const struct sweep *s, uint64_t number, int64_t step) {
  const struct hpo_trial *trial = hpo_study_history(s->live.study)->trials[number];
  return fabs(trial->internal[0] - 0.3) + 1.0 / (double)step + 0.01 * (double)(number % 7);
}

static void end_trial(struct sweep *s, size_t slot, enum hpo_state state) {
  const uint64_t number = s->running[slot];
  const double value = loss_at(s, number, N_STEPS);
  const struct hpo_trial *trial = hpo_study_history(s->live.study)->trials[number];
  struct hpo_event finish = test_finish(number, state == HPO_FAIL ? NULL : &value);
  const double last = trial->n_reports ? trial->reports[trial->n_reports - 1].value : 0;
  if (state == HPO_PRUNED) {
    finish.state = HPO_PRUNED;
    finish.outcome = HPO_OUTCOME_PRUNED;
    finish.values = &last;
  }
  act(s, &finish);
  s->n_running--;
  s->running[slot] = s->running[s->n_running];
  s->steps[slot] = s->steps[s->n_running];
}

/* One of the running trials reports, is pruned, fails, is put back, or ends. */
static void advance(struct sweep *s) {
  const size_t slot = core_rng_below(&s->rng, s->n_running);
  const uint64_t number = s->running[slot];
  if (core_rng_below(&s->rng, 20) == 0) {
    const struct hpo_event requeue = {.kind = HPO_EVENT_REQUEUE, .number = number, .attempt = 1};
    const struct hpo_event start = {.kind = HPO_EVENT_START, .number = number, .unix_s = 1.7e9};
    act(s, &requeue);
    act(s, &start);
    s->steps[slot] = 0;
    return;
  }
  if (s->steps[slot] == N_STEPS) {
    end_trial(s, slot, core_rng_below(&s->rng, 8) == 0 ? HPO_FAIL : HPO_COMPLETE);
    return;
  }
  const int64_t step = ++s->steps[slot];
  const bool odd = core_rng_below(&s->rng, 15) == 0;
  const struct hpo_event report = test_report(number, step, odd ? NAN : loss_at(s, number, step));
  act(s, &report);
  struct hpo_study *copy = read_back(s);
  const bool prune = hpo_study_should_prune(s->live.study, number);
  assert_int_equal(hpo_study_should_prune(copy, number), prune);
  hpo_study_close(copy);
  if (prune && !odd) end_trial(s, slot, HPO_PRUNED);
}

/* What a pruner cannot do without. */
static const char *options_of(const char *pruner) {
  static const struct {
    const char *pruner, *options;
  } rows[] = {{"threshold", ", upper: 1.2"},
              {"percentile", ", percentile: 50"},
              {"patient", ", patience: 1, pruner: {name: median, n_startup_trials: 1}"}};
  for (size_t i = 0; i < CORE_COUNT_OF(rows); i++)
    if (strcmp(rows[i].pruner, pruner) == 0) return rows[i].options;
  return "";
}

static void same_after_reading_back(const char *sampler, const char *pruner, const char *path) {
  static const char floats[] =
      "  x: {type: float, low: 0, high: 1}\n"
      "  y: {type: float, low: 1.0e-3, high: 10, log: true, when: {k: a}}\n";
  static const char steps[] = "  x: {type: float, low: 0, high: 1, step: 0.125}\n";
  struct sweep s = {0};
  struct core_error err = {0};
  char yaml[1024];
  uint64_t seed = 0;
  const bool finite = strcmp(sampler, "grid") == 0 || strcmp(sampler, "brute_force") == 0;
  snprintf(yaml, sizeof yaml,
           "seed: 11\nspace:\n%s  n: {type: int, low: 1, high: 4}\n"
           "  k: {type: categorical, choices: [a, b]}\nsampler: {name: %s}\npruner: {name: %s%s}\n",
           finite ? steps : floats, sampler, pruner, options_of(pruner));
  test_study_open(&s.live, yaml);
  assert_true(s.live.spec.space.n_params <= MAX_PARAMS);
  assert_int_equal(hpo_store_open(path, &s.live.spec, &test_holder, &s.store, &seed, &err),
                   CORE_OK);
  core_rng_init(&s.rng, 3, 0, CORE_RNG_TEST);
  bool more = true;
  while (more || s.n_running > 0) {
    while (more && s.n_running < N_RUNNING)
      more = hpo_study_history(s.live.study)->n_trials < N_TRIALS && start_trial(&s);
    if (s.n_running > 0) advance(&s);
  }
  assert_true(hpo_study_history(s.live.study)->n_finished > 20);
  hpo_store_close(s.store);
  test_study_close(&s.live);
}

static void every_sampler_goes_on_as_it_would_have(void **state) {
  (void)state;
  for (const struct hpo_sampler_ops *const *p = hpo_sampler_all(); *p; p++) {
    char name[64];
    snprintf(name, sizeof name, "sampler-%s.db", (*p)->name);
    printf("sampler %s\n", (*p)->name);
    same_after_reading_back((*p)->name, "none", test_path(name));
  }
}

static void every_pruner_goes_on_as_it_would_have(void **state) {
  (void)state;
  for (const struct hpo_pruner_ops *const *p = hpo_pruner_all(); *p; p++) {
    char name[64];
    snprintf(name, sizeof name, "pruner-%s.db", (*p)->name);
    printf("pruner %s\n", (*p)->name);
    same_after_reading_back("random", (*p)->name, test_path(name));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_sampler_goes_on_as_it_would_have),
      cmocka_unit_test(every_pruner_goes_on_as_it_would_have),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
