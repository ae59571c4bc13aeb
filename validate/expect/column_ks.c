/* SPDX-License-Identifier: GPL-3.0-or-later
 * Kolmogorov-Smirnov tests of a column: against a distribution with given parameters, and, by bootstrap, against the
 * distribution that a partition of bins draws. Samples are drawn by a generator with a fixed key, so that a column has one
 * answer. */
#include "validate/expect/aggregate.h"
#include "validate/expect/partition.h"

#include "core/kolmogorov.h"
#include "core/rng.h"
#include "core/stats.h"
#include "validate/metric/order.h"
#include <math.h>

/* ---- distributions ---- */

#define MAX_PARAMS 4

/* Shapes first, then place and width, as scipy's positional arguments. */
struct distribution {
  const char *name;
  double (*cdf)(double x, const double *shapes); /* at place 0 and width 1 */
  const char *params[MAX_PARAMS];                /* names in a map */
  size_t n_shapes;
};

static double norm_cdf(double x, const double *shapes) {
  (void)shapes;
  return core_normal_cdf(x);
}
static double beta_cdf(double x, const double *shapes) {
  return core_beta_cdf(x, shapes[0], shapes[1]);
}
static double gamma_cdf(double x, const double *shapes) {
  return core_gamma_cdf(x, shapes[0]);
}
static double uniform_cdf(double x, const double *shapes) {
  (void)shapes;
  return x < 0 ? 0 : x > 1 ? 1 : x;
}
static double chi2_cdf(double x, const double *shapes) {
  return core_chi2_cdf(x, shapes[0]);
}
static double expon_cdf(double x, const double *shapes) {
  (void)shapes;
  return x <= 0 ? 0 : -expm1(-x);
}

static const struct distribution distributions[] = {
    {"norm", norm_cdf, {"mean", "std_dev"}, 0},
    {"beta", beta_cdf, {"alpha", "beta", "loc", "scale"}, 2},
    {"gamma", gamma_cdf, {"alpha", "loc", "scale"}, 1},
    {"uniform", uniform_cdf, {"min", "max"}, 0},
    {"chi2", chi2_cdf, {"df", "loc", "scale"}, 1},
    {"expon", expon_cdf, {"loc", "scale"}, 0},
};
#define DISTRIBUTION_NAMES "norm|beta|gamma|uniform|chi2|expon"

static const struct distribution *find_distribution(const struct val_expected *expected) {
  const char *name = core_option_text(&expected->kwargs, "distribution");
  size_t i = 0;
  while (!core_streq(distributions[i].name, name)) i++; /* the option's choices are these */
  return &distributions[i];
}

static enum core_status set_param(const struct core_node *node, double *out,
                                  struct core_error *err) {
  if (!core_node_is_number(node) || !isfinite(node->number))
    return core_fail_at(err, CORE_INVAL, node->pos, "params: a number is wanted, not %s",
                        core_node_kind_name(node->kind));
  *out = node->number;
  return CORE_OK;
}

static enum core_status read_map(const struct distribution *d, const struct core_node *map,
                                 double *out, struct core_error *err) {
  const size_t n = d->n_shapes + 2;
  for (const struct core_node *node = map->first; node; node = node->next) {
    size_t i = 0;
    while (i < n && !core_streq(d->params[i], node->key)) i++;
    if (i == n)
      return core_fail_at(err, CORE_INVAL, node->key_pos, "params: '%s' is no parameter of %s",
                          node->key, d->name);
    CORE_TRY(set_param(node, &out[i], err));
  }
  for (size_t i = 0; i < d->n_shapes; i++)
    if (!core_node_get(map, d->params[i]))
      return core_fail_at(err, CORE_INVAL, map->pos, "params: %s wants '%s'", d->name,
                          d->params[i]);
  return CORE_OK;
}

static enum core_status read_list(const struct distribution *d, const struct core_node *list,
                                  double *out, struct core_error *err) {
  size_t i = 0;
  if (list->n_children < d->n_shapes || list->n_children > d->n_shapes + 2)
    return core_fail_at(err, CORE_INVAL, list->pos, "params: %s takes %zu to %zu numbers, not %zu",
                        d->name, d->n_shapes, d->n_shapes + 2, list->n_children);
  for (const struct core_node *node = list->first; node; node = node->next)
    CORE_TRY(set_param(node, &out[i++], err));
  return CORE_OK;
}

