/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

static enum core_status parse(struct core_tree *tree, const char *name, const char *text,
                              struct core_error *err) {
  *err = (struct core_error){0};
  return core_tree_parse(tree, name, text, strlen(text), err);
}

/* The document as JSON must look as expected. */
static void reads_as(const char *name, const char *text, const char *json) {
  struct core_tree tree;
  struct core_error err;
  struct core_str out = {0};
  if (parse(&tree, name, text, &err) != CORE_OK) print_error("%s\n", err.message);
  assert_int_equal(err.status, CORE_OK);
  core_node_json(tree.root, true, &out);
  assert_string_equal(core_str_text(&out), json);
  core_str_close(&out);
  core_tree_close(&tree);
}

/* The caret stands below the byte where the blame goes;
 * the sentence must contain `part`. */
static void fails_at(const char *name, const char *text, int line, const char *caret,
                     const char *part) {
  struct core_tree tree;
  struct core_error err;
  const enum core_status st = parse(&tree, name, text, &err);
  assert_int_equal(st, CORE_INVAL);
  assert_int_equal(err.status, CORE_INVAL);
  if (err.line != line || err.column != (int)strlen(caret) || !strstr(err.message, part))
    print_error("%s\n%d:%d: %s\n", text, err.line, err.column, err.message);
  assert_int_equal(err.line, line);
  assert_int_equal(err.column, (int)strlen(caret));
  assert_non_null(strstr(err.message, part));
  assert_string_equal(err.file, name);
  assert_null(tree.root);
}

static void plain_scalars_follow_the_core_schema(void **state) {
  (void)state;
  const struct {
    const char *yaml, *json;
  } cases[] = {{"no", "\"no\""},
               {"on", "\"on\""},
               {"yes", "\"yes\""},
               {"off", "\"off\""},
               {"y", "\"y\""},
               {"true", "true"},
               {"True", "true"},
               {"FALSE", "false"},
               {"tRUE", "\"tRUE\""},
               {"null", "null"},
               {"~", "null"},
               {"Null", "null"},
               {"nULL", "\"nULL\""},
               {"17", "17"},
               {"-17", "-17"},
               {"+17", "17"},
               {"0o17", "15"},
               {"0x1f", "31"},
               {"0xAB", "171"},
               {"0o8", "\"0o8\""},
               {"0x", "\"0x\""},
               {"-0x1f", "\"-0x1f\""},
               {"0777", "777"},
               {"1_000", "\"1_000\""},
               {"1e-4", "0.0001"},
               {"1.0", "1.0"},
               {".5", "0.5"},
               {"5.", "5.0"},
               {".", "\".\""},
               {"-", "\"-\""},
               {"1e3", "1000.0"},
               {".inf", "Infinity"},
               {"-.Inf", "-Infinity"},
               {"+.INF", "Infinity"},
               {".nan", "NaN"},
               {".NaN", "NaN"},
               {"-.nan", "\"-.nan\""},
               {"inf", "\"inf\""},
               {"nan", "\"nan\""},
               {"Infinity", "\"Infinity\""},
               {"1:30", "\"1:30\""},
               {"12e", "\"12e\""},
               {"1 2", "\"1 2\""},
               {"2026-01-01", "\"2026-01-01\""},
               {"9223372036854775807", "9223372036854775807"},
               {"9223372036854775808", "9.223372036854776e+18"},
               {"\"17\"", "\"17\""},
               {"'true'", "\"true\""},
               {"!!str 17", "\"17\""},
               {"! 17", "\"17\""},
               {"|-\n  17", "\"17\""}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    char yaml[128], json[128];
    snprintf(yaml, sizeof yaml, "key: %s\n",
             strcmp(cases[i].yaml, "-") == 0 ? "'-'" : cases[i].yaml);
    snprintf(json, sizeof json, "{\"key\": %s}", cases[i].json);
    reads_as("x.yaml", yaml, json);
  }
}

