/* SPDX-License-Identifier: GPL-3.0-or-later
 * The core of expectations that hold one value taken from a column against min_value and max_value. A plug-in names its
 * metrics and takes the value from them; planning, comparison and what is shown are done here. */
#pragma once
#include "validate/expect/range.h"

struct val_aggregate {
  const struct val_metric_ops
      *metrics[2]; /* of the column; evidence->metrics[0] is its nulls, these follow */
  /* Null: nothing to take it from, which fails. */
  enum core_status (*value)(const struct val_evidence *evidence, struct val_scalar *out,
                            struct core_error *err);
  bool rounded; /* the value is the result of a computation in doubles, not one of the column's */
};

/* In val_expectation_ops, with .aggregate. */
enum core_status val_aggregate_plan(const struct val_expected *expected, struct val_plan *plan,
                                    struct core_error *err);
enum core_status val_aggregate_judge(const struct val_expected *expected,
                                     const struct val_evidence *evidence,
                                     struct val_verdict *verdict, struct core_error *err);

/* For other expectations about one column: asks for its nulls and the given metric; rows and nulls into the verdict. */
enum core_status val_aggregate_plan_column(const struct val_expected *expected,
                                           struct val_plan *plan,
                                           const struct val_metric_ops *metric,
                                           struct core_error *err);
void val_aggregate_counts(const struct val_evidence *evidence, struct val_verdict *verdict);
/* observed_json and observed_text. */
enum core_status val_observe_scalar(const struct val_scalar *value, struct core_arena *arena,
                                    struct val_verdict *verdict, struct core_error *err);
/* Moves finished text into the arena. */
enum core_status val_keep_str(const struct core_str *text, struct core_arena *arena,
                              const char **out, struct core_error *err);

#define VAL_KWARGS_AGGREGATE VAL_KWARG_COLUMN, VAL_KWARGS_RANGE, VAL_KWARGS_STRICT
