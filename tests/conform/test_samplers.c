/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of samplers, over every row of the registry, several spaces and every kind of history. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "tests/support/study_support.h"

/* Sections with which samplers are tested; a sampler without one is tested as {name: NAME}. `seeded`: another seed, other
 * points. `discrete`: takes no continuous parameters. */
struct section {
  const char *yaml;
  bool seeded, discrete;
};
static const struct section special[] = {
    {"{name: random}", true, false},
    {"{name: grid}", true, true},
    {"{name: brute_force}", true, true},
    {"{name: qmc}", false, false},
    {"{name: qmc, qmc_type: halton, scramble: true}", true, false},
    {"{name: cmaes, n_startup_trials: 3}", true, false},
    {"{name: cmaes, n_startup_trials: 0, restart_strategy: bipop, with_margin: false}", true,
     false},
    {"{name: cmaes, popsize: 4, use_separable_cma: true, consider_pruned_trials: false}", true,
     false},
    {"{name: tpe, n_startup_trials: 5}", true, false},
    {"{name: tpe, n_startup_trials: 0, multivariate: false, constant_liar: false}", true, false},
    {"{name: tpe, n_startup_trials: 3, group: false, consider_endpoints: true}", true, false},
    {"{name: gp}", true, false},
    {"{name: gp, n_startup_trials: 0, deterministic_objective: true}", true, false},
};

/* The table above, and the rows of the registry that it does not name. */
static struct section sections[64];
static size_t n_sections;

static bool names(const struct section *section, const char *name) {
  const char *at = section->yaml + strlen("{name: ");
  const size_t n = strlen(name);
  return strncmp(at, name, n) == 0 && (at[n] == '}' || at[n] == ',');
}

static int collect_sections(void **state) {
  (void)state;
  static struct core_str yaml[64]; /* lives as long as the program */
  for (size_t i = 0; i < CORE_COUNT_OF(special); i++) sections[n_sections++] = special[i];
  for (const struct hpo_sampler_ops *const *ops = hpo_sampler_all(); *ops; ops++) {
    bool found = false;
    for (size_t i = 0; i < CORE_COUNT_OF(special); i++) found |= names(&special[i], (*ops)->name);
    if (found) continue;
    core_str_printf(&yaml[n_sections], "{name: %s}", (*ops)->name);
    sections[n_sections] = (struct section){core_str_text(&yaml[n_sections]), true, false};
    n_sections++;
  }
  return 0;
}

static const struct space {
  const char *yaml;
  bool discrete;
} spaces[] = {
    {"x: {type: float, low: -5, high: 10}", false},
    {"n: {type: int, low: 1, high: 1000, log: true}", true},
    {"c: {type: categorical, choices: [only]}", true},
    {"x: {type: float, low: 1.0e-9, high: 1.0e9, log: true}, fixed: {type: int, low: 3, high: 3}, "
     "s: {type: float, low: 0, high: 1, step: 0.1}, k: {type: categorical, choices: [a, b, null, "
     "2.5]}",
     false},
    {"gamma: {type: float, low: 0.1, high: 10, log: true, when: {kernel: [rbf, poly]}}, "
     "kernel: {type: categorical, choices: [linear, rbf, poly]}, "
     "degree: {type: int, low: 2, high: 5, when: {kernel: poly}}, "
     "odd: {type: float, low: 0, high: 1, when: {degree: [3, 5], kernel: poly}}, "
     "c: {type: float, low: 0, high: 1}",
     false},
    {"a: {type: int, low: 0, high: 4}, b: {type: categorical, choices: [x, y], when: {a: [1, 2]}}, "
     "d: {type: int, low: 1, high: 64, log: true, when: {b: y}}",
     true},
    {"WIDE", false}, /* 60 parameters */
};

enum history {
  EMPTY,
  COMPLETE,
  MIXED,
  NAN_REPORTS,
  FAILED,
  PRUNED,
  RUNNING,
  CONSTANT,
  HUGE_VALUES,
  INFINITE,
  DUPLICATES,
  N_HISTORIES
};

