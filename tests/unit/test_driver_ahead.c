/* SPDX-License-Identifier: GPL-3.0-or-later
 * Whole sweeps with a sampler that is slower than its trials: points are computed ahead, none is lost or doubled, and all
 * can be computed again from what was stored. Holds at any speed of the machine. */
#include "tests/support/support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/sweep/driver.h"
#include "jobs/sweep/holder.h"
#include "jobs/trial/slot.h"
#include "tests/support/witness.h"

#define MODEL_S 0.01

/* ---- the sampler ---- */

static enum core_status slow_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                  struct core_error *err) {
  return test_sampler_witness.open(setup, out, err);
}

static enum core_status slow_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                     uint64_t number, struct core_rng *rng, double *x,
                                     struct core_error *err) {
  core_sleep(MODEL_S);
  return test_sampler_witness.suggest(s, seen, number, rng, x, err);
}

static enum core_status short_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                      uint64_t number, struct core_rng *rng, double *x,
                                      struct core_error *err) {
  if (number >= 13) return core_fail(err, CORE_EXHAUSTED, "thirteen points are all");
  return slow_suggest(s, seen, number, rng, x, err);
}

static void slow_close(struct hpo_sampler *s) {
  test_sampler_witness.close(s);
}

static const struct hpo_sampler_ops slow_sampler = {
    .name = "slow", .open = slow_open, .suggest = slow_suggest, .close = slow_close};
static const struct hpo_sampler_ops short_sampler = {
    .name = "short", .open = slow_open, .suggest = short_suggest, .close = slow_close};

/* ---- a sweep ---- */

/* On this clock no sampler is slow. */
static double stopped_s(const struct core_clock *clock) {
  (void)clock;
  return 1;
}
static const struct core_clock stopped_clock = {.monotonic_s = stopped_s, .unix_s = stopped_s};

struct sweep {
  struct job_spec spec;
  struct hpo_store *store;
  struct job_sweep end;
};

static void open_spec(struct job_spec *spec, const char *name, const char *keys) {
  const char *build = getenv("SWEEPGATE_BUILD");
  struct core_error err = {0};
  char yaml[PATH_MAX + 1024], file[64], root[PATH_MAX];
  snprintf(yaml, sizeof yaml,
           "study: s\nstorage: %s.db\nseed: 7\nobjective: {metric: loss, direction: minimize}\n"
           "space: {x: {type: float, low: -1, high: 1}}\nsampler: {name: random}\n"
           "trial: {library: %s/tests/libobjective_cases.so, function: square}\n%s",
           name, realpath(build ? build : "build/release", root), keys);
  snprintf(file, sizeof file, "%s.yaml", name);
  test_write_file(test_path(file), yaml);
  if (job_spec_open(spec, test_path(file), &err) != CORE_OK) fail_msg("%s", err.message);
}

/* Runs to its end; the store stays open. */
static void run(struct sweep *s, const char *name, const char *keys,
                const struct hpo_sampler_ops *sampler) {
  struct core_error err = {0};
  struct hpo_holder self;
  struct job_driver_setup setup = {.clock = core_clock_system(), .signal_fd = -1};
  *s = (struct sweep){0};
  open_spec(&s->spec, name, keys);
  s->spec.hpo.sampler = sampler;
  job_holder_self(&self);
  if (sampler == &test_sampler_witness) setup.clock = &stopped_clock;
  setup.spec = &s->spec;
  setup.log = core_log_open(STDERR_FILENO, CORE_LOG_WARN, "test");
  assert_int_equal(job_gate_open(&s->spec, &setup.gate, &err), CORE_OK);
  if (hpo_store_open(s->spec.storage, &s->spec.hpo, &self, &s->store, &s->spec.hpo.seed, &err) !=
      CORE_OK)
    fail_msg("%s", err.message);
  setup.store = s->store;
  assert_int_equal(job_executor_local_open((size_t)s->spec.hpo.parallel, core_clock_system(),
                                           setup.log, &setup.executor, &err),
                   CORE_OK);
  if (job_driver_run(&setup, &s->end, &err) != CORE_OK) fail_msg("%s", err.message);
  setup.executor->ops->close(setup.executor, true);
  job_gate_close(setup.gate);
  core_log_close(setup.log);
}

static void close_sweep(struct sweep *s) {
  job_sweep_close(&s->end);
  hpo_store_close(s->store);
  job_spec_close(&s->spec);
}

/* ---- tests ---- */

