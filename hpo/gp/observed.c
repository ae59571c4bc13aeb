/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/observed.h"

#include <math.h>

#include "core/stats.h"
#include "hpo/fidelity.h"

#define BAD_QUANTILE 0.75

struct hpo_observed {
  const struct hpo_features *features;
  const struct hpo_trial **trials; /* as followed, to know a history again */
  double *rows, *values;           /* values: NaN for a trial without one */
  struct hpo_estimate *estimates;  /* room for one of each trial */
  enum hpo_direction direction;
  size_t n, n_valued, trials_cap, rows_cap, values_cap, estimates_cap;
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
  core_free(o->estimates);
  core_free(o);
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
  void *trials = o->trials, *rows = o->rows, *values = o->values, *estimates = o->estimates;
  CORE_TRY(core_grow(&trials, &o->trials_cap, o->n + 1, sizeof(struct hpo_trial *), err));
  o->trials = trials;
  CORE_TRY(core_grow(&rows, &o->rows_cap, (o->n + 1) * d + 1, sizeof *o->rows, err));
  o->rows = rows;
  CORE_TRY(core_grow(&values, &o->values_cap, o->n + 1, sizeof *o->values, err));
  o->values = values;
  CORE_TRY(core_grow(&estimates, &o->estimates_cap, o->n + 1, sizeof *o->estimates, err));
  o->estimates = estimates;
  o->trials[o->n] = trial;
  hpo_features_row(o->features, trial->internal, o->rows + o->n * d);
  o->values[o->n] = own_value(seen, trial);
  o->n_valued += isfinite(o->values[o->n]) ? 1 : 0;
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
  o->direction = seen->directions[0];
  if (*restarted) o->n = o->n_valued = 0;
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

double hpo_observed_value(const struct hpo_observed *o, size_t i) {
  return is_complete(o, i) && isfinite(o->values[i]) ? o->values[i] : NAN;
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

static double best_complete(const struct hpo_observed *o, size_t n) {
  double best = INFINITY;
  for (size_t i = 0; i < n; i++)
    if (is_complete(o, i) && isfinite(o->values[i])) best = fmin(best, o->values[i]);
  return isfinite(best) ? best : -INFINITY;
}

/* The estimates of pruned trials that said something. They are a function of the first n alone. */
static void set_pruned(const struct hpo_observed *o, size_t n, double least, double *loss,
                       double *spread) {
  size_t m = 0, n_pruned = 0;
  for (size_t i = 0; i < n; i++) {
    if (o->trials[i]->state == HPO_FAIL) continue;
    n_pruned += !is_complete(o, i);
    o->estimates[m++] = (struct hpo_estimate){.trial = o->trials[i], .index = i};
  }
  if (n_pruned == 0) return;
  hpo_fidelity_estimate(o->estimates, m, o->direction);
  for (size_t i = 0; i < m; i++) {
    const struct hpo_estimate *e = &o->estimates[i];
    if (is_complete(o, e->index) || !isfinite(o->values[e->index])) continue;
    loss[e->index] = fmax(e->loss, least);
    spread[e->index] = e->spread;
  }
}

void hpo_observed_losses(const struct hpo_observed *o, size_t n, double *loss, double *spread,
                         double *scratch) {
  const double least = quantile(o, n, false, 0, 0, scratch);
  const double middle = quantile(o, n, true, 0.5, -INFINITY, scratch);
  const double bad = fmax(quantile(o, n, false, BAD_QUANTILE, 0, scratch), middle);
  for (size_t i = 0; i < n; i++) {
    const double value = o->values[i];
    spread[i] = 0;
    if (value == -INFINITY)
      loss[i] = least;
    else if (!isfinite(value))
      loss[i] = bad;
    else
      loss[i] = value;
  }
  set_pruned(o, n, best_complete(o, n), loss, spread);
}
