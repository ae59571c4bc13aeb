/* SPDX-License-Identifier: GPL-3.0-or-later
 * The initial design that model-based samplers share: points of the unit cube that cover it evenly
 * before there is anything to learn from. Point k is a function of (space, seed, k) alone, so
 * trials that run in parallel get different points when k is the trial's number.
 *
 * Up to 40 parameters with more than one value: a Sobol net scrambled by the seed. Every further
 * 40 take the same net in an order of their own within each block of 64 points (Latin supercube
 * sampling: Owen, TOMACS 8, 1998), so that each coordinate alone stays evenly covered. */
#pragma once
#include "hpo/space.h"

struct hpo_design;
/* `space` is borrowed and must outlive the design. */
enum core_status hpo_design_open(const struct hpo_space *space, uint64_t seed,
                                 struct hpo_design **out, struct core_error *err) CORE_MUST_CHECK;
/* Writes point k to unit[n_params], each in [0, 1); 0.5 where a parameter has one value only. Cheap
 * when k rises from call to call. CORE_LIMIT beyond 2^30 points. */
enum core_status hpo_design_point(struct hpo_design *design, uint64_t k, double *unit,
                                  struct core_error *err) CORE_MUST_CHECK;
void hpo_design_close(struct hpo_design *design); /* accepts NULL */
