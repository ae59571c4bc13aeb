/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/profile/profile.h"

#include "validate/metric/distinct.h"
#include "validate/metric/extremes.h"
#include "validate/metric/nulls.h"
#include "validate/metric/order.h"
#include "validate/metric/sum.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double quantiles[VAL_PROFILE_QUANTILES] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

/* The metrics of a column, in the order of their slots; a type that one of them does not take leaves it out. */
enum { NULLS, DISTINCT, FEW, EXTREMES, SUM, SQUARES, ORDER, SHAPE, N_WANTED };
static const struct val_metric_ops *const wanted[N_WANTED] = {
    [NULLS] = &val_metric_nulls,    [DISTINCT] = &val_metric_distinct,
    [FEW] = &val_metric_few_values, [EXTREMES] = &val_metric_extremes,
    [SUM] = &val_metric_sum,        [SQUARES] = &val_metric_squares,
    [ORDER] = &val_metric_order,    [SHAPE] = &val_metric_text_shape};

static bool wants(size_t i, enum val_type type) {
  if (i == NULLS) return true;
  if (type == VAL_TYPE_NULL) return false;
  if (type == VAL_TYPE_BOOL && (i == SUM || i == SQUARES || i == ORDER)) return false;
  return !wanted[i]->takes || wanted[i]->takes(type);
}

enum core_status val_profile_plan(struct val_plan *plan, struct core_error *err) {
  plan->profile_first = plan->n_slots;
  for (size_t column = 0; column < plan->schema->n_fields; column++)
    for (size_t i = 0; i < N_WANTED; i++)
      if (wants(i, plan->schema->fields[column].type))
        CORE_TRY(val_plan_metric(plan, wanted[i], &column, 1, NULL, err));
  return CORE_OK;
}

/* ---- from metrics ---- */

static enum core_status keep(const struct val_scalar *value, struct core_arena *arena,
                             struct val_scalar *out, struct core_error *err) {
  *out = *value;
  if (!val_type_is_bytes(value->type)) return CORE_OK;
  out->text.data = core_arena_strndup(arena, value->text.data, value->text.len);
  return out->text.data ? CORE_OK : core_fail_nomem(err, value->text.len);
}

static int by_count(const void *a, const void *b) {
  const struct val_value_count *x = a, *y = b;
  if (x->count != y->count) return x->count < y->count ? 1 : -1;
  return val_scalar_compare(&x->value, &y->value);
}

static enum core_status collect_values(struct val_profile_column *c, const struct val_metric *few,
                                       struct core_arena *arena, struct core_error *err) {
  size_t n = 0;
  const struct val_value_count *found = val_few_values(few, &n);
  if (!found) return CORE_OK;
  struct val_value_count *values = core_arena_calloc(arena, n + 1, sizeof *values);
  if (!values) return core_fail_nomem(err, n * sizeof *values);
  for (size_t i = 0; i < n; i++) {
    values[i].count = found[i].count;
    CORE_TRY(keep(&found[i].value, arena, &values[i].value, err));
  }
  if (n) qsort(values, n, sizeof *values, by_count);
  c->has_values = true;
  c->values = values;
  c->n_values = n;
  return CORE_OK;
}

/* Another sample's quantile has a rank of this one with a standard deviation of sqrt(2 n q (1 - q)): its own, and ours. */
static enum core_status collect_quantiles(struct val_profile_column *c, struct val_metric *order,
                                          struct core_error *err) {
  const int64_t n = val_order_count(order);
  for (size_t i = 0; n > 0 && i < VAL_PROFILE_QUANTILES; i++) {
    struct val_profile_quantile *out = &c->quantiles[i];
    const double rank = quantiles[i] * (double)(n - 1);
    const double spread = 1 + 4 * sqrt(2 * (double)n * quantiles[i] * (1 - quantiles[i]));
    out->q = quantiles[i];
    CORE_TRY(val_order_select(order, (int64_t)nearbyint(rank), &out->value, err));
    if (rank - spread >= 0)
      CORE_TRY(val_order_select(order, (int64_t)floor(rank - spread), &out->low, err));
    if (rank + spread <= (double)(n - 1))
      CORE_TRY(val_order_select(order, (int64_t)ceil(rank + spread), &out->high, err));
    c->n_quantiles = i + 1;
  }
  return CORE_OK;
}

