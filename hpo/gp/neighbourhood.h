/* SPDX-License-Identifier: GPL-3.0-or-later
 * A model of the neighbourhood of the best point: the rows nearest to it, with targets, length-scales
 * and noise of their own, and a box around it as wide as these rows are spread. Where a model of the
 * whole space sees a flat valley, it still sees a slope; as points gather round the optimum, the box
 * shrinks with them. After Eriksson et al., "Scalable global optimization via local Bayesian
 * optimization", NeurIPS 2019 (arXiv 1910.01739); there the box follows successes and failures.
 *
 * Hyperparameters are fitted to the nearest rows; the model then holds those in the box and around it,
 * too, which may be farther away (by a choice, in a corner, along a feature with a short length). It
 * would propose such a point again and again if it did not know it. */
#pragma once
#include "hpo/gp/surrogate.h"

struct hpo_neighbourhood;
enum core_status hpo_neighbourhood_open(const struct hpo_features *features, bool deterministic,
                                        struct hpo_neighbourhood **out,
                                        struct core_error *err) CORE_MUST_CHECK;
void hpo_neighbourhood_close(struct hpo_neighbourhood *local); /* accepts NULL */

/* Makes the model afresh around row `centre` of the surrogate. */
enum core_status hpo_neighbourhood_fit(struct hpo_neighbourhood *local,
                                       const struct hpo_surrogate *surrogate, size_t centre,
                                       struct core_arena *scratch,
                                       struct core_error *err) CORE_MUST_CHECK;
struct hpo_gp *hpo_neighbourhood_model(const struct hpo_neighbourhood *local);
/* The least target of its rows. */
double hpo_neighbourhood_best(const struct hpo_neighbourhood *local);
size_t hpo_neighbourhood_count(const struct hpo_neighbourhood *local); /* its rows */
bool hpo_neighbourhood_has(const struct hpo_neighbourhood *local,
                           size_t row); /* of the surrogate */
const double *hpo_neighbourhood_scales(const struct hpo_neighbourhood *local);
const double *
hpo_neighbourhood_low(const struct hpo_neighbourhood *local); /* the box, within [0, 1] */
const double *hpo_neighbourhood_high(const struct hpo_neighbourhood *local);
