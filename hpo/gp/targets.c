/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/targets.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/mem.h"
#include "hpo/gp/model_state.h"

#define CHOICE_EVALS 25 /* for each transform tried: who is ahead shows by then */
#define WARP_EVALS   40 /* with warps and without, from where the choice of the transform ended */
/* What a warped fit must gain in log density: twice what chance gives. Of draws of stationary
 * processes and of noise, of 2 to 20 dimensions, the most gained 5 with 30 rows and 10 with 100; a
 * function that is steep at an edge gains 10 to 40. */
#define WARP_LEAST_ROWS   10
#define WARP_GAIN         3
#define WARP_GAIN_PER_ROW 0.16

/* Along this line the density has one peak, or nearly so. */
static const struct {
  double power, share;
} candidates[] = {{1, 0.5}, {0.5, 0.5},  {0, 0.75},   {0, 0.5}, {0, 0.2},
                  {0, 0.1}, {-0.5, 0.2}, {-0.5, 0.5}, {-1, 0.5}};
/* Tried always; then the neighbours of the best. */
static const size_t scouts[] = {0, 3, 5, 7};

enum { N_CANDIDATES = CORE_COUNT_OF(candidates) };

/* The rows that the choice looks at, and how far each candidate has come on them. */
struct trial_ground {
  size_t n;
  double *x, *losses, *spreads, *targets, *extra;
  double *theta; /* [N_CANDIDATES x size] */
  double density[N_CANDIDATES];
  bool *chosen;
};

static enum core_status ground_open(struct trial_ground *g, size_t d, size_t size, const double *x,
                                    const double *losses, const double *spreads, size_t n,
                                    struct core_error *err) {
  const size_t rows = n < HPO_GP_CHOICE_ROWS ? n : HPO_GP_CHOICE_ROWS;
  const size_t count = rows * (d + 4) + N_CANDIDATES * size;
  *g = (struct trial_ground){.n = rows,
                             .x = core_calloc(count, sizeof *g->x),
                             .chosen = core_calloc(n + 1, sizeof *g->chosen)};
  if (g->x == NULL || g->chosen == NULL)
    return core_fail_nomem(err, count * sizeof *g->x + (n + 1) * sizeof *g->chosen);
  g->losses = g->x + rows * d;
  g->spreads = g->losses + rows;
  g->targets = g->spreads + rows;
  g->extra = g->targets + rows;
  g->theta = g->extra + rows;
  hpo_gp_choose_rows(losses, n, rows, g->chosen);
  size_t taken = 0;
  for (size_t i = 0; i < n; i++) {
    if (!g->chosen[i]) continue;
    memcpy(g->x + taken * d, x + i * d, d * sizeof *x);
    g->spreads[taken] = spreads ? spreads[i] : 0;
    g->losses[taken++] = losses[i];
  }
  return CORE_OK;
}

static void ground_close(struct trial_ground *g) {
  core_free(g->x);
  core_free(g->chosen);
}

static void set_targets(struct trial_ground *g, const struct hpo_gp_transform *t) {
  for (size_t i = 0; i < g->n; i++) {
    g->targets[i] = hpo_gp_transform_apply(t, g->losses[i]);
    g->extra[i] = hpo_gp_transform_variance(t, g->losses[i], g->spreads[i]);
  }
}

/* Candidate c's theta by a short fit, and the log density of the losses on the ground. */
static enum core_status try_candidate(struct hpo_gp *gp, struct hpo_gp_transform *t,
                                      struct trial_ground *g, size_t c, const double *losses,
                                      size_t n, struct core_error *err) {
  double slopes = 0, *theta = g->theta + c * hpo_gp_theta_size(&gp->shape);
  CORE_TRY(hpo_gp_transform_fit_as(t, losses, n, candidates[c].power, candidates[c].share, err));
  set_targets(g, t);
  for (size_t i = 0; i < g->n; i++) slopes += hpo_gp_transform_log_slope(t, g->losses[i]);
  hpo_gp_theta_default(&gp->shape, theta);
  CORE_TRY(
      hpo_gp_fit(gp, g->x, g->targets, g->extra, g->n, theta, CHOICE_EVALS, &g->density[c], err));
  g->density[c] += slopes;
  return CORE_OK;
}

