/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "core/str.h"
#include "tests/support/support.h"

static struct hpo_space space_of(const char *yaml) {
  struct core_tree tree;
  struct hpo_space space;
  struct core_error err = {0};
  assert_int_equal(core_tree_parse(&tree, "t.yaml", yaml, strlen(yaml), &err), CORE_OK);
  const enum core_status st = hpo_space_open(&space, tree.root, &err);
  if (st != CORE_OK) print_error("%s\n", err.message);
  assert_int_equal(st, CORE_OK);
  core_tree_close(&tree); /* the space keeps nothing of the tree */
  return space;
}

static const char every_kind[] =
    "lr: {type: float, low: 1.0e-5, high: 1.0, log: true}\n"
    "x: {type: float, low: -2, high: 7}\n"
    "drop: {type: float, low: 0, high: 0.5, step: 0.05}\n"
    "third: {type: float, low: 0.1, high: 10, step: 0.33}\n"
    "n: {type: int, low: -3, high: 9}\n"
    "even: {type: int, low: 2, high: 64, step: 2}\n"
    "width: {type: int, low: 1, high: 512, log: true}\n"
    "wide: {type: int, low: 1, high: 1099511627776, log: true}\n"
    "huge: {type: int, low: -4503599627, high: 4503599627370496, step: 64}\n"
    "kind: {type: categorical, choices: [sgd, 1, 2.5, true, null]}\n"
    "one: {type: categorical, choices: [only]}\n"
    "fixed: {type: int, low: 4, high: 4}\n"
    "point: {type: float, low: 0.3, high: 0.3}\n"
    "logpoint: {type: float, low: 0.3, high: 0.3, log: true}\n"
    "logfixed: {type: int, low: 5, high: 5, log: true}\n";

static void every_unit_row_gives_a_valid_point(void **state) {
  (void)state;
  struct hpo_space space = space_of(every_kind);
  const double odd[] = {NAN, -1, 2, -INFINITY, INFINITY, 0, 1, 1 - 0x1p-53, 0x1p-60, 1e300};
  double unit[32], internal[32];
  struct core_rng rng;
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  for (int i = 0; i < 3000; i++) {
    for (size_t k = 0; k < space.n_params; k++) unit[k] = i < 10 ? odd[i] : core_rng_unit(&rng);
    hpo_space_to_internal(&space, unit, internal);
    struct core_error err = {0};
    if (hpo_space_check(&space, internal, &err) != CORE_OK) fail_msg("row %d: %s", i, err.message);
  }
  hpo_space_close(&space);
}

static void internal_unit_internal_is_the_same(void **state) {
  (void)state;
  struct hpo_space space = space_of(every_kind);
  struct core_rng rng;
  core_rng_init(&rng, 2, 0, CORE_RNG_TEST);
  double unit[32], internal[32], back[32];
  for (int i = 0; i < 3000; i++) {
    for (size_t k = 0; k < space.n_params; k++) unit[k] = core_rng_unit(&rng);
    hpo_space_to_internal(&space, unit, internal);
    hpo_space_to_unit(&space, internal, unit);
    hpo_space_to_internal(&space, unit, back);
    for (size_t k = 0; k < space.n_params; k++) {
      assert_true(unit[k] >= 0 && unit[k] <= 1);
      if (hpo_param_count(&space.params[k]) > 0)
        assert_true(back[k] == internal[k]);
      else
        assert_true(fabs(back[k] - internal[k]) <= 1e-12 * fmax(1, fabs(internal[k])));
    }
  }
  hpo_space_close(&space);
}

static void mapping_is_monotone(void **state) {
  (void)state;
  struct hpo_space space = space_of(every_kind);
  for (size_t k = 0; k < space.n_params; k++) {
    double before = -INFINITY;
    for (int i = 0; i <= 1000; i++) {
      const double x = hpo_param_from_unit(&space.params[k], i / 1000.0);
      assert_true(x >= before);
      before = x;
    }
  }
  hpo_space_close(&space);
}

