/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/neighbourhood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hpo/gp/transform.h"

#define ROWS_LEAST   20
#define ROWS_PER_DIM 6
#define ROWS_MOST    120
#define FIT_EVALS    25
#define NOISE_FLOOR  1e-8
#define BOX_SHARE    0.5 /* of the rows lie within the radius from which the box is made */
#define BOX_MARGIN   1.5
#define BOX_LEAST    1e-7 /* half of its width */

struct hpo_neighbourhood {
  const struct hpo_features *features;
  struct hpo_gp_shape shape;
  struct hpo_gp *gp;
  struct hpo_gp_transform *transform;
  size_t n;
  size_t members[ROWS_MOST];
  double losses[ROWS_MOST], spreads[ROWS_MOST], targets[ROWS_MOST], extra[ROWS_MOST];
  double *raw, *rows, *theta, *other_theta, *scales, *low, *high; /* rows: warped, as scales are */
  double *centre;                                                 /* as well */
};

void hpo_neighbourhood_close(struct hpo_neighbourhood *l) {
  if (!l) return;
  hpo_gp_close(l->gp);
  hpo_gp_transform_close(l->transform);
  core_free(l->rows);
  core_free(l);
}

enum core_status hpo_neighbourhood_open(const struct hpo_features *features, bool deterministic,
                                        struct hpo_neighbourhood **out, struct core_error *err) {
  struct hpo_neighbourhood *l = core_calloc(1, sizeof *l);
  if (!l) return core_fail_nomem(err, sizeof *l);
  const size_t d = features->d;
  l->features = features;
  l->shape = (struct hpo_gp_shape){.d = d,
                                   .categorical = features->categorical,
                                   .warpable = features->warpable,
                                   .prior = hpo_gp_prior_default(d)};
  l->shape.prior.noise_floor = NOISE_FLOOR;
  l->shape.prior.noise_fixed = deterministic;
  const size_t n_theta = hpo_gp_theta_size(&l->shape);
  const size_t n = 2 * ROWS_MOST * d + 2 * n_theta + 4 * d;
  l->rows = core_calloc(n, sizeof *l->rows);
  enum core_status st =
      l->rows ? hpo_gp_open(&l->shape, &l->gp, err) : core_fail_nomem(err, n * sizeof *l->rows);
  if (st == CORE_OK) st = hpo_gp_transform_open(&l->transform, err);
  if (st != CORE_OK) {
    hpo_neighbourhood_close(l);
    return st;
  }
  l->raw = l->rows + ROWS_MOST * d;
  l->theta = l->raw + ROWS_MOST * d;
  l->other_theta = l->theta + n_theta;
  l->scales = l->other_theta + n_theta;
  l->low = l->scales + d;
  l->high = l->low + d;
  l->centre = l->high + d;
  *out = l;
  return CORE_OK;
}

struct neighbour {
  double distance2;
  size_t row;
};

static int by_distance(const void *a, const void *b) {
  const struct neighbour *x = a, *y = b;
  if (x->distance2 != y->distance2) return x->distance2 < y->distance2 ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

static int by_row(const void *a, const void *b) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return x < y ? -1 : x > y;
}

/* In length-scales; a categorical that differs is one of them away. */
static double distance2(const struct hpo_neighbourhood *l, const double *a, const double *b,
                        const double *scales) {
  double sum = 0;
  for (size_t j = 0; j < l->features->d; j++) {
    const double step =
        l->features->categorical[j] ? a[j] != b[j] : (a[j] - b[j]) / fmin(scales[j], 1);
    sum += step * step;
  }
  return sum;
}

static size_t rows_wanted(size_t d) {
  const size_t n = ROWS_LEAST + ROWS_PER_DIM * d;
  return n < ROWS_MOST ? n : ROWS_MOST;
}

/* The nearest rows, in the order of the surrogate. */
static enum core_status find_members(struct hpo_neighbourhood *l, const struct hpo_surrogate *s,
                                     const double *centre, struct core_arena *scratch,
                                     struct core_error *err) {
  const size_t n = hpo_surrogate_count(s), d = l->features->d;
  const double *rows = hpo_surrogate_rows(s), *losses = hpo_surrogate_losses(s);
  const double *spreads = hpo_surrogate_spreads(s);
  struct neighbour *all = core_arena_calloc(scratch, n, sizeof *all);
  if (!all) return core_fail_nomem(err, n * sizeof *all);
  for (size_t i = 0; i < n; i++)
    all[i] = (struct neighbour){distance2(l, rows + i * d, centre, hpo_surrogate_scales(s)), i};
  qsort(all, n, sizeof *all, by_distance);
  l->n = n < rows_wanted(d) ? n : rows_wanted(d);
  for (size_t i = 0; i < l->n; i++) l->members[i] = all[i].row;
  qsort(l->members, l->n, sizeof *l->members, by_row);
  for (size_t i = 0; i < l->n; i++) {
    memcpy(l->raw + i * d, rows + l->members[i] * d, d * sizeof *l->rows);
    l->losses[i] = losses[l->members[i]];
    l->spreads[i] = spreads[l->members[i]];
  }
  return CORE_OK;
}

