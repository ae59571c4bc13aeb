/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/cmaes_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hpo/sampler/cmaes_choice.h"
#include "hpo/sampler/cmaes_margin.h"
#include "hpo/sampler/taken.h"

#define FULL_MAX      256       /* numeric parameters; beyond, the covariance is diagonal */
#define REDRAWS       10        /* of a point out of bounds, before it is moved onto them */
#define ATTEMPTS      30        /* for a point that no trial has, where points can repeat */
#define MARGIN        (1.0 / 3) /* of the paper's: its generations are longer than ours */
#define LARGEST_SIGMA 1.0       /* of any coordinate, in unit intervals */

/* Where a trial stands in its generation, and the point that stands for it. */
struct member {
  const struct hpo_trial *trial;
  double progress; /* of a pruned trial: its last step, negated; 1 without any */
  double loss;
  double *x;
  size_t *choice;
  bool foreign;
};

struct startup {
  const struct hpo_trial *trial;
  double loss;
};

/* The distribution before the last update; a trial drawn from it may still end. */
struct previous {
  struct hpo_cmaes strategy;
  double *p;
  bool known, other_run;
};

struct hpo_cmaes_search {
  struct hpo_cmaes_settings set;
  size_t n, n_choices; /* numeric and categorical parameters with more than one value */
  size_t *dims, *choice_dims;
  const struct hpo_param **params; /* of dims */
  size_t lambda_first;
  bool finite; /* points can repeat: no parameter is continuous */
  struct hpo_taken taken;
  /* what the history led to */
  bool begun;
  size_t n_startup; /* start-up trials seen */
  struct hpo_cmaes strategy;
  struct hpo_cmaes_choices choices;
  struct hpo_cmaes_plan plan;
  struct hpo_cmaes_progress progress;
  struct previous previous;
  struct member *members; /* of the generation at hand: strategy.lambda */
  size_t n_members;
  struct hpo_cmaes_sample *samples;
  const size_t **rows;
  double *losses;
  struct core_arena generation; /* the four above */
  uint64_t old_below;           /* trials below this number are of an earlier run */
  uint64_t highest;             /* number of a finished trial */
  size_t n_followed;
  const struct hpo_trial *last;
  /* scratch */
  double *z, *x, *unit, *internal;
  size_t *choice;
  struct core_arena arena;
};

/* ---- life ---- */

static void forget(struct hpo_cmaes_search *s) {
  hpo_cmaes_close(&s->strategy);
  hpo_cmaes_progress_close(&s->progress);
  core_arena_close(&s->generation);
  hpo_cmaes_choices_reset(&s->choices);
  s->begun = s->previous.known = false;
  s->n_startup = s->n_members = s->n_followed = 0;
  s->old_below = s->highest = 0;
  s->last = NULL;
}

void hpo_cmaes_search_close(struct hpo_cmaes_search *s) {
  if (!s) return;
  forget(s);
  hpo_taken_close(&s->taken);
  hpo_cmaes_close(&s->previous.strategy);
  hpo_cmaes_choices_close(&s->choices);
  core_arena_close(&s->arena);
  core_free(s);
}

static void *take(struct hpo_cmaes_search *s, size_t count, size_t bytes, bool *missing) {
  void *block = core_arena_calloc(&s->arena, count + 1, bytes);
  *missing |= !block;
  return block;
}

static enum core_status take_arrays(struct hpo_cmaes_search *s, struct core_error *err) {
  const size_t n = s->set.space->n_params;
  bool missing = false;
  s->dims = take(s, n, sizeof *s->dims, &missing);
  s->choice_dims = take(s, n, sizeof *s->choice_dims, &missing);
  s->params = take(s, n, sizeof(const struct hpo_param *), &missing);
  s->z = take(s, n, sizeof *s->z, &missing);
  s->x = take(s, n, sizeof *s->x, &missing);
  s->unit = take(s, n, sizeof *s->unit, &missing);
  s->internal = take(s, n, sizeof *s->internal, &missing);
  s->choice = take(s, n, sizeof *s->choice, &missing);
  double *x0 = s->set.x0 ? take(s, n, sizeof *x0, &missing) : NULL;
  if (missing) return core_fail_nomem(err, 8 * n * sizeof(double));
  if (x0) memcpy(x0, s->set.x0, n * sizeof *x0);
  s->set.x0 = x0;
  return CORE_OK;
}

