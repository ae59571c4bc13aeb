/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which trials are in an estimator, the widths of their kernels, and draws. Kernels lie dimension by
 * dimension in arrays, in the order of their trials; each numeric dimension also keeps its
 * observations sorted, for a kernel is as wide as the larger gap to its neighbours. */
#include "hpo/sampler/tpe_parzen.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/stats.h"

#define FLAT_WEIGHTS 25 /* the newest observations that weigh 1 */
#define MAX_NARROWING                                                                              \
  100                   /* narrowest kernel that the magic clip allows: a hundredth of the range */
#define MIN_SIGMA 1e-12 /* without the magic clip */
#define MAX_TABLE 32    /* values of a discrete dimension whose masses are kept for all cells */
static const double sqrt_half = 0.70710678118654752440;

/* Phi(z) by the C library, whose erfc is faster than what tails would need: here one of a <= 0 <= b
 * is never far. */
static double normal_cdf(double z) {
  return z >= 8.5 ? 1 : z <= -8.5 ? 0 : 0.5 * erfc(-z * sqrt_half);
}

double hpo_parzen_log_scale(double mu, double inverse_sigma) {
  const double mass = normal_cdf((1 - mu) * inverse_sigma) - normal_cdf(-mu * inverse_sigma);
  return log(inverse_sigma / (2.5066282746310005024 * mass));
}

static bool is_numeric(const struct hpo_parzen_dim *dim) {
  return dim->kind != HPO_PARZEN_CHOICE;
}

static bool has_kernels(const struct hpo_parzen_dim *dim) {
  return dim->kind == HPO_PARZEN_POINTS || dim->kind == HPO_PARZEN_CELLS;
}

/* ---- opening ---- */

static enum hpo_parzen_kind kind_of(const struct hpo_param *param) {
  const uint64_t count = hpo_param_count(param);
  if (param->type == HPO_PARAM_CATEGORICAL) return HPO_PARZEN_CHOICE;
  return count == 0 ? HPO_PARZEN_POINTS : count <= MAX_TABLE ? HPO_PARZEN_TABLE : HPO_PARZEN_CELLS;
}

static enum core_status open_table(struct hpo_parzen_dim *dim, struct core_error *err) {
  dim->n_values = (size_t)hpo_param_count(dim->param);
  dim->n_shapes = 3 * dim->n_values + 1;
  dim->shape_mu = core_calloc(dim->n_shapes, sizeof(double));
  dim->shape_inverse_sigma = core_calloc(dim->n_shapes, sizeof(double));
  dim->log_mass = core_calloc(dim->n_values * dim->n_shapes, sizeof(double));
  if (!dim->shape_mu || !dim->shape_inverse_sigma || !dim->log_mass)
    return core_fail_nomem(err, dim->n_values * dim->n_shapes * sizeof(double));
  const size_t prior = dim->n_shapes - 1;
  dim->shape_mu[prior] = 0.5;
  dim->shape_inverse_sigma[prior] = 1;
  hpo_parzen_cell_masses(dim->param, 0.5, 1, dim->log_mass + prior, dim->n_shapes);
  return CORE_OK;
}

enum core_status hpo_parzen_open(struct hpo_parzen *parzen,
                                 const struct hpo_parzen_options *options,
                                 const struct hpo_space *space, const size_t *params,
                                 size_t n_params, struct core_error *err) {
  *parzen = (struct hpo_parzen){.options = *options, .n_dims = n_params};
  parzen->dims = core_calloc(n_params, sizeof *parzen->dims);
  parzen->order = core_calloc(n_params, sizeof *parzen->order);
  enum core_status st = parzen->dims && parzen->order
                            ? CORE_OK
                            : core_fail_nomem(err, n_params * sizeof *parzen->dims);
  for (size_t d = 0; d < n_params && st == CORE_OK; d++) {
    struct hpo_parzen_dim *dim = &parzen->dims[d];
    dim->param = &space->params[params[d]];
    dim->index = params[d];
    dim->kind = kind_of(dim->param);
    if (dim->kind == HPO_PARZEN_TABLE) st = open_table(dim, err);
  }
  if (st != CORE_OK) {
    hpo_parzen_close(parzen);
    return st;
  }
  size_t n = 0;
  for (enum hpo_parzen_kind kind = HPO_PARZEN_POINTS; kind <= HPO_PARZEN_TABLE; kind++)
    for (size_t d = 0; d < n_params; d++)
      if (parzen->dims[d].kind == kind) parzen->order[n++] = d;
  return CORE_OK;
}

