/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/percentile_rule.h"

#include <math.h>

#include "core/mem.h"
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

/* The values that complete trials reported at `step`, turned so that smaller is better, without NaN; *n_reported counts
 * NaN as well. */
static size_t collect(const struct hpo_history *seen, int64_t step, double sign, double *values,
                      int64_t *n_complete, int64_t *n_reported) {
  size_t n = 0;
  *n_complete = *n_reported = 0;
  for (size_t i = 0; i < seen->n_finished; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    if (trial->state != HPO_COMPLETE) continue;
    ++*n_complete;
    const struct hpo_report *report = hpo_curve_at(trial, step);
    if (!report) continue;
    ++*n_reported;
    if (!isnan(report->value)) values[n++] = sign * report->value;
  }
  return n;
}

bool hpo_percentile_rule_prune(const struct hpo_percentile_rule *rule,
                               const struct hpo_history *seen, const struct hpo_trial *trial) {
  if (!hpo_curve_is_due(trial, rule->n_warmup_steps, rule->interval_steps)) return false;
  double *values = core_calloc(seen->n_finished + 1, sizeof *values);
  if (!values) return false; /* out of memory: the trial goes on */
  const double sign = rule->direction == HPO_MINIMIZE ? 1 : -1;
  const double best = sign * hpo_curve_best(trial->reports, trial->n_reports, rule->direction);
  int64_t n_complete, n_reported;
  const size_t n = collect(seen, trial->reports[trial->n_reports - 1].step, sign, values,
                           &n_complete, &n_reported);
  bool prune = false;
  if (n_complete > 0 && n_complete >= rule->n_startup_trials) {
    core_sort_doubles(values, n);
    const bool known =
        n > 0 && n_reported >= rule->n_min_trials; /* a NaN percentile compares as no */
    prune =
        isnan(best) || (known && best > core_quantile_sorted(values, n, rule->percentile / 100));
  }
  core_free(values);
  return prune;
}
