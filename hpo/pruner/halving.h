/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rule of `asha` and, in each of its brackets, of `hyperband`: asynchronous successive halving of the stopping kind
 * (Li et al., MLSys 2020, arXiv 1810.05934; as in Optuna: no pause, no promotion later).
 *
 * Rung k stands at step min_resource * factor^(rate + k), or, where a spacing is given, at that power of it, rounded from rung to
 * rung and at least a step apart. A trial's value at a rung is its first report at or after that
 * step. On reaching a rung a trial goes on if it is among the best floor(n / factor) of the n values at that rung, its own
 * included; when that is none, if it is the best. The values are read off the reports, so the answer depends on the
 * history alone.
 *
 * A sampler that learns makes each trial better than those long before it, so that beside all of them ever more than a
 * factor-th would pass. With a window only the latest trials (by number) that have a value at the rung are compared with.
 *
 * Where the first rung is chosen by the study itself (min_resource 0), a rung stops nobody while the order there is contrary
 * to that of the ends: late bloomers, early ones that turn up again. Then more trials complete, and the rung is judged by
 * those that it would have stopped, too. */
#pragma once
#include "hpo/pruner/pruner.h"
#include "hpo/pruner/step_values.h"

struct hpo_halving {
  int64_t min_resource; /* steps; 0: by auto_share */
  int64_t auto_share; /* one part of so many of the first complete trial's last step, at least 1 */
  int64_t reduction_factor; /* >= 2 */
  double spacing;           /* > 1: of the rungs' steps; 0: reduction_factor, exactly */
  int64_t early_stopping_rate;
  int64_t bootstrap_count; /* trials that stop at a rung before anybody passes it */
  int64_t window;          /* compare with so many, the one judged included; 0: with all */
  int64_t startup;         /* nobody is stopped before so many trials are complete */
  enum hpo_direction direction;
};

/* The option row that both pruners have. */
#define HPO_HALVING_BOOTSTRAP_OPTION                                                               \
  {                                                                                                \
    .name = "bootstrap_count", .type = CORE_OPT_INT, .fallback = "0", .max = 1e9,                  \
    .unit = "trials", .help = "so many trials stop at a rung before one may pass it"               \
  }

/* Which trials compete. They fall into brackets that never change; all of bracket 0 where `member` is NULL. */
struct hpo_competition {
  size_t bracket;
  bool (*member)(const void *context, const struct hpo_trial *trial); /* of `bracket`? */
  const void *context;
};

/* The values at the rungs, kept between calls; all zeros is a valid beginning. */
struct hpo_rungs {
  struct hpo_rung *rungs;
  size_t n, cap;
  struct hpo_open_trials open;
};
void hpo_rungs_close(struct hpo_rungs *rungs);

bool hpo_halving_prune(const struct hpo_halving *rule, struct hpo_rungs *rungs,
                       const struct hpo_history *seen, const struct hpo_trial *trial,
                       const struct hpo_competition *competition);

/* The last step of the first trial that completed with reports, -1 while there is none: what "auto" resources go by. */
int64_t hpo_halving_first_length(const struct hpo_history *seen);
/* Reads an option that is "auto" (0) or a positive number of steps. */
enum core_status hpo_halving_read_resource(const struct core_options *options, const char *name,
                                           int64_t *steps, struct core_error *err) CORE_MUST_CHECK;