/* The events of a study, to be replayed elsewhere. Rows and values live as long as the log. */
struct log {
  struct hpo_event events[600];
  size_t n;
  struct core_arena arena;
};

static const double *keep(struct log *log, const double *row, size_t n) {
  double *copy = core_arena_calloc(&log->arena, n + 1, sizeof *copy);
  assert_non_null(copy);
  if (n > 0) memcpy(copy, row, n * sizeof *copy);
  return copy;
}

static void apply(struct test_study *t, struct log *log, struct hpo_event event) {
  if (event.internal) event.internal = keep(log, event.internal, t->spec.space.n_params);
  if (event.n_values > 0) event.values = keep(log, event.values, event.n_values);
  assert_true(log->n < CORE_COUNT_OF(log->events));
  log->events[log->n++] = event;
  test_study_apply(t, &event);
}

static void open_study(struct test_study *t, const struct section *section,
                       const struct space *space, int seed) {
  struct core_str yaml = {0};
  core_str_printf(&yaml, "seed: %d\nsampler: %s\nspace: {", seed, section->yaml);
  if (strcmp(space->yaml, "WIDE") != 0) core_str_text_append(&yaml, space->yaml);
  for (int i = 0; i < 60 && strcmp(space->yaml, "WIDE") == 0; i++)
    core_str_printf(&yaml, "%sp%d: {type: %s, low: 0, high: %d}", i ? ", " : "", i,
                    i % 3 ? "float" : "int", i + 1);
  core_str_char(&yaml, '}');
  test_study_open(t, core_str_text(&yaml));
  core_str_close(&yaml);
}

static void create(struct test_study *t, struct log *log, const double *row) {
  apply(t, log,
        (struct hpo_event){.kind = HPO_EVENT_CREATE,
                           .number = hpo_study_history(t->study)->n_trials,
                           .internal = row,
                           .state = HPO_RUNNING});
}

static void finish(struct test_study *t, struct log *log, uint64_t number, enum hpo_state state,
                   double value) {
  const bool has_value = state == HPO_COMPLETE || (state == HPO_PRUNED && !isnan(value));
  apply(t, log,
        (struct hpo_event){.kind = HPO_EVENT_FINISH,
                           .number = number,
                           .state = state,
                           .values = &value,
                           .n_values = has_value ? 1 : 0});
}

static void report(struct test_study *t, struct log *log, uint64_t number, int64_t step,
                   double value) {
  apply(t, log,
        (struct hpo_event){.kind = HPO_EVENT_REPORT, .number = number, .report = {step, value}});
}

/* How trial i of a history ends. */
static void end_trial(struct test_study *t, struct log *log, enum history kind, uint64_t i,
                      struct core_rng *rng) {
  const double value = core_rng_normal(rng);
  const uint64_t mixed = core_rng_below(rng, 5);
  switch (kind) {
  case COMPLETE:
  case DUPLICATES:
    finish(t, log, i, HPO_COMPLETE, value);
    break;
  case NAN_REPORTS:
    report(t, log, i, 1, NAN);
    finish(t, log, i, i % 2 ? HPO_PRUNED : HPO_FAIL, NAN);
    break;
  case FAILED:
    finish(t, log, i, HPO_FAIL, 0);
    break;
  case PRUNED:
    for (int64_t s = 0; s < (int64_t)(i % 4); s++) report(t, log, i, s, i % 3 ? value : NAN);
    finish(t, log, i, HPO_PRUNED, i % 4 && i % 3 ? value : NAN);
    break;
  case CONSTANT:
    finish(t, log, i, HPO_COMPLETE, 1);
    break;
  case HUGE_VALUES:
    finish(t, log, i, HPO_COMPLETE, i % 2 ? 1e300 : -1e300 * value);
    break;
  case INFINITE:
    finish(t, log, i, HPO_COMPLETE, i % 3 ? INFINITY : i % 2 ? -INFINITY : value);
    break;
  case MIXED:
    if (mixed == 0) break; /* stays running */
    report(t, log, i, 2, value);
    finish(t, log, i, mixed == 1 ? HPO_FAIL : mixed == 2 ? HPO_PRUNED : HPO_COMPLETE, value);
    break;
  default:
    break; /* RUNNING */
  }
}

