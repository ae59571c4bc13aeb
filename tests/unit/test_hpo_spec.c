/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/spec.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/study_support.h"

static const char whole[] = "study: banknote-mlp\n"
                            "storage: banknote.db\n"
                            "seed: 42\n"
                            "deterministic: true\n"
                            "objective: {metric: val_error, direction: maximize}\n"
                            "trials: 100\n"
                            "timeout: 30m\n"
                            "parallel: 2\n"
                            "optuna_schema: 3.1\n"
                            "space: {x: {type: float, low: 0, high: 1}}\n"
                            "sampler: {name: random}\n"
                            "pruner: {name: none}\n"
                            "gate: anything\n"
                            "trial: anything";

static void every_key_is_read(void **state) {
  (void)state;
  struct test_study t;
  struct core_error err = {0};
  assert_int_equal(test_spec_open(&t, whole, &err), CORE_OK);
  assert_string_equal(t.spec.name, "banknote-mlp");
  assert_string_equal(t.spec.storage, "banknote.db");
  assert_true(t.spec.seed_given && t.spec.seed == 42);
  assert_int_equal(t.spec.n_objectives, 1);
  assert_string_equal(t.spec.objectives[0].metric, "val_error");
  assert_int_equal(t.spec.directions[0], HPO_MAXIMIZE);
  assert_true(t.spec.trials == 100 && t.spec.timeout_s == 1800 && t.spec.parallel == 2);
  assert_true(t.spec.optuna_schema_31 && t.spec.deterministic);
  assert_string_equal(t.spec.sampler->name, "random");
  assert_string_equal(t.spec.pruner->name, "none");
  test_study_close(&t);
}

static void absent_keys_have_defaults(void **state) {
  (void)state;
  struct test_study t;
  struct core_error err = {0};
  assert_int_equal(
      test_spec_open(&t, "seed: null\nspace: {x: {type: float, low: 0, high: 1}}", &err), CORE_OK);
  assert_false(t.spec.seed_given);
  assert_true(t.spec.trials == -1 && t.spec.timeout_s == INFINITY && t.spec.parallel == 1);
  assert_false(t.spec.optuna_schema_31 || t.spec.deterministic);
  assert_string_equal(t.spec.pruner->name, "none");
  test_study_close(&t);
}

static void sampler_and_pruner_may_be_a_name_alone(void **state) {
  (void)state;
  struct test_study t;
  struct core_error err = {0};
  assert_int_equal(
      test_spec_open(
          &t, "sampler: random\npruner: none\nspace: {x: {type: float, low: 0, high: 1}}", &err),
      CORE_OK);
  assert_string_equal(t.spec.sampler->name, "random");
  test_study_close(&t);
}

#define X "space: {x: {type: float, low: 0, high: 1}}\n"

static void mistakes_are_named_at_their_place(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    int line, column;
    const char *message; /* the beginning */
  } bad[] = {
      {X "trails: 5", 2, 1, "unknown key 'trails' in study; did you mean 'trials'?"},
      {X "trials: 0", 2, 9, "'trials' of study is 0"},
      {X "seed: -1", 2, 7, "'seed' of study is -1"},
      {X "timeout: soon", 2, 10, "'timeout' of study is \"soon\""},
      {X "optuna_schema: 4", 2, 16, "'optuna_schema' of study is 4"},
      {X "study: ''", 2, 8, "'study' is empty; give it a name"},
      {X "study: 5", 2, 8, "'study' of study is 5"},
      {"seed: 1", 1, 1, "study has no 'space'"},
      {X "objective: loss", 2, 12,
       "an objective is a text; write {metric: NAME, direction: minimize}"},
      {X "objective: []", 2, 12, "'objective' lists 0 objectives; from 1 to 64 are possible"},
      {X "objective: {metric: a}", 2, 12, "objective has no 'direction'"},
      {X "objective: {metric: a, direction: minimise}", 2, 35,
       "'direction' of objective is \"minimise\", and should be"},
      {X "objective: [{metric: a, direction: minimize}, {metric: a, direction: maximize}]", 2, 56,
       "objective 'a' stands there twice"},
      {X "sampler: {name: randon}", 2, 17, "there is no sampler 'randon'; there are random"},
      {X "sampler: {nam: random}", 2, 10, "'sampler' has no 'name'"},
      {X "sampler: [random]", 2, 10, "the name of the sampler is a list"},
      {X "sampler: {name: random, seed: 5}", 2, 25, "unknown key 'seed' in sampler 'random'"},
      {X "pruner: {name: non}", 2, 16, "there is no pruner 'non'; there are none, median"},
      {"space: [x]", 1, 8, "'space' is a list"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    struct test_study t;
    struct core_error err = {0};
    assert_int_equal(test_spec_open(&t, bad[i].yaml, &err), CORE_INVAL);
    if (strncmp(err.message, bad[i].message, strlen(bad[i].message)) != 0 ||
        err.line != bad[i].line || err.column != bad[i].column)
      fail_msg("%s\n%d:%d: %s", bad[i].yaml, err.line, err.column, err.message);
  }
}

static void running_out_of_memory_is_an_error(void **state) {
  (void)state;
  static const char *const elsewhere[] = {"gate", "trial", NULL};
  struct core_tree tree;
  enum core_status st = CORE_NOMEM;
  assert_int_equal(core_tree_parse(&tree, "s", whole, strlen(whole), NULL), CORE_OK);
  for (unsigned long long n = 1; st != CORE_OK && n < 1000; n++) {
    struct hpo_spec spec;
    core_mem_fail_at(n);
    st = hpo_spec_open(&spec, tree.root, elsewhere, NULL);
    core_mem_fail_at(0);
    assert_true(st == CORE_OK || st == CORE_NOMEM);
    hpo_spec_close(&spec);
  }
  assert_int_equal(st, CORE_OK);
  core_tree_close(&tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_key_is_read),
      cmocka_unit_test(absent_keys_have_defaults),
      cmocka_unit_test(sampler_and_pruner_may_be_a_name_alone),
      cmocka_unit_test(mistakes_are_named_at_their_place),
      cmocka_unit_test(running_out_of_memory_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
