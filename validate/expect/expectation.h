/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of an expectation: its name and keyword arguments as Great Expectations spells them, the metrics it needs,
 * and the judgement over them. An expectation never reads the input: rows are seen only by metrics. How to add one:
 * docs/adding-an-expectation.md. */
#pragma once
#include "validate/metric/metric.h"
#include "validate/result.h"

enum val_expectation_kind {
  VAL_EXPECT_TABLE,      /* about rows and columns as such: no value is read */
  VAL_EXPECT_AGGREGATE,  /* about one number or set taken from a column      */
  VAL_EXPECT_MAP,        /* about each value of a column                     */
  VAL_EXPECT_PAIR,       /* about each row of two columns                    */
  VAL_EXPECT_MULTICOLUMN /* about each row of several columns                */
};

struct val_plan;      /* validate/plan.h */
struct val_predicate; /* validate/expect/map.h: how a map expectation marks rows */
struct val_aggregate; /* validate/expect/aggregate.h: how a number is taken from metrics */

/* What is known when everything was read. */
struct val_evidence {
  const struct val_schema *schema;
  int64_t n_rows; /* that the expectation looks at: those its row condition selects */
  struct val_metric *const
      *metrics; /* those that this expectation's plan asked for, in that order, finished */
  size_t n_metrics;
  struct core_arena *arena; /* of the result: what a verdict keeps goes here */
};

struct val_expectation_ops {
  const char *name;    /* "expect_column_values_to_be_unique" */
  const char *summary; /* one line */
  enum val_expectation_kind kind;
  const struct core_option *kwargs; /* rows: parsing, checks and documentation read them */
  /* Mistakes in the keyword arguments that their rows cannot tell (min above max, a regex that does not compile):
   * CORE_INVAL with the place. NULL: none. */
  enum core_status (*check)(const struct val_expected *expected, struct core_error *err);
  /* Asks the plan for metrics, now that the columns are known. A failure other than CORE_NOMEM (unknown column, a type
   * that has no mean) makes the verdict fail with that sentence; the other expectations are still judged. */
  enum core_status (*plan)(const struct val_expected *expected, struct val_plan *plan,
                           struct core_error *err);
  /* Fills the verdict (zeroed, but for `expected`). A failure is handled as in plan. */
  enum core_status (*judge)(const struct val_expected *expected,
                            const struct val_evidence *evidence, struct val_verdict *verdict,
                            struct core_error *err);
  const struct val_predicate *predicate; /* with plan = val_map_plan, judge = val_map_judge */
  const struct val_aggregate
      *aggregate; /* with plan = val_aggregate_plan, judge = val_aggregate_judge */
};

const struct val_expectation_ops *const *
val_expectation_all(void); /* NULL-terminated, in the order of expect_list.h */
const struct val_expectation_ops *val_expectation_find(const char *name); /* NULL: unknown */
#define X(name) extern const struct val_expectation_ops val_expect_##name;
#include "validate/expect/expect_list.h"
#undef X

/* Rows that many expectations have. */
#define VAL_KWARG_COLUMN                                                                           \
  { .name = "column", .type = CORE_OPT_STRING, .required = true, .help = "the column" }
#define VAL_KWARG_MOSTLY                                                                           \
  {                                                                                                \
    .name = "mostly", .type = CORE_OPT_DOUBLE, .fallback = "1", .min = 0, .max = 1,                \
    .nullable = true,                                                                              \
    .help = "the least share of values that must meet it; nulls are left out of the share"         \
  }
#define VAL_KWARGS_RANGE                                                                           \
  {.name = "min_value", .type = CORE_OPT_ANY, .nullable = true, .help = "least allowed"}, {        \
    .name = "max_value", .type = CORE_OPT_ANY, .nullable = true, .help = "greatest allowed"        \
  }
#define VAL_KWARGS_STRICT                                                                          \
  {.name = "strict_min",                                                                           \
   .type = CORE_OPT_FLAG,                                                                          \
   .fallback = "false",                                                                            \
   .nullable = true,                                                                               \
   .help = "min_value itself is not allowed"},                                                     \
  {                                                                                                \
    .name = "strict_max", .type = CORE_OPT_FLAG, .fallback = "false", .nullable = true,            \
    .help = "max_value itself is not allowed"                                                      \
  }
#define VAL_KWARG_OUTPUT_FORMAT                                                                    \
  {                                                                                                \
    .name = "output_strftime_format", .type = CORE_OPT_STRING, .nullable = true,                   \
    .help = "accepted; times are shown in ISO 8601"                                                \
  }
#define VAL_KWARG_DATETIMES                                                                        \
  {                                                                                                \
    .name = "parse_strings_as_datetimes", .type = CORE_OPT_FLAG, .fallback = "false",              \
    .nullable = true, .help = "compare text as dates and times"                                    \
  }
