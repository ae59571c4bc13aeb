/* SPDX-License-Identifier: GPL-3.0-or-later
 * The commands of the program, and the way from a command line to one of them. */
#include "jobs/cli/command.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "jobs/cli/dispatch.h"

#define X(name) extern const struct job_command job_command_##name;
#include "jobs/cli/command_list.h"
#undef X

static const struct job_command *const all[] = {
#define X(name) &job_command_##name,
#include "jobs/cli/command_list.h"
#undef X
    NULL};

const struct job_command *const *job_command_all(void) {
  return all;
}

const struct job_command *job_command_find(const char *name) {
  for (const struct job_command *const *c = all; *c; c++)
    if (strcmp((*c)->name, name) == 0) return *c;
  return NULL;
}

int job_exit_failure(const struct core_error *err) {
  char text[CORE_ERROR_FILE_BYTES + CORE_ERROR_MESSAGE_BYTES + 64];
  core_error_text(err, text, sizeof text);
  fprintf(stderr, "sweepgate: %s\n", text);
  switch (err->status) {
  case CORE_OK:
    return JOB_EXIT_GOOD;
  case CORE_INTERRUPTED:
    return JOB_EXIT_STOPPED;
  case CORE_IO:
  case CORE_PARSE:
  case CORE_NOT_FOUND:
  case CORE_LIMIT:
  case CORE_NOMEM:
    return JOB_EXIT_UNREADABLE;
  default:
    return JOB_EXIT_USAGE;
  }
}

void job_help_command(const struct job_command *command, struct core_str *out) {
  core_str_printf(out, "usage: sweepgate %s%s%s\n\n%s\n", command->name,
                  *command->synopsis ? " " : "", command->synopsis, command->summary);
  if (command->description && *command->description)
    core_str_printf(out, "\n%s\n", command->description);
  core_str_text_append(out, "\noptions:\n");
  core_options_help(command->options, true, out);
  core_str_text_append(out, "  -h, --help                show this help\n");
}

void job_help_program(struct core_str *out) {
  core_str_text_append(out,
                       "usage: sweepgate COMMAND [options]\n\n"
                       "Hyperparameter sweeps gated by data checks, as batch jobs.\n\ncommands:\n");
  for (const struct job_command *const *c = all; *c; c++)
    core_str_printf(out, "  %-14s %s\n", (*c)->name, (*c)->summary);
  core_str_text_append(
      out,
      "\n'sweepgate COMMAND -h' tells about one command.\n"
      "exit codes: 0 good, 1 the data failed its suite, 2 usage or a bad file, 3 an input could "
      "not "
      "be read,\n  4 no trial finished, 75 stopped by a signal with the state saved: run again\n");
}

static bool asks_for_help(int argc, char **argv) {
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) return true;
  return false;
}

static int print_help(const struct job_command *command) {
  struct core_str text = {0};
  if (command)
    job_help_command(command, &text);
  else
    job_help_program(&text);
  fputs(core_str_text(&text), stdout);
  core_str_close(&text);
  return JOB_EXIT_GOOD;
}

static enum core_status check_words(const struct job_command *command, size_t n_words,
                                    const char *const *words, struct core_error *err) {
  if (n_words < command->min_words)
    return core_fail(err, CORE_INVAL, "%s: an argument is missing; usage: sweepgate %s %s",
                     command->name, command->name, command->synopsis);
  if (n_words > command->max_words)
    return core_fail(err, CORE_INVAL, "%s: '%s' is one argument too many; usage: sweepgate %s %s",
                     command->name, words[command->max_words], command->name, command->synopsis);
  return CORE_OK;
}

static int run_command(const struct job_command *command, int argc, char **argv) {
  struct core_error err = {0};
  struct core_options options = {0};
  size_t n_words = 0;
  int code;
  const char **words = core_calloc((size_t)argc + 1, sizeof *words);
  if (!words) {
    core_fail_nomem(&err, sizeof *words);
    return job_exit_failure(&err);
  }
  if (core_options_parse(&options, command->options, argc, argv, words, &n_words, &err) !=
          CORE_OK ||
      check_words(command, n_words, words, &err) != CORE_OK)
    code = job_exit_failure(&err);
  else
    code = command->run(&options, words, n_words);
  core_options_close(&options);
  core_free(words);
  return code;
}

static int unknown_command(const char *name) {
  const char *names[CORE_COUNT_OF(all)];
  for (size_t i = 0; i < CORE_COUNT_OF(all); i++) names[i] = all[i] ? all[i]->name : NULL;
  const char *near = core_nearest(name, names);
  struct core_error err = {0};
  core_fail(&err, CORE_INVAL, "unknown command '%s'%s%s%s; 'sweepgate help' lists them", name,
            near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
  return job_exit_failure(&err);
}

int job_main(int argc, char **argv) {
  int code;
  if (argc < 2) {
    struct core_str text = {0};
    job_help_program(&text);
    fputs(core_str_text(&text), stderr);
    core_str_close(&text);
    return JOB_EXIT_USAGE;
  }
  const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
  const struct job_command *command = job_command_find(name);
  if (asks_for_help(1, argv + 1))
    code = print_help(NULL);
  else if (!command)
    code = unknown_command(name);
  else if (asks_for_help(argc - 2, argv + 2))
    code = print_help(command);
  else
    code = run_command(command, argc - 2, argv + 2);
  if (fflush(stdout) != 0 && code == JOB_EXIT_GOOD) {
    struct core_error err = {0};
    core_fail(&err, CORE_IO, "standard output could not be written");
    code = job_exit_failure(&err);
  }
  return code;
}
