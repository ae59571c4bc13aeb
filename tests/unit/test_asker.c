/* SPDX-License-Identifier: GPL-3.0-or-later
 * The asker: what its thread suggests is what the study itself would, whatever the timing. */
#include "tests/support/support.h"

#include <poll.h>
#include <string.h>

#include "jobs/sweep/asker.h"

static const char text[] =
    "study: s\nstorage: s.db\nseed: 5\nobjective: {metric: loss, direction: minimize}\n"
    "space:\n  x: {type: float, low: 0, high: 1}\n  k: {type: categorical, choices: [a, b]}\n"
    "  y: {type: int, low: 1, high: 9, when: {k: a}}\n"
    "sampler: {name: tpe, n_startup_trials: 3}\n";

struct fixture {
  struct core_tree tree;
  struct hpo_spec spec;
  struct hpo_study *study; /* asked on this thread */
  struct job_asker *asker;
};

static void fixture_open(struct fixture *f) {
  *f = (struct fixture){0};
  assert_int_equal(core_tree_parse(&f->tree, "s", text, sizeof text - 1, NULL), CORE_OK);
  assert_int_equal(hpo_spec_open(&f->spec, f->tree.root, NULL, NULL), CORE_OK);
  assert_int_equal(hpo_study_open(&f->spec, &f->study, NULL), CORE_OK);
  assert_int_equal(job_asker_open(&f->spec, &f->asker, NULL), CORE_OK);
}

static void fixture_close(struct fixture *f) {
  job_asker_close(f->asker);
  hpo_study_close(f->study);
  hpo_spec_close(&f->spec);
  core_tree_close(&f->tree);
}

static struct job_suggestions take(struct fixture *f) {
  struct job_suggestions got = {0};
  enum core_status st = CORE_OK;
  struct pollfd fd = {.fd = job_asker_fd(f->asker), .events = POLLIN};
  assert_int_equal(poll(&fd, 1, 60000), 1);
  assert_true(job_asker_take(f->asker, &got, &st, NULL));
  assert_int_equal(st, CORE_OK);
  assert_false(job_asker_busy(f->asker));
  return got;
}

/* The same ask on this thread: suggest, create. */
static void same_as_direct(struct fixture *f, const double *row) {
  double direct[3];
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

static void suggests_what_the_study_would(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f);
  uint64_t number = 0;
  for (int round = 0; round < 12; round++) {
    const size_t n = 1 + (size_t)round % 4;
    job_asker_request(f.asker, n);
    assert_true(job_asker_busy(f.asker));
    const struct job_suggestions got = take(&f);
    assert_int_equal(got.n, n);
    assert_int_equal(got.first_number, number);
    for (size_t i = 0; i < n; i++) same_as_direct(&f, got.internal + i * 3);
    for (size_t i = 0; i < n; i++, number++) {
      const double value = got.internal[i * 3];
      const struct hpo_event told = {.kind = HPO_EVENT_FINISH,
                                     .number = number,
                                     .state = HPO_COMPLETE,
                                     .outcome = HPO_OUTCOME_OK,
                                     .values = &value,
                                     .n_values = 1};
      assert_int_equal(hpo_study_apply(f.study, &told, NULL), CORE_OK);
      assert_int_equal(job_asker_feed(f.asker, &told, 1, NULL), CORE_OK);
    }
  }
  fixture_close(&f);
}

static void closes_while_it_computes(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f);
  job_asker_request(f.asker, 500);
  fixture_close(&f); /* waits for the thread, leaks nothing, does not hang */
}

static void an_event_that_does_not_fit_is_a_status(void **state) {
  (void)state;
  struct fixture f;
  struct job_suggestions got;
  enum core_status st = CORE_OK;
  struct core_error err = {0};
  fixture_open(&f);
  const struct hpo_event wrong = {.kind = HPO_EVENT_REPORT, .number = 99};
  assert_int_equal(job_asker_feed(f.asker, &wrong, 1, NULL), CORE_OK);
  job_asker_request(f.asker, 1);
  struct pollfd fd = {.fd = job_asker_fd(f.asker), .events = POLLIN};
  assert_int_equal(poll(&fd, 1, 60000), 1);
  assert_true(job_asker_take(f.asker, &got, &st, &err));
  assert_int_equal(st, CORE_INVAL);
  assert_true(strlen(err.message) > 0);
  fixture_close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(suggests_what_the_study_would),
      cmocka_unit_test(closes_while_it_computes),
      cmocka_unit_test(an_event_that_does_not_fit_is_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
