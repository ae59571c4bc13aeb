/* SPDX-License-Identifier: GPL-3.0-or-later
 * Descendants of a child that left its process group (setsid, double fork). When their parent dies
 * they become children of ours, for we are a subreaper; /proc tells which child's marker they
 * carry. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/child.h"
#include "core/clock.h"
#include "core/mem.h"

enum { ENVIRON_BYTES_MAX = 1 << 18, STAT_BYTES = 512, CHILDREN_BYTES = 1 << 16 };

/* Up to cap - 1 bytes of a file of /proc, NUL-terminated; the length, or 0. */
static size_t read_proc(const char *path, char *buffer, size_t cap) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  size_t len = 0;
  while (len + 1 < cap) {
    const ssize_t got = read(fd, buffer + len, cap - 1 - len);
    if (got <= 0) break;
    len += (size_t)got;
  }
  close(fd);
  buffer[len] = '\0';
  return len;
}

static bool carries_marker(pid_t pid, const char *marker, char *buffer) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
  const size_t len = read_proc(path, buffer, ENVIRON_BYTES_MAX);
  char entry[sizeof CORE_CHILD_MARKER + sizeof((struct core_child *)0)->marker];
  const int entry_len = snprintf(entry, sizeof entry, "%s=%s", CORE_CHILD_MARKER, marker);
  return memmem(buffer, len, entry, (size_t)entry_len + 1) != NULL; /* with its NUL */
}

/* Reaps a dead process that is an orphan come to us, not a child that somebody here started and
 * will wait for: its group is neither ours nor its own, or its session is not ours. True if it is
 * still dying: its children are yet to come. */
static bool reap_orphan(pid_t pid) {
  enum { FLAG_EXITING = 4 };
  char path[64], stat[STAT_BYTES];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (read_proc(path, stat, sizeof stat) == 0) return false;
  const char *behind_name = strrchr(stat, ')');
  char state;
  int group, session;
  unsigned flags;
  if (!behind_name ||
      sscanf(behind_name + 1, " %c %*d %d %d %*d %*d %u", &state, &group, &session, &flags) != 4) {
    return false;
  }
  if (group == getpgrp() || (group == pid && session == getsid(0))) return false;
  if (state == 'Z') waitpid(pid, NULL, WNOHANG);
  return state != 'Z' && (flags & FLAG_EXITING) != 0;
}

static size_t signal_listed(const char *pids, const struct core_child *child, int signal_number,
                            char *environ_buffer) {
  size_t alive = 0;
  char *end;
  for (long pid = strtol(pids, &end, 10); end != pids; pids = end, pid = strtol(pids, &end, 10)) {
    if (pid == child->pid) continue;
    if (carries_marker((pid_t)pid, child->marker, environ_buffer)) {
      kill((pid_t)pid, signal_number);
      alive++;
    } else if (reap_orphan((pid_t)pid)) {
      alive++;
    }
  }
  return alive;
}

size_t child_signal_strays(const struct core_child *child, int signal_number) {
  size_t alive = 0;
  char *buffers = core_alloc(ENVIRON_BYTES_MAX + CHILDREN_BYTES);
  DIR *tasks =
      opendir("/proc/self/task"); /* children are listed with the thread that they belong to */
  if (!buffers || !tasks) goto out;
  for (const struct dirent *task; (task = readdir(tasks)) != NULL;) {
    char path[64];
    if (task->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/self/task/%.20s/children", task->d_name);
    char *pids = buffers + ENVIRON_BYTES_MAX;
    if (read_proc(path, pids, CHILDREN_BYTES) > 0)
      alive += signal_listed(pids, child, signal_number, buffers);
  }
out:
  if (tasks) closedir(tasks);
  core_free(buffers);
  return alive;
}

/* One look: SIGKILL to every process that carries the entry. */
static size_t kill_carriers(const char *entry, char *buffer) {
  size_t n = 0;
  DIR *processes = opendir("/proc");
  if (!processes) return 0;
  for (const struct dirent *process; (process = readdir(processes)) != NULL;) {
    char path[64], *end;
    const long pid = strtol(process->d_name, &end, 10);
    if (*end != '\0' || pid <= 1 || pid == getpid()) continue;
    snprintf(path, sizeof path, "/proc/%ld/environ", pid);
    const size_t len = read_proc(path, buffer, ENVIRON_BYTES_MAX);
    const char *found = memmem(buffer, len, entry, strlen(entry) + 1); /* with its NUL */
    if (found && (found == buffer || found[-1] == '\0')) n += kill((pid_t)pid, SIGKILL) == 0;
  }
  closedir(processes);
  return n;
}

size_t core_leftovers_end(const char *entry) {
  enum { ROUNDS_MAX = 200 };
  size_t ended = 0;
  char *buffer = core_alloc(ENVIRON_BYTES_MAX);
  if (!buffer) return 0;
  for (int round = 0; round < ROUNDS_MAX; round++) {
    const size_t n = kill_carriers(entry, buffer);
    if (round == 0) ended = n;
    if (n == 0) break; /* those that were forked while we looked are found by the next look */
    core_sleep(0.002);
  }
  core_free(buffer);
  return ended;
}
