/* SPDX-License-Identifier: GPL-3.0-or-later
 * The Kullback-Leibler divergence of a column from a given distribution: sum p log(p / q) over categories, or over bins and
 * the two tails, both sides scaled to 1. Without a partition the column is compared with itself, which shows its
 * distribution. */
#include "validate/expect/aggregate.h"
#include "validate/expect/category_table.h"

#include "validate/metric/order.h"
#include <math.h>
#include <string.h>

/* ---- checks ---- */

static enum core_status check_tails(const struct val_expected *expected,
                                    const struct val_partition *p, struct core_pos pos,
                                    struct core_error *err) {
  const double holdout = core_option_double(&expected->kwargs, "tail_weight_holdout");
  const double internal = core_option_double(&expected->kwargs, "internal_weight_holdout");
  if (p->kind == VAL_PARTITION_CATEGORIES)
    return internal > 0 ? core_fail_at(err, CORE_INVAL, pos,
                                       "internal_weight_holdout is for bins, not for categories")
                        : CORE_OK;
  const bool low = isinf(p->bins[0]), high = isinf(p->bins[p->n]);
  if (p->has_tails && holdout > 0)
    return core_fail_at(err, CORE_INVAL, pos,
                        "tail_weight_holdout must be 0 where tail_weights are given");
  if (p->has_tails && (low || high))
    return core_fail_at(err, CORE_INVAL, pos,
                        "tail_weights cannot be given where the bins reach infinity");
  if (low && high && holdout > 0)
    return core_fail_at(err, CORE_INVAL, pos,
                        "tail_weight_holdout cannot be given where the bins reach infinity");
  if (!core_option_flag(&expected->kwargs, "bucketize_data"))
    return core_fail_at(err, CORE_INVAL, pos, "bins want bucketize_data: true");
  return CORE_OK;
}

static enum core_status divergence_check(const struct val_expected *expected,
                                         struct core_error *err) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, "partition_object");
  struct core_arena arena = {0};
  struct val_partition partition;
  if (!value->given) return CORE_OK;
  enum core_status st = val_partition_read(&partition, value->node, &arena, err);
  if (st == CORE_OK) st = check_tails(expected, &partition, value->pos, err);
  core_arena_close(&arena);
  return st;
}

/* ---- planning ---- */

static bool has_bins(const struct val_expected *expected) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, "partition_object");
  return value->given ? core_node_get(value->node, "bins") != NULL
                      : core_option_flag(&expected->kwargs, "bucketize_data");
}

static enum core_status divergence_plan(const struct val_expected *expected, struct val_plan *plan,
                                        struct core_error *err) {
  return val_aggregate_plan_column(
      expected, plan, has_bins(expected) ? &val_metric_order : &val_metric_value_counts, err);
}

/* ---- sum p log(p / q) ---- */

/* NaN without values; infinite where something was seen that had no weight. */
static double divergence(const double *p, const double *q, size_t n) {
  double sum_p = 0, sum_q = 0, sum = 0;
  for (size_t i = 0; i < n; i++) sum_p += p[i], sum_q += q[i];
  for (size_t i = 0; i < n; i++) {
    const double x = p[i] / sum_p, y = q[i] / sum_q;
    if (isnan(x)) return (double)NAN;
    if (x > 0) sum += y > 0 ? x * log(x / y) : (double)INFINITY;
  }
  return sum;
}

static enum core_status conclude(const struct val_expected *expected, double value,
                                 const struct core_str *details, struct core_arena *arena,
                                 struct val_verdict *verdict, struct core_error *err) {
  const struct val_scalar shown =
      isfinite(value) ? val_scalar_double(value) : (struct val_scalar){.type = VAL_TYPE_NULL};
  const bool judged = core_option_given(&expected->kwargs, "threshold");
  verdict->success = !judged || value <= core_option_double(&expected->kwargs, "threshold");
  CORE_TRY(val_keep_str(details, arena, &verdict->details_json, err));
  return val_observe_scalar(&shown, arena, verdict, err);
}

/* ---- categories ---- */

