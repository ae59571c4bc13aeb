/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every point of a grid once, in an order shuffled by the seed: the way of `grid` and
 * `brute_force`. A point that any trial of the study has, in whatever state, is not given again.
 * Nothing is stored for each point: the order is a keyed permutation of the ranks. */
#pragma once
#include "hpo/sampler/grid_axes_rule.h"
#include "hpo/sampler/sampler.h"
#include "hpo/sampler/taken.h"

#define HPO_GRID_ROUNDS 6

struct hpo_grid_walk {
  struct hpo_grid grid;
  uint64_t keys[HPO_GRID_ROUNDS];
  unsigned half_bits; /* the permutation works on numbers of 2 * half_bits bits */
  struct hpo_taken taken;
  uint64_t next; /* all points at earlier places of the shuffled order are taken */
};

/* As hpo_grid_open; `sampler` is named in messages. */
enum core_status hpo_grid_walk_open(struct hpo_grid_walk *walk,
                                    const struct hpo_sampler_setup *setup, const char *sampler,
                                    bool takes_lists, const struct core_node *lists,
                                    struct core_error *err) CORE_MUST_CHECK;
void hpo_grid_walk_close(struct hpo_grid_walk *walk);
/* The unit row of the next point; CORE_EXHAUSTED when every one is taken. */
enum core_status hpo_grid_walk_next(struct hpo_grid_walk *walk, const struct hpo_history *seen,
                                    double *x, struct core_error *err) CORE_MUST_CHECK;
/* The exact internal row of the point that was given last. */
void hpo_grid_walk_refine(const struct hpo_grid_walk *walk, double *internal);
