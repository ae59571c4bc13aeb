/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stops a trial whose best value so far is outside the best percentile of what complete trials reported at the same step. */
#include "core/mem.h"
#include "hpo/pruner/percentile_rule.h"

struct hpo_pruner {
  struct hpo_percentile_rule rule;
  struct hpo_percentile_steps steps;
};

static const struct core_option percentile_options[] = {
    {.name = "percentile",
     .type = CORE_OPT_DOUBLE,
     .required = true,
     .min = 0,
     .max = 100,
     .unit = "%",
     .help = "the share of the better trials to stay in: 25 keeps the best quarter"},
    HPO_PERCENTILE_RULE_OPTIONS,
    CORE_OPTION_END};

static enum core_status percentile_open(const struct hpo_pruner_setup *setup,
                                        struct hpo_pruner **out, struct core_error *err) {
  struct hpo_pruner *pruner = core_calloc(1, sizeof *pruner);
  if (!pruner) return core_fail_nomem(err, sizeof *pruner);
  hpo_percentile_rule_read(&pruner->rule, setup);
  pruner->rule.percentile = core_option_double(setup->options, "percentile");
  *out = pruner;
  return CORE_OK;
}

static bool percentile_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                             const struct hpo_trial *trial) {
  return hpo_percentile_rule_prune(&pruner->rule, &pruner->steps, seen, trial);
}

static void percentile_close(struct hpo_pruner *pruner) {
  if (pruner) hpo_percentile_steps_close(&pruner->steps);
  core_free(pruner);
}

const struct hpo_pruner_ops hpo_pruner_percentile = {
    .name = "percentile",
    .summary = "stop a trial that is not among the best percentile of complete trials at its step",
    .options = percentile_options,
    .open = percentile_open,
    .prune = percentile_prune,
    .close = percentile_close,
};
