/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/history.h"

#include <math.h>

#define GAIN         0.01 /* of the spread of the first trials, the least that counts */
#define FIRST_TRIALS 10

double hpo_history_loss(const struct hpo_history *history, const struct hpo_trial *trial) {
  if (trial->n_values == 0 || isnan(trial->values[0])) return INFINITY;
  return history->directions[0] == HPO_MAXIMIZE ? -trial->values[0] : trial->values[0];
}

const struct hpo_trial *hpo_history_best(const struct hpo_history *history) {
  return history->best;
}

bool hpo_history_is_better(const struct hpo_history *history, const struct hpo_trial *trial,
                           const struct hpo_trial *best) {
  if (trial->state != HPO_COMPLETE || history->n_objectives != 1) return false;
  if (!best) return true;
  const double a = hpo_history_loss(history, trial), b = hpo_history_loss(history, best);
  return a < b || (a == b && trial->number < best->number);
}

struct hpo_idleness hpo_history_idleness(const struct hpo_history *history) {
  struct hpo_idleness idleness = {0};
  double best = INFINITY, worst = -INFINITY;
  for (size_t i = 0; i < history->n_finished; i++) {
    const struct hpo_trial *trial = history->finished[i];
    const double loss = hpo_history_loss(history, trial);
    if (trial->state == HPO_PRUNED) continue;
    idleness.trials++;
    if (trial->state != HPO_COMPLETE) continue;
    if (i < FIRST_TRIALS && isfinite(loss)) worst = fmax(worst, loss);
    if (!(loss < best)) continue;
    if (!(best - loss <= GAIN * (worst - best))) idleness.trials = 1;
    best = loss;
  }
  if (isfinite(worst - best)) idleness.gain = GAIN * (worst - best);
  return idleness;
}
