/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/fidelity.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/stats.h"

#define POINTS       4   /* of a curve that are compared: a step, its half, ... */
#define NEAREST      3   /* curves */
#define OWN_SHARE    0.5 /* of the nearest curves' change, beside that of all */
#define MAX_DONORS   64
#define PRIOR_DONORS 2
#define BOUND                                                                                      \
  2.0 /* distances from the best to the middle above the middle: worse is as bad as this */

struct bounds {
  double low, high;
};

/* Those that passed a step, as the estimates of all that stopped there need them. */
struct donors {
  int64_t at[POINTS];
  size_t n_points, n;
  double curve[MAX_DONORS][POINTS]; /* bounded values */
  double change[MAX_DONORS];        /* from the step to the end */
  double variance[MAX_DONORS];      /* of what they are taken to come to themselves */
  double mean_change, spread;
  struct bounds bounds;
};

static double bound(struct bounds bounds, double value) {
  if (!(value < bounds.high)) return bounds.high; /* NaN as well */
  return value > bounds.low ? value : bounds.low;
}

static double final_loss(const struct hpo_trial *trial, double sign) {
  return trial->n_values > 0 ? sign * trial->values[0] : INFINITY;
}

/* The loss at a step that the trial passed. */
static double loss_at(const struct hpo_trial *trial, int64_t step, double sign) {
  size_t low = 0, high = trial->n_reports;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (trial->reports[middle].step < step)
      low = middle + 1;
    else
      high = middle;
  }
  return low < trial->n_reports ? sign * trial->reports[low].value : final_loss(trial, sign);
}

static int by_reach(const void *a, const void *b) {
  const struct hpo_estimate *x = a, *y = b;
  if (x->reach != y->reach) return x->reach > y->reach ? -1 : 1;
  return (x->trial->number > y->trial->number) - (x->trial->number < y->trial->number);
}

static int by_loss(const void *a, const void *b) {
  const struct hpo_estimate *x = a, *y = b;
  if (isnan(x->loss) != isnan(y->loss)) return isnan(x->loss) ? 1 : -1;
  if (x->loss < y->loss || x->loss > y->loss) return x->loss < y->loss ? -1 : 1;
  return (x->trial->number > y->trial->number) - (x->trial->number < y->trial->number);
}

/* What is known of a trial by itself: its objective, or its last report. */
static void note_own(struct hpo_estimate *e, double sign) {
  const struct hpo_trial *trial = e->trial;
  const bool reported = trial->n_reports > 0;
  e->spread = 0;
  e->reach = reported ? trial->reports[trial->n_reports - 1].step : INT64_MIN;
  e->loss = reported ? sign * trial->reports[trial->n_reports - 1].value : NAN;
  if (trial->state == HPO_COMPLETE) {
    e->reach = INT64_MAX;
    e->loss = final_loss(trial, sign);
  }
}

/* From the least loss to a little above the middle one. */
static struct bounds spread(double low, double middle) {
  const double high = middle + BOUND * (middle - low);
  return (struct bounds){low, isfinite(high) ? high : DBL_MAX};
}

/* By what is known of the trials themselves, infinite losses left out. Orders them by loss. */
static struct bounds own_bounds(struct hpo_estimate *estimates, size_t n) {
  size_t first = 0, end = n;
  qsort(estimates, n, sizeof *estimates, by_loss);
  while (first < n && estimates[first].loss == -INFINITY) first++;
  while (end > first && !isfinite(estimates[end - 1].loss)) end--;
  if (end == first) return (struct bounds){0, 0};
  return spread(estimates[first].loss, estimates[first + (end - first) / 2].loss);
}

/* Wider where the donors' values at the step are: curves may have fallen far since. */
static struct bounds step_bounds(struct bounds own, const struct donors *donors) {
  double values[MAX_DONORS];
  size_t n = 0;
  for (size_t i = 0; i < donors->n; i++)
    if (isfinite(donors->curve[i][0])) values[n++] = donors->curve[i][0];
  if (n == 0) return own;
  core_sort_doubles(values, n);
  const struct bounds here = spread(values[0], values[n / 2]);
  return (struct bounds){fmin(own.low, here.low), fmax(own.high, here.high)};
}

/* estimates[0, n) passed the step and are known. */
static void gather_donors(struct donors *donors, const struct hpo_estimate *estimates, size_t n,
                          int64_t step, double sign, struct bounds bounds) {
  const size_t stride = n / MAX_DONORS + (n % MAX_DONORS != 0);
  *donors = (struct donors){.at = {step}, .n_points = 1};
  for (int64_t at = step; at > 0 && donors->n_points < POINTS; donors->n_points++)
    donors->at[donors->n_points] = at /= 2;
  for (size_t i = 0; i < n; i += stride) {
    if (isnan(estimates[i].loss)) continue;
    for (size_t k = 0; k < donors->n_points; k++)
      donors->curve[donors->n][k] = loss_at(estimates[i].trial, donors->at[k], sign);
    donors->variance[donors->n] = estimates[i].spread * estimates[i].spread;
    donors->change[donors->n++] = estimates[i].loss;
  }
  donors->bounds = step_bounds(bounds, donors);
  for (size_t i = 0; i < donors->n; i++) {
    for (size_t k = 0; k < donors->n_points; k++)
      donors->curve[i][k] = bound(donors->bounds, donors->curve[i][k]);
    donors->change[i] = bound(donors->bounds, donors->change[i]) - donors->curve[i][0];
    donors->mean_change += donors->change[i] / (double)donors->n;
  }
}