/* Whole numbers fall into bars of a whole width, so that none holds more of them than its neighbour. */
static size_t choose_bars(const struct val_profile_column *c, double *first, double *width) {
  const double low = val_scalar_number(&c->least), high = val_scalar_number(&c->greatest);
  if (!isfinite(low) || !isfinite(high)) return 0;
  *first = low;
  if (c->type == VAL_TYPE_INT64) {
    *width = fmax(1, ceil((high - low + 1) / VAL_PROFILE_BARS));
    return (size_t)fmin(VAL_PROFILE_BARS, ceil((high - low + 1) / *width));
  }
  *width = high / VAL_PROFILE_BARS - low / VAL_PROFILE_BARS;
  return *width > 0 ? VAL_PROFILE_BARS : 1;
}

static enum core_status collect_bars(struct val_profile_column *c, struct val_metric *order,
                                     struct core_error *err) {
  double first = 0, width = 0;
  const size_t n_bars = c->n > 0 ? choose_bars(c, &first, &width) : 0;
  int64_t below = 0;
  for (size_t i = 0; i < n_bars; i++) {
    const bool last = i + 1 == n_bars;
    struct val_profile_bar *bar = &c->bars[i];
    int64_t up_to = c->n;
    bar->low = first + (double)i * width;
    bar->high = last && c->type != VAL_TYPE_INT64 ? val_scalar_number(&c->greatest)
                                                  : first + (double)(i + 1) * width;
    if (!last) CORE_TRY(val_order_below(order, bar->high, false, &up_to, err));
    bar->count = up_to - below;
    below = up_to;
  }
  c->n_bars = n_bars;
  return CORE_OK;
}

static enum core_status collect_column(struct val_profile_column *c,
                                       struct val_metric *const *metric, struct core_arena *arena,
                                       struct core_error *err) {
  c->n_missing = val_nulls_missing(metric[NULLS]);
  c->n = val_nulls_rows(metric[NULLS]) - c->n_missing;
  if (metric[DISTINCT]) {
    c->has_distinct = true;
    c->n_distinct = val_distinct_count(metric[DISTINCT]);
  }
  if (metric[FEW]) CORE_TRY(collect_values(c, metric[FEW], arena, err));
  if (metric[EXTREMES]) {
    const struct val_scalar least = val_extremes_min(metric[EXTREMES]),
                            greatest = val_extremes_max(metric[EXTREMES]);
    CORE_TRY(keep(&least, arena, &c->least, err));
    CORE_TRY(keep(&greatest, arena, &c->greatest, err));
  }
  if (metric[SUM] && metric[SQUARES]) {
    c->mean = val_sum_mean(metric[SUM]);
    c->stdev = val_sum_stdev(metric[SUM], metric[SQUARES]);
    c->has_moments = isfinite(c->mean);
  }
  if (metric[ORDER] && metric[EXTREMES]) {
    CORE_TRY(collect_quantiles(c, metric[ORDER], err));
    CORE_TRY(collect_bars(c, metric[ORDER], err));
  }
  if (metric[SHAPE]) {
    c->shape = *val_text_shape(metric[SHAPE]);
    c->has_shape = c->shape.n > 0;
  }
  return CORE_OK;
}

enum core_status val_profile_collect(const struct val_plan *plan, int64_t n_rows,
                                     struct val_metric *const *metrics, struct core_arena *arena,
                                     const struct val_profile **out, struct core_error *err) {
  const struct val_schema *schema = plan->schema;
  struct val_profile *profile = core_arena_calloc(arena, 1, sizeof *profile);
  if (!profile) return core_fail_nomem(err, sizeof *profile);
  profile->columns = core_arena_calloc(arena, schema->n_fields + 1, sizeof *profile->columns);
  if (!profile->columns) return core_fail_nomem(err, schema->n_fields * sizeof *profile->columns);
  profile->n_rows = n_rows;
  profile->n_columns = schema->n_fields;
  struct val_schema kept;
  CORE_TRY(val_schema_copy(schema, arena, &kept, err));
  size_t slot = 0;
  for (size_t i = 0; i < schema->n_fields; i++) {
    struct val_metric *of_column[N_WANTED] = {NULL};
    struct val_profile_column *c = &profile->columns[i];
    for (size_t k = 0; k < N_WANTED; k++)
      if (wants(k, schema->fields[i].type)) of_column[k] = metrics[slot++];
    c->name = kept.fields[i].name;
    c->type = kept.fields[i].type;
    c->note = kept.fields[i].note;
    CORE_TRY(collect_column(c, of_column, arena, err));
  }
  *out = profile;
  return CORE_OK;
}

const struct val_profile_quantile *val_profile_quantile(const struct val_profile_column *column,
                                                        double q) {
  for (size_t i = 0; i < column->n_quantiles; i++)
    if (column->quantiles[i].q == q) return &column->quantiles[i];
  return NULL;
}
