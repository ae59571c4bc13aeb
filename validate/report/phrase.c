/* SPDX-License-Identifier: GPL-3.0-or-later
 * Turns "expect_column_values_to_be_between" into "values must be between" and puts the arguments
 * where they read best: bounds and the operand (a set, a regex, a number) in the sentence,
 * everything else in brackets behind it. */
#include "validate/report/phrase.h"

#include "core/num.h"
#include "validate/expect/expectation.h"
#include <string.h>

/* Arguments that stand right behind the sentence. */
static const char *const operands[] = {"value",
                                       "value_set",
                                       "regex",
                                       "regex_list",
                                       "type_",
                                       "type_list",
                                       "column_set",
                                       "like_pattern",
                                       "threshold",
                                       "sum_total",
                                       "like_pattern_list",
                                       "value_pairs_set",
                                       "strftime_format",
                                       "other_table_name",
                                       NULL};
/* Arguments that are told elsewhere, or not at all. */
static const char *const silent[] = {"column",
                                     "column_A",
                                     "column_B",
                                     "column_list",
                                     "min_value",
                                     "max_value",
                                     "strict_min",
                                     "strict_max",
                                     "mostly",
                                     "result_format",
                                     "catch_exceptions",
                                     "include_config",
                                     "meta",
                                     "severity",
                                     "row_condition",
                                     "condition_parser",
                                     "description",
                                     "id",
                                     "notes",
                                     "quantile_ranges",
                                     NULL};

static bool listed(const char *const *list, const char *key) {
  for (; *list; list++)
    if (strcmp(*list, key) == 0) return true;
  return false;
}

static bool is_table(const struct val_expected *expected) {
  return expected->ops->kind == VAL_EXPECT_TABLE;
}

/* The argument when it was given and is not null. */
static const struct core_node *argument(const struct val_expected *expected, const char *key) {
  const struct core_node *node =
      expected->kwargs_node ? core_node_get(expected->kwargs_node, key) : NULL;
  return node && node->kind != CORE_NODE_NULL ? node : NULL;
}

static bool is_true(const struct val_expected *expected, const char *key) {
  const struct core_node *node = argument(expected, key);
  return node && node->kind == CORE_NODE_BOOL && node->boolean;
}

static void append_node(const struct core_node *node, struct core_str *out) {
  if (node->kind == CORE_NODE_STRING)
    core_str_append(out, node->text.data, node->text.len);
  else if (core_node_is_number(node)) {
    char text[CORE_NUM_BYTES];
    if (node->kind == CORE_NODE_INT)
      core_format_int64(node->integer, text);
    else
      core_format_number(node->number, text);
    core_str_text_append(out, text);
  } else {
    core_node_json(node, true, out);
  }
}

static void append_names(const struct core_node *list, struct core_str *out) {
  for (const struct core_node *name = list->first; name; name = name->next) {
    if (name != list->first) core_str_text_append(out, ", ");
    append_node(name, out);
  }
}

void val_phrase_domain(const struct val_expected *expected, struct core_str *out) {
  const struct core_node *column = argument(expected, "column");
  const struct core_node *a = argument(expected, "column_A"), *b = argument(expected, "column_B");
  const struct core_node *list = is_table(expected) ? NULL : argument(expected, "column_list");
  if (column) {
    append_node(column, out);
  } else if (a && b) {
    append_node(a, out);
    core_str_text_append(out, ", ");
    append_node(b, out);
  } else if (list) {
    append_names(list, out);
  } else {
    core_str_text_append(out, "(table)");
  }
}

/* The name without what val_phrase_domain tells already. */
static const char *bare_name(const char *name) {
  static const char *const prefixes[] = {"expect_column_pair_values_", "expect_column_",
                                         "expect_table_", "expect_select_column_", "expect_"};
  for (size_t i = 0; i < CORE_COUNT_OF(prefixes); i++)
    if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return name + strlen(prefixes[i]);
  return name;
}

/* The words of the name: the first "to" becomes "must"; a and b of a pair become the columns'
 * names. */
static void append_words(const struct val_expected *expected, size_t len, struct core_str *out) {
  const char *name = bare_name(expected->ops->name);
  const bool pair = expected->ops->kind == VAL_EXPECT_PAIR;
  bool must = false;
  for (size_t start = 0; start < len;) {
    size_t end = start;
    while (end < len && name[end] != '_') end++;
    const struct core_slice word = {name + start, end - start};
    const bool is_a = pair && core_slice_is(word, "a"), is_b = pair && core_slice_is(word, "b");
    const struct core_node *column =
        is_a || is_b ? argument(expected, is_a ? "column_A" : "column_B") : NULL;
    if (start > 0) core_str_char(out, ' ');
    if (column) {
      append_node(column, out);
    } else if (!must && core_slice_is(word, "to")) {
      core_str_text_append(out, "must");
      must = true;
    } else {
      core_str_append(out, word.data, word.len);
    }
    start = end + 1;
  }
}

