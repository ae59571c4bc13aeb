/* SPDX-License-Identifier: GPL-3.0-or-later
 * The asker: what its thread suggests is what the study itself would have at that place in the order of events, whatever
 * the timing; nobody waits for a point longer than for that point. */
#include "tests/support/support.h"

#include <poll.h>
#include <semaphore.h>
#include <string.h>

#include "hpo/sampler/sampler.h"
#include "jobs/sweep/asker.h"

#define N_PARAMS 3

static const char text[] =
    "study: s\nstorage: s.db\nseed: 5\nobjective: {metric: loss, direction: minimize}\n"
    "space:\n  x: {type: float, low: 0, high: 1}\n  k: {type: categorical, choices: [a, b]}\n"
    "  y: {type: int, low: 1, high: 9, when: {k: a}}\n"
    "sampler: {name: tpe, n_startup_trials: 3}\n";

/* ---- a sampler that computes when the test lets it ---- */

struct hpo_sampler {
  const struct hpo_space *space;
};
static struct hpo_sampler held;
static sem_t begun, go;

static enum core_status held_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                  struct core_error *err) {
  (void)err;
  held.space = setup->space;
  *out = &held;
  return CORE_OK;
}

static enum core_status held_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                     uint64_t number, struct core_rng *rng, double *x,
                                     struct core_error *err) {
  (void)seen;
  sem_post(&begun);
  sem_wait(&go);
  if (number == 7) return core_fail(err, CORE_EXHAUSTED, "seven is enough");
  for (size_t i = 0; i < s->space->n_params; i++) x[i] = core_rng_unit(rng);
  return CORE_OK;
}

static void held_close(struct hpo_sampler *s) {
  (void)s;
}

static const struct hpo_sampler_ops held_sampler = {
    .name = "held", .open = held_open, .suggest = held_suggest, .close = held_close};

/* A second passes whenever the thread looks at the clock: every point takes long. */
static double slow_s(const struct core_clock *clock) {
  static double now_s; /* of the one thread that looks */
  (void)clock;
  return now_s += 1;
}
static const struct core_clock slow_clock = {.monotonic_s = slow_s, .unix_s = slow_s};

/* ---- the fixture ---- */

struct fixture {
  struct core_tree tree;
  struct hpo_spec spec;
  struct hpo_study *study; /* asked on this thread */
  struct job_asker *asker;
  int64_t order; /* of the last event */
};

static void fixture_open(struct fixture *f, const struct hpo_sampler_ops *sampler,
                         bool deterministic) {
  *f = (struct fixture){0};
  assert_int_equal(core_tree_parse(&f->tree, "s", text, sizeof text - 1, NULL), CORE_OK);
  assert_int_equal(hpo_spec_open(&f->spec, f->tree.root, NULL, NULL), CORE_OK);
  if (sampler) f->spec.sampler = sampler;
  f->spec.deterministic = deterministic;
  assert_int_equal(hpo_study_open(&f->spec, &f->study, NULL), CORE_OK);
  assert_int_equal(
      job_asker_open(&f->spec, sampler ? &slow_clock : core_clock_system(), &f->asker, NULL),
      CORE_OK);
}

static void fixture_close(struct fixture *f) {
  job_asker_close(f->asker);
  hpo_study_close(f->study);
  hpo_spec_close(&f->spec);
  core_tree_close(&f->tree);
}

static bool is_told(struct fixture *f, int timeout_ms) {
  struct pollfd fd = {.fd = job_asker_fd(f->asker), .events = POLLIN};
  return poll(&fd, 1, timeout_ms) == 1;
}

/* The next point; waits for it. */
static struct job_suggestion take(struct fixture *f, double *row) {
  struct job_suggestion point = {0};
  const size_t owed = job_asker_owed(f->asker);
  bool got = false;
  assert_int_equal(job_asker_take(f->asker, &point, row, &got, NULL), CORE_OK);
  while (!got) {
    assert_true(is_told(f, 60000));
    job_asker_hear(f->asker);
    assert_int_equal(job_asker_take(f->asker, &point, row, &got, NULL), CORE_OK);
  }
  assert_int_equal(job_asker_owed(f->asker), owed - 1);
  return point;
}

/* The same ask on this thread: suggest, create. */
static void same_as_direct(struct fixture *f, const double *row) {
  double direct[N_PARAMS];
  assert_int_equal(hpo_study_suggest(f->study, direct, NULL, NULL), CORE_OK);
  assert_memory_equal(direct, row, sizeof direct);
  const struct hpo_history *history = hpo_study_history(f->study);
  const struct hpo_event created = {.kind = HPO_EVENT_CREATE,
                                    .number = history->n_trials,
                                    .internal = direct,
                                    .seen = history->n_finished,
                                    .state = HPO_RUNNING};
  assert_int_equal(hpo_study_apply(f->study, &created, NULL), CORE_OK);
}

static void finish(struct fixture *f, uint64_t number, double value, bool study) {
  const struct hpo_event told = {.kind = HPO_EVENT_FINISH,
                                 .number = number,
                                 .state = HPO_COMPLETE,
                                 .outcome = HPO_OUTCOME_OK,
                                 .values = &value,
                                 .n_values = 1};
  if (study) assert_int_equal(hpo_study_apply(f->study, &told, NULL), CORE_OK);
  f->order++;
  assert_int_equal(job_asker_feed(f->asker, &told, 1, f->order + 1, NULL), CORE_OK);
}

/* ---- tests ---- */

