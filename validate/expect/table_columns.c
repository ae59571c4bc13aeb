/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which columns a table has, and in which order. */
#include "validate/expect/aggregate.h"

#include <stdlib.h>
#include <string.h>

static enum core_status nothing_to_plan(const struct val_expected *expected, struct val_plan *plan,
                                        struct core_error *err) {
  (void)expected, (void)plan, (void)err;
  return CORE_OK;
}

static const struct core_node *given_list(const struct val_expected *expected, const char *name) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, name);
  return value->given ? value->node : NULL;
}

static enum core_status check_names(const struct val_expected *expected, const char *name,
                                    struct core_error *err) {
  const struct core_node *list = given_list(expected, name);
  for (const struct core_node *item = list ? list->first : NULL; item; item = item->next)
    if (item->kind != CORE_NODE_STRING)
      return core_fail_at(err, CORE_INVAL, item->pos, "%s must name columns, not hold %s", name,
                          core_node_kind_name(item->kind));
  return CORE_OK;
}

static void json_name(const char *name, struct core_str *out) {
  if (name)
    core_str_json(out, name, strlen(name));
  else
    core_str_text_append(out, "null");
}

static enum core_status observe_names(const struct val_evidence *evidence,
                                      struct val_verdict *verdict, struct core_error *err) {
  struct core_str json = {0}, text = {0};
  core_str_char(&json, '[');
  for (size_t i = 0; i < evidence->schema->n_fields; i++) {
    const char *name = evidence->schema->fields[i].name;
    if (i) core_str_char(&json, ',');
    json_name(name, &json);
    core_str_printf(&text, "%s%s", i ? ", " : "", name);
  }
  core_str_char(&json, ']');
  enum core_status st = val_keep_str(&json, evidence->arena, &verdict->observed_json, err);
  if (st == CORE_OK) st = val_keep_str(&text, evidence->arena, &verdict->observed_text, err);
  core_str_close(&json);
  core_str_close(&text);
  return st;
}

/* ---- one column ---- */

/* In Great Expectations index 0 counts as not given. */
static enum core_status exist_judge(const struct val_expected *expected,
                                    const struct val_evidence *evidence,
                                    struct val_verdict *verdict, struct core_error *err) {
  (void)err;
  const size_t at =
      val_schema_find(evidence->schema, core_option_text(&expected->kwargs, "column"));
  const struct core_option_value *index = core_option_get(&expected->kwargs, "column_index");
  const bool given = index->given && !(expected->gx_quirks && index->integer == 0);
  verdict->success = at < evidence->schema->n_fields && (!given || (int64_t)at == index->integer);
  return CORE_OK;
}

/* ---- in order ---- */

static enum core_status list_check(const struct val_expected *expected, struct core_error *err) {
  return check_names(expected, "column_list", err);
}

static const char *text_of(const struct core_node *node) {
  return node ? node->text.data : NULL;
}

/* Appends what differs; says whether anything does. */
static bool compare_lists(const struct val_schema *schema, const struct core_node *list,
                          struct core_str *out) {
  const struct core_node *item = list->first;
  bool differs = false;
  for (size_t i = 0; i < schema->n_fields || item; i++) {
    const char *found = i < schema->n_fields ? schema->fields[i].name : NULL;
    const char *wanted = text_of(item);
    if (!core_streq(found, wanted)) {
      core_str_printf(out, "%s{\"Expected Column Position\":%zu,\"Expected\":", differs ? "," : "",
                      i);
      json_name(wanted, out);
      core_str_text_append(out, ",\"Found\":");
      json_name(found, out);
      core_str_char(out, '}');
      differs = true;
    }
    if (item) item = item->next;
  }
  return differs;
}

static enum core_status ordered_judge(const struct val_expected *expected,
                                      const struct val_evidence *evidence,
                                      struct val_verdict *verdict, struct core_error *err) {
  const struct core_node *list = given_list(expected, "column_list");
  struct core_str details = {0};
  verdict->success = true;
  CORE_TRY(observe_names(evidence, verdict, err));
  if (!list) return CORE_OK;
  core_str_text_append(&details, "{\"mismatched\":[");
  verdict->success = !compare_lists(evidence->schema, list, &details);
  core_str_text_append(&details, "]}");
  enum core_status st = CORE_OK;
  if (!verdict->success) st = val_keep_str(&details, evidence->arena, &verdict->details_json, err);
  core_str_close(&details);
  return st;
}

/* ---- as a set ---- */

static enum core_status set_check(const struct val_expected *expected, struct core_error *err) {
  return check_names(expected, "column_set", err);
}

