/* SPDX-License-Identifier: GPL-3.0-or-later
 * Patience before another pruner: asks it only once a trial has not improved over its last patience + 1 reports. Without
 * an inner pruner such a trial stops. */
#include "core/mem.h"
#include "hpo/pruner/curve.h"
#include "hpo/pruner/pruner.h"

struct hpo_pruner {
  int64_t patience;
  double min_delta;
  enum hpo_direction direction;
  const struct hpo_pruner_ops *inner_ops; /* NULL: none */
  struct hpo_pruner *inner;
  struct core_options inner_options;
};

static const struct core_option patient_options[] = {
    {.name = "patience",
     .type = CORE_OPT_INT,
     .required = true,
     .max = 1e9,
     .unit = "reports",
     .help = "reports without improvement that are forgiven"},
    {.name = "min_delta",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0",
     .min = 0,
     .max = 1e308,
     .help = "how much worse the recent best must be"},
    {.name = "pruner",
     .type = CORE_OPT_MAP,
     .help = "the pruner to ask then: {name: ..., its options}; none: stop"},
    CORE_OPTION_END};

static void patient_close(struct hpo_pruner *pruner) {
  if (!pruner) return;
  if (pruner->inner_ops) pruner->inner_ops->close(pruner->inner);
  core_options_close(&pruner->inner_options);
  core_free(pruner);
}

static enum core_status open_inner(struct hpo_pruner *pruner, const struct hpo_pruner_setup *setup,
                                   const struct core_node *section, struct core_error *err) {
  const struct hpo_pruner_ops *ops = NULL;
  CORE_TRY(hpo_pruner_read(section, "none", &ops, &pruner->inner_options, err));
  if (ops->bracket)
    return core_fail_at(err, CORE_INVAL, section->pos,
                        "pruner '%s' has brackets and cannot be an inner pruner", ops->name);
  struct hpo_pruner_setup inner = *setup;
  inner.options = &pruner->inner_options;
  inner.section = section;
  CORE_TRY(ops->open(&inner, &pruner->inner, err));
  pruner->inner_ops = ops;
  return CORE_OK;
}

static enum core_status patient_open(const struct hpo_pruner_setup *setup, struct hpo_pruner **out,
                                     struct core_error *err) {
  const struct core_node *section = core_option_node(setup->options, "pruner");
  struct hpo_pruner *pruner = core_calloc(1, sizeof *pruner);
  if (!pruner) return core_fail_nomem(err, sizeof *pruner);
  pruner->patience = core_option_int(setup->options, "patience");
  pruner->min_delta = core_option_double(setup->options, "min_delta");
  pruner->direction = setup->direction;
  const enum core_status st = section ? open_inner(pruner, setup, section, err) : CORE_OK;
  if (st == CORE_OK)
    *out = pruner;
  else
    patient_close(pruner);
  return st;
}

static bool patient_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                          const struct hpo_trial *trial) {
  const size_t recent = (size_t)pruner->patience + 1;
  if (trial->n_reports <= recent) return false;
  const size_t before = trial->n_reports - recent;
  const double old = hpo_curve_best(trial->reports, before, pruner->direction);
  const double new = hpo_curve_best(trial->reports + before, recent, pruner->direction);
  const double bar =
      pruner->direction == HPO_MINIMIZE ? old + pruner->min_delta : old - pruner->min_delta;
  if (!hpo_curve_better(bar, new, pruner->direction)) return false;
  return pruner->inner_ops ? pruner->inner_ops->prune(pruner->inner, seen, trial) : true;
}

const struct hpo_pruner_ops hpo_pruner_patient = {
    .name = "patient",
    .summary = "let a trial go on for a while without improvement before another pruner is asked",
    .options = patient_options,
    .open = patient_open,
    .prune = patient_prune,
    .close = patient_close,
};
