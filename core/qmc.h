/* SPDX-License-Identifier: GPL-3.0-or-later
 * Low-discrepancy points in the unit cube: Sobol up to 40 dimensions, Halton up to 1,229 (GSL's generators), optionally
 * scrambled: nested digit scrambling (Sobol; Owen 1995) or a shift modulo 1 (Halton), keyed by a seed. */
#pragma once
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum core_qmc_kind { CORE_QMC_SOBOL, CORE_QMC_HALTON };
#define CORE_QMC_SOBOL_MAX_DIM  40
#define CORE_QMC_HALTON_MAX_DIM 1229

struct core_qmc;
/* CORE_LIMIT when dim is beyond the kind's maximum. */
enum core_status core_qmc_open(enum core_qmc_kind kind, size_t dim, bool scramble, uint64_t seed,
                               struct core_qmc **out, struct core_error *err) CORE_MUST_CHECK;
/* Point number `index` (0-based, the first is the origin unless scrambled) into x[dim], each in [0, 1). Cheap when indices come in rising order; an index below
 * the last one starts over. */
enum core_status core_qmc_point(struct core_qmc *qmc, uint64_t index, double *x,
                                struct core_error *err) CORE_MUST_CHECK;
void core_qmc_close(struct core_qmc *qmc);
