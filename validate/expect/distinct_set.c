/* SPDX-License-Identifier: GPL-3.0-or-later
 * The set of a column's different values against a given set: inside it, around it, equal to it; and the most common
 * values. Equality is Python's: 1 == 1.0 == true, text never equals a number. */
#include "validate/expect/aggregate.h"

#include "validate/expect/value_set.h"
#include "validate/metric/value_counts.h"
#include <inttypes.h>
#include <stdlib.h>

#define TEXT_VALUES 20     /* of the observed set, for people */
#define JSON_VALUES 100000 /* of the observed set, in documents: it may be as large as the table */

static enum core_status set_plan(const struct val_expected *expected, struct val_plan *plan,
                                 struct core_error *err) {
  return val_aggregate_plan_column(expected, plan, &val_metric_value_counts, err);
}

/* ---- the given set ---- */

struct given {
  const struct core_node *set;  /* as written; NULL: absent */
  struct val_value_set members; /* to be looked up by a value of the column */
  struct val_scalar *sorted;    /* n items as values of the column: those that can be one */
  size_t n, n_written;
};

static int by_value(const void *a, const void *b) {
  return val_scalar_compare(a, b);
}

/* For a column whose values have that type. */
static enum core_status given_open(struct given *given, const struct val_expected *expected,
                                   enum val_type type, struct core_error *err) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, "value_set");
  const struct core_node *set = value->given ? value->node : NULL;
  *given = (struct given){0};
  if (!set) return CORE_OK;
  for (const struct core_node *item = set->first; item; item = item->next) given->n_written++;
  given->sorted = core_calloc(given->n_written + 1, sizeof *given->sorted);
  if (!given->sorted) return core_fail_nomem(err, given->n_written * sizeof *given->sorted);
  for (const struct core_node *item = set->first; item; item = item->next)
    given->n += val_scalar_from_node(item, type, &given->sorted[given->n]);
  if (given->n) qsort(given->sorted, given->n, sizeof *given->sorted, by_value);
  given->set = set; /* closed by given_close from here on */
  return val_value_set_open(&given->members, set, type, err);
}

static void given_close(struct given *given) {
  if (!given->set) return;
  val_value_set_close(&given->members);
  core_free(given->sorted);
}

/* ---- one look at the observed values, in ascending order ---- */

struct survey {
  int64_t n, inside;  /* values; of them in the given set */
  size_t met;         /* items of the given set that were observed */
  size_t next;        /* of given.sorted: what is below was looked for */
  int64_t only_count; /* only values of so many rows are looked at; 0: all */
  bool shows_counts;  /* in the details */
  struct core_str json, text, counts;
};

static void show(struct survey *s, const struct val_value_count *item) {
  const bool first = s->n == 0;
  if (s->n < TEXT_VALUES) {
    if (!first) core_str_text_append(&s->text, ", ");
    val_scalar_text(&item->value, &s->text);
  }
  if (s->n >= JSON_VALUES) return;
  core_str_char(&s->json, first ? '[' : ',');
  val_scalar_json(&item->value, &s->json);
  if (!s->shows_counts) return;
  core_str_text_append(&s->counts, first ? "{\"value\":" : ",{\"value\":");
  val_scalar_json(&item->value, &s->counts);
  core_str_printf(&s->counts, ",\"count\":%" PRId64 "}", item->count);
}

static void look_at(struct survey *s, const struct given *given,
                    const struct val_value_count *item) {
  show(s, item);
  s->n++;
  if (!given->set) return;
  s->inside += val_value_set_has_scalar(&given->members, &item->value);
  while (s->next < given->n && val_scalar_compare(&given->sorted[s->next], &item->value) < 0)
    s->next++;
  for (; s->next < given->n && val_scalar_equal(&given->sorted[s->next], &item->value); s->next++)
    s->met++;
}

/* The first value tells the type; of a column without values nothing equals anything. */
static enum core_status survey_values(struct survey *s, struct given *given,
                                      const struct val_expected *expected,
                                      struct val_value_cursor *cursor, struct core_error *err) {
  const struct val_value_count *item = NULL;
  CORE_TRY(val_value_cursor_next(cursor, &item, err));
  CORE_TRY(given_open(given, expected, item ? item->value.type : VAL_TYPE_NULL, err));
  while (item) {
    if (s->only_count == 0 || item->count == s->only_count) look_at(s, given, item);
    CORE_TRY(val_value_cursor_next(cursor, &item, err));
  }
  return CORE_OK;
}

