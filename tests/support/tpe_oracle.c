/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/tpe_oracle.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/stats.h"
#include "hpo/fidelity.h"
#include "tests/support/support.h"

static void *some(size_t n, size_t bytes) {
  void *block = core_calloc(n + 1, bytes);
  assert_non_null(block);
  return block;
}

/* ---- widths ---- */

static double place_of(const struct hpo_param *p, const struct hpo_trial *trial, size_t k) {
  if (p->type != HPO_PARAM_INT || !p->log) return trial->unit[k];
  const double low = log(p->low - 0.5), high = log(p->high + 0.5);
  return (log(trial->internal[k]) - low) / (high - low);
}

struct observed {
  double at;
  size_t kernel;
};

static int by_place(const void *left, const void *right) {
  const struct observed *a = left, *b = right;
  if (a->at != b->at) return a->at < b->at ? -1 : 1;
  return (a->kernel > b->kernel) - (a->kernel < b->kernel);
}

static void set_sigmas(const struct tpe_oracle_mixture *m, size_t d) {
  const struct hpo_param *p = &m->space->params[m->params[d]];
  const size_t n = m->n;
  const double least = m->options->magic_clip ? 1 / fmin(100, (double)n + 2) : 1e-12;
  const bool bounds = m->options->endpoints || n < 2; /* are neighbours of the outermost */
  struct observed *sorted = some(n, sizeof *sorted);
  for (size_t i = 0; i < n; i++)
    sorted[i] = (struct observed){place_of(p, m->trials[i], m->params[d]), i};
  qsort(sorted, n, sizeof *sorted, by_place);
  for (size_t i = 0; i < n; i++) {
    double gap = 0;
    if (i > 0 || bounds) gap = fmax(gap, sorted[i].at - (i > 0 ? sorted[i - 1].at : 0));
    if (i + 1 < n || bounds) gap = fmax(gap, (i + 1 < n ? sorted[i + 1].at : 1) - sorted[i].at);
    m->sigma[d * n + sorted[i].kernel] = fmin(fmax(gap, least), 1);
  }
  core_free(sorted);
}

void tpe_oracle_fit(struct tpe_oracle_mixture *m, const struct tpe_oracle *o,
                    const struct hpo_space *space, const size_t *params, size_t n_params,
                    const struct hpo_trial *const *trials, size_t n) {
  *m = (struct tpe_oracle_mixture){
      .options = o, .space = space, .params = params, .n_params = n_params};
  m->trials = some(n, sizeof(struct hpo_trial *));
  for (size_t i = 0; i < n; i++)
    if (!isnan(trials[i]->internal[params[0]])) m->trials[m->n++] = trials[i];
  m->sigma = some(n_params * m->n, sizeof(double));
  for (size_t d = 0; d < n_params; d++)
    if (space->params[params[d]].type != HPO_PARAM_CATEGORICAL) set_sigmas(m, d);
}

void tpe_oracle_release(struct tpe_oracle_mixture *m) {
  core_free(m->trials);
  core_free(m->sigma);
}

/* ---- density ---- */

static double weight_of(const struct tpe_oracle_mixture *m, size_t i) {
  const size_t n = m->n;
  if (i == n) return m->options->prior_weight;
  if (n < 25 || i >= n - 25) return 1;
  if (n == 26) return 1 / (double)n;
  return 1 / (double)n + (1 - 1 / (double)n) * (double)i / (double)(n - 26);
}

static double log_choice(const struct tpe_oracle_mixture *m, size_t d, size_t i, double unit) {
  const struct hpo_param *p = &m->space->params[m->params[d]];
  const double n = (double)p->n_choices, share = m->options->prior_weight / (double)(m->n + 1);
  if (i == m->n) return -log(n);
  const bool hit = m->trials[i]->internal[m->params[d]] == hpo_param_from_unit(p, unit);
  return log((share + (hit ? 1 : 0)) / (1 + n * share));
}

static double log_kernel(const struct tpe_oracle_mixture *m, size_t d, size_t i, double unit) {
  const struct hpo_param *p = &m->space->params[m->params[d]];
  if (p->type == HPO_PARAM_CATEGORICAL) return log_choice(m, d, i, unit);
  const double mu = i < m->n ? place_of(p, m->trials[i], m->params[d]) : 0.5;
  const double sigma = i < m->n ? m->sigma[d * m->n + i] : 1;
  const double whole = core_normal_log_interval(-mu / sigma, (1 - mu) / sigma);
  double lo, hi;
  hpo_param_cell(p, unit, &lo, &hi);
  if (hpo_param_count(p) > 0)
    return core_normal_log_interval((lo - mu) / sigma, (hi - mu) / sigma) - whole;
  return -0.5 * (unit - mu) / sigma * ((unit - mu) / sigma) - 0.5 * log(2 * acos(-1)) - log(sigma) -
         whole;
}

