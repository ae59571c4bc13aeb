/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bayesian optimisation with Gaussian processes: a model of the whole space and one of the best
 * point's neighbourhood take turns in proposing where the expected improvement is largest. The parts
 * are in hpo/gp/; here is who is asked when.
 *
 * The first trials are a low-discrepancy design. Then the turns go by the number of trials since the
 * last improvement, those that are running included: so parallel trials come from both models. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "hpo/gp/acquire.h"
#include "hpo/gp/improvement.h"
#include "hpo/gp/neighbourhood.h"
#include "hpo/gp/observed.h"
#include "hpo/gp/rivals.h"
#include "hpo/gp/surrogate.h"
#include "hpo/sampler/design.h"
#include "hpo/sampler/sampler.h"
#include "hpo/sampler/taken.h"

#define MAX_PENDING 128 /* running trials that the model is told of: the latest */
#define INCUMBENTS  10
#define LARGE       300 /* rows of a model that is searched with less effort */
#define RIVAL_EVERY 6   /* one trial of so many is for a choice that the best point does not have */
#define IDLE_EVERY  2   /* the same of combinations of choices, while nothing better is found */
#define IDLE_TRIALS 20  /* so many trials without a gain: the model may be in a trap of choices */
#define WHOLE_EVERY 4   /* one of so many looks at the whole space in any case */
#define TIE_MARGIN                                                                                 \
  0.05 /* what each tie with the best loss adds to what must be gained, of targets */
#define MOST_MARGIN 1.0  /* with variance 1 */
#define NOISY       1e-3 /* learnt noise, of targets with variance 1, that is not overlooked */

struct hpo_sampler {
  struct hpo_features features;
  struct hpo_design *design;
  struct hpo_observed *observed;
  struct hpo_taken taken; /* of the whole study: no point of it is proposed again */
  struct hpo_surrogate *surrogate;
  struct hpo_neighbourhood *neighbourhood;
  size_t n_startup;
  double *cube_low, *cube_high; /* [d]: 0 and 1 */
  double *fill;                 /* [d], scratch */
  struct core_arena scratch;    /* of one suggestion */
  bool stale;                   /* the last suggestion failed in the middle */
};

static const struct core_option gp_options[] = {
    {.name = "n_startup_trials",
     .type = CORE_OPT_INT,
     .nullable = true,
     .max = 1e9,
     .unit = "trials",
     .help = "points of the initial design until so many trials have a value or run, half of them "
             "with a value (default: the number of parameters and 2, from 4 to 10)"},
    {.name = "deterministic_objective",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "the objective has no noise: do not learn any"},
    CORE_OPTION_END};

static void gp_close(struct hpo_sampler *s) {
  if (!s) return;
  hpo_neighbourhood_close(s->neighbourhood);
  hpo_surrogate_close(s->surrogate);
  hpo_observed_close(s->observed);
  hpo_taken_close(&s->taken);
  hpo_design_close(s->design);
  hpo_features_close(&s->features);
  core_free(s->cube_low);
  core_arena_close(&s->scratch);
  core_free(s);
}

static enum core_status open_models(struct hpo_sampler *s, bool deterministic,
                                    struct core_error *err) {
  const size_t d = s->features.d;
  if (d == 0) return CORE_OK;
  s->cube_low = core_calloc(3 * d, sizeof *s->cube_low);
  if (!s->cube_low) return core_fail_nomem(err, 3 * d * sizeof *s->cube_low);
  s->cube_high = s->cube_low + d;
  s->fill = s->cube_high + d;
  for (size_t j = 0; j < d; j++) s->cube_high[j] = 1;
  CORE_TRY(hpo_observed_open(&s->features, &s->observed, err));
  CORE_TRY(hpo_surrogate_open(&s->features, deterministic, &s->surrogate, err));
  return hpo_neighbourhood_open(&s->features, deterministic, &s->neighbourhood, err);
}

static size_t default_startup(size_t d) {
  return d < 2 ? 4 : d > 8 ? 10 : d + 2;
}

