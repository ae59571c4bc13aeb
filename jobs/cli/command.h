/* SPDX-License-Identifier: GPL-3.0-or-later
 * A command of the program is one file and one row: its option rows give parsing, -h, the man page. */
#pragma once
#include "core/option.h"

/* Exit codes, everywhere (docs/formats.md). */
enum job_exit {
  JOB_EXIT_GOOD = 0,
  JOB_EXIT_DATA_FAILED = 1, /* the data failed its suite, or the gate closed */
  JOB_EXIT_USAGE = 2,       /* usage, or a bad study or suite file */
  JOB_EXIT_UNREADABLE = 3,  /* an input is missing, truncated or corrupt */
  JOB_EXIT_NO_TRIAL = 4,    /* the sweep ended with no finished trial */
  JOB_EXIT_PRUNED = 10,     /* trial-report only: stop now */
  JOB_EXIT_STOPPED = 75     /* a signal stopped it, state is saved: run again to resume */
};
struct job_command {
  const char *name;
  const char *synopsis;    /* "STUDY.yaml [options]" */
  const char *summary;     /* one line */
  const char *description; /* paragraphs for -h and the man page */
  const struct core_option *options;
  size_t min_words, max_words; /* words beside options; SIZE_MAX: any number */
  /* Returns an exit code. Prints results on stdout, everything else on stderr. */
  int (*run)(const struct core_options *options, const char *const *words, size_t n_words);
};
const struct job_command *const *job_command_all(void);
const struct job_command *job_command_find(const char *name);
/* Prints "sweepgate: FILE:LINE:COLUMN: message" and gives the exit code for the status. */
int job_exit_failure(const struct core_error *err);