static void sort_params(struct hpo_cmaes_search *s, size_t *counts) {
  const struct hpo_space *space = s->set.space;
  s->finite = true;
  for (size_t k = 0; k < space->n_params; k++) {
    const struct hpo_param *param = &space->params[k];
    s->finite &= hpo_param_count(param) > 0;
    if (hpo_param_count(param) == 1) continue;
    if (param->type == HPO_PARAM_CATEGORICAL) {
      counts[s->n_choices] = param->n_choices;
      s->choice_dims[s->n_choices++] = k;
    } else {
      s->params[s->n] = param;
      s->dims[s->n++] = k;
    }
  }
}

static enum core_status open_parts(struct hpo_cmaes_search *s, struct core_error *err) {
  CORE_TRY(take_arrays(s, err));
  sort_params(s, s->choice);
  s->set.separable |= s->n > FULL_MAX;
  s->lambda_first =
      s->set.population ? s->set.population : hpo_cmaes_population(s->n + s->n_choices);
  CORE_TRY(hpo_cmaes_choices_open(&s->choices, s->choice, s->n_choices, err));
  bool missing = false;
  s->previous.p = take(s, s->choices.n_all, sizeof *s->previous.p, &missing);
  if (missing) return core_fail_nomem(err, s->choices.n_all * sizeof(double));
  return hpo_cmaes_open(&s->previous.strategy, s->n, 3, s->set.separable, err);
}

enum core_status hpo_cmaes_search_open(const struct hpo_cmaes_settings *settings,
                                       struct hpo_cmaes_search **out, struct core_error *err) {
  struct hpo_cmaes_search *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->set = *settings;
  const enum core_status st = open_parts(s, err);
  if (st == CORE_OK)
    *out = s;
  else
    hpo_cmaes_search_close(s);
  return st;
}

/* ---- drawing ---- */

static bool is_bounded(const struct hpo_cmaes_search *s, size_t j) {
  return !s->set.margin || hpo_param_count(s->params[j]) == 0;
}

static bool in_bounds(const struct hpo_cmaes_search *s, const double *x) {
  for (size_t j = 0; j < s->n; j++)
    if (is_bounded(s, j) && !(x[j] >= 0 && x[j] <= 1)) return false;
  return true;
}

static bool same_row(const double *a, const double *b, size_t n) {
  for (size_t k = 0; k < n; k++)
    if (a[k] != b[k] && !(isnan(a[k]) && isnan(b[k]))) return false;
  return true;
}

/* A draw from a distribution: drawn again while out of bounds, then moved onto them. Coordinates of discrete parameters are not rounded, and free to leave the interval when
 * they have margins. */
static void draw(struct hpo_cmaes_search *s, const struct hpo_cmaes *strategy, const double *p,
                 struct core_rng *rng, double *x, size_t *choice) {
  hpo_cmaes_choices_draw(p, &s->choices, rng, choice);
  for (int tries = 0; tries < 1 + REDRAWS; tries++) {
    for (size_t j = 0; j < s->n; j++) s->z[j] = core_rng_normal(rng);
    hpo_cmaes_place(strategy, s->z, x);
    if (in_bounds(s, x)) return;
  }
  for (size_t j = 0; j < s->n; j++)
    if (is_bounded(s, j)) x[j] = fmin(fmax(x[j], 0), 1);
}

static void to_unit(const struct hpo_cmaes_search *s, const double *x, const size_t *choice,
                    double *unit) {
  for (size_t k = 0; k < s->set.space->n_params; k++) unit[k] = 0.5;
  for (size_t j = 0; j < s->n; j++) unit[s->dims[j]] = fmin(fmax(x[j], 0), 1);
  for (size_t k = 0; k < s->n_choices; k++)
    unit[s->choice_dims[k]] = ((double)choice[k] + 0.5) / (double)s->choices.counts[k];
}

/* Draws of one trial, one after the other, until one gives `wanted`, or is no row of `taken`. Leaves
 * the last in x, choice, s->unit and s->internal. */
static bool draw_until(struct hpo_cmaes_search *s, const struct hpo_cmaes *strategy,
                       const double *p, uint64_t number, const double *wanted,
                       const struct hpo_taken *taken, double *x, size_t *choice) {
  const size_t n_params = s->set.space->n_params;
  struct core_rng rng;
  core_rng_init(&rng, s->set.seed, number, CORE_RNG_SAMPLER);
  for (int attempt = 0; attempt < (s->finite ? ATTEMPTS : 1); attempt++) {
    draw(s, strategy, p, &rng, x, choice);
    to_unit(s, x, choice, s->unit);
    hpo_space_to_internal(s->set.space, s->unit, s->internal);
    if (wanted ? same_row(s->internal, wanted, n_params)
               : !s->finite || !hpo_taken_has(taken, s->internal, n_params))
      return true;
  }
  return false;
}