static void suggests_what_the_study_would(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, NULL, false);
  uint64_t number = 0;
  for (int round = 0; round < 12; round++) {
    const size_t n = 1 + (size_t)round % 4;
    double rows[4][N_PARAMS];
    job_asker_request(f.asker, n);
    assert_int_equal(job_asker_owed(f.asker), n);
    for (size_t i = 0; i < n; i++) {
      const struct job_suggestion point = take(&f, rows[i]);
      assert_int_equal(point.number, number + i);
      assert_int_equal(point.seen, number);
      assert_int_equal(point.asked, f.order + 1);
      assert_false(point.fallback);
      same_as_direct(&f, rows[i]);
    }
    for (size_t i = 0; i < n; i++) finish(&f, number++, rows[i][0], true);
  }
  fixture_close(&f);
}

static void let(unsigned n) {
  while (n-- > 0) sem_post(&go);
}

/* Two points are asked for; a trial ends while the first is computed. */
static void end_meanwhile(struct fixture *f, struct job_suggestion points[2]) {
  double row[N_PARAMS];
  job_asker_request(f->asker, 1);
  let(1);
  take(f, row);
  sem_wait(&begun);
  job_asker_request(f->asker, 2);
  sem_wait(&begun);
  finish(f, 0, 1, false);
  let(2);
  for (size_t i = 0; i < 2; i++) points[i] = take(f, row);
  sem_wait(&begun);
}

static void each_point_knows_all_that_was_fed_before_its_turn(void **state) {
  (void)state;
  struct fixture f;
  struct job_suggestion points[2];
  fixture_open(&f, &held_sampler, false);
  end_meanwhile(&f, points);
  assert_int_equal(points[0].seen, 0);
  assert_int_equal(points[0].asked, 1);
  assert_int_equal(points[1].seen, 1);
  assert_int_equal(points[1].asked, 2);
  fixture_close(&f);
}

static void deterministic_points_know_what_was_fed_before_the_request(void **state) {
  (void)state;
  struct fixture f;
  struct job_suggestion points[2];
  fixture_open(&f, &held_sampler, true);
  end_meanwhile(&f, points);
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(points[i].seen, 0);
    assert_int_equal(points[i].asked, 1);
  }
  fixture_close(&f);
}

static void a_slow_point_is_told_before_the_next_is_there(void **state) {
  (void)state;
  struct fixture f;
  struct job_suggestion point;
  double row[N_PARAMS];
  bool got = true;
  fixture_open(&f, &held_sampler, false);
  job_asker_request(f.asker, 1);
  job_asker_request(f.asker, 2); /* adds to the first */
  assert_int_equal(job_asker_owed(f.asker), 3);
  sem_wait(&begun);
  let(1);
  sem_wait(&begun); /* the second is at work, and held */
  point = take(&f, row);
  assert_int_equal(point.number, 0);
  assert_true(point.seconds > 0);
  assert_int_equal(job_asker_take(f.asker, &point, row, &got, NULL), CORE_OK);
  assert_false(got);
  job_asker_hear(f.asker);
  assert_false(is_told(&f, 0)); /* nobody spins while nothing is ready */
  let(2);
  assert_int_equal(take(&f, row).number, 1);
  assert_int_equal(take(&f, row).number, 2);
  sem_wait(&begun);
  fixture_close(&f);
}

static void what_is_left_is_given_before_the_end(void **state) {
  (void)state;
  struct fixture f;
  struct job_suggestion point;
  struct core_error err = {0};
  double row[N_PARAMS];
  bool got = false;
  fixture_open(&f, &held_sampler, false);
  job_asker_request(f.asker, 20);
  let(8);
  for (uint64_t i = 0; i < 7; i++) assert_int_equal(take(&f, row).number, i);
  enum core_status st = CORE_OK;
  while ((st = job_asker_take(f.asker, &point, row, &got, &err)) == CORE_OK) {
    assert_false(got);
    assert_true(is_told(&f, 60000));
    job_asker_hear(f.asker);
  }
  assert_int_equal(st, CORE_EXHAUSTED);
  assert_int_equal(job_asker_owed(f.asker), 0);
  for (int i = 0; i < 8; i++) sem_wait(&begun);
  fixture_close(&f);
}

static void closes_while_it_computes(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, NULL, false);
  job_asker_request(f.asker, 100000);
  fixture_close(&f); /* waits for the thread, leaks nothing, does not hang */
}

static void an_event_that_does_not_fit_is_a_status(void **state) {
  (void)state;
  struct fixture f;
  struct job_suggestion point;
  struct core_error err = {0};
  double row[N_PARAMS];
  bool got = false;
  fixture_open(&f, NULL, false);
  const struct hpo_event wrong = {.kind = HPO_EVENT_REPORT, .number = 99};
  assert_int_equal(job_asker_feed(f.asker, &wrong, 1, 2, NULL), CORE_OK);
  job_asker_request(f.asker, 1);
  assert_true(is_told(&f, 60000));
  assert_int_equal(job_asker_take(f.asker, &point, row, &got, &err), CORE_INVAL);
  assert_false(got);
  assert_true(strlen(err.message) > 0);
  fixture_close(&f);
}

int main(void) {
  assert_int_equal(sem_init(&begun, 0, 0), 0);
  assert_int_equal(sem_init(&go, 0, 0), 0);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(suggests_what_the_study_would),
      cmocka_unit_test(each_point_knows_all_that_was_fed_before_its_turn),
      cmocka_unit_test(deterministic_points_know_what_was_fed_before_the_request),
      cmocka_unit_test(a_slow_point_is_told_before_the_next_is_there),
      cmocka_unit_test(what_is_left_is_given_before_the_end),
      cmocka_unit_test(closes_while_it_computes),
      cmocka_unit_test(an_event_that_does_not_fit_is_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
