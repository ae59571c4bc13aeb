/* SPDX-License-Identifier: GPL-3.0-or-later
 * The default sampler: whom it asks, and that it says so. */
#include <string.h>

#include "core/str.h"
#include "hpo/sampler/auto_policy.h"
#include "tests/support/study_support.h"

static void the_study_decides_who_is_asked(void **state) {
  (void)state;
  static const struct {
    struct hpo_auto_facts facts;
    const char *sampler;
  } rows[] = {
      {{.n_objectives = 1, .n_free = 6, .n_numeric = 6}, "gp"},
      {{.n_objectives = 1, .n_free = 6, .n_numeric = 0}, "gp"},
      {{.n_objectives = 1, .n_free = 20, .n_numeric = 20, .n_finished = 1999}, "gp"},
      {{.n_objectives = 1, .n_free = 20, .n_numeric = 20, .n_finished = 2000}, "cmaes"},
      {{.n_objectives = 1, .n_free = 20, .n_numeric = 3, .n_finished = 2000}, "tpe"},
      {{.n_objectives = 1, .n_free = 101, .n_numeric = 101}, "cmaes"},
      {{.n_objectives = 1, .n_free = 101, .n_numeric = 50}, "tpe"},
      {{.n_objectives = 1}, "random"},
      {{.n_objectives = 2, .n_free = 3, .n_numeric = 3}, "random"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(rows); i++) {
    const struct hpo_auto_choice choice = hpo_auto_choose(&rows[i].facts);
    assert_string_equal(choice.sampler, rows[i].sampler);
    assert_non_null(hpo_sampler_find(choice.sampler));
    assert_true(strlen(choice.reason) > 0);
  }
}

static void facts_are_those_of_the_space(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "space: {x: {type: float, low: 0, high: 1}, one: {type: "
                      "int, low: 3, high: 3}, k: {type: categorical, choices: [a, b]}}");
  assert_string_equal(t.spec.sampler->name, "auto"); /* the default */
  const struct hpo_sampler_setup setup = hpo_spec_sampler_setup(&t.spec);
  const struct hpo_auto_facts facts = hpo_auto_facts_of(&setup);
  assert_int_equal(facts.n_objectives, 1);
  assert_int_equal(facts.n_free, 2);
  assert_int_equal(facts.n_numeric, 1);
  assert_int_equal(facts.n_finished, 0);
  test_study_close(&t);
}

#define SPACE                                                                                      \
  "\nspace: {x: {type: float, low: 0, high: 1}, k: {type: categorical, choices: [a, b, c]}}"

/* What it suggests is what the one that it asks would have suggested. */
static void suggestions_are_those_of_the_one_asked(void **state) {
  (void)state;
  struct test_study a, b;
  test_study_open(&a, "seed: 5" SPACE);
  test_study_open(&b, "seed: 5\nsampler: gp" SPACE);
  for (uint64_t i = 0; i < 15; i++) {
    test_study_ask(&a);
    test_study_ask(&b);
    const double *x = test_study_trial(&a, i)->internal, *y = test_study_trial(&b, i)->internal;
    assert_memory_equal(x, y, 2 * sizeof *x);
    test_study_complete(&a, i, x[0] * x[0] + x[1]);
    test_study_complete(&b, i, y[0] * y[0] + y[1]);
  }
  test_study_close(&a);
  test_study_close(&b);
}

static void it_says_whom_it_asks_and_why(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "seed: 5" SPACE);
  assert_string_equal(hpo_study_sampler_note(t.study),
                      "asks gp: the most is learnt from each trial");
  test_study_close(&t);
  test_study_open(&t, "sampler: tpe" SPACE);
  assert_string_equal(hpo_study_sampler_note(t.study), ""); /* no choice */
  test_study_close(&t);
}

static void several_objectives_are_taken(void **state) {
  (void)state;
  struct test_study t;
  test_study_open(&t, "objective: [{metric: a, direction: minimize}, {metric: b, direction: "
                      "maximize}]" SPACE);
  for (uint64_t i = 0; i < 5; i++) assert_int_equal(test_study_ask(&t), i);
  assert_non_null(strstr(hpo_study_sampler_note(t.study), "asks random"));
  test_study_close(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_study_decides_who_is_asked),
      cmocka_unit_test(facts_are_those_of_the_space),
      cmocka_unit_test(suggestions_are_those_of_the_one_asked),
      cmocka_unit_test(it_says_whom_it_asks_and_why),
      cmocka_unit_test(several_objectives_are_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
