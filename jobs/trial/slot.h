/* SPDX-License-Identifier: GPL-3.0-or-later
 * The resident process of an in-process objective: loads the shared library once, then runs its function for one trial
 * after the other. It is this same program started again, so any program that opens a local executor for libraries
 * begins its main() with
 *
 *   if (job_slot_asked(argc, argv)) return job_slot_main(argc, argv);
 *
 * The ABI of the function is jobs/client/sweepgate_objective.h. */
#pragma once
#include "core/str.h"
#include "jobs/executor/executor.h"
#include <stdbool.h>

#define JOB_SLOT_WORD     "trial-slot"     /* argv[1]; argv[2] library, argv[3] function */
#define JOB_SLOT_VARIABLE "SWEEPGATE_SLOT" /* set for a slot until it has begun to serve */

bool job_slot_asked(int argc, char **argv);
int job_slot_main(int argc, char **argv);

/* The request line that starts a trial in a slot. */
void job_slot_request(const struct job_start *start, struct core_str *out);