enum core_status hpo_cmaes_search_draw(struct hpo_cmaes_search *s, const struct hpo_history *whole,
                                       uint64_t number, double *unit, struct core_error *err) {
  if (s->finite) CORE_TRY(hpo_taken_follow(&s->taken, whole, err));
  (void)draw_until(s, &s->strategy, s->choices.p, number, NULL, &s->taken, s->x, s->choice);
  memcpy(unit, s->unit, s->set.space->n_params * sizeof *unit);
  return CORE_OK;
}

/* Is the trial's point one that the distribution gives to its number? Leaves the draw in the
 * member. */
static bool is_drawn_from(struct hpo_cmaes_search *s, const struct hpo_cmaes *strategy,
                          const double *p, struct member *member) {
  return draw_until(s, strategy, p, member->trial->number, member->trial->internal, NULL, member->x,
                    member->choice);
}

/* ---- runs ---- */

static void *take_generation(struct hpo_cmaes_search *s, size_t count, size_t bytes,
                             bool *missing) {
  void *block = core_arena_calloc(&s->generation, count + 1, bytes);
  *missing |= !block;
  return block;
}

static enum core_status open_generation(struct hpo_cmaes_search *s, struct core_error *err) {
  const size_t lambda = s->strategy.lambda;
  bool missing = false;
  core_arena_close(&s->generation);
  s->members = take_generation(s, lambda, sizeof *s->members, &missing);
  s->samples = take_generation(s, lambda, sizeof *s->samples, &missing);
  s->rows = take_generation(s, lambda, sizeof(const size_t *), &missing);
  s->losses = take_generation(s, lambda, sizeof *s->losses, &missing);
  double *x = take_generation(s, lambda * s->n, sizeof *x, &missing);
  size_t *choice = take_generation(s, lambda * s->n_choices, sizeof *choice, &missing);
  if (missing) return core_fail_nomem(err, lambda * (sizeof *s->members + s->n * sizeof *x));
  for (size_t i = 0; i < lambda; i++) {
    s->members[i].x = x + i * s->n;
    s->members[i].choice = choice + i * s->n_choices;
  }
  s->n_members = 0;
  return CORE_OK;
}

/* Opens the strategy of the planned run; the mean is the caller's to set. */
static enum core_status open_run(struct hpo_cmaes_search *s, struct core_error *err) {
  hpo_cmaes_close(&s->strategy);
  CORE_TRY(hpo_cmaes_open(&s->strategy, s->n, s->plan.lambda, s->set.separable, err));
  s->strategy.sigma = s->set.sigma0 * s->plan.sigma_factor;
  hpo_cmaes_choices_reset(&s->choices);
  s->progress.n = 0;
  return open_generation(s, err);
}

static int compare_startup(const void *left, const void *right) {
  const struct startup *a = left, *b = right;
  if (a->loss != b->loss) return a->loss < b->loss ? -1 : 1;
  return a->trial->finish_index < b->trial->finish_index ? -1 : 1;
}

/* The complete ones of the first n_ended trials, best first. */
static enum core_status rank_startup(struct hpo_cmaes_search *s, const struct hpo_history *history,
                                     size_t n_ended, struct startup **out, size_t *n,
                                     struct core_error *err) {
  struct startup *ranked = core_arena_calloc(&s->generation, n_ended + 1, sizeof *ranked);
  if (!ranked) return core_fail_nomem(err, n_ended * sizeof *ranked);
  *n = 0;
  for (size_t i = 0; i < n_ended; i++) {
    const struct hpo_trial *trial = history->finished[i];
    if (trial->state == HPO_COMPLETE)
      ranked[(*n)++] = (struct startup){.trial = trial, .loss = hpo_history_loss(history, trial)};
  }
  qsort(ranked, *n, sizeof *ranked, compare_startup);
  *out = ranked;
  return CORE_OK;
}

/* Coordinate k of the first mean: x0's; else that of the better half of the start-up trials that
 * have it, weighted as a generation is; else the middle. */