static enum core_status judge_table(const struct val_expected *expected,
                                    const struct val_category_table *table,
                                    const struct val_evidence *evidence,
                                    struct val_verdict *verdict, struct core_error *err) {
  double *p = core_arena_calloc(evidence->arena, 2 * table->n + 1, sizeof *p);
  if (!p) return core_fail_nomem(err, 2 * table->n * sizeof *p);
  struct core_str details = {0};
  for (size_t i = 0; i < table->n; i++) {
    p[i] = table->rows[i].observed;
    p[table->n + i] = table->rows[i].expected;
  }
  val_category_table_json(table, &details);
  const enum core_status st = conclude(expected, divergence(p, p + table->n, table->n), &details,
                                       evidence->arena, verdict, err);
  core_str_close(&details);
  return st;
}

static enum core_status judge_categories(const struct val_expected *expected,
                                         const struct val_evidence *evidence,
                                         struct val_verdict *verdict, struct core_error *err) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, "partition_object");
  struct val_partition partition = {.kind = VAL_PARTITION_CATEGORIES};
  static const struct core_node nothing = {.kind = CORE_NODE_LIST};
  struct val_category_table table;
  partition.values = &nothing;
  if (value->given) CORE_TRY(val_partition_read(&partition, value->node, evidence->arena, err));
  CORE_TRY(val_category_table_open(&table, &partition, evidence->metrics[1],
                                   core_option_double(&expected->kwargs, "tail_weight_holdout"),
                                   evidence->arena, err));
  for (size_t i = 0; !value->given && i < table.n; i++)
    table.rows[i].expected = table.rows[i].observed;
  return judge_table(expected, &table, evidence, verdict, err);
}

/* ---- bins ---- */

/* Observed and expected weights of the tail below, the n bins, the tail above. */
struct binned {
  const double *edges; /* n + 1, finite */
  size_t n;
  double *observed, *expected; /* n + 2 each */
};

/* As many as the larger of Sturges' and Freedman-Diaconis' numbers (numpy's "auto"). */
static enum core_status automatic_bins(struct val_metric *order, struct core_arena *arena,
                                       struct val_partition *out, struct core_error *err) {
  const int64_t n = val_order_count(order);
  struct val_scalar ends[4] = {{.type = VAL_TYPE_NULL}};
  const int64_t at[4] = {0, n / 4, n - 1 - n / 4, n - 1};
  *out = (struct val_partition){.kind = VAL_PARTITION_BINS, .n = 1};
  for (size_t i = 0; n && i < 4; i++) CORE_TRY(val_order_select(order, at[i], &ends[i], err));
  double low = n ? val_scalar_number(&ends[0]) : 0, high = n ? val_scalar_number(&ends[3]) : 1;
  const double spread = n ? val_scalar_number(&ends[2]) - val_scalar_number(&ends[1]) : 0;
  double bins = n ? ceil(log2((double)n) + 1) : 1;
  if (spread > 0) bins = fmax(bins, ceil((high - low) / (2 * spread / cbrt((double)n))));
  if (low == high) low -= 0.5, high += 0.5;
  out->n = bins < 10000 ? (size_t)bins : 10000;
  out->bins = core_arena_calloc(arena, out->n + 2, sizeof *out->bins);
  out->weights = core_arena_calloc(arena, out->n + 1, sizeof *out->weights);
  if (!out->bins || !out->weights) return core_fail_nomem(err, out->n * sizeof *out->bins);
  for (size_t i = 0; i <= out->n; i++)
    out->bins[i] = i == out->n ? high : low + (high - low) * (double)i / (double)out->n;
  return CORE_OK;
}

/* The last bin holds its right edge, the others do not. out[0] and out[n + 1]: below and above. */
static enum core_status observe_bins(struct val_metric *order, const double *edges, size_t n,
                                     double *out, struct core_error *err) {
  const double count = (double)val_order_count(order);
  int64_t before = 0;
  for (size_t i = 0; i <= n; i++) {
    int64_t below = 0;
    CORE_TRY(val_order_below(order, edges[i], i == n, &below, err));
    out[i] = (double)(below - before) / count;
    before = below;
  }
  out[n + 1] = (double)(val_order_count(order) - before) / count;
  return CORE_OK;
}

static void expect_bins(const struct val_partition *p, double tail, double internal, double *out) {
  size_t n_empty = 0;
  for (size_t i = 0; i < p->n; i++) {
    out[i + 1] = p->weights[i] * (1 - tail - internal);
    n_empty += out[i + 1] == 0;
  }
  for (size_t i = 0; internal > 0 && i < p->n; i++)
    if (out[i + 1] == 0) out[i + 1] = internal / (double)n_empty;
  const bool low = isinf(p->bins[0]), high = isinf(p->bins[p->n]);
  out[0] = low ? 0 : p->has_tails ? p->tails[0] : high ? tail : tail / 2;
  out[p->n + 1] = high ? 0 : p->has_tails ? p->tails[1] : low ? tail : tail / 2;
}