/* Shapes, place, width; by default at 0 and of width 1. */
static enum core_status read_params(const struct val_expected *expected, double *out,
                                    struct core_error *err) {
  const struct distribution *d = find_distribution(expected);
  const struct core_option_value *value = core_option_get(&expected->kwargs, "params");
  const struct core_node *node = value->node;
  for (size_t i = 0; i < d->n_shapes; i++) out[i] = 0;
  out[d->n_shapes] = 0;
  out[d->n_shapes + 1] = 1;
  if (node->kind == CORE_NODE_MAP)
    CORE_TRY(read_map(d, node, out, err));
  else if (node->kind == CORE_NODE_LIST)
    CORE_TRY(read_list(d, node, out, err));
  else
    return core_fail_at(err, CORE_INVAL, value->pos, "params must be a map or a list, not %s",
                        core_node_kind_name(node->kind));
  for (size_t i = 0; i < d->n_shapes + 2; i++)
    if (i != d->n_shapes && !(out[i] > 0))
      return core_fail_at(err, CORE_INVAL, value->pos, "params: '%s' of %s must be above 0",
                          d->params[i], d->name);
  return CORE_OK;
}

static enum core_status distribution_check(const struct val_expected *expected,
                                           struct core_error *err) {
  double params[MAX_PARAMS] = {0};
  const struct core_option_value *p = core_option_get(&expected->kwargs, "p_value");
  if (p->given && !(p->number > 0 && p->number < 1))
    return core_fail_at(err, CORE_INVAL, p->pos, "p_value must lie between 0 and 1, both excluded");
  return read_params(expected, params, err);
}

/* ---- the test against a distribution ---- */

static enum core_status ks_plan(const struct val_expected *expected, struct val_plan *plan,
                                struct core_error *err) {
  return val_aggregate_plan_column(expected, plan, &val_metric_order, err);
}

/* The largest distance between the column's steps and the distribution. */
static enum core_status distance(struct val_metric *order, const struct distribution *d,
                                 const double *params, double *out, struct core_error *err) {
  const int64_t n = val_order_count(order);
  const double loc = params[d->n_shapes], scale = params[d->n_shapes + 1];
  *out = 0;
  for (int64_t i = 0; i < n; i++) {
    struct val_scalar value;
    CORE_TRY(val_order_select(order, i, &value, err));
    const double f = d->cdf((val_scalar_number(&value) - loc) / scale, params);
    *out = fmax(*out, fmax((double)(i + 1) / (double)n - f, f - (double)i / (double)n));
  }
  return CORE_OK;
}

static enum core_status show(double p, const struct core_str *details, struct core_arena *arena,
                             struct val_verdict *verdict, struct core_error *err) {
  const struct val_scalar value =
      isnan(p) ? (struct val_scalar){.type = VAL_TYPE_NULL} : val_scalar_double(p);
  CORE_TRY(val_keep_str(details, arena, &verdict->details_json, err));
  return val_observe_scalar(&value, arena, verdict, err);
}

static enum core_status distribution_judge(const struct val_expected *expected,
                                           const struct val_evidence *evidence,
                                           struct val_verdict *verdict, struct core_error *err) {
  const struct distribution *d = find_distribution(expected);
  struct val_metric *order = evidence->metrics[1];
  double params[MAX_PARAMS] = {0}, both[2] = {0, 0};
  CORE_TRY(read_params(expected, params, err));
  CORE_TRY(distance(order, d, params, &both[0], err));
  both[1] = core_kolmogorov_sf((size_t)val_order_count(order), both[0]);
  verdict->success = both[1] >= core_option_double(&expected->kwargs, "p_value");
  struct core_str details = {0};
  core_str_text_append(&details, "{\"expected_params\":");
  val_numbers_json(params, d->n_shapes + 2, &details);
  core_str_text_append(&details, ",\"observed_ks_result\":");
  val_numbers_json(both, 2, &details);
  core_str_char(&details, '}');
  const enum core_status st = show(both[1], &details, evidence->arena, verdict, err);
  core_str_close(&details);
  return st;
}

static const struct core_option distribution_kwargs[] = {
    VAL_KWARG_COLUMN,
    {.name = "distribution",
     .type = CORE_OPT_CHOICE,
     .required = true,
     .choices = DISTRIBUTION_NAMES,
     .help = "its kind"},
    {.name = "p_value",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0.05",
     .nullable = true,
     .help = "the p-value must not be below it"},
    {.name = "params",
     .type = CORE_OPT_ANY,
     .required = true,
     .help = "the distribution's parameters: a map, or a list in scipy's order"},
    CORE_OPTION_END};
const struct val_expectation_ops
    val_expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than = {
        .name = "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than",
        .summary = "a column has a given distribution, by a Kolmogorov-Smirnov test",
        .kind = VAL_EXPECT_AGGREGATE,
        .kwargs = distribution_kwargs,
        .check = distribution_check,
        .plan = ks_plan,
        .judge = distribution_judge,
};

/* ---- the bootstrapped test against bins ---- */