static void documents_of_both_syntaxes_give_one_tree(void **state) {
  (void)state;
  const char *const json =
      "{\"a\": [1, 2.5, \"x\"], \"b\": {\"c\": null, \"d\": true}, \"e\": [], \"f\": {}}";
  reads_as("x.json", json, json);
  reads_as("x.yaml", json, json);
  reads_as("x.yaml", "a: [1, 2.5, x]\nb:\n  c:\n  d: true\ne: []\nf: {}\n", json);
  reads_as("x.yaml", "a:\n- 1\n- 2.5\n- x\nb: {c: ~, d: true}\n'e': []\n\"f\": {}\n", json);
  reads_as("x.yaml", "", "null");
  reads_as("x.yaml", "# only a remark\n", "null");
  reads_as("x.yaml",
           "\xEF\xBB\xBF"
           "a: 1\n",
           "{\"a\": 1}");
  reads_as("x.json", "\xEF\xBB\xBF{\"a\": 1}", "{\"a\": 1}");
  reads_as("x.yaml", "{a: 1, b: [no, x y]}",
           "{\"a\": 1, \"b\": [\"no\", \"x y\"]}"); /* not JSON, so YAML */
  reads_as("x.json", "17", "17");
}

static void pythons_numbers_are_read_in_json(void **state) {
  (void)state;
  reads_as("x.json", "[NaN, Infinity, -Infinity, \"NaN\", \"a\\\"NaN\"]",
           "[NaN, Infinity, -Infinity, \"NaN\", \"a\\\"NaN\"]");
  reads_as("x.json", "[12345678901234567890, -0, -0.0, 1E3]",
           "[1.2345678901234567e+19, 0, -0.0, 1000.0]");
  fails_at("x.json", "[1, NaN5]", 1, "    ^", "malformed JSON");
  fails_at("x.json", "[1, -NaN]", 1, "    ^", "malformed JSON");
}

static void not_a_number_is_null_outside_of_python(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_error err;
  struct core_str out = {0};
  assert_int_equal(parse(&tree, "x", "[.nan, .inf, 1]", &err), CORE_OK);
  core_node_json(tree.root, false, &out);
  assert_string_equal(core_str_text(&out), "[null, null, 1]");
  core_str_close(&out);
  core_tree_close(&tree);
}

static void check_place(const struct core_node *node, int line, int column) {
  assert_non_null(node);
  assert_int_equal(node->pos.line, line);
  assert_int_equal(node->pos.column, column);
}

static void every_node_knows_its_place(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_error err;
  const char *const texts[] = {
      "{\n  \"a\": 1,\n  \"\xc3\xa9\\\"\": [true,\n    {\"c\" : \"x\"}], \"d\":{}}",
      "# places\n  a: 1\n  \"\xc3\xa9\\\"\": [true,\n    {\"c\" : \"x\"}]\n"};
  const char *const names[] = {"x.json", "x.yaml"};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(parse(&tree, names[i], texts[i], &err), CORE_OK);
    const struct core_node *list = core_node_get(tree.root, "\xc3\xa9\"");
    check_place(core_node_get(tree.root, "a"), 2, i ? 6 : 8);
    assert_int_equal(core_node_get(tree.root, "a")->key_pos.column, 3);
    check_place(list, 3, 10);
    assert_int_equal(list->key_pos.column, 3);
    assert_int_equal(list->n_children, 2);
    check_place(core_node_at(list, 0), 3, 11);
    check_place(core_node_at(list, 1), 4, 5);
    check_place(core_node_get(core_node_at(list, 1), "c"), 4, 12);
    assert_string_equal(list->pos.file, names[i]);
    assert_null(core_node_at(list, 2));
    assert_null(core_node_get(list, "a"));
    assert_null(core_node_get(tree.root, "nothing"));
    core_tree_close(&tree);
  }
}

