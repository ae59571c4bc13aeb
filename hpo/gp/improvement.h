/* SPDX-License-Identifier: GPL-3.0-or-later
 * The acquisition: log expected improvement of a Gaussian process's posterior. Points that are being
 * evaluated stand in it as draws from the joint posterior at them (fantasies), and the expected
 * improvement is the mean over the fantasies, each with its own best value (Snoek et al., NIPS 2012,
 * section 3.2); they share the factor of the covariance, so a fantasy costs little. */
#pragma once
#include "core/mem.h"
#include "core/rng.h"
#include "hpo/gp/model.h"
#include "hpo/gp/plateau.h"
#include "hpo/gp/search.h"

struct hpo_improvement {
  struct hpo_gp *gp;     /* borrowed */
  size_t d, n_fantasies; /* 0: nothing is pending */
  double best;
  const struct hpo_plateau *plateau; /* the caller may set it: where no new value is expected */
  double *bests;                     /* [n_fantasies] */
  double *mean, *var;                /* a block of rows */
  double *dmean, *dvar;              /* n_fantasies x d, [d] */
  double *log_values, *by_mean, *by_sigma; /* [n_fantasies] */
};

/* Improvement below `best` (in the model's units). The m pending rows are put into the model
 * (hpo_gp_pend); `follow_pending`: a fantasy below `best` is what must be improved on in it.
 * Memory comes from the arena. */
enum core_status hpo_improvement_open(struct hpo_improvement *out, struct hpo_gp *gp, size_t d,
                                      double best, const double *pending, size_t m,
                                      bool follow_pending, struct core_rng *rng,
                                      struct core_arena *arena,
                                      struct core_error *err) CORE_MUST_CHECK;
void hpo_improvement_close(struct hpo_improvement *improvement); /* the model forgets the pending */
/* What a search maximises; valid as long as the improvement is. */
struct hpo_target hpo_improvement_target(struct hpo_improvement *improvement);
