/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate help [COMMAND]`; also the manual pages and the shell completion that get installed. */
#include <stdio.h>

#include "jobs/cli/dispatch.h"
#include "jobs/cli/manual.h"

static const struct core_option help_options[] = {
    {.name = "man", .type = CORE_OPT_FLAG, .fallback = "false", .help = "write the manual page"},
    {.name = "completion",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "write a completion script for bash"},
    CORE_OPTION_END};

static int help_run(const struct core_options *options, const char *const *words, size_t n_words) {
  struct core_error err = {0};
  struct core_str text = {0};
  const struct job_command *command = n_words ? job_command_find(words[0]) : NULL;
  if (n_words && !command) {
    core_fail(&err, CORE_INVAL, "help: there is no command '%s'; 'sweepgate help' lists them",
              words[0]);
    return job_exit_failure(&err);
  }
  if (core_option_flag(options, "completion"))
    job_manual_completion(&text);
  else if (core_option_flag(options, "man"))
    job_manual_page(command, &text);
  else if (command)
    job_help_command(command, &text);
  else
    job_help_program(&text);
  int code = JOB_EXIT_GOOD;
  if (core_str_status(&text, &err) == CORE_OK)
    fputs(core_str_text(&text), stdout);
  else
    code = job_exit_failure(&err);
  core_str_close(&text);
  return code;
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