static void malformed_yaml_is_refused_where_it_is_wrong(void **state) {
  (void)state;
  fails_at("x.yaml",
           "a: 1\n"
           "b: c: d\n",
           2, "    ^", "mapping values are not allowed");
  fails_at("x.yaml", "\ta: 1", 1, "^", "cannot start any token");
  fails_at("x.yaml",
           "a: [1, 2\n"
           "b: 3\n",
           2, " ^", "did not find expected ',' or ']'");
  fails_at("x.yaml", "a: 'x\n", 2, "^", "unexpected end of stream");
  fails_at("x.yaml", "a: x\x01y\n", 1, "    ^", "control characters");
  fails_at("x.yaml", "a: \xff\n", 1, "   ^", "byte 0xff is not valid UTF-8");
  fails_at("x.yaml", "\xc3\xa9: \xed\xa0\x80\n", 1, "   ^", "byte 0xed is not valid UTF-8");
}

static void what_a_tree_cannot_say_is_refused(void **state) {
  (void)state;
  fails_at("x.yaml",
           "a: 1\n"
           "b: 2\n"
           "a: 3\n",
           3, "^", "duplicate key 'a'; it stands in line 1");
  fails_at("x.yaml", "a: {b: 1, c: 2, b: 3}", 1, "                ^", "duplicate key 'b'");
  fails_at("x.yaml", "a: &anchor 1\n", 1, "   ^", "anchor '&anchor'");
  fails_at("x.yaml", "a: *alias\n", 1, "   ^", "alias '*alias'");
  fails_at("x.yaml", "<<: *alias\n", 1, "    ^", "alias '*alias'");
  fails_at("x.yaml",
           "a: 1\n"
           "---\n"
           "b: 2\n",
           2, "^", "second document");
  fails_at("x.yaml", "a: !!python/object x\n", 1, "   ^", "python/object");
  fails_at("x.yaml", "? [a, b]\n: 1\n", 1, "  ^", "a key must be a text, not a list");
  fails_at("x.yaml", "\"a\\0b\": 1\n", 1, "^", "NUL");
  fails_at("x.json",
           "{\"a\": 1,\n"
           " \"a\": 2}",
           2, " ^", "duplicate key \"a\"");
}

static void malformed_json_is_refused_where_it_is_wrong(void **state) {
  (void)state;
  fails_at("x.json", "{\"a\": 1 \"b\": 2}", 1, "        ^", "'}' expected");
  fails_at("x.json",
           "{\"a\": 1,\n"
           "  \"b\": tru}",
           2, "       ^", "invalid token");
  fails_at("x.json", "{\"\xc3\xa9\": \"x\\q\"}", 1, "      ^", "invalid escape");
  fails_at("x.json", "[1, 2", 1, "     ^", "end");
  fails_at("x.json", "[1,]", 1, "   ^", "unexpected token");
  fails_at("x.json", "{} x", 1, "   ^", "end of file expected");
  fails_at("x.json", "", 1, "^", "malformed JSON");
  fails_at("x.json", "{a: 1}", 1, " ^", "string or '}' expected");
  fails_at("x.json", "[\"\xff\"]", 1, "  ^", "not valid UTF-8");
  fails_at("x.json", "[1e999]", 1, " ^", "overflow");
}

static void untrusted_text_is_escaped_in_the_sentence(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_error err;
  assert_int_equal(parse(&tree, "x.yaml", "\"\\e[2J\": 1\n\"\\e[2J\": 2\n", &err), CORE_INVAL);
  assert_non_null(strstr(err.message, "'\\x1b[2J'"));
  assert_null(strchr(err.message, '\033'));
}

static char *nested(const char *open, const char *close, int depth) {
  struct core_str s = {0};
  for (int i = 0; i < depth; i++) core_str_text_append(&s, open);
  core_str_text_append(&s, "1");
  for (int i = 0; i < depth; i++) core_str_text_append(&s, close);
  assert_non_null(s.data);
  return s.data;
}

static void depth_is_bounded(void **state) {
  (void)state;
  const char *const names[] = {"x.json", "x.yaml"};
  for (int i = 0; i < 2; i++) {
    struct core_tree tree;
    struct core_error err;
    char *text = nested("[", "]", 100);
    assert_int_equal(parse(&tree, names[i], text, &err), CORE_OK);
    core_tree_close(&tree);
    core_free(text);
    text = nested("[", "]", 101);
    char caret[102];
    memset(caret, ' ', 100);
    memcpy(caret + 100, "^", 2);
    fails_at(names[i], text, 1, caret, "100 levels");
    core_free(text);
    text = nested("{\"a\":", "}", 101);
    assert_int_equal(parse(&tree, names[i], text, &err), CORE_INVAL);
    core_free(text);
    text = nested("[", "", 1000000); /* neither stack nor time */
    assert_int_equal(parse(&tree, names[i], text, &err), CORE_INVAL);
    core_free(text);
  }
}

