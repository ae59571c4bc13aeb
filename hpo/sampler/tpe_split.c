/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/tpe_split.h"

#include <math.h>

#define MAX_BELOW 25

/* Smaller is better, compared from left to right; equal merits go by number. */
struct merit {
  int rank; /* 0: COMPLETE, 1: PRUNED */
  double progress;
  double loss;
  const struct hpo_trial *trial;
};

static bool is_observed(const struct hpo_trial *trial) {
  return trial->state == HPO_COMPLETE || trial->state == HPO_PRUNED;
}

size_t hpo_split_count(const struct hpo_history *seen) {
  size_t n = 0;
  for (size_t i = 0; i < seen->n_trials; i++) n += is_observed(seen->trials[i]);
  return n;
}

static struct merit merit_of(const struct hpo_history *seen, const struct hpo_trial *trial) {
  if (trial->state == HPO_COMPLETE)
    return (struct merit){0, 0, hpo_history_loss(seen, trial), trial};
  if (trial->n_reports == 0) return (struct merit){1, 1, 0, trial};
  const struct hpo_report *last = &trial->reports[trial->n_reports - 1];
  const double sign = seen->directions[0] == HPO_MAXIMIZE ? -1 : 1;
  const double loss = isnan(last->value) ? INFINITY : sign * last->value;
  return (struct merit){1, -(double)last->step, loss, trial};
}

static bool is_better(const struct merit *a, const struct merit *b) {
  if (a->rank != b->rank) return a->rank < b->rank;
  if (a->progress != b->progress) return a->progress < b->progress;
  return a->loss < b->loss; /* among equals the earlier trial, which was seen first, stays */
}

/* The best `n_best` by insertion into a short sorted list. */
static size_t choose_best(const struct hpo_history *seen, size_t n_best, struct merit *best) {
  size_t n = 0;
  for (size_t i = 0; i < seen->n_trials && n_best > 0; i++) {
    if (!is_observed(seen->trials[i])) continue;
    const struct merit merit = merit_of(seen, seen->trials[i]);
    if (n == n_best && !is_better(&merit, &best[n - 1])) continue;
    size_t at = n < n_best ? n++ : n - 1;
    for (; at > 0 && is_better(&merit, &best[at - 1]); at--) best[at] = best[at - 1];
    best[at] = merit;
  }
  return n;
}

static bool is_chosen(const struct merit *best, size_t n, const struct hpo_trial *trial) {
  for (size_t i = 0; i < n; i++)
    if (best[i].trial == trial) return true;
  return false;
}

enum core_status hpo_split_make(struct hpo_split *out, const struct hpo_history *seen, bool pending,
                                struct core_arena *arena, struct core_error *err) {
  struct merit best[MAX_BELOW];
  const size_t tenth = (hpo_split_count(seen) + 9) / 10;
  const size_t n_best = choose_best(seen, tenth < MAX_BELOW ? tenth : MAX_BELOW, best);
  *out = (struct hpo_split){0};
  out->below = core_arena_calloc(arena, MAX_BELOW, sizeof(struct hpo_trial *));
  out->above = core_arena_calloc(arena, seen->n_trials + 1, sizeof(struct hpo_trial *));
  if (!out->below || !out->above)
    return core_fail_nomem(err, seen->n_trials * sizeof(struct hpo_trial *));
  for (size_t i = 0; i < seen->n_trials; i++) {
    const struct hpo_trial *trial = seen->trials[i];
    if (is_observed(trial) && is_chosen(best, n_best, trial))
      out->below[out->n_below++] = trial;
    else if (is_observed(trial) || (pending && !hpo_state_is_final(trial->state)))
      out->above[out->n_above++] = trial;
  }
  return CORE_OK;
}