static double first_mean(const struct hpo_cmaes_search *s, size_t k, const struct startup *ranked,
                         size_t n) {
  double sum = 0, weight = 0;
  if (s->set.x0 && !isnan(s->set.x0[k])) return s->set.x0[k];
  for (size_t i = 0; i < (n + 1) / 2; i++) {
    if (isnan(ranked[i].trial->unit[k])) continue;
    const double w = log(((double)n + 1) / 2 + 0.5) - log((double)i + 1);
    sum += w * ranked[i].trial->unit[k];
    weight += w;
  }
  return weight > 0 ? sum / weight : 0.5;
}

static enum core_status begin(struct hpo_cmaes_search *s, const struct hpo_history *history,
                              size_t n_ended, struct core_error *err) {
  struct startup *ranked = NULL;
  size_t n = 0;
  hpo_cmaes_plan_init(&s->plan, s->set.regime, s->lambda_first, s->set.growth);
  CORE_TRY(open_run(s, err));
  CORE_TRY(rank_startup(s, history, n_ended, &ranked, &n, err));
  for (size_t j = 0; j < s->n; j++) s->strategy.mean[j] = first_mean(s, s->dims[j], ranked, n);
  s->begun = true;
  return CORE_OK;
}

/* The next run starts anywhere. Trials that are under way belong to the last one. */
static enum core_status begin_again(struct hpo_cmaes_search *s, struct core_error *err) {
  struct core_rng rng;
  core_rng_init(&rng, s->set.seed, s->plan.runs, CORE_RNG_RESTART);
  hpo_cmaes_plan_next(&s->plan, (uint64_t)s->progress.n * s->strategy.lambda, &rng);
  CORE_TRY(open_run(s, err));
  for (size_t j = 0; j < s->n; j++) s->strategy.mean[j] = core_rng_unit(&rng);
  s->previous.other_run = true;
  s->old_below = s->highest;
  return CORE_OK;
}

/* ---- generations ---- */

/* Complete trials by loss, pruned ones by how far they came and the value there, failed ones
 * last. */
static int compare_members(const void *left, const void *right) {
  const struct member *a = left, *b = right;
  const enum hpo_state sa = a->trial->state, sb = b->trial->state;
  if (sa != sb) return sa < sb ? -1 : 1; /* COMPLETE < PRUNED < FAIL */
  if (a->progress != b->progress) return a->progress < b->progress ? -1 : 1;
  if (a->loss != b->loss) return a->loss < b->loss ? -1 : 1;
  return a->trial->finish_index < b->trial->finish_index ? -1 : 1;
}

static void keep_previous(struct hpo_cmaes_search *s) {
  hpo_cmaes_copy_distribution(&s->previous.strategy, &s->strategy);
  memcpy(s->previous.p, s->choices.p, s->choices.n_all * sizeof *s->previous.p);
  s->previous.known = true;
  s->previous.other_run = false;
}

static void limit_sigma(struct hpo_cmaes_search *s) {
  double widest = 0;
  for (size_t j = 0; j < s->n; j++) widest = fmax(widest, hpo_cmaes_deviation(&s->strategy, j));
  if (widest > LARGEST_SIGMA) s->strategy.sigma *= LARGEST_SIGMA / widest;
}

static enum core_status end_generation(struct hpo_cmaes_search *s, struct core_error *err) {
  struct hpo_cmaes *strategy = &s->strategy;
  const size_t lambda = strategy->lambda;
  qsort(s->members, lambda, sizeof *s->members, compare_members);
  for (size_t i = 0; i < lambda; i++) {
    s->samples[i] =
        (struct hpo_cmaes_sample){.x = s->members[i].x, .foreign = s->members[i].foreign};
    s->rows[i] = s->members[i].choice;
    s->losses[i] = s->members[i].trial->state == HPO_COMPLETE ? s->members[i].loss : INFINITY;
  }
  keep_previous(s);
  const enum core_status st = hpo_cmaes_update(strategy, s->samples, NULL);
  if (st == CORE_NOMEM) return core_fail_nomem(err, 0);
  hpo_cmaes_choices_update(&s->choices, s->rows, strategy->weights, lambda / 2);
  CORE_TRY(hpo_cmaes_progress_add(&s->progress, s->losses, lambda, err));
  s->n_members = 0;
  const bool over = st != CORE_OK || (s->set.regime != HPO_CMAES_NO_RESTART &&
                                      hpo_cmaes_is_over(strategy, &s->progress, s->losses));
  if (over) return begin_again(s, err);
  limit_sigma(s);
  const double n_all = (double)(s->n > 0 ? s->n : 1);
  if (s->set.margin) hpo_cmaes_keep_margin(strategy, s->params, MARGIN / (n_all * (double)lambda));
  return CORE_OK;
}