static void size_is_bounded(void **state) {
  (void)state;
  const size_t len = ((size_t)64 << 20) + 1;
  char *text = core_alloc(len);
  assert_non_null(text);
  memset(text, ' ', len);
  struct core_tree tree;
  struct core_error err = {0};
  assert_int_equal(core_tree_parse(&tree, "x.yaml", text, len, &err), CORE_LIMIT);
  assert_non_null(strstr(err.message, "64 MiB"));
  memset(text, ',', len);
  text[0] = '[';
  core_error_clear(&err);
  assert_int_equal(core_tree_parse(&tree, "x.json", text, len - 1, &err),
                   CORE_LIMIT); /* before jansson sees it */
  core_free(text);
}

static void many_keys_take_no_quadratic_time(void **state) {
  (void)state;
  struct core_str s = {0};
  for (int i = 0; i < 100000; i++) core_str_printf(&s, "k%d: 1\n", i);
  struct core_tree a, b;
  struct core_error err;
  assert_int_equal(parse(&a, "x.yaml", core_str_text(&s), &err), CORE_OK);
  assert_int_equal(parse(&b, "x.yaml", core_str_text(&s), &err), CORE_OK);
  assert_int_equal(a.root->n_children, 100000);
  assert_true(core_node_equal(a.root, b.root));
  core_tree_close(&a);
  core_tree_close(&b);
  core_str_text_append(&s, "k7: 1\n");
  assert_int_equal(parse(&a, "x.yaml", core_str_text(&s), &err), CORE_INVAL);
  assert_int_equal(err.line, 100001);
  core_str_close(&s);
}

static void equality_is_by_value(void **state) {
  (void)state;
  const struct {
    const char *a, *b;
    bool equal;
  } cases[] = {{"1", "1.0", true},
               {"true", "1", false},
               {"[1, 2]", "[2, 1]", false},
               {"{a: 1, b: 2}", "{b: 2.0, a: 1}", true},
               {"{a: 1}", "{a: 1, b: 2}", false},
               {"{a: 1, b: 2}", "{a: 1, c: 2}", false},
               {"'1'", "1", false},
               {"~", "null", true},
               {"9007199254740993", "9007199254740992.0", false},
               {".nan", ".nan", true},
               {"[]", "{}", false},
               {"x", "'x'", true},
               {"9223372036854775807", "9.223372036854775807e18", false}};
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    struct core_tree a, b;
    struct core_error err;
    assert_int_equal(parse(&a, "a", cases[i].a, &err), CORE_OK);
    assert_int_equal(parse(&b, "b", cases[i].b, &err), CORE_OK);
    assert_int_equal(core_node_equal(a.root, b.root), cases[i].equal);
    assert_int_equal(core_node_equal(b.root, a.root), cases[i].equal);
    core_tree_close(&a);
    core_tree_close(&b);
  }
}

static void files_are_read_by_name(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_error err = {0};
  const char *path = test_path("study.yaml");
  test_write_file(path, "trials: 100\n");
  assert_int_equal(core_tree_open(&tree, path, &err), CORE_OK);
  assert_int_equal(core_node_get(tree.root, "trials")->integer, 100);
  assert_string_equal(tree.root->pos.file, path);
  core_tree_close(&tree);
  assert_int_equal(core_tree_open(&tree, test_path("absent"), &err), CORE_IO);
  assert_non_null(strstr(err.message, "No such file"));
  core_error_clear(&err);
  assert_int_equal(core_tree_open(&tree, test_folder(), &err), CORE_IO);
  assert_non_null(strstr(err.message, "Is a directory"));
}

