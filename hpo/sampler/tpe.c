/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tree-structured Parzen estimator: models the points of good trials, l(x), and of the others, g(x), draws from l and
 * keeps the draw with the largest l/g. Bergstra et al., NIPS 2011; defaults and details as in Optuna 5, single objective.
 *
 * The space falls into blocks: parameters that exist under the same conditions. A multivariate model covers a block, so
 * conditional parameters are modelled from the trials that had them. Trials that are not final count as bad ones. While
 * many are not, each parameter is a block of its own: products of kernels propose neighbours of the one or two good
 * points that there are, and what comes of them is known only many proposals later. */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "hpo/sampler/design.h"
#include "hpo/sampler/sampler.h"
#include "hpo/sampler/taken.h"
#include "hpo/sampler/tpe_model.h"

#define FEW_CANDIDATES  24
#define MANY_CANDIDATES 96
#define FEW_DIMS        10   /* that many candidates are worth their time in so many dimensions, */
#define FEW_TRIALS      1000 /* and up to so many trials */
#define EVEN_EVERY      3 /* one of so many points is of the even design while most trials are pruned */
/* Beyond so many running trials, and this share of those observed, parameters are modelled one by
 * one. */
#define MANY_PENDING  16
#define PENDING_SHARE 0.25

/* The space in blocks, and the models of them. */
struct division {
  bool multivariate, group;
  struct hpo_tpe_block *blocks; /* parents before children */
  size_t n_blocks;
  struct hpo_tpe_models models;
};

struct hpo_sampler {
  const struct hpo_space *space;
  size_t n_startup_trials;
  size_t n_candidates; /* 0: by block and history */
  bool adapts;         /* by the trials that are pending; else it is always jointly */
  struct division jointly, one_by_one;
  struct hpo_design *design; /* of the first points */
  bool repeats;              /* may a point come twice? Not where a float is in all of them */
  struct hpo_taken taken;    /* where it may: the points that there are */
  double *internal;          /* the point as far as it is known */
  double *row;               /* the same with a candidate's values */
  struct core_arena arena;   /* blocks */
  struct core_arena scratch; /* of one suggestion */
};

static const struct core_option tpe_options[] = {
    {.name = "n_startup_trials",
     .type = CORE_OPT_INT,
     .fallback = "10",
     .max = 1e9,
     .unit = "trials",
     .help = "points of the shared initial design until so many trials are complete or pruned"},
    {.name = "n_ei_candidates",
     .type = CORE_OPT_INT,
     .nullable = true,
     .min = 1,
     .max = 1e6,
     .unit = "points",
     .help =
         "draws from the good trials' model, of which the best is taken (default: 96 up to "
         "1000 trials where at most ten parameters are one block and no good ones tie, else 24)"},
    {.name = "multivariate",
     .type = CORE_OPT_FLAG,
     .nullable = true,
     .help = "model parameters together instead of one by one (default: together, but while more "
             "than 16 trials run, and a quarter as many as are observed, one by one)"},
    {.name = "group",
     .type = CORE_OPT_FLAG,
     .nullable = true,
     .help = "with multivariate: model conditional parameters that exist together, together "
             "(default: as multivariate)"},
    {.name = "constant_liar",
     .type = CORE_OPT_FLAG,
     .fallback = "true",
     .help = "count running trials as bad, so that parallel ones spread out"},
    {.name = "prior_weight",
     .type = CORE_OPT_DOUBLE,
     .fallback = "1.0",
     .min = 1e-6,
     .max = 1e6,
     .help = "weight of the prior beside the observations' 1"},
    {.name = "consider_magic_clip",
     .type = CORE_OPT_FLAG,
     .fallback = "true",
     .help = "keep kernels from becoming too narrow"},
    {.name = "consider_endpoints",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "let the outermost kernels reach to the bounds"},
    CORE_OPTION_END};

static bool same_values(const struct hpo_condition *a, const struct hpo_condition *b) {
  return a->parent == b->parent && a->n_values == b->n_values &&
         memcmp(a->values, b->values, a->n_values * sizeof *a->values) == 0;
}

