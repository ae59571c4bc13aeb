/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/tpe_split.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "hpo/fidelity.h"

static bool is_observed(const struct hpo_trial *trial) {
  return trial->state == HPO_COMPLETE || trial->state == HPO_PRUNED;
}

/* ---- merit ---- */

static struct hpo_merit merit_of(const struct hpo_history *seen, const struct hpo_trial *trial) {
  return (struct hpo_merit){hpo_history_loss(seen, trial), trial};
}

static bool is_better(const struct hpo_merit *a, const struct hpo_merit *b) {
  return a->loss != b->loss ? a->loss < b->loss : a->trial->number < b->trial->number;
}

/* ---- sides ---- */

/* The index of a trial among those followed, which ascend by number. */
static size_t index_of(const struct hpo_split *split, const struct hpo_trial *trial) {
  size_t low = 0, high = split->n_trials;
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (split->trials[middle]->number <= trial->number)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* There is room for it: an update makes it. */
static void set_side(struct hpo_split *split, const struct hpo_trial *trial, enum hpo_side side) {
  const size_t i = index_of(split, trial);
  if (split->side[i] == side) return;
  split->side[i] = (uint8_t)side;
  split->touched[split->n_touched++] = i;
}

static void add_best(struct hpo_split *split, const struct hpo_merit *merit) {
  size_t at = split->n_best++;
  for (; at > 0 && is_better(merit, &split->best[at - 1]); at--)
    split->best[at] = split->best[at - 1];
  split->best[at] = *merit;
  set_side(split, merit->trial, HPO_SIDE_BELOW);
}

static void drop_worst(struct hpo_split *split) {
  set_side(split, split->best[--split->n_best].trial, HPO_SIDE_ABOVE);
}

/* The best of the first n finished trials that are above. */
static struct hpo_merit next_best(const struct hpo_split *split, const struct hpo_history *seen,
                                  size_t n) {
  struct hpo_merit best = {0};
  for (size_t i = 0; i < n; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    if (!is_observed(trial) || split->side[index_of(split, trial)] == HPO_SIDE_BELOW) continue;
    const struct hpo_merit merit = merit_of(seen, trial);
    if (!best.trial || is_better(&merit, &best)) best = merit;
  }
  return best;
}

/* The tenth, rounded up, of the trials observed; a pruned one counts half, for most of what is known of those is that they
 * are not good. */
static size_t wanted_below(const struct hpo_split *split) {
  const size_t halves = 2 * split->n_observed - split->n_pruned, tenth = (halves + 19) / 20;
  return tenth < HPO_SPLIT_MAX_BELOW ? tenth : HPO_SPLIT_MAX_BELOW;
}

/* Takes in finished trial i. */
static void observe(struct hpo_split *split, const struct hpo_history *seen, size_t i) {
  const struct hpo_trial *trial = seen->finished[i];
  if (!is_observed(trial)) {
    set_side(split, trial, HPO_SIDE_NONE);
    return;
  }
  split->n_observed++;
  split->n_pruned += trial->state == HPO_PRUNED;
  set_side(split, trial, HPO_SIDE_ABOVE);
  if (split->n_pruned > 0) return; /* choose_ranked will */
  if (split->n_best < wanted_below(split)) {
    const struct hpo_merit best = next_best(split, seen, i + 1);
    if (best.trial) add_best(split, &best);
    return;
  }
  const struct hpo_merit merit = merit_of(seen, trial);
  if (!is_better(&merit, &split->best[split->n_best - 1])) return;
  drop_worst(split);
  add_best(split, &merit);
}

/* With pruned trials a new one may change the places of all others: the best are chosen anew. */
static enum core_status choose_ranked(struct hpo_split *split, const struct hpo_history *seen,
                                      struct core_error *err) {
  const struct hpo_trial **ranked =
      core_arena_calloc(&split->scratch, seen->n_finished, sizeof(struct hpo_trial *));
  const size_t n = ranked ? hpo_fidelity_rank(seen, ranked, &split->scratch) : SIZE_MAX;
  if (n == SIZE_MAX) return core_fail_nomem(err, seen->n_finished * sizeof(struct hpo_trial *));
  while (split->n_best > 0) drop_worst(split);
  for (; split->n_best < wanted_below(split); split->n_best++) {
    split->best[split->n_best] = merit_of(seen, ranked[split->n_best]);
    set_side(split, ranked[split->n_best], HPO_SIDE_BELOW);
  }
  core_arena_reset(&split->scratch);
  return CORE_OK;
}

/* ---- following ---- */

bool hpo_split_follows(const struct hpo_split *split, const struct hpo_history *seen) {
  const size_t width = sizeof(struct hpo_trial *);
  if (split->n_trials > seen->n_trials || split->n_finished > seen->n_finished) return false;
  if (split->n_trials > 0 && memcmp(split->trials, seen->trials, split->n_trials * width) != 0)
    return false;
  return split->n_finished == 0 ||
         memcmp(split->finished, seen->finished, split->n_finished * width) == 0;
}

static enum core_status reserve(void *array, size_t *capacity, size_t need, size_t bytes,
                                struct core_error *err) {
  void *grown;
  memcpy(&grown, array, sizeof grown);
  CORE_TRY(core_grow(&grown, capacity, need, bytes, err));
  memcpy(array, &grown, sizeof grown);
  return CORE_OK;
}

static enum core_status make_room(struct hpo_split *split, const struct hpo_history *seen,
                                  struct core_error *err) {
  const size_t n = seen->n_trials, n_finished = seen->n_finished;
  const size_t n_new =
      n - split->n_trials + 4 * (n_finished - split->n_finished) + 2 * HPO_SPLIT_MAX_BELOW;
  CORE_TRY(reserve(&split->trials, &split->trials_cap, n, sizeof *split->trials, err));
  CORE_TRY(
      reserve(&split->finished, &split->finished_cap, n_finished, sizeof *split->finished, err));
  CORE_TRY(reserve(&split->side, &split->side_cap, n, sizeof *split->side, err));
  CORE_TRY(reserve(&split->told, &split->told_cap, n, sizeof *split->told, err));
  return reserve(&split->touched, &split->touched_cap, split->n_touched + n_new,
                 sizeof *split->touched, err);
}

enum core_status hpo_split_update(struct hpo_split *split, const struct hpo_history *seen,
                                  struct core_error *err) {
  const size_t n_finished = split->n_finished;
  CORE_TRY(make_room(split, seen, err));
  for (size_t i = split->n_trials; i < seen->n_trials; i++) {
    const bool above = split->pending && !hpo_state_is_final(seen->trials[i]->state);
    split->trials[split->n_trials++] = seen->trials[i];
    split->side[i] = split->told[i] = HPO_SIDE_NONE;
    if (above) set_side(split, seen->trials[i], HPO_SIDE_ABOVE);
  }
  for (size_t i = split->n_finished; i < seen->n_finished; i++) {
    observe(split, seen, i);
    split->finished[split->n_finished++] = seen->finished[i];
  }
  if (split->n_pruned > 0 && split->n_finished > n_finished) return choose_ranked(split, seen, err);
  return CORE_OK;
}

bool hpo_split_move(struct hpo_split *split, struct hpo_move *out) {
  while (split->n_touched > 0) {
    const size_t i = split->touched[--split->n_touched];
    if (split->told[i] == split->side[i]) continue;
    *out = (struct hpo_move){split->trials[i], (enum hpo_side)split->told[i],
                             (enum hpo_side)split->side[i]};
    split->told[i] = split->side[i];
    return true;
  }
  return false;
}

void hpo_split_close(struct hpo_split *split) {
  core_free(split->trials);
  core_free(split->finished);
  core_free(split->side);
  core_free(split->told);
  core_free(split->touched);
  core_arena_close(&split->scratch);
  *split = (struct hpo_split){.pending = split->pending};
}