static void texts_with_nul_keep_their_length(void **state) {
  (void)state;
  struct core_tree tree;
  struct core_error err;
  const char *const names[] = {"x.json", "x.yaml"};
  const char *const texts[] = {"[\"a\\u0000b\"]", "[\"a\\0b\"]"};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(parse(&tree, names[i], texts[i], &err), CORE_OK);
    assert_int_equal(tree.root->first->text.len, 3);
    assert_memory_equal(tree.root->first->text.data, "a\0b", 4);
    core_tree_close(&tree);
  }
}

static void any_failing_allocation_is_told(void **state) {
  (void)state;
  const char *const names[] = {"x.json", "x.yaml"};
  const char *const text = "{\"a\": [1, NaN, \"x\"], \"b\": {\"c\": null, \"d\": true, \"long\": "
                           "\"0123456789012345678901234567890123456789\"}}";
  for (int i = 0; i < 2; i++) {
    bool done = false;
    for (unsigned long long n = 1; !done; n++) {
      struct core_tree tree;
      struct core_error err;
      core_mem_fail_at(n);
      const enum core_status st = parse(&tree, names[i], text, &err);
      core_mem_fail_at(0);
      assert_true(st == CORE_OK || st == CORE_NOMEM);
      assert_int_equal(err.status, st);
      done = st == CORE_OK;
      core_tree_close(&tree);
      assert_true(n < 1000);
    }
  }
}

/* Every prefix, and every text with one byte changed, is taken or refused with a place, and nothing
 * else happens. */
static void damaged_texts_do_no_harm(void **state) {
  (void)state;
  const char *const names[] = {"x.json", "x.yaml"};
  const char *const texts[] = {
      "{\"a\": [1, -2.5e3, NaN], \"b\": {\"c\": \"x\\u00e9\\n\", \"d\": [true, null]}}",
      "a: [1, 'x', \"y\\n\"]\nb:\n  - c: |\n      text\n    d: 0x1f\n"};
  const char bytes[] = {'\0', '"', '\\', '{', '}', '[',    ']',    ':', ',',
                        '\n', '*', '&',  '!', '-', '\xff', '\xc3', 'a', ' '};
  for (int i = 0; i < 2; i++) {
    const size_t len = strlen(texts[i]);
    char *copy = core_strdup(texts[i]);
    struct core_tree tree;
    for (size_t at = 0; at < len; at++) {
      for (size_t k = 0; k <= CORE_COUNT_OF(bytes); k++) {
        struct core_error err = {0};
        const bool cut = k == CORE_COUNT_OF(bytes);
        copy[at] = cut ? texts[i][at] : bytes[k];
        const enum core_status st = core_tree_parse(&tree, names[i], copy, cut ? at : len, &err);
        assert_true(st == CORE_OK || (st == CORE_INVAL && err.line > 0 && err.column > 0));
        core_tree_close(&tree);
      }
      copy[at] = texts[i][at];
    }
    core_free(copy);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_scalars_follow_the_core_schema),
      cmocka_unit_test(documents_of_both_syntaxes_give_one_tree),
      cmocka_unit_test(pythons_numbers_are_read_in_json),
      cmocka_unit_test(not_a_number_is_null_outside_of_python),
      cmocka_unit_test(every_node_knows_its_place),
      cmocka_unit_test(malformed_yaml_is_refused_where_it_is_wrong),
      cmocka_unit_test(what_a_tree_cannot_say_is_refused),
      cmocka_unit_test(malformed_json_is_refused_where_it_is_wrong),
      cmocka_unit_test(untrusted_text_is_escaped_in_the_sentence),
      cmocka_unit_test(depth_is_bounded),
      cmocka_unit_test(size_is_bounded),
      cmocka_unit_test(many_keys_take_no_quadratic_time),
      cmocka_unit_test(equality_is_by_value),
      cmocka_unit_test(files_are_read_by_name),
      cmocka_unit_test(texts_with_nul_keep_their_length),
      cmocka_unit_test(any_failing_allocation_is_told),
      cmocka_unit_test(damaged_texts_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
