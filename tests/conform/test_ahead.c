/* SPDX-License-Identifier: GPL-3.0-or-later
 * The law of asking ahead, for every sampler and every pruner: each point of a stored sweep can be computed again, bit
 * for bit, from the events up to the place that is stored with it, however long the point had lain ready. */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "jobs/sweep/asker.h"
#include "tests/support/store_support.h"
#include "tests/support/study_support.h"
#include "tests/support/witness.h"

#define N_TRIALS   48
#define N_SLOTS    4
#define MAX_AHEAD  3
#define N_STEPS    4
#define MAX_PARAMS 8

/* A driver in small: a study, its store, the asker, and points that lie ready. */
struct sweep {
  struct test_study live;
  struct hpo_store *store;
  struct job_asker *asker;
  struct core_rng rng;
  uint64_t running[N_SLOTS];
  int64_t steps[N_SLOTS];
  size_t n_running;
  struct job_suggestion ready[MAX_AHEAD + 1]; /* first in first out */
  double rows[MAX_AHEAD + 1][MAX_PARAMS];
  size_t n_ready;
  bool exhausted;
};

static void act(struct sweep *s, const struct hpo_event *event) {
  struct core_error err = {0};
  if (hpo_store_append(s->store, event, 1, &err) != CORE_OK) fail_msg("store: %s", err.message);
  if (hpo_study_apply(s->live.study, event, &err) != CORE_OK) fail_msg("apply: %s", err.message);
  if (event->kind == HPO_EVENT_CREATE) return;
  assert_int_equal(job_asker_feed(s->asker, event, 1, hpo_store_next_order(s->store), NULL),
                   CORE_OK);
}

static size_t n_trials(const struct sweep *s) {
  return hpo_study_history(s->live.study)->n_trials;
}

/* Waits until all that was asked for lies ready, so that what was seen does not hang on the thread's speed. */
static void ask(struct sweep *s, size_t n) {
  struct core_error err = {0};
  job_asker_request(s->asker, n);
  while (job_asker_owed(s->asker) > 0) {
    struct pollfd fd = {.fd = job_asker_fd(s->asker), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 60000), 1);
    job_asker_hear(s->asker);
    for (bool got = true; got;) {
      const enum core_status st =
          job_asker_take(s->asker, &s->ready[s->n_ready], s->rows[s->n_ready], &got, &err);
      s->exhausted = st == CORE_EXHAUSTED;
      if (st != CORE_OK && !s->exhausted) fail_msg("%s", err.message);
      s->n_ready += got;
    }
  }
}

static void start_trial(struct sweep *s) {
  const struct job_suggestion *point = &s->ready[0];
  struct hpo_event create = test_create(point->number, s->rows[0], point->seen);
  create.asked = point->asked;
  act(s, &create);
  s->running[s->n_running] = point->number;
  s->steps[s->n_running++] = 0;
  s->n_ready--;
  memmove(s->ready, s->ready + 1, s->n_ready * sizeof *s->ready);
  memmove(s->rows, s->rows + 1, s->n_ready * sizeof *s->rows);
}

/* Fills the slots, from what lies ready as long as it lasts; then asks ahead as far as it likes. */
static void fill(struct sweep *s) {
  while (s->n_running < N_SLOTS && n_trials(s) < N_TRIALS && !(s->exhausted && s->n_ready == 0)) {
    if (s->n_ready == 0) ask(s, 1);
    if (s->n_ready > 0) start_trial(s);
  }
  const size_t left = N_TRIALS - n_trials(s), most = left < MAX_AHEAD ? left : MAX_AHEAD;
  const size_t n = core_rng_below(&s->rng, MAX_AHEAD + 1);
  if (!s->exhausted && s->n_ready < n && n <= most) ask(s, n - s->n_ready);
}

static double loss_at(const struct sweep *s, uint64_t number, int64_t step) {
  const struct hpo_trial *trial = hpo_study_history(s->live.study)->trials[number];
  return fabs(trial->internal[0] - 0.3) + 1.0 / (double)step + 0.01 * (double)(number % 7);
}