void hpo_parzen_close(struct hpo_parzen *parzen) {
  for (size_t d = 0; parzen->dims && d < parzen->n_dims; d++) {
    struct hpo_parzen_dim *dim = &parzen->dims[d];
    core_free(dim->sorted);
    core_free(dim->mu);
    core_free(dim->inverse_sigma);
    core_free(dim->log_scale);
    core_free(dim->code);
    core_free(dim->shape_mu);
    core_free(dim->shape_inverse_sigma);
    core_free(dim->log_mass);
  }
  core_free(parzen->dims);
  core_free(parzen->order);
  core_free(parzen->numbers);
  core_free(parzen->log_scale);
  *parzen = (struct hpo_parzen){0};
}

/* ---- membership ---- */

/* One array to a larger capacity; what it holds is kept. */
static bool widen(void *array, size_t capacity, size_t bytes) {
  void *old, *wide;
  memcpy(&old, array, sizeof old);
  wide = core_realloc(old, capacity, bytes);
  if (wide) memcpy(array, &wide, sizeof wide);
  return wide != NULL;
}

static enum core_status reserve(struct hpo_parzen *parzen, size_t need, struct core_error *err) {
  if (need <= parzen->capacity) return CORE_OK;
  const size_t capacity = need < 16 ? 16 : need + need / 2;
  bool ok = widen(&parzen->numbers, capacity, sizeof *parzen->numbers) &&
            widen(&parzen->log_scale, capacity, sizeof *parzen->log_scale);
  for (size_t d = 0; d < parzen->n_dims && ok; d++) {
    struct hpo_parzen_dim *dim = &parzen->dims[d];
    if (is_numeric(dim)) ok = widen(&dim->sorted, capacity, sizeof *dim->sorted);
    if (ok && !has_kernels(dim)) ok = widen(&dim->code, capacity, sizeof *dim->code);
    if (ok && has_kernels(dim))
      ok = widen(&dim->mu, capacity, sizeof *dim->mu) &&
           widen(&dim->inverse_sigma, capacity, sizeof *dim->inverse_sigma) &&
           widen(&dim->log_scale, capacity, sizeof *dim->log_scale);
  }
  if (!ok) return core_fail_nomem(err, capacity * sizeof *parzen->numbers);
  parzen->capacity = capacity;
  return CORE_OK;
}

/* Where an observation stands: the middle of its cell, but a log int at its own logarithm. */
static double place_of(const struct hpo_parzen_dim *dim, const struct hpo_trial *trial) {
  const struct hpo_param *p = dim->param;
  if (p->type != HPO_PARAM_INT || !p->log) return trial->unit[dim->index];
  const double low = log(p->low - 0.5), high = log(p->high + 0.5);
  return (log(trial->internal[dim->index]) - low) / (high - low);
}

