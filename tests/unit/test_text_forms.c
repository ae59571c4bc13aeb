/* SPDX-License-Identifier: GPL-3.0-or-later
 * Forms that texts can have: SQL's LIKE, dates in a format and as people write them, JSON and its schemas. The answers for
 * dates and JSON are those of CPython 3.11 and dateutil 2.8.2. */
#include "tests/support/support.h"

#include "validate/text/json_schema.h"
#include "validate/text/json_text.h"
#include "validate/text/like.h"
#include "validate/text/spoken_date.h"
#include "validate/text/strptime.h"
#include <string.h>

static struct core_slice slice(const char *text) {
  return (struct core_slice){text, strlen(text)};
}

static void like_matches_whole_values(void **state) {
  (void)state;
  static const struct {
    const char *pattern, *text;
    enum val_like dialect;
    bool match;
  } cases[] = {
      {"a%", "abc", VAL_LIKE_POSTGRESQL, true},
      {"a%", "bac", VAL_LIKE_POSTGRESQL, false},
      {"a%", "Abc", VAL_LIKE_POSTGRESQL, false},
      {"a%", "Abc", VAL_LIKE_SQLITE, true},
      {"\xc3\x84%", "\xc3\xa4x", VAL_LIKE_SQLITE, false}, /* only ASCII folds */
      {"_", "\xc3\xa4", VAL_LIKE_POSTGRESQL, true},       /* one character, not one byte */
      {"__", "\xc3\xa4", VAL_LIKE_POSTGRESQL, false},
      {"", "", VAL_LIKE_POSTGRESQL, true},
      {"", "a", VAL_LIKE_POSTGRESQL, false},
      {"%", "", VAL_LIKE_POSTGRESQL, true},
      {"%b%", "abc", VAL_LIKE_POSTGRESQL, true},
      {"%ab", "aab", VAL_LIKE_POSTGRESQL, true},
      {"%a_c%d", "xaxacabcyd", VAL_LIKE_POSTGRESQL, true},
      {"100\\%", "100%", VAL_LIKE_POSTGRESQL, true},
      {"100\\%", "100x", VAL_LIKE_POSTGRESQL, false},
      {"100\\%", "100\\x", VAL_LIKE_SQLITE, true},
      {"[ab]%", "bcd", VAL_LIKE_MSSQL, true},
      {"[a-f]_", "Ex", VAL_LIKE_MSSQL, true},
      {"[^a-f]%", "ex", VAL_LIKE_MSSQL, false},
      {"[]]", "]", VAL_LIKE_MSSQL, true},
      {"[ab]%", "bcd", VAL_LIKE_POSTGRESQL, false},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++)
    if (val_like_match(slice(cases[i].pattern), slice(cases[i].text), cases[i].dialect) !=
        cases[i].match)
      fail_msg("'%s' LIKE '%s'", cases[i].text, cases[i].pattern);
  assert_int_equal(val_like_check(slice("a\\"), VAL_LIKE_POSTGRESQL, NULL), CORE_INVAL);
  assert_int_equal(val_like_check(slice("a\\"), VAL_LIKE_SQLITE, NULL), CORE_OK);
  assert_int_equal(val_like_check(slice("[ab"), VAL_LIKE_MSSQL, NULL), CORE_INVAL);
}

/* Many wildcards over a long text end soon: work is the product of the lengths. */
static void like_does_not_explode(void **state) {
  (void)state;
  char text[20001], pattern[401];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  for (size_t i = 0; i + 1 < sizeof pattern; i++) pattern[i] = i % 2 ? 'a' : '%';
  pattern[sizeof pattern - 1] = '\0';
  pattern[sizeof pattern - 2] = 'b';
  assert_false(val_like_match(slice(pattern), slice(text), VAL_LIKE_POSTGRESQL));
}

