/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/observed.h"

#include <math.h>
#include <string.h>

#include "core/hash.h"
#include "core/stats.h"

#define BAD_QUANTILE 0.75

/* An open-addressed set of internal rows, held as the trials that have them. */
struct row_set {
  const struct hpo_trial **slots; /* NULL: free */
  size_t n, n_slots;              /* a power of two, at most half full; or 0 */
};

struct hpo_observed {
  const struct hpo_features *features;
  const struct hpo_trial **trials; /* as followed, to know a history again */
  double *rows, *values;           /* values: NaN for a trial without one */
  size_t n, n_valued, trials_cap, rows_cap, values_cap;
  struct row_set taken;
  const struct hpo_history *whole; /* whose trials are in the set */
  size_t n_whole;
};

enum core_status hpo_observed_open(const struct hpo_features *features, struct hpo_observed **out,
                                   struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  if (!*out) return core_fail_nomem(err, sizeof **out);
  (*out)->features = features;
  return CORE_OK;
}

void hpo_observed_close(struct hpo_observed *o) {
  if (!o) return;
  core_free(o->trials);
  core_free(o->rows);
  core_free(o->values);
  core_free(o->taken.slots);
  core_free(o);
}

/* The bits that tell rows apart: NaN is one value, and so is 0. */
static uint64_t row_hash(const double *internal, size_t n) {
  uint64_t hash = 0;
  for (size_t i = 0; i < n; i++) {
    const double x = isnan(internal[i]) ? NAN : internal[i] + 0.0;
    hash = core_hash64(&x, sizeof x, hash);
  }
  return hash;
}

static bool same_rows(const double *a, const double *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i]))) return false;
  return true;
}

static size_t find_slot(const struct row_set *set, const double *internal, size_t n) {
  size_t at = row_hash(internal, n) & (set->n_slots - 1);
  while (set->slots[at] && !same_rows(set->slots[at]->internal, internal, n))
    at = (at + 1) & (set->n_slots - 1);
  return at;
}

static enum core_status set_grow(struct row_set *set, size_t n, struct core_error *err) {
  struct row_set wider = {.n = set->n, .n_slots = set->n_slots ? 2 * set->n_slots : 64};
  wider.slots = core_calloc(wider.n_slots, sizeof(struct hpo_trial *));
  if (!wider.slots) return core_fail_nomem(err, wider.n_slots * sizeof(struct hpo_trial *));
  for (size_t i = 0; i < set->n_slots; i++)
    if (set->slots[i]) wider.slots[find_slot(&wider, set->slots[i]->internal, n)] = set->slots[i];
  core_free(set->slots);
  *set = wider;
  return CORE_OK;
}

static enum core_status set_add(struct row_set *set, const struct hpo_trial *trial, size_t n,
                                struct core_error *err) {
  if (2 * (set->n + 1) > set->n_slots) CORE_TRY(set_grow(set, n, err));
  const size_t at = find_slot(set, trial->internal, n);
  set->n += !set->slots[at];
  set->slots[at] = trial;
  return CORE_OK;
}

static enum core_status follow_whole(struct hpo_observed *o, const struct hpo_history *seen,
                                     struct core_error *err) {
  const struct hpo_history *whole = seen->whole ? seen->whole : seen;
  if (whole != o->whole) {
    core_free(o->taken.slots);
    o->taken = (struct row_set){0};
    o->whole = whole;
    o->n_whole = 0;
  }
  for (; o->n_whole < whole->n_trials; o->n_whole++)
    CORE_TRY(set_add(&o->taken, whole->trials[o->n_whole], o->features->space->n_params, err));
  return CORE_OK;
}

bool hpo_observed_is_taken(const struct hpo_observed *o, const double *internal) {
  if (o->taken.n_slots == 0) return false;
  return o->taken.slots[find_slot(&o->taken, internal, o->features->space->n_params)] != NULL;
}

/* NaN when the trial says nothing; an infinite value stays. */
static double own_value(const struct hpo_history *seen, const struct hpo_trial *trial) {
  const double sign = seen->directions[0] == HPO_MAXIMIZE ? -1 : 1;
  if (trial->state == HPO_COMPLETE && trial->n_values > 0) return sign * trial->values[0];
  if (trial->state != HPO_PRUNED || trial->n_reports == 0) return NAN;
  return sign * trial->reports[trial->n_reports - 1].value;
}

static enum core_status append(struct hpo_observed *o, const struct hpo_history *seen,
                               const struct hpo_trial *trial, struct core_error *err) {
  const size_t d = o->features->d;
  void *trials = o->trials, *rows = o->rows, *values = o->values;
  CORE_TRY(core_grow(&trials, &o->trials_cap, o->n + 1, sizeof(struct hpo_trial *), err));
  o->trials = trials;
  CORE_TRY(core_grow(&rows, &o->rows_cap, (o->n + 1) * d + 1, sizeof *o->rows, err));
  o->rows = rows;
  CORE_TRY(core_grow(&values, &o->values_cap, o->n + 1, sizeof *o->values, err));
  o->values = values;
  o->trials[o->n] = trial;
  hpo_features_row(o->features, trial->internal, o->rows + o->n * d);
  o->values[o->n] = own_value(seen, trial);
  o->n_valued += isfinite(o->values[o->n]);
  o->n++;
  return CORE_OK;
}

static bool continues(const struct hpo_observed *o, const struct hpo_history *seen) {
  if (o->n > seen->n_finished) return false;
  for (size_t i = o->n; i-- > 0;)
    if (o->trials[i] != seen->finished[i]) return false;
  return true;
}

enum core_status hpo_observed_follow(struct hpo_observed *o, const struct hpo_history *seen,
                                     bool *restarted, struct core_error *err) {
  *restarted = !continues(o, seen);
  if (*restarted) o->n = o->n_valued = 0;
  CORE_TRY(follow_whole(o, seen, err));
  while (o->n < seen->n_finished) CORE_TRY(append(o, seen, seen->finished[o->n], err));
  return CORE_OK;
}

size_t hpo_observed_count(const struct hpo_observed *o) {
  return o->n;
}

size_t hpo_observed_count_valued(const struct hpo_observed *o) {
  return o->n_valued;
}

const double *hpo_observed_row(const struct hpo_observed *o, size_t i) {
  return o->rows + i * o->features->d;
}

static bool is_complete(const struct hpo_observed *o, size_t i) {
  return o->trials[i]->state == HPO_COMPLETE;
}

/* The q-quantile of the finite values among the first n, of the complete trials or of all; `none`
 * when there is none. */
static double quantile(const struct hpo_observed *o, size_t n, bool complete, double q, double none,
                       double *scratch) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(o->values[i]) && (!complete || is_complete(o, i))) scratch[m++] = o->values[i];
  if (m == 0) return none;
  core_sort_doubles(scratch, m);
  const double low = scratch[(size_t)(q * (double)(m - 1))];
  return low; /* one of the values: nothing between two that may be 1e300 apart */
}

void hpo_observed_losses(const struct hpo_observed *o, size_t n, double *loss, double *scratch) {
  const double least = quantile(o, n, false, 0, 0, scratch);
  const double middle = quantile(o, n, true, 0.5, -INFINITY, scratch);
  const double bad = fmax(quantile(o, n, false, BAD_QUANTILE, 0, scratch), middle);
  for (size_t i = 0; i < n; i++) {
    const double value = o->values[i];
    if (value == -INFINITY)
      loss[i] = least;
    else if (!isfinite(value))
      loss[i] = bad;
    else
      loss[i] = is_complete(o, i) ? value : fmax(value, middle);
  }
}
