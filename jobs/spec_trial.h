/* SPDX-License-Identifier: GPL-3.0-or-later
 * The `trial` section of a study file; only jobs/spec.c needs it. */
#pragma once
#include "jobs/spec.h"

enum core_status job_spec_trial_read(struct job_spec *spec, const struct core_node *map,
                                     struct core_error *err) CORE_MUST_CHECK;
/* An absolute path as it is, others below the folder. NULL: out of memory. */
const char *job_spec_path(struct core_arena *arena, const char *folder, const char *path);
