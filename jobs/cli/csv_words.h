/* SPDX-License-Identifier: GPL-3.0-or-later
 * --csv KEY=VALUE, --csv auto: the keys of a suite's `csv` section on a command line. */
#pragma once
#include "core/option.h"
#include "validate/reader/reader.h"

/* Over what `read` has already. Texts are copied into the arena. */
enum core_status job_csv_options(const struct core_options *options, struct core_arena *arena,
                                 struct val_read_options *read,
                                 struct core_error *err) CORE_MUST_CHECK;
