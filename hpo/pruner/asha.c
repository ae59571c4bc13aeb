/* SPDX-License-Identifier: GPL-3.0-or-later
 * Asynchronous successive halving, stopping kind; option names are those of Optuna's SuccessiveHalvingPruner. The defaults
 * are not: with its first rung at a hundredth of a trial and a factor of 4 too many good trials stop before they can show it
 * (benchmarks/pruning). */
#include "core/mem.h"
#include "hpo/pruner/halving.h"

/* Where the study chooses the rungs: see benchmarks/pruning. */
#define AUTO_STARTUP 4
#define AUTO_WINDOW  20
/* Trials that are stopped buy others, unless the study counts trials: then fewer are stopped, and later. */
#define AUTO_SHARE    12
#define AUTO_SPACING  1.5
#define COUNTED_SHARE 8

struct hpo_pruner {
  struct hpo_halving rule;
  struct hpo_rungs rungs;
};

static const struct core_option asha_options[] = {
    {.name = "min_resource",
     .type = CORE_OPT_ANY,
     .unit = "steps",
     .help = "step of the first rung, or auto (the default): a twelfth of a complete trial's last "
             "step, an eighth in a study that only counts its trials; and rungs stop nobody while "
             "their order is contrary to that of the ends"},
    {.name = "reduction_factor",
     .type = CORE_OPT_INT,
     .fallback = "3",
     .min = 2,
     .max = 1e6,
     .help = "one of so many trials passes a rung"},
    {.name = "rung_spacing",
     .type = CORE_OPT_DOUBLE,
     .nullable = true,
     .min = 1.1,
     .max = 1e6,
     .help =
         "the next rung is so many times further (default: 1.5 where min_resource is auto and the "
         "study does not count its trials, else reduction_factor)"},
    {.name = "min_early_stopping_rate",
     .type = CORE_OPT_INT,
     .fallback = "0",
     .max = 62,
     .help = "leave out so many of the first rungs"},
    HPO_HALVING_BOOTSTRAP_OPTION,
    {.name = "n_startup_trials",
     .type = CORE_OPT_INT,
     .nullable = true,
     .max = 1e9,
     .unit = "trials",
     .help = "no pruning until so many trials are complete (default: 4 where min_resource is auto, "
             "else 0)"},
    {.name = "window",
     .type = CORE_OPT_INT,
     .nullable = true,
     .max = 1e9,
     .unit = "trials",
     .help =
         "compare with so many of the latest that came to a rung, 0: with all of them (default: "
         "20 where min_resource is auto, else 0)"},
    CORE_OPTION_END};

static int64_t given_or(const struct core_options *options, const char *name, int64_t otherwise) {
  return core_option_given(options, name) ? core_option_int(options, name) : otherwise;
}

static enum core_status asha_open(const struct hpo_pruner_setup *setup, struct hpo_pruner **out,
                                  struct core_error *err) {
  struct hpo_halving rule = {
      .reduction_factor = core_option_int(setup->options, "reduction_factor"),
      .early_stopping_rate = core_option_int(setup->options, "min_early_stopping_rate"),
      .bootstrap_count = core_option_int(setup->options, "bootstrap_count"),
      .direction = setup->direction};
  CORE_TRY(hpo_halving_read_resource(setup->options, "min_resource", &rule.min_resource, err));
  if (rule.bootstrap_count > 0 && rule.min_resource == 0)
    return core_fail_at(err, CORE_INVAL, core_option_get(setup->options, "bootstrap_count")->pos,
                        "bootstrap_count stops every trial before one completes while min_resource "
                        "is auto: give min_resource");
  rule.window = given_or(setup->options, "window", rule.min_resource == 0 ? AUTO_WINDOW : 0);
  rule.startup =
      given_or(setup->options, "n_startup_trials", rule.min_resource == 0 ? AUTO_STARTUP : 0);
  rule.auto_share = setup->counts_trials ? COUNTED_SHARE : AUTO_SHARE;
  if (core_option_given(setup->options, "rung_spacing"))
    rule.spacing = core_option_double(setup->options, "rung_spacing");
  else if (rule.min_resource == 0 && !setup->counts_trials)
    rule.spacing = AUTO_SPACING;
  struct hpo_pruner *pruner = core_calloc(1, sizeof *pruner);
  if (!pruner) return core_fail_nomem(err, sizeof *pruner);
  pruner->rule = rule;
  *out = pruner;
  return CORE_OK;
}

static bool asha_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                       const struct hpo_trial *trial) {
  return hpo_halving_prune(&pruner->rule, &pruner->rungs, seen, trial,
                           &(struct hpo_competition){0});
}

static void asha_close(struct hpo_pruner *pruner) {
  if (pruner) hpo_rungs_close(&pruner->rungs);
  core_free(pruner);
}

const struct hpo_pruner_ops hpo_pruner_asha = {
    .name = "asha",
    .summary = "asynchronous successive halving: at each rung only the best fraction goes on",
    .options = asha_options,
    .open = asha_open,
    .prune = asha_prune,
    .close = asha_close,
};