/* The kernel of a trial, or where it would be. */
static size_t kernel_of(const struct hpo_parzen *parzen, uint64_t number) {
  size_t low = 0, high = parzen->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (parzen->numbers[middle] < number)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool is_before(const struct hpo_parzen_place *a, const struct hpo_parzen_place *b) {
  return a->at != b->at ? a->at < b->at : a->number < b->number;
}

static size_t place_search(const struct hpo_parzen_place *sorted, size_t n,
                           const struct hpo_parzen_place *place) {
  size_t low = 0, high = n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (is_before(&sorted[middle], place))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Makes room at one of n elements; closes it again. */
static void open_gap(void *array, size_t at, size_t n, size_t bytes) {
  char *gap = (char *)array + at * bytes;
  if (at < n) memmove(gap + bytes, gap, (n - at) * bytes);
}

static void close_gap(void *array, size_t at, size_t n, size_t bytes) {
  char *gap = (char *)array + at * bytes;
  if (at + 1 < n) memmove(gap, gap + bytes, (n - at - 1) * bytes);
}

/* Kernel k's observation in its own arrays; its width comes later. */
static void set_observation(struct hpo_parzen_dim *dim, size_t k, const struct hpo_trial *trial) {
  if (dim->kind == HPO_PARZEN_CHOICE) dim->code[k] = (uint32_t)trial->internal[dim->index];
  if (dim->kind == HPO_PARZEN_TABLE) dim->code[k] = 0;
  if (!has_kernels(dim)) return;
  dim->mu[k] = place_of(dim, trial);
  dim->inverse_sigma[k] = NAN;
}

static void refresh(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim, size_t at);

static void insert_place(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim,
                         const struct hpo_trial *trial) {
  const struct hpo_parzen_place place = {place_of(dim, trial), trial->number};
  const size_t n = parzen->n - 1, at = place_search(dim->sorted, n, &place);
  open_gap(dim->sorted, at, n, sizeof *dim->sorted);
  dim->sorted[at] = place;
  if (parzen->stale) return;
  for (size_t i = at > 0 ? at - 1 : 0; i <= at + 1 && i <= n; i++) refresh(parzen, dim, i);
}

static void remove_place(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim,
                         const struct hpo_trial *trial) {
  const struct hpo_parzen_place place = {place_of(dim, trial), trial->number};
  const size_t n = parzen->n, at = place_search(dim->sorted, n + 1, &place);
  close_gap(dim->sorted, at, n + 1, sizeof *dim->sorted);
  if (parzen->stale) return;
  for (size_t i = at > 0 ? at - 1 : 0; i <= at && i < n; i++) refresh(parzen, dim, i);
}

enum core_status hpo_parzen_insert(struct hpo_parzen *parzen, const struct hpo_trial *trial,
                                   struct core_error *err) {
  CORE_TRY(reserve(parzen, parzen->n + 1, err));
  const size_t k = kernel_of(parzen, trial->number), n = parzen->n++;
  open_gap(parzen->numbers, k, n, sizeof *parzen->numbers);
  open_gap(parzen->log_scale, k, n, sizeof *parzen->log_scale);
  parzen->numbers[k] = trial->number;
  parzen->log_scale[k] = NAN;
  parzen->stale |= n < MAX_NARROWING;
  for (size_t d = 0; d < parzen->n_dims; d++) {
    struct hpo_parzen_dim *dim = &parzen->dims[d];
    if (has_kernels(dim)) {
      open_gap(dim->mu, k, n, sizeof *dim->mu);
      open_gap(dim->inverse_sigma, k, n, sizeof *dim->inverse_sigma);
      open_gap(dim->log_scale, k, n, sizeof *dim->log_scale);
    } else {
      open_gap(dim->code, k, n, sizeof *dim->code);
    }
    set_observation(dim, k, trial);
    if (is_numeric(dim)) insert_place(parzen, dim, trial);
  }
  return CORE_OK;
}

void hpo_parzen_remove(struct hpo_parzen *parzen, const struct hpo_trial *trial) {
  const size_t n = parzen->n, k = kernel_of(parzen, trial->number);
  assert(k < n && parzen->numbers[k] == trial->number);
  close_gap(parzen->numbers, k, n, sizeof *parzen->numbers);
  close_gap(parzen->log_scale, k, n, sizeof *parzen->log_scale);
  parzen->n--;
  parzen->stale |= n <= MAX_NARROWING;
  for (size_t d = 0; d < parzen->n_dims; d++) {
    struct hpo_parzen_dim *dim = &parzen->dims[d];
    if (has_kernels(dim)) {
      close_gap(dim->mu, k, n, sizeof *dim->mu);
      close_gap(dim->inverse_sigma, k, n, sizeof *dim->inverse_sigma);
      close_gap(dim->log_scale, k, n, sizeof *dim->log_scale);
    } else {
      close_gap(dim->code, k, n, sizeof *dim->code);
    }
    if (is_numeric(dim)) remove_place(parzen, dim, trial);
  }
}

/* Merge sort; `spare` has room for n. */
static void sort_places(struct hpo_parzen_place *places, size_t n, struct hpo_parzen_place *spare) {
  for (size_t width = 1; width < n; width *= 2) {
    for (size_t start = 0; start < n; start += 2 * width) {
      const size_t middle = start + width < n ? start + width : n;
      const size_t end = start + 2 * width < n ? start + 2 * width : n;
      size_t a = start, b = middle;
      for (size_t i = start; i < end; i++) {
        const bool left = a < middle && (b >= end || is_before(&places[a], &places[b]));
        spare[i] = places[left ? a++ : b++];
      }
    }
    memcpy(places, spare, n * sizeof *places);
  }
}

enum core_status hpo_parzen_fill(struct hpo_parzen *parzen, const struct hpo_trial *const *trials,
                                 size_t n, struct core_error *err) {
  parzen->n = 0;
  CORE_TRY(reserve(parzen, n, err));
  struct hpo_parzen_place *spare = core_calloc(n + 1, sizeof *spare);
  if (!spare) return core_fail_nomem(err, n * sizeof *spare);
  parzen->n = n;
  parzen->stale = true;
  for (size_t i = 0; i < n; i++) {
    parzen->numbers[i] = trials[i]->number;
    parzen->log_scale[i] = NAN;
  }
  for (size_t d = 0; d < parzen->n_dims; d++) {
    struct hpo_parzen_dim *dim = &parzen->dims[d];
    for (size_t i = 0; i < n; i++) set_observation(dim, i, trials[i]);
    if (!is_numeric(dim)) continue;
    for (size_t i = 0; i < n; i++)
      dim->sorted[i] = (struct hpo_parzen_place){place_of(dim, trials[i]), trials[i]->number};
    sort_places(dim->sorted, n, spare);
  }
  core_free(spare);
  return CORE_OK;
}

/* ---- widths ---- */

/* Width of sorted observation i: the larger gap to its neighbours; the bounds count as neighbours of
 * the outermost, unless endpoints are off and there is another neighbour. */
static double sigma_of(const struct hpo_parzen *parzen, const struct hpo_parzen_place *sorted,
                       size_t i) {
  const size_t n = parzen->n;
  const double narrowest =
      parzen->options.magic_clip ? 1 / fmin(MAX_NARROWING, (double)n + 2) : MIN_SIGMA;
  const bool inner_only = !parzen->options.endpoints && n >= 2;
  const double left = i > 0 ? sorted[i].at - sorted[i - 1].at : inner_only ? 0 : sorted[i].at;
  const double right = i + 1 < n    ? sorted[i + 1].at - sorted[i].at
                       : inner_only ? 0
                                    : 1 - sorted[i].at;
  return fmin(1, fmax(narrowest, fmax(left, right)));
}

/* Which of its value's three shapes an observation has. Equal places have at most three widths. */
static size_t shape_of(const struct hpo_parzen *parzen, const struct hpo_parzen_dim *dim,
                       size_t i) {
  const struct hpo_parzen_place *sorted = dim->sorted;
  const bool follows = i > 0 && sorted[i - 1].at == sorted[i].at;
  const bool leads = i + 1 < parzen->n && sorted[i + 1].at == sorted[i].at;
  const struct hpo_param *p = dim->param;
  const double steps = (hpo_param_from_unit(p, sorted[i].at) - p->low) / p->step;
  const size_t value = (size_t)nearbyint(steps);
  return 3 * value + (follows ? leads ? 1 : 2 : 0);
}

/* The width of sorted observation `at`, and what follows from it. */
static void refresh(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim, size_t at) {
  const double mu = dim->sorted[at].at, inverse = 1 / sigma_of(parzen, dim->sorted, at);
  const size_t k = kernel_of(parzen, dim->sorted[at].number);
  if (dim->kind == HPO_PARZEN_TABLE) {
    const size_t shape = shape_of(parzen, dim, at);
    dim->code[k] = (uint32_t)shape;
    if (dim->shape_inverse_sigma[shape] == inverse) return;
    dim->shape_mu[shape] = mu;
    dim->shape_inverse_sigma[shape] = inverse;
    hpo_parzen_cell_masses(dim->param, mu, inverse, dim->log_mass + shape, dim->n_shapes);
  } else if (!(dim->inverse_sigma[k] == inverse)) {
    dim->inverse_sigma[k] = inverse;
    dim->log_scale[k] = hpo_parzen_log_scale(mu, inverse);
    parzen->log_scale[k] = NAN;
  }
}

void hpo_parzen_settle(struct hpo_parzen *parzen) {
  for (size_t d = 0; parzen->stale && d < parzen->n_dims; d++)
    for (size_t i = 0; is_numeric(&parzen->dims[d]) && i < parzen->n; i++)
      refresh(parzen, &parzen->dims[d], i);
  parzen->stale = false;
  for (size_t k = 0; k < parzen->n; k++) {
    if (!isnan(parzen->log_scale[k])) continue;
    parzen->log_scale[k] = 0;
    for (size_t d = 0; d < parzen->n_dims; d++)
      if (has_kernels(&parzen->dims[d])) parzen->log_scale[k] += parzen->dims[d].log_scale[k];
  }
}

/* ---- weights ---- */

/* The newest weigh 1, older ones ramp up from 1/n. */
double hpo_parzen_weight(size_t i, size_t n) {
  if (n < FLAT_WEIGHTS || i >= n - FLAT_WEIGHTS) return 1;
  const size_t ramp = n - FLAT_WEIGHTS;
  const double first = 1 / (double)n;
  return ramp == 1 ? first : first + (1 - first) * (double)i / (double)(ramp - 1);
}

double hpo_parzen_weights(const struct hpo_parzen *parzen) {
  const size_t n = parzen->n, ramp = n < FLAT_WEIGHTS ? 0 : n - FLAT_WEIGHTS;
  const double first = 1 / (double)(n > 0 ? n : 1);
  const double old = ramp == 1 ? first : 0.5 * (first + 1) * (double)ramp;
  return old + (double)(n - ramp) + parzen->options.prior_weight;
}

/* ---- drawing ---- */

/* The first kernel with which the cumulative weight passes the quantile; n: the prior's. */
static size_t draw_kernel(const struct hpo_parzen *parzen, double quantile) {
  const double passed = quantile * hpo_parzen_weights(parzen);
  double sum = 0;
  for (size_t k = 0; k < parzen->n; k++) {
    sum += hpo_parzen_weight(k, parzen->n);
    if (sum > passed) return k;
  }
  return parzen->n;
}

static size_t draw_choice(const struct hpo_parzen *parzen, const struct hpo_parzen_dim *dim,
                          size_t kernel, double quantile) {
  const size_t n = dim->param->n_choices;
  const double share = parzen->options.prior_weight / (double)(parzen->n + 1);
  const double sum = 1 + (double)n * share, miss = share / sum, hit = (1 + share) / sum;
  double k = floor(quantile * (double)n);
  if (kernel < parzen->n) {
    const double seen = (double)dim->code[kernel], below = seen * miss;
    k = quantile < below         ? floor(quantile / miss)
        : quantile < below + hit ? seen
                                 : floor((quantile - hit) / miss) + 1;
  }
  return k < (double)n ? (size_t)k : n - 1;
}

static double draw_unit(double mu, double inverse, double quantile) {
  const double below = normal_cdf(-mu * inverse), upto = normal_cdf((1 - mu) * inverse);
  const double u = mu + core_normal_quantile(below + quantile * (upto - below)) / inverse;
  return u < 0 ? 0 : u > 1 ? 1 : u;
}

static double draw_place(const struct hpo_parzen *parzen, const struct hpo_parzen_dim *dim,
                         size_t kernel, double quantile) {
  if (kernel == parzen->n) return draw_unit(0.5, 1, quantile);
  if (dim->kind != HPO_PARZEN_TABLE)
    return draw_unit(dim->mu[kernel], dim->inverse_sigma[kernel], quantile);
  const size_t shape = dim->code[kernel];
  return draw_unit(dim->shape_mu[shape], dim->shape_inverse_sigma[shape], quantile);
}

void hpo_parzen_draw(struct hpo_parzen *parzen, struct core_rng *rng,
                     struct hpo_parzen_value *values) {
  hpo_parzen_settle(parzen);
  const size_t kernel = draw_kernel(parzen, core_rng_unit(rng));
  for (size_t d = 0; d < parzen->n_dims; d++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[d];
    const double quantile = core_rng_unit(rng);
    values[d] = (struct hpo_parzen_value){0};
    if (dim->kind == HPO_PARZEN_CHOICE)
      values[d].choice = draw_choice(parzen, dim, kernel, quantile);
    else
      hpo_param_cell(dim->param, draw_place(parzen, dim, kernel, quantile), &values[d].lo,
                     &values[d].hi);
  }
}

double hpo_parzen_unit(const struct hpo_param *param, const struct hpo_parzen_value *value) {
  if (param->type == HPO_PARAM_CATEGORICAL) return hpo_param_to_unit(param, (double)value->choice);
  return value->lo + 0.5 * (value->hi - value->lo);
}
