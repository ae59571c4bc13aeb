/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/curve.h"

#include <math.h>

const struct hpo_report *hpo_curve_from(const struct hpo_trial *trial, int64_t step) {
  size_t low = 0, high = trial->n_reports;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (trial->reports[middle].step < step)
      low = middle + 1;
    else
      high = middle;
  }
  return low < trial->n_reports ? &trial->reports[low] : NULL;
}

const struct hpo_report *hpo_curve_at(const struct hpo_trial *trial, int64_t step) {
  const struct hpo_report *report = hpo_curve_from(trial, step);
  return report && report->step == step ? report : NULL;
}

bool hpo_curve_better(double a, double b, enum hpo_direction direction) {
  return direction == HPO_MINIMIZE ? a < b : a > b;
}

double hpo_curve_best(const struct hpo_report *reports, size_t n, enum hpo_direction direction) {
  double best = NAN;
  for (size_t i = 0; i < n; i++)
    if (isnan(best) || hpo_curve_better(reports[i].value, best, direction)) best = reports[i].value;
  return best;
}

bool hpo_curve_is_due(const struct hpo_trial *trial, int64_t warmup_steps, int64_t interval_steps) {
  const int64_t step = trial->reports[trial->n_reports - 1].step;
  if (step < warmup_steps) return false;
  const int64_t due = (step - warmup_steps) / interval_steps * interval_steps + warmup_steps;
  return trial->n_reports < 2 || trial->reports[trial->n_reports - 2].step < due;
}
