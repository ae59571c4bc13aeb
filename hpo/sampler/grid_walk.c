/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/grid_walk.h"

#include <math.h>
#include <string.h>

#include "core/rng.h"

/* Finalizer of splitmix64 (Steele et al., OOPSLA 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/* A Feistel network permutes 0 .. 4^half_bits - 1; what lands beyond the last rank is permuted again until it does not
 * (Black & Rogaway, CT-RSA 2002). The domain is less than four times the number of ranks. */
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

static size_t hash_row(const double *row, size_t n) {
  uint64_t hash = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t bits = 0;
    const double x = isnan(row[i]) ? -1 : row[i] + 0.0; /* one NaN, one zero */
    memcpy(&bits, &x, sizeof bits);
    hash = mix(hash + 0x9E3779B97F4A7C15u + bits);
  }
  return (size_t)hash;
}

static bool same_row(const double *a, const double *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i]))) return false;
  return true;
}

/* The slot that holds the row, or the empty one where it would go. */
static const struct hpo_trial **find_slot(const struct hpo_grid_taken *taken, const double *row,
                                          size_t n_params) {
  size_t at = hash_row(row, n_params) & (taken->cap - 1);
  while (taken->slots[at] && !same_row(taken->slots[at]->internal, row, n_params))
    at = (at + 1) & (taken->cap - 1);
  return &taken->slots[at];
}

static enum core_status reserve_taken(struct hpo_grid_taken *taken, size_t n_trials,
                                      size_t n_params, struct core_error *err) {
  struct hpo_grid_taken bigger = {.cap = taken->cap ? taken->cap : 64, .n = taken->n};
  while (bigger.cap / 2 <= n_trials) bigger.cap *= 2;
  if (bigger.cap == taken->cap) return CORE_OK;
  bigger.slots = core_calloc(bigger.cap, sizeof(struct hpo_trial *));
  if (!bigger.slots) return core_fail_nomem(err, bigger.cap * sizeof(struct hpo_trial *));
  for (size_t i = 0; i < taken->cap; i++)
    if (taken->slots[i]) *find_slot(&bigger, taken->slots[i]->internal, n_params) = taken->slots[i];
  core_free(taken->slots);
  *taken = bigger;
  return CORE_OK;
}

/* Adds the trials that came since the last call. */
static enum core_status follow(struct hpo_grid_taken *taken, const struct hpo_history *whole,
                               struct core_error *err) {
  const size_t n_params = whole->space->n_params;
  CORE_TRY(reserve_taken(taken, whole->n_trials, n_params, err));
  for (; taken->n < whole->n_trials; taken->n++) {
    const struct hpo_trial *trial = whole->trials[taken->n];
    *find_slot(taken, trial->internal, n_params) = trial;
  }
  return CORE_OK;
}

void hpo_grid_walk_close(struct hpo_grid_walk *walk) {
  hpo_grid_close(&walk->grid);
  core_free(walk->taken.slots);
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
  CORE_TRY(follow(&walk->taken, seen->whole, err));
  for (; walk->next < walk->grid.n_points; walk->next++) {
    hpo_grid_point(&walk->grid, permute(walk, walk->next), x);
    if (!*find_slot(&walk->taken, walk->grid.internal, seen->space->n_params)) return CORE_OK;
  }
  return core_fail(err, CORE_EXHAUSTED, "all %llu points of the grid have been given",
                   (unsigned long long)walk->grid.n_points);
}

void hpo_grid_walk_refine(const struct hpo_grid_walk *walk, double *internal) {
  memcpy(internal, walk->grid.internal, walk->grid.space->n_params * sizeof *internal);
}
