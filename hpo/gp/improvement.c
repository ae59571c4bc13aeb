/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/improvement.h"

#include <math.h>

#include "core/stats.h"
#include "hpo/gp/logei.h"

#define FANTASIES 32
#define BLOCK     128   /* rows predicted at a time */
#define LEAST_VAR 1e-14 /* the posterior variance is known no better; of standardised values */

static enum core_status take_memory(struct hpo_improvement *v, struct core_arena *arena,
                                    struct core_error *err) {
  const size_t s = v->n_fantasies > 0 ? v->n_fantasies : 1, d = v->d;
  const size_t n = s * BLOCK + BLOCK + s * d + d + 4 * s;
  double *at = core_arena_calloc(arena, n, sizeof *at);
  if (!at) return core_fail_nomem(err, n * sizeof *at);
  v->mean = at, at += s * BLOCK;
  v->var = at, at += BLOCK;
  v->dmean = at, at += s * d;
  v->dvar = at, at += d;
  v->bests = at, at += s;
  v->log_values = at, at += s;
  v->by_mean = at, at += s;
  v->by_sigma = at;
  return CORE_OK;
}

/* What must be improved on in each fantasy. */
static void set_bests(struct hpo_improvement *v, size_t m, bool follow_pending) {
  for (size_t s = 0; s < v->n_fantasies; s++) v->bests[s] = v->best;
  for (size_t k = 0; k < m && follow_pending; k++) {
    const double *fantasy = hpo_gp_fantasy(v->gp, k);
    for (size_t s = 0; s < v->n_fantasies; s++) v->bests[s] = fmin(v->bests[s], fantasy[s]);
  }
}

enum core_status hpo_improvement_open(struct hpo_improvement *out, struct hpo_gp *gp, size_t d,
                                      double best, const double *pending, size_t m,
                                      bool follow_pending, struct core_rng *rng,
                                      struct core_arena *arena, struct core_error *err) {
  *out = (struct hpo_improvement){
      .gp = gp, .d = d, .best = best, .n_fantasies = m > 0 ? FANTASIES : 0};
  CORE_TRY(take_memory(out, arena, err));
  if (m == 0) return CORE_OK;
  double *normals = core_arena_calloc(arena, m * FANTASIES, sizeof *normals);
  if (!normals) return core_fail_nomem(err, m * FANTASIES * sizeof *normals);
  /* Antithetic pairs: the fantasies' mean is the posterior's. */
  for (size_t s = 0; s < FANTASIES; s += 2)
    for (size_t k = 0; k < m; k++) {
      normals[s * m + k] = core_rng_normal(rng);
      normals[(s + 1) * m + k] = -normals[s * m + k];
    }
  CORE_TRY(hpo_gp_pend(gp, pending, m, normals, FANTASIES, err));
  set_bests(out, m, follow_pending);
  return CORE_OK;
}

void hpo_improvement_close(struct hpo_improvement *v) {
  if (v->n_fantasies > 0) hpo_gp_drop_pending(v->gp);
}

static double sigma_of(double var) {
  return sqrt(fmax(var, LEAST_VAR));
}

/* log of the mean over fantasies; stride: between the means of one row. */
static double mean_over_fantasies(struct hpo_improvement *v, const double *mean, size_t stride,
                                  double sigma) {
  for (size_t s = 0; s < v->n_fantasies; s++)
    v->log_values[s] =
        hpo_logei(v->bests[s], mean[s * stride], sigma, &v->by_mean[s], &v->by_sigma[s]);
  return core_log_sum_exp(v->log_values, v->n_fantasies) - log((double)v->n_fantasies);
}

static double never_nan(double value) {
  return isnan(value) ? -INFINITY : value;
}

static void improvement_values(void *context, const double *rows, size_t m, double *out) {
  struct hpo_improvement *v = context;
  for (size_t from = 0; from < m; from += BLOCK) {
    const size_t n = m - from < BLOCK ? m - from : BLOCK;
    const double *x = rows + from * v->d;
    if (v->n_fantasies > 0)
      hpo_gp_predict_fantasies(v->gp, x, n, v->mean, v->var);
    else
      hpo_gp_predict(v->gp, x, n, v->mean, v->var);
    for (size_t i = 0; i < n; i++) {
      const double sigma = sigma_of(v->var[i]);
      const double value = v->n_fantasies > 0
                               ? mean_over_fantasies(v, v->mean + i, n, sigma)
                               : hpo_logei(v->best, v->mean[i], sigma, v->by_mean, v->by_sigma);
      const double log_new = v->plateau ? hpo_plateau_log_new(v->plateau, x + i * v->d) : 0;
      out[from + i] = never_nan(value + log_new);
    }
  }
}

/* The chain rule for sigma = sqrt(var), flat where var is at its floor. */
static void add_sigma_gradient(const struct hpo_improvement *v, double by_sigma, double sigma,
                               double *gradient) {
  if (!(v->var[0] > LEAST_VAR)) return;
  for (size_t j = 0; j < v->d; j++) gradient[j] += by_sigma * v->dvar[j] / (2 * sigma);
}

static double one_gradient(struct hpo_improvement *v, const double *row, double *gradient) {
  hpo_gp_predict_gradient(v->gp, row, v->mean, v->var, v->dmean, v->dvar);
  const double sigma = sigma_of(v->var[0]);
  const double value = hpo_logei(v->best, v->mean[0], sigma, v->by_mean, v->by_sigma);
  for (size_t j = 0; j < v->d; j++) gradient[j] = v->by_mean[0] * v->dmean[j];
  add_sigma_gradient(v, v->by_sigma[0], sigma, gradient);
  return never_nan(value);
}

static double improvement_gradient(void *context, const double *row, double *gradient) {
  struct hpo_improvement *v = context;
  if (v->n_fantasies == 0) return one_gradient(v, row, gradient);
  hpo_gp_predict_fantasies_gradient(v->gp, row, v->mean, v->var, v->dmean, v->dvar);
  const double sigma = sigma_of(v->var[0]);
  const double value = mean_over_fantasies(v, v->mean, 1, sigma);
  double by_sigma = 0;
  for (size_t j = 0; j < v->d; j++) gradient[j] = 0;
  for (size_t s = 0; s < v->n_fantasies; s++) {
    const double share = exp(v->log_values[s] - value) / (double)v->n_fantasies;
    by_sigma += share * v->by_sigma[s];
    for (size_t j = 0; j < v->d; j++) gradient[j] += share * v->by_mean[s] * v->dmean[s * v->d + j];
  }
  add_sigma_gradient(v, by_sigma, sigma, gradient);
  return never_nan(value);
}

struct hpo_target hpo_improvement_target(struct hpo_improvement *improvement) {
  return (struct hpo_target){improvement, improvement_values, improvement_gradient};
}