static bool same_conditions(const struct hpo_param *a, const struct hpo_param *b) {
  if (a->n_conditions != b->n_conditions) return false;
  for (size_t i = 0; i < a->n_conditions; i++) {
    bool found = false;
    for (size_t j = 0; j < b->n_conditions; j++)
      found |= same_values(&a->conditions[i], &b->conditions[j]);
    if (!found) return false;
  }
  return true;
}

/* Whether a parameter joins the block. Without groups only those that always exist are modelled together. */
static bool joins(const struct division *division, const struct hpo_param *params,
                  const struct hpo_tpe_block *block, size_t param) {
  const struct hpo_param *p = &params[param];
  if (!division->multivariate || (!division->group && p->n_conditions > 0)) return false;
  return same_conditions(&params[block->members[0]], p);
}

/* Blocks in the topological order of their first members: a parent's block comes before its children's, for members of
 * one block have the same conditions. */
static enum core_status make_blocks(struct hpo_sampler *s, struct division *division,
                                    struct core_error *err) {
  const size_t n = s->space->n_params;
  division->blocks = core_arena_calloc(&s->arena, n, sizeof *division->blocks);
  bool *placed = core_arena_calloc(&s->arena, n, sizeof *placed);
  size_t *members = core_arena_calloc(&s->arena, 2 * n, sizeof *members), *dims = members + n;
  if (!division->blocks || !placed || !members)
    return core_fail_nomem(err, 2 * n * sizeof *members);
  for (size_t i = 0; i < n; i++) {
    if (placed[s->space->order[i]]) continue;
    struct hpo_tpe_block *block = &division->blocks[division->n_blocks++];
    *block = (struct hpo_tpe_block){.members = members, .dims = dims};
    for (size_t j = i; j < n; j++) {
      const size_t param = s->space->order[j];
      if (placed[param] || (j > i && !joins(division, s->space->params, block, param))) continue;
      placed[param] = true;
      block->members[block->n_members++] = param;
      if (hpo_param_count(&s->space->params[param]) != 1) block->dims[block->n_dims++] = param;
    }
    members += block->n_members;
    dims += block->n_dims;
  }
  return CORE_OK;
}

static void tpe_close(struct hpo_sampler *s) {
  if (!s) return;
  hpo_tpe_models_close(&s->jointly.models);
  hpo_tpe_models_close(&s->one_by_one.models);
  hpo_taken_close(&s->taken);
  hpo_design_close(s->design);
  core_arena_close(&s->scratch);
  core_arena_close(&s->arena);
  core_free(s);
}

static enum core_status check_setup(const struct hpo_sampler_setup *setup, struct core_error *err) {
  const struct core_options *options = setup->options;
  if (setup->n_objectives > 1)
    return core_fail_at(
        err, CORE_INVAL, options->pos,
        "sampler 'tpe' takes one objective, and the study has %zu; random, qmc and grid "
        "take several",
        setup->n_objectives);
  if (core_option_flag(options, "group") && core_option_given(options, "multivariate") &&
      !core_option_flag(options, "multivariate"))
    return core_fail_at(err, CORE_INVAL, core_option_get(options, "group")->pos,
                        "sampler 'tpe': 'group: true' needs 'multivariate: true'");
  return CORE_OK;
}

static enum core_status division_open(struct hpo_sampler *s, struct division *division,
                                      bool multivariate, const struct core_options *options,
                                      struct core_error *err) {
  division->multivariate = multivariate;
  division->group =
      core_option_given(options, "group") ? core_option_flag(options, "group") : multivariate;
  CORE_TRY(make_blocks(s, division, err));
  division->models = (struct hpo_tpe_models){
      .space = s->space,
      .blocks = division->blocks,
      .n_blocks = division->n_blocks,
      .parzen = {.prior_weight = core_option_double(options, "prior_weight"),
                 .magic_clip = core_option_flag(options, "consider_magic_clip"),
                 .endpoints = core_option_flag(options, "consider_endpoints")},
      .pending = core_option_flag(options, "constant_liar")};
  return CORE_OK;
}

static enum core_status open_divisions(struct hpo_sampler *s, const struct core_options *options,
                                       struct core_error *err) {
  const size_t n = s->space->n_params;
  s->adapts = !core_option_given(options, "multivariate");
  s->internal = core_arena_calloc(&s->arena, n, sizeof *s->internal);
  s->row = core_arena_calloc(&s->arena, n, sizeof *s->row);
  if (!s->internal || !s->row) return core_fail_nomem(err, n * sizeof *s->row);
  const bool multivariate = s->adapts || core_option_flag(options, "multivariate");
  CORE_TRY(division_open(s, &s->jointly, multivariate, options, err));
  return division_open(s, &s->one_by_one, false, options, err);
}

