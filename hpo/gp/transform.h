/* SPDX-License-Identifier: GPL-3.0-or-later
 * Output transforms: from losses as they come to targets that a Gaussian process fits well. Smaller
 * stays better, order is kept exactly, and ties stay ties. */
#pragma once
#include "core/status.h"
#include <stddef.h>

struct hpo_gp_transform;
enum core_status hpo_gp_transform_open(struct hpo_gp_transform **out,
                                       struct core_error *err) CORE_MUST_CHECK;
void hpo_gp_transform_close(struct hpo_gp_transform *t); /* accepts NULL */
/* Learns from the finite losses y[n]; n = 0 is the identity. */
enum core_status hpo_gp_transform_fit(struct hpo_gp_transform *t, const double *y, size_t n,
                                      struct core_error *err) CORE_MUST_CHECK;
/* A loss to its target: finite, rising strictly with y as far as double precision can tell. The
 * targets of the losses learnt from have mean 0 and variance 1, all 0 when they are all equal. */
double hpo_gp_transform_apply(const struct hpo_gp_transform *t, double y);
