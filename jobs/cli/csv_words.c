/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/cli/csv_words.h"

#include <string.h>

#include "validate/csv_options.h"

static enum core_status append_word(const char *text, struct core_str *json,
                                    struct core_error *err) {
  struct core_tree value;
  const char *equals = strchr(text, '=');
  if (!equals || equals == text)
    return core_fail(err, CORE_INVAL, "--csv %s: it must be KEY=VALUE, or auto", text);
  const size_t n = (size_t)(equals - text);
  core_str_char(json, json->len ? ',' : '{');
  core_str_json(json, text, n);
  core_str_char(json, ':');
  if ((n == 9 && strncmp(text, "delimiter", n) == 0) ||
      (n == 5 && strncmp(text, "quote", n) == 0)) {
    core_str_json(json, equals + 1, strlen(equals + 1)); /* no YAML: it may be any character */
    return CORE_OK;
  }
  CORE_TRY(core_tree_parse(&value, "--csv", equals + 1, strlen(equals + 1), err));
  core_node_json(value.root, true, json);
  core_tree_close(&value);
  return CORE_OK;
}

enum core_status job_csv_options(const struct core_options *options, struct core_arena *arena,
                                 struct val_read_options *read, struct core_error *err) {
  const struct core_node *list = core_option_node(options, "csv");
  struct core_tree tree = {.root = NULL};
  struct core_str json = {0};
  enum core_status st = CORE_OK;
  for (const struct core_node *one = list ? list->first : NULL; st == CORE_OK && one;
       one = one->next) {
    if (core_streq(one->text.data, "auto"))
      st = val_csv_options_read(one, arena, read, err);
    else
      st = append_word(one->text.data, &json, err);
  }
  if (json.len) core_str_char(&json, '}');
  if (st == CORE_OK) st = core_str_status(&json, err);
  if (st == CORE_OK && json.len) {
    st = core_tree_parse_json(&tree, "--csv", json.data, json.len, err);
    if (st == CORE_OK) st = val_csv_options_read(tree.root, arena, read, err);
    core_tree_close(&tree);
  }
  core_str_close(&json);
  return st;
}
