/* SPDX-License-Identifier: GPL-3.0-or-later
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011, "Parallel random numbers:
 * as easy as 1, 2, 3").
 *
 * A generator is keyed by (seed, trial, stream), so a trial's draws do not depend on who drew
 * before, on threads or on ranks. The struct is plain data: copying it copies the position. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* What the draws are for; a new use takes a new number, so that old sweeps replay unchanged. */
enum core_rng_stream {
  CORE_RNG_SAMPLER = 1,
  CORE_RNG_PRUNER = 2,
  CORE_RNG_TRIAL_SEED = 3,
  CORE_RNG_DESIGN = 4,    /* the shared initial design */
  CORE_RNG_RESTART = 5,   /* of a search; `trial` counts the restarts */
  CORE_RNG_BOOTSTRAP = 6, /* of a data check */
  CORE_RNG_TEST = 100
};

struct core_rng {
  uint32_t key[2];
  uint32_t counter[4];
  uint32_t block[4];
  unsigned used; /* words of block already given */
};
void core_rng_init(struct core_rng *rng, uint64_t seed, uint64_t trial, uint32_t stream);
uint32_t core_rng_u32(struct core_rng *rng);
uint64_t core_rng_u64(struct core_rng *rng);
double core_rng_unit(struct core_rng *rng);                /* [0, 1), 53 bits                */
uint64_t core_rng_below(struct core_rng *rng, uint64_t n); /* [0, n), unbiased (Lemire); n > 0 */
double core_rng_normal(struct core_rng *rng);              /* N(0, 1) by inversion            */
void core_rng_shuffle(struct core_rng *rng, size_t *items, size_t n); /* Fisher-Yates */