/* ---- following ---- */

static double loss_of(const struct hpo_history *history, const struct hpo_trial *trial) {
  return trial->state == HPO_FAIL ? INFINITY : hpo_history_loss(history, trial);
}

static double progress_of(const struct hpo_trial *trial) {
  if (trial->state != HPO_PRUNED) return 0;
  return trial->n_reports > 0 ? -(double)trial->reports[trial->n_reports - 1].step : 1;
}

/* The point of a trial that nobody's number explains: what it has, and the mean for the rest. */
static void take_foreign(const struct hpo_cmaes_search *s, struct member *member) {
  const double *unit = member->trial->unit;
  for (size_t j = 0; j < s->n; j++)
    member->x[j] = isnan(unit[s->dims[j]]) ? s->strategy.mean[j] : unit[s->dims[j]];
  for (size_t k = 0; k < s->n_choices; k++)
    member->choice[k] = (size_t)member->trial->internal[s->choice_dims[k]];
}

/* False for a trial that belongs to a run that is over. */
static bool take_point(struct hpo_cmaes_search *s, struct member *member) {
  const struct previous *previous = &s->previous;
  member->foreign = false;
  if (is_drawn_from(s, &s->strategy, s->choices.p, member)) return true;
  member->foreign = true;
  if (previous->known && is_drawn_from(s, &previous->strategy, previous->p, member))
    return !previous->other_run;
  if (member->trial->number < s->old_below) return false;
  take_foreign(s, member);
  return true;
}

static enum core_status take_member(struct hpo_cmaes_search *s, const struct hpo_history *history,
                                    const struct hpo_trial *trial, struct core_error *err) {
  struct member *member = &s->members[s->n_members];
  member->trial = trial;
  member->progress = progress_of(trial);
  member->loss = loss_of(history, trial);
  if (!take_point(s, member)) return CORE_OK;
  for (size_t k = 0; k < s->n_choices; k++)
    if (isnan(trial->internal[s->choice_dims[k]])) member->choice[k] = HPO_CMAES_NO_CHOICE;
  if (++s->n_members < s->strategy.lambda) return CORE_OK;
  return end_generation(s, err);
}

static enum core_status take_trial(struct hpo_cmaes_search *s, const struct hpo_history *history,
                                   const struct hpo_trial *trial, struct core_error *err) {
  if (trial->number > s->highest) s->highest = trial->number;
  if (trial->state == HPO_PRUNED && !s->set.pruned) return CORE_OK;
  if (s->begun) return take_member(s, history, trial, err);
  if (trial->state == HPO_FAIL) return CORE_OK;
  return ++s->n_startup < s->set.n_startup_trials ? CORE_OK
                                                  : begin(s, history, s->n_followed + 1, err);
}

static bool continues(const struct hpo_cmaes_search *s, const struct hpo_history *history) {
  if (s->n_followed == 0) return true;
  return s->n_followed <= history->n_finished && history->finished[s->n_followed - 1] == s->last;
}

static enum core_status follow(struct hpo_cmaes_search *s, const struct hpo_history *history,
                               struct core_error *err) {
  if (!s->begun && s->set.n_startup_trials == 0) CORE_TRY(begin(s, history, 0, err));
  for (; s->n_followed < history->n_finished; s->n_followed++) {
    s->last = history->finished[s->n_followed];
    CORE_TRY(take_trial(s, history, s->last, err));
  }
  return CORE_OK;
}

enum core_status hpo_cmaes_search_follow(struct hpo_cmaes_search *s,
                                         const struct hpo_history *history,
                                         struct core_error *err) {
  if (!continues(s, history)) forget(s);
  const enum core_status st = follow(s, history, err);
  if (st != CORE_OK) forget(s);
  return st;
}

bool hpo_cmaes_search_has_begun(const struct hpo_cmaes_search *s) {
  return s->begun;
}

struct hpo_cmaes_view hpo_cmaes_search_view(const struct hpo_cmaes_search *s) {
  return (struct hpo_cmaes_view){.strategy = &s->strategy, .plan = &s->plan};
}
