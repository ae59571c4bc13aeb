/* SPDX-License-Identifier: GPL-3.0-or-later
 * Numbers in brackets are the equations of Hansen's tutorial. Matrices are small (n = 5 to 200),
 * so all but the eigendecomposition are plain loops over rows. */
#include "hpo/sampler/cmaes_strategy.h"

#include <math.h>
#include <string.h>

#include "core/linalg.h"

#define SMALLEST_EIGENVALUE 1e-30 /* of C, whose own scale is about 1 */

size_t hpo_cmaes_population(size_t n) {
  return 4 + (size_t)(log((double)(n > 0 ? n : 1)) + 0.5);
}

/* ---- constants ---- */

/* Raw weights ln((lambda + 1) / 2) - ln i: the better half counts positively (49). */
static double raw_weight(size_t lambda, size_t i) {
  return log(((double)lambda + 1) / 2) - log((double)i + 1);
}

/* (sum w)^2 / sum w^2 over the ranks from `begin` to before `end`. */
static double effective_mass(size_t lambda, size_t begin, size_t end) {
  double sum = 0, squares = 0;
  for (size_t i = begin; i < end; i++) {
    const double w = raw_weight(lambda, i);
    sum += w;
    squares += w * w;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

/* (55) to (58). A diagonal has fewer entries to learn, so the separable rates are (n + 2) / 3
 * times as large. */
static void set_rates(struct hpo_cmaes *s) {
  struct hpo_cmaes_rates *r = &s->rates;
  const double n = (double)(s->n > 0 ? s->n : 1);
  const double mass = effective_mass(s->lambda, 0, s->lambda / 2);
  r->mu_eff = mass;
  r->c_sigma = (mass + 2) / (n + mass + 5);
  r->d_sigma = 1 + 2 * fmax(0, sqrt((mass - 1) / (n + 1)) - 1) + r->c_sigma;
  r->c_path = (4 + mass / n) / (n + 4 + 2 * mass / n);
  r->c_one = 2 / ((n + 1.3) * (n + 1.3) + mass);
  r->c_mu = 2 * (0.25 + mass + 1 / mass - 2) / ((n + 2) * (n + 2) + mass);
  if (s->separable) {
    r->c_one *= (n + 2) / 3;
    r->c_mu *= (n + 2) / 3;
  }
  r->c_one = fmin(r->c_one, 0.5);
  r->c_mu = fmin(r->c_mu, 1 - r->c_one);
  r->chi = sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
}

/* (50) to (53): the negative weights' sum is bounded so that C stays positive definite. */
static void set_weights(struct hpo_cmaes *s) {
  const struct hpo_cmaes_rates *r = &s->rates;
  const double n = (double)(s->n > 0 ? s->n : 1);
  const size_t mu = s->lambda / 2;
  const double negative_mass = effective_mass(s->lambda, mu, s->lambda);
  double positive = 0, negative = 0;
  for (size_t i = 0; i < s->lambda; i++) {
    const double w = raw_weight(s->lambda, i);
    if (i < mu)
      positive += w;
    else
      negative += fabs(w);
  }
  const double bound = fmin(fmin(1 + r->c_one / r->c_mu, 1 + 2 * negative_mass / (r->mu_eff + 2)),
                            (1 - r->c_one - r->c_mu) / (n * r->c_mu));
  for (size_t i = 0; i < s->lambda; i++) {
    const double w = raw_weight(s->lambda, i);
    s->weights[i] = i < mu ? w / positive : negative > 0 ? fmin(w, 0) * bound / negative : 0;
  }
}

/* ---- life ---- */

static double *take(struct hpo_cmaes *s, size_t count, bool *missing) {
  double *block = core_arena_calloc(&s->arena, count + 1, sizeof *block);
  *missing |= !block;
  return block;
}

static void set_identity(struct hpo_cmaes *s) {
  const size_t n = s->n;
  for (size_t j = 0; j < n; j++) {
    s->stretch[j] = s->axis[j] = 1;
    s->cov[s->separable ? j : j * n + j] = 1;
    if (s->basis) s->basis[j * n + j] = 1;
  }
}

enum core_status hpo_cmaes_open(struct hpo_cmaes *s, size_t n, size_t lambda, bool separable,
                                struct core_error *err) {
  const size_t n_cov = separable ? n : n * n;
  bool missing = false;
  *s = (struct hpo_cmaes){.n = n, .lambda = lambda, .separable = separable, .sigma = 1};
  CORE_TRY(core_linalg_open(err));
  s->weights = take(s, lambda, &missing);
  s->mean = take(s, n, &missing);
  s->stretch = take(s, n, &missing);
  s->cov = take(s, n_cov, &missing);
  s->basis = separable ? NULL : take(s, n_cov, &missing);
  s->axis = take(s, n, &missing);
  s->path_sigma = take(s, n, &missing);
  s->path_cov = take(s, n, &missing);
  s->steps = take(s, lambda * n, &missing);
  s->work = take(s, 3 * n, &missing);
  s->lengths = take(s, lambda, &missing);
  if (missing) {
    hpo_cmaes_close(s);
    return core_fail_nomem(err, (2 * n_cov + lambda * n) * sizeof(double));
  }
  set_rates(s);
  set_weights(s);
  set_identity(s);
  return CORE_OK;
}

void hpo_cmaes_close(struct hpo_cmaes *s) {
  core_arena_close(&s->arena);
  *s = (struct hpo_cmaes){0};
}

void hpo_cmaes_copy_distribution(struct hpo_cmaes *to, const struct hpo_cmaes *from) {
  const size_t n = from->n;
  to->sigma = from->sigma;
  memcpy(to->mean, from->mean, n * sizeof *to->mean);
  memcpy(to->stretch, from->stretch, n * sizeof *to->stretch);
  memcpy(to->axis, from->axis, n * sizeof *to->axis);
  if (from->basis) memcpy(to->basis, from->basis, n * n * sizeof *to->basis);
}

/* ---- sampling ---- */

/* out = B (scale .* in); `out` is overwritten. */
static void from_axes(const struct hpo_cmaes *s, const double *in, double *out) {
  const size_t n = s->n;
  if (s->separable) {
    memcpy(out, in, n * sizeof *out);
    return;
  }
  for (size_t j = 0; j < n; j++) out[j] = 0;
  for (size_t k = 0; k < n; k++) {
    const double *vector = s->basis + k * n;
    for (size_t j = 0; j < n; j++) out[j] += in[k] * vector[j];
  }
}

/* out = D^-1 B' in. */
static void whiten(const struct hpo_cmaes *s, const double *in, double *out) {
  const size_t n = s->n;
  for (size_t k = 0; k < n; k++) {
    double sum = s->separable ? in[k] : 0;
    for (size_t j = 0; j < n && !s->separable; j++) sum += s->basis[k * n + j] * in[j];
    out[k] = sum / s->axis[k];
  }
}

void hpo_cmaes_place(const struct hpo_cmaes *s, const double *z, double *x) {
  double *scaled = s->work;
  for (size_t k = 0; k < s->n; k++) scaled[k] = s->axis[k] * z[k];
  from_axes(s, scaled, x);
  for (size_t j = 0; j < s->n; j++) x[j] = s->mean[j] + s->sigma * s->stretch[j] * x[j];
}

/* ---- update ---- */

/* The sample's step y = (x - mean) / (sigma stretch), and its squared length in the metric of C. */
static double take_step(struct hpo_cmaes *s, const struct hpo_cmaes_sample *sample, double *y) {
  const double n = (double)s->n, longest = sqrt(n) + 2 * n / (n + 2);
  double *white = s->work, squared = 0;
  for (size_t j = 0; j < s->n; j++) y[j] = (sample->x[j] - s->mean[j]) / (s->sigma * s->stretch[j]);
  whiten(s, y, white);
  for (size_t j = 0; j < s->n; j++) squared += white[j] * white[j];
  if (!sample->foreign || !(squared > longest * longest)) return squared;
  for (size_t j = 0; j < s->n; j++) y[j] *= longest / sqrt(squared);
  return longest * longest;
}

/* (43) and (44); returns |path_sigma|. */
static double move_mean(struct hpo_cmaes *s, const double *shift) {
  const struct hpo_cmaes_rates *r = &s->rates;
  double *white = s->work + s->n, *turned = s->work, squared = 0;
  whiten(s, shift, white);
  from_axes(s, white, turned);
  const double gain = sqrt(r->c_sigma * (2 - r->c_sigma) * r->mu_eff);
  for (size_t j = 0; j < s->n; j++) {
    s->mean[j] += s->sigma * s->stretch[j] * shift[j];
    s->path_sigma[j] = (1 - r->c_sigma) * s->path_sigma[j] + gain * turned[j];
    squared += s->path_sigma[j] * s->path_sigma[j];
  }
  return sqrt(squared);
}

/* (45); returns whether the path was not stalled by a step size that still grows fast. */
static bool extend_path(struct hpo_cmaes *s, const double *shift, double length) {
  const struct hpo_cmaes_rates *r = &s->rates;
  const double begun = 1 - pow(1 - r->c_sigma, 2 * (double)(s->generation + 1));
  const bool moves = length < (1.4 + 2 / ((double)s->n + 1)) * r->chi * sqrt(begun);
  const double gain = moves ? sqrt(r->c_path * (2 - r->c_path) * r->mu_eff) : 0;
  for (size_t j = 0; j < s->n; j++)
    s->path_cov[j] = (1 - r->c_path) * s->path_cov[j] + gain * shift[j];
  return moves;
}

/* C += factor * y y', or its diagonal. */
static void add_outer(struct hpo_cmaes *s, double factor, const double *y) {
  const size_t n = s->n;
  for (size_t j = 0; j < n; j++) {
    if (s->separable) {
      s->cov[j] += factor * y[j] * y[j];
      continue;
    }
    const double scaled = factor * y[j];
    for (size_t k = 0; k < n; k++) s->cov[j * n + k] += scaled * y[k];
  }
}

/* (46), (47). `squared` holds the samples' squared lengths. */
static void learn_cov(struct hpo_cmaes *s, const double *squared, bool moves) {
  const struct hpo_cmaes_rates *r = &s->rates;
  const size_t n_cov = s->separable ? s->n : s->n * s->n;
  double sum = 0;
  for (size_t i = 0; i < s->lambda; i++) sum += s->weights[i];
  const double missed = moves ? 0 : r->c_one * r->c_path * (2 - r->c_path);
  const double kept = 1 + missed - r->c_one - r->c_mu * sum;
  for (size_t i = 0; i < n_cov; i++) s->cov[i] *= kept;
  add_outer(s, r->c_one, s->path_cov);
  for (size_t i = 0; i < s->lambda; i++) {
    double weight = s->weights[i];
    if (weight < 0) weight *= squared[i] > 0 ? (double)s->n / squared[i] : 0;
    add_outer(s, r->c_mu * weight, s->steps + i * s->n);
  }
}

static enum core_status decompose(struct hpo_cmaes *s, struct core_error *err) {
  const size_t n = s->n;
  for (size_t i = 0; i < (s->separable ? n : n * n); i++)
    if (!isfinite(s->cov[i])) return core_fail(err, CORE_INVAL, "the covariance is not finite");
  if (s->separable) {
    memcpy(s->axis, s->cov, n * sizeof *s->axis);
  } else {
    memcpy(s->basis, s->cov, n * n * sizeof *s->basis);
    CORE_TRY(core_linalg_eigen_symmetric(s->basis, n, s->axis, err));
  }
  for (size_t j = 0; j < n; j++) s->axis[j] = sqrt(fmax(s->axis[j], SMALLEST_EIGENVALUE));
  return CORE_OK;
}

enum core_status hpo_cmaes_update(struct hpo_cmaes *s, const struct hpo_cmaes_sample *samples,
                                  struct core_error *err) {
  const struct hpo_cmaes_rates *r = &s->rates;
  if (s->n == 0) return CORE_OK;
  double *shift = s->work + 2 * s->n, *squared = s->lengths;
  for (size_t j = 0; j < s->n; j++) shift[j] = 0;
  for (size_t i = 0; i < s->lambda; i++) {
    double *y = s->steps + i * s->n;
    squared[i] = take_step(s, &samples[i], y);
    if (!isfinite(squared[i])) return core_fail(err, CORE_INVAL, "a sample is not finite");
    for (size_t j = 0; j < s->n && s->weights[i] > 0; j++) shift[j] += s->weights[i] * y[j];
  }
  const double length = move_mean(s, shift);
  const bool moves = extend_path(s, shift, length);
  learn_cov(s, squared, moves);
  s->sigma *= exp(fmin(1, r->c_sigma / r->d_sigma * (length / r->chi - 1)));
  s->generation++;
  return decompose(s, err);
}

double hpo_cmaes_deviation(const struct hpo_cmaes *s, size_t j) {
  const double variance = s->cov[s->separable ? j : j * s->n + j];
  return s->sigma * s->stretch[j] * sqrt(fmax(variance, SMALLEST_EIGENVALUE));
}

double hpo_cmaes_condition(const struct hpo_cmaes *s) {
  double least = INFINITY, most = 0;
  for (size_t j = 0; j < s->n; j++) {
    least = fmin(least, s->axis[j]);
    most = fmax(most, s->axis[j]);
  }
  return s->n > 0 ? most / least * (most / least) : 1;
}
