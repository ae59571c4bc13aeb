/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/bracket.h"

#include "core/mem.h"
#include "tests/support/study_support.h"

static const char yaml[] = "pruner: {name: hyperband, reduction_factor: 2}\n"
                           "sampler: random\nspace: {x: {type: float, low: 0, high: 1}}";

struct fixture {
  struct test_study t;
  struct hpo_pruner *pruner;
  struct hpo_brackets *brackets;
};

static void fixture_open(struct fixture *f) {
  test_study_open(&f->t, yaml);
  const struct hpo_pruner_setup setup = hpo_spec_pruner_setup(&f->t.spec);
  assert_int_equal(f->t.spec.pruner->open(&setup, &f->pruner, NULL), CORE_OK);
  assert_int_equal(hpo_brackets_open(f->t.spec.pruner, f->pruner, hpo_study_history(f->t.study),
                                     &f->brackets, NULL),
                   CORE_OK);
}

static void fixture_close(struct fixture *f) {
  hpo_brackets_close(f->brackets);
  f->t.spec.pruner->close(f->pruner);
  test_study_close(&f->t);
}

static void run_trial(struct fixture *f, double value) {
  const uint64_t number = test_study_ask(&f->t);
  for (int64_t step = 0; step < 8; step++) test_study_report(&f->t, number, step, value);
  test_study_complete(&f->t, number, value);
}

static const struct hpo_history *view(struct fixture *f, uint64_t number) {
  const struct hpo_history *out = NULL;
  assert_int_equal(hpo_brackets_view(f->brackets, number, &out, NULL), CORE_OK);
  return out;
}

static size_t bracket_of(const struct fixture *f, uint64_t number) {
  return f->t.spec.pruner->bracket(f->pruner, hpo_study_history(f->t.study), number);
}

static void unknown_brackets_mean_all_trials(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f);
  test_study_ask(&f.t);
  assert_int_equal(bracket_of(&f, 0), HPO_BRACKET_UNKNOWN);
  assert_ptr_equal(view(&f, 1), hpo_study_history(f.t.study));
  fixture_close(&f);
}

/* The views, followed while the study grows, are the study's trials sorted by bracket. */
static void views_divide_the_trials(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f);
  const struct hpo_history *whole = hpo_study_history(f.t.study);
  size_t brackets_seen = 0;
  for (uint64_t i = 0; i < 60; i++) {
    run_trial(&f, (double)(i * 37 % 60));
    if (i % 3 == 0) test_study_ask(&f.t);
    const uint64_t asked = whole->n_trials;
    const struct hpo_history *part = view(&f, asked);
    const struct hpo_trial *best = NULL;
    size_t n = 0, n_finished = 0;
    for (size_t k = 0; k < whole->n_trials; k++) {
      if (bracket_of(&f, k) != bracket_of(&f, asked)) continue;
      assert_true(n < part->n_trials);
      assert_ptr_equal(part->trials[n++], whole->trials[k]);
    }
    for (size_t k = 0; k < whole->n_finished; k++) {
      const struct hpo_trial *trial = whole->finished[k];
      if (bracket_of(&f, trial->number) != bracket_of(&f, asked)) continue;
      assert_true(n_finished < part->n_finished);
      assert_ptr_equal(part->finished[n_finished++], trial);
      if (hpo_history_is_better(whole, trial, best)) best = trial;
    }
    assert_true(n == part->n_trials && n_finished == part->n_finished);
    assert_ptr_equal(hpo_history_best(part), best);
    assert_ptr_equal(part->whole, whole);
    if (bracket_of(&f, asked) + 1 > brackets_seen) brackets_seen = bracket_of(&f, asked) + 1;
  }
  assert_true(brackets_seen > 1);
  fixture_close(&f);
}

static void no_memory_gives_the_whole_and_is_made_up_for(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f);
  const struct hpo_history *whole = hpo_study_history(f.t.study);
  for (uint64_t i = 0; i < 20; i++) run_trial(&f, (double)i);
  for (unsigned long long n = 1; n < 100; n++) {
    const struct hpo_history *out = NULL;
    core_mem_fail_at(n);
    const enum core_status st = hpo_brackets_view(f.brackets, 20, &out, NULL);
    core_mem_fail_at(0);
    if (st == CORE_OK) break;
    assert_int_equal(st, CORE_NOMEM);
    assert_ptr_equal(out, whole);
  }
  size_t n = 0;
  for (size_t k = 0; k < whole->n_trials; k++) n += bracket_of(&f, k) == bracket_of(&f, 20);
  assert_int_equal(view(&f, 20)->n_trials, n);
  fixture_close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unknown_brackets_mean_all_trials),
      cmocka_unit_test(views_divide_the_trials),
      cmocka_unit_test(no_memory_gives_the_whole_and_is_made_up_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