struct names {
  const char **items;
  size_t n;
};

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool in_schema(const struct val_schema *schema, const char *name) {
  return val_schema_find(schema, name) < schema->n_fields;
}

static bool in_list(const struct core_node *list, const char *name) {
  for (const struct core_node *item = list ? list->first : NULL; item; item = item->next)
    if (core_streq(item->text.data, name)) return true;
  return false;
}

static void append_names(const char *key, struct names *names, struct core_str *out) {
  if (names->n == 0) return;
  qsort(names->items, names->n, sizeof *names->items, by_text);
  core_str_printf(out, "%s\"%s\":[", out->data[out->len - 1] == '{' ? "" : ",", key);
  for (size_t i = 0; i < names->n; i++) {
    if (i) core_str_char(out, ',');
    json_name(names->items[i], out);
  }
  core_str_char(out, ']');
}

static enum core_status set_details(const struct core_node *set,
                                    const struct val_evidence *evidence, struct names *unexpected,
                                    struct names *missing, struct val_verdict *verdict,
                                    struct core_error *err) {
  struct core_str details = {0};
  for (size_t i = 0; i < evidence->schema->n_fields; i++)
    if (!in_list(set, evidence->schema->fields[i].name))
      unexpected->items[unexpected->n++] = evidence->schema->fields[i].name;
  for (const struct core_node *item = set ? set->first : NULL; item; item = item->next)
    if (!in_schema(evidence->schema, item->text.data))
      missing->items[missing->n++] = item->text.data;
  core_str_text_append(&details, "{\"mismatched\":{");
  enum core_status st = core_str_status(&details, err);
  if (st == CORE_OK) {
    append_names("unexpected", unexpected, &details);
    append_names("missing", missing, &details);
    core_str_text_append(&details, "}}");
    st = val_keep_str(&details, evidence->arena, &verdict->details_json, err);
  }
  core_str_close(&details);
  return st;
}

static enum core_status set_judge(const struct val_expected *expected,
                                  const struct val_evidence *evidence, struct val_verdict *verdict,
                                  struct core_error *err) {
  const struct core_node *set = given_list(expected, "column_set");
  const bool exact = core_option_flag(&expected->kwargs, "exact_match");
  CORE_TRY(observe_names(evidence, verdict, err));
  verdict->success = true;
  if (!set && !exact) return CORE_OK;
  struct names unexpected = {core_calloc(evidence->schema->n_fields + 1, sizeof(char *)), 0};
  struct names missing = {core_calloc(set ? set->n_children + 1 : 1, sizeof(char *)), 0};
  enum core_status st = CORE_OK;
  if (unexpected.items && missing.items)
    st = set_details(set, evidence, &unexpected, &missing, verdict, err);
  else
    st = core_fail_nomem(err, sizeof(char *));
  verdict->success = missing.n == 0 && (!exact || unexpected.n == 0);
  core_free(unexpected.items);
  core_free(missing.items);
  return st;
}

/* ---- rows ---- */

static const struct core_option exist_kwargs[] = {
    VAL_KWARG_COLUMN,
    {.name = "column_index",
     .type = CORE_OPT_INT,
     .nullable = true,
     .help = "where it must stand, counted from 0; 0 itself is not checked"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_to_exist = {
    .name = "expect_column_to_exist",
    .summary = "the table has a column of that name",
    .kind = VAL_EXPECT_TABLE,
    .kwargs = exist_kwargs,
    .plan = nothing_to_plan,
    .judge = exist_judge,
};

static const struct core_option list_kwargs[] = {{.name = "column_list",
                                                  .type = CORE_OPT_LIST,
                                                  .nullable = true,
                                                  .help = "the columns in order"},
                                                 CORE_OPTION_END};
const struct val_expectation_ops val_expect_table_columns_to_match_ordered_list = {
    .name = "expect_table_columns_to_match_ordered_list",
    .summary = "the table has these columns in this order",
    .kind = VAL_EXPECT_TABLE,
    .kwargs = list_kwargs,
    .check = list_check,
    .plan = nothing_to_plan,
    .judge = ordered_judge,
};

static const struct core_option set_kwargs[] = {
    {.name = "column_set", .type = CORE_OPT_LIST, .nullable = true, .help = "the columns"},
    {.name = "exact_match",
     .type = CORE_OPT_FLAG,
     .fallback = "true",
     .nullable = true,
     .help = "other columns are not allowed"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_table_columns_to_match_set = {
    .name = "expect_table_columns_to_match_set",
    .summary = "the table has these columns in any order",
    .kind = VAL_EXPECT_TABLE,
    .kwargs = set_kwargs,
    .check = set_check,
    .plan = nothing_to_plan,
    .judge = set_judge,
};
