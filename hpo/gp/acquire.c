/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/acquire.h"

#include <math.h>
#include <string.h>

#include "core/minimize.h"
#include "hpo/gp/candidates.h"

#define MAX_CYCLES   4    /* of climbing and discrete search from one start */
#define MIN_GAIN     1e-6 /* of log EI, for another cycle */
#define MAX_TRIED    64   /* values of one discrete feature in one look */
#define RANDOM_TRIES 2000 /* for a point that is not taken, when no candidate was free */
#define X_TOLERANCE  1e-9
#define F_TOLERANCE  1e-8

/* A place in the search: the full row, what the model sees of it, and its value. */
struct place {
  double *full, *row;
  bool *exists;
  double value;
};

/* The walk from one start. */
struct walk {
  const struct hpo_search *search;
  struct place at, trial;
  size_t *free; /* features that are climbed */
  size_t n_free;
  double *x, *low, *high;        /* [n_free] */
  double *row, *gradient;        /* [d], of the climb */
  double *batch, *rows, *values; /* MAX_TRIED points of the discrete search */
  size_t evals_left;
};

static enum core_status place_open(struct place *place, const struct hpo_search *s,
                                   struct core_error *err) {
  const size_t d = s->features->d;
  place->full = core_arena_calloc(s->arena, 2 * d, sizeof *place->full);
  place->exists = core_arena_calloc(s->arena, d, sizeof *place->exists);
  if (!place->full || !place->exists) return core_fail_nomem(err, 2 * d * sizeof *place->full);
  place->row = place->full + d;
  place->value = -INFINITY;
  return CORE_OK;
}

static enum core_status walk_open(struct walk *w, const struct hpo_search *s,
                                  struct core_error *err) {
  const size_t d = s->features->d;
  *w = (struct walk){.search = s, .evals_left = s->max_evals};
  CORE_TRY(place_open(&w->at, s, err));
  CORE_TRY(place_open(&w->trial, s, err));
  w->free = core_arena_calloc(s->arena, d, sizeof *w->free);
  w->x = core_arena_calloc(s->arena, 5 * d, sizeof *w->x);
  w->batch = core_arena_calloc(s->arena, MAX_TRIED * (2 * d + 1), sizeof *w->batch);
  if (!w->free || !w->x || !w->batch)
    return core_fail_nomem(err, MAX_TRIED * (2 * d + 1) * sizeof *w->batch);
  w->low = w->x + d;
  w->high = w->low + d;
  w->row = w->high + d;
  w->gradient = w->row + d;
  w->rows = w->batch + MAX_TRIED * d;
  w->values = w->rows + MAX_TRIED * d;
  return CORE_OK;
}

/* Fills row and exists from full; is the point free? */
static bool place_settle(struct place *place, const struct hpo_search *s) {
  hpo_features_canonical(s->features, place->full, place->row, place->exists);
  return !s->is_taken(s->taken_context, s->features->internal);
}

static void place_value(struct place *place, const struct hpo_search *s) {
  s->target.values(s->target.context, place->row, 1, &place->value);
}

static void place_swap(struct place *a, struct place *b) {
  const struct place last = *a;
  *a = *b;
  *b = last;
}

static double negated(void *context, const double *x, double *gradient) {
  struct walk *w = context;
  const struct hpo_gp_warp *warp = w->search->warp;
  for (size_t i = 0; i < w->n_free; i++)
    w->row[w->free[i]] = hpo_gp_warp_back(warp, w->free[i], x[i]);
  const struct hpo_target *target = &w->search->target;
  const double value = target->gradient(target->context, w->row, w->gradient);
  for (size_t i = 0; i < w->n_free; i++)
    gradient[i] =
        -w->gradient[w->free[i]] / hpo_gp_warp_slope_at(warp, w->free[i], w->row[w->free[i]]);
  return -value;
}

/* What is climbed from a place; `discrete`: with those features that have steps. Are there such? */
static bool find_free(struct walk *w, const struct place *from, bool discrete) {
  const struct hpo_search *s = w->search;
  bool any_discrete = false;
  w->n_free = 0;
  for (size_t j = 0; j < s->features->d; j++) {
    const struct hpo_feature *feature = &s->features->list[j];
    if (!from->exists[j] || !hpo_search_climbs(feature)) continue;
    if (!feature->continuous && !discrete) continue;
    any_discrete |= !feature->continuous;
    const double at = fmin(fmax(from->row[j], s->low[j]), s->high[j]);
    w->x[w->n_free] = hpo_gp_warp_at(s->warp, j, at);
    w->low[w->n_free] = hpo_gp_warp_at(s->warp, j, s->low[j]);
    w->high[w->n_free] = hpo_gp_warp_at(s->warp, j, s->high[j]);
    w->free[w->n_free++] = j;
  }
  return any_discrete;
}