static enum core_status bootstrap_check(const struct val_expected *expected,
                                        struct core_error *err) {
  const enum val_partition_kind wanted = VAL_PARTITION_BINS;
  const struct core_option_value *value = core_option_get(&expected->kwargs, "partition_object");
  struct core_arena arena = {0};
  struct val_partition p;
  CORE_TRY(val_partition_check(expected, &wanted, err));
  enum core_status st = val_partition_read(&p, value->node, &arena, err);
  if (st == CORE_OK && (isinf(p.bins[0]) || isinf(p.bins[p.n])))
    st = core_fail_at(err, CORE_INVAL, value->pos, "Partition endpoints must be finite");
  if (st == CORE_OK && p.tails[0] + p.tails[1] > 0)
    st = core_fail_at(err, CORE_INVAL, value->pos,
                      "Partition cannot have tail weights: its endpoints must be finite");
  core_arena_close(&arena);
  return st;
}

struct bootstrap {
  struct val_metric *order;
  const struct val_partition *partition;
  double *heights; /* n + 1: the partition's distribution function at its edges */
  double *sample;
  size_t sample_size, n_samples;
  struct core_rng rng;
};

/* Straight lines between the edges, 0 below and the last height above. */
static double height(const struct bootstrap *b, double x) {
  const double *edges = b->partition->bins;
  size_t low = 0, high = b->partition->n;
  if (x <= edges[0]) return b->heights[0];
  if (x >= edges[high]) return b->heights[high];
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    *(edges[middle] <= x ? &low : &high) = middle;
  }
  const double part = (x - edges[low]) / (edges[low + 1] - edges[low]);
  return b->heights[low] + part * (b->heights[low + 1] - b->heights[low]);
}

static enum core_status one_sample(struct bootstrap *b, double *p, struct core_error *err) {
  const size_t n = b->sample_size;
  double d = 0;
  for (size_t i = 0; i < n; i++) {
    struct val_scalar value;
    const uint64_t rank = core_rng_below(&b->rng, (uint64_t)val_order_count(b->order));
    CORE_TRY(val_order_select(b->order, (int64_t)rank, &value, err));
    b->sample[i] = val_scalar_number(&value);
  }
  core_sort_doubles(b->sample, n);
  for (size_t i = 0; i < n; i++) {
    const double f = height(b, b->sample[i]);
    d = fmax(d, fmax((double)(i + 1) / (double)n - f, f - (double)i / (double)n));
  }
  *p = core_kolmogorov_sf(n, d);
  return CORE_OK;
}

/* (1 + samples whose p-value is at least `level`) / (1 + samples) */
static enum core_status run_bootstrap(struct bootstrap *b, double level, double *out,
                                      struct core_error *err) {
  size_t good = 0;
  for (size_t i = 0; i < b->n_samples; i++) {
    double p = 0;
    CORE_TRY(one_sample(b, &p, err));
    good += p >= level;
  }
  *out = (double)(1 + good) / (double)(1 + b->n_samples);
  return CORE_OK;
}

static enum core_status open_bootstrap(struct bootstrap *b, const struct val_expected *expected,
                                       struct core_arena *arena, struct core_error *err) {
  const struct core_option_value *samples = core_option_get(&expected->kwargs, "bootstrap_samples");
  const struct core_option_value *size =
      core_option_get(&expected->kwargs, "bootstrap_sample_size");
  const size_t n = b->partition->n;
  b->n_samples = samples->given ? (size_t)samples->integer : 1000;
  b->sample_size = size->given ? (size_t)size->integer : 2 * n;
  b->heights = core_arena_calloc(arena, n + 1, sizeof *b->heights);
  b->sample = core_arena_calloc(arena, b->sample_size + 1, sizeof *b->sample);
  if (!b->heights || !b->sample) return core_fail_nomem(err, b->sample_size * sizeof *b->sample);
  for (size_t i = 0; i < n; i++) b->heights[i + 1] = b->heights[i] + b->partition->weights[i];
  core_rng_init(&b->rng, 0, 0, CORE_RNG_BOOTSTRAP);
  return CORE_OK;
}

/* ---- what is shown ---- */

struct curve {
  double *x, *share; /* n + 1 edges, n shares: the partition, drawn out to hold every value */
  size_t n;
};

