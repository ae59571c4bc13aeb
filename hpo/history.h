/* SPDX-License-Identifier: GPL-3.0-or-later
 * What samplers and pruners may see: a const view of a study's trials. Nothing here changes while it is looked at. */
#pragma once
#include "hpo/space.h"
#include "hpo/trial.h"

struct hpo_history {
  const struct hpo_space *space;
  const enum hpo_direction *directions;
  size_t n_objectives;
  const struct hpo_trial *const *trials; /* by number, 0 .. n_trials - 1: every state */
  size_t n_trials;
  const uint64_t *finished;              /* numbers of final trials in the order in which they finished; only grows */
  size_t n_finished;
};

/* The objective's value turned so that smaller is better; +inf for a trial without one. Single objective. */
double hpo_history_loss(const struct hpo_history *history, const struct hpo_trial *trial);
/* The best COMPLETE trial of a single-objective study (lowest number on ties), NULL when there is none. */
const struct hpo_trial *hpo_history_best(const struct hpo_history *history);
