/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/targets.h"

#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/mem.h"
#include "hpo/gp/model_state.h"

#define CHOICE_EVALS 25 /* for each transform tried: who is ahead shows early */

static const struct {
  double power, share;
} candidates[] = {{1, 0.5}, {0.5, 0.5},  {0, 0.75},   {0, 0.5}, {0, 0.2},
                  {0, 0.1}, {-0.5, 0.5}, {-0.5, 0.2}, {-1, 0.5}};

/* The rows that the choice looks at, and room for what is tried on them. */
struct trial_ground {
  size_t n;
  double *x, *losses, *targets, *theta;
  bool *chosen;
};

static enum core_status ground_open(struct trial_ground *g, size_t d, const double *x,
                                    const double *losses, size_t n, struct core_error *err) {
  const size_t rows = n < HPO_GP_CHOICE_ROWS ? n : HPO_GP_CHOICE_ROWS;
  const size_t count = rows * (d + 2) + d + 2;
  *g = (struct trial_ground){.n = rows,
                             .x = core_calloc(count, sizeof *g->x),
                             .chosen = core_calloc(n + 1, sizeof *g->chosen)};
  if (g->x == NULL || g->chosen == NULL)
    return core_fail_nomem(err, count * sizeof *g->x + (n + 1) * sizeof *g->chosen);
  g->losses = g->x + rows * d;
  g->targets = g->losses + rows;
  g->theta = g->targets + rows;
  hpo_gp_choose_rows(losses, n, rows, g->chosen);
  size_t taken = 0;
  for (size_t i = 0; i < n; i++) {
    if (!g->chosen[i]) continue;
    memcpy(g->x + taken * d, x + i * d, d * sizeof *x);
    g->losses[taken++] = losses[i];
  }
  return CORE_OK;
}

static void ground_close(struct trial_ground *g) {
  core_free(g->x);
  core_free(g->chosen);
}

/* Log density of the losses on the ground, at the theta that a short fit finds. */
static enum core_status try_transform(struct hpo_gp *gp, const struct hpo_gp_transform *t,
                                      struct trial_ground *g, double *density,
                                      struct core_error *err) {
  hpo_gp_theta_default(&gp->shape, g->theta);
  double slopes = 0;
  for (size_t i = 0; i < g->n; i++) {
    g->targets[i] = hpo_gp_transform_apply(t, g->losses[i]);
    slopes += hpo_gp_transform_log_slope(t, g->losses[i]);
  }
  CORE_TRY(hpo_gp_fit(gp, g->x, g->targets, g->n, g->theta, CHOICE_EVALS, density, err));
  *density += slopes;
  return CORE_OK;
}

/* t becomes the best transform, theta what the short fit found for it. */
static enum core_status choose(struct hpo_gp *gp, struct hpo_gp_transform *t,
                               struct trial_ground *g, const double *losses, size_t n,
                               double *theta, struct core_error *err) {
  double most = -INFINITY;
  size_t best = 0;
  hpo_gp_theta_default(&gp->shape, theta);
  for (size_t c = 0; c < CORE_COUNT_OF(candidates); c++) {
    double density;
    CORE_TRY(hpo_gp_transform_fit_as(t, losses, n, candidates[c].power, candidates[c].share, err));
    CORE_TRY(try_transform(gp, t, g, &density, err));
    if (!(density > most)) continue;
    most = density;
    best = c;
    memcpy(theta, g->theta, (gp->shape.d + 2) * sizeof *theta);
  }
  return hpo_gp_transform_fit_as(t, losses, n, candidates[best].power, candidates[best].share, err);
}

enum core_status hpo_gp_fit_targets(struct hpo_gp *gp, struct hpo_gp_transform *t, const double *x,
                                    const double *losses, size_t n, double *theta,
                                    unsigned max_evals, struct core_error *err) {
  struct trial_ground g;
  double *targets = NULL;
  enum core_status status = ground_open(&g, gp->shape.d, x, losses, n, err);
  if (status != CORE_OK) goto out;
  status = choose(gp, t, &g, losses, n, theta, err);
  if (status != CORE_OK) goto out;
  targets = core_calloc(n + 1, sizeof *targets);
  if (targets == NULL) {
    status = core_fail_nomem(err, (n + 1) * sizeof *targets);
    goto out;
  }
  for (size_t i = 0; i < n; i++) targets[i] = hpo_gp_transform_apply(t, losses[i]);
  status = hpo_gp_fit(gp, x, targets, n, theta, max_evals, NULL, err);
out:
  core_free(targets);
  ground_close(&g);
  return status;
}
