/* SPDX-License-Identifier: GPL-3.0-or-later
 * Kernels lie dimension by dimension in arrays, so that the inner loops run over all kernels of one dimension. */
#include "hpo/sampler/tpe_parzen.h"

#include <math.h>
#include <string.h>

#include "core/stats.h"

#define FLAT_WEIGHTS 25 /* the newest observations that weigh 1 */
#define MAX_NARROWING                                                                              \
  100                   /* narrowest kernel that the magic clip allows: a hundredth of the range */
#define MIN_SIGMA 1e-12 /* without the magic clip */
static const double half_log_2pi = 0.91893853320467274178;
static const double sqrt_half = 0.70710678118654752440;

/* Phi(z) by the C library, whose erfc is faster than what tails would need: here one of a <= 0 <= b is never far. */
static double normal_cdf(double z) {
  return z >= 8.5 ? 1 : z <= -8.5 ? 0 : 0.5 * erfc(-z * sqrt_half);
}

/* ---- fitting ---- */

struct place {
  double at;
  size_t kernel;
};

/* Where an observation stands: the middle of its cell, but a log int at its own logarithm. */
static double place_of(const struct hpo_param *p, const struct hpo_trial *trial, size_t k) {
  if (p->type != HPO_PARAM_INT || !p->log) return trial->unit[k];
  const double low = log(p->low - 0.5), high = log(p->high + 0.5);
  return (log(trial->internal[k]) - low) / (high - low);
}

/* Stable merge sort by place; `spare` has room for n. */
static void sort_places(struct place *places, size_t n, struct place *spare) {
  for (size_t width = 1; width < n; width *= 2) {
    for (size_t start = 0; start < n; start += 2 * width) {
      const size_t middle = start + width < n ? start + width : n;
      const size_t end = start + 2 * width < n ? start + 2 * width : n;
      size_t a = start, b = middle;
      for (size_t i = start; i < end; i++) {
        const bool left = a < middle && (b >= end || places[a].at <= places[b].at);
        spare[i] = places[left ? a++ : b++];
      }
    }
    memcpy(places, spare, n * sizeof *places);
  }
}

/* Width of sorted kernel i: the larger gap to its neighbours; the bounds count as neighbours of the outermost, unless
 * endpoints are off and there is another neighbour. */
static double gap_of(const struct place *sorted, size_t n, size_t i, bool endpoints) {
  const bool inner_only = !endpoints && n >= 2;
  const double left = i > 0 ? sorted[i].at - sorted[i - 1].at : inner_only ? 0 : sorted[i].at;
  const double right = i + 1 < n    ? sorted[i + 1].at - sorted[i].at
                       : inner_only ? 0
                                    : 1 - sorted[i].at;
  return fmax(left, right);
}

/* The shape with this place and width, made when new. In sorted order equal ones are near: equal places have at most
 * three widths (the first's, the inner ones', the last's). */
static uint32_t shape_get(struct hpo_parzen_dim *dim, double mu, double inverse_sigma) {
  for (size_t i = dim->n_shapes; i-- > 0 && dim->mu[i] == mu;)
    if (dim->inverse_sigma[i] == inverse_sigma) return (uint32_t)i;
  dim->mu[dim->n_shapes] = mu;
  dim->inverse_sigma[dim->n_shapes] = inverse_sigma;
  return (uint32_t)dim->n_shapes++;
}

/* `places` are those of the n observations, `spare` has room for as many. */
static void set_shapes(struct hpo_parzen_dim *dim, size_t n,
                       const struct hpo_parzen_options *options, struct place *places,
                       struct place *spare) {
  const double narrowest = options->magic_clip ? 1 / fmin(MAX_NARROWING, (double)n + 2) : MIN_SIGMA;
  sort_places(places, n, spare);
  for (size_t i = 0; i < n; i++) {
    const double sigma = fmin(1, fmax(narrowest, gap_of(places, n, i, options->endpoints)));
    if (dim->shape) {
      dim->shape[places[i].kernel] = shape_get(dim, places[i].at, 1 / sigma);
    } else {
      dim->mu[places[i].kernel] = places[i].at;
      dim->inverse_sigma[places[i].kernel] = 1 / sigma;
    }
  }
  if (!dim->shape) dim->n_shapes = n;
  if (dim->shape) dim->shape[n] = (uint32_t)dim->n_shapes;
  dim->mu[dim->n_shapes] = 0.5; /* the prior */
  dim->inverse_sigma[dim->n_shapes++] = 1;
}

static void set_scales(struct hpo_parzen_dim *dim) {
  double inverse = 1, log_inverse = 0; /* many shapes have the narrowest width */
  for (size_t i = 0; i < dim->n_shapes; i++) {
    if (dim->inverse_sigma[i] != inverse) log_inverse = log(inverse = dim->inverse_sigma[i]);
    const double mass = normal_cdf((1 - dim->mu[i]) * inverse) - normal_cdf(-dim->mu[i] * inverse);
    dim->log_scale[i] = mass == 1 ? 0 : -log(mass);
    if (!dim->shape) dim->log_scale[i] += log_inverse - half_log_2pi;
  }
}