/* One of the running trials reports, is pruned, fails, or ends. */
static void advance(struct sweep *s) {
  const size_t slot = core_rng_below(&s->rng, s->n_running);
  const uint64_t number = s->running[slot];
  const double value = loss_at(s, number, s->steps[slot] < N_STEPS ? s->steps[slot] + 1 : N_STEPS);
  struct hpo_event event = test_report(number, ++s->steps[slot], value);
  if (s->steps[slot] <= N_STEPS) {
    act(s, &event);
    if (!hpo_study_should_prune(s->live.study, number)) return;
  }
  event = test_finish(number, core_rng_below(&s->rng, 8) == 0 ? NULL : &value);
  if (s->steps[slot] <= N_STEPS && event.values) {
    event.state = HPO_PRUNED;
    event.outcome = HPO_OUTCOME_PRUNED;
  }
  act(s, &event);
  s->n_running--;
  s->running[slot] = s->running[s->n_running];
  s->steps[slot] = s->steps[s->n_running];
}

/* The spec of `yaml`, with another sampler where one is given. */
static void open_sweep(struct sweep *s, const char *yaml, const struct hpo_sampler_ops *sampler,
                       const char *path) {
  struct core_error err = {0};
  uint64_t seed = 0;
  *s = (struct sweep){0};
  if (test_spec_open(&s->live, yaml, &err) != CORE_OK) fail_msg("%s", err.message);
  if (sampler) s->live.spec.sampler = sampler;
  assert_true(s->live.spec.space.n_params <= MAX_PARAMS);
  assert_int_equal(hpo_study_open(&s->live.spec, &s->live.study, &err), CORE_OK);
  assert_int_equal(job_asker_open(&s->live.spec, core_clock_system(), &s->asker, &err), CORE_OK);
  assert_int_equal(hpo_store_open(path, &s->live.spec, &test_holder, &s->store, &seed, &err),
                   CORE_OK);
  core_rng_init(&s->rng, 3, 0, CORE_RNG_TEST);
}

static void close_sweep(struct sweep *s) {
  job_asker_close(s->asker); /* points that lie ready are forgotten */
  hpo_store_close(s->store);
  test_study_close(&s->live);
}

static void again_the_same(const char *yaml, const struct hpo_sampler_ops *sampler,
                           const char *path) {
  struct sweep s;
  open_sweep(&s, yaml, sampler, path);
  for (fill(&s); s.n_running > 0; fill(&s)) advance(&s);
  const struct test_asks asks = test_suggest_again(s.store, &s.live.spec);
  assert_int_equal(asks.n, n_trials(&s));
  assert_true(asks.n >= 16);
  assert_true(asks.ahead >= asks.n / 8);
  close_sweep(&s);
}

static void each_sampler(void **state) {
  (void)state;
  for (const struct hpo_sampler_ops *const *p = hpo_sampler_all(); *p; p++) {
    const bool finite = strcmp((*p)->name, "grid") == 0 || strcmp((*p)->name, "brute_force") == 0;
    char name[64], yaml[512];
    printf("sampler %s\n", (*p)->name);
    snprintf(name, sizeof name, "ahead-%s.db", (*p)->name);
    snprintf(yaml, sizeof yaml,
             "seed: 11\nspace:\n  x: {type: float, low: 0, high: 1%s}\n%s"
             "  n: {type: int, low: 1, high: 4}\n  k: {type: categorical, choices: [a, b]}\n"
             "sampler: {name: %s}\n",
             finite ? ", step: 0.25" : "",
             finite ? "" : "  y: {type: float, low: 1.0e-3, high: 10, log: true, when: {k: a}}\n",
             (*p)->name);
    again_the_same(yaml, NULL, test_path(name));
  }
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

/* With a sampler that shows any difference in what it sees. */
static void each_pruner(void **state) {
  (void)state;
  for (const struct hpo_pruner_ops *const *p = hpo_pruner_all(); *p; p++) {
    char name[64], yaml[512];
    printf("pruner %s\n", (*p)->name);
    snprintf(name, sizeof name, "ahead-pruner-%s.db", (*p)->name);
    snprintf(yaml, sizeof yaml,
             "seed: 5\nspace:\n  x: {type: float, low: 0, high: 1}\n"
             "sampler: {name: random}\npruner: {name: %s%s}\n",
             (*p)->name, options_of((*p)->name));
    again_the_same(yaml, &test_sampler_witness, test_path(name));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_sampler),
      cmocka_unit_test(each_pruner),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
