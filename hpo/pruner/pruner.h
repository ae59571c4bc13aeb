/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a pruner: should a trial that has just reported stop? Sees the history, changes
 * nothing. Law: the answer is a function of (options, history, trial) alone. State kept between
 * calls may only make the same answer cheaper; all calls of one pruner come with the growing
 * history of one study. Single objective only. */
#pragma once
#include "core/option.h"
#include "core/status.h"
#include "hpo/history.h"

struct hpo_pruner; /* each pruner file defines its own */

struct hpo_pruner_setup {
  const struct core_options *options;
  enum hpo_direction direction;
  const char *study_name;
  const struct core_node *section; /* the pruner's map in the study file (patient reads its inner
                                      pruner from it); may be NULL */
  bool counts_trials; /* the study ends after so many trials, not when its time is over */
};

#define HPO_BRACKET_UNKNOWN SIZE_MAX

struct hpo_pruner_ops {
  const char *name;
  const char *summary;
  const struct core_option *options;
  enum core_status (*open)(const struct hpo_pruner_setup *setup, struct hpo_pruner **out,
                           struct core_error *err);
  /* `trial` is RUNNING and has at least one report; its last report is the new one. */
  bool (*prune)(struct hpo_pruner *pruner, const struct hpo_history *seen,
                const struct hpo_trial *trial);
  /* The bracket of a trial number, for pruners with brackets (hyperband); NULL elsewhere. The
   * sampler then sees only trials of the same bracket. HPO_BRACKET_UNKNOWN while the history does
   * not tell yet; once it does, the bracket of a number never changes. */
  size_t (*bracket)(struct hpo_pruner *pruner, const struct hpo_history *seen, uint64_t number);
  void (*close)(struct hpo_pruner *pruner); /* accepts NULL */
};

const struct hpo_pruner_ops *const *hpo_pruner_all(void);
const struct hpo_pruner_ops *hpo_pruner_find(const char *name);
/* Reads a `pruner` section (NULL: absent, `fallback` is meant): the row and its options. */
enum core_status hpo_pruner_read(const struct core_node *section, const char *fallback,
                                 const struct hpo_pruner_ops **ops, struct core_options *options,
                                 struct core_error *err) CORE_MUST_CHECK;
