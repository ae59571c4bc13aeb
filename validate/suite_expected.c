/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/suite_read.h"

#include "validate/condition/condition.h"
#include <string.h>

/* Keyword arguments that belong to every expectation and are read here, not by its rows. */
static const char *const common_keys[] = {"result_format",
                                          "catch_exceptions",
                                          "include_config",
                                          "severity",
                                          "meta",
                                          "notes",
                                          "id",
                                          "description",
                                          "batch_id",
                                          "row_condition",
                                          "condition_parser",
                                          NULL};

static enum core_status unknown_name(const struct val_written *from, struct core_error *err) {
  const struct val_expectation_ops *const *all = val_expectation_all();
  size_t n = 0;
  while (all[n]) n++;
  const char **names = core_calloc(n + 1, sizeof *names);
  if (!names) return core_fail_nomem(err, (n + 1) * sizeof *names);
  for (size_t i = 0; i < n; i++) names[i] = all[i]->name;
  const char *hint = core_nearest(from->name, names);
  const enum core_status st =
      hint ? core_fail_at(err, CORE_INVAL, from->name_pos,
                          "unknown expectation '%s'; did you mean '%s'?", from->name, hint)
           : core_fail_at(err, CORE_INVAL, from->name_pos,
                          "unknown expectation '%s'; docs/expectations.md lists those there are",
                          from->name);
  core_free(names);
  return st;
}

/* ---- row_condition ---- */

static enum core_status read_condition(struct val_expected *expected,
                                       const struct core_node *kwargs, struct core_error *err) {
  const struct core_node *node = core_node_get(kwargs, "row_condition");
  if (!node || node->kind == CORE_NODE_NULL) return CORE_OK;
  expected->condition = core_calloc(1, sizeof *expected->condition);
  if (!expected->condition) return core_fail_nomem(err, sizeof *expected->condition);
  CORE_TRY(val_condition_open(expected->condition, node, core_node_get(kwargs, "condition_parser"),
                              err));
  if (!val_condition_is_dead(expected->condition)) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, node->pos,
                      "row_condition can hold for no row, so the expectation would check nothing");
}

/* ---- result_format ---- */

static const char *const format_names[] = {"BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE", NULL};

static enum core_status read_format_name(struct val_expected *expected, const char *name,
                                         struct core_pos pos, struct core_error *err) {
  for (int i = 0; format_names[i]; i++) {
    if (!core_streq(name, format_names[i])) continue;
    expected->format = (enum val_result_format)i;
    return CORE_OK;
  }
  const char *hint = core_nearest(name, format_names);
  return core_fail_at(err, CORE_INVAL, pos, "unknown result_format '%s'; did you mean '%s'?", name,
                      hint ? hint : "SUMMARY");
}

static const struct core_option format_rows[] = {
    {.name = "result_format",
     .type = CORE_OPT_CHOICE,
     .fallback = "SUMMARY",
     .choices = "BOOLEAN_ONLY|BASIC|SUMMARY|COMPLETE",
     .help = "how much is shown"},
    {.name = "partial_unexpected_count",
     .type = CORE_OPT_INT,
     .fallback = "20",
     .min = 0,
     .max = 1e9,
     .help = "failing values kept below COMPLETE"},
    {.name = "unexpected_index_column_names",
     .type = CORE_OPT_LIST,
     .nullable = true,
     .help = "columns that name a failing row"},
    {.name = "exclude_unexpected_values",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "failing values are not shown"},
    {.name = "include_unexpected_rows",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "failing rows with all their columns, in Great Expectations' result"},
    {.name = "return_unexpected_index_query",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "a pandas expression for the failing rows, in Great Expectations' result"},
    CORE_OPTION_END};

static enum core_status read_index_columns(struct val_expected *expected,
                                           const struct core_option_value *list,
                                           struct core_arena *arena, struct core_error *err) {
  if (!list->given || !list->node->first) return CORE_OK;
  const char **names = core_arena_calloc(arena, list->node->n_children + 1, sizeof *names);
  if (!names) return core_fail_nomem(err, list->node->n_children * sizeof *names);
  size_t n = 0;
  for (const struct core_node *item = list->node->first; item; item = item->next) {
    if (item->kind != CORE_NODE_STRING)
      return core_fail_at(err, CORE_INVAL, item->pos,
                          "unexpected_index_column_names must name columns, not hold %s",
                          core_node_kind_name(item->kind));
    names[n++] = item->text.data;
  }
  expected->index_columns = names;
  return CORE_OK;
}

static enum core_status read_format_map(struct val_expected *expected, const struct core_node *node,
                                        struct core_arena *arena, struct core_error *err) {
  struct core_options options;
  CORE_TRY(core_options_open(&options, format_rows, node, "result_format", NULL, err));
  expected->partial_count = (size_t)core_option_int(&options, "partial_unexpected_count");
  expected->exclude_values = core_option_flag(&options, "exclude_unexpected_values");
  expected->include_rows = core_option_flag(&options, "include_unexpected_rows");
  expected->index_query = core_option_flag(&options, "return_unexpected_index_query");
  enum core_status st =
      read_format_name(expected, core_option_text(&options, "result_format"), node->pos, err);
  if (st == CORE_OK)
    st = read_index_columns(expected, core_option_get(&options, "unexpected_index_column_names"),
                            arena, err);
  core_options_close(&options);
  return st;
}

