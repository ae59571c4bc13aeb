/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/percentile_rule.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/stats.h"
#include "hpo/pruner/curve.h"

#define MAX_STEPS 1024 /* kept; steps beyond them are read off all trials */

void hpo_percentile_rule_read(struct hpo_percentile_rule *rule,
                              const struct hpo_pruner_setup *setup) {
  rule->n_startup_trials = core_option_int(setup->options, "n_startup_trials");
  rule->n_warmup_steps = core_option_int(setup->options, "n_warmup_steps");
  rule->interval_steps = core_option_int(setup->options, "interval_steps");
  rule->n_min_trials = core_option_int(setup->options, "n_min_trials");
  rule->direction = setup->direction;
}

/* What the complete trials reported at a step, beside the best value of the trial that is judged; all turned so that
 * smaller is better. The percentile lies between two neighbours in rank. */
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

/* By a pass over all finished trials. */
static void count_all(struct tally *tally, const struct hpo_history *seen, int64_t step,
                      double sign, double best) {
  for (size_t i = 0; i < seen->n_finished; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    const struct hpo_report *report =
        trial->state == HPO_COMPLETE ? hpo_curve_at(trial, step) : NULL;
    if (!report) continue;
    tally->n_reported++;
    count_value(tally, sign * report->value, best);
  }
}

/* ---- kept between calls ---- */

struct hpo_percentile_step {
  int64_t step;
  struct hpo_step_values values;
};

void hpo_percentile_steps_close(struct hpo_percentile_steps *kept) {
  for (size_t i = 0; i < kept->n; i++) hpo_step_values_close(&kept->steps[i].values);
  core_free(kept->steps);
  *kept = (struct hpo_percentile_steps){0};
}

/* The values kept for a step, empty when it is new; NULL when there is no room for it. */
static struct hpo_step_values *find_step(struct hpo_percentile_steps *kept, int64_t step) {
  size_t low = 0, high = kept->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (kept->steps[middle].step < step)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < kept->n && kept->steps[low].step == step) return &kept->steps[low].values;
  void *array = kept->steps;
  if (kept->n == MAX_STEPS ||
      core_grow(&array, &kept->cap, kept->n + 1, sizeof *kept->steps, NULL) != CORE_OK)
    return NULL;
  kept->steps = array;
  memmove(kept->steps + low + 1, kept->steps + low, (kept->n - low) * sizeof *kept->steps);
  kept->n++;
  kept->steps[low] = (struct hpo_percentile_step){.step = step};
  return &kept->steps[low].values;
}

static bool is_complete(const void *context, const struct hpo_trial *trial) {
  (void)context;
  return trial->state == HPO_COMPLETE;
}

static struct tally read_kept(const struct hpo_step_values *values, double best) {
  struct tally tally = {.n_reported = (int64_t)values->n_reported,
                        .n = values->n,
                        .n_lowest = hpo_step_values_below(values, -DBL_MAX),
                        .below = -INFINITY,
                        .above = INFINITY};
  if (isnan(best)) return tally;
  tally.n_better = hpo_step_values_below(values, best);
  if (tally.n_better > 0) tally.below = values->values[tally.n_better - 1];
  if (tally.n_better < values->n) tally.above = values->values[tally.n_better];
  return tally;
}

static struct tally count_values(struct hpo_percentile_steps *kept, const struct hpo_history *seen,
                                 int64_t step, double sign, double best) {
  const struct hpo_step_rule rule = {
      .step = step, .exact = true, .sign = sign, .wanted = is_complete};
  struct tally tally = {.below = -INFINITY, .above = INFINITY};
  struct hpo_step_values *values = find_step(kept, step);
  if (values && hpo_step_values_follow(values, &rule, seen))
    tally = read_kept(values, best);
  else
    count_all(&tally, seen, step, sign, best);
  for (; kept->n_finished < seen->n_finished; kept->n_finished++)
    kept->n_complete += seen->finished[kept->n_finished]->state == HPO_COMPLETE;
  tally.n_complete = kept->n_complete;
  return tally;
}

/* ---- the rule ---- */

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
                               struct hpo_percentile_steps *steps, const struct hpo_history *seen,
                               const struct hpo_trial *trial) {
  if (!hpo_curve_is_due(trial, rule->n_warmup_steps, rule->interval_steps)) return false;
  const double sign = rule->direction == HPO_MINIMIZE ? 1 : -1;
  const double best = sign * hpo_curve_best(trial->reports, trial->n_reports, rule->direction);
  const int64_t step = trial->reports[trial->n_reports - 1].step;
  const struct tally tally = count_values(steps, seen, step, sign, best);
  if (tally.n_complete == 0 || tally.n_complete < rule->n_startup_trials) return false;
  if (isnan(best)) return true;
  return tally.n > 0 && tally.n_reported >= rule->n_min_trials &&
         is_beyond(&tally, best, rule->percentile / 100);
}
