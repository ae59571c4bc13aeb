/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/candidates.h"

#include <math.h>
#include <string.h>

#include "core/qmc.h"

#define MAX_ENUMERATED 2048 /* points of a discrete space that are all looked at */
#define FREE_DIMS      20   /* in higher dimensions about so many coordinates move at a time */
#define NEAREST        1e-4 /* the smallest Gaussian steps, in length-scales */
#define FARTHEST       0.5  /* and the largest */
#define APART          0.3  /* starts keep so far apart, in length-scales per sqrt(d) */

/* The number of points of a space without continuous parameters, conditions not regarded; 0 when
 * there are more than are enumerated. */
static size_t count_points(const struct hpo_features *f) {
  uint64_t n = 1;
  for (size_t j = 0; j < f->d; j++) {
    if (f->list[j].n_values == 0 || f->list[j].n_values > MAX_ENUMERATED) return 0;
    n *= f->list[j].n_values;
    if (n > MAX_ENUMERATED) return 0;
  }
  return (size_t)n;
}

static double value_unit(const struct hpo_features *f, size_t j, uint64_t k) {
  const struct hpo_param *p = &f->space->params[f->list[j].param];
  return f->list[j].categorical ? (double)k : hpo_param_to_unit(p, hpo_param_value(p, k));
}

static void enumerate_points(const struct hpo_features *f, size_t m, double *full) {
  for (size_t i = 0; i < m; i++) {
    size_t rest = i;
    for (size_t j = 0; j < f->d; j++) {
      full[i * f->d + j] = value_unit(f, j, rest % f->list[j].n_values);
      rest /= f->list[j].n_values;
    }
  }
}