static void cells_tile_the_unit_interval_with_the_prior_mass(void **state) {
  (void)state;
  struct hpo_space space = space_of(every_kind);
  for (size_t i = 0; i < space.n_params; i++) {
    const struct hpo_param *p = &space.params[i];
    const uint64_t n = hpo_param_count(p);
    if (n == 0 || n > 1000) continue;
    double end = 0;
    for (uint64_t k = 0; k < n; k++) {
      double lo, hi;
      const double x = hpo_param_value(p, k);
      hpo_param_cell(p, hpo_param_to_unit(p, x), &lo, &hi);
      assert_true(fabs(lo - end) < 1e-12 && hi > lo);
      assert_true(hpo_param_from_unit(p, lo + 1e-9) == x && hpo_param_from_unit(p, hi - 1e-9) == x);
      const double mass = p->log && n > 1
                              ? log((x + 0.5) / (x - 0.5)) / log((p->high + 0.5) / (p->low - 0.5))
                              : 1.0 / (double)n;
      assert_true(fabs(hi - lo - mass) < 1e-12);
      end = hi;
    }
    assert_true(fabs(end - 1) < 1e-12);
  }
  hpo_space_close(&space);
}

static void continuous_cell_is_a_point(void **state) {
  (void)state;
  struct hpo_space space = space_of("x: {type: float, low: 0, high: 1}");
  double lo, hi;
  hpo_param_cell(&space.params[0], 0.25, &lo, &hi);
  assert_true(lo == 0.25 && hi == 0.25);
  assert_int_equal(hpo_param_count(&space.params[0]), 0);
  hpo_space_close(&space);
}

static void decimal_steps_give_decimal_values(void **state) {
  (void)state;
  struct hpo_space space = space_of("d: {type: float, low: 0, high: 1, step: 0.05}\n"
                                    "e: {type: float, low: 0.1, high: 1, step: 0.3}\n"
                                    "f: {type: float, low: 0, high: 1, step: 0.3}\n");
  assert_int_equal(hpo_param_count(&space.params[0]), 21);
  assert_true(hpo_param_value(&space.params[0], 3) == 0.15);
  assert_true(hpo_param_value(&space.params[0], 7) == 0.35);
  assert_true(hpo_param_value(&space.params[1], 2) == 0.7);
  assert_true(space.params[1].high == 1.0);
  assert_true(space.params[2].high == 0.9); /* lowered onto the grid */
  hpo_space_close(&space);
}

static const char nested[] =
    "boost: {type: categorical, choices: [tree, linear], when: {model: gbm}}\n"
    "depth: {type: int, low: 1, high: 9, when: {boost: tree, model: [gbm, forest]}}\n"
    "model: {type: categorical, choices: [gbm, svm, forest]}\n"
    "c: {type: float, low: 0, high: 1, when: {model: svm}}\n"
    "leaf: {type: float, low: 0, high: 1, when: {depth: [7, 8, 9]}}\n";

static void conditions_nest_and_decide_what_exists(void **state) {
  (void)state;
  struct hpo_space space = space_of(nested);
  assert_true(space.conditional);
  double internal[5];
  hpo_space_to_internal(&space, (double[]){0.1, 0.9, 0.1, 0.5, 0.5}, internal);
  assert_true(internal[0] == 0 && internal[1] == 9 && internal[2] == 0 && isnan(internal[3]) &&
              internal[4] == 0.5);
  hpo_space_to_internal(&space, (double[]){0.9, 0.9, 0.1, 0.5, 0.5}, internal);
  assert_true(internal[0] == 1 && isnan(internal[1]) && isnan(internal[4]));
  hpo_space_to_internal(&space, (double[]){0.1, 0.9, 0.5, 0.5, 0.5}, internal);
  assert_true(isnan(internal[0]) && isnan(internal[1]) && internal[3] == 0.5 && isnan(internal[4]));
  struct core_error err = {0};
  internal[4] = 0.5;
  assert_int_equal(hpo_space_check(&space, internal, &err), CORE_INVAL);
  internal[4] = NAN;
  internal[3] = NAN;
  assert_int_equal(hpo_space_check(&space, internal, NULL), CORE_INVAL);
  hpo_space_close(&space);
}

