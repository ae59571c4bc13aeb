/* SPDX-License-Identifier: GPL-3.0-or-later
 * Histories of learning curves, for tests of pruners: written as lists of reports. */
#pragma once
#include "hpo/history.h"
#include "hpo/pruner/pruner.h"
#include <stddef.h>

#define CURVES_TRIALS  128
#define CURVES_REPORTS 64

struct curves {
  struct hpo_history history;
  struct hpo_trial trials[CURVES_TRIALS];
  struct hpo_report reports[CURVES_TRIALS][CURVES_REPORTS];
  double values[CURVES_TRIALS];
  const struct hpo_trial *by_number[CURVES_TRIALS];
  const struct hpo_trial *finished[CURVES_TRIALS];
  enum hpo_direction direction;
};
void curves_init(struct curves *c, enum hpo_direction direction);
/* A RUNNING trial without reports; its number is the index. */
struct hpo_trial *curves_trial(struct curves *c);
void curves_report(struct curves *c, struct hpo_trial *trial, long step, double value);
/* The objective's value; a trial that finishes without one gets its last report. */
void curves_value(struct curves *c, struct hpo_trial *trial, double value);
void curves_finish(struct curves *c, struct hpo_trial *trial, enum hpo_state state);
/* A complete trial that reported values[0..n) at steps 0, 1, ... */
struct hpo_trial *curves_complete(struct curves *c, const double *values, size_t n);

/* A pruner from its section of a study file, "{name: asha, min_resource: 1}"; fails the test when it cannot be opened. */
struct open_pruner {
  struct core_tree tree;
  struct core_options options;
  const struct hpo_pruner_ops *ops;
  struct hpo_pruner *pruner;
};
void open_pruner(struct open_pruner *p, const char *section, const char *study_name,
                 enum hpo_direction direction);
/* The same, giving back the status. */
enum core_status try_open_pruner(struct open_pruner *p, const char *section, const char *study_name,
                                 enum hpo_direction direction, struct core_error *err);
void close_pruner(struct open_pruner *p);