static void fill_history(struct test_study *t, struct log *log, enum history kind, uint64_t seed) {
  const size_t n = t->spec.space.n_params;
  double unit[64], row[64];
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_TEST);
  for (uint64_t i = 0; i < (kind == EMPTY ? 0 : 30); i++) {
    for (size_t k = 0; k < n && (kind != DUPLICATES || i == 0); k++) unit[k] = core_rng_unit(&rng);
    hpo_space_to_internal(&t->spec.space, unit, row);
    create(t, log, row);
    end_trial(t, log, kind, i, &rng);
  }
}

static bool suggest(struct test_study *t, double *row) {
  struct core_error err = {0};
  bool fallback = false;
  const enum core_status st = hpo_study_suggest(t->study, row, &fallback, &err);
  if (st != CORE_OK && st != CORE_EXHAUSTED) fail_msg("%s", err.message);
  assert_false(fallback);
  return st == CORE_OK;
}

static void assert_same_row(const struct test_study *t, const double *a, const double *b) {
  for (size_t i = 0; i < t->spec.space.n_params; i++)
    assert_true(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])));
}

typedef void pair_fn(const struct section *section, const struct space *space);

static void for_each_pair(pair_fn *test) {
  for (size_t s = 0; s < n_sections; s++)
    for (size_t p = 0; p < CORE_COUNT_OF(spaces); p++)
      if (spaces[p].discrete || !sections[s].discrete) test(&sections[s], &spaces[p]);
}

static void every_registry_row_has_a_name_and_a_summary(void **state) {
  (void)state;
  for (const struct hpo_sampler_ops *const *ops = hpo_sampler_all(); *ops; ops++) {
    assert_true(strlen((*ops)->summary) > 0);
    assert_ptr_equal(hpo_sampler_find((*ops)->name), *ops);
    (*ops)->close(NULL);
  }
}

/* The unit row itself: every coordinate that counts is in [0, 1]. */
static void check_unit_row(struct test_study *t, const double *internal) {
  double x[64];
  struct core_rng rng;
  const struct hpo_history *seen = hpo_study_history(t->study);
  const struct hpo_sampler_setup setup = hpo_spec_sampler_setup(&t->spec);
  struct hpo_sampler *sampler = NULL;
  assert_int_equal(t->spec.sampler->open(&setup, &sampler, NULL), CORE_OK);
  core_rng_init(&rng, t->spec.seed, seen->n_trials, CORE_RNG_SAMPLER);
  assert_int_equal(t->spec.sampler->suggest(sampler, seen, seen->n_trials, &rng, x, NULL), CORE_OK);
  for (size_t k = 0; k < t->spec.space.n_params; k++)
    assert_true(isnan(internal[k]) || (x[k] >= 0 && x[k] <= 1));
  t->spec.sampler->close(sampler);
}

static void survives(const struct section *section, const struct space *space) {
  for (enum history kind = EMPTY; kind < N_HISTORIES; kind++) {
    struct test_study t;
    struct log log = {0};
    double row[64], again[64];
    open_study(&t, section, space, 3);
    fill_history(&t, &log, kind, 1);
    for (int i = 0; i < 3 && suggest(&t, row); i++) {
      struct core_error err = {0};
      if (hpo_space_check(&t.spec.space, row, &err) != CORE_OK) fail_msg("%s", err.message);
      check_unit_row(&t, row);
      const size_t n_trials = hpo_study_history(t.study)->n_trials;
      assert_true(suggest(&t, again));
      assert_same_row(&t, row, again); /* asking changes nothing */
      assert_int_equal(hpo_study_history(t.study)->n_trials, n_trials);
      create(&t, &log, row);
    }
    test_study_close(&t);
    core_arena_close(&log.arena);
  }
}

