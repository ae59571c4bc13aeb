/* SPDX-License-Identifier: GPL-3.0-or-later
 * Output transforms: from losses as they come to targets that a Gaussian process fits well. Smaller
 * stays better, and order is kept as far as double precision can tell.
 *
 * With u = (y - best) / softness, a loss becomes
 *
 *   ((1 + u)^power - 1) / power,   log(1 + u) for power 0,   u itself for y below the best,
 *
 * standardised: the Box-Cox transform (1964) from an origin that the data choose. Good losses, up to
 * the softness above the best, stay nearly as they are; orders of magnitude above them become equal
 * steps (power 0), or flatten out (power < 0). power 1 is standardising alone. Powers above 1, which
 * would spend the model's resolution on bad losses, are not used. */
#pragma once
#include "core/status.h"
#include <stddef.h>

struct hpo_gp_transform;
enum core_status hpo_gp_transform_open(struct hpo_gp_transform **out,
                                       struct core_error *err) CORE_MUST_CHECK;
void hpo_gp_transform_close(struct hpo_gp_transform *t); /* accepts NULL */

/* Learns from the finite losses y[n], of any size; n = 0 is the identity. Power and softness (a
 * quantile of the losses' distances from the best) are those under which the targets look most
 * like draws of one normal distribution, with a bias to standardising alone: at least
 * HPO_GP_TRANSFORM_GAIN in log likelihood. O(n log n). */
enum core_status hpo_gp_transform_fit(struct hpo_gp_transform *t, const double *y, size_t n,
                                      struct core_error *err) CORE_MUST_CHECK;
#define HPO_GP_TRANSFORM_GAIN 2.0
/* The same with given power <= 1 and the softness at quantile `share` in (0, 1] of the distances. */
enum core_status hpo_gp_transform_fit_as(struct hpo_gp_transform *t, const double *y, size_t n,
                                         double power, double share,
                                         struct core_error *err) CORE_MUST_CHECK;

/* Learns from other losses, with the power and the share of the last time. */
enum core_status hpo_gp_transform_refit(struct hpo_gp_transform *t, const double *y, size_t n,
                                        struct core_error *err) CORE_MUST_CHECK;

/* A loss to its target, finite. The targets of the losses learnt from have mean 0 and variance 1;
 * all of them are 0 when all losses are equal. */
double hpo_gp_transform_apply(const struct hpo_gp_transform *t, double y);
/* log (d target / d loss), up to a constant that is the same for all transforms: a density of
 * targets plus the sum of this over their losses is one of losses, which compares transforms. */
double hpo_gp_transform_log_slope(const struct hpo_gp_transform *t, double y);
/* The variance of the target of a loss that is known with this standard deviation: by the targets of
 * the losses so far below and above it. 0 for spread 0, at most 1e4. */
double hpo_gp_transform_variance(const struct hpo_gp_transform *t, double y, double spread);
double hpo_gp_transform_power(const struct hpo_gp_transform *t);
double hpo_gp_transform_softness(const struct hpo_gp_transform *t); /* in units of the losses */