static void parents_come_before_children(void **state) {
  (void)state;
  struct hpo_space space = space_of(nested);
  size_t place[5];
  for (size_t i = 0; i < 5; i++) place[space.order[i]] = i;
  for (size_t i = 0; i < 5; i++)
    for (size_t c = 0; c < space.params[i].n_conditions; c++)
      assert_true(place[space.params[i].conditions[c].parent] < place[i]);
  hpo_space_close(&space);
}

static void values_become_text_and_json(void **state) {
  (void)state;
  struct hpo_space space =
      space_of("x: {type: float, low: 0, high: 4}\n"
               "n: {type: int, low: 0, high: 4}\n"
               "\"q\\\"\": {type: categorical, choices: [1e-3, \"a\\\"b\", yes, true, null]}\n");
  struct core_str out = {0};
  hpo_space_json(&space, (double[]){2, 3, 1}, &out);
  assert_string_equal(core_str_text(&out), "{\"x\": 2.0, \"n\": 3, \"q\\\"\": \"a\\\"b\"}");
  const char *const texts[] = {"1e-3", "a\"b", "yes", "true", "null"};
  const char *const json[] = {"0.001", "\"a\\\"b\"", "\"yes\"", "true", "null"};
  for (size_t k = 0; k < 5; k++) {
    core_str_clear(&out);
    hpo_param_text(&space.params[2], (double)k, &out);
    assert_string_equal(core_str_text(&out), texts[k]);
    core_str_clear(&out);
    hpo_param_json(&space.params[2], (double)k, &out);
    assert_string_equal(core_str_text(&out), json[k]);
  }
  core_str_clear(&out);
  hpo_param_text(&space.params[0], 2, &out);
  assert_string_equal(core_str_text(&out), "2");
  core_str_clear(&out);
  hpo_space_json(&space, (double[]){NAN, NAN, NAN}, &out);
  assert_string_equal(core_str_text(&out), "{}");
  core_str_close(&out);
  hpo_space_close(&space);
}

static enum core_status parse_value(const struct hpo_param *p, const char *yaml, double *out,
                                    struct core_error *err) {
  struct core_tree tree;
  assert_int_equal(core_tree_parse(&tree, "v", yaml, strlen(yaml), err), CORE_OK);
  const enum core_status st = hpo_param_parse(p, tree.root, out, err);
  core_tree_close(&tree);
  return st;
}