static bool has_format(const char *format, const char *text) {
  struct val_strptime *made = NULL;
  struct core_error err = {0};
  bool ok = false;
  if (val_strptime_open(slice(format), &made, &err) != CORE_OK)
    fail_msg("%s: %s", format, err.message);
  assert_int_equal(val_strptime_match(made, slice(text), &ok, &err), CORE_OK);
  val_strptime_close(made);
  return ok;
}

static void formats_match_as_in_python(void **state) {
  (void)state;
  static const struct {
    const char *format, *text;
    bool match;
  } cases[] = {
      {"%Y-%m-%d", "2019-04-01", true},
      {"%Y-%m-%d", "2019-4-1", true}, /* one digit is enough */
      {"%Y-%m-%d", "2019-04-31", false},
      {"%Y-%m-%d", "2019-02-29", false},
      {"%Y-%m-%d", "2020-02-29", true},
      {"%Y-%m-%d", "2019-04-01 ", false},
      {"%Y-%d-%m", "2019-04-13", false},
      {"%Y%m%d", "2019-04-01", false},
      {"%d%m%Y", "1112019", true}, /* 11 1 2019: the pattern finds a way */
      {"%d.%m.%y", "01.02.99", true},
      {"%b %d", "feb 29", false}, /* without a year it is 1900, which is not leap */
      {"%b %d %Y", "FEB 29 2020", true},
      {"%A, %d %B %Y", "Monday, 01 January 2020", true}, /* the day of the week is not checked */
      {"%I:%M %p", "12:30 pm", true},
      {"%I:%M %p", "13:30 pm", false},
      {"%H:%M:%S", "23:59:59", true},
      {"%H:%M:%S", "24:00:00", false},
      {"%H:%M:%S", "23:59:60", false},
      {"%H:%M:%S.%f", "23:59:59.123456", true},
      {"%H:%M:%S.%f", "23:59:59.1234567", false},
      {"%Y-%m-%dT%H:%M:%S%z", "2020-01-01T00:00:00+05:30", true},
      {"%Y-%m-%dT%H:%M:%S%z", "2020-01-01T00:00:00Z", true},
      {"%Y-%m-%dT%H:%M:%S%z", "2020-01-01T00:00:00", false},
      {"%Y-%m-%dT%H:%M:%S%z", "2020-01-01T00:00:00+24:00", false},
      {"%Y-%j", "2019-366", true}, /* Python counts on into the next year */
      {"%Y-%j", "2019-367", false},
      {"%Y", "0000", false},
      {"%Y  %m", "2020 \t 1", true}, /* blanks are blanks */
      {"%Y%%", "2020%", true},
      {"(%Y)+", "(2020)+", true},
      {"%c", "Mon Jan  6 10:00:00 2020", true},
      {"%x %X", "01/06/20 10:00:00", true},
      {"%G-W%V-%u", "2020-W01-1", true},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++)
    if (has_format(cases[i].format, cases[i].text) != cases[i].match)
      fail_msg("'%s' in the format '%s'", cases[i].text, cases[i].format);
}

static void bad_formats_are_refused(void **state) {
  (void)state;
  static const char *const formats[] = {"%D", "%Q", "%", "%Y%", "%Y %Y", "%x %d", "%G", "%V", "%e"};
  for (size_t i = 0; i < CORE_COUNT_OF(formats); i++) {
    struct val_strptime *made = NULL;
    struct core_error err = {0};
    if (val_strptime_open(slice(formats[i]), &made, &err) != CORE_INVAL)
      fail_msg("%s is taken", formats[i]);
  }
}

