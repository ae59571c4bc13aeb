/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/rivals.h"

#include <math.h>
#include <string.h>

#define MAX_SINGLE   64  /* choices of one feature that are looked at */
#define MAX_COMBINED 256 /* combinations */
#define LEAST_TRIED  4   /* before a combination may be spent */
#define SPENT        6   /* trials of a combination without a gain */
/* What a rival's merit, in targets of variance 1, loses by trials: in their square root. Combinations
 * lose less, for the hopeless ones among them end by being spent. */
#define TRIED_SINGLE   0.5
#define TRIED_COMBINED 0.1

/* How good a rival is, and how often it was tried. */
struct record {
  double best;
  size_t tried;
  size_t idle; /* trials since it gained */
};

/* The best one so far, and room for the one that is looked at. */
struct contest {
  const struct hpo_rivals *rivals;
  bool combined;
  double *held, *pattern, *row;     /* [d] */
  double *best_held, *best_pattern; /* [d] */
  double best_merit, best_of_its_own;
  bool found;
};

bool hpo_rival_has(const struct hpo_features *features, const struct hpo_rival *rival,
                   const double *row) {
  for (size_t j = 0; j < features->d; j++)
    if (features->list[j].categorical && !isnan(rival->pattern[j]) && row[j] != rival->pattern[j])
      return false;
  return true;
}

static uint64_t count_combinations(const struct hpo_features *features) {
  uint64_t n = 1;
  for (size_t j = 0; j < features->d && n <= MAX_COMBINED; j++)
    if (features->list[j].categorical) n *= features->list[j].n_values;
  return n;
}

bool hpo_rivals_combine(const struct hpo_features *features) {
  bool has_numbers = false;
  for (size_t j = 0; j < features->d; j++) has_numbers |= !features->list[j].categorical;
  const uint64_t n = count_combinations(features);
  return has_numbers && n > 1 && n <= MAX_COMBINED;
}

static struct record look_at(const struct hpo_rivals *r, const struct hpo_rival *rival) {
  const size_t d = r->features->d;
  struct record record = {.best = INFINITY};
  double least = INFINITY;
  for (size_t i = 0; i < r->n; i++) {
    if (!hpo_rival_has(r->features, rival, r->rows + i * d)) continue;
    record.best = fmin(record.best, r->targets[i]);
    record.tried++;
    record.idle = least - r->losses[i] > r->gain ? 0 : record.idle + 1;
    least = fmin(least, r->losses[i]);
  }
  return record;
}

static size_t count_pending(const struct hpo_rivals *r, const struct hpo_rival *rival) {
  size_t n = 0;
  for (size_t i = 0; i < r->n_pending; i++)
    n += hpo_rival_has(r->features, rival, r->pending + i * r->features->d);
  return n;
}

/* Takes the held choices for the best rival if they are. */
static void enter(struct contest *c) {
  const size_t d = c->rivals->features->d;
  const struct hpo_rival rival = {.held = c->held, .pattern = c->pattern};
  const struct record record = look_at(c->rivals, &rival);
  if (c->combined && record.tried >= LEAST_TRIED && record.idle >= SPENT) return;
  const size_t tried = record.tried + (c->combined ? count_pending(c->rivals, &rival) : 0);
  const double cost = c->combined ? TRIED_COMBINED : TRIED_SINGLE;
  const double merit = tried == 0 ? INFINITY : -record.best - cost * sqrt((double)tried);
  if (c->found && !(merit > c->best_merit)) return;
  c->found = true;
  c->best_merit = merit;
  c->best_of_its_own = record.best;
  memcpy(c->best_held, c->held, d * sizeof *c->held);
  memcpy(c->best_pattern, c->pattern, d * sizeof *c->pattern);
}

static void try_choices(struct contest *c, const double *best_row) {
  const struct hpo_features *f = c->rivals->features;
  for (size_t j = 0; j < f->d; j++) c->held[j] = c->pattern[j] = NAN;
  for (size_t j = 0; j < f->d; j++) {
    if (!f->list[j].categorical || best_row[j] < 0) continue;
    for (uint64_t k = 0; k < f->list[j].n_values && k < MAX_SINGLE; k++) {
      if (best_row[j] == (double)k) continue;
      c->held[j] = c->pattern[j] = (double)k;
      enter(c);
    }
    c->held[j] = c->pattern[j] = NAN;
  }
}

/* Combination number `code` into held and pattern; false when it is another one's twin, which differs
 * only in choices that do not exist. */
static bool combine(struct contest *c, uint64_t code) {
  const struct hpo_features *f = c->rivals->features;
  memcpy(c->row, c->rivals->best, f->d * sizeof *c->row);
  for (size_t j = 0; j < f->d; j++) {
    c->held[j] = NAN;
    if (!f->list[j].categorical) continue;
    c->held[j] = c->row[j] = (double)(code % f->list[j].n_values);
    code /= f->list[j].n_values;
  }
  hpo_features_canonical(f, c->row, c->pattern, NULL);
  for (size_t j = 0; j < f->d; j++) {
    if (!f->list[j].categorical)
      c->pattern[j] = NAN;
    else if (c->pattern[j] < 0 && c->held[j] > 0)
      return false;
  }
  return true;
}

static void try_combinations(struct contest *c, const double *best_row) {
  const struct hpo_features *f = c->rivals->features;
  const struct hpo_rival rival = {.held = c->held, .pattern = c->pattern};
  const uint64_t n = count_combinations(f);
  for (uint64_t code = 0; code < n; code++)
    if (combine(c, code) && !hpo_rival_has(f, &rival, best_row)) enter(c);
}

enum core_status hpo_rivals_find(const struct hpo_rivals *rivals, bool combined,
                                 struct core_arena *arena, struct hpo_rival *out,
                                 struct core_error *err) {
  const size_t d = rivals->features->d;
  struct contest contest = {.rivals = rivals, .combined = combined};
  *out = (struct hpo_rival){0};
  double *room = core_arena_calloc(arena, 6 * d, sizeof *room);
  if (!room) return core_fail_nomem(err, 6 * d * sizeof *room);
  contest.held = room;
  contest.pattern = room + d;
  contest.row = room + 2 * d;
  contest.best_held = room + 3 * d;
  contest.best_pattern = room + 4 * d;
  double *best_row = room + 5 * d;
  hpo_features_canonical(rivals->features, rivals->best, best_row, NULL);
  if (combined)
    try_combinations(&contest, best_row);
  else
    try_choices(&contest, best_row);
  if (contest.found)
    *out = (struct hpo_rival){contest.best_held, contest.best_of_its_own, contest.best_pattern};
  return CORE_OK;
}
