/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/cmaes_restart.h"

#include <math.h>

#include "core/stats.h"

#define LARGEST_LAMBDA 4096 /* doubling ends here */
#define TOL_X          1e-11
#define TOL_FUN        1e-13 /* relative to the loss */
#define TOL_CONDITION  1e14

/* ---- the plan ---- */

void hpo_cmaes_plan_init(struct hpo_cmaes_plan *plan, enum hpo_cmaes_regime regime, size_t lambda,
                         double growth) {
  *plan = (struct hpo_cmaes_plan){.regime = regime,
                                  .growth = growth,
                                  .lambda_first = lambda,
                                  .lambda_large = lambda,
                                  .runs = 1,
                                  .lambda = lambda,
                                  .sigma_factor = 1};
}

/* A small run: lambda_first (lambda_large / (2 lambda_first))^(u^2) samples, steps down to a
 * hundredth. */
static void plan_small(struct hpo_cmaes_plan *plan, struct core_rng *rng) {
  const double first = (double)plan->lambda_first, u = core_rng_unit(rng);
  const double ratio = (double)plan->lambda_large / (2 * first);
  plan->small = true;
  plan->lambda = (size_t)fmax(first, floor(first * pow(fmax(ratio, 1), u * u)));
  plan->sigma_factor = pow(10, -2 * core_rng_unit(rng));
}

void hpo_cmaes_plan_next(struct hpo_cmaes_plan *plan, uint64_t spent, struct core_rng *rng) {
  *(plan->small ? &plan->spent_small : &plan->spent_large) += spent;
  const bool first = plan->runs++ == 1;
  /* The first run of BIPOP counts for neither kind. */
  if (first && plan->regime == HPO_CMAES_BIPOP) plan->spent_large = 0;
  if (plan->regime == HPO_CMAES_BIPOP && !first && plan->spent_small < plan->spent_large) {
    plan_small(plan, rng);
    return;
  }
  const double larger = fmin((double)plan->lambda_large * plan->growth, LARGEST_LAMBDA);
  if ((double)plan->lambda_large < larger) plan->lambda_large = (size_t)larger;
  plan->small = false;
  plan->lambda = plan->lambda_large;
  plan->sigma_factor = 1;
}

/* ---- the end of a run ---- */

void hpo_cmaes_progress_close(struct hpo_cmaes_progress *progress) {
  core_free(progress->best);
  core_free(progress->median);
  *progress = (struct hpo_cmaes_progress){0};
}

static enum core_status reserve(double **array, size_t *cap, size_t need, struct core_error *err) {
  void *grown = *array;
  CORE_TRY(core_grow(&grown, cap, need, sizeof **array, err));
  *array = grown;
  return CORE_OK;
}

enum core_status hpo_cmaes_progress_add(struct hpo_cmaes_progress *progress, const double *losses,
                                        size_t lambda, struct core_error *err) {
  CORE_TRY(reserve(&progress->best, &progress->best_cap, progress->n + 1, err));
  CORE_TRY(reserve(&progress->median, &progress->median_cap, progress->n + 1, err));
  progress->best[progress->n] = losses[0];
  progress->median[progress->n++] = losses[lambda / 2];
  return CORE_OK;
}

static double median_of(const double *values, size_t n) {
  double sorted[64];
  const size_t stride = (n + 63) / 64; /* every so many: a median of that many is as good */
  size_t count = 0;
  for (size_t i = 0; i < n; i += stride) sorted[count++] = values[i];
  core_sort_doubles(sorted, count);
  return sorted[count / 2];
}

/* The medians of the latest third of a long window are no better than those of its first third. */
static bool stagnates(const double *values, size_t n, size_t window) {
  const size_t third = window * 3 / 10;
  const double early = median_of(values + n - window, third);
  const double late = median_of(values + n - third, third);
  return late >= early;
}

static bool is_flat(const struct hpo_cmaes *s, const struct hpo_cmaes_progress *progress,
                    const double *losses) {
  const size_t window = 10 + 30 * s->n / s->lambda;
  double least = losses[0], most = losses[s->lambda - 1];
  if (progress->n < window) return false;
  for (size_t i = progress->n - window; i < progress->n; i++) {
    least = fmin(least, progress->best[i]);
    most = fmax(most, progress->best[i]);
  }
  return most - least <= TOL_FUN * fmax(fabs(least), TOL_FUN) || most == least;
}

static bool is_tiny(const struct hpo_cmaes *s) {
  for (size_t j = 0; j < s->n; j++)
    if (hpo_cmaes_deviation(s, j) > TOL_X || s->sigma * fabs(s->path_cov[j]) > TOL_X) return false;
  return s->n > 0;
}

bool hpo_cmaes_is_over(const struct hpo_cmaes *s, const struct hpo_cmaes_progress *progress,
                       const double *losses) {
  const size_t n = progress->n, fifth = n / 5, least = 120 + 30 * s->n / s->lambda;
  const size_t window = fifth > least ? fifth : least;
  if (is_tiny(s) || is_flat(s, progress, losses)) return true;
  if (!(hpo_cmaes_condition(s) < TOL_CONDITION)) return true;
  return n >= window && stagnates(progress->best, n, window) &&
         stagnates(progress->median, n, window);
}
