/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate version`: what this program is and what was built in. */
#include <stdio.h>

#include "jobs/cli/command.h"

static const struct core_option version_options[] = {CORE_OPTION_END};

static int version_run(const struct core_options *options, const char *const *words,
                       size_t n_words) {
  (void)options, (void)words, (void)n_words;
  puts("sweepgate " SWEEPGATE_VERSION);
#ifdef SWEEPGATE_WITH_MPI
  puts("executors: local mpi");
#else
  puts("executors: local");
#endif
  return JOB_EXIT_GOOD;
}

const struct job_command job_command_version = {
    .name = "version",
    .synopsis = "",
    .summary = "print the version and what was built in",
    .description = "",
    .options = version_options,
    .run = version_run,
};
