/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a Gaussian process learns from: the finished trials of a history as rows of features, in the
 * order in which they finished, and their losses, smaller is better. Follows a growing history;
 * everything that it answers is a function of the history alone. */
#pragma once
#include "hpo/gp/features.h"
#include "hpo/history.h"

struct hpo_observed;
/* `features` is borrowed and must outlive it. */
enum core_status hpo_observed_open(const struct hpo_features *features, struct hpo_observed **out,
                                   struct core_error *err) CORE_MUST_CHECK;
void hpo_observed_close(struct hpo_observed *observed); /* accepts NULL */

/* Takes in what is new in `seen`; starts over when `seen` is no continuation of what it followed
 * (the parts of a study under a pruner with brackets). *restarted says so. */
enum core_status hpo_observed_follow(struct hpo_observed *observed, const struct hpo_history *seen,
                                     bool *restarted, struct core_error *err) CORE_MUST_CHECK;

size_t hpo_observed_count(const struct hpo_observed *observed); /* finished trials */
/* Those with a value that is a number: what counts for the start of the model. */
size_t hpo_observed_count_valued(const struct hpo_observed *observed);
/* The value of a complete trial as a loss; NaN of others, and where it is not finite. */
double hpo_observed_value(const struct hpo_observed *observed, size_t i);
const double *hpo_observed_row(const struct hpo_observed *observed, size_t i); /* canonical [d] */

/* The losses of the first n, all finite, into loss[n]:
 *   complete    its value; +inf as failed, -inf the least finite one;
 *   pruned      what it would have come to (hpo/fidelity.h), but not below the best complete one;
 *   failed      the upper quartile of all that have a value: bad, but no outlier.
 * All 0 when none has a value. spread[n]: the standard deviations of estimates, 0 of the others.
 * scratch[n]. */
void hpo_observed_losses(const struct hpo_observed *observed, size_t n, double *loss,
                         double *spread, double *scratch);
