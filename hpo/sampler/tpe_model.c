/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/tpe_model.h"

#include <math.h>

#include "core/mem.h"

static void model_close(struct hpo_tpe_model *model) {
  for (size_t b = 0; b < model->n_pairs; b++) {
    hpo_parzen_close(&model->pairs[b].below);
    hpo_parzen_close(&model->pairs[b].above);
  }
  core_free(model->pairs);
  hpo_split_close(&model->split);
  *model = (struct hpo_tpe_model){0};
}

static enum core_status model_open(const struct hpo_tpe_models *models, struct hpo_tpe_model *model,
                                   struct core_error *err) {
  model->split.pending = models->pending;
  model->pairs = core_calloc(models->n_blocks, sizeof *model->pairs);
  if (!model->pairs) return core_fail_nomem(err, models->n_blocks * sizeof *model->pairs);
  for (; model->n_pairs < models->n_blocks; model->n_pairs++) {
    const struct hpo_tpe_block *block = &models->blocks[model->n_pairs];
    struct hpo_tpe_pair *pair = &model->pairs[model->n_pairs];
    CORE_TRY(hpo_parzen_open(&pair->below, &models->parzen, models->space, block->dims,
                             block->n_dims, err));
    const enum core_status st = hpo_parzen_open(&pair->above, &models->parzen, models->space,
                                                block->dims, block->n_dims, err);
    if (st != CORE_OK) {
      hpo_parzen_close(&pair->below);
      return st;
    }
  }
  return CORE_OK;
}

static bool has_block(const struct hpo_trial *trial, const struct hpo_tpe_block *block) {
  return block->n_dims > 0 && !isnan(trial->internal[block->members[0]]);
}

static struct hpo_parzen *side_of(struct hpo_tpe_pair *pair, enum hpo_side side) {
  return side == HPO_SIDE_BELOW ? &pair->below : side == HPO_SIDE_ABOVE ? &pair->above : NULL;
}

static enum core_status move_trials(const struct hpo_tpe_models *models,
                                    struct hpo_tpe_model *model, struct core_error *err) {
  struct hpo_move move;
  while (hpo_split_move(&model->split, &move)) {
    for (size_t b = 0; b < model->n_pairs; b++) {
      if (!has_block(move.trial, &models->blocks[b])) continue;
      struct hpo_parzen *from = side_of(&model->pairs[b], move.from);
      struct hpo_parzen *to = side_of(&model->pairs[b], move.to);
      if (from) hpo_parzen_remove(from, move.trial);
      if (to) CORE_TRY(hpo_parzen_insert(to, move.trial, err));
    }
  }
  return CORE_OK;
}

/* One side of a block from all the trials. `list` has room for them. */
static enum core_status fill_side(const struct hpo_tpe_block *block,
                                  const struct hpo_tpe_model *model, enum hpo_side side,
                                  const struct hpo_trial **list, struct hpo_parzen *parzen,
                                  struct core_error *err) {
  const struct hpo_split *split = &model->split;
  size_t n = 0;
  for (size_t i = 0; i < split->n_trials; i++)
    if (split->side[i] == side && has_block(split->trials[i], block)) list[n++] = split->trials[i];
  return hpo_parzen_fill(parzen, list, n, err);
}

static enum core_status fill(const struct hpo_tpe_models *models, struct hpo_tpe_model *model,
                             struct core_error *err) {
  struct hpo_move move;
  while (hpo_split_move(&model->split, &move)) {
  }
  const struct hpo_trial **list =
      core_calloc(model->split.n_trials + 1, sizeof(struct hpo_trial *));
  enum core_status st =
      list ? CORE_OK : core_fail_nomem(err, model->split.n_trials * sizeof(struct hpo_trial *));
  for (size_t b = 0; b < model->n_pairs && st == CORE_OK; b++) {
    const struct hpo_tpe_block *block = &models->blocks[b];
    st = fill_side(block, model, HPO_SIDE_BELOW, list, &model->pairs[b].below, err);
    if (st == CORE_OK)
      st = fill_side(block, model, HPO_SIDE_ABOVE, list, &model->pairs[b].above, err);
  }
  core_free(list);
  return st;
}

/* One by one while few are new: each costs a part of all, a filling some multiple of all. */
static enum core_status model_update(const struct hpo_tpe_models *models,
                                     struct hpo_tpe_model *model, const struct hpo_history *seen,
                                     struct core_error *err) {
  if (!model->pairs) CORE_TRY(model_open(models, model, err));
  CORE_TRY(hpo_split_update(&model->split, seen, err));
  const bool few = model->split.n_touched < 16 + model->split.n_trials / 64;
  return few ? move_trials(models, model, err) : fill(models, model, err);
}

/* The model that has followed most of this history; else an unused one, else the longest unused,
 * empty. */
static struct hpo_tpe_model *choose(struct hpo_tpe_models *models, const struct hpo_history *seen) {
  struct hpo_tpe_model *best = NULL, *oldest = &models->models[0];
  for (size_t i = 0; i < HPO_TPE_MODELS; i++) {
    struct hpo_tpe_model *model = &models->models[i];
    if (model->last_used < oldest->last_used) oldest = model;
    const size_t n = model->split.n_trials;
    if (n > (best ? best->split.n_trials : 0) && hpo_split_follows(&model->split, seen))
      best = model;
  }
  if (best) return best;
  model_close(oldest);
  return oldest;
}

enum core_status hpo_tpe_models_get(struct hpo_tpe_models *models, const struct hpo_history *seen,
                                    struct hpo_tpe_model **out, struct core_error *err) {
  struct hpo_tpe_model *model = choose(models, seen);
  model->last_used = ++models->uses;
  const enum core_status st = model_update(models, model, seen, err);
  if (st == CORE_OK)
    *out = model;
  else
    model_close(model);
  return st;
}

void hpo_tpe_models_close(struct hpo_tpe_models *models) {
  for (size_t i = 0; i < HPO_TPE_MODELS; i++) model_close(&models->models[i]);
}
