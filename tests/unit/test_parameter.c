/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parameters of a suite: what expressions give, and where they are wrong. */
#include "tests/support/support.h"

#include "validate/parameter.h"
#include <stdio.h>
#include <string.h>

static const char *const maps_json =
    "[{\"first\": 7}, {\"n\": 3, \"rate\": 0.5, \"day\": \"2020-01-31\", \"set\": [1, \"a\"], "
    "\"word\": \"x\","
    " \"first\": 1, \"urn:great_expectations:validations:s:e.result.observed_value:column=x\": 42,"
    " \"a.b\": 5, \"urn:s.e:m\": 10}]";

/* The value as JSON, or the sentence of the mistake. */
static void evaluate(const char *json, char *out, size_t room) {
  struct core_tree maps, tree;
  struct core_arena arena = {0};
  struct core_error err = {0};
  struct core_str text = {0};
  assert_int_equal(core_tree_parse_json(&maps, "m", maps_json, strlen(maps_json), &err), CORE_OK);
  assert_int_equal(core_tree_parse_json(&tree, "p.json", json, strlen(json), &err), CORE_OK);
  const struct val_parameters parameters = {.maps = {maps.root->first, maps.root->first->next},
                                            .has_now = true,
                                            .now_us = INT64_C(1600000000000000)};
  if (val_parameters_fill(tree.root, &parameters, &arena, &err) == CORE_OK) {
    core_node_json(tree.root, true, &text);
    snprintf(out, room, "%s", core_str_text(&text));
  } else {
    snprintf(out, room, "%d: %s", err.column, err.message);
  }
  core_str_close(&text);
  core_arena_close(&arena);
  core_tree_close(&tree);
  core_tree_close(&maps);
}

static void gives(const char *expression, const char *wanted) {
  char json[512], seen[CORE_ERROR_MESSAGE_BYTES + 16];
  snprintf(json, sizeof json, "{\"$PARAMETER\": \"%s\"}", expression);
  evaluate(json, seen, sizeof seen);
  if (!strstr(seen, wanted)) fail_msg("%s gives %s, wanted %s", expression, seen, wanted);
}

static void expressions_have_values(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"1 + 2 * 3", "7"},
      {"(1 + 2) * 3", "9"},
      {"7 / 2", "3.5"},
      {"6 / 2", "3.0"}, /* Python's true division */
      {"2 ^ 3 ^ 2", "512"},
      {"-2 ^ 2", "4"}, /* a sign binds tighter */
      {"2 * -3", "-6"},
      {"--3", "3"},
      {"10 - 2 - 3", "5"},
      {"1e3", "1000.0"},
      {"n", "3"},
      {"n * 2 + rate", "6.5"},
      {"rate ^ 2", "0.25"},
      {"first", "7"}, /* the first map that has it */
      {"a.b + 1", "6"},
      {"urn:s.e:m * 2", "20"},
      {"urn:great_expectations:validations:s:e.result.observed_value:column=x", "42"},
      {"set", "[1, \"a\"]"},
      {"word", "\"x\""},
      {"round(2.5)", "2"},
      {"round(rate * 7)", "4"},
      {"trunc(-2.7)", "-2"},
      {"abs(-3)", "3"},
      {"abs(-3.5)", "3.5"},
      {"sgn(-3.5)", "-1"},
      {"sin(0) + cos(0)", "1.0"},
      {"trunc(1000 * PI)", "3141"},
      {"exp(1) - E", "0.0"},
      {"now()", "\"2020-09-13T12:26:40\""},
      {"now() - timedelta(weeks=52*100)", "\"1921-01-16T12:26:40\""},
      {"datetime(2020, 1, 31)", "\"2020-01-31T00:00:00\""},
      {"datetime(year=2020, month=2, day=29, hour=1)", "\"2020-02-29T01:00:00\""},
      {"datetime(2020, 1, 31) + timedelta(days=1, hours=2)", "\"2020-02-01T02:00:00\""},
      {"datetime(2020, 1, 31) - timedelta(1)", "\"2020-01-30T00:00:00\""},
      {"day + 2 * timedelta(minutes=30)", "\"2020-01-31T01:00:00\""},
      {"now() + (datetime(2020,1,2) - datetime(2020,1,1))", "\"2020-09-14T12:26:40\""},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) gives(cases[i][0], cases[i][1]);
}

