/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stops a trial whose best value so far is worse than the median of what complete trials reported at the same step. */
#include "core/mem.h"
#include "hpo/pruner/percentile_rule.h"

struct hpo_pruner {
  struct hpo_percentile_rule rule;
  struct hpo_percentile_steps steps;
};

static const struct core_option median_options[] = {HPO_PERCENTILE_RULE_OPTIONS, CORE_OPTION_END};

static enum core_status median_open(const struct hpo_pruner_setup *setup, struct hpo_pruner **out,
                                    struct core_error *err) {
  struct hpo_pruner *pruner = core_calloc(1, sizeof *pruner);
  if (!pruner) return core_fail_nomem(err, sizeof *pruner);
  hpo_percentile_rule_read(&pruner->rule, setup);
  pruner->rule.percentile = 50;
  *out = pruner;
  return CORE_OK;
}

static bool median_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                         const struct hpo_trial *trial) {
  return hpo_percentile_rule_prune(&pruner->rule, &pruner->steps, seen, trial);
}

static void median_close(struct hpo_pruner *pruner) {
  if (pruner) hpo_percentile_steps_close(&pruner->steps);
  core_free(pruner);
}

const struct hpo_pruner_ops hpo_pruner_median = {
    .name = "median",
    .summary = "stop a trial that is worse than the median of complete trials at its step",
    .options = median_options,
    .open = median_open,
    .prune = median_prune,
    .close = median_close,
};
