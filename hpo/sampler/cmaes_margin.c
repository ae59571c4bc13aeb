/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/cmaes_margin.h"

#include <math.h>

#include "core/stats.h"

/* Deviations from the mean to the threshold beyond which lies probability p. */
static double distance_of(double p) {
  return -core_normal_quantile(p);
}

/* The mean is in the outermost cell: it may not be farther from the inner threshold than leaves
 * the margin beyond it. */
static double pulled_in(double mean, double threshold, double deviation, double margin) {
  const double farthest = deviation * distance_of(margin);
  return threshold + fmin(fmax(mean - threshold, -farthest), farthest);
}

/* The mean is in an inner cell: both sides get at least half of the margin; what they gain is
 * taken from all three parts in proportion to what each has above that half. */
static void widen(struct hpo_cmaes *s, size_t j, double low, double high, double half) {
  const double deviation = hpo_cmaes_deviation(s, j);
  const double below = core_normal_cdf((low - s->mean[j]) / deviation);
  const double above = core_normal_cdf((s->mean[j] - high) / deviation);
  if (below >= half && above >= half) return;
  const double middle = 1 - below - above;
  const double at_least_below = fmax(below, half), at_least_above = fmax(above, half);
  const double excess = 1 - at_least_below - at_least_above - middle;
  const double free = at_least_below + at_least_above + middle - 3 * half;
  const double to_low = distance_of(at_least_below + excess * (at_least_below - half) / free);
  const double to_high = distance_of(at_least_above + excess * (at_least_above - half) / free);
  const double wanted = (high - low) / (to_low + to_high);
  if (!(wanted > 0) || !isfinite(wanted)) return;
  s->stretch[j] *= wanted / deviation;
  s->mean[j] = (low * to_high + high * to_low) / (to_low + to_high);
}

void hpo_cmaes_keep_margin(struct hpo_cmaes *s, const struct hpo_param *const *params,
                           double margin) {
  for (size_t j = 0; j < s->n; j++) {
    double low, high;
    if (hpo_param_count(params[j]) == 0) continue;
    hpo_param_cell(params[j], fmin(fmax(s->mean[j], 0), 1), &low, &high);
    if (low <= 0)
      s->mean[j] = pulled_in(s->mean[j], high, hpo_cmaes_deviation(s, j), margin);
    else if (high >= 1)
      s->mean[j] = pulled_in(s->mean[j], low, hpo_cmaes_deviation(s, j), margin);
    else
      widen(s, j, low, high, margin / 2);
  }
}
