/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/option.h"

#include <math.h>
#include <string.h>

#include "tests/support/support.h"

static const struct core_option rows[] = {
    {.name = "pruner",
     .type = CORE_OPT_CHOICE,
     .choices = "none|asha|median",
     .fallback = "none",
     .help = "when to stop a trial early"},
    {.name = "trials",
     .letter = 'n',
     .type = CORE_OPT_INT,
     .fallback = "10",
     .min = 1,
     .max = HUGE_VAL,
     .unit = "N",
     .help = "how many"},
    {.name = "rate", .type = CORE_OPT_DOUBLE, .fallback = "0.5", .min = 0, .max = 1},
    {.name = "timeout", .type = CORE_OPT_DURATION, .nullable = true},
    {.name = "memory", .type = CORE_OPT_SIZE, .fallback = "64MiB"},
    {.name = "name", .type = CORE_OPT_STRING},
    {.name = "keep_going", .letter = 'k', .type = CORE_OPT_FLAG, .fallback = "false"},
    {.name = "colour", .type = CORE_OPT_FLAG, .fallback = "true"},
    {.name = "report", .letter = 'r', .type = CORE_OPT_LIST},
    {.name = "space", .type = CORE_OPT_MAP},
    {.name = "extra", .type = CORE_OPT_ANY},
    CORE_OPTION_END};

static const char *const ignored[] = {"study", NULL};

static enum core_status read_text(struct core_tree *tree, struct core_options *options,
                                  const char *text, struct core_error *err) {
  *err = (struct core_error){0};
  if (core_tree_parse(tree, "s.yaml", text, strlen(text), err) != CORE_OK)
    fail_msg("%s", err->message);
  return core_options_open(options, rows, tree->root, "study file", ignored, err);
}

static void refuses(const char *text, int line, int column, const char *message) {
  struct core_tree tree;
  struct core_options options;
  struct core_error err;
  assert_int_equal(read_text(&tree, &options, text, &err), CORE_INVAL);
  assert_string_equal(err.message, message);
  assert_int_equal(err.line, line);
  assert_int_equal(err.column, column);
  assert_string_equal(err.file, "s.yaml");
  core_tree_close(&tree);
}

static void absent_keys_have_their_defaults(void **state) {
  (void)state;
  struct core_options options;
  assert_int_equal(core_options_open(&options, rows, NULL, "study file", NULL, NULL), CORE_OK);
  assert_string_equal(core_option_text(&options, "pruner"), "none");
  assert_int_equal(core_option_int(&options, "trials"), 10);
  assert_true(core_option_double(&options, "trials") == 10);
  assert_true(core_option_double(&options, "rate") == 0.5);
  assert_int_equal(core_option_int(&options, "memory"), 64 << 20);
  assert_null(core_option_text(&options, "name"));
  assert_false(core_option_flag(&options, "keep_going"));
  assert_true(core_option_flag(&options, "colour"));
  assert_null(core_option_node(&options, "space"));
  for (const struct core_option *row = rows; row->name; row++)
    assert_false(core_option_given(&options, row->name));
  core_options_close(&options);
}

static void given_keys_have_their_values_and_places(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_options options;
  struct core_error err;
  assert_int_equal(read_text(&tree, &options,
                             "pruner: asha\ntrials: 20\nrate: 1\ntimeout: 1h30m\nmemory: "
                             "1000\nname: x\nkeep_going: true\n"
                             "report: [a, b]\nspace: {x: 1}\nextra: 5\nstudy: ignored\n",
                             &err),
                   CORE_OK);
  assert_string_equal(core_option_text(&options, "pruner"), "asha");
  assert_int_equal(core_option_int(&options, "trials"), 20);
  assert_true(core_option_double(&options, "rate") == 1);
  assert_true(core_option_double(&options, "timeout") == 5400);
  assert_int_equal(core_option_int(&options, "memory"), 1000);
  assert_string_equal(core_option_text(&options, "name"), "x");
  assert_true(core_option_flag(&options, "keep_going"));
  assert_int_equal(core_option_node(&options, "report")->n_children, 2);
  assert_int_equal(core_node_get(core_option_node(&options, "space"), "x")->integer, 1);
  assert_int_equal(core_option_node(&options, "extra")->integer, 5);
  assert_true(core_option_given(&options, "rate"));
  assert_false(core_option_given(&options, "colour"));
  assert_int_equal(core_option_get(&options, "rate")->pos.line, 3);
  assert_int_equal(core_option_get(&options, "rate")->pos.column, 7);
  assert_int_equal(core_option_get(&options, "colour")->pos.line,
                   1); /* a default stands at its section */
  core_options_close(&options);
  core_tree_close(&tree);
}