/* The candidate of the highest density so far; the first one when there is none. */
static size_t leader(const struct trial_ground *g) {
  size_t best = 0;
  for (size_t c = 1; c < N_CANDIDATES; c++)
    if (g->density[c] > g->density[best]) best = c;
  return best;
}

/* t becomes the best transform, theta what its short fit found. */
static enum core_status choose(struct hpo_gp *gp, struct hpo_gp_transform *t,
                               struct trial_ground *g, const double *losses, size_t n,
                               double *theta, struct core_error *err) {
  for (size_t c = 0; c < N_CANDIDATES; c++) g->density[c] = -INFINITY;
  for (size_t k = 0; k < CORE_COUNT_OF(scouts); k++)
    CORE_TRY(try_candidate(gp, t, g, scouts[k], losses, n, err));
  const size_t ahead = leader(g);
  for (size_t c = ahead > 0 ? ahead - 1 : 0; c <= ahead + 1 && c < N_CANDIDATES; c++)
    if (c != ahead) CORE_TRY(try_candidate(gp, t, g, c, losses, n, err));
  const size_t best = leader(g), size = hpo_gp_theta_size(&gp->shape);
  memcpy(theta, g->theta + best * size, size * sizeof *theta);
  return hpo_gp_transform_fit_as(t, losses, n, candidates[best].power, candidates[best].share, err);
}

/* Are inputs warped? When the ground's losses gain more density by it than chance gives; then theta
 * becomes that of the warped fit. */
static enum core_status choose_warps(struct hpo_gp *gp, const struct hpo_gp_transform *t,
                                     struct trial_ground *g, double *theta, bool *warps,
                                     struct core_error *err) {
  const size_t size = hpo_gp_theta_size(&gp->shape);
  double *straight_theta = g->theta, *bent_theta = g->theta + size, straight, bent;
  *warps = false;
  if (gp->shape.warpable == NULL || g->n < WARP_LEAST_ROWS) return CORE_OK;
  set_targets(g, t);
  memcpy(straight_theta, theta, size * sizeof *theta);
  memcpy(bent_theta, theta, size * sizeof *theta);
  CORE_TRY(
      hpo_gp_fit(gp, g->x, g->targets, g->extra, g->n, straight_theta, WARP_EVALS, &straight, err));
  CORE_TRY(
      hpo_gp_fit_warps(gp, g->x, g->targets, g->extra, g->n, bent_theta, WARP_EVALS, &bent, err));
  *warps = bent - straight > WARP_GAIN + WARP_GAIN_PER_ROW * (double)g->n;
  if (*warps) memcpy(theta, bent_theta, size * sizeof *theta);
  return CORE_OK;
}

enum core_status hpo_gp_fit_targets(struct hpo_gp *gp, struct hpo_gp_transform *t, const double *x,
                                    const double *losses, const double *spreads, size_t n,
                                    double *theta, unsigned max_evals, struct core_error *err) {
  struct trial_ground g;
  double *targets = NULL;
  bool warps = false;
  enum core_status status =
      ground_open(&g, gp->shape.d, hpo_gp_theta_size(&gp->shape), x, losses, spreads, n, err);
  if (status != CORE_OK) goto out;
  status = choose(gp, t, &g, losses, n, theta, err);
  if (status == CORE_OK) status = choose_warps(gp, t, &g, theta, &warps, err);
  if (status != CORE_OK) goto out;
  targets = core_calloc(2 * n + 1, sizeof *targets);
  if (targets == NULL) {
    status = core_fail_nomem(err, (2 * n + 1) * sizeof *targets);
    goto out;
  }
  double *extra = targets + n;
  for (size_t i = 0; i < n; i++) {
    targets[i] = hpo_gp_transform_apply(t, losses[i]);
    extra[i] = spreads ? hpo_gp_transform_variance(t, losses[i], spreads[i]) : 0;
  }
  status = (warps ? hpo_gp_fit_warps : hpo_gp_fit)(gp, x, targets, extra, n, theta, max_evals, NULL,
                                                   err);
out:
  core_free(targets);
  ground_close(&g);
  return status;
}
