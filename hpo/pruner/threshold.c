/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stops a trial that reports a value outside of fixed bounds, or NaN. */
#include <math.h>

#include "core/mem.h"
#include "hpo/pruner/curve.h"
#include "hpo/pruner/pruner.h"

struct hpo_pruner {
  double lower, upper;
  int64_t n_warmup_steps, interval_steps;
};

static const struct core_option threshold_options[] = {
    {.name = "lower", .type = CORE_OPT_DOUBLE, .help = "a report below this stops the trial"},
    {.name = "upper", .type = CORE_OPT_DOUBLE, .help = "a report above this stops the trial"},
    {.name = "n_warmup_steps",
     .type = CORE_OPT_INT,
     .fallback = "0",
     .max = 9e15,
     .unit = "steps",
     .help = "no pruning before this step of a trial"},
    {.name = "interval_steps",
     .type = CORE_OPT_INT,
     .fallback = "1",
     .min = 1,
     .max = 9e15,
     .unit = "steps",
     .help = "look only every so many steps"},
    CORE_OPTION_END};

static enum core_status threshold_open(const struct hpo_pruner_setup *setup,
                                       struct hpo_pruner **out, struct core_error *err) {
  const struct core_options *options = setup->options;
  const double lower =
      core_option_given(options, "lower") ? core_option_double(options, "lower") : -INFINITY;
  const double upper =
      core_option_given(options, "upper") ? core_option_double(options, "upper") : INFINITY;
  if (!core_option_given(options, "lower") && !core_option_given(options, "upper"))
    return core_fail_at(err, CORE_INVAL, options->pos,
                        "pruner 'threshold' needs lower, upper or both");
  if (lower > upper)
    return core_fail_at(err, CORE_INVAL, core_option_get(options, "lower")->pos,
                        "lower is above upper");
  struct hpo_pruner *pruner = core_calloc(1, sizeof *pruner);
  if (!pruner) return core_fail_nomem(err, sizeof *pruner);
  *pruner = (struct hpo_pruner){.lower = lower,
                                .upper = upper,
                                .n_warmup_steps = core_option_int(options, "n_warmup_steps"),
                                .interval_steps = core_option_int(options, "interval_steps")};
  *out = pruner;
  return CORE_OK;
}

static bool threshold_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                            const struct hpo_trial *trial) {
  (void)seen;
  const double value = trial->reports[trial->n_reports - 1].value;
  if (!hpo_curve_is_due(trial, pruner->n_warmup_steps, pruner->interval_steps)) return false;
  return isnan(value) || value < pruner->lower || value > pruner->upper;
}

static void threshold_close(struct hpo_pruner *pruner) {
  core_free(pruner);
}

const struct hpo_pruner_ops hpo_pruner_threshold = {
    .name = "threshold",
    .summary = "stop a trial whose value leaves fixed bounds",
    .options = threshold_options,
    .open = threshold_open,
    .prune = threshold_prune,
    .close = threshold_close,
};
