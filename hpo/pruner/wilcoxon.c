/* SPDX-License-Identifier: GPL-3.0-or-later
 * For objectives that are means over instances (folds, seeds, data sets): a step is an instance, a report its loss. A
 * trial stops when a signed-rank test over the instances that it shares with the best complete trial says that it is
 * worse. Option names, defaults and rules as in Optuna's WilcoxonPruner; the reports need not converge and may come in
 * any order. */
#include <math.h>

#include "core/mem.h"
#include "core/signed_rank.h"
#include "hpo/pruner/pruner.h"

struct hpo_pruner {
  double p_threshold;
  size_t n_startup_steps;
  double sign;               /* turns values so that smaller is better */
  struct core_arena scratch; /* of one decision */
};

static const struct core_option wilcoxon_options[] = {
    {.name = "p_threshold",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0.1",
     .min = 0,
     .max = 1,
     .help = "stop below this p-value; larger is more eager"},
    {.name = "n_startup_steps",
     .type = CORE_OPT_INT,
     .fallback = "2",
     .max = 1e9,
     .unit = "steps",
     .help = "no pruning before so many steps (at least 2) are shared with the best trial"},
    CORE_OPTION_END};

static enum core_status wilcoxon_open(const struct hpo_pruner_setup *setup, struct hpo_pruner **out,
                                      struct core_error *err) {
  struct hpo_pruner *pruner = core_calloc(1, sizeof *pruner);
  if (!pruner) return core_fail_nomem(err, sizeof *pruner);
  const size_t steps = (size_t)core_option_int(setup->options, "n_startup_steps");
  pruner->p_threshold = core_option_double(setup->options, "p_threshold");
  pruner->n_startup_steps = steps > 2 ? steps : 2;
  pruner->sign = setup->direction == HPO_MAXIMIZE ? -1 : 1;
  *out = pruner;
  return CORE_OK;
}

/* Mean of the reports; NaN when one of them is not finite or there are none. */
static double mean_report(const struct hpo_trial *trial) {
  double sum = 0;
  for (size_t i = 0; i < trial->n_reports; i++) {
    if (!isfinite(trial->reports[i].value)) return NAN;
    sum += trial->reports[i].value;
  }
  return trial->n_reports > 0 ? sum / (double)trial->n_reports : NAN;
}

/* What `trial` loses on `best` at each step that both reported, ascending by step; returns how many. */
static size_t pair_losses(const struct hpo_pruner *pruner, const struct hpo_trial *trial,
                          const struct hpo_trial *best, double *out) {
  size_t n = 0;
  for (size_t i = 0, k = 0; i < trial->n_reports && k < best->n_reports;) {
    const struct hpo_report *mine = &trial->reports[i], *theirs = &best->reports[k];
    if (mine->step == theirs->step) out[n++] = pruner->sign * (mine->value - theirs->value);
    i += mine->step <= theirs->step;
    k += mine->step >= theirs->step;
  }
  return n;
}

/* A trial whose mean is not the worse one goes on, whatever the test says. */
static bool wilcoxon_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                           const struct hpo_trial *trial) {
  const struct hpo_trial *best = hpo_history_best(seen);
  if (!best || !(pruner->sign * mean_report(trial) > pruner->sign * mean_report(best)))
    return false;
  double p = 1;
  double *losses = core_arena_calloc(&pruner->scratch, trial->n_reports, sizeof *losses);
  const size_t n = losses ? pair_losses(pruner, trial, best, losses) : 0;
  const bool is_worse = n >= pruner->n_startup_steps &&
                        core_signed_rank_greater(losses, n, &pruner->scratch, &p) &&
                        p < pruner->p_threshold;
  core_arena_reset(&pruner->scratch);
  return is_worse;
}

static void wilcoxon_close(struct hpo_pruner *pruner) {
  if (pruner) core_arena_close(&pruner->scratch);
  core_free(pruner);
}

const struct hpo_pruner_ops hpo_pruner_wilcoxon = {
    .name = "wilcoxon",
    .summary = "stop a trial that a signed-rank test over instances finds worse than the best one",
    .options = wilcoxon_options,
    .open = wilcoxon_open,
    .prune = wilcoxon_prune,
    .close = wilcoxon_close,
};
