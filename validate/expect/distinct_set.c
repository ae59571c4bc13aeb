/* SPDX-License-Identifier: GPL-3.0-or-later
 * The set of a column's different values against a given set: inside it, around it, equal to it; and the most common
 * values. Equality is Python's: 1 == 1.0 == true, text never equals a number. */
#include "validate/expect/aggregate.h"

#include "validate/expect/value_set.h"
#include "validate/metric/value_counts.h"
#include <inttypes.h>

#define TEXT_VALUES 20 /* of the observed set, for people */

struct counts {
  const struct val_value_count *items; /* ascending */
  size_t n;
};

static enum core_status set_plan(const struct val_expected *expected, struct val_plan *plan,
                                 struct core_error *err) {
  return val_aggregate_plan_column(expected, plan, &val_metric_value_counts, err);
}

static struct counts counts_of(const struct val_evidence *evidence) {
  struct counts counts = {0};
  counts.items = val_value_counts(evidence->metrics[1], &counts.n);
  return counts;
}

/* The set as written, or NULL when it is absent. */
static const struct core_node *given_set(const struct val_expected *expected) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, "value_set");
  return value->given ? value->node : NULL;
}

/* ---- sets ---- */

/* Is the set's item one of the observed values? */
static bool is_observed(const struct core_node *item, struct counts counts) {
  struct val_scalar wanted;
  size_t low = 0, high = counts.n;
  if (counts.n == 0 || !val_scalar_from_node(item, counts.items[0].value.type, &wanted))
    return false;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (val_scalar_compare(&counts.items[middle].value, &wanted) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < counts.n && val_scalar_equal(&counts.items[low].value, &wanted);
}

static bool observed_contain(const struct core_node *set, struct counts counts) {
  for (const struct core_node *item = set->first; item; item = item->next)
    if (!is_observed(item, counts)) return false;
  return true;
}

/* How many of the observed values the set holds. */
static enum core_status count_inside(const struct core_node *set, struct counts counts, size_t *out,
                                     struct core_error *err) {
  struct val_value_set values;
  *out = 0;
  if (counts.n == 0) return CORE_OK;
  const enum core_status st = val_value_set_open(&values, set, counts.items[0].value.type, err);
  for (size_t i = 0; st == CORE_OK && i < counts.n; i++)
    *out += val_value_set_has_scalar(&values, &counts.items[i].value);
  val_value_set_close(&values);
  return st;
}

/* ---- what is shown ---- */

static enum core_status show_observed(struct counts counts, struct core_arena *arena,
                                      struct val_verdict *verdict, struct core_error *err) {
  struct core_str json = {0}, text = {0};
  for (size_t i = 0; i < counts.n; i++) {
    core_str_char(&json, i ? ',' : '[');
    val_scalar_json(&counts.items[i].value, &json);
    if (i < TEXT_VALUES) {
      if (i) core_str_text_append(&text, ", ");
      val_scalar_text(&counts.items[i].value, &text);
    }
  }
  core_str_text_append(&json, counts.n ? "]" : "[]");
  if (counts.n > TEXT_VALUES) core_str_printf(&text, ", ... (%zu different values)", counts.n);
  enum core_status st = val_keep_str(&json, arena, &verdict->observed_json, err);
  if (st == CORE_OK) st = val_keep_str(&text, arena, &verdict->observed_text, err);
  core_str_close(&json);
  core_str_close(&text);
  return st;
}

static enum core_status show_counts(struct counts counts, struct core_arena *arena,
                                    struct val_verdict *verdict, struct core_error *err) {
  struct core_str json = {0};
  core_str_text_append(&json, "{\"value_counts\":[");
  for (size_t i = 0; i < counts.n; i++) {
    core_str_text_append(&json, i ? ",{\"value\":" : "{\"value\":");
    val_scalar_json(&counts.items[i].value, &json);
    core_str_printf(&json, ",\"count\":%" PRId64 "}", counts.items[i].count);
  }
  core_str_text_append(&json, "]}");
  const enum core_status st = val_keep_str(&json, arena, &verdict->details_json, err);
  core_str_close(&json);
  return st;
}

static enum core_status show_set(const struct val_evidence *evidence, struct val_verdict *verdict,
                                 struct core_error *err) {
  const struct counts counts = counts_of(evidence);
  val_aggregate_counts(evidence, verdict);
  CORE_TRY(show_observed(counts, evidence->arena, verdict, err));
  return show_counts(counts, evidence->arena, verdict, err);
}

/* ---- the three relations ---- */

/* No set, or an empty one, allows everything. */
static enum core_status in_set_judge(const struct val_expected *expected,
                                     const struct val_evidence *evidence,
                                     struct val_verdict *verdict, struct core_error *err) {
  const struct counts counts = counts_of(evidence);
  const struct core_node *set = given_set(expected);
  size_t inside = counts.n;
  if (set && set->first) CORE_TRY(count_inside(set, counts, &inside, err));
  verdict->success = inside == counts.n;
  return show_set(evidence, verdict, err);
}

static enum core_status contain_judge(const struct val_expected *expected,
                                      const struct val_evidence *evidence,
                                      struct val_verdict *verdict, struct core_error *err) {
  const struct core_node *set = given_set(expected);
  verdict->success = !set || observed_contain(set, counts_of(evidence));
  return show_set(evidence, verdict, err);
}

static enum core_status equal_judge(const struct val_expected *expected,
                                    const struct val_evidence *evidence,
                                    struct val_verdict *verdict, struct core_error *err) {
  const struct counts counts = counts_of(evidence);
  const struct core_node *set = given_set(expected);
  size_t inside = counts.n;
  if (set) CORE_TRY(count_inside(set, counts, &inside, err));
  verdict->success = inside == counts.n && (!set || observed_contain(set, counts));
  return show_set(evidence, verdict, err);
}

/* ---- the most common value ---- */

static enum core_status most_common_judge(const struct val_expected *expected,
                                          const struct val_evidence *evidence,
                                          struct val_verdict *verdict, struct core_error *err) {
  const struct counts counts = counts_of(evidence);
  const struct core_node *set = given_set(expected);
  struct counts modes = {0};
  size_t inside = 0;
  int64_t most = 0;
  for (size_t i = 0; i < counts.n; i++)
    if (counts.items[i].count > most) most = counts.items[i].count;
  struct val_value_count *items = core_calloc(counts.n + 1, sizeof *items);
  if (!items) return core_fail_nomem(err, counts.n * sizeof *items);
  for (size_t i = 0; i < counts.n; i++)
    if (counts.items[i].count == most) items[modes.n++] = counts.items[i];
  modes.items = items;
  val_aggregate_counts(evidence, verdict);
  enum core_status st = show_observed(modes, evidence->arena, verdict, err);
  if (st == CORE_OK && set) st = count_inside(set, modes, &inside, err);
  verdict->success =
      !set ||
      (core_option_flag(&expected->kwargs, "ties_okay") ? inside > 0 : modes.n == 1 && inside == 1);
  core_free(items);
  return st;
}

/* ---- rows ---- */

#define KWARG_VALUE_SET                                                                            \
  { .name = "value_set", .type = CORE_OPT_LIST, .nullable = true, .help = "the set, as a list" }

static const struct core_option kwargs[] = {VAL_KWARG_COLUMN, KWARG_VALUE_SET, VAL_KWARG_DATETIMES,
                                            CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_distinct_values_to_be_in_set = {
    .name = "expect_column_distinct_values_to_be_in_set",
    .summary = "every different value of a column lies in a set",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .plan = set_plan,
    .judge = in_set_judge,
};
const struct val_expectation_ops val_expect_column_distinct_values_to_contain_set = {
    .name = "expect_column_distinct_values_to_contain_set",
    .summary = "every value of a set occurs in a column",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .plan = set_plan,
    .judge = contain_judge,
};
const struct val_expectation_ops val_expect_column_distinct_values_to_equal_set = {
    .name = "expect_column_distinct_values_to_equal_set",
    .summary = "the different values of a column are those of a set",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .plan = set_plan,
    .judge = equal_judge,
};

static const struct core_option most_common_kwargs[] = {
    VAL_KWARG_COLUMN,
    KWARG_VALUE_SET,
    {.name = "ties_okay",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .nullable = true,
     .help = "several values may be most common, one of them in the set is enough"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_most_common_value_to_be_in_set = {
    .name = "expect_column_most_common_value_to_be_in_set",
    .summary = "the most common value of a column lies in a set",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = most_common_kwargs,
    .plan = set_plan,
    .judge = most_common_judge,
};