static enum core_status tpe_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                 struct core_error *err) {
  const struct core_options *options = setup->options;
  CORE_TRY(check_setup(setup, err));
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->space = setup->space;
  s->n_startup_trials = (size_t)core_option_int(options, "n_startup_trials");
  if (core_option_given(options, "n_ei_candidates"))
    s->n_candidates = (size_t)core_option_int(options, "n_ei_candidates");
  s->repeats = true;
  for (size_t k = 0; k < s->space->n_params; k++)
    s->repeats &= hpo_param_count(&s->space->params[k]) > 0 || s->space->params[k].n_conditions > 0;
  enum core_status st = open_divisions(s, options, err);
  if (st == CORE_OK) st = hpo_design_open(s->space, setup->seed, &s->design, err);
  if (st == CORE_OK)
    *out = s;
  else
    tpe_close(s);
  return st;
}

/* Would the point be complete with this candidate, and one that a trial has? */
static bool is_taken(const struct hpo_sampler *s, const struct division *division,
                     const struct hpo_tpe_block *block, const struct hpo_parzen_value *values) {
  const struct hpo_param *params = s->space->params;
  memcpy(s->row, s->internal, s->space->n_params * sizeof *s->row);
  for (size_t m = 0; m < block->n_members; m++)
    s->row[block->members[m]] = hpo_param_from_unit(&params[block->members[m]], 0.5);
  for (size_t d = 0; d < block->n_dims; d++) {
    const struct hpo_param *p = &params[block->dims[d]];
    s->row[block->dims[d]] = hpo_param_from_unit(p, hpo_parzen_unit(p, &values[d]));
  }
  for (const struct hpo_tpe_block *later = block + 1; later < division->blocks + division->n_blocks;
       later++)
    if (hpo_param_is_active(s->space, later->members[0], s->row)) return false;
  return hpo_taken_has(&s->taken, s->row, s->space->n_params);
}

static size_t largest(const double *x, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (x[i] > x[best]) best = i;
  return best;
}

/* The candidate with the largest ratio (the first among equals) that repeats no trial's point; if
 * all do, the one with the largest. */
static size_t choose(const struct hpo_sampler *s, const struct division *division,
                     const struct hpo_tpe_block *block, const struct hpo_parzen_value *drawn,
                     double *ratios, size_t n) {
  const size_t first = largest(ratios, n);
  for (size_t i = 0, best = first; s->repeats && i < n; i++) {
    if (!is_taken(s, division, block, drawn + best * block->n_dims)) return best;
    ratios[best] = -INFINITY;
    best = largest(ratios, n);
  }
  return first;
}

/* Do good trials have exactly the same loss? Then the objective has steps, and beside a good point
 * there is often nothing new. */
static bool has_ties(const struct hpo_split *split) {
  for (size_t i = 1; i < split->n_best; i++)
    if (split->best[i].loss == split->best[i - 1].loss && isfinite(split->best[i].loss))
      return true;
  return false;
}

/* More candidates, more of l/g's maximum: better in few dimensions, where the model is good; with
 * conditions, which leave each block few trials, and on steps a random share does more. */
static size_t count_candidates(const struct hpo_sampler *s, const struct division *division,
                               const struct hpo_split *split, const struct hpo_tpe_block *block) {
  if (s->n_candidates > 0) return s->n_candidates;
  const bool many = division->n_blocks == 1 && block->n_dims <= FEW_DIMS &&
                    split->n_observed <= FEW_TRIALS && !has_ties(split);
  return many ? MANY_CANDIDATES : FEW_CANDIDATES;
}

