/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/surrogate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hpo/gp/targets.h"

#define FIT_EACH_TRIAL 30 /* fitted at every observation up to here */
#define FIT_STEP_SHARE 10 /* then whenever a tenth has come */
#define FIT_STEP_MAX   50
#define FIT_EVALS      12 /* after the choice of the transform, which has its own */

struct hpo_surrogate {
  const struct hpo_features *features;
  struct hpo_gp_shape shape;
  struct hpo_gp *gp;
  struct hpo_gp_transform *transform;
  size_t fit_n;     /* the point of the schedule that theta stands for; 0: none */
  size_t n, n_rows; /* observations followed, rows in the model */
  double *theta, *lengths, *scales;
  size_t *members;                                            /* the observation of each row */
  double *rows, *losses, *spreads, *targets, *values, *extra; /* of the rows */
  size_t rows_cap, losses_cap, spreads_cap, targets_cap, values_cap, extra_cap, members_cap;
};

void hpo_surrogate_close(struct hpo_surrogate *s) {
  if (!s) return;
  hpo_gp_close(s->gp);
  hpo_gp_transform_close(s->transform);
  core_free(s->theta);
  core_free(s->scales);
  core_free(s->members);
  core_free(s->rows);
  core_free(s->losses);
  core_free(s->spreads);
  core_free(s->extra);
  core_free(s->targets);
  core_free(s->values);
  core_free(s);
}

enum core_status hpo_surrogate_open(const struct hpo_features *features, bool deterministic,
                                    struct hpo_surrogate **out, struct core_error *err) {
  struct hpo_surrogate *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->features = features;
  s->shape = (struct hpo_gp_shape){.d = features->d,
                                   .categorical = features->categorical,
                                   .warpable = features->warpable,
                                   .prior = hpo_gp_prior_default(features->d)};
  s->shape.prior.noise_fixed = deterministic;
  const size_t n_theta = hpo_gp_theta_size(&s->shape);
  s->theta = core_calloc(n_theta, sizeof *s->theta);
  s->scales = core_calloc(2 * features->d, sizeof *s->scales);
  enum core_status st = s->theta && s->scales ? hpo_gp_open(&s->shape, &s->gp, err)
                                              : core_fail_nomem(err, n_theta * sizeof *s->theta);
  if (st == CORE_OK) st = hpo_gp_transform_open(&s->transform, err);
  if (st == CORE_OK) s->lengths = s->scales + features->d;
  if (st == CORE_OK)
    *out = s;
  else
    hpo_surrogate_close(s);
  return st;
}

/* The last point of the schedule up to n. */
static size_t last_fit(size_t n) {
  if (n <= FIT_EACH_TRIAL) return n;
  size_t at = FIT_EACH_TRIAL;
  for (;;) {
    const size_t step = at / FIT_STEP_SHARE < FIT_STEP_MAX ? at / FIT_STEP_SHARE : FIT_STEP_MAX;
    if (at + step > n) return at;
    at += step;
  }
}

/* An observation and what it is chosen by. */
struct choice {
  double merit; /* smaller is better */
  size_t index;
};

