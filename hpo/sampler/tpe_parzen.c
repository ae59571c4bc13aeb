/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which trials are in an estimator, and the widths of their kernels. Kernels lie dimension by
 * dimension in arrays, in the order of their trials; each numeric dimension also keeps its
 * observations sorted, for a kernel is as wide as the larger gap to its neighbours. */
#include "hpo/sampler/tpe_parzen.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/lanes.h"
#include "core/mem.h"

#define FLAT_WEIGHTS 25 /* the newest observations that weigh 1 */
#define MAX_NARROWING                                                                              \
  100                   /* narrowest kernel that the magic clip allows: a hundredth of the range */
#define MIN_SIGMA 1e-12 /* without the magic clip */
#define MAX_TABLE 32    /* values of a discrete dimension whose masses are kept for all cells */

/* log of 1 / (sigma sqrt(2 pi) mass): with the mass between the bounds as a mean over its width in
 * sigmas, that is the mean's. */
CORE_LANES_INLINE core_lanes log_scales(core_lanes mu, core_lanes inverse) {
  return -core_lanes_log_normal_mean(-mu * inverse, (1.0 - mu) * inverse);
}

double hpo_parzen_log_scale(double mu, double inverse_sigma) {
  return log_scales(core_lanes_all(mu), core_lanes_all(inverse_sigma))[0];
}

static bool is_numeric(const struct hpo_parzen_dim *dim) {
  return dim->kind != HPO_PARZEN_CHOICE;
}

static bool has_kernels(const struct hpo_parzen_dim *dim) {
  return dim->kind == HPO_PARZEN_POINTS || dim->kind == HPO_PARZEN_CELLS;
}

/* The width below which no kernel goes. */
static double narrowest_of(const struct hpo_parzen *parzen) {
  const size_t n = parzen->n + 2;
  if (!parzen->options.magic_clip) return MIN_SIGMA;
  return 1 / (double)(n < MAX_NARROWING ? n : MAX_NARROWING);
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
  *parzen = (struct hpo_parzen){
      .options = *options, .n_dims = n_params, .prior_scale = hpo_parzen_log_scale(0.5, 1)};
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

/* One array to a larger capacity; what it holds is kept, what is new is zeros. */
static bool widen(void *array, size_t from, size_t capacity, size_t bytes) {
  void *old;
  memcpy(&old, array, sizeof old);
  char *wide = core_realloc(old, capacity, bytes);
  if (!wide) return false;
  memset(wide + from * bytes, 0, (capacity - from) * bytes);
  memcpy(array, &wide, sizeof wide);
  return true;
}

static enum core_status reserve(struct hpo_parzen *parzen, size_t need, struct core_error *err) {
  if (need <= parzen->capacity) return CORE_OK;
  const size_t old = parzen->capacity, wanted = need < 16 ? 16 : need + need / 2;
  const size_t capacity = (wanted / HPO_PARZEN_GROUP + 1) * HPO_PARZEN_GROUP;
  bool ok = widen(&parzen->numbers, old, capacity, sizeof *parzen->numbers) &&
            widen(&parzen->log_scale, old, capacity, sizeof *parzen->log_scale);
  for (size_t d = 0; d < parzen->n_dims && ok; d++) {
    struct hpo_parzen_dim *dim = &parzen->dims[d];
    if (is_numeric(dim)) ok = widen(&dim->sorted, old, capacity, sizeof *dim->sorted);
    if (ok && !has_kernels(dim)) ok = widen(&dim->code, old, capacity, sizeof *dim->code);
    if (ok && has_kernels(dim))
      ok = widen(&dim->mu, old, capacity, sizeof *dim->mu) &&
           widen(&dim->inverse_sigma, old, capacity, sizeof *dim->inverse_sigma) &&
           widen(&dim->log_scale, old, capacity, sizeof *dim->log_scale);
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

static void refresh(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim, size_t at,
                    double narrowest);

static void insert_place(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim,
                         const struct hpo_trial *trial) {
  const struct hpo_parzen_place place = {place_of(dim, trial), trial->number};
  const size_t n = parzen->n - 1, at = place_search(dim->sorted, n, &place);
  open_gap(dim->sorted, at, n, sizeof *dim->sorted);
  dim->sorted[at] = place;
  if (parzen->stale) return;
  const double narrowest = narrowest_of(parzen);
  for (size_t i = at > 0 ? at - 1 : 0; i <= at + 1 && i <= n; i++)
    refresh(parzen, dim, i, narrowest);
}

static void remove_place(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim,
                         const struct hpo_trial *trial) {
  const struct hpo_parzen_place place = {place_of(dim, trial), trial->number};
  const size_t n = parzen->n, at = place_search(dim->sorted, n + 1, &place);
  close_gap(dim->sorted, at, n + 1, sizeof *dim->sorted);
  if (parzen->stale) return;
  const double narrowest = narrowest_of(parzen);
  for (size_t i = at > 0 ? at - 1 : 0; i <= at && i < n; i++) refresh(parzen, dim, i, narrowest);
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
                       size_t i, double narrowest) {
  const size_t n = parzen->n;
  const bool inner_only = !parzen->options.endpoints && n >= 2;
  const double left = i > 0 ? sorted[i].at - sorted[i - 1].at : inner_only ? 0 : sorted[i].at;
  const double right = i + 1 < n    ? sorted[i + 1].at - sorted[i].at
                       : inner_only ? 0
                                    : 1 - sorted[i].at;
  const double gap = left > right ? left : right;
  return gap < narrowest ? narrowest : gap < 1 ? gap : 1;
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
static void refresh(struct hpo_parzen *parzen, struct hpo_parzen_dim *dim, size_t at,
                    double narrowest) {
  const double mu = dim->sorted[at].at, inverse = 1 / sigma_of(parzen, dim->sorted, at, narrowest);
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
    dim->log_scale[k] = parzen->log_scale[k] = NAN;
  }
}

static bool has_unknown(const double *x, size_t n) {
  bool unknown = false;
  for (size_t i = 0; i < n; i++) unknown |= isnan(x[i]);
  return unknown;
}

/* The scales of kernels in lanes, those that are known anew, too: they come out the same. */
CORE_LANES_CLONES
static void set_scales(struct hpo_parzen *parzen, size_t k) {
  core_lanes sum = core_lanes_all(0);
  for (size_t d = 0; d < parzen->n_dims; d++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[d];
    if (!has_kernels(dim)) continue;
    if (has_unknown(dim->log_scale + k, CORE_LANES))
      core_lanes_store(dim->log_scale + k, log_scales(core_lanes_load(dim->mu + k),
                                                      core_lanes_load(dim->inverse_sigma + k)));
    sum += core_lanes_load(dim->log_scale + k);
  }
  core_lanes_store(parzen->log_scale + k, sum);
}

void hpo_parzen_settle(struct hpo_parzen *parzen) {
  const double narrowest = narrowest_of(parzen);
  for (size_t d = 0; parzen->stale && d < parzen->n_dims; d++)
    for (size_t i = 0; is_numeric(&parzen->dims[d]) && i < parzen->n; i++)
      refresh(parzen, &parzen->dims[d], i, narrowest);
  parzen->stale = false;
  for (size_t k = 0; k < parzen->n; k += CORE_LANES)
    if (has_unknown(parzen->log_scale + k, CORE_LANES)) set_scales(parzen, k);
  for (size_t k = parzen->n; k % HPO_PARZEN_GROUP != 0; k++) parzen->log_scale[k] = -INFINITY;
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
