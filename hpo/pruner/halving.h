/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rule of `asha` and, in each of its brackets, of `hyperband`: asynchronous successive halving of the stopping kind
 * (Li et al., MLSys 2020, arXiv 1810.05934; as in Optuna: no pause, no promotion later).
 *
 * Rung k stands at step min_resource * factor^(rate + k). A trial's value at a rung is its first report at or after that
 * step. On reaching a rung a trial goes on if it is among the best floor(n / factor) of the n values at that rung, its own
 * included; when that is none, if it is the best. The values are read off the reports, so the answer depends on the
 * history alone. */
#pragma once
#include "hpo/pruner/pruner.h"

struct hpo_halving {
  int64_t
      min_resource; /* steps; 0: a twelfth of the first complete trial's last step, at least 1 */
  int64_t reduction_factor; /* >= 2 */
  int64_t early_stopping_rate;
  int64_t bootstrap_count; /* trials that stop at a rung before anybody passes it */
  enum hpo_direction direction;
};

/* The option row that both pruners have. */
#define HPO_HALVING_BOOTSTRAP_OPTION                                                               \
  {                                                                                                \
    .name = "bootstrap_count", .type = CORE_OPT_INT, .fallback = "0", .max = 1e9,                  \
    .unit = "trials", .help = "so many trials stop at a rung before one may pass it"               \
  }

/* Which trials compete: NULL means all. */
typedef bool (*hpo_halving_competes_fn)(const void *context, const struct hpo_trial *trial);

bool hpo_halving_prune(const struct hpo_halving *rule, const struct hpo_history *seen,
                       const struct hpo_trial *trial, hpo_halving_competes_fn competes,
                       const void *context);

/* The last step of the first trial that completed with reports, -1 while there is none: what "auto" resources go by. */
int64_t hpo_halving_first_length(const struct hpo_history *seen);
/* Reads an option that is "auto" (0) or a positive number of steps. */
enum core_status hpo_halving_read_resource(const struct core_options *options, const char *name,
                                           int64_t *steps, struct core_error *err) CORE_MUST_CHECK;