double tpe_oracle_log_density(const struct tpe_oracle_mixture *m, const double *unit) {
  double *sums = some(m->n + 1, sizeof *sums), weights = 0;
  for (size_t i = 0; i <= m->n; i++) {
    sums[i] = log(weight_of(m, i));
    weights += weight_of(m, i);
    for (size_t d = 0; d < m->n_params; d++) sums[i] += log_kernel(m, d, i, unit[d]);
  }
  const double sum = core_log_sum_exp(sums, m->n + 1) - log(weights);
  core_free(sums);
  return sum;
}

/* ---- draws ---- */

static double draw_choice(const struct tpe_oracle_mixture *m, size_t d, size_t i, double quantile) {
  const struct hpo_param *p = &m->space->params[m->params[d]];
  double sum = 0;
  for (size_t c = 0; c < p->n_choices; c++) {
    const double unit = ((double)c + 0.5) / (double)p->n_choices;
    sum += exp(log_choice(m, d, i, unit));
    if (quantile < sum) return unit;
  }
  return 1;
}

static double draw_dim(const struct tpe_oracle_mixture *m, size_t d, size_t i, double quantile) {
  const struct hpo_param *p = &m->space->params[m->params[d]];
  if (p->type == HPO_PARAM_CATEGORICAL) return draw_choice(m, d, i, quantile);
  const double mu = i < m->n ? place_of(p, m->trials[i], m->params[d]) : 0.5;
  const double sigma = i < m->n ? m->sigma[d * m->n + i] : 1;
  return mu + sigma * core_truncnorm_quantile(quantile, -mu / sigma, (1 - mu) / sigma);
}

static void draw(const struct tpe_oracle_mixture *m, struct core_rng *rng, double *unit) {
  double weights = 0, upto = 0;
  for (size_t i = 0; i <= m->n; i++) weights += weight_of(m, i);
  const double quantile = core_rng_unit(rng);
  size_t i = 0;
  for (; i < m->n; i++)
    if ((upto += weight_of(m, i)) > quantile * weights) break;
  for (size_t d = 0; d < m->n_params; d++) unit[d] = draw_dim(m, d, i, core_rng_unit(rng));
}

/* ---- the division ---- */

static int by_number(const void *left, const void *right) {
  const struct hpo_trial *a = *(const struct hpo_trial *const *)left;
  const struct hpo_trial *b = *(const struct hpo_trial *const *)right;
  return (a->number > b->number) - (a->number < b->number);
}

/* Orders trials[] as below, then above (the order of merit has a test of its own); returns the number below, and of both. */
static size_t divide(const struct tpe_oracle *o, const struct hpo_history *seen,
                     const struct hpo_trial **trials, size_t *n_both) {
  const size_t width = sizeof *trials;
  struct core_arena arena = {0};
  size_t n = hpo_fidelity_rank(seen, trials, &arena);
  core_arena_close(&arena);
  assert_true(n != SIZE_MAX);
  double counted = 0;
  for (size_t i = 0; i < n; i++) counted += trials[i]->state == HPO_PRUNED ? 0.5 : 1;
  const size_t tenth = (size_t)ceil(counted / 10), below = tenth < 25 ? tenth : 25;
  for (size_t i = 0; i < seen->n_trials && o->constant_liar; i++)
    if (!hpo_state_is_final(seen->trials[i]->state)) trials[n++] = seen->trials[i];
  qsort(trials, below, width, by_number);
  qsort(trials + below, n - below, width, by_number);
  *n_both = n;
  return below;
}

/* ---- blocks ---- */

bool tpe_oracle_is_multivariate(const struct tpe_oracle *o, const struct hpo_history *seen) {
  size_t n_observed = 0, n_pending = 0;
  for (size_t i = 0; i < seen->n_trials; i++) {
    const enum hpo_state state = seen->trials[i]->state;
    n_observed += state == HPO_COMPLETE || state == HPO_PRUNED;
    n_pending += state == HPO_RUNNING || state == HPO_WAITING;
  }
  return o->multivariate && !(o->adapts && n_pending > 16 && 4 * n_pending > n_observed);
}

static bool implies(const struct hpo_param *a, const struct hpo_param *b) {
  for (size_t i = 0; i < a->n_conditions; i++) {
    const struct hpo_condition *x = &a->conditions[i];
    bool found = false;
    for (size_t j = 0; j < b->n_conditions; j++) {
      const struct hpo_condition *y = &b->conditions[j];
      bool same = x->parent == y->parent && x->n_values == y->n_values;
      for (size_t v = 0; same && v < x->n_values; v++) same = x->values[v] == y->values[v];
      found |= same;
    }
    if (!found) return false;
  }
  return a->n_conditions == b->n_conditions;
}

static bool together(const struct tpe_oracle *o, bool multivariate, const struct hpo_param *a,
                     const struct hpo_param *b) {
  if (a == b) return true;
  if (!multivariate || (!o->group && b->n_conditions > 0)) return false;
  return implies(a, b);
}

