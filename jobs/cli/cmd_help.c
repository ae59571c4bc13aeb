/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate help [COMMAND]`. */
#include <stdio.h>

#include "jobs/cli/dispatch.h"

static const struct core_option help_options[] = {CORE_OPTION_END};

static int help_run(const struct core_options *options, const char *const *words, size_t n_words) {
  (void)options;
  struct core_str text = {0};
  const struct job_command *command = n_words ? job_command_find(words[0]) : NULL;
  if (n_words && !command) {
    struct core_error err = {0};
    core_fail(&err, CORE_INVAL, "help: there is no command '%s'; 'sweepgate help' lists them",
              words[0]);
    return job_exit_failure(&err);
  }
  if (command)
    job_help_command(command, &text);
  else
    job_help_program(&text);
  fputs(core_str_text(&text), stdout);
  core_str_close(&text);
  return JOB_EXIT_GOOD;
}

const struct job_command job_command_help = {
    .name = "help",
    .synopsis = "[COMMAND]",
    .summary = "list the commands, or tell about one",
    .description = "",
    .options = help_options,
    .max_words = 1,
    .run = help_run,
};