static enum core_status read_format(struct val_expected *expected, const struct core_node *kwargs,
                                    struct core_arena *arena, struct core_error *err) {
  const struct core_node *node = core_node_get(kwargs, "result_format");
  if (!node || node->kind == CORE_NODE_NULL) return CORE_OK;
  if (node->kind == CORE_NODE_STRING)
    return read_format_name(expected, node->text.data, node->pos, err);
  if (node->kind == CORE_NODE_MAP) return read_format_map(expected, node, arena, err);
  return core_fail_at(err, CORE_INVAL, node->pos, "result_format must be text or a map, not %s",
                      core_node_kind_name(node->kind));
}

/* Great Expectations' validation catches whatever a saved suite says: there the key has no meaning. */
static enum core_status read_catch(struct val_expected *expected, const struct val_written *from,
                                   struct core_error *err) {
  const struct core_node *node =
      from->written ? NULL : core_node_get(from->kwargs, "catch_exceptions");
  if (!node || node->kind == CORE_NODE_NULL) return CORE_OK;
  if (node->kind != CORE_NODE_BOOL)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "catch_exceptions must be true or false, not %s",
                        core_node_kind_name(node->kind));
  expected->stop_on_exception = !node->boolean;
  return CORE_OK;
}

/* ---- severity and the words around ---- */

/* A key beside the kwargs, or among them. */
static const struct core_node *beside(const struct val_written *from, const char *key) {
  const struct core_node *node = from->written ? core_node_get(from->written, key) : NULL;
  if (!node && from->kwargs && from->kwargs->kind == CORE_NODE_MAP)
    node = core_node_get(from->kwargs, key);
  return node && node->kind != CORE_NODE_NULL ? node : NULL;
}

static const char *text_beside(const struct val_written *from, const char *key) {
  const struct core_node *node = beside(from, key);
  return node && node->kind == CORE_NODE_STRING ? node->text.data : NULL;
}

static enum core_status read_severity(struct val_expected *expected, const struct val_written *from,
                                      struct core_error *err) {
  static const char *const names[] = {"info", "warning", "critical", NULL};
  const struct core_node *node = beside(from, "severity");
  if (!node) return CORE_OK;
  if (node->kind == CORE_NODE_STRING && val_severity_parse(node->text.data, &expected->severity))
    return CORE_OK;
  const char *hint = node->kind == CORE_NODE_STRING ? core_nearest(node->text.data, names) : NULL;
  return core_fail_at(err, CORE_INVAL, node->pos,
                      hint ? "unknown severity '%s'; did you mean '%s'?"
                           : "unknown severity '%s'; it must be critical, warning or info%.0s",
                      node->text.data ? node->text.data : core_node_kind_name(node->kind),
                      hint ? hint : "");
}

static const char *description_of(const struct val_written *from) {
  const char *text = text_beside(from, "description");
  const struct core_node *context = beside(from, "expectation_context");
  if (text || !context || context->kind != CORE_NODE_MAP) return text;
  const struct core_node *inner = core_node_get(context, "description");
  return inner && inner->kind == CORE_NODE_STRING ? inner->text.data : NULL;
}

/* ---- one expectation ---- */

static enum core_status read_kwargs(struct val_expected *expected, const struct val_written *from,
                                    const struct val_parameters *parameters,
                                    struct core_arena *arena, struct core_error *err) {
  const struct core_node *kwargs = from->kwargs;
  if (kwargs && kwargs->kind != CORE_NODE_MAP && kwargs->kind != CORE_NODE_NULL)
    return core_fail_at(err, CORE_INVAL, kwargs->pos, "the arguments of '%s' must be a map, not %s",
                        from->name, core_node_kind_name(kwargs->kind));
  const bool given = kwargs && kwargs->kind == CORE_NODE_MAP;
  if (given) {
    CORE_TRY(val_parameters_fill(from->kwargs, parameters, arena, err));
    CORE_TRY(read_condition(expected, kwargs, err));
    CORE_TRY(read_format(expected, kwargs, arena, err));
    CORE_TRY(read_catch(expected, from, err));
  }
  CORE_TRY(core_options_open(&expected->kwargs, expected->ops->kwargs, given ? kwargs : NULL,
                             from->name, common_keys, err));
  if (!given) expected->kwargs.pos = from->name_pos;
  return expected->ops->check ? expected->ops->check(expected, err) : CORE_OK;
}

enum core_status val_expected_open(struct val_expected *expected, const struct val_written *from,
                                   const struct val_parameters *parameters,
                                   struct core_arena *arena, struct core_error *err) {
  *expected = (struct val_expected){.ops = val_expectation_find(from->name),
                                    .kwargs_node = from->kwargs,
                                    .meta = beside(from, "meta"),
                                    .notes = beside(from, "notes"),
                                    .id = text_beside(from, "id"),
                                    .description = description_of(from),
                                    .severity = VAL_SEVERITY_CRITICAL,
                                    .format = VAL_FORMAT_SUMMARY,
                                    .partial_count = 20,
                                    .pos = from->name_pos};
  if (!expected->ops) return unknown_name(from, err);
  CORE_TRY(read_severity(expected, from, err));
  return read_kwargs(expected, from, parameters, arena, err);
}

void val_expected_close(struct val_expected *expected) {
  if (expected->condition) val_condition_close(expected->condition);
  core_free(expected->condition);
  expected->condition = NULL;
  core_options_close(&expected->kwargs);
}