static void survey_close(struct survey *s) {
  core_str_close(&s->json);
  core_str_close(&s->text);
  core_str_close(&s->counts);
}

static enum core_status survey_open(struct survey *s, struct given *given,
                                    const struct val_expected *expected,
                                    const struct val_evidence *evidence, struct core_error *err) {
  struct val_value_cursor *cursor = NULL;
  *given = (struct given){0};
  CORE_TRY(val_value_cursor_open(evidence->metrics[1], &cursor, err));
  const enum core_status st = survey_values(s, given, expected, cursor, err);
  val_value_cursor_close(cursor);
  if (st == CORE_OK) return CORE_OK;
  given_close(given);
  survey_close(s);
  return st;
}

/* What was seen goes into the verdict. */
static enum core_status report(struct survey *s, const struct val_evidence *evidence,
                               struct val_verdict *verdict, struct core_error *err) {
  struct core_str details = {0};
  val_aggregate_counts(evidence, verdict);
  core_str_text_append(&s->json, s->n ? "]" : "[]");
  if (s->n > TEXT_VALUES) core_str_printf(&s->text, ", ... (%" PRId64 " different values)", s->n);
  core_str_printf(&details, "{\"value_counts\":[%s]", core_str_text(&s->counts));
  if (s->n > JSON_VALUES)
    core_str_printf(&details, ",\"different_values\":%" PRId64 ",\"shown\":%d", s->n, JSON_VALUES);
  core_str_char(&details, '}');
  enum core_status st = val_keep_str(&s->json, evidence->arena, &verdict->observed_json, err);
  if (st == CORE_OK) st = val_keep_str(&s->text, evidence->arena, &verdict->observed_text, err);
  if (st == CORE_OK && s->shows_counts)
    st = val_keep_str(&details, evidence->arena, &verdict->details_json, err);
  core_str_close(&details);
  survey_close(s);
  return st;
}

/* ---- the three relations ---- */

enum relation { INSIDE, AROUND, EQUAL };

static bool holds(enum relation relation, const struct survey *s, const struct given *given) {
  const bool inside = s->inside == s->n, around = s->met == given->n_written;
  if (!given->set) return true;
  if (relation == INSIDE) return inside || given->n_written == 0; /* an empty one allows all */
  return around && (relation == AROUND || inside);
}

static enum core_status judge(enum relation relation, const struct val_expected *expected,
                              const struct val_evidence *evidence, struct val_verdict *verdict,
                              struct core_error *err) {
  struct survey s = {.shows_counts = true};
  struct given given;
  CORE_TRY(survey_open(&s, &given, expected, evidence, err));
  verdict->success = holds(relation, &s, &given);
  given_close(&given);
  return report(&s, evidence, verdict, err);
}

static enum core_status in_set_judge(const struct val_expected *expected,
                                     const struct val_evidence *evidence,
                                     struct val_verdict *verdict, struct core_error *err) {
  return judge(INSIDE, expected, evidence, verdict, err);
}

static enum core_status contain_judge(const struct val_expected *expected,
                                      const struct val_evidence *evidence,
                                      struct val_verdict *verdict, struct core_error *err) {
  return judge(AROUND, expected, evidence, verdict, err);
}

static enum core_status equal_judge(const struct val_expected *expected,
                                    const struct val_evidence *evidence,
                                    struct val_verdict *verdict, struct core_error *err) {
  return judge(EQUAL, expected, evidence, verdict, err);
}

/* ---- the most common value ---- */

static enum core_status find_most(const struct val_evidence *evidence, int64_t *most,
                                  struct core_error *err) {
  struct val_value_cursor *cursor = NULL;
  const struct val_value_count *item = NULL;
  CORE_TRY(val_value_cursor_open(evidence->metrics[1], &cursor, err));
  enum core_status st;
  while ((st = val_value_cursor_next(cursor, &item, err)) == CORE_OK && item)
    if (item->count > *most) *most = item->count;
  val_value_cursor_close(cursor);
  return st;
}

static enum core_status most_common_judge(const struct val_expected *expected,
                                          const struct val_evidence *evidence,
                                          struct val_verdict *verdict, struct core_error *err) {
  struct survey s = {0};
  struct given given;
  CORE_TRY(find_most(evidence, &s.only_count, err));
  CORE_TRY(survey_open(&s, &given, expected, evidence, err));
  const bool ties = core_option_flag(&expected->kwargs, "ties_okay");
  verdict->success = !given.set || (ties ? s.inside > 0 : s.n == 1 && s.inside == 1);
  given_close(&given);
  return report(&s, evidence, verdict, err);
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