static void append_bound(const char *word, const struct core_node *bound, struct core_str *out) {
  core_str_text_append(out, word);
  append_node(bound, out);
}

static void append_range(const struct val_expected *expected, struct core_str *out) {
  const struct core_node *low = argument(expected, "min_value"),
                         *high = argument(expected, "max_value");
  const bool above = is_true(expected, "strict_min"), below = is_true(expected, "strict_max");
  if (low && high && !above && !below) {
    append_bound(" between ", low, out);
    append_bound(" and ", high, out);
    return;
  }
  if (low) append_bound(above ? " above " : " at least ", low, out);
  if (low && high) core_str_text_append(out, " and");
  if (high) append_bound(below ? " below " : " at most ", high, out);
  if (!low && !high) core_str_text_append(out, " anything");
}

/* "between 0 and 2 at 0.1, at least 4 at 0.9". */
static void append_quantiles(const struct core_node *ranges, struct core_str *out) {
  const struct core_node *at = core_node_get(ranges, "quantiles"),
                         *list = core_node_get(ranges, "value_ranges");
  if (!at || !list || at->n_children != list->n_children || !at->first) return;
  const struct core_node *q = at->first;
  for (const struct core_node *pair = list->first; pair; pair = pair->next, q = q->next) {
    const struct core_node *low = pair->first, *high = low ? low->next : NULL;
    const bool has_low = low && low->kind != CORE_NODE_NULL,
               has_high = high && high->kind != CORE_NODE_NULL;
    if (pair != list->first) core_str_char(out, ',');
    if (has_low) append_bound(has_high ? " between " : " at least ", low, out);
    if (has_high) append_bound(has_low ? " and " : " at most ", high, out);
    if (!has_low && !has_high) core_str_text_append(out, " anything");
    append_bound(" at ", q, out);
  }
}

static void append_operand(const struct val_expected *expected, struct core_str *out) {
  for (const char *const *key = operands; *key; key++) {
    const struct core_node *node = argument(expected, *key);
    if (!node) continue;
    core_str_char(out, ' ');
    append_node(node, out);
  }
  const struct core_node *list = is_table(expected) ? argument(expected, "column_list") : NULL;
  if (!list) return;
  core_str_char(out, ' ');
  append_node(list, out);
}

static void append_others(const struct val_expected *expected, struct core_str *out) {
  if (!expected->kwargs_node) return;
  for (const struct core_node *node = expected->kwargs_node->first; node; node = node->next) {
    if (node->kind == CORE_NODE_NULL || listed(silent, node->key) || listed(operands, node->key))
      continue;
    if (node->kind == CORE_NODE_BOOL && !node->boolean) continue;
    core_str_text_append(out, " (");
    for (const char *p = node->key; *p; p++) core_str_char(out, *p == '_' ? ' ' : *p);
    if (node->kind != CORE_NODE_BOOL) {
      core_str_char(out, ' ');
      append_node(node, out);
    }
    core_str_char(out, ')');
  }
}

static void append_mostly(const struct val_expected *expected, struct core_str *out) {
  const struct core_node *mostly = argument(expected, "mostly");
  if (!mostly || !core_node_is_number(mostly) || mostly->number >= 1) return;
  char text[CORE_NUM_BYTES];
  /* Rounded to a billionth of a percent: 0.57 * 100 is not 57. */
  core_format_number((double)(long long)(mostly->number * 1e11 + 0.5) / 1e9, text);
  core_str_printf(out, " for at least %s%%", text);
}

void val_phrase_rule(const struct val_expected *expected, struct core_str *out) {
  static const char between[] = "_between";
  const char *name = bare_name(expected->ops->name);
  const size_t len = strlen(name), tail = strlen(between);
  const struct core_node *quantiles = argument(expected, "quantile_ranges");
  const bool range = len > tail && strcmp(name + len - tail, between) == 0;
  append_words(expected, range ? len - tail : len, out);
  if (quantiles)
    append_quantiles(quantiles, out);
  else if (range)
    append_range(expected, out);
  append_operand(expected, out);
  append_others(expected, out);
  append_mostly(expected, out);
  const struct core_node *condition = argument(expected, "row_condition");
  if (!condition) return;
  core_str_text_append(out, " where ");
  append_node(condition, out);
}