/* Draws n candidates from l and keeps the one with the largest l/g. */
static enum core_status suggest_block(struct hpo_sampler *s, const struct division *division,
                                      const struct hpo_tpe_block *block, struct hpo_tpe_pair *pair,
                                      size_t n, struct core_rng *rng, double *x,
                                      struct core_error *err) {
  struct hpo_parzen_value *drawn = core_arena_calloc(&s->scratch, n * block->n_dims, sizeof *drawn);
  double *ratios = core_arena_calloc(&s->scratch, 2 * n, sizeof *ratios), *above = ratios + n;
  if (!drawn || !ratios) return core_fail_nomem(err, n * block->n_dims * sizeof *drawn);
  for (size_t i = 0; i < n; i++) hpo_parzen_draw(&pair->below, rng, drawn + i * block->n_dims);
  CORE_TRY(hpo_parzen_log_densities(&pair->below, drawn, n, ratios, err));
  CORE_TRY(hpo_parzen_log_densities(&pair->above, drawn, n, above, err));
  for (size_t i = 0; i < n; i++) ratios[i] -= above[i];
  const size_t best = choose(s, division, block, drawn, ratios, n);
  for (size_t d = 0; d < block->n_dims; d++)
    x[block->dims[d]] =
        hpo_parzen_unit(&s->space->params[block->dims[d]], &drawn[best * block->n_dims + d]);
  return CORE_OK;
}

static enum core_status suggest_model(struct hpo_sampler *s, const struct division *division,
                                      struct hpo_tpe_model *model, struct core_rng *rng, double *x,
                                      struct core_error *err) {
  for (size_t i = 0; i < s->space->n_params; i++) {
    x[i] = 0.5;
    s->internal[i] = NAN;
  }
  for (size_t b = 0; b < division->n_blocks; b++) {
    const struct hpo_tpe_block *block = &division->blocks[b];
    if (!hpo_param_is_active(s->space, block->members[0], s->internal)) continue;
    const size_t n = count_candidates(s, division, &model->split, block);
    if (block->n_dims > 0)
      CORE_TRY(suggest_block(s, division, block, &model->pairs[b], n, rng, x, err));
    for (size_t m = 0; m < block->n_members; m++) {
      const size_t k = block->members[m];
      s->internal[k] = hpo_param_from_unit(&s->space->params[k], x[k]);
    }
  }
  return CORE_OK;
}

static bool has_many_pending(const struct hpo_split *split) {
  const size_t n_pending = split->n_trials - split->n_finished;
  return n_pending > MANY_PENDING && (double)n_pending > PENDING_SHARE * (double)split->n_observed;
}

/* What stops early says little, and that at times wrongly, of where a trial would have come to: a model of it is not all
 * that is asked (Falkner et al., ICML 2018). */
static bool is_even_turn(const struct hpo_split *split, uint64_t number) {
  return 2 * split->n_pruned > split->n_observed && number % EVEN_EVERY == 0;
}

/* The design's point, unless it would repeat a trial's. */
static enum core_status suggest_even(struct hpo_sampler *s, uint64_t number, double *x, bool *done,
                                     struct core_error *err) {
  CORE_TRY(hpo_design_point(s->design, number, x, err));
  hpo_space_to_internal(s->space, x, s->internal);
  *done = !s->repeats || !hpo_taken_has(&s->taken, s->internal, s->space->n_params);
  return CORE_OK;
}

static enum core_status tpe_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                    uint64_t number, struct core_rng *rng, double *x,
                                    struct core_error *err) {
  const struct division *division = &s->jointly;
  struct hpo_tpe_model *model;
  CORE_TRY(hpo_tpe_models_get(&s->jointly.models, seen, &model, err));
  if (model->split.n_observed < s->n_startup_trials)
    return hpo_design_point(s->design, number, x, err);
  if (s->repeats) CORE_TRY(hpo_taken_follow(&s->taken, seen->whole, err));
  bool done = false;
  if (is_even_turn(&model->split, number)) CORE_TRY(suggest_even(s, number, x, &done, err));
  if (done) return CORE_OK;
  if (s->adapts && has_many_pending(&model->split)) {
    division = &s->one_by_one;
    CORE_TRY(hpo_tpe_models_get(&s->one_by_one.models, seen, &model, err));
  }
  const enum core_status st = suggest_model(s, division, model, rng, x, err);
  core_arena_reset(&s->scratch);
  return st;
}

const struct hpo_sampler_ops hpo_sampler_tpe = {
    .name = "tpe",
    .summary = "Parzen models of good and other trials (Optuna's default)",
    .options = tpe_options,
    .open = tpe_open,
    .suggest = tpe_suggest,
    .close = tpe_close,
};