static enum core_status fit_numeric(struct hpo_parzen_dim *dim, size_t k,
                                    const struct hpo_parzen_options *options,
                                    const struct hpo_trial *const *trials, size_t n,
                                    struct core_arena *arena, struct core_error *err) {
  const bool discrete = hpo_param_count(dim->param) > 0;
  double *rows = core_arena_calloc(arena, 3 * (n + 1), sizeof *rows);
  struct place *places = core_arena_calloc(arena, 2 * n + 1, sizeof *places);
  if (discrete) dim->shape = core_arena_calloc(arena, n + 1, sizeof *dim->shape);
  if (!rows || !places || (discrete && !dim->shape))
    return core_fail_nomem(err, n * sizeof *places);
  dim->mu = rows;
  dim->inverse_sigma = rows + n + 1;
  dim->log_scale = rows + 2 * (n + 1);
  for (size_t i = 0; i < n; i++) places[i] = (struct place){place_of(dim->param, trials[i], k), i};
  set_shapes(dim, n, options, places, places + n);
  set_scales(dim);
  return CORE_OK;
}

static enum core_status fit_categorical(struct hpo_parzen_dim *dim, size_t k,
                                        const struct hpo_parzen_options *options,
                                        const struct hpo_trial *const *trials, size_t n,
                                        struct core_arena *arena, struct core_error *err) {
  const double n_choices = (double)dim->param->n_choices;
  const double share = options->prior_weight / (double)(n + 1), sum = 1 + n_choices * share;
  dim->choice = core_arena_calloc(arena, n + 1, sizeof *dim->choice);
  if (!dim->choice) return core_fail_nomem(err, n * sizeof *dim->choice);
  for (size_t i = 0; i < n; i++) dim->choice[i] = (size_t)trials[i]->internal[k];
  dim->hit = (1 + share) / sum;
  dim->miss = share / sum;
  dim->log_hit = log(dim->hit);
  dim->log_miss = log(dim->miss);
  dim->log_prior = -log(n_choices);
  return CORE_OK;
}

/* Weight of observation i of n, oldest first: the newest weigh 1, older ones ramp up from 1/n. */
static double weight_of(size_t i, size_t n) {
  if (n < FLAT_WEIGHTS || i >= n - FLAT_WEIGHTS) return 1;
  const size_t ramp = n - FLAT_WEIGHTS;
  const double first = 1 / (double)n;
  return ramp == 1 ? first : first + (1 - first) * (double)i / (double)(ramp - 1);
}

static enum core_status set_weights(struct hpo_parzen *out, double prior_weight,
                                    struct core_arena *arena, struct core_error *err) {
  const size_t n = out->n_kernels - 1;
  double *rows = core_arena_calloc(arena, 4 * out->n_kernels, sizeof *rows);
  if (!rows) return core_fail_nomem(err, 4 * out->n_kernels * sizeof *rows);
  out->log_weight = rows;
  out->weight_upto = rows + out->n_kernels;
  out->sums = rows + 2 * out->n_kernels;
  out->shape_sums = rows + 3 * out->n_kernels;
  double sum = 0;
  for (size_t i = 0; i <= n; i++) {
    const double weight = i < n ? weight_of(i, n) : prior_weight;
    out->log_weight[i] = log(weight);
    out->weight_upto[i] = sum += weight;
  }
  const double log_sum = log(sum);
  for (size_t i = 0; i <= n; i++) {
    out->log_weight[i] -= log_sum;
    out->weight_upto[i] /= sum;
  }
  out->weight_upto[n] = 1;
  return CORE_OK;
}

enum core_status hpo_parzen_fit(struct hpo_parzen *out, const struct hpo_parzen_options *options,
                                const struct hpo_space *space, const size_t *params,
                                size_t n_params, const struct hpo_trial *const *trials, size_t n,
                                struct core_arena *arena, struct core_error *err) {
  *out = (struct hpo_parzen){.n_kernels = n + 1, .n_dims = n_params};
  out->dims = core_arena_calloc(arena, n_params, sizeof *out->dims);
  if (!out->dims) return core_fail_nomem(err, n_params * sizeof *out->dims);
  CORE_TRY(set_weights(out, options->prior_weight, arena, err));
  for (size_t d = 0; d < n_params; d++) {
    struct hpo_parzen_dim *dim = &out->dims[d];
    dim->param = &space->params[params[d]];
    CORE_TRY(dim->param->type == HPO_PARAM_CATEGORICAL
                 ? fit_categorical(dim, params[d], options, trials, n, arena, err)
                 : fit_numeric(dim, params[d], options, trials, n, arena, err));
  }
  return CORE_OK;
}

/* ---- drawing ---- */

