/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/fidelity.h"

#include <math.h>
#include <stdlib.h>

#define SPACING    1.5
#define MAX_LEVELS 112 /* 1.5^110 is beyond all steps */

struct levels {
  int64_t step[MAX_LEVELS]; /* ascending; the end is not among them */
  size_t n;
};

struct place {
  double value;
  size_t order; /* breaks ties */
  const struct hpo_trial *trial;
};

static int by_step(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b) {
  const struct place *x = a, *y = b;
  if (x->value != y->value) return x->value < y->value ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* Was it stopped with nothing to compare it by? */
static bool is_silent(const struct hpo_trial *trial) {
  return trial->state == HPO_PRUNED &&
         (trial->n_reports == 0 || isnan(trial->reports[trial->n_reports - 1].value));
}

/* The lowest step at which a trial stopped, and each that is SPACING times the level before it or more. */
static bool find_levels(const struct hpo_history *seen, struct core_arena *arena,
                        struct levels *out) {
  int64_t *steps = core_arena_calloc(arena, seen->n_finished + 1, sizeof *steps);
  size_t n = 0;
  if (!steps) return false;
  for (size_t i = 0; i < seen->n_finished; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    if (trial->state == HPO_PRUNED && !is_silent(trial))
      steps[n++] = trial->reports[trial->n_reports - 1].step;
  }
  qsort(steps, n, sizeof *steps, by_step);
  out->n = 0;
  for (size_t i = 0; i < n; i++)
    if (out->n == 0 || (steps[i] > out->step[out->n - 1] &&
                        (double)steps[i] >= SPACING * (double)out->step[out->n - 1]))
      out->step[out->n++] = steps[i];
  return true;
}

/* The trial's value at a step, INFINITY for NaN; false when it did not come that far. A complete trial came everywhere. */
static bool value_at(const struct hpo_history *seen, const struct hpo_trial *trial, int64_t step,
                     double *out) {
  const double sign = seen->directions[0] == HPO_MAXIMIZE ? -1 : 1;
  const struct hpo_report *at = NULL;
  for (size_t low = 0, high = trial->n_reports; low < high;) {
    const size_t middle = low + (high - low) / 2;
    if (trial->reports[middle].step < step) {
      low = middle + 1;
    } else {
      high = middle;
      at = &trial->reports[middle];
    }
  }
  if (!at && trial->state != HPO_COMPLETE) return false;
  *out = at ? sign * at->value : hpo_history_loss(seen, trial);
  if (isnan(*out)) *out = INFINITY;
  return true;
}

/* Orders those that reached the step anew, among the places that they hold. */
static void refine(const struct hpo_history *seen, int64_t step, const struct hpo_trial **ranked,
                   size_t n, struct place *places, size_t *where) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    double value;
    if (!value_at(seen, ranked[i], step, &value)) continue;
    where[m] = i;
    places[m++] = (struct place){value, i, ranked[i]};
  }
  qsort(places, m, sizeof *places, by_value);
  for (size_t i = 0; i < m; i++) ranked[where[i]] = places[i].trial;
}

static int by_number(const void *a, const void *b) {
  const struct hpo_trial *x = *(const struct hpo_trial *const *)a;
  const struct hpo_trial *y = *(const struct hpo_trial *const *)b;
  return (x->number > y->number) - (x->number < y->number);
}

/* Observed trials that are silent or not, by number; returns how many. */
static size_t list_observed(const struct hpo_history *seen, bool silent,
                            const struct hpo_trial **out) {
  size_t n = 0;
  for (size_t i = 0; i < seen->n_finished; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    if ((trial->state == HPO_PRUNED || trial->state == HPO_COMPLETE) && is_silent(trial) == silent)
      out[n++] = trial;
  }
  qsort(out, n, sizeof(struct hpo_trial *), by_number);
  return n;
}

size_t hpo_fidelity_rank(const struct hpo_history *seen, const struct hpo_trial **ranked,
                         struct core_arena *arena) {
  struct levels levels;
  struct place *places = core_arena_calloc(arena, seen->n_finished + 1, sizeof *places);
  size_t *where = core_arena_calloc(arena, seen->n_finished + 1, sizeof *where);
  if (!places || !where || !find_levels(seen, arena, &levels)) return SIZE_MAX;
  const size_t n = list_observed(seen, false, ranked);
  for (size_t k = 0; k < levels.n; k++) refine(seen, levels.step[k], ranked, n, places, where);
  refine(seen, INT64_MAX, ranked, n, places, where);
  return n + list_observed(seen, true, ranked + n);
}
