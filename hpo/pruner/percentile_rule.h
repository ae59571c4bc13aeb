/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rule of `median` and `percentile` (Golovin et al., KDD 2017, section 3.3.2, with Optuna's refinements): stop a trial
 * whose best value so far is worse than a percentile of what complete trials reported at the same step. */
#pragma once
#include "hpo/pruner/pruner.h"
#include "hpo/pruner/step_values.h"

struct hpo_percentile_rule {
  double percentile; /* of the better side: 25 keeps the best quarter */
  int64_t n_startup_trials, n_warmup_steps, interval_steps, n_min_trials;
  enum hpo_direction direction;
};

#define HPO_PERCENTILE_RULE_OPTIONS                                                                \
  {.name = "n_startup_trials",                                                                     \
   .type = CORE_OPT_INT,                                                                           \
   .fallback = "5",                                                                                \
   .max = 1e9,                                                                                     \
   .unit = "trials",                                                                               \
   .help = "no pruning before so many trials are complete"},                                       \
      {.name = "n_warmup_steps",                                                                   \
       .type = CORE_OPT_INT,                                                                       \
       .fallback = "0",                                                                            \
       .max = 9e15,                                                                                \
       .unit = "steps",                                                                            \
       .help = "no pruning before this step of a trial"},                                          \
      {.name = "interval_steps",                                                                   \
       .type = CORE_OPT_INT,                                                                       \
       .fallback = "1",                                                                            \
       .min = 1,                                                                                   \
       .max = 9e15,                                                                                \
       .unit = "steps",                                                                            \
       .help = "look only every so many steps"},                                                   \
  {                                                                                                \
    .name = "n_min_trials", .type = CORE_OPT_INT, .fallback = "1", .min = 1, .max = 1e9,           \
    .unit = "trials", .help = "complete trials that must have reported the step"                   \
  }

/* All but the percentile. */
void hpo_percentile_rule_read(struct hpo_percentile_rule *rule,
                              const struct hpo_pruner_setup *setup);

/* What complete trials reported at the steps asked for, kept between calls; all zeros is a valid beginning. */
struct hpo_percentile_steps {
  struct hpo_percentile_step *steps; /* ascending */
  size_t n, cap;
  size_t n_finished; /* of the history, counted */
  int64_t n_complete;
};
void hpo_percentile_steps_close(struct hpo_percentile_steps *steps);

bool hpo_percentile_rule_prune(const struct hpo_percentile_rule *rule,
                               struct hpo_percentile_steps *steps, const struct hpo_history *seen,
                               const struct hpo_trial *trial);