static void spoken_dates_are_those_of_dateutil(void **state) {
  (void)state;
  static const char *const yes[] = {"2019-04-01",
                                    "01/01/2010",
                                    "Sat Oct 11 17:13:46 UTC 2003",
                                    "10.10.2003",
                                    "3rd of May 2001",
                                    "19990101T2359",
                                    "991231",
                                    "19991231235959",
                                    "Jan of 01",
                                    "12h30m15.5s",
                                    "5 pm",
                                    "5:30pm",
                                    "2003-09-25T10:49:41.5-03:00",
                                    "Thu, 25 Sep 2003 10:49:41 -0300",
                                    "10:36:28 GMT+3",
                                    "Wed, July 10, '96",
                                    "1996.07.10 AD at 15:08:56 PDT",
                                    "July 4, 1976 12:01:02 am",
                                    "04.04.95 00:22",
                                    "5:50 A.M. on June 13, 1990",
                                    "13-Jan-99",
                                    "Sep.20.2009",
                                    "4:30:21,447",
                                    "10 h 36.5",
                                    "2016",
                                    "31",
                                    "May",
                                    "Tue",
                                    "12",
                                    "2003-09-25T10:49:41-0300 (BRST)",
                                    "29-02-00",
                                    "Jan of 0",
                                    "1.5.2003",

                                    "  2019-04-01  ",
                                    "Sept 3",
                                    "1,234",
                                    "13 pm",
                                    "1-"};
  static const char *const no[] = {"",           " ",          "cat",
                                   "dog",        "abc",        "and",
                                   "a",          "am",         "Z",
                                   "nan",        "inf",        "1e5",
                                   "now",        "13/13/2013", "11/31/2011",
                                   "2019-02-30", "24:00",      "10:00:60",
                                   "12:60",      "Q1 2020",    "2020-W05",
                                   "2020-366",   "1 2 3 4",    "0000-01-01",
                                   "99999",      "12.T",       "10:10:10:10 x",
                                   "10Z",        "Jan Feb 3",  "2003-09-25 10:49 +abc",
                                   "\xc3\xa4",   "3 of horse"};
  for (size_t i = 0; i < CORE_COUNT_OF(yes); i++)
    if (!val_is_spoken_date(yes[i], strlen(yes[i]))) fail_msg("'%s' is a date", yes[i]);
  for (size_t i = 0; i < CORE_COUNT_OF(no); i++)
    if (val_is_spoken_date(no[i], strlen(no[i]))) fail_msg("'%s' is no date", no[i]);
}

static void json_is_what_python_loads(void **state) {
  (void)state;
  static const char *const yes[] = {"{\"a\":1}",
                                    "[1,2.5e3,-0]",
                                    "\"x\\u00e9\\n\"",
                                    "NaN",
                                    "-Infinity",
                                    "  true\n",
                                    "[]",
                                    "{}",
                                    "{\"a\":1 , \"a\":2}",
                                    "\"\\ud800\"",
                                    "123456789012345678901234567890",
                                    "[[[{\"a\":[]}]]]",
                                    "null",
                                    "1"};
  static const char *const no[] = {
      "",        " ",        "a",      "{a:1}",     "{'a':1}",     "[1,]", "{\"a\":1,}",
      "{\"a\"}", "{\"a\":}", "01",     "1.",        ".5",          "-",    "1e",
      "tru",     "True",     "\"\t\"", "\"\\x\"",   "\"\\u12g4\"", "\"",   "[1 2]",
      "1 2",     "]",        "[",      "{\"a\":1]", "nan",         "+1",   "[1}"};
  for (size_t i = 0; i < CORE_COUNT_OF(yes); i++)
    if (!val_json_is_text(yes[i], strlen(yes[i]))) fail_msg("%s is JSON", yes[i]);
  for (size_t i = 0; i < CORE_COUNT_OF(no); i++)
    if (val_json_is_text(no[i], strlen(no[i]))) fail_msg("%s is no JSON", no[i]);
  char deep[2 * VAL_JSON_DEPTH + 2];
  memset(deep, '[', VAL_JSON_DEPTH + 1);
  memset(deep + VAL_JSON_DEPTH + 1, ']', VAL_JSON_DEPTH + 1);
  assert_true(val_json_is_text(deep + 1, sizeof deep - 2));
  assert_false(val_json_is_text(deep, sizeof deep));
}