static int by_merit(const void *a, const void *b) {
  const struct choice *x = a, *y = b;
  if (x->merit != y->merit) return x->merit < y->merit ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/* Marks the `want` observations of least merit that are not marked yet. */
static void mark_best(struct choice *choices, size_t n, size_t want, bool *marked) {
  qsort(choices, n, sizeof *choices, by_merit);
  for (size_t i = 0; i < n && want > 0; i++) {
    if (marked[choices[i].index]) continue;
    marked[choices[i].index] = true;
    want--;
  }
}

static double distance2(const struct hpo_surrogate *s, const double *a, const double *b) {
  double sum = 0;
  for (size_t j = 0; j < s->features->d; j++) {
    const double step = s->features->categorical[j] ? a[j] != b[j] : a[j] - b[j];
    sum += step * step;
  }
  return sum;
}

/* Which of the first n observations the model holds: half of them next to the best, a quarter the
 * best, the others evenly spread over the past, the newest among them. */
static enum core_status choose_members(struct hpo_surrogate *s, const struct hpo_observed *seen,
                                       size_t n, const double *losses, struct core_arena *scratch,
                                       struct core_error *err) {
  struct choice *choices = core_arena_calloc(scratch, n, sizeof *choices);
  bool *marked = core_arena_calloc(scratch, n, sizeof *marked);
  if (!choices || !marked) return core_fail_nomem(err, n * sizeof *choices);
  for (size_t i = 0; i < n; i++) choices[i] = (struct choice){losses[i], i};
  mark_best(choices, n, HPO_SURROGATE_ROWS / 4, marked);
  const double *centre = hpo_observed_row(seen, choices[0].index);
  for (size_t i = 0; i < n; i++)
    choices[i] = (struct choice){distance2(s, hpo_observed_row(seen, i), centre), i};
  mark_best(choices, n, HPO_SURROGATE_ROWS / 2, marked);
  const size_t quarter = HPO_SURROGATE_ROWS / 4, stride = n > quarter ? n / quarter : 1;
  for (size_t i = 0; i < n; i++) choices[i] = (struct choice){(double)((n - 1 - i) % stride), i};
  mark_best(choices, n, HPO_SURROGATE_ROWS / 4, marked);
  s->n_rows = 0;
  for (size_t i = 0; i < n; i++)
    if (marked[i]) s->members[s->n_rows++] = i;
  return CORE_OK;
}

static enum core_status make_room(struct hpo_surrogate *s, size_t n, struct core_error *err) {
  const size_t d = s->features->d;
  void *rows = s->rows, *losses = s->losses, *targets = s->targets, *values = s->values,
       *members = s->members, *spreads = s->spreads, *extra = s->extra;
  CORE_TRY(core_grow(&rows, &s->rows_cap, n * d, sizeof *s->rows, err));
  s->rows = rows;
  CORE_TRY(core_grow(&losses, &s->losses_cap, n, sizeof *s->losses, err));
  s->losses = losses;
  CORE_TRY(core_grow(&spreads, &s->spreads_cap, n, sizeof *s->spreads, err));
  s->spreads = spreads;
  CORE_TRY(core_grow(&extra, &s->extra_cap, n, sizeof *s->extra, err));
  s->extra = extra;
  CORE_TRY(core_grow(&targets, &s->targets_cap, n, sizeof *s->targets, err));
  s->targets = targets;
  CORE_TRY(core_grow(&values, &s->values_cap, n, sizeof *s->values, err));
  s->values = values;
  CORE_TRY(core_grow(&members, &s->members_cap, n, sizeof *s->members, err));
  s->members = members;
  return CORE_OK;
}

/* The losses of the rows, as they are after n observations. */
static enum core_status set_losses(struct hpo_surrogate *s, const struct hpo_observed *seen,
                                   size_t n, struct core_arena *scratch, struct core_error *err) {
  double *all = core_arena_calloc(scratch, 3 * n, sizeof *all);
  if (!all) return core_fail_nomem(err, 3 * n * sizeof *all);
  hpo_observed_losses(seen, n, all, all + n, all + 2 * n);
  for (size_t i = 0; i < s->n_rows; i++) {
    s->losses[i] = all[s->members[i]];
    s->spreads[i] = all[n + s->members[i]];
    s->values[i] = hpo_observed_value(seen, s->members[i]);
  }
  return CORE_OK;
}

/* True: some rows are estimates, with a noise of their own. Once true it stays so until the rows are chosen anew. */
static bool set_targets(struct hpo_surrogate *s) {
  bool uneven = false;
  for (size_t i = 0; i < s->n_rows; i++) {
    s->targets[i] = hpo_gp_transform_apply(s->transform, s->losses[i]);
    s->extra[i] = hpo_gp_transform_variance(s->transform, s->losses[i], s->spreads[i]);
    uneven |= s->spreads[i] > 0;
  }
  return uneven;
}

static void add_row(struct hpo_surrogate *s, const struct hpo_observed *seen, size_t i) {
  const size_t d = s->features->d;
  s->members[s->n_rows] = i;
  memcpy(s->rows + s->n_rows * d, hpo_observed_row(seen, i), d * sizeof *s->rows);
  s->n_rows++;
}

static void set_scales(struct hpo_surrogate *s) {
  const size_t d = s->features->d;
  size_t best = 0;
  for (size_t i = 1; i < s->n_rows; i++)
    if (s->targets[i] < s->targets[best]) best = i;
  for (size_t j = 0; j < d; j++) {
    s->lengths[j] = exp(s->theta[j]);
    s->scales[j] =
        s->lengths[j] / hpo_gp_warp_slope_at(hpo_gp_warp(s->gp), j, s->rows[best * d + j]);
  }
}

/* Chooses the rows, fits and builds the model of the first n observations. */
static enum core_status fit(struct hpo_surrogate *s, const struct hpo_observed *seen, size_t n,
                            struct core_arena *scratch, struct core_error *err) {
  const size_t d = s->features->d;
  s->fit_n = 0;
  if (n <= HPO_SURROGATE_ROWS) {
    for (size_t i = 0; i < n; i++) s->members[i] = i;
    s->n_rows = n;
  } else {
    double *losses = core_arena_calloc(scratch, 3 * n, sizeof *losses);
    if (!losses) return core_fail_nomem(err, 3 * n * sizeof *losses);
    hpo_observed_losses(seen, n, losses, losses + n, losses + 2 * n);
    CORE_TRY(choose_members(s, seen, n, losses, scratch, err));
  }
  for (size_t i = 0; i < s->n_rows; i++)
    memcpy(s->rows + i * d, hpo_observed_row(seen, s->members[i]), d * sizeof *s->rows);
  CORE_TRY(set_losses(s, seen, n, scratch, err));
  CORE_TRY(hpo_gp_fit_targets(s->gp, s->transform, s->rows, s->losses, s->spreads, s->n_rows,
                              s->theta, FIT_EVALS, err));
  (void)set_targets(s);
  CORE_TRY(hpo_gp_condition(s->gp, s->theta, s->rows, s->targets, s->extra, s->n_rows, err));
  set_scales(s);
  s->fit_n = s->n = n;
  return CORE_OK;
}

enum core_status hpo_surrogate_follow(struct hpo_surrogate *s, const struct hpo_observed *seen,
                                      size_t n, bool restarted, struct core_arena *scratch,
                                      struct core_error *err) {
  const size_t fit_n = last_fit(n), d = s->features->d;
  if (!restarted && s->fit_n == fit_n && s->n == n) return CORE_OK;
  CORE_TRY(make_room(s, (n < HPO_SURROGATE_ROWS ? n : HPO_SURROGATE_ROWS) + FIT_STEP_MAX, err));
  if (restarted || s->fit_n != fit_n || s->n > n) CORE_TRY(fit(s, seen, fit_n, scratch, err));
  s->fit_n = 0; /* until all is done */
  for (size_t i = s->n; i < n; i++) {
    add_row(s, seen, i);
    CORE_TRY(hpo_gp_append(s->gp, s->rows + (s->n_rows - 1) * d, 0, err));
  }
  CORE_TRY(set_losses(s, seen, n, scratch, err));
  CORE_TRY(hpo_gp_transform_refit(s->transform, s->losses, s->n_rows, err));
  if (set_targets(s)) /* each estimate moves with what has come, and its noise */
    CORE_TRY(hpo_gp_condition(s->gp, s->theta, s->rows, s->targets, s->extra, s->n_rows, err));
  else
    CORE_TRY(hpo_gp_retarget(s->gp, s->targets, err));
  s->n = n;
  s->fit_n = fit_n;
  return CORE_OK;
}

struct hpo_gp *hpo_surrogate_model(const struct hpo_surrogate *s) {
  return s->gp;
}

size_t hpo_surrogate_count(const struct hpo_surrogate *s) {
  return s->n_rows;
}

const double *hpo_surrogate_rows(const struct hpo_surrogate *s) {
  return s->rows;
}

const double *hpo_surrogate_targets(const struct hpo_surrogate *s) {
  return s->targets;
}

const double *hpo_surrogate_losses(const struct hpo_surrogate *s) {
  return s->losses;
}

const double *hpo_surrogate_spreads(const struct hpo_surrogate *s) {
  return s->spreads;
}

const double *hpo_surrogate_values(const struct hpo_surrogate *s) {
  return s->values;
}

const double *hpo_surrogate_lengths(const struct hpo_surrogate *s) {
  return s->lengths;
}

const double *hpo_surrogate_scales(const struct hpo_surrogate *s) {
  return s->scales;
}

double hpo_surrogate_noise(const struct hpo_surrogate *s) {
  return hpo_gp_noise(s->gp);
}
