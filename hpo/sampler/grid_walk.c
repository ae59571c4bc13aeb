/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every point of a grid once, in an order shuffled by the seed. A point that any trial of the study has, in whatever
 * state, is not given again. Nothing is stored for each point: the order is a keyed permutation of the ranks. */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "hpo/sampler/grid_axes.h"
#include "hpo/sampler/sampler.h"

#define ROUNDS 6

/* The points that trials have: open addressing over the trials' own rows. */
struct taken {
  const struct hpo_trial **slots;
  size_t cap; /* a power of two, at least twice n; or 0 */
  size_t n;   /* trials of the study that are in it: numbers below n */
};

struct hpo_sampler {
  struct hpo_grid grid;
  uint64_t keys[ROUNDS];
  unsigned half_bits; /* the permutation works on numbers of 2 * half_bits bits */
  struct taken taken;
  uint64_t next; /* all points at earlier places of the shuffled order are taken */
};

static const struct core_option grid_options[] = {
    {.name = "search_space",
     .type = CORE_OPT_MAP,
     .help = "values to try, {NAME: [...]}; parameters without a list are tried whole"},
    CORE_OPTION_END};

/* Finalizer of splitmix64 (Steele et al., OOPSLA 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/* A Feistel network permutes 0 .. 4^half_bits - 1; what lands beyond the last rank is permuted again until it does not
 * (Black & Rogaway, CT-RSA 2002). The domain is less than four times the number of ranks. */
static uint64_t permute(const struct hpo_sampler *s, uint64_t rank) {
  const uint64_t mask = (UINT64_C(1) << s->half_bits) - 1;
  do {
    uint64_t left = rank >> s->half_bits, right = rank & mask;
    for (int i = 0; i < ROUNDS; i++) {
      const uint64_t mixed = left ^ (mix(right + s->keys[i]) & mask);
      left = right;
      right = mixed;
    }
    rank = left << s->half_bits | right;
  } while (rank >= s->grid.n_points);
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
static const struct hpo_trial **find_slot(const struct taken *taken, const double *row,
                                          size_t n_params) {
  size_t at = hash_row(row, n_params) & (taken->cap - 1);
  while (taken->slots[at] && !same_row(taken->slots[at]->internal, row, n_params))
    at = (at + 1) & (taken->cap - 1);
  return &taken->slots[at];
}

static enum core_status reserve_taken(struct taken *taken, size_t n_trials, size_t n_params,
                                      struct core_error *err) {
  struct taken bigger = {.cap = taken->cap ? taken->cap : 64, .n = taken->n};
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
static enum core_status follow(struct taken *taken, const struct hpo_history *whole,
                               struct core_error *err) {
  const size_t n_params = whole->space->n_params;
  CORE_TRY(reserve_taken(taken, whole->n_trials, n_params, err));
  for (; taken->n < whole->n_trials; taken->n++) {
    const struct hpo_trial *trial = whole->trials[taken->n];
    *find_slot(taken, trial->internal, n_params) = trial;
  }
  return CORE_OK;
}

static void grid_close(struct hpo_sampler *s) {
  if (!s) return;
  hpo_grid_close(&s->grid);
  core_free(s->taken.slots);
  core_free(s);
}

static enum core_status grid_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                  struct core_error *err) {
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  const enum core_status st =
      hpo_grid_open(&s->grid, setup->space, core_option_node(setup->options, "search_space"),
                    setup->options->pos, err);
  if (st != CORE_OK) {
    grid_close(s);
    return st;
  }
  struct core_rng rng;
  core_rng_init(&rng, setup->seed, UINT64_MAX, CORE_RNG_SAMPLER); /* no trial has that number */
  for (int i = 0; i < ROUNDS; i++) s->keys[i] = core_rng_u64(&rng);
  while (s->half_bits < 31 && UINT64_C(1) << (2 * s->half_bits) < s->grid.n_points) s->half_bits++;
  *out = s;
  return CORE_OK;
}

static enum core_status grid_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                     uint64_t number, struct core_rng *rng, double *x,
                                     struct core_error *err) {
  (void)number, (void)rng;
  CORE_TRY(follow(&s->taken, seen->whole, err));
  for (; s->next < s->grid.n_points; s->next++) {
    hpo_grid_point(&s->grid, permute(s, s->next), x);
    if (!*find_slot(&s->taken, s->grid.internal, seen->space->n_params)) return CORE_OK;
  }
  return core_fail(err, CORE_EXHAUSTED, "all %llu points of the grid have been given",
                   (unsigned long long)s->grid.n_points);
}

static void grid_refine(struct hpo_sampler *s, double *internal) {
  memcpy(internal, s->grid.internal, s->grid.space->n_params * sizeof *internal);
}

const struct hpo_sampler_ops hpo_sampler_grid = {
    .name = "grid",
    .summary = "every point of a grid once, shuffled",
    .options = grid_options,
    .open = grid_open,
    .suggest = grid_suggest,
    .close = grid_close,
    .refine = grid_refine,
};