/* A suggestion on its way. */
struct progress {
  const struct hpo_history *seen;
  double *internal; /* what is known of the point */
  bool *done;       /* parameters that were decided on */
};

/* Is the point complete with the candidate, and one that a trial has? */
static bool is_taken(const struct progress *p, const struct tpe_oracle_mixture *m,
                     const double *unit) {
  const struct hpo_space *space = p->seen->space;
  const struct hpo_history *whole = p->seen->whole;
  double *row = some(space->n_params, sizeof *row);
  for (size_t k = 0; k < space->n_params; k++) row[k] = p->internal[k];
  for (size_t d = 0; d < m->n_params; d++)
    row[m->params[d]] = hpo_param_from_unit(&space->params[m->params[d]], unit[d]);
  bool complete = true, found = false;
  for (size_t k = 0; k < space->n_params; k++)
    complete &= p->done[k] || !hpo_param_is_active(space, k, row);
  for (size_t i = 0; i < whole->n_trials && complete && !found; i++) {
    const double *other = whole->trials[i]->internal;
    found = true;
    for (size_t k = 0; k < space->n_params; k++)
      found &= row[k] == other[k] || (isnan(row[k]) && isnan(other[k]));
  }
  core_free(row);
  return found;
}

/* Are these unit coordinates the values that are the best so far? */
static bool is_same(const struct tpe_oracle_mixture *m, const double *unit, const double *best,
                    bool has_best) {
  bool same = has_best;
  for (size_t d = 0; d < m->n_params && same; d++) {
    const struct hpo_param *p = &m->space->params[m->params[d]];
    same = hpo_param_from_unit(p, unit[d]) == hpo_param_from_unit(p, best[d]);
  }
  return same;
}

/* The best of those that repeat no point; of all, when all do. */
static void best_candidate(const struct tpe_oracle_mixture *below,
                           const struct tpe_oracle_mixture *above, const struct progress *p,
                           struct core_rng *rng, double *best, double *margin) {
  const size_t n = below->n_params;
  double *unit = some(n, sizeof *unit), most = -INFINITY, second = -INFINITY;
  bool most_taken = true;
  for (size_t c = 0; c < below->options->n_candidates; c++) {
    draw(below, rng, unit);
    const double ratio = tpe_oracle_log_density(below, unit) - tpe_oracle_log_density(above, unit);
    const bool taken = is_taken(p, below, unit);
    if ((taken && !most_taken) || is_same(below, unit, best, most > -INFINITY)) continue;
    if (taken == most_taken) second = fmax(second, fmin(ratio, most));
    if (taken == most_taken && !(ratio > most)) continue;
    if (taken != most_taken) second = -INFINITY;
    most = ratio;
    most_taken = taken;
    for (size_t d = 0; d < n; d++) best[d] = unit[d];
  }
  *margin = fmin(*margin, most - second);
  core_free(unit);
}

void tpe_oracle_suggest(const struct tpe_oracle *o, const struct hpo_history *seen,
                        struct core_rng *rng, double *internal, double *margin) {
  const struct hpo_space *space = seen->space;
  const bool multivariate = tpe_oracle_is_multivariate(o, seen);
  const struct hpo_trial **trials = some(seen->n_trials, sizeof(struct hpo_trial *));
  size_t n, n_below = divide(o, seen, trials, &n);
  size_t *dims = some(space->n_params, sizeof *dims);
  double *best = some(space->n_params, sizeof *best);
  bool *done = some(space->n_params, sizeof *done);
  *margin = INFINITY;
  for (size_t k = 0; k < space->n_params; k++) internal[k] = NAN;
  for (size_t i = 0; i < space->n_params; i++) {
    const size_t first = space->order[i];
    if (done[first] || !hpo_param_is_active(space, first, internal)) continue;
    size_t n_dims = 0;
    for (size_t j = i; j < space->n_params; j++) {
      const size_t k = space->order[j];
      if (done[k] || !together(o, multivariate, &space->params[first], &space->params[k])) continue;
      done[k] = true;
      internal[k] = hpo_param_from_unit(&space->params[k], 0.5);
      if (hpo_param_count(&space->params[k]) != 1) dims[n_dims++] = k;
    }
    if (n_dims == 0) continue;
    struct tpe_oracle_mixture below, above;
    tpe_oracle_fit(&below, o, space, dims, n_dims, trials, n_below);
    tpe_oracle_fit(&above, o, space, dims, n_dims, trials + n_below, n - n_below);
    const struct progress progress = {seen, internal, done};
    best_candidate(&below, &above, &progress, rng, best, margin);
    for (size_t d = 0; d < n_dims; d++)
      internal[dims[d]] = hpo_param_from_unit(&space->params[dims[d]], best[d]);
    tpe_oracle_release(&below);
    tpe_oracle_release(&above);
  }
  core_free(trials);
  core_free(dims);
  core_free(best);
  core_free(done);
}
