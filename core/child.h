/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parts of core/subprocess.c; nothing else includes this. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "core/subprocess.h"

/* Everything that the new process needs, made ready beforehand: between its birth and exec it may
 * only make system calls. */
struct child_plan {
  char *const *argv;
  char *const *env;
  char *const *candidates; /* paths to try in turn, NULL-terminated; never empty */
  const char *workdir;     /* NULL: ours */
  int in_fd, out_fd, err_fd;
  int channel_fd; /* -1: none */
  int report_fd;  /* struct child_failure goes here when exec cannot be reached */
};
enum child_stage { CHILD_STAGE_SETUP, CHILD_STAGE_WORKDIR, CHILD_STAGE_EXEC };
struct child_failure {
  enum child_stage stage;
  int errno_value;
};
/* The process id, or -1 with errno. */
pid_t child_spawn(const struct child_plan *plan);

/* Signals every descendant that left the group of `child` and lost its parent to us, as far as its
 * environment carries the child's marker; reaps what of them has ended. Returns how many are still
 * alive. */
size_t child_signal_strays(const struct core_child *child, int signal_number);

/* The environment and the candidate paths of a spec, in one block of memory each. */
struct child_strings {
  char **list; /* NULL-terminated */
  char *text;  /* what of it we own */
};
bool child_environment(const struct core_child_spec *spec, const char *marker,
                       struct child_strings *out);
bool child_candidates(const struct core_child_spec *spec, char *const *env,
                      struct child_strings *out);
void child_strings_close(struct child_strings *strings);