/* Takes the trial place if it is free and better. */
static bool keep_if_better(struct walk *w) {
  if (!place_settle(&w->trial, w->search)) return false;
  place_value(&w->trial, w->search);
  if (!(w->trial.value > w->at.value)) return false;
  place_swap(&w->at, &w->trial);
  return true;
}

/* L-BFGS over what is free, as the model sees it, to the trial place; it may begin there. */
static enum core_status climb_free(struct walk *w, const struct place *from, size_t evals,
                                   struct core_error *err) {
  const size_t d = w->search->features->d;
  memcpy(w->row, from->row, d * sizeof *w->row);
  if (from != &w->trial) memcpy(w->trial.full, from->full, d * sizeof *w->trial.full);
  if (w->n_free == 0 || evals == 0) return CORE_OK;
  const struct core_minimize_problem problem = {
      .n = w->n_free, .low = w->low, .high = w->high, .function = negated, .context = w};
  const struct core_minimize_limits limits = {
      .max_evals = (unsigned)evals, .f_tolerance = F_TOLERANCE, .x_tolerance = X_TOLERANCE};
  struct core_minimize_result result;
  CORE_TRY(core_minimize_lbfgs(&problem, &limits, w->x, &result, err));
  w->evals_left -= result.evals < w->evals_left ? result.evals : w->evals_left;
  for (size_t i = 0; i < w->n_free; i++)
    w->trial.full[w->free[i]] = hpo_gp_warp_back(w->search->warp, w->free[i], w->x[i]);
  return CORE_OK;
}

static size_t budget(const struct walk *w, size_t reserve) {
  return w->evals_left > reserve ? w->evals_left - reserve : 0;
}

/* Climbs; where features with steps took part, they go onto their cells, and the others climb again:
 * in a narrow valley that runs across the axes the point beside it is worth nothing. */
static enum core_status climb(struct walk *w, size_t reserve, struct core_error *err) {
  const bool discrete = find_free(w, &w->at, true);
  const size_t evals = budget(w, reserve);
  if (w->n_free == 0 || evals == 0) return CORE_OK;
  CORE_TRY(climb_free(w, &w->at, discrete ? (evals + 1) / 2 : evals, err));
  if (discrete) {
    place_settle(&w->trial, w->search);
    find_free(w, &w->trial, false);
    CORE_TRY(climb_free(w, &w->trial, budget(w, reserve), err));
  }
  keep_if_better(w);
  return CORE_OK;
}

/* The values of feature j that are tried, into tried[MAX_TRIED]: all when they are few, else those
 * near the present one and ever farther; of numbers, within the box. */
static size_t list_values(const struct walk *w, size_t j, double *tried) {
  const struct hpo_feature *feature = &w->search->features->list[j];
  const struct hpo_param *p = &w->search->features->space->params[feature->param];
  const int64_t count = (int64_t)feature->n_values;
  size_t n = 0;
  if (feature->categorical) {
    const uint64_t first = count > MAX_TRIED ? core_rng_below(w->search->rng, (uint64_t)count) : 0;
    for (int64_t k = 0; k < count && n < MAX_TRIED; k++)
      tried[n++] = (double)((first + (uint64_t)k) % (uint64_t)count);
    return n;
  }
  const double least = w->search->low[j], most = w->search->high[j];
  if (count <= HPO_SEARCH_FEW_VALUES) {
    for (int64_t k = 0; k < count; k++) {
      const double x = hpo_param_to_unit(p, hpo_param_value(p, (uint64_t)k));
      if (x >= least && x <= most) tried[n++] = x;
    }
    return n;
  }
  double low, high;
  hpo_param_cell(p, w->at.row[j], &low, &high);
  for (int sign = -1; sign <= 1; sign += 2)
    for (int step = 1; step <= 16; step *= 2) {
      const double x = w->at.row[j] + sign * step * (high - low);
      if (x > 0 && x < 1 && x >= least && x <= most) tried[n++] = x;
    }
  return n;
}

/* A parent's other values may bring parameters to life: their values are those of the best incumbent
 * that has this value, where there is one. */
static void inherit(const struct walk *w, size_t j, double *full) {
  const struct hpo_search *s = w->search;
  const size_t d = s->features->d;
  for (size_t i = 0; i < s->n_incumbents; i++) {
    const double *other = s->incumbents + i * d;
    if (other[j] != full[j]) continue;
    hpo_features_canonical(s->features, full, w->trial.row, w->trial.exists);
    for (size_t k = j + 1; k < d; k++)
      if (w->trial.exists[k] && !w->at.exists[k]) full[k] = other[k];
    return;
  }
}

