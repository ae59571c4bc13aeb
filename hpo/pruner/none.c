/* SPDX-License-Identifier: GPL-3.0-or-later
 * No pruning: every trial runs to its end. */
#include "hpo/pruner/pruner.h"

static const struct core_option none_options[] = {CORE_OPTION_END};

static enum core_status none_open(const struct hpo_pruner_setup *setup, struct hpo_pruner **out,
                                  struct core_error *err) {
  (void)setup, (void)err;
  *out = NULL; /* nothing to remember */
  return CORE_OK;
}

static bool none_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                       const struct hpo_trial *trial) {
  (void)pruner, (void)seen, (void)trial;
  return false;
}

static void none_close(struct hpo_pruner *pruner) {
  (void)pruner;
}

const struct hpo_pruner_ops hpo_pruner_none = {
    .name = "none",
    .summary = "no pruning: every trial runs to its end",
    .options = none_options,
    .open = none_open,
    .prune = none_prune,
    .close = none_close,
};
