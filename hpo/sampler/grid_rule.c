/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/grid_rule.h"

#include <string.h>

#include "core/rng.h"

/* Finalizer of splitmix64 (Steele et al., OOPSLA 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/* A Feistel network permutes 0 .. 4^half_bits - 1; what lands beyond the last rank is permuted
 * again until it does not (Black & Rogaway, CT-RSA 2002). The domain is less than four times the
 * number of ranks. */
static uint64_t permute(const struct hpo_grid_walk *walk, uint64_t rank) {
  const uint64_t mask = (UINT64_C(1) << walk->half_bits) - 1;
  do {
    uint64_t left = rank >> walk->half_bits, right = rank & mask;
    for (int i = 0; i < HPO_GRID_ROUNDS; i++) {
      const uint64_t mixed = left ^ (mix(right + walk->keys[i]) & mask);
      left = right;
      right = mixed;
    }
    rank = left << walk->half_bits | right;
  } while (rank >= walk->grid.n_points);
  return rank;
}

void hpo_grid_walk_close(struct hpo_grid_walk *walk) {
  hpo_grid_close(&walk->grid);
  hpo_taken_close(&walk->taken);
  *walk = (struct hpo_grid_walk){0};
}

enum core_status hpo_grid_walk_open(struct hpo_grid_walk *walk,
                                    const struct hpo_sampler_setup *setup, const char *sampler,
                                    bool takes_lists, const struct core_node *lists,
                                    struct core_error *err) {
  struct core_rng rng;
  *walk = (struct hpo_grid_walk){0};
  CORE_TRY(hpo_grid_open(&walk->grid, setup->space, sampler, takes_lists, lists,
                         setup->options->pos, err));
  core_rng_init(&rng, setup->seed, UINT64_MAX, CORE_RNG_SAMPLER); /* no trial has that number */
  for (int i = 0; i < HPO_GRID_ROUNDS; i++) walk->keys[i] = core_rng_u64(&rng);
  while (walk->half_bits < 31 && UINT64_C(1) << (2 * walk->half_bits) < walk->grid.n_points)
    walk->half_bits++;
  return CORE_OK;
}

enum core_status hpo_grid_walk_next(struct hpo_grid_walk *walk, const struct hpo_history *seen,
                                    double *x, struct core_error *err) {
  CORE_TRY(hpo_taken_follow(&walk->taken, seen->whole, err));
  for (; walk->next < walk->grid.n_points; walk->next++) {
    hpo_grid_point(&walk->grid, permute(walk, walk->next), x);
    if (!hpo_taken_has(&walk->taken, walk->grid.internal, seen->space->n_params)) return CORE_OK;
  }
  return core_fail(err, CORE_EXHAUSTED, "all %llu points of the grid have been given",
                   (unsigned long long)walk->grid.n_points);
}

void hpo_grid_walk_refine(const struct hpo_grid_walk *walk, double *internal) {
  memcpy(internal, walk->grid.internal, walk->grid.space->n_params * sizeof *internal);
}