static enum core_status gp_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                struct core_error *err) {
  const struct core_options *options = setup->options;
  if (setup->n_objectives > 1)
    return core_fail_at(err, CORE_INVAL, options->pos,
                        "sampler 'gp' takes one objective, and the study has %zu; random, qmc and "
                        "grid take several",
                        setup->n_objectives);
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  enum core_status st = hpo_features_open(&s->features, setup->space, err);
  if (st == CORE_OK) st = hpo_design_open(setup->space, setup->seed, &s->design, err);
  if (st == CORE_OK) st = open_models(s, core_option_flag(options, "deterministic_objective"), err);
  if (st != CORE_OK) {
    gp_close(s);
    return st;
  }
  s->n_startup = core_option_given(options, "n_startup_trials")
                     ? (size_t)core_option_int(options, "n_startup_trials")
                     : default_startup(s->features.d);
  *out = s;
  return CORE_OK;
}

struct ranked {
  double target;
  size_t row;
};

/* What one suggestion is made from. */
struct round {
  const struct hpo_history *seen;
  struct core_rng *rng;
  double *pending; /* canonical rows */
  size_t n_pending;
  struct ranked *ranked; /* the surrogate's rows, best first */
  size_t n_ranked;
  double *incumbents; /* full rows */
  size_t n_incumbents;
  double best;   /* what must be improved on, in targets */
  double margin; /* and by how much */
  struct hpo_plateau plateau;
  size_t centre; /* the surrogate's row around which the local model is made */
  struct hpo_idleness idleness;
  bool idle; /* for long enough to look at whole combinations of choices */
};

static const struct hpo_history *whole_of(const struct hpo_history *seen) {
  return seen->whole ? seen->whole : seen;
}

static enum core_status find_pending(struct hpo_sampler *s, struct round *round,
                                     struct core_error *err) {
  const struct hpo_history *whole = whole_of(round->seen);
  const size_t d = s->features.d;
  round->pending = core_arena_calloc(&s->scratch, MAX_PENDING * d, sizeof *round->pending);
  if (!round->pending) return core_fail_nomem(err, MAX_PENDING * d * sizeof *round->pending);
  for (size_t i = whole->n_trials; i-- > 0 && round->n_pending < MAX_PENDING;)
    if (!hpo_state_is_final(whole->trials[i]->state))
      hpo_features_row(&s->features, whole->trials[i]->internal,
                       round->pending + d * round->n_pending++);
  return CORE_OK;
}

