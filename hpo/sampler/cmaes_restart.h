/* SPDX-License-Identifier: GPL-3.0-or-later
 * When a run of CMA-ES is at its end, and how the next one begins. Auger & Hansen, "IPOP", CEC
 * 2005; Hansen, "BIPOP", GECCO BBOB workshop 2009. */
#pragma once
#include "core/rng.h"
#include "hpo/sampler/cmaes_strategy.h"

enum hpo_cmaes_regime { HPO_CMAES_NO_RESTART, HPO_CMAES_IPOP, HPO_CMAES_BIPOP };

/* The next run, as `regime` has it. */
struct hpo_cmaes_plan {
  enum hpo_cmaes_regime regime;
  double growth;                     /* of the population from one large run to the next */
  size_t lambda_first, lambda_large; /* of the first and of the latest large run */
  uint64_t spent_large, spent_small; /* samples taken by runs of each kind */
  uint64_t runs;                     /* begun so far */
  size_t lambda;                     /* of the run at hand */
  double sigma_factor;               /* its first step size, in units of sigma0 */
  bool small;
};
void hpo_cmaes_plan_init(struct hpo_cmaes_plan *plan, enum hpo_cmaes_regime regime, size_t lambda,
                         double growth);
/* Ends the run at hand and plans the next. */
void hpo_cmaes_plan_next(struct hpo_cmaes_plan *plan, uint64_t spent, struct core_rng *rng);

/* What a run remembers of its generations' losses. */
struct hpo_cmaes_progress {
  double *best, *median; /* of each generation */
  size_t n, best_cap, median_cap;
};
void hpo_cmaes_progress_close(struct hpo_cmaes_progress *progress);
/* Adds a generation: lambda losses, ascending; +inf for failures. */
enum core_status hpo_cmaes_progress_add(struct hpo_cmaes_progress *progress, const double *losses,
                                        size_t lambda, struct core_error *err) CORE_MUST_CHECK;
/* Is nothing more to be had? Steps below 1e-11 of the unit interval, an ill-conditioned covariance
 * (1e14), equal losses over 10 + 30 n / lambda generations, or no gain over hundreds. */
bool hpo_cmaes_is_over(const struct hpo_cmaes *strategy, const struct hpo_cmaes_progress *progress,
                       const double *losses);