static size_t draw_kernel(const struct hpo_parzen *parzen, double quantile) {
  size_t low = 0, high = parzen->n_kernels - 1;
  while (low < high) { /* the first kernel whose cumulative weight is above the quantile */
    const size_t middle = low + (high - low) / 2;
    if (parzen->weight_upto[middle] > quantile)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static size_t draw_choice(const struct hpo_parzen_dim *dim, bool prior, size_t kernel,
                          double quantile) {
  const size_t n = dim->param->n_choices;
  double k;
  if (prior) {
    k = floor(quantile * (double)n);
  } else {
    const size_t seen = dim->choice[kernel];
    const double below = (double)seen * dim->miss;
    k = quantile < below              ? floor(quantile / dim->miss)
        : quantile < below + dim->hit ? (double)seen
                                      : floor((quantile - dim->hit) / dim->miss) + 1;
  }
  return k < (double)n ? (size_t)k : n - 1;
}

static double draw_unit(const struct hpo_parzen_dim *dim, size_t kernel, double quantile) {
  const size_t shape = dim->shape ? dim->shape[kernel] : kernel;
  const double mu = dim->mu[shape], inverse = dim->inverse_sigma[shape];
  const double below = normal_cdf(-mu * inverse), upto = normal_cdf((1 - mu) * inverse);
  const double u = mu + core_normal_quantile(below + quantile * (upto - below)) / inverse;
  return u < 0 ? 0 : u > 1 ? 1 : u;
}

void hpo_parzen_draw(const struct hpo_parzen *parzen, struct core_rng *rng,
                     struct hpo_parzen_value *values) {
  const size_t kernel = draw_kernel(parzen, core_rng_unit(rng));
  const bool prior = kernel + 1 == parzen->n_kernels;
  for (size_t d = 0; d < parzen->n_dims; d++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[d];
    const double quantile = core_rng_unit(rng);
    if (dim->choice)
      values[d].choice = draw_choice(dim, prior, kernel, quantile);
    else
      hpo_param_cell(dim->param, draw_unit(dim, kernel, quantile), &values[d].lo, &values[d].hi);
  }
}

double hpo_parzen_unit(const struct hpo_param *param, const struct hpo_parzen_value *value) {
  if (param->type == HPO_PARAM_CATEGORICAL) return hpo_param_to_unit(param, (double)value->choice);
  return value->lo + 0.5 * (value->hi - value->lo);
}

/* ---- density ---- */

static void add_continuous(const struct hpo_parzen_dim *dim, double u, double *sums) {
  for (size_t i = 0; i < dim->n_shapes; i++) {
    const double z = (u - dim->mu[i]) * dim->inverse_sigma[i];
    sums[i] += dim->log_scale[i] - 0.5 * z * z;
  }
}

/* log Q(z) for z >= 20 by the asymptotic series; relative error of Q below 1e-8. */
static double log_far_tail(double z) {
  const double t = 1 / (z * z);
  return -0.5 * z * z - half_log_2pi - log(z) + log1p(-t * (1 - t * (3 - 15 * t)));
}

/* log(Phi(b) - Phi(a)), a < b: core_normal_log_interval, but in a fifth of the time where that is exact enough. A cell
 * 20 widths off weighs e^-200 beside the prior's. */
static double log_cell(double a, double b) {
  if (a + b > 0) { /* mirror the interval to the left */
    const double kept = a;
    a = -b;
    b = -kept;
  }
  if (b <= -20) return log_far_tail(-b) + log1p(-exp(log_far_tail(-a) - log_far_tail(-b)));
  if (b - a >= 1e-3) return log(0.5 * (erfc(-b * sqrt_half) - erfc(-a * sqrt_half)));
  return core_normal_log_interval(a, b);
}

static void add_cell(const struct hpo_parzen_dim *dim, size_t n_kernels, double lo, double hi,
                     double *shape_sums, double *sums) {
  for (size_t i = 0; i < dim->n_shapes; i++) {
    const double mu = dim->mu[i], inverse = dim->inverse_sigma[i];
    shape_sums[i] = dim->log_scale[i] + log_cell((lo - mu) * inverse, (hi - mu) * inverse);
  }
  for (size_t i = 0; i < n_kernels; i++) sums[i] += shape_sums[dim->shape[i]];
}

static void add_choice(const struct hpo_parzen_dim *dim, size_t n_kernels, size_t choice,
                       double *sums) {
  const size_t n = n_kernels - 1;
  for (size_t i = 0; i < n; i++) sums[i] += dim->choice[i] == choice ? dim->log_hit : dim->log_miss;
  sums[n] += dim->log_prior;
}

double hpo_parzen_log_density(const struct hpo_parzen *parzen,
                              const struct hpo_parzen_value *values) {
  double *sums = parzen->sums;
  memcpy(sums, parzen->log_weight, parzen->n_kernels * sizeof *sums);
  for (size_t d = 0; d < parzen->n_dims; d++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[d];
    if (dim->choice)
      add_choice(dim, parzen->n_kernels, values[d].choice, sums);
    else if (dim->shape)
      add_cell(dim, parzen->n_kernels, values[d].lo, values[d].hi, parzen->shape_sums, sums);
    else
      add_continuous(dim, values[d].lo, sums);
  }
  return core_log_sum_exp(sums, parzen->n_kernels);
}