static enum core_status observe_curve(const struct bootstrap *b, struct core_arena *arena,
                                      struct curve *out, struct core_error *err) {
  const struct val_partition *p = b->partition;
  const int64_t n = val_order_count(b->order);
  struct val_scalar ends[2];
  int64_t before = 0;
  size_t k = 0;
  out->x = core_arena_calloc(arena, p->n + 3, sizeof *out->x);
  out->share = core_arena_calloc(arena, p->n + 3, sizeof *out->share);
  if (!out->x || !out->share) return core_fail_nomem(err, 2 * (p->n + 3) * sizeof *out->x);
  CORE_TRY(val_order_select(b->order, 0, &ends[0], err));
  CORE_TRY(val_order_select(b->order, n - 1, &ends[1], err));
  if (val_scalar_number(&ends[0]) < p->bins[0]) out->x[k++] = val_scalar_number(&ends[0]);
  for (size_t i = 0; i <= p->n; i++) out->x[k++] = p->bins[i];
  if (val_scalar_number(&ends[1]) > p->bins[p->n]) out->x[k++] = val_scalar_number(&ends[1]);
  out->n = k - 1;
  CORE_TRY(val_order_below(b->order, out->x[0], false, &before, err));
  for (size_t i = 0; i < out->n; i++) {
    const bool closed = i + 1 == out->n || out->x[i + 1] == p->bins[p->n];
    int64_t below = 0;
    CORE_TRY(val_order_below(b->order, out->x[i + 1], closed, &below, err));
    out->share[i] = (double)(below - before) / (double)n;
    before = below;
  }
  return CORE_OK;
}

static void cdf_json(const double *x, const double *weights, size_t n, struct core_str *out) {
  double sum = 0;
  core_str_text_append(out, "{\"x\":");
  val_numbers_json(x, n + 1, out);
  core_str_text_append(out, ",\"cdf_values\":[0");
  for (size_t i = 0; i < n; i++) {
    sum += weights[i];
    const struct val_scalar value = val_scalar_double(sum);
    core_str_char(out, ',');
    val_scalar_json(&value, out);
  }
  core_str_text_append(out, "]}");
}

static void partition_json(const double *x, const double *weights, size_t n, struct core_str *out) {
  core_str_text_append(out, "{\"bins\":");
  val_numbers_json(x, n + 1, out);
  core_str_text_append(out, ",\"weights\":");
  val_numbers_json(weights, n, out);
  core_str_char(out, '}');
}

static void bootstrap_json(const struct bootstrap *b, const struct curve *seen,
                           struct core_str *out) {
  const struct val_partition *p = b->partition;
  core_str_printf(out, "{\"bootstrap_samples\":%zu,\"bootstrap_sample_size\":%zu,", b->n_samples,
                  b->sample_size);
  core_str_text_append(out, "\"observed_partition\":");
  partition_json(seen->x, seen->share, seen->n, out);
  core_str_text_append(out, ",\"expected_partition\":");
  partition_json(p->bins, p->weights, p->n, out);
  core_str_text_append(out, ",\"observed_cdf\":");
  cdf_json(seen->x, seen->share, seen->n, out);
  core_str_text_append(out, ",\"expected_cdf\":");
  cdf_json(p->bins, p->weights, p->n, out);
  core_str_char(out, '}');
}

static enum core_status bootstrap_judge(const struct val_expected *expected,
                                        const struct val_evidence *evidence,
                                        struct val_verdict *verdict, struct core_error *err) {
  struct val_partition partition;
  struct bootstrap b = {.order = evidence->metrics[1], .partition = &partition};
  struct curve seen = {.n = 0};
  const struct val_scalar none = {.type = VAL_TYPE_NULL};
  const double level = core_option_double(&expected->kwargs, "p");
  double value = 0;
  if (val_order_count(b.order) == 0)
    return val_observe_scalar(&none, evidence->arena, verdict, err);
  CORE_TRY(val_partition_read(&partition, core_option_node(&expected->kwargs, "partition_object"),
                              evidence->arena, err));
  CORE_TRY(open_bootstrap(&b, expected, evidence->arena, err));
  CORE_TRY(run_bootstrap(&b, level, &value, err));
  CORE_TRY(observe_curve(&b, evidence->arena, &seen, err));
  verdict->success = value > level;
  struct core_str details = {0};
  bootstrap_json(&b, &seen, &details);
  const enum core_status st = show(value, &details, evidence->arena, verdict, err);
  core_str_close(&details);
  return st;
}

static const struct core_option bootstrap_kwargs[] = {
    VAL_KWARG_COLUMN,
    VAL_KWARG_PARTITION(true),
    {.name = "p",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0.05",
     .min = 0,
     .max = 1,
     .nullable = true,
     .help = "the p-value must be above it"},
    {.name = "bootstrap_samples",
     .type = CORE_OPT_INT,
     .min = 1,
     .max = 1e6,
     .nullable = true,
     .help = "samples drawn; default 1000"},
    {.name = "bootstrap_sample_size",
     .type = CORE_OPT_INT,
     .min = 1,
     .max = 1e6,
     .nullable = true,
     .help = "values of a sample; default twice the number of bins"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_bootstrapped_ks_test_p_value_to_be_greater_than =
    {
        .name = "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than",
        .summary = "a column has the distribution of given bins, by a bootstrapped "
                   "Kolmogorov-Smirnov test",
        .kind = VAL_EXPECT_AGGREGATE,
        .kwargs = bootstrap_kwargs,
        .check = bootstrap_check,
        .plan = ks_plan,
        .judge = bootstrap_judge,
};
