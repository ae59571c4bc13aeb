/* SPDX-License-Identifier: GPL-3.0-or-later
 * TPE written a second time, from the formulas and without regard to cost: everything is computed
 * anew for each suggestion, one kernel and one dimension at a time. What the sampler suggests has to
 * be what this suggests. */
#pragma once
#include "core/rng.h"
#include "hpo/history.h"

struct tpe_oracle {
  size_t n_candidates;
  bool multivariate, group, constant_liar, magic_clip, endpoints;
  double prior_weight;
  bool adapts; /* where many trials are pending, parameters are modelled one by one */
};

/* The kernels of one dimension: widths of n observations in unit coordinates. */
struct tpe_oracle_mixture {
  const struct tpe_oracle *options;
  const struct hpo_space *space;
  const size_t *params;
  size_t n_params, n;
  const struct hpo_trial **trials; /* ascending by number; all have the parameters */
  double *sigma;                   /* [n_params][n] */
};
void tpe_oracle_fit(struct tpe_oracle_mixture *m, const struct tpe_oracle *o,
                    const struct hpo_space *space, const size_t *params, size_t n_params,
                    const struct hpo_trial *const *trials, size_t n);
void tpe_oracle_release(struct tpe_oracle_mixture *m);
/* Log density (mass, where discrete) at unit coordinates unit[n_params]. */
double tpe_oracle_log_density(const struct tpe_oracle_mixture *m, const double *unit);

/* Are parameters modelled together after this history? */
bool tpe_oracle_is_multivariate(const struct tpe_oracle *o, const struct hpo_history *seen);
/* The suggestion after the startup where it is the model's, as an internal row. *margin: by how much log l/g of the
 * candidates taken exceeds that of the next, at least: closer ones than rounding may change places. */
void tpe_oracle_suggest(const struct tpe_oracle *o, const struct hpo_history *seen,
                        struct core_rng *rng, double *internal, double *margin);