static void every_history_gives_valid_points(void **state) {
  (void)state;
  for_each_pair(survives);
}

/* A sweep with up to three trials running, that end in an order of their own. Suggestions go to rows[count]. */
static size_t sweep(struct test_study *t, struct log *log, size_t count, double (*rows)[64],
                    size_t *marks) {
  const size_t n = t->spec.space.n_params;
  struct core_rng rng;
  uint64_t running[4];
  size_t n_running = 0, i = 0;
  core_rng_init(&rng, 77, 0, CORE_RNG_TEST);
  for (; i < count; i++) {
    marks[i] = log->n;
    if (!suggest(t, rows[i])) break;
    create(t, log, rows[i]);
    running[n_running++] = i;
    if (n_running < 3 && i + 1 < count) continue;
    const size_t at = (size_t)core_rng_below(&rng, n_running);
    const uint64_t number = running[at];
    running[at] = running[--n_running];
    double value = 0;
    for (size_t k = 0; k < n; k++) {
      const double u = hpo_study_history(t->study)->trials[number]->unit[k];
      value += isnan(u) ? 0.1 : (u - 0.3) * (u - 0.3);
    }
    if (number % 5 == 4) report(t, log, number, (int64_t)(number % 3), value);
    finish(t, log, number,
           number % 7 == 6   ? HPO_FAIL
           : number % 5 == 4 ? HPO_PRUNED
                             : HPO_COMPLETE,
           value);
  }
  return i;
}

#define SWEEP 40

static void replays(const struct section *section, const struct space *space) {
  struct test_study live, fresh;
  struct log log = {0}, scratch = {0};
  static double rows[SWEEP][64];
  size_t marks[SWEEP];
  open_study(&live, section, space, 5);
  const size_t n = sweep(&live, &log, SWEEP, rows, marks);
  for (size_t i = 0; i < n; i += 3) { /* stopped before suggestion i, and resumed */
    double row[64];
    open_study(&fresh, section, space, 5);
    for (size_t e = 0; e < marks[i]; e++) test_study_apply(&fresh, &log.events[e]);
    assert_true(suggest(&fresh, row));
    assert_same_row(&fresh, row, rows[i]);
    test_study_close(&fresh);
  }
  static double second[SWEEP][64];
  open_study(&fresh, section, space, 5);
  assert_int_equal(sweep(&fresh, &scratch, SWEEP, second, marks), n);
  for (size_t i = 0; i < n; i++) assert_same_row(&fresh, rows[i], second[i]);
  test_study_close(&fresh);
  test_study_close(&live);
  core_arena_close(&log.arena);
  core_arena_close(&scratch.arena);
}

static void same_seed_same_points_live_or_replayed(void **state) {
  (void)state;
  for_each_pair(replays);
}

static void differs(const struct section *section, const struct space *space) {
  if (!section->seeded || strstr(space->yaml, "only")) return;
  double rows[2][SWEEP][64];
  size_t marks[SWEEP], n[2], n_params = 0;
  for (int s = 0; s < 2; s++) {
    struct test_study t;
    struct log log = {0};
    open_study(&t, section, space, 10 + s);
    n[s] = sweep(&t, &log, SWEEP, rows[s], marks);
    n_params = t.spec.space.n_params;
    test_study_close(&t);
    core_arena_close(&log.arena);
  }
  size_t same = 0;
  for (size_t i = 0; i < n[0] && i < n[1]; i++)
    same += memcmp(rows[0][i], rows[1][i], n_params * sizeof(double)) == 0;
  assert_true(same < n[0]); /* good samplers converge: not all need differ */
}

static void another_seed_gives_other_points(void **state) {
  (void)state;
  for_each_pair(differs);
}

