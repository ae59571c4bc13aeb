/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/design.h"

#include "core/mem.h"
#include "core/qmc.h"
#include "core/rng.h"

#define BLOCK 64 /* points that a group permutes among themselves */

/* Up to 40 coordinates that share one net. */
struct group {
  struct core_qmc *net;
  size_t n_dims;
};

struct hpo_design {
  size_t n_params, n_dims, n_groups;
  uint64_t seed;
  size_t *dims; /* parameters with more than one value, in the order of the space */
  struct group *groups;
  double *point; /* of one group */
  struct core_arena arena;
};

void hpo_design_close(struct hpo_design *design) {
  if (!design) return;
  for (size_t g = 0; g < design->n_groups; g++) core_qmc_close(design->groups[g].net);
  core_arena_close(&design->arena);
  core_free(design);
}

static enum core_status open_groups(struct hpo_design *design, struct core_error *err) {
  const size_t most = CORE_QMC_SOBOL_MAX_DIM, n_groups = (design->n_dims + most - 1) / most;
  design->groups = core_arena_calloc(&design->arena, n_groups + 1, sizeof *design->groups);
  design->point = core_arena_calloc(&design->arena, most, sizeof *design->point);
  if (!design->groups || !design->point) return core_fail_nomem(err, most * sizeof(double));
  for (size_t g = 0; g < n_groups; g++) {
    struct group *group = &design->groups[g];
    const size_t left = design->n_dims - g * most;
    group->n_dims = left < most ? left : most;
    CORE_TRY(
        core_qmc_open(CORE_QMC_SOBOL, group->n_dims, true, design->seed + g, &group->net, err));
    design->n_groups++;
  }
  return CORE_OK;
}

static enum core_status find_dims(struct hpo_design *design, const struct hpo_space *space,
                                  struct core_error *err) {
  design->dims = core_arena_calloc(&design->arena, space->n_params + 1, sizeof *design->dims);
  if (!design->dims) return core_fail_nomem(err, space->n_params * sizeof *design->dims);
  for (size_t i = 0; i < space->n_params; i++)
    if (hpo_param_count(&space->params[i]) != 1) design->dims[design->n_dims++] = i;
  return CORE_OK;
}

enum core_status hpo_design_open(const struct hpo_space *space, uint64_t seed,
                                 struct hpo_design **out, struct core_error *err) {
  struct hpo_design *design = core_calloc(1, sizeof *design);
  if (!design) return core_fail_nomem(err, sizeof *design);
  design->n_params = space->n_params;
  design->seed = seed;
  enum core_status st = find_dims(design, space, err);
  if (st == CORE_OK) st = open_groups(design, err);
  if (st == CORE_OK)
    *out = design;
  else
    hpo_design_close(design);
  return st;
}

/* Where group g takes its point for place k: k itself for the first group, another place of the
 * same block for the others. */
static uint64_t place_in_group(const struct hpo_design *design, size_t g, uint64_t k) {
  if (g == 0) return k;
  size_t order[BLOCK];
  struct core_rng rng;
  for (size_t i = 0; i < BLOCK; i++) order[i] = i;
  core_rng_init(&rng, design->seed + g, k / BLOCK, CORE_RNG_DESIGN);
  core_rng_shuffle(&rng, order, BLOCK);
  return k - k % BLOCK + order[k % BLOCK];
}

enum core_status hpo_design_point(struct hpo_design *design, uint64_t k, double *unit,
                                  struct core_error *err) {
  for (size_t i = 0; i < design->n_params; i++) unit[i] = 0.5;
  const size_t *dims = design->dims;
  for (size_t g = 0; g < design->n_groups; g++) {
    const struct group *group = &design->groups[g];
    CORE_TRY(core_qmc_point(group->net, place_in_group(design, g, k), design->point, err));
    for (size_t i = 0; i < group->n_dims; i++) unit[*dims++] = design->point[i];
  }
  return CORE_OK;
}