/* A bin that reaches infinity is the tail. */
static void fold_ends(const struct val_partition *p, struct binned *b) {
  b->edges = p->bins;
  b->n = p->n;
  if (isinf(p->bins[0]) && b->n > 0) {
    b->edges++, b->observed++, b->expected++;
    b->n--;
  }
  if (isinf(p->bins[p->n]) && b->n > 0) b->n--;
}

static void side_json(const struct binned *b, const double *weights, struct core_str *out) {
  const double tails[2] = {weights[0], weights[b->n + 1]};
  core_str_text_append(out, "{\"bins\":");
  val_numbers_json(b->edges, b->n + 1, out);
  core_str_text_append(out, ",\"weights\":");
  val_numbers_json(weights + 1, b->n, out);
  core_str_text_append(out, ",\"tail_weights\":");
  val_numbers_json(tails, 2, out);
  core_str_char(out, '}');
}

static enum core_status judge_binned(const struct val_expected *expected, const struct binned *b,
                                     struct core_arena *arena, struct val_verdict *verdict,
                                     struct core_error *err) {
  struct core_str details = {0};
  core_str_text_append(&details, "{\"observed_partition\":");
  side_json(b, b->observed, &details);
  core_str_text_append(&details, ",\"expected_partition\":");
  side_json(b, b->expected, &details);
  core_str_char(&details, '}');
  const enum core_status st = conclude(expected, divergence(b->observed, b->expected, b->n + 2),
                                       &details, arena, verdict, err);
  core_str_close(&details);
  return st;
}

static enum core_status judge_bins(const struct val_expected *expected,
                                   const struct val_evidence *evidence, struct val_verdict *verdict,
                                   struct core_error *err) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, "partition_object");
  struct val_metric *order = evidence->metrics[1];
  struct val_partition p;
  CORE_TRY(value->given ? val_partition_read(&p, value->node, evidence->arena, err)
                        : automatic_bins(order, evidence->arena, &p, err));
  double *weights = core_arena_calloc(evidence->arena, 2 * (p.n + 2), sizeof *weights);
  if (!weights) return core_fail_nomem(err, 2 * (p.n + 2) * sizeof *weights);
  struct binned b = {.observed = weights, .expected = weights + p.n + 2};
  CORE_TRY(observe_bins(order, p.bins, p.n, b.observed, err));
  if (value->given)
    expect_bins(&p, core_option_double(&expected->kwargs, "tail_weight_holdout"),
                core_option_double(&expected->kwargs, "internal_weight_holdout"), b.expected);
  else
    memcpy(b.expected, b.observed, (p.n + 2) * sizeof *weights);
  fold_ends(&p, &b);
  return judge_binned(expected, &b, evidence->arena, verdict, err);
}

static enum core_status divergence_judge(const struct val_expected *expected,
                                         const struct val_evidence *evidence,
                                         struct val_verdict *verdict, struct core_error *err) {
  return has_bins(expected) ? judge_bins(expected, evidence, verdict, err)
                            : judge_categories(expected, evidence, verdict, err);
}

static const struct core_option kwargs[] = {
    VAL_KWARG_COLUMN,
    VAL_KWARG_PARTITION(false),
    {.name = "threshold",
     .type = CORE_OPT_DOUBLE,
     .min = 0,
     .max = 1e300,
     .nullable = true,
     .help = "the divergence must not be above it; absent: it is only shown"},
    {.name = "tail_weight_holdout",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0",
     .min = 0,
     .max = 1,
     .nullable = true,
     .help =
         "weight left for values outside of the bins, or for categories that were not expected"},
    {.name = "internal_weight_holdout",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0",
     .min = 0,
     .max = 1,
     .nullable = true,
     .help = "weight left for bins whose weight is 0"},
    {.name = "bucketize_data",
     .type = CORE_OPT_FLAG,
     .fallback = "true",
     .nullable = true,
     .help = "without a partition: bins rather than categories"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_kl_divergence_to_be_less_than = {
    .name = "expect_column_kl_divergence_to_be_less_than",
    .summary = "the distribution of a column lies near a given one",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .check = divergence_check,
    .plan = divergence_plan,
    .judge = divergence_judge,
};
