/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a table looks like, column by column: for the page of statistics and for drafting a suite. Gathered in the same pass
 * as the metrics of expectations, and shared with them, when val_limits.profile asks for it. */
#pragma once
#include "validate/engine.h"
#include "validate/metric/few_values.h"
#include "validate/metric/text_shape.h"

enum { VAL_PROFILE_QUANTILES = 7, VAL_PROFILE_BARS = 24 };

struct val_profile_quantile {
  double q;
  struct val_scalar value;
  /* Where the quantile of another sample of this size would lie, four standard errors of the rank away; null type: beyond
   * the least or the greatest value. */
  struct val_scalar low, high;
};

struct val_profile_bar {
  double low, high; /* values from low up to, but not with, high; the last bar has its high too */
  int64_t count;
};

/* What does not apply to the type has its `has` false. Everything lies in the result's arena. */
struct val_profile_column {
  const char *name;
  enum val_type type;
  const char *note;     /* as in val_field */
  int64_t n, n_missing; /* values that are not null, and nulls */
  bool has_distinct;
  int64_t n_distinct;
  struct val_scalar least, greatest; /* null type: no value */
  bool has_moments;
  double mean, stdev; /* stdev NaN below two values */
  size_t n_quantiles;
  struct val_profile_quantile quantiles[VAL_PROFILE_QUANTILES];
  size_t n_bars;
  struct val_profile_bar bars[VAL_PROFILE_BARS];
  bool has_values; /* all different values are known; otherwise they were too many */
  const struct val_value_count
      *values; /* the most frequent first, equally frequent ones ascending */
  size_t n_values;
  bool has_shape;
  struct val_text_shape shape;
};

struct val_profile {
  int64_t n_rows;
  struct val_profile_column *columns;
  size_t n_columns;
};

/* The column's quantile at q; NULL: it has none. */
const struct val_profile_quantile *val_profile_quantile(const struct val_profile_column *column,
                                                        double q);

/* For the plan and the pass: asks for the metrics of all columns, and reads them when they are finished. */
enum core_status val_profile_plan(struct val_plan *plan, struct core_error *err) CORE_MUST_CHECK;
/* `metrics`: one for each slot of the plan from plan->profile_first on; NULL: it gave up. */
enum core_status val_profile_collect(const struct val_plan *plan, int64_t n_rows,
                                     struct val_metric *const *metrics, struct core_arena *arena,
                                     const struct val_profile **out,
                                     struct core_error *err) CORE_MUST_CHECK;
