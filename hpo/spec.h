/* SPDX-License-Identifier: GPL-3.0-or-later
 * The study file's search half: everything but `gate` and `trial`, which belong to jobs (jobs/spec.h).
 * Format: docs/formats.md, "Study file". */
#pragma once
#include "core/option.h"
#include "core/tree.h"
#include "hpo/pruner/pruner.h"
#include "hpo/sampler/sampler.h"
#include "hpo/space.h"

#define HPO_MAX_OBJECTIVES 64

struct hpo_objective {
  const char *metric;
  enum hpo_direction direction;
};

struct hpo_spec {
  struct core_arena arena;
  const char *name; /* study */
  const char *
      storage; /* path of the SQLite file, as written (relative to the study file's folder; resolved
                                      by jobs) */
  uint64_t seed; /* given, or drawn once and stored with the study */
  bool seed_given;
  bool deterministic; /* nothing is suggested ahead of the slot that it is for */
  struct hpo_objective *objectives;
  enum hpo_direction *directions; /* parallel to objectives */
  size_t n_objectives;
  int64_t trials;        /* finished trials to reach; -1: no limit */
  double timeout_s;      /* of the whole sweep; INFINITY: none */
  int64_t parallel;      /* local slots; default 1 */
  bool optuna_schema_31; /* optuna_schema: "3.1" */
  struct hpo_space space;
  const struct hpo_sampler_ops *sampler;
  struct core_options sampler_options;
  const struct hpo_pruner_ops *pruner;
  struct core_options pruner_options;
  const struct core_node *pruner_section;
};
/* Reads `root`; keys in `elsewhere` (NULL-terminated: "gate", "trial") are left to others. Borrows the tree: it must
 * outlive the spec. Without `sampler`: auto; without `pruner`: none. */
enum core_status hpo_spec_open(struct hpo_spec *spec, const struct core_node *root,
                               const char *const *elsewhere,
                               struct core_error *err) CORE_MUST_CHECK;
void hpo_spec_close(struct hpo_spec *spec);
/* What the spec's sampler and pruner are opened with. */
struct hpo_sampler_setup hpo_spec_sampler_setup(const struct hpo_spec *spec);
struct hpo_pruner_setup hpo_spec_pruner_setup(const struct hpo_spec *spec);
