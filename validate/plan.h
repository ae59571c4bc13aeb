/* SPDX-License-Identifier: GPL-3.0-or-later
 * From a suite and the columns that were found: the set of metrics to accumulate, each once however many expectations
 * ask for it, and which of them belongs to which expectation. */
#pragma once
#include "validate/condition/filter.h"
#include "validate/expect/expectation.h"
#include "validate/validate.h"

struct val_plan_entry {
  size_t first, n;       /* its metrics: plan->slots[first .. first + n) */
  size_t condition;      /* 0: none; k: plan->conditions[k - 1]          */
  const char *exception; /* it cannot be evaluated on these columns; NULL: it can */
};

/* Rows other than those of the table: the ones that a condition selects, the elements of a list, or the elements in the
 * rows that a condition selects. Shared by all expectations that look at them. */
struct val_plan_condition {
  const struct val_condition *condition; /* NULL: every row */
  const struct val_filter *filter;
  size_t elements; /* their column in the schema; 0: rows */
  bool *wanted;    /* one a column: some expectation under the condition reads it */
};

struct val_plan {
  const struct val_suite *suite;
  const struct val_schema *schema; /* the plan's own copy: a reader may correct its own later */
  struct val_schema schema_copy;
  struct val_limits limits;
  struct core_arena arena;
  struct val_metric_request *metrics;
  size_t n_metrics, metrics_cap;
  size_t *slots; /* indices into metrics */
  size_t n_slots, slots_cap;
  struct val_plan_entry *entries; /* parallel to suite->expected */
  struct val_plan_condition *conditions;
  size_t n_conditions, conditions_cap;
  size_t elements;      /* of the expectation that is being planned: the column of elements, or 0 */
  size_t condition;     /* of the expectation that is being planned, as in its entry */
  size_t profile_first; /* slots of the profile, when the limits ask for one, from here on */
  size_t n_complete, n_partial; /* row expectations that want COMPLETE results, and others */
};

/* `limits` may be NULL. What does not fit the columns is an entry's exception; a column that is not there is
 * CORE_INVAL where the limits or the expectation are strict. */
enum core_status val_plan_open(struct val_plan *plan, const struct val_suite *suite,
                               const struct val_schema *schema, const struct val_limits *limits,
                               struct core_error *err) CORE_MUST_CHECK;
/* Must rows be numbered rightly while they are observed, because a condition asks for their numbers? */
bool val_plan_asks_row(const struct val_plan *plan);
void val_plan_close(struct val_plan *plan);

/* What is worth knowing about the types of the columns that the expectation is about (struct val_field): the first note,
 * the plan's; NULL when there is none. */
enum core_status val_plan_note(const struct val_plan *plan, const struct val_expected *expected,
                               const char **note, struct core_error *err) CORE_MUST_CHECK;

/* For expectations, inside their `plan`. */

/* The column of that name; CORE_NOT_FOUND with the nearest name when there is none. */
enum core_status val_plan_find(const struct val_plan *plan, const char *name, size_t *index,
                               struct core_error *err) CORE_MUST_CHECK;
/* The column that the keyword argument names. */
enum core_status val_plan_column(struct val_plan *plan, const struct val_expected *expected,
                                 const char *kwarg, size_t *index,
                                 struct core_error *err) CORE_MUST_CHECK;
/* The columns that a list names, in the plan's arena. */
enum core_status val_plan_column_list(struct val_plan *plan, const struct val_expected *expected,
                                      const char *kwarg, const size_t **indices, size_t *n,
                                      struct core_error *err) CORE_MUST_CHECK;
/* Asks for a metric; the expectation finds it in its evidence at the place of the call. `params` NULL: shared with
 * whoever asks for the same metric of the same columns. */
enum core_status val_plan_metric(struct val_plan *plan, const struct val_metric_ops *ops,
                                 const size_t *columns, size_t n_columns, const void *params,
                                 struct core_error *err) CORE_MUST_CHECK;

/* The names of the columns of elements that the suite may mean, NULL-terminated, in `arena`. */
enum core_status val_plan_elements(const struct val_suite *suite, struct core_arena *arena,
                                   const char *const **names,
                                   struct core_error *err) CORE_MUST_CHECK;

/* The names of the columns whose values the suite reads, NULL-terminated, in `arena`: what a reader must type. NULL
 * when it must type all, as some expectation shows whole rows. */
enum core_status val_plan_needed(const struct val_suite *suite, struct core_arena *arena,
                                 const char *const **needed,
                                 struct core_error *err) CORE_MUST_CHECK;