static void an_explicit_null_counts_as_absent_where_allowed(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_options options;
  struct core_error err;
  assert_int_equal(read_text(&tree, &options, "timeout: ~\n", &err), CORE_OK);
  assert_false(core_option_given(&options, "timeout"));
  core_options_close(&options);
  core_tree_close(&tree);
  refuses("trials: ~\n", 1, 9,
          "'trials' of study file is null, and should be an integer of at least 1");
}

static void unknown_keys_are_told_with_the_nearest(void **state) {
  (void)state;
  refuses("trials: 1\nprunner: asha\n", 2, 1,
          "unknown key 'prunner' in study file; did you mean 'pruner'?");
  refuses("  stduy: x\n", 1, 3, "unknown key 'stduy' in study file; did you mean 'study'?");
  refuses("banana: 1\n", 1, 1,
          "unknown key 'banana' in study file; the keys are pruner, trials, rate, timeout, memory, "
          "name, keep_going, colour, report, space, extra, study");
}

static void wrong_values_are_told_with_what_is_right(void **state) {
  (void)state;
  refuses("trials: ten\n", 1, 9,
          "'trials' of study file is \"ten\", and should be an integer of at least 1");
  refuses("trials: 0\n", 1, 9,
          "'trials' of study file is 0, and should be an integer of at least 1");
  refuses("trials: 1.5\n", 1, 9,
          "'trials' of study file is 1.5, and should be an integer of at least 1");
  refuses("rate: 1.01\n", 1, 7, "'rate' of study file is 1.01, and should be a number from 0 to 1");
  refuses("rate: .nan\n", 1, 7, "'rate' of study file is NaN, and should be a number from 0 to 1");
  refuses("rate: '0.5'\n", 1, 7,
          "'rate' of study file is \"0.5\", and should be a number from 0 to 1");
  refuses("pruner: ahsa\n", 1, 9,
          "'pruner' of study file is \"ahsa\", and should be one of none, asha, median; did you "
          "mean 'asha'?");
  refuses("pruner: none|asha\n", 1, 9,
          "'pruner' of study file is \"none|asha\", and should be one of none, asha, median");
  refuses("timeout: soon\n", 1, 10,
          "'timeout' of study file is \"soon\", and should be a duration such as 30s, 5m or 1h30m "
          "or null");
  refuses(
      "timeout: -1\n", 1, 10,
      "'timeout' of study file is -1, and should be a duration such as 30s, 5m or 1h30m or null");
  refuses("memory: 1.5\n", 1, 9,
          "'memory' of study file is 1.5, and should be a size such as 500kB or 64MiB");
  refuses("name: 5\n", 1, 7, "'name' of study file is 5, and should be a text, in quotes: \"5\"");
  refuses("name: [a]\n", 1, 7, "'name' of study file is [\"a\"], and should be a text");
  refuses("name: \"a\\0b\"\n", 1, 7, "'name' of study file contains a NUL character");
  refuses("keep_going: yes\n", 1, 13,
          "'keep_going' of study file is \"yes\", and should be true or false");
  refuses("report: a\n", 1, 9, "'report' of study file is \"a\", and should be a list");
  refuses("space: []\n", 1, 8, "'space' of study file is [], and should be a map");
  refuses("[a]\n", 1, 1, "study file is a list, and should be a map of keys");
}