static void runs_out_of_memory(const struct section *section, const struct space *space) {
  struct test_study t;
  struct log log = {0};
  double row[64], wanted[64];
  open_study(&t, section, space, 3);
  fill_history(&t, &log, MIXED, 2);
  bool done = !suggest(&t, wanted);
  test_study_close(&t);
  for (unsigned long long n = 1; !done; n++) {
    assert_true(n < 2000);
    open_study(&t, section, space, 3);
    for (size_t e = 0; e < log.n; e++) test_study_apply(&t, &log.events[e]);
    bool fallback = false;
    core_mem_fail_at(n);
    const enum core_status st = hpo_study_suggest(t.study, row, &fallback, NULL);
    core_mem_fail_at(0);
    assert_int_equal(st, CORE_OK);
    assert_int_equal(hpo_space_check(&t.spec.space, row, NULL), CORE_OK);
    done = !fallback;
    assert_true(suggest(&t, row)); /* with memory again: as if nothing had been */
    assert_same_row(&t, row, wanted);
    test_study_close(&t);
  }
  core_arena_close(&log.arena);
}

static void no_memory_is_a_random_point_and_no_crash(void **state) {
  (void)state;
  for_each_pair(runs_out_of_memory);
}

static void opening_without_memory_is_an_error(void **state) {
  (void)state;
  for (size_t s = 0; s < n_sections; s++) {
    struct test_study t;
    open_study(&t, &sections[s], &spaces[5], 1);
    enum core_status st = CORE_NOMEM;
    for (unsigned long long n = 1; st != CORE_OK; n++) {
      struct hpo_study *study = NULL;
      core_mem_fail_at(n);
      st = hpo_study_open(&t.spec, &study, NULL);
      core_mem_fail_at(0);
      assert_true(st == CORE_OK || st == CORE_NOMEM);
      hpo_study_close(study);
    }
    test_study_close(&t);
  }
}

/* Under brackets the sampler sees parts of the history in turns; replay gives the same all the same. */
static void brackets_replay(const struct section *section, const struct space *space) {
  struct test_study live, fresh;
  struct log log = {0};
  struct space with_pruner = {.discrete = space->discrete};
  struct section bracketed = *section;
  char yaml[200];
  snprintf(yaml, sizeof yaml, "%s\npruner: {name: hyperband, reduction_factor: 2}", section->yaml);
  bracketed.yaml = yaml;
  with_pruner.yaml = space->yaml;
  double row[64], rows[SWEEP][64];
  size_t marks[SWEEP], n = 0;
  open_study(&live, &bracketed, &with_pruner, 5);
  for (; n < SWEEP; n++) {
    marks[n] = log.n;
    if (!suggest(&live, rows[n])) break;
    create(&live, &log, rows[n]);
    for (int64_t step = 0; step < 8; step++) report(&live, &log, n, step, (double)(n % 7));
    finish(&live, &log, n, HPO_COMPLETE, (double)(n * 3 % 11));
  }
  for (size_t i = 1; i < n; i += 6) {
    open_study(&fresh, &bracketed, &with_pruner, 5);
    for (size_t e = 0; e < marks[i]; e++) test_study_apply(&fresh, &log.events[e]);
    assert_true(suggest(&fresh, row));
    assert_same_row(&fresh, row, rows[i]);
    test_study_close(&fresh);
  }
  test_study_close(&live);
  core_arena_close(&log.arena);
}

static void brackets_do_not_disturb_the_replay(void **state) {
  (void)state;
  for_each_pair(brackets_replay);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_registry_row_has_a_name_and_a_summary),
      cmocka_unit_test(every_history_gives_valid_points),
      cmocka_unit_test(same_seed_same_points_live_or_replayed),
      cmocka_unit_test(another_seed_gives_other_points),
      cmocka_unit_test(no_memory_is_a_random_point_and_no_crash),
      cmocka_unit_test(opening_without_memory_is_an_error),
      cmocka_unit_test(brackets_do_not_disturb_the_replay),
  };
  return cmocka_run_group_tests(tests, collect_sections, NULL);
}
