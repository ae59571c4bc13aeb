/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/percentile_rule.h"

#include <math.h>

#include "core/stats.h"
#include "hpo/pruner/curve.h"

void hpo_percentile_rule_read(struct hpo_percentile_rule *rule,
                              const struct hpo_pruner_setup *setup) {
  rule->n_startup_trials = core_option_int(setup->options, "n_startup_trials");
  rule->n_warmup_steps = core_option_int(setup->options, "n_warmup_steps");
  rule->interval_steps = core_option_int(setup->options, "interval_steps");
  rule->n_min_trials = core_option_int(setup->options, "n_min_trials");
  rule->direction = setup->direction;
}

/* What the complete trials reported at a step, beside the best value of the trial that is judged; all turned so that
 * smaller is better. One pass over the history instead of a sort: the percentile lies between two neighbours in rank. */
struct tally {
  int64_t n_complete, n_reported; /* reported: NaN as well */
  size_t n, n_better, n_lowest; /* numbers; those below the best value; those that are -infinity */
  double below, above;          /* the largest below the best value, the smallest of the others */
};

static void count_value(struct tally *tally, double value, double best) {
  if (isnan(value)) return;
  tally->n++;
  tally->n_lowest += value == -INFINITY;
  if (value < best) {
    tally->n_better++;
    tally->below = fmax(tally->below, value);
  } else {
    tally->above = fmin(tally->above, value);
  }
}

static struct tally count_values(const struct hpo_history *seen, int64_t step, double sign,
                                 double best) {
  struct tally tally = {.below = -INFINITY, .above = INFINITY};
  for (size_t i = 0; i < seen->n_finished; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    if (trial->state != HPO_COMPLETE) continue;
    tally.n_complete++;
    const struct hpo_report *report = hpo_curve_at(trial, step);
    if (!report) continue;
    tally.n_reported++;
    count_value(&tally, sign * report->value, best);
  }
  return tally;
}

/* Is `best` above core_quantile_sorted of the values that were counted? A NaN percentile compares as no. */
static bool is_beyond(const struct tally *tally, double best, double quantile) {
  const double place = quantile * (double)(tally->n - 1);
  const size_t rank = (size_t)floor(place);
  const double fraction = place - (double)rank;
  if (tally->n_better <= rank) return false;
  if (rank + 1 >= tally->n || fraction == 0) return true;
  if (tally->n_better == rank + 1)
    return best > core_quantile_sorted((double[]){tally->below, tally->above}, 2, fraction);
  return fraction >= 0.5 || tally->n_lowest != rank + 1; /* from -infinity to a number: NaN */
}

bool hpo_percentile_rule_prune(const struct hpo_percentile_rule *rule,
                               const struct hpo_history *seen, const struct hpo_trial *trial) {
  if (!hpo_curve_is_due(trial, rule->n_warmup_steps, rule->interval_steps)) return false;
  const double sign = rule->direction == HPO_MINIMIZE ? 1 : -1;
  const double best = sign * hpo_curve_best(trial->reports, trial->n_reports, rule->direction);
  const int64_t step = trial->reports[trial->n_reports - 1].step;
  const struct tally tally = count_values(seen, step, sign, best);
  if (tally.n_complete == 0 || tally.n_complete < rule->n_startup_trials) return false;
  if (isnan(best)) return true;
  return tally.n > 0 && tally.n_reported >= rule->n_min_trials &&
         is_beyond(&tally, best, rule->percentile / 100);
}