static void a_long_wrong_value_is_cut(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_options options;
  struct core_error err;
  char text[5000] = "trials: '";
  memset(text + 9, 'x', 4000);
  memcpy(text + 4009, "'\n", 3);
  assert_int_equal(read_text(&tree, &options, text, &err), CORE_INVAL);
  assert_true(strlen(err.message) < 200);
  assert_non_null(strstr(err.message, "..., and should be an integer"));
  core_tree_close(&tree);
}

static void required_keys_must_be_there(void **state) {
  (void)state;
  static const struct core_option needed[] = {
      {.name = "data", .type = CORE_OPT_STRING, .required = true, .help = "the file to check"},
      CORE_OPTION_END};
  struct core_tree tree;
  struct core_options options;
  struct core_error err = {0};
  assert_int_equal(core_tree_parse(&tree, "s.yaml", "gate:\n  {}\n", 11, &err), CORE_OK);
  assert_int_equal(
      core_options_open(&options, needed, core_node_get(tree.root, "gate"), "gate", NULL, &err),
      CORE_INVAL);
  assert_string_equal(err.message, "gate has no 'data', which is required (the file to check)");
  assert_int_equal(err.line, 2);
  assert_int_equal(err.column, 3);
  core_tree_close(&tree);
  const char *words[1];
  size_t n_words;
  core_error_clear(&err);
  assert_int_equal(core_options_parse(&options, needed, 0, NULL, words, &n_words, &err),
                   CORE_INVAL);
  assert_string_equal(err.message, "option '--data' is required: the file to check");
}

#define MOST_WORDS 16

static enum core_status read_line(struct core_options *options, const char *const *args,
                                  const char **words, size_t *n_words, struct core_error *err) {
  char *argv[MOST_WORDS] = {NULL};
  int argc = 0;
  while (args[argc]) argv[argc] = (char *)args[argc], argc++;
  *err = (struct core_error){0};
  return core_options_parse(options, rows, argc, argv, words, n_words, err);
}

static void command_lines_are_read_in_every_spelling(void **state) {
  (void)state;
  const char *const lines[][MOST_WORDS] = {
      {"--trials=4", "--keep-going", "--no-colour", "a", "--timeout", "30s", "-"},
      {"-n4", "-k", "a", "--colour=false", "--timeout=0:30", "-"},
      {"-kn", "4", "--no-colour", "--timeout", "30", "--", "a", "-"},
      {"a", "-", "-n", "99", "--keep_going", "--no-colour", "--timeout", "500ms", "--timeout",
       "30s", "-n", "4"}};
  for (size_t i = 0; i < CORE_COUNT_OF(lines); i++) {
    struct core_options options;
    struct core_error err;
    const char *words[MOST_WORDS];
    size_t n_words;
    if (read_line(&options, lines[i], words, &n_words, &err) != CORE_OK)
      fail_msg("%s", err.message);
    assert_int_equal(core_option_int(&options, "trials"), 4);
    assert_true(core_option_flag(&options, "keep_going"));
    assert_false(core_option_flag(&options, "colour"));
    assert_true(core_option_double(&options, "timeout") == 30);
    assert_int_equal(n_words, 2);
    assert_string_equal(words[0], "a");
    assert_string_equal(words[1], "-");
    core_options_close(&options);
  }
}

static void repeated_list_options_gather(void **state) {
  (void)state;
  const char *const line[] = {"--report", "json=a.json", "-r", "text", "--", "--report", NULL};
  struct core_options options;
  struct core_error err;
  const char *words[MOST_WORDS];
  size_t n_words;
  assert_int_equal(read_line(&options, line, words, &n_words, &err), CORE_OK);
  const struct core_node *list = core_option_node(&options, "report");
  assert_int_equal(list->n_children, 2);
  assert_string_equal(core_node_at(list, 0)->text.data, "json=a.json");
  assert_string_equal(core_node_at(list, 1)->text.data, "text");
  assert_int_equal(n_words, 1);
  assert_string_equal(words[0], "--report");
  core_options_close(&options);
}

