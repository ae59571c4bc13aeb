/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/taken.h"

#include <math.h>
#include <string.h>

/* Finalizer of splitmix64 (Steele et al., OOPSLA 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
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
static const struct hpo_trial **find_slot(const struct hpo_taken *taken, const double *row,
                                          size_t n_params) {
  size_t at = hash_row(row, n_params) & (taken->cap - 1);
  while (taken->slots[at] && !same_row(taken->slots[at]->internal, row, n_params))
    at = (at + 1) & (taken->cap - 1);
  return &taken->slots[at];
}

static enum core_status reserve(struct hpo_taken *taken, size_t n_trials, size_t n_params,
                                struct core_error *err) {
  struct hpo_taken bigger = {.cap = taken->cap ? taken->cap : 64, .n = taken->n};
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

enum core_status hpo_taken_follow(struct hpo_taken *taken, const struct hpo_history *whole,
                                  struct core_error *err) {
  const size_t n_params = whole->space->n_params;
  CORE_TRY(reserve(taken, whole->n_trials, n_params, err));
  for (; taken->n < whole->n_trials; taken->n++) {
    const struct hpo_trial *trial = whole->trials[taken->n];
    *find_slot(taken, trial->internal, n_params) = trial;
  }
  return CORE_OK;
}

bool hpo_taken_has(const struct hpo_taken *taken, const double *internal, size_t n_params) {
  return taken->cap > 0 && *find_slot(taken, internal, n_params) != NULL;
}

void hpo_taken_close(struct hpo_taken *taken) {
  core_free(taken->slots);
  *taken = (struct hpo_taken){0};
}