static double into(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/* A coordinate that is not free keeps the centre's value. `warp`: even by the model's measure. */
static void place_in_box(const struct hpo_search *s, const struct hpo_gp_warp *warp,
                         const bool *is_free, double *full) {
  const struct hpo_features *f = s->features;
  for (size_t j = 0; j < f->d; j++) {
    if (!is_free[j])
      full[j] = s->incumbents[j];
    else if (!f->list[j].categorical) {
      const double low = hpo_gp_warp_at(warp, j, s->low[j]);
      const double high = hpo_gp_warp_at(warp, j, s->high[j]);
      full[j] = hpo_gp_warp_back(warp, j, low + full[j] * (high - low));
    }
  }
}

static bool is_whole_cube(const struct hpo_search *s) {
  for (size_t j = 0; j < s->features->d; j++)
    if (!s->features->list[j].categorical && (s->low[j] > 0 || s->high[j] < 1)) return false;
  return true;
}

/* Which coordinates of a point move: each with probability `share`, at least one. */
static void draw_free(const struct hpo_search *s, double share, bool *is_free) {
  const size_t d = s->features->d;
  bool any = false;
  for (size_t j = 0; j < d; j++) any |= is_free[j] = share >= 1 || core_rng_unit(s->rng) < share;
  if (!any) is_free[core_rng_below(s->rng, d)] = true;
}

static enum core_status spread_points(const struct hpo_search *s, double *full, bool *is_free,
                                      struct core_error *err) {
  const size_t d = s->features->d;
  const bool local = s->n_incumbents > 0 && !is_whole_cube(s);
  const double share = local && d > FREE_DIMS ? (double)FREE_DIMS / (double)d : 1;
  struct core_qmc *qmc = NULL;
  CORE_TRY(core_qmc_open(d > CORE_QMC_SOBOL_MAX_DIM ? CORE_QMC_HALTON : CORE_QMC_SOBOL, d, true,
                         core_rng_u64(s->rng), &qmc, err));
  enum core_status st = CORE_OK;
  for (size_t i = 0; i < s->n_cube && st == CORE_OK; i++) {
    double *point = full + i * d;
    st = core_qmc_point(qmc, i, point, err);
    hpo_features_from_cube(s->features, point, point);
    draw_free(s, share, is_free);
    place_in_box(s, i % 2 ? s->warp : NULL, is_free, point);
  }
  core_qmc_close(qmc);
  return st;
}

/* A step of one coordinate: Gaussian by `size` length-scales; a discrete one moves one value at
 * least; a categorical one takes any other choice. */
static double step_from(const struct hpo_search *s, size_t j, double x, double size) {
  const struct hpo_feature *feature = &s->features->list[j];
  if (feature->categorical) {
    const uint64_t k = core_rng_below(s->rng, feature->n_values - 1);
    return (double)(k + (k >= (uint64_t)fmax(x, 0)));
  }
  const double z = core_rng_normal(s->rng);
  double step = size * fmin(s->scales[j], 1) * z;
  if (s->warp) {
    const double to = into(hpo_gp_warp_at(s->warp, j, x) + step, 0, 1);
    step = hpo_gp_warp_back(s->warp, j, to) - x;
  }
  if (!feature->continuous) {
    const double cell = 1 / (double)feature->n_values;
    if (fabs(step) < cell) step = copysign(cell, z);
  }
  return into(x + step, s->low[j], s->high[j]);
}

/* Steps of sizes evenly spread over their logarithm, from the best incumbents more often; the number
 * of coordinates that move varies, and categorical ones move seldom. */
static void step_away(const struct hpo_search *s, double *full, bool *is_free) {
  const struct hpo_features *f = s->features;
  const double u = core_rng_unit(s->rng);
  const size_t from = (size_t)(u * u * (double)s->n_incumbents);
  const double size = NEAREST * pow(FARTHEST / NEAREST, core_rng_unit(s->rng));
  static const double shares[] = {1, 0.5, 0.2};
  double share = shares[core_rng_below(s->rng, CORE_COUNT_OF(shares))];
  if (f->d > FREE_DIMS) share *= (double)FREE_DIMS / (double)f->d;
  draw_free(s, share, is_free);
  for (size_t j = 0; j < f->d; j++) {
    const double x = s->incumbents[from * f->d + j];
    const bool moves = is_free[j] && (!f->list[j].categorical || core_rng_unit(s->rng) < 0.3);
    full[j] = moves ? step_from(s, j, x, size) : x;
  }
}

static enum core_status fill_candidates(struct hpo_candidates *c, const struct hpo_search *s,
                                        struct core_error *err) {
  const size_t d = s->features->d;
  bool *is_free = core_arena_calloc(s->arena, d, sizeof *is_free);
  if (!is_free) return core_fail_nomem(err, d);
  CORE_TRY(spread_points(s, c->full, is_free, err));
  size_t at = s->n_cube;
  if (s->n_incumbents == 0) return CORE_OK;
  memcpy(c->full + at * d, s->incumbents, s->n_incumbents * d * sizeof *c->full);
  at += s->n_incumbents;
  for (; at < c->m; at++) step_away(s, c->full + at * d, is_free);
  return CORE_OK;
}

static enum core_status evaluate(struct hpo_candidates *c, const struct hpo_search *s,
                                 struct core_error *err) {
  const struct hpo_features *f = s->features;
  bool *taken = core_arena_calloc(s->arena, c->m, sizeof *taken);
  if (!taken) return core_fail_nomem(err, c->m);
  for (size_t i = 0; i < c->m; i++) {
    for (size_t j = 0; j < f->d; j++)
      if (hpo_search_holds(s, j)) c->full[i * f->d + j] = s->held[j];
    hpo_features_canonical(f, c->full + i * f->d, c->row + i * f->d, NULL);
    taken[i] = s->is_taken(s->taken_context, f->internal);
  }
  s->target.values(s->target.context, c->row, c->m, c->value);
  for (size_t i = 0; i < c->m; i++)
    if (taken[i]) c->value[i] = -INFINITY;
  return CORE_OK;
}

enum core_status hpo_candidates_make(struct hpo_candidates *out, const struct hpo_search *search,
                                     struct core_error *err) {
  const size_t d = search->features->d, all = count_points(search->features);
  const size_t near = search->n_incumbents > 0 ? search->n_incumbents + search->n_near : 0;
  *out = (struct hpo_candidates){.m = all > 0 ? all : search->n_cube + near, .complete = all > 0};
  out->full = core_arena_calloc(search->arena, out->m * d, sizeof *out->full);
  out->row = core_arena_calloc(search->arena, out->m * d, sizeof *out->row);
  out->value = core_arena_calloc(search->arena, out->m, sizeof *out->value);
  if (!out->full || !out->row || !out->value)
    return core_fail_nomem(err, out->m * d * sizeof *out->full);
  if (all > 0)
    enumerate_points(search->features, all, out->full);
  else
    CORE_TRY(fill_candidates(out, search, err));
  CORE_TRY(evaluate(out, search, err));
  out->seen = out->row;
  if (search->warp == NULL) return CORE_OK;
  out->seen = core_arena_calloc(search->arena, out->m * d, sizeof *out->seen);
  out->is_seen = core_arena_calloc(search->arena, out->m, sizeof *out->is_seen);
  if (!out->seen || !out->is_seen) return core_fail_nomem(err, out->m * d * sizeof *out->seen);
  return CORE_OK;
}

/* Squared distance in length-scales; categorical features that differ count 1. */
static double distance2(const struct hpo_search *s, const double *a, const double *b) {
  double sum = 0;
  for (size_t j = 0; j < s->features->d; j++) {
    if (s->features->list[j].categorical) {
      sum += a[j] != b[j];
      continue;
    }
    const double step = (a[j] - b[j]) / fmin(s->scales[j], 1);
    sum += step * step;
  }
  return sum;
}

/* Candidate i as the model sees it; few are asked for. */
static const double *see(const struct hpo_candidates *c, const struct hpo_search *s, size_t i) {
  const size_t d = s->features->d;
  if (c->is_seen != NULL && !c->is_seen[i]) {
    hpo_gp_warp_rows(s->warp, c->row + i * d, 1, c->seen + i * d);
    c->is_seen[i] = true;
  }
  return c->seen + i * d;
}

static bool is_apart(const struct hpo_candidates *c, const struct hpo_search *s, size_t i,
                     const size_t *chosen, size_t n) {
  const size_t d = s->features->d;
  for (size_t k = 0; k < n; k++)
    if (distance2(s, see(c, s, i), see(c, s, chosen[k])) < APART * APART * (double)d) return false;
  return true;
}

/* The best candidate that keeps its distance, or m. */
static size_t best_apart(const struct hpo_candidates *c, const struct hpo_search *s,
                         const size_t *chosen, size_t n) {
  size_t best = c->m;
  for (size_t i = 0; i < c->m; i++) {
    if (!(c->value[i] > -INFINITY) || (best < c->m && !(c->value[i] > c->value[best]))) continue;
    if (is_apart(c, s, i, chosen, n)) best = i;
  }
  return best;
}

size_t hpo_candidates_choose(const struct hpo_candidates *c, const struct hpo_search *search,
                             size_t n, size_t *chosen) {
  size_t got = 0;
  while (got < n) {
    const size_t next = best_apart(c, search, chosen, got);
    if (next == c->m) break;
    chosen[got++] = next;
  }
  return got;
}
