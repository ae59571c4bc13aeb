/* SPDX-License-Identifier: GPL-3.0-or-later
 * Child processes: each in its own process group, ended when we die, its pipes drained without blocking, and what it
 * prints bounded. No shell. Single-threaded use: start children from the thread that lives as long as they do. */
#pragma once
#include "core/status.h"
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct core_child_spec {
  const char *const *
      argv; /* NULL-terminated; argv[0] is looked up in PATH unless it has a slash (relative to workdir) */
  const char *const
      *env_set; /* "NAME=VALUE"..., NULL-terminated, may be NULL: added to or replacing ours */
  const char *const
      *env_drop; /* prefixes of names not inherited ("OMPI_"), NULL-terminated, may be NULL   */
  const char *workdir; /* NULL: ours */
  bool channel; /* a bidirectional stream socket, its number told to the child in channel_env */
  const char *channel_env; /* "SWEEPGATE_FD" */
};

/* stdin is /dev/null; stdout and stderr are pipes. Descriptors are non-blocking and close-on-exec on our side; -1 once
 * closed. */
struct core_child {
  pid_t pid; /* also the process group; 0 or less: none */
  int out_fd;
  int err_fd;
  int channel_fd;  /* -1 without a channel */
  int exit_fd;     /* becomes readable when the process ends; -1 where the kernel cannot tell */
  bool exited;     /* status below is valid */
  int wait_status; /* as waitpid gives it */
  char marker
      [48]; /* value of CORE_CHILD_MARKER in its environment: finds those that left the group */
};
/* The channel's number in the child: one digit, so that every shell can name it. */
#define CORE_CHILD_CHANNEL_FD 3
#define CORE_CHILD_MARKER     "SWEEPGATE_CHILD"

/* A command that is not found or not executable: CORE_NOT_FOUND / CORE_IO with the reason, no child left. */
enum core_status core_child_start(const struct core_child_spec *spec, struct core_child *child,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Reads what is there into buffer; returns bytes, 0 when nothing is there now, -1 when the stream ended (fd is closed
 * and set to -1). */
long core_child_read(int *fd, char *buffer, size_t cap);
/* True once the process itself has ended; never blocks. Its pid stays reserved until core_child_close. */
bool core_child_reap(struct core_child *child);
/* Signals the whole group (grandchildren that left the group are found through the subreaper). */
void core_child_signal(const struct core_child *child, int signal_number);
/* SIGKILL to whatever is left of the group and its strays, reaps, closes the descriptors. Idempotent; nothing happens to a
 * child that was not started. */
void core_child_close(struct core_child *child);

/* SIGKILL to every process of this machine, not ours alone, whose environment holds `entry` ("NAME=VALUE") and that we may
 * signal: what a parent that was killed has left behind. Returns how many there were. */
size_t core_leftovers_end(const char *entry);

/* Runs to the end with a deadline; at most cap bytes of each stream are kept (the rest is drained and dropped). */
struct core_run_result {
  int wait_status;
  bool timed_out;
  struct core_str out, err;
};
enum core_status core_run(const struct core_child_spec *spec, double timeout_s, size_t cap,
                          struct core_run_result *result, struct core_error *err) CORE_MUST_CHECK;
void core_run_result_close(struct core_run_result *result);