static void mistakes_are_told_with_their_place(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", "16: $PARAMETER: expected a number"},
      {"1 +", "at the end"},
      {"1 2", "character 3"},
      {"m + 1", "parameter 'm' at character 1 has no value"},
      {"set + 1", "is a list"},
      {"word * 2", "cannot be computed with"},
      {"sinh(1)", "unknown function 'sinh' at character 1"},
      {"1 / 0", "division by zero"},
      {"(-8) ^ 0.5", "no result"},
      {"timedelta(days=1)", "a duration"},
      {"now() + now()", "does not take these"},
      {"now() + 1", "does not take these"},
      {"sin(now())", "a number is wanted"},
      {"datetime(2020, 2, 30)", "no date and time"},
      {"datetime(2020)", "no date and time"},
      {"datetime(1, 1, 1) - timedelta(days=1)", "outside of the years"},
      {"timedelta(days=1e30)", "too long"},
      {"(1", "expected ')'"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) gives(cases[i][0], cases[i][1]);
}

static void values_are_filled_in_at_any_depth(void **state) {
  (void)state;
  char seen[512];
  evaluate(
      "{\"a\": [1, {\"$PARAMETER\": \"n\"}], \"b\": {\"c\": {\"$PARAMETER\": \"set\"}, \"d\": 2}}",
      seen, sizeof seen);
  assert_string_equal(seen, "{\"a\": [1, 3], \"b\": {\"c\": [1, \"a\"], \"d\": 2}}");
  evaluate("{\"x\": {\"$PARAMETER\": \"m - 1\", \"$PARAMETER.m - 1\": 8}, \"y\": 1}", seen,
           sizeof seen);
  assert_string_equal(seen, "{\"x\": 8, \"y\": 1}");
  evaluate("{\"x\": {\"$PARAMETER\": 3}}", seen, sizeof seen);
  assert_non_null(strstr(seen, "must be text"));
}

static void nesting_is_bounded(void **state) {
  (void)state;
  static const char *const pieces[] = {"(", "sin(", "2^"};
  for (size_t i = 0; i < CORE_COUNT_OF(pieces); i++) {
    struct core_str json = {0};
    char seen[CORE_ERROR_MESSAGE_BYTES + 16];
    core_str_text_append(&json, "{\"$PARAMETER\": \"");
    for (int k = 0; k < 5000; k++) core_str_text_append(&json, pieces[i]);
    core_str_text_append(&json, "1\"}");
    evaluate(json.data, seen, sizeof seen);
    assert_non_null(strstr(seen, "too deep"));
    core_str_close(&json);
  }
}

static void without_a_clock_there_is_no_now(void **state) {
  (void)state;
  const char *json = "{\"$PARAMETER\": \"now()\"}";
  const struct val_parameters none = {.maps = {NULL}};
  struct core_tree tree;
  struct core_arena arena = {0};
  struct core_error err = {0};
  assert_int_equal(core_tree_parse_json(&tree, "p.json", json, strlen(json), &err), CORE_OK);
  assert_int_equal(val_parameters_fill(tree.root, &none, &arena, &err), CORE_INVAL);
  assert_non_null(strstr(err.message, "no clock"));
  core_arena_close(&arena);
  core_tree_close(&tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(expressions_have_values),
      cmocka_unit_test(mistakes_are_told_with_their_place),
      cmocka_unit_test(values_are_filled_in_at_any_depth),
      cmocka_unit_test(nesting_is_bounded),
      cmocka_unit_test(without_a_clock_there_is_no_now),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
