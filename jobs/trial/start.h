/* SPDX-License-Identifier: GPL-3.0-or-later
 * From a study and a point to all that an executor needs to run the trial. */
#pragma once
#include "jobs/executor/executor.h"

/* Variable of a command's environment that names its study's storage: processes that outlive a killed driver are found by
 * it. */
#define JOB_STORAGE_VARIABLE "SWEEPGATE_STORAGE"

/* Fills `out` for one attempt of trial `number` at `internal` (a row of the space). Everything that `out` points to
 * lives in the arena or in the spec. */
enum core_status job_start_build(const struct job_spec *spec, uint64_t number, int attempt,
                                 uint64_t study_seed, const double *internal,
                                 struct core_arena *arena, struct job_start *out,
                                 struct core_error *err) CORE_MUST_CHECK;