/* The best other value of feature j, if it is better. */
static void try_values(struct walk *w, size_t j) {
  const struct hpo_search *s = w->search;
  const size_t d = s->features->d;
  double tried[MAX_TRIED];
  size_t m = 0;
  const size_t n = list_values(w, j, tried);
  for (size_t k = 0; k < n; k++) {
    double *full = w->batch + m * d;
    memcpy(full, w->at.full, d * sizeof *full);
    full[j] = tried[k];
    if (s->features->list[j].has_children) inherit(w, j, full);
    hpo_features_canonical(s->features, full, w->rows + m * d, NULL);
    if (w->rows[m * d + j] == w->at.row[j]) continue;
    if (!s->is_taken(s->taken_context, s->features->internal)) m++;
  }
  if (m == 0) return;
  s->target.values(s->target.context, w->rows, m, w->values);
  size_t best = 0;
  for (size_t k = 1; k < m; k++)
    if (w->values[k] > w->values[best]) best = k;
  if (!(w->values[best] > w->at.value)) return;
  memcpy(w->trial.full, w->batch + best * d, d * sizeof *w->trial.full);
  keep_if_better(w);
}

static bool has_discrete(const struct hpo_search *s) {
  for (size_t j = 0; j < s->features->d; j++)
    if (!s->features->list[j].continuous) return true;
  return false;
}

/* Climbs from w->at until nothing is gained. */
static enum core_status walk_up(struct walk *w, size_t evals, struct core_error *err) {
  const struct hpo_search *s = w->search;
  const bool discrete = has_discrete(s);
  const size_t reserve = w->evals_left > evals ? w->evals_left - evals : 0;
  for (int cycle = 0; cycle < MAX_CYCLES; cycle++) {
    const double before = w->at.value;
    CORE_TRY(climb(w, reserve, err));
    for (size_t j = 0; discrete && j < s->features->d; j++)
      if (w->at.exists[j] && !s->features->list[j].continuous && !hpo_search_holds(s, j))
        try_values(w, j);
    if (!discrete || w->evals_left <= reserve || !(w->at.value > before + MIN_GAIN)) break;
  }
  return CORE_OK;
}

/* Without a free candidate: random points, and when these are taken, too, the best of all. */
static void settle_for_less(struct walk *w, const struct hpo_candidates *c, struct place *best) {
  const struct hpo_search *s = w->search;
  const size_t d = s->features->d;
  for (int i = 0; !c->complete && i < RANDOM_TRIES; i++) {
    for (size_t j = 0; j < d; j++) w->batch[j] = core_rng_unit(s->rng);
    hpo_features_from_cube(s->features, w->batch, best->full);
    if (!place_settle(best, s)) continue;
    place_value(best, s);
    return;
  }
  s->target.values(s->target.context, c->row, c->m, c->value);
  size_t at = 0;
  for (size_t i = 1; i < c->m; i++)
    if (c->value[i] > c->value[at]) at = i;
  memcpy(best->full, c->full + at * d, d * sizeof *best->full);
  best->value = c->value[at];
}

static enum core_status walk_from(struct walk *w, const struct hpo_candidates *c,
                                  const size_t *starts, size_t n, struct place *best,
                                  struct core_error *err) {
  const struct hpo_search *s = w->search;
  const size_t d = s->features->d;
  for (size_t i = 0; i < n; i++) {
    memcpy(w->at.full, c->full + starts[i] * d, d * sizeof *w->at.full);
    place_settle(&w->at, s);
    w->at.value = c->value[starts[i]];
    CORE_TRY(walk_up(w, w->evals_left / (n - i), err));
    if (w->at.value > best->value) place_swap(&w->at, best);
  }
  return CORE_OK;
}

enum core_status hpo_acquire(const struct hpo_search *search, double *full, double *value,
                             struct core_error *err) {
  struct hpo_candidates candidates;
  struct walk walk;
  struct place best;
  CORE_TRY(walk_open(&walk, search, err));
  CORE_TRY(place_open(&best, search, err));
  CORE_TRY(hpo_candidates_make(&candidates, search, err));
  size_t *starts = core_arena_calloc(search->arena, search->n_starts, sizeof *starts);
  if (!starts) return core_fail_nomem(err, search->n_starts * sizeof *starts);
  const size_t n =
      candidates.m == 0 ? 0 : hpo_candidates_choose(&candidates, search, search->n_starts, starts);
  if (n == 0)
    settle_for_less(&walk, &candidates, &best);
  else if (candidates.complete) {
    memcpy(best.full, candidates.full + starts[0] * search->features->d,
           search->features->d * sizeof *best.full);
    best.value = candidates.value[starts[0]];
  } else
    CORE_TRY(walk_from(&walk, &candidates, starts, n, &best, err));
  memcpy(full, best.full, search->features->d * sizeof *full);
  if (value) *value = best.value;
  return CORE_OK;
}