/* Half-widths follow the length-scales, and the radius within which a share of the rows lie. */
static void make_box(struct hpo_neighbourhood *l, const struct hpo_gp_warp *warp) {
  const double *centre = l->centre;
  const size_t d = l->features->d;
  struct neighbour all[ROWS_MOST];
  for (size_t i = 0; i < l->n; i++)
    all[i] = (struct neighbour){distance2(l, l->rows + i * d, centre, l->scales), i};
  qsort(all, l->n, sizeof *all, by_distance);
  const size_t at = (size_t)(BOX_SHARE * (double)(l->n - 1));
  const double radius = sqrt(all[at].distance2 / (double)d);
  for (size_t j = 0; j < d; j++) {
    const double half = fmax(BOX_MARGIN * radius * fmin(l->scales[j], 1), BOX_LEAST);
    l->low[j] = hpo_gp_warp_back(warp, j, fmax(centre[j] - half, 0));
    l->high[j] = hpo_gp_warp_back(warp, j, fmin(centre[j] + half, 1));
  }
}

/* The targets of the losses under the transform as it is, and their variances. */
static void set_targets(struct hpo_neighbourhood *l) {
  for (size_t i = 0; i < l->n; i++) {
    l->targets[i] = hpo_gp_transform_apply(l->transform, l->losses[i]);
    l->extra[i] = hpo_gp_transform_variance(l->transform, l->losses[i], l->spreads[i]);
  }
}

/* Fits theta to the targets that the transform as it is makes; *density is that of the losses. */
static enum core_status fit_theta(struct hpo_neighbourhood *l, double *theta, double *density,
                                  struct core_error *err) {
  double slopes = 0;
  set_targets(l);
  for (size_t i = 0; i < l->n; i++)
    slopes += hpo_gp_transform_log_slope(l->transform, l->losses[i]);
  hpo_gp_theta_default(&l->shape, theta);
  CORE_TRY(hpo_gp_fit(l->gp, l->rows, l->targets, l->extra, l->n, theta, FIT_EVALS, density, err));
  *density += slopes;
  return CORE_OK;
}

/* The transform that makes the losses look normal, or standardising alone, if the model finds the
 * losses likelier so: near an optimum most functions are smooth as they are. */
static enum core_status fit_both_ways(struct hpo_neighbourhood *l, struct core_error *err) {
  double bent, straight;
  CORE_TRY(hpo_gp_transform_fit(l->transform, l->losses, l->n, err));
  const bool is_bent = hpo_gp_transform_power(l->transform) < 1;
  if (is_bent) CORE_TRY(fit_theta(l, l->other_theta, &bent, err));
  CORE_TRY(hpo_gp_transform_fit_as(l->transform, l->losses, l->n, 1, 1, err));
  CORE_TRY(fit_theta(l, l->theta, &straight, err));
  if (!is_bent || straight >= bent) return CORE_OK;
  CORE_TRY(hpo_gp_transform_fit(l->transform, l->losses, l->n, err));
  set_targets(l);
  memcpy(l->theta, l->other_theta, hpo_gp_theta_size(&l->shape) * sizeof *l->theta);
  return CORE_OK;
}

/* Features are warped as the model of the whole space found; few rows say nothing of that. */
static void take_warps(struct hpo_neighbourhood *l, const struct hpo_gp_warp *warp,
                       const double *centre) {
  const size_t d = l->features->d;
  memcpy(l->rows, l->raw, l->n * d * sizeof *l->rows);
  memcpy(l->centre, centre, d * sizeof *l->centre);
  if (warp == NULL) return;
  hpo_gp_warp_rows(warp, l->rows, l->n, l->rows);
  hpo_gp_warp_rows(warp, l->centre, 1, l->centre);
}

enum core_status hpo_neighbourhood_fit(struct hpo_neighbourhood *l, const struct hpo_surrogate *s,
                                       size_t centre, struct core_arena *scratch,
                                       struct core_error *err) {
  const size_t d = l->features->d;
  const double *at = hpo_surrogate_rows(s) + centre * d;
  const struct hpo_gp *whole = hpo_surrogate_model(s);
  CORE_TRY(find_members(l, s, at, scratch, err));
  take_warps(l, hpo_gp_warp(whole), at);
  CORE_TRY(fit_both_ways(l, err));
  memcpy(l->theta + d + 2, hpo_gp_theta(whole) + d + 2, 2 * d * sizeof *l->theta);
  CORE_TRY(hpo_gp_condition(l->gp, l->theta, l->raw, l->targets, l->extra, l->n, err));
  for (size_t j = 0; j < d; j++) l->scales[j] = exp(l->theta[j]);
  make_box(l, hpo_gp_warp(whole));
  return CORE_OK;
}

struct hpo_gp *hpo_neighbourhood_model(const struct hpo_neighbourhood *l) {
  return l->gp;
}

size_t hpo_neighbourhood_count(const struct hpo_neighbourhood *l) {
  return l->n;
}

const size_t *hpo_neighbourhood_members(const struct hpo_neighbourhood *l) {
  return l->members;
}

const double *hpo_neighbourhood_targets(const struct hpo_neighbourhood *l) {
  return l->targets;
}

const double *hpo_neighbourhood_scales(const struct hpo_neighbourhood *l) {
  return l->scales;
}

const double *hpo_neighbourhood_low(const struct hpo_neighbourhood *l) {
  return l->low;
}

const double *hpo_neighbourhood_high(const struct hpo_neighbourhood *l) {
  return l->high;
}

double hpo_neighbourhood_noise(const struct hpo_neighbourhood *l) {
  return hpo_gp_noise(l->gp);
}
