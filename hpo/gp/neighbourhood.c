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
#define AROUND       0.5  /* of a box's width: so far from it rows are still looked for */
#define AROUND_MOST  60   /* of them are held */
#define ALL_MOST     (ROWS_MOST + AROUND_MOST)
#define BEYOND       1e-9 /* the edge of a cell is its neighbour */

struct hpo_neighbourhood {
  const struct hpo_features *features;
  struct hpo_gp_shape shape;
  struct hpo_gp *gp;
  struct hpo_gp_transform *transform;
  size_t n, n_nearest; /* the nearest rows come first */
  size_t members[ALL_MOST];
  double losses[ALL_MOST], spreads[ALL_MOST], targets[ALL_MOST], extra[ALL_MOST];
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
  const size_t n = 2 * ALL_MOST * d + 2 * n_theta + 4 * d;
  l->rows = core_calloc(n, sizeof *l->rows);
  enum core_status st =
      l->rows ? hpo_gp_open(&l->shape, &l->gp, err) : core_fail_nomem(err, n * sizeof *l->rows);
  if (st == CORE_OK) st = hpo_gp_transform_open(&l->transform, err);
  if (st != CORE_OK) {
    hpo_neighbourhood_close(l);
    return st;
  }
  l->raw = l->rows + ALL_MOST * d;
  l->theta = l->raw + ALL_MOST * d;
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

/* Row `row` of the surrogate becomes row i of this model. */
static void hold(struct hpo_neighbourhood *l, const struct hpo_surrogate *s, size_t i, size_t row) {
  const size_t d = l->features->d;
  l->members[i] = row;
  memcpy(l->raw + i * d, hpo_surrogate_rows(s) + row * d, d * sizeof *l->raw);
  l->losses[i] = hpo_surrogate_losses(s)[row];
  l->spreads[i] = hpo_surrogate_spreads(s)[row];
}

/* All rows of the surrogate, the nearest first. */
static enum core_status sort_rows(const struct hpo_neighbourhood *l, const struct hpo_surrogate *s,
                                  const double *centre, struct core_arena *scratch,
                                  struct neighbour **out, struct core_error *err) {
  const size_t n = hpo_surrogate_count(s), d = l->features->d;
  const double *rows = hpo_surrogate_rows(s);
  struct neighbour *all = *out = core_arena_calloc(scratch, n, sizeof *all);
  if (!all) return core_fail_nomem(err, n * sizeof *all);
  for (size_t i = 0; i < n; i++)
    all[i] = (struct neighbour){distance2(l, rows + i * d, centre, hpo_surrogate_scales(s)), i};
  qsort(all, n, sizeof *all, by_distance);
  return CORE_OK;
}

/* The nearest rows, in the order of the surrogate. */
static void find_nearest(struct hpo_neighbourhood *l, const struct hpo_surrogate *s,
                         const struct neighbour *all) {
  const size_t n = hpo_surrogate_count(s), wanted = rows_wanted(l->features->d);
  l->n = l->n_nearest = n < wanted ? n : wanted;
  for (size_t i = 0; i < l->n; i++) l->members[i] = all[i].row;
  qsort(l->members, l->n, sizeof *l->members, by_row);
  for (size_t i = 0; i < l->n; i++) hold(l, s, i, l->members[i]);
}

/* A discrete feature's box holds the values beside the centre's, however near the rows are. */
static void reach_next_values(struct hpo_neighbourhood *l, size_t j, double centre) {
  const struct hpo_param *p = &l->features->space->params[l->features->list[j].param];
  double low, high, unused;
  hpo_param_cell(p, centre, &low, &high);
  if (low > 0) hpo_param_cell(p, low - BEYOND, &low, &unused);
  if (high < 1) hpo_param_cell(p, high + BEYOND, &unused, &high);
  l->low[j] = fmin(l->low[j], low);
  l->high[j] = fmax(l->high[j], high);
}

/* Half-widths follow the length-scales, and the radius within which a share of the nearest rows lie.
 * `at` is the centre as it is, unwarped; what does not exist there is not bounded. */
static void make_box(struct hpo_neighbourhood *l, const struct hpo_gp_warp *warp,
                     const double *at) {
  const double *centre = l->centre;
  const size_t d = l->features->d;
  struct neighbour all[ROWS_MOST];
  for (size_t i = 0; i < l->n; i++)
    all[i] = (struct neighbour){distance2(l, l->rows + i * d, centre, l->scales), i};
  qsort(all, l->n, sizeof *all, by_distance);
  const size_t middle = (size_t)(BOX_SHARE * (double)(l->n - 1));
  const double radius = sqrt(all[middle].distance2 / (double)d);
  for (size_t j = 0; j < d; j++) {
    const struct hpo_feature *feature = &l->features->list[j];
    const double half = fmax(BOX_MARGIN * radius * fmin(l->scales[j], 1), BOX_LEAST);
    const bool absent = hpo_feature_looks_absent(feature, at[j]);
    l->low[j] = absent ? 0 : hpo_gp_warp_back(warp, j, fmax(centre[j] - half, 0));
    l->high[j] = absent ? 1 : hpo_gp_warp_back(warp, j, fmin(centre[j] + half, 1));
    if (!feature->categorical && !feature->continuous) reach_next_values(l, j, at[j]);
  }
}

static bool is_around(const struct hpo_neighbourhood *l, const double *row) {
  for (size_t j = 0; j < l->features->d; j++) {
    const struct hpo_feature *feature = &l->features->list[j];
    if (feature->categorical || hpo_feature_looks_absent(feature, row[j])) continue;
    const double margin = AROUND * (l->high[j] - l->low[j]);
    if (row[j] < l->low[j] - margin || row[j] > l->high[j] + margin) return false;
  }
  return true;
}

static bool has_numbers(const struct hpo_features *f) {
  for (size_t j = 0; j < f->d; j++)
    if (!f->categorical[j]) return true;
  return false;
}

/* The other rows in and around the box, where there is one. A loss above those of the nearest counts
 * as the greatest of them: the model, whose transform was not made for it, is to know that nothing is
 * to be gained there, not how much is lost. */
static void add_around(struct hpo_neighbourhood *l, const struct hpo_surrogate *s,
                       const struct neighbour *all) {
  const size_t n = hpo_surrogate_count(s), d = l->features->d;
  if (!has_numbers(l->features)) return;
  double most = l->targets[0];
  for (size_t i = 1; i < l->n_nearest; i++) most = fmax(most, l->targets[i]);
  for (size_t i = l->n_nearest; i < n && l->n < l->n_nearest + AROUND_MOST; i++) {
    if (!is_around(l, hpo_surrogate_rows(s) + all[i].row * d)) continue;
    const size_t k = l->n++;
    hold(l, s, k, all[i].row);
    l->targets[k] = fmin(hpo_gp_transform_apply(l->transform, l->losses[k]), most);
    l->extra[k] = hpo_gp_transform_variance(l->transform, l->losses[k], l->spreads[k]);
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
  struct neighbour *all;
  CORE_TRY(sort_rows(l, s, at, scratch, &all, err));
  find_nearest(l, s, all);
  take_warps(l, hpo_gp_warp(whole), at);
  CORE_TRY(fit_both_ways(l, err));
  memcpy(l->theta + d + 2, hpo_gp_theta(whole) + d + 2, 2 * d * sizeof *l->theta);
  for (size_t j = 0; j < d; j++) l->scales[j] = exp(l->theta[j]);
  make_box(l, hpo_gp_warp(whole), at);
  add_around(l, s, all);
  return hpo_gp_condition(l->gp, l->theta, l->raw, l->targets, l->extra, l->n, err);
}

struct hpo_gp *hpo_neighbourhood_model(const struct hpo_neighbourhood *l) {
  return l->gp;
}

size_t hpo_neighbourhood_count(const struct hpo_neighbourhood *l) {
  return l->n;
}

double hpo_neighbourhood_best(const struct hpo_neighbourhood *l) {
  double best = l->targets[0];
  for (size_t i = 1; i < l->n; i++) best = fmin(best, l->targets[i]);
  return best;
}

bool hpo_neighbourhood_has(const struct hpo_neighbourhood *l, size_t row) {
  for (size_t i = 0; i < l->n; i++)
    if (l->members[i] == row) return true;
  return false;
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
