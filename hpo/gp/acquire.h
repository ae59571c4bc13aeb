/* SPDX-License-Identifier: GPL-3.0-or-later
 * The maximum of an acquisition over a space: candidates, then climbs from the best of them that
 * alternate bounded L-BFGS over the continuous features with a search of the discrete ones, value by
 * value. A deterministic function of the search and its random numbers. */
#pragma once
#include "hpo/gp/search.h"

/* The best point found that is not taken, as a full row[d]; its value (may be NULL). When every
 * point seen is taken (a discrete space without a rest), the best of all of them: repeats are then
 * right. d must not be 0. */
enum core_status hpo_acquire(const struct hpo_search *search, double *full, double *value,
                             struct core_error *err) CORE_MUST_CHECK;