static void wrong_command_lines_are_told(void **state) {
  (void)state;
  const struct {
    const char *line[MOST_WORDS];
    const char *message;
  } cases[] = {
      {{"--trails", "4"}, "unknown option '--trails'; did you mean '--trials'?"},
      {{"--xyzzy"}, "unknown option '--xyzzy'; -h lists the options"},
      {{"-x"}, "unknown option '-x'; -h lists the options"},
      {{"--trials"}, "option '--trials' needs a value: an integer of at least 1"},
      {{"-n"}, "option '--trials' needs a value: an integer of at least 1"},
      {{"-n", "x"}, "option '--trials' is 'x', and should be an integer of at least 1"},
      {{"--pruner=ahsa"},
       "option '--pruner' is 'ahsa', and should be one of none, asha, median; did you mean "
       "'asha'?"},
      {{"--keep-going=maybe"}, "option '--keep_going' is 'maybe', and should be true or false"},
      {{"--no-trials"}, "unknown option '--no-trials'; did you mean '--trials'?"},
      {{"--space", "x"}, "option '--space' is 'x', and should be a map"}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    struct core_options options;
    struct core_error err;
    const char *words[MOST_WORDS];
    size_t n_words;
    assert_int_equal(read_line(&options, cases[i].line, words, &n_words, &err), CORE_INVAL);
    assert_string_equal(err.message, cases[i].message);
  }
}

static void help_tells_every_row(void **state) {
  (void)state;
  struct core_str text = {0};
  core_options_help(rows, true, &text);
  core_options_help(rows, false, &text);
  const char *const parts[] = {"      --pruner none|asha|median\n",
                               "when to stop a trial early (default none)\n",
                               "  -n, --trials N            how many (of at least 1, default 10)\n",
                               "  -k, --keep-going\n",
                               "      --no-colour           (default true)\n",
                               "  keep_going: true|false\n",
                               "      --timeout TIME\n",
                               "  memory: SIZE              (default 64MiB)\n"};
  for (size_t i = 0; i < CORE_COUNT_OF(parts); i++) {
    if (!strstr(core_str_text(&text), parts[i]))
      print_error("missing: %s\nin: %s\n", parts[i], core_str_text(&text));
    assert_non_null(strstr(core_str_text(&text), parts[i]));
  }
  core_str_close(&text);
}

static void any_failing_allocation_is_told(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_error err = {0};
  const char *const text = "pruner: asha\nname: x\nreport: [a]\n";
  assert_int_equal(core_tree_parse(&tree, "s.yaml", text, strlen(text), &err), CORE_OK);
  const char *const line[] = {"--report", "a", "--name", "x", "-k", NULL};
  for (int form = 0; form < 2; form++) {
    bool done = false;
    for (unsigned long long n = 1; !done; n++) {
      struct core_options options;
      const char *words[MOST_WORDS];
      size_t n_words;
      err = (struct core_error){0};
      core_mem_fail_at(n);
      const enum core_status st =
          form ? read_line(&options, line, words, &n_words, &err)
               : core_options_open(&options, rows, tree.root, "study file", NULL, &err);
      core_mem_fail_at(0);
      assert_true(st == CORE_OK || st == CORE_NOMEM);
      assert_int_equal(err.status, st);
      done = st == CORE_OK;
      core_options_close(&options);
    }
  }
  core_tree_close(&tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(absent_keys_have_their_defaults),
      cmocka_unit_test(given_keys_have_their_values_and_places),
      cmocka_unit_test(an_explicit_null_counts_as_absent_where_allowed),
      cmocka_unit_test(unknown_keys_are_told_with_the_nearest),
      cmocka_unit_test(wrong_values_are_told_with_what_is_right),
      cmocka_unit_test(a_long_wrong_value_is_cut),
      cmocka_unit_test(required_keys_must_be_there),
      cmocka_unit_test(command_lines_are_read_in_every_spelling),
      cmocka_unit_test(repeated_list_options_gather),
      cmocka_unit_test(wrong_command_lines_are_told),
      cmocka_unit_test(help_tells_every_row),
      cmocka_unit_test(any_failing_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
