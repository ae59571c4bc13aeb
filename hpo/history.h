/* SPDX-License-Identifier: GPL-3.0-or-later
 * What samplers and pruners may see: a const view of a study's trials. Nothing here changes while
 * it is looked at. */
#pragma once
#include "hpo/space.h"
#include "hpo/trial.h"

struct hpo_history {
  const struct hpo_space *space;
  const enum hpo_direction *directions;
  size_t n_objectives;
  const struct hpo_trial *const *trials; /* ascending by number, every state */
  size_t n_trials;
  const struct hpo_trial *const
      *finished; /* the final ones in the order in which they finished; only grows */
  size_t n_finished;
  const struct hpo_trial *best; /* hpo_history_best's answer, kept while the study grows */
  const struct hpo_history
      *whole; /* The study's own history, where trials[k]->number == k. A sampler may see a
                 part of it (the trials of its bracket); here is the rest. */
};

/* The objective's value turned so that smaller is better; +inf for a trial without one. Single
 * objective. */
double hpo_history_loss(const struct hpo_history *history, const struct hpo_trial *trial);
/* The best COMPLETE trial of a single-objective study (lowest number on ties), NULL when there is
 * none. */
const struct hpo_trial *hpo_history_best(const struct hpo_history *history);
/* Does `trial` take the place of `best` (NULL: none yet)? False for trials that are not COMPLETE
 * and for several objectives. */
bool hpo_history_is_better(const struct hpo_history *history, const struct hpo_trial *trial,
                           const struct hpo_trial *best);

/* How long a study of one objective has found nothing. */
struct hpo_idleness {
  size_t trials; /* finished ones from the last that was better than all before it by `gain`, it
                    included; pruned ones, of which little is known, do not count */
  double gain;   /* a hundredth of the distance from the worst of the first ten to the best; 0: none
                    has a value */
};
struct hpo_idleness hpo_history_idleness(const struct hpo_history *history); /* O(n) */