static void values_are_parsed_or_refused(void **state) {
  (void)state;
  struct hpo_space space = space_of("d: {type: float, low: 0, high: 1, step: 0.1}\n"
                                    "n: {type: int, low: 0, high: 8, step: 2}\n"
                                    "k: {type: categorical, choices: [adam, 1, true]}\n"
                                    "x: {type: float, low: 0, high: 1}\n");
  double x = -1;
  struct core_error err = {0};
  assert_int_equal(parse_value(&space.params[0], "0.30000000000000004", &x, &err), CORE_OK);
  assert_true(x == 0.3);
  assert_int_equal(parse_value(&space.params[1], "4.0", &x, &err), CORE_OK);
  assert_true(x == 4);
  assert_int_equal(parse_value(&space.params[2], "1.0", &x, &err), CORE_OK);
  assert_true(x == 1);
  assert_int_equal(parse_value(&space.params[2], "true", &x, &err), CORE_OK);
  assert_true(x == 2);
  assert_int_equal(parse_value(&space.params[3], "0.123", &x, &err), CORE_OK);
  assert_true(x == 0.123);
  static const struct {
    size_t param;
    const char *text, *message;
  } bad[] = {
      {0, "0.35",
       "parameter 'd': 0.35 is not a value that it takes; a number from 0 to 1 in steps of 0.1"},
      {1, "3",
       "parameter 'n': 3 is not a value that it takes; an integer from 0 to 8 in steps of 2"},
      {1, "4.5",
       "parameter 'n': 4.5 is not a value that it takes; an integer from 0 to 8 in steps of 2"},
      {3, "1.5", "parameter 'x': 1.5 is not a value that it takes; a number from 0 to 1"},
      {3, ".nan", "parameter 'x': NaN is not a value that it takes; a number from 0 to 1"},
      {3, "[1]", "parameter 'x': [1] is not a value that it takes; a number from 0 to 1"},
      {2, "adma",
       "parameter 'k': \"adma\" is not one of its choices: adam, 1 or true; did you mean 'adam'?"},
      {2, "false", "parameter 'k': false is not one of its choices: adam, 1 or true"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    core_error_clear(&err);
    assert_int_equal(parse_value(&space.params[bad[i].param], bad[i].text, &x, &err), CORE_INVAL);
    assert_string_equal(err.message, bad[i].message);
  }
  hpo_space_close(&space);
}

static void mistakes_are_named_at_their_place(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    int line, column;
    const char *message;
  } bad[] = {
      {"[1]", 1, 1, "'space' is a list; write a map of parameters"},
      {"{}", 1, 1, "'space' has 0 parameters; from 1 to 10000 are possible"},
      {"x: 3", 1, 4,
       "parameter 'x' is an integer; write {type: float, low: 0, high: 1} or the like"},
      {"x: {low: 1}", 1, 1, "parameter 'x' has no 'type'; float, int or categorical"},
      {"x: {type: flaot, low: 1, high: 2}", 1, 11,
       "parameter 'x': type 'flaot' is not one of float, int, categorical; did you mean 'float'?"},
      {"x: {type: float, low: 2, high: 1}", 1, 23, "parameter 'x': low 2 is above high 1"},
      {"x: {type: float, low: 0, high: .inf}", 1, 23,
       "parameter 'x': the range from 0 to inf is not finite"},
      {"x: {type: float, low: -1.7e308, high: 1.7e308}", 1, 23,
       "parameter 'x': the range from -1.7e+308 to 1.7e+308 is not finite"},
      {"x: {type: float, low: 0, high: 1, log: true}", 1, 23,
       "parameter 'x': low 0 has no logarithm; with log: true low must be above 0"},
      {"x: {type: float, low: 1, high: 2, log: true, step: 0.1}", 1, 52,
       "parameter 'x': log and step exclude each other; leave one out"},
      {"x: {type: float, low: 1, high: 2, step: 0}", 1, 41, "parameter 'x': step 0 is not above 0"},
      {"x: {type: float, low: 1, high: 2, step: 1.5}", 1, 41,
       "parameter 'x': step 1.5 is larger than the range from low to high"},
      {"x: {type: int, low: 1, high: 2, step: 0}", 1, 39, "parameter 'x': step 0 is not above 0"},
      {"x: {type: int, low: 1, high: 2097152000000, log: true}", 1, 30,
       "parameter 'x': an int with log: true ends at 2^40; use a float"},
      {"x: {type: float, low: 0, high: 1, step: 1.0e-17}", 1, 41,
       "parameter 'x': step 1e-17 gives more than 2^48 values; make it larger or use a float "
       "without step"},
      {"x: {type: categorical, choices: []}", 1, 33,
       "parameter 'x' has 0 choices; from 1 to 10000 are possible"},
      {"x: {type: categorical, choices: [1, a, 1.0]}", 1, 40,
       "parameter 'x': choice '1.0' stands there twice"},
      {"x: {type: categorical, choices: [[1]]}", 1, 34,
       "parameter 'x': a choice is a list; choices are null, true, false, numbers and strings"},
      {"opt: {type: categorical, choices: [a, b]}\nx: {type: int, low: 0, high: 1, when: {opti: "
       "a}}",
       2, 40, "parameter 'x': 'when' names 'opti', which is no parameter; did you mean 'opt'?"},
      {"opt: {type: categorical, choices: [adam, b]}\nx: {type: int, low: 0, high: 1, when: {opt: "
       "adma}}",
       2, 45,
       "parameter 'opt': \"adma\" is not one of its choices: adam or b; did you mean 'adam'?"},
      {"opt: {type: float, low: 0, high: 1}\nx: {type: int, low: 0, high: 1, when: {opt: 0}}", 2,
       40,
       "parameter 'x': 'when' needs a parent with single values; 'opt' is a float without step"},
      {"opt: {type: int, low: 0, high: 1}\nx: {type: int, low: 0, high: 1, when: {opt: []}}", 2, 45,
       "parameter 'x': 'when' lists no value of 'opt', so it would never exist"},
      {"z: {type: int, low: 0, high: 1, when: {a: 1}}\na: {type: int, low: 0, high: 1, when: {b: "
       "1}}\n"
       "b: {type: int, low: 0, high: 1, when: {a: 0}}",
       2, 33, "'when' goes in a circle: 'a' needs 'b' needs 'a'"},
      {"a: {type: int, low: 0, high: 1, when: {a: 0}}", 1, 33,
       "'when' goes in a circle: 'a' needs 'a'"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    struct core_tree tree;
    struct hpo_space space;
    struct core_error err = {0};
    assert_int_equal(core_tree_parse(&tree, "s.yaml", bad[i].yaml, strlen(bad[i].yaml), &err),
                     CORE_OK);
    assert_int_equal(hpo_space_open(&space, tree.root, &err), CORE_INVAL);
    assert_string_equal(err.message, bad[i].message);
    assert_string_equal(err.file, "s.yaml");
    if (err.line != bad[i].line || err.column != bad[i].column)
      fail_msg("%s: at %d:%d", bad[i].yaml, err.line, err.column);
    core_tree_close(&tree);
  }
}

static void unknown_keys_have_a_hint(void **state) {
  (void)state;
  struct core_tree tree;
  struct hpo_space space;
  struct core_error err = {0};
  const char yaml[] = "x: {type: float, low: 0, hihg: 1}";
  assert_int_equal(core_tree_parse(&tree, "s.yaml", yaml, strlen(yaml), &err), CORE_OK);
  assert_int_equal(hpo_space_open(&space, tree.root, &err), CORE_INVAL);
  assert_non_null(strstr(err.message, "hihg"));
  assert_non_null(strstr(err.message, "'high'"));
  assert_int_equal(err.column, 26);
  core_tree_close(&tree);
}

/* Reading compares each choice with the others: their number over all parameters is bounded. */
static void too_many_listed_values_are_refused_at_once(void **state) {
  (void)state;
  struct core_str yaml = {0};
  struct core_tree tree;
  struct hpo_space space;
  struct core_error err = {0};
  for (int k = 0; k < 11; k++) {
    core_str_printf(&yaml, "k%d: {type: categorical, choices: [0", k);
    for (int i = 1; i < 9999; i++) core_str_printf(&yaml, ",%d", i);
    core_str_text_append(&yaml, "]}\n");
  }
  assert_int_equal(core_tree_parse(&tree, "s", core_str_text(&yaml), yaml.len, &err), CORE_OK);
  assert_int_equal(hpo_space_open(&space, tree.root, &err), CORE_INVAL);
  assert_string_equal(
      err.message,
      "'space' lists 109989 choices and values of conditions; up to 100000 are possible");
  core_tree_close(&tree);
  core_str_close(&yaml);
}

static void running_out_of_memory_is_an_error(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_error err = {0};
  assert_int_equal(core_tree_parse(&tree, "s.yaml", nested, strlen(nested), &err), CORE_OK);
  enum core_status st = CORE_NOMEM;
  for (unsigned long long n = 1; st != CORE_OK && n < 1000; n++) {
    struct hpo_space space;
    core_mem_fail_at(n);
    st = hpo_space_open(&space, tree.root, NULL);
    core_mem_fail_at(0);
    assert_true(st == CORE_OK || st == CORE_NOMEM);
    hpo_space_close(&space);
  }
  assert_int_equal(st, CORE_OK);
  core_tree_close(&tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_unit_row_gives_a_valid_point),
      cmocka_unit_test(internal_unit_internal_is_the_same),
      cmocka_unit_test(mapping_is_monotone),
      cmocka_unit_test(cells_tile_the_unit_interval_with_the_prior_mass),
      cmocka_unit_test(continuous_cell_is_a_point),
      cmocka_unit_test(decimal_steps_give_decimal_values),
      cmocka_unit_test(conditions_nest_and_decide_what_exists),
      cmocka_unit_test(parents_come_before_children),
      cmocka_unit_test(values_become_text_and_json),
      cmocka_unit_test(values_are_parsed_or_refused),
      cmocka_unit_test(mistakes_are_named_at_their_place),
      cmocka_unit_test(unknown_keys_have_a_hint),
      cmocka_unit_test(too_many_listed_values_are_refused_at_once),
      cmocka_unit_test(running_out_of_memory_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