/* 1 met, 0 not met, -1 no schema, -2 given up. */
static int meets(const char *schema_text, const char *value_text) {
  struct core_tree schema, value;
  struct core_error err = {0};
  struct val_json_schema *made = NULL;
  bool ok = false;
  int answer = -1;
  if (core_tree_parse_json(&schema, "s", schema_text, strlen(schema_text), &err) != CORE_OK ||
      core_tree_parse_json(&value, "v", value_text, strlen(value_text), &err) != CORE_OK)
    fail_msg("%s: %s", schema_text, err.message);
  if (val_json_schema_open(schema.root, &made, &err) == CORE_OK)
    answer = val_json_schema_meets(made, value.root, &ok, &err) == CORE_OK ? ok : -2;
  val_json_schema_close(made);
  core_tree_close(&schema);
  core_tree_close(&value);
  return answer;
}

static void schemas_judge_values(void **state) {
  (void)state;
  static const struct {
    const char *schema, *value;
    int answer;
  } cases[] = {
      {"{}", "1", 1},
      {"true", "1", 1},
      {"false", "1", 0},
      {"{\"type\": \"integer\"}", "1.0", 1},
      {"{\"type\": \"integer\"}", "1.5", 0},
      {"{\"type\": \"number\"}", "true", 0},
      {"{\"type\": [\"string\", \"null\"]}", "null", 1},
      {"{\"type\": [\"string\", \"null\"]}", "3", 0},
      {"{\"enum\": [1, \"a\", null]}", "1.0", 1},
      {"{\"enum\": [1, \"a\"]}", "true", 0},
      {"{\"const\": {\"a\": [1]}}", "{\"a\": [1]}", 1},
      {"{\"minimum\": 3}", "3", 1},
      {"{\"exclusiveMinimum\": 3}", "3", 0},
      {"{\"minimum\": 3, \"exclusiveMinimum\": true}", "3", 0},
      {"{\"maximum\": 3}", "\"x\"", 1},
      {"{\"exclusiveMaximum\": 3}", "2.9", 1},
      {"{\"maximum\": 9007199254740993}", "9007199254740993", 1},
      {"{\"maximum\": 9007199254740992}", "9007199254740993", 0},
      {"{\"multipleOf\": 3}", "9", 1},
      {"{\"multipleOf\": 0.5}", "1.75", 0},
      {"{\"minLength\": 2}", "\"\\u00e9\"", 0},
      {"{\"maxLength\": 1}", "\"\\u00e9\"", 1},
      {"{\"pattern\": \"^a+$\"}", "\"aaa\"", 1},
      {"{\"pattern\": \"b\"}", "\"aaa\"", 0},
      {"{\"items\": {\"type\": \"integer\"}}", "[1, 2, \"3\"]", 0},
      {"{\"items\": [{\"type\": \"integer\"}], \"additionalItems\": false}", "[1]", 1},
      {"{\"items\": [{\"type\": \"integer\"}], \"additionalItems\": false}", "[1, 2]", 0},
      {"{\"prefixItems\": [{\"type\": \"integer\"}], \"items\": {\"type\": \"string\"}}",
       "[1, \"a\"]", 1},
      {"{\"prefixItems\": [{\"type\": \"integer\"}], \"items\": false}", "[1, \"a\"]", 0},
      {"{\"minItems\": 1, \"maxItems\": 2}", "[]", 0},
      {"{\"uniqueItems\": true}", "[1, 1.0]", 0},
      {"{\"uniqueItems\": true}", "[1, true]", 1},
      {"{\"contains\": {\"const\": 2}}", "[1, 2]", 1},
      {"{\"contains\": {\"const\": 2}}", "[1]", 0},
      {"{\"contains\": {\"const\": 2}, \"minContains\": 0}", "[1]", 1},
      {"{\"contains\": {\"const\": 2}, \"maxContains\": 1}", "[2, 2]", 0},
      {"{\"required\": [\"a\"]}", "{\"a\": null}", 1},
      {"{\"required\": [\"b\"]}", "{\"a\": null}", 0},
      {"{\"required\": [\"b\"]}", "3", 1},
      {"{\"properties\": {\"a\": {\"type\": \"integer\"}}}", "{\"a\": \"x\"}", 0},
      {"{\"properties\": {\"a\": {}}, \"additionalProperties\": false}", "{\"a\": 1, \"b\": 2}", 0},
      {"{\"patternProperties\": {\"^x\": {\"type\": \"string\"}}, \"additionalProperties\": false}",
       "{\"xy\": \"s\"}", 1},
      {"{\"patternProperties\": {\"^x\": {\"type\": \"string\"}}}", "{\"xy\": 3}", 0},
      {"{\"propertyNames\": {\"maxLength\": 2}}", "{\"abc\": 3}", 0},
      {"{\"minProperties\": 2}", "{\"a\": 1}", 0},
      {"{\"dependentRequired\": {\"a\": [\"b\"]}}", "{\"a\": 1}", 0},
      {"{\"dependencies\": {\"a\": {\"required\": [\"b\"]}}}", "{\"a\": 1, \"b\": 2}", 1},
      {"{\"allOf\": [{\"minimum\": 1}, {\"maximum\": 2}]}", "3", 0},
      {"{\"anyOf\": [{\"minimum\": 5}, {\"maximum\": 2}]}", "3", 0},
      {"{\"oneOf\": [{\"minimum\": 1}, {\"maximum\": 5}]}", "3", 0},
      {"{\"oneOf\": [{\"minimum\": 1}, {\"maximum\": 2}]}", "3", 1},
      {"{\"not\": {\"type\": \"null\"}}", "null", 0},
      {"{\"if\": {\"type\": \"integer\"}, \"then\": {\"minimum\": 0}, \"else\": {\"type\": "
       "\"string\"}}",
       "-1", 0},
      {"{\"if\": {\"type\": \"integer\"}, \"else\": {\"type\": \"string\"}}", "\"x\"", 1},
      {"{\"$defs\": {\"p/q\": {\"minimum\": 1}}, \"$ref\": \"#/$defs/p~1q\"}", "0", 0},
      {"{\"definitions\": {\"t\": {\"properties\": {\"next\": {\"$ref\": \"#/definitions/t\"}},"
       " \"required\": [\"v\"]}}, \"$ref\": \"#/definitions/t\"}",
       "{\"v\": 1, \"next\": {\"v\": 2, \"next\": {}}}", 0},
      {"{\"$ref\": \"#\"}", "1", -2},
      {"{\"format\": \"email\", \"whatever\": 3}", "\"x\"", 1},
      {"{\"type\": \"interger\"}", "1", -1},
      {"{\"type\": 3}", "1", -1},
      {"{\"minimum\": \"a\"}", "1", -1},
      {"{\"multipleOf\": 0}", "1", -1},
      {"{\"minLength\": -1}", "1", -1},
      {"{\"pattern\": \"(\"}", "1", -1},
      {"{\"properties\": {\"a\": 3}}", "1", -1},
      {"{\"allOf\": []}", "1", -1},
      {"{\"$ref\": \"#/definitions/none\"}", "1", -1},
      {"{\"$ref\": \"http://example.org/s.json\"}", "1", -1},
      {"{\"unevaluatedProperties\": false}", "1", -1},
      {"[]", "1", -1},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    const int answer = meets(cases[i].schema, cases[i].value);
    if (answer != cases[i].answer)
      fail_msg("%s for %s: %d, wanted %d", cases[i].schema, cases[i].value, answer,
               cases[i].answer);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(like_matches_whole_values),
      cmocka_unit_test(like_does_not_explode),
      cmocka_unit_test(formats_match_as_in_python),
      cmocka_unit_test(bad_formats_are_refused),
      cmocka_unit_test(spoken_dates_are_those_of_dateutil),
      cmocka_unit_test(json_is_what_python_loads),
      cmocka_unit_test(schemas_judge_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