static int by_target(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  if (x->target != y->target) return x->target < y->target ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

/* A full row: what does not exist in a row gets a random value. */
static void fill_row(const struct hpo_sampler *s, const struct round *round, const double *row,
                     double *full) {
  double *fill = s->fill;
  for (size_t j = 0; j < s->features.d; j++) fill[j] = core_rng_unit(round->rng);
  hpo_features_from_cube(&s->features, fill, fill);
  hpo_features_fill(&s->features, row, fill, full);
}

/* Are targets of the first rows by rank noisy, or estimates? */
static bool is_uncertain(const struct hpo_sampler *s, const struct round *round) {
  bool uncertain = hpo_surrogate_noise(s->surrogate) > NOISY;
  for (size_t i = 0; i < round->n_incumbents; i++)
    uncertain |= hpo_surrogate_spreads(s->surrogate)[round->ranked[i].row] > 0;
  return uncertain;
}

/* The rows with the least targets, and what the model makes of them: where those are uncertain the
 * best is the one whose mean is least, for the least target is a lucky one. */
static enum core_status find_best(struct hpo_sampler *s, struct round *round,
                                  struct core_error *err) {
  const size_t n = hpo_surrogate_count(s->surrogate), d = s->features.d;
  const double *rows = hpo_surrogate_rows(s->surrogate);
  struct ranked *ranked = core_arena_calloc(&s->scratch, n, sizeof *ranked);
  round->incumbents = core_arena_calloc(&s->scratch, INCUMBENTS * d, sizeof *round->incumbents);
  if (!ranked || !round->incumbents) return core_fail_nomem(err, n * sizeof *ranked);
  for (size_t i = 0; i < n; i++)
    ranked[i] = (struct ranked){hpo_surrogate_targets(s->surrogate)[i], i};
  qsort(ranked, n, sizeof *ranked, by_target);
  round->ranked = ranked;
  round->n_ranked = n;
  round->n_incumbents = n < INCUMBENTS ? n : INCUMBENTS;
  if (is_uncertain(s, round)) {
    for (size_t i = 0; i < round->n_incumbents; i++)
      hpo_gp_predict(hpo_surrogate_model(s->surrogate), rows + ranked[i].row * d, 1,
                     &ranked[i].target, NULL);
    qsort(ranked, round->n_incumbents, sizeof *ranked, by_target);
  }
  round->best = ranked[0].target;
  round->centre = ranked[0].row;
  for (size_t i = 0; i < round->n_incumbents; i++)
    fill_row(s, round, rows + ranked[i].row * d, round->incumbents + i * d);
  return CORE_OK;
}

/* Where the objective is flat, and what that says of the best: the more trials have exactly its loss,
 * the farther must be looked for a better one. */
static enum core_status find_plateaus(struct hpo_sampler *s, struct round *round,
                                      struct core_error *err) {
  const struct hpo_surrogate *model = s->surrogate;
  CORE_TRY(hpo_plateau_find(&round->plateau, &s->features, hpo_surrogate_rows(model),
                            hpo_surrogate_values(model), hpo_surrogate_count(model),
                            hpo_surrogate_scales(model), &s->scratch, err));
  round->margin = fmin(TIE_MARGIN * (double)round->plateau.ties_of_best, MOST_MARGIN);
  return CORE_OK;
}

static bool is_taken(void *context, const double *internal) {
  const struct hpo_sampler *s = context;
  return hpo_taken_has(&s->taken, internal, s->features.space->n_params);
}

/* A search that differs from the others by its model and by where it looks. */
static struct hpo_search plan_search(struct hpo_sampler *s, const struct round *round, size_t n) {
  const bool large = n > LARGE;
  return (struct hpo_search){.features = &s->features,
                             .low = s->cube_low,
                             .high = s->cube_high,
                             .incumbents = round->incumbents,
                             .n_incumbents = round->n_incumbents,
                             .n_cube = large ? 256 : 512,
                             .n_near = large ? 128 : 256,
                             .n_starts = large ? 3 : 5,
                             .max_evals = large ? 60 : 200,
                             .is_taken = is_taken,
                             .taken_context = s,
                             .rng = round->rng,
                             .arena = &s->scratch};
}

static enum core_status search_model(struct hpo_sampler *s, const struct round *round,
                                     struct hpo_gp *gp, double best, struct hpo_search *search,
                                     double *full, struct core_error *err) {
  struct hpo_improvement improvement;
  enum core_status st = hpo_improvement_open(
      &improvement, gp, s->features.d, best - round->margin, round->pending, round->n_pending,
      hpo_gp_noise(gp) <= NOISY, round->rng, &s->scratch, err);
  improvement.plateau = &round->plateau;
  search->target = hpo_improvement_target(&improvement);
  if (st == CORE_OK) st = hpo_acquire(search, full, NULL, err);
  hpo_improvement_close(&improvement);
  return st;
}

static enum core_status search_everywhere(struct hpo_sampler *s, const struct round *round,
                                          double *full, struct core_error *err) {
  struct hpo_search search = plan_search(s, round, hpo_surrogate_count(s->surrogate));
  search.scales = hpo_surrogate_lengths(s->surrogate);
  search.warp = hpo_gp_warp(hpo_surrogate_model(s->surrogate));
  return search_model(s, round, hpo_surrogate_model(s->surrogate), round->best, &search, full, err);
}

static enum core_status find_rival(struct hpo_sampler *s, const struct round *round,
                                   struct hpo_rival *out, struct core_error *err) {
  const struct hpo_rivals rivals = {.features = &s->features,
                                    .rows = hpo_surrogate_rows(s->surrogate),
                                    .targets = hpo_surrogate_targets(s->surrogate),
                                    .losses = hpo_surrogate_losses(s->surrogate),
                                    .n = hpo_surrogate_count(s->surrogate),
                                    .pending = round->pending,
                                    .n_pending = round->n_pending,
                                    .best = round->incumbents,
                                    .gain = round->idleness.gain};
  return hpo_rivals_find(&rivals, round->idle, &s->scratch, out, err);
}

/* The incumbents of a search for a rival: its own best rows; before it has any none, or of a
 * combination the best of all with its choices. */
static enum core_status find_own_incumbents(struct hpo_sampler *s, const struct round *round,
                                            const struct hpo_rival *rival,
                                            struct hpo_search *search, struct core_error *err) {
  const size_t d = s->features.d;
  const double *rows = hpo_surrogate_rows(s->surrogate);
  double *own = core_arena_calloc(&s->scratch, INCUMBENTS * d, sizeof *own);
  if (!own) return core_fail_nomem(err, INCUMBENTS * d * sizeof *own);
  size_t kept = 0;
  for (size_t i = 0; i < round->n_ranked && kept < INCUMBENTS; i++) {
    const double *row = rows + round->ranked[i].row * d;
    if (hpo_rival_has(&s->features, rival, row)) fill_row(s, round, row, own + d * kept++);
  }
  if (kept == 0 && round->idle) {
    kept = round->n_incumbents;
    for (size_t k = 0; k < kept * d; k++)
      own[k] = isnan(rival->held[k % d]) ? round->incumbents[k] : rival->held[k % d];
  }
  search->incumbents = own;
  search->n_incumbents = kept;
  return CORE_OK;
}

/* The improvement on the best point of its own that a rival promises. */
static enum core_status search_rival(struct hpo_sampler *s, const struct round *round,
                                     const struct hpo_rival *rival, double *full,
                                     struct core_error *err) {
  struct hpo_search search = plan_search(s, round, hpo_surrogate_count(s->surrogate));
  CORE_TRY(find_own_incumbents(s, round, rival, &search, err));
  search.scales = hpo_surrogate_lengths(s->surrogate);
  search.warp = hpo_gp_warp(hpo_surrogate_model(s->surrogate));
  search.held = rival->held;
  return search_model(s, round, hpo_surrogate_model(s->surrogate),
                      isfinite(rival->best) ? rival->best : round->best, &search, full, err);
}

/* The incumbents that the local model holds: beside the others it would hope for what is known. */
static enum core_status find_near_incumbents(struct hpo_sampler *s, const struct round *round,
                                             struct hpo_search *search, struct core_error *err) {
  const size_t d = s->features.d;
  double *near = core_arena_calloc(&s->scratch, round->n_incumbents * d, sizeof *near);
  if (!near) return core_fail_nomem(err, round->n_incumbents * d * sizeof *near);
  size_t kept = 0;
  for (size_t i = 0; i < round->n_incumbents; i++)
    if (hpo_neighbourhood_has(s->neighbourhood, round->ranked[i].row))
      memcpy(near + d * kept++, round->incumbents + d * i, d * sizeof *near);
  search->incumbents = near;
  search->n_incumbents = kept;
  return CORE_OK;
}

static enum core_status search_nearby(struct hpo_sampler *s, const struct round *round,
                                      double *full, struct core_error *err) {
  struct hpo_neighbourhood *near = s->neighbourhood;
  CORE_TRY(hpo_neighbourhood_fit(near, s->surrogate, round->centre, &s->scratch, err));
  struct hpo_search search = plan_search(s, round, hpo_neighbourhood_count(near));
  CORE_TRY(find_near_incumbents(s, round, &search, err));
  search.low = hpo_neighbourhood_low(near);
  search.high = hpo_neighbourhood_high(near);
  search.scales = hpo_neighbourhood_scales(near);
  search.warp = hpo_gp_warp(hpo_neighbourhood_model(near));
  return search_model(s, round, hpo_neighbourhood_model(near), hpo_neighbourhood_best(near),
                      &search, full, err);
}

/* Finished trials since the last one that was better than all before it. */
static size_t count_stall(const struct hpo_history *seen) {
  size_t n = 0;
  while (n < seen->n_finished && seen->finished[seen->n_finished - 1 - n] != seen->best) n++;
  return n;
}

/* Running trials were begun, or may have been, without knowing of the last gain. */
static void find_idleness(const struct hpo_sampler *s, struct round *round) {
  round->idleness = hpo_history_idleness(round->seen);
  round->idle =
      hpo_rivals_combine(&s->features) && round->idleness.trials >= IDLE_TRIALS + round->n_pending;
}

static bool is_free(const struct hpo_sampler *s, const double *full) {
  hpo_features_canonical(&s->features, full, s->fill, NULL);
  return !hpo_taken_has(&s->taken, s->features.internal, s->features.space->n_params);
}

static enum core_status take_turn(struct hpo_sampler *s, struct round *round, uint64_t number,
                                  double *full, struct core_error *err) {
  const size_t turn = count_stall(round->seen) + round->n_pending;
  const unsigned every = round->idle ? IDLE_EVERY : RIVAL_EVERY;
  struct hpo_rival rival = {0};
  if (number % every == every - 1) CORE_TRY(find_rival(s, round, &rival, err));
  if (rival.held) {
    CORE_TRY(search_rival(s, round, &rival, full, err));
    if (is_free(s, full)) return CORE_OK; /* else all points with this choice are taken */
  }
  if (turn % 2 == 0 && number % WHOLE_EVERY != 0) {
    CORE_TRY(search_nearby(s, round, full, err));
    if (is_free(s, full)) return CORE_OK;
  }
  return search_everywhere(s, round, full, err);
}

static enum core_status suggest_model(struct hpo_sampler *s, struct round *round, uint64_t number,
                                      bool restarted, double *x, struct core_error *err) {
  const size_t d = s->features.d, n = hpo_observed_count(s->observed);
  CORE_TRY(hpo_surrogate_follow(s->surrogate, s->observed, n, restarted, &s->scratch, err));
  CORE_TRY(hpo_taken_follow(&s->taken, whole_of(round->seen), err));
  CORE_TRY(find_pending(s, round, err));
  CORE_TRY(find_best(s, round, err));
  CORE_TRY(find_plateaus(s, round, err));
  find_idleness(s, round);
  double *full = core_arena_calloc(&s->scratch, d, sizeof *full);
  if (!full) return core_fail_nomem(err, d * sizeof *full);
  CORE_TRY(take_turn(s, round, number, full, err));
  hpo_features_unit(&s->features, full, x);
  return CORE_OK;
}

static size_t count_running(const struct hpo_history *seen) {
  size_t n = 0;
  for (size_t i = 0; i < seen->n_trials; i++) n += !hpo_state_is_final(seen->trials[i]->state);
  return n;
}

/* Is the design large enough? Running trials are points of it, too: would only finished ones count,
 * eight at a time would begin with seven more. But half of them must have said something. */
static bool is_begun(const struct hpo_sampler *s, const struct hpo_history *seen) {
  const size_t n = hpo_observed_count_valued(s->observed);
  if (n == 0 || 2 * n < s->n_startup) return false;
  return n >= s->n_startup || n + count_running(seen) >= s->n_startup;
}

static enum core_status gp_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                   uint64_t number, struct core_rng *rng, double *x,
                                   struct core_error *err) {
  bool restarted;
  if (s->features.d == 0) return hpo_design_point(s->design, 0, x, err);
  CORE_TRY(hpo_observed_follow(s->observed, seen, &restarted, err));
  s->stale |= restarted;
  if (!is_begun(s, seen)) return hpo_design_point(s->design, number, x, err);
  struct round round = {.seen = seen, .rng = rng};
  const bool afresh = s->stale;
  s->stale = true;
  const enum core_status st = suggest_model(s, &round, number, afresh, x, err);
  s->stale = st != CORE_OK;
  core_arena_reset(&s->scratch);
  return st;
}

const struct hpo_sampler_ops hpo_sampler_gp = {
    .name = "gp",
    .summary = "Gaussian processes, expected improvement: the most from few trials",
    .options = gp_options,
    .open = gp_open,
    .suggest = gp_suggest,
    .close = gp_close,
};
