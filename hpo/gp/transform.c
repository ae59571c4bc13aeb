/* SPDX-License-Identifier: GPL-3.0-or-later
 * Losses may be anything up to 1e308: they are halved twice before they are subtracted, and
 * distances from the best are measured in units of their median before they are used. */
#include "hpo/gp/transform.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "core/compiler.h"
#include "core/mem.h"
#include "core/stats.h"

#define QUARTER       0.25
#define ROUNDING      (16 * DBL_EPSILON) /* of the best loss: what differences are sure to be above */
#define LARGEST_U     1e140 /* losses further above the best are equal                            */
#define MOST_VARIANCE 1e4   /* of a target, beside 1 of all: it says nothing                     */
#define SHARE_ALONE   0.5   /* of standardising alone, where it only sets a unit                  */
#define LEAST_CHOICE                                                                               \
  5 /* distinct losses; fewer are standardised alone                              */

static const double powers[] = {0.5, 0.25, 0, -0.25, -0.5, -1};
static const double shares[] = {0.1, 0.2, 0.35, 0.5, 0.75};

struct hpo_gp_transform {
  double best;         /* quarters of losses                              */
  double softness;     /* as well                                         */
  double power, share; /* as learnt; share: where the softness came from  */
  double mean, scale;  /* of the transformed losses; scale 0: all the same */
};

static const struct hpo_gp_transform identity = {
    .power = 1, .share = SHARE_ALONE, .softness = QUARTER, .scale = 1};

enum core_status hpo_gp_transform_open(struct hpo_gp_transform **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  if (*out == NULL) return core_fail_nomem(err, sizeof **out);
  **out = identity;
  return CORE_OK;
}

void hpo_gp_transform_close(struct hpo_gp_transform *t) {
  core_free(t);
}

/* Box-Cox of 1 + u, and u itself below 0. */
static double box_cox(double u, double power) {
  if (u <= 0 || power == 1) return u;
  const double l = log1p(u);
  return power == 0 ? l : expm1(power * l) / power;
}

static double limited(double u) {
  return fmin(fmax(u, -LARGEST_U), LARGEST_U);
}

double hpo_gp_transform_apply(const struct hpo_gp_transform *t, double y) {
  if (t->scale <= 0) return 0;
  const double u = limited((y * QUARTER - t->best) / t->softness);
  return (box_cox(u, t->power) - t->mean) / t->scale;
}

/* Mean and scale of n losses at these distances from the best, in two passes. Gives the sum of the
 * log slopes: up to a constant, the log likelihood of the losses as a transformed normal sample. */
static double standardise(struct hpo_gp_transform *t, const double *distances, size_t n) {
  double sum = 0, squares = 0, stretch = 0;
  for (size_t i = 0; i < n; i++) {
    const double u = limited(distances[i] / t->softness);
    sum += box_cox(u, t->power);
    stretch += (t->power - 1) * log1p(u);
  }
  t->mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) {
    const double off = box_cox(limited(distances[i] / t->softness), t->power) - t->mean;
    squares += off * off;
  }
  t->scale = sqrt(squares / (double)n);
  return t->scale > 0 ? stretch - (double)n * (log(t->softness) + log(t->scale)) : -INFINITY;
}

/* Ascending distances from the best, in quarters of losses; false when all are 0. */
static bool take_distances(struct hpo_gp_transform *t, const double *y, size_t n, double *sorted) {
  double low = y[0], largest = 0;
  for (size_t i = 0; i < n; i++) {
    assert(isfinite(y[i]));
    low = fmin(low, y[i]);
    largest = fmax(largest, fabs(y[i] * QUARTER));
  }
  t->best = low * QUARTER;
  for (size_t i = 0; i < n; i++) sorted[i] = y[i] * QUARTER - t->best;
  core_sort_doubles(sorted, n);
  return sorted[n - 1] > largest * DBL_EPSILON;
}

/* A quantile of the distances above 0, kept above rounding. */
static double softness_at(const struct hpo_gp_transform *t, const double *sorted, size_t n,
                          double share) {
  size_t ties = 0;
  while (sorted[ties] <= 0) ties++;
  const double at = core_quantile_sorted(sorted + ties, n - ties, share);
  return fmax(at, fmax(fabs(t->best) * ROUNDING, DBL_MIN));
}

/* Ties would make any slope look likely where they are: one of each counts. */
static size_t without_ties(const double *sorted, size_t n, double *distinct) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (i == 0 || sorted[i] > sorted[i - 1]) distinct[kept++] = sorted[i];
  return kept;
}

static void choose(struct hpo_gp_transform *t, const double *distinct, size_t n) {
  struct hpo_gp_transform tried = *t;
  double most = standardise(&tried, distinct, n) + HPO_GP_TRANSFORM_GAIN;
  for (size_t s = 0; s < CORE_COUNT_OF(shares) && n >= LEAST_CHOICE; s++) {
    for (size_t p = 0; p < CORE_COUNT_OF(powers); p++) {
      tried.softness = softness_at(t, distinct, n, shares[s]);
      tried.power = powers[p];
      const double value = standardise(&tried, distinct, n);
      if (!(value > most)) continue;
      most = value;
      t->power = tried.power;
      t->share = shares[s];
      t->softness = tried.softness;
    }
  }
}

static enum core_status fit(struct hpo_gp_transform *t, const double *y, size_t n,
                            const double *power, double share, struct core_error *err) {
  *t = identity;
  t->share = share;
  if (n == 0) return CORE_OK;
  double *sorted = core_alloc(2 * n * sizeof *sorted);
  if (sorted == NULL) return core_fail_nomem(err, 2 * n * sizeof *sorted);
  if (take_distances(t, y, n, sorted)) {
    t->softness = softness_at(t, sorted, n, share);
    if (power != NULL)
      t->power = *power;
    else
      choose(t, sorted + n, without_ties(sorted, n, sorted + n));
    standardise(t, sorted, n);
  } else {
    t->scale = 0;
  }
  core_free(sorted);
  return CORE_OK;
}

enum core_status hpo_gp_transform_fit(struct hpo_gp_transform *t, const double *y, size_t n,
                                      struct core_error *err) {
  return fit(t, y, n, NULL, SHARE_ALONE, err);
}

enum core_status hpo_gp_transform_fit_as(struct hpo_gp_transform *t, const double *y, size_t n,
                                         double power, double share, struct core_error *err) {
  assert(power <= 1 && share > 0 && share <= 1);
  return fit(t, y, n, &power, share, err);
}

enum core_status hpo_gp_transform_refit(struct hpo_gp_transform *t, const double *y, size_t n,
                                        struct core_error *err) {
  const double power = t->power;
  return fit(t, y, n, &power, t->share, err);
}

double hpo_gp_transform_log_slope(const struct hpo_gp_transform *t, double y) {
  if (t->scale <= 0) return 0;
  const double u = limited((y * QUARTER - t->best) / t->softness);
  return (u > 0 ? (t->power - 1) * log1p(u) : 0) - log(t->softness) - log(t->scale);
}

double hpo_gp_transform_variance(const struct hpo_gp_transform *t, double y, double spread) {
  if (!(spread > 0)) return 0;
  const double sd =
      0.5 * (hpo_gp_transform_apply(t, y + spread) - hpo_gp_transform_apply(t, y - spread));
  return fmin(sd * sd, MOST_VARIANCE);
}

double hpo_gp_transform_power(const struct hpo_gp_transform *t) {
  return t->power;
}

double hpo_gp_transform_softness(const struct hpo_gp_transform *t) {
  return 4 * t->softness;
}
