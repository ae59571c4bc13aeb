/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/history.h"

#include <math.h>

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