static void points_are_ready_and_can_be_computed_again(void **state) {
  (void)state;
  struct sweep s;
  run(&s, "ahead", "trials: 60\nparallel: 4\n", &slow_sampler);
  assert_int_equal(s.end.end, JOB_SWEEP_DONE);
  assert_int_equal(s.end.counts.complete, 60);
  const struct test_asks asks = test_suggest_again(s.store, &s.spec.hpo);
  assert_int_equal(asks.n, 60);
  assert_true(asks.ahead > 0);
  close_sweep(&s);
}

static void one_slot_knows_every_result(void **state) {
  (void)state;
  struct sweep s;
  run(&s, "one", "trials: 20\nparallel: 1\n", &slow_sampler);
  const struct test_asks asks = test_suggest_again(s.store, &s.spec.hpo);
  assert_int_equal(asks.n, 20);
  assert_int_equal(asks.ahead, 0);
  close_sweep(&s);
}

/* Everything that had ended is known to every point, so a second sweep is the first one again. */
static void a_deterministic_sweep_knows_all_that_ended(void **state) {
  (void)state;
  struct sweep s;
  run(&s, "sure", "trials: 15\nparallel: 1\ndeterministic: true\n", &slow_sampler);
  const struct test_asks asks = test_suggest_again(s.store, &s.spec.hpo);
  assert_int_equal(asks.n, 15);
  assert_int_equal(asks.ahead, 0);
  close_sweep(&s);
}

static void a_fast_sampler_is_never_asked_ahead(void **state) {
  (void)state;
  struct sweep s;
  run(&s, "fast", "trials: 50\nparallel: 1\n", &test_sampler_witness);
  const struct test_asks asks = test_suggest_again(s.store, &s.spec.hpo);
  assert_int_equal(asks.n, 50);
  assert_int_equal(asks.ahead, 0);
  close_sweep(&s);
}

static void nothing_is_asked_for_beyond_the_last_trial(void **state) {
  (void)state;
  for (int trials = 1; trials <= 10; trials += 3) {
    struct sweep s;
    char name[32], keys[64];
    snprintf(name, sizeof name, "last%d", trials);
    snprintf(keys, sizeof keys, "trials: %d\nparallel: 8\n", trials);
    run(&s, name, keys, &slow_sampler);
    assert_int_equal(s.end.end, JOB_SWEEP_DONE);
    assert_int_equal(s.end.counts.complete, trials);
    assert_int_equal(test_suggest_again(s.store, &s.spec.hpo).n, trials);
    close_sweep(&s);
  }
}

static void an_exhausted_sampler_ends_the_sweep_after_its_last_point(void **state) {
  (void)state;
  for (int parallel = 1; parallel <= 8; parallel += 7) {
    struct sweep s;
    char name[32], keys[64];
    snprintf(name, sizeof name, "end%d", parallel);
    snprintf(keys, sizeof keys, "trials: 100\nparallel: %d\n", parallel);
    run(&s, name, keys, &short_sampler);
    assert_int_equal(s.end.end, JOB_SWEEP_EXHAUSTED);
    assert_int_equal(s.end.counts.complete, 13);
    close_sweep(&s);
  }
}

/* What lay ready when the first run ended has left no trace: the second goes on from what is stored. */
static void a_sweep_goes_on_after_points_were_forgotten(void **state) {
  (void)state;
  struct sweep s;
  run(&s, "on", "timeout: 300ms\nparallel: 2\n", &slow_sampler);
  assert_int_equal(s.end.end, JOB_SWEEP_TIMEOUT);
  const uint64_t first = s.end.counts.complete + s.end.counts.waiting;
  close_sweep(&s);
  char keys[64];
  snprintf(keys, sizeof keys, "trials: %d\nparallel: 2\n", (int)first + 20);
  run(&s, "on", keys, &slow_sampler);
  assert_int_equal(s.end.end, JOB_SWEEP_DONE);
  assert_int_equal(s.end.counts.complete, first + 20);
  close_sweep(&s);
}

int main(int argc, char **argv) {
  if (job_slot_asked(argc, argv)) return job_slot_main(argc, argv);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(points_are_ready_and_can_be_computed_again),
      cmocka_unit_test(one_slot_knows_every_result),
      cmocka_unit_test(a_deterministic_sweep_knows_all_that_ended),
      cmocka_unit_test(a_fast_sampler_is_never_asked_ahead),
      cmocka_unit_test(nothing_is_asked_for_beyond_the_last_trial),
      cmocka_unit_test(an_exhausted_sampler_ends_the_sweep_after_its_last_point),
      cmocka_unit_test(a_sweep_goes_on_after_points_were_forgotten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
