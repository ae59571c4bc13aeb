/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/halving.h"

#include <math.h>

#include "hpo/pruner/curve.h"

#define AUTO_SHARE 12 /* of a whole trial, the first rung: see benchmarks/pruning */

int64_t hpo_halving_first_length(const struct hpo_history *seen) {
  for (size_t i = 0; i < seen->n_finished; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    if (trial->state == HPO_COMPLETE && trial->n_reports > 0)
      return trial->reports[trial->n_reports - 1].step;
  }
  return -1;
}

enum core_status hpo_halving_read_resource(const struct core_options *options, const char *name,
                                           int64_t *steps, struct core_error *err) {
  const struct core_option_value *value = core_option_get(options, name);
  *steps = 0;
  if (!value->given ||
      (value->node->kind == CORE_NODE_STRING && core_slice_is(value->node->text, "auto")))
    return CORE_OK;
  if (value->node->kind == CORE_NODE_INT && value->node->integer >= 1) {
    *steps = value->node->integer;
    return CORE_OK;
  }
  return core_fail_at(
      err, CORE_INVAL, value->pos, "'%s' is '%.*s', not a number of steps (1 or more) or auto",
      name, (int)value->node->text.len, value->node->text.data ? value->node->text.data : "");
}

/* Step of rung k; INT64_MAX beyond all steps. */
static int64_t rung_step(const struct hpo_halving *rule, int64_t min_resource, int64_t rung) {
  int64_t step = min_resource;
  for (int64_t i = 0; i < rule->early_stopping_rate + rung; i++)
    if (__builtin_mul_overflow(step, rule->reduction_factor, &step)) return INT64_MAX;
  return step;
}

/* Is `value` among the best floor(n / factor) of the n values at the rung, its own included, or the best of all? */
static bool passes(const struct hpo_halving *rule, const struct hpo_history *seen,
                   const struct hpo_trial *trial, double value, int64_t step,
                   hpo_halving_competes_fn competes, const void *context) {
  int64_t n = 1, n_better = 0;
  for (size_t i = 0; i < seen->n_trials; i++) {
    const struct hpo_trial *other = seen->trials[i];
    const struct hpo_report *report = other == trial ? NULL : hpo_curve_from(other, step);
    if (!report || isnan(report->value) || (competes && !competes(context, other))) continue;
    n++;
    n_better += hpo_curve_better(report->value, value, rule->direction);
  }
  const int64_t best = n / rule->reduction_factor;
  return n > rule->bootstrap_count && n_better < (best > 0 ? best : 1);
}

bool hpo_halving_prune(const struct hpo_halving *rule, const struct hpo_history *seen,
                       const struct hpo_trial *trial, hpo_halving_competes_fn competes,
                       const void *context) {
  const struct hpo_report *last = &trial->reports[trial->n_reports - 1];
  const bool first = trial->n_reports < 2;
  int64_t min_resource = rule->min_resource;
  if (min_resource == 0) {
    const int64_t length = hpo_halving_first_length(seen);
    if (length < 0) return false;
    min_resource = length / AUTO_SHARE > 1 ? length / AUTO_SHARE : 1;
  }
  bool prune = false;
  for (int64_t rung = 0; !prune; rung++) {
    const int64_t step = rung_step(rule, min_resource, rung);
    if (last->step < step || step == INT64_MAX) break;
    if (!first && trial->reports[trial->n_reports - 2].step >= step) continue; /* passed earlier */
    prune = isnan(last->value) || !passes(rule, seen, trial, last->value, step, competes, context);
  }
  return prune;
}