/* The mean change over the donors whose curves are nearest, the earlier ones among equals; donor
 * `without` left out. */
static double nearest_change(const struct donors *donors, const double *curve, size_t without) {
  double distance[NEAREST], change[NEAREST], sum = 0;
  size_t n = 0;
  for (size_t i = 0; i < donors->n; i++) {
    double d = 0;
    for (size_t k = 0; k < donors->n_points; k++)
      d += (donors->curve[i][k] - curve[k]) * (donors->curve[i][k] - curve[k]);
    if (i == without || (n == NEAREST && !(d < distance[n - 1]))) continue;
    size_t at = n < NEAREST ? n++ : n - 1;
    for (; at > 0 && distance[at - 1] > d; at--) {
      distance[at] = distance[at - 1];
      change[at] = change[at - 1];
    }
    distance[at] = d;
    change[at] = donors->change[i];
  }
  for (size_t i = 0; i < n; i++) sum += change[i] / (double)n;
  return sum;
}

/* The standard deviation of estimates at the step: how far they are off for donors that are left out
 * in turn, and as if two more had been off by all of the change. */
static void set_spread(struct donors *donors) {
  double sum = 0, weight = PRIOR_DONORS;
  for (size_t i = 0; i < donors->n; i++) {
    sum += PRIOR_DONORS * donors->change[i] * donors->change[i] / (double)donors->n;
    if (donors->n < 2) continue;
    const double n = (double)donors->n;
    const double mean = (n * donors->mean_change - donors->change[i]) / (n - 1);
    const double near = nearest_change(donors, donors->curve[i], i);
    const double off = OWN_SHARE * near + (1 - OWN_SHARE) * mean - donors->change[i];
    sum += off * off + donors->variance[i];
    weight += 1;
  }
  donors->spread = sqrt(sum / weight);
}

static void estimate(struct hpo_estimate *e, const struct donors *donors, double sign) {
  double curve[POINTS] = {0};
  for (size_t k = 0; k < donors->n_points; k++)
    curve[k] = bound(donors->bounds, loss_at(e->trial, donors->at[k], sign));
  const double near = nearest_change(donors, curve, SIZE_MAX);
  const double loss = curve[0] + OWN_SHARE * near + (1 - OWN_SHARE) * donors->mean_change;
  e->loss = isfinite(loss) ? loss : curve[0];
  e->spread = isfinite(donors->spread) ? fmax(donors->spread, DBL_MIN) : DBL_MAX;
}

void hpo_fidelity_estimate(struct hpo_estimate *estimates, size_t n, enum hpo_direction direction) {
  const double sign = direction == HPO_MAXIMIZE ? -1 : 1;
  struct donors donors = {0};
  for (size_t i = 0; i < n; i++) note_own(&estimates[i], sign);
  const struct bounds bounds = own_bounds(estimates, n);
  qsort(estimates, n, sizeof *estimates, by_reach);
  for (size_t i = 0, passed = 0, gathered = SIZE_MAX; i < n; i++) {
    struct hpo_estimate *e = &estimates[i];
    if (i > 0 && e->reach != estimates[i - 1].reach) passed = i;
    if (e->reach == INT64_MAX || isnan(e->loss)) continue;
    if (gathered != passed) {
      gather_donors(&donors, estimates, passed, e->reach, sign, bounds);
      set_spread(&donors);
    }
    gathered = passed;
    estimate(e, &donors, sign);
  }
}

size_t hpo_fidelity_rank(const struct hpo_history *seen, const struct hpo_trial **ranked,
                         struct core_arena *arena) {
  struct hpo_estimate *estimates =
      core_arena_calloc(arena, seen->n_finished + 1, sizeof *estimates);
  size_t n = 0;
  if (!estimates) return SIZE_MAX;
  for (size_t i = 0; i < seen->n_finished; i++)
    if (seen->finished[i]->state == HPO_COMPLETE || seen->finished[i]->state == HPO_PRUNED)
      estimates[n++].trial = seen->finished[i];
  hpo_fidelity_estimate(estimates, n, seen->directions[0]);
  qsort(estimates, n, sizeof *estimates, by_loss);
  for (size_t i = 0; i < n; i++) ranked[i] = estimates[i].trial;
  return n;
}
