/* SPDX-License-Identifier: GPL-3.0-or-later
 * Starting, watching and ending child processes. What happens between birth and exec is in
 * core/child_spawn.c, who belongs to a child although it left the group in core/child_strays.c. */
#include "core/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/child.h"
#include "core/clock.h"
#include "core/mem.h"

/* Ours and the child's end of each stream. */
struct streams {
  int null_fd;
  int out[2], err[2], report[2]; /* pipes: read, write */
  int channel[2];                /* sockets: ours, the child's */
};

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void close_pair(int pair[2]) {
  close_fd(&pair[0]);
  close_fd(&pair[1]);
}

/* Away from 0, 1, 2 and the channel's number, which the child overwrites; those may be free when we
 * were started without them. */
static bool lift(int *fd) {
  if (*fd > CORE_CHILD_CHANNEL_FD) return true;
  const int lifted = *fd < 0 ? -1 : fcntl(*fd, F_DUPFD_CLOEXEC, CORE_CHILD_CHANNEL_FD + 1);
  close_fd(fd);
  *fd = lifted;
  return lifted >= 0;
}

static bool open_pipe(int pair[2], int flags) {
  if (pipe2(pair, O_CLOEXEC) != 0) return false;
  return lift(&pair[0]) && lift(&pair[1]) && fcntl(pair[0], F_SETFL, flags) == 0;
}

static bool open_channel(int pair[2]) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  return lift(&pair[0]) && lift(&pair[1]) && fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool open_streams(struct streams *s, bool channel) {
  *s = (struct streams){
      .null_fd = -1, .out = {-1, -1}, .err = {-1, -1}, .report = {-1, -1}, .channel = {-1, -1}};
  s->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return lift(&s->null_fd) && open_pipe(s->out, O_NONBLOCK) && open_pipe(s->err, O_NONBLOCK) &&
         open_pipe(s->report, 0) && (!channel || open_channel(s->channel));
}

static void close_streams(struct streams *s) {
  close_fd(&s->null_fd);
  close_pair(s->out);
  close_pair(s->err);
  close_pair(s->report);
  close_pair(s->channel);
}

/* env_set with the channel's number added; the list is the caller's to free, its last text is
 * `number`. */
static const char **with_channel(const struct core_child_spec *spec, char *number,
                                 size_t number_bytes) {
  size_t n = 0;
  while (spec->env_set && spec->env_set[n]) n++;
  const char **list = core_calloc(n + 2, sizeof *list);
  if (!list) return NULL;
  for (size_t i = 0; i < n; i++) list[i] = spec->env_set[i];
  if (spec->channel) {
    snprintf(number, number_bytes, "%s=%d", spec->channel_env, CORE_CHILD_CHANNEL_FD);
    list[n] = number;
  }
  return list;
}

static enum core_status explain(const struct core_child_spec *spec, struct child_failure failure,
                                struct core_error *err) {
  const char *name = spec->argv[0];
  const int code = failure.errno_value;
  if (failure.stage == CHILD_STAGE_WORKDIR) {
    return core_fail_errno(err, code == ENOENT ? CORE_NOT_FOUND : CORE_IO, code,
                           "working folder '%s' cannot be entered", spec->workdir);
  }
  if (failure.stage == CHILD_STAGE_SETUP) {
    return core_fail_errno(err, CORE_IO, code, "command '%s' cannot be prepared", name);
  }
  if (code == ENOENT && !strchr(name, '/')) {
    return core_fail(err, CORE_NOT_FOUND, "command '%s' was not found in PATH", name);
  }
  if (code == ENOENT && (name[0] == '/' || !spec->workdir) && access(name, F_OK) == 0) {
    return core_fail(err, CORE_NOT_FOUND,
                     "command '%s' needs an interpreter that does not exist; see its first line",
                     name);
  }
  if (code == ENOEXEC) {
    return core_fail(err, CORE_IO,
                     "command '%s' is no program of this machine, nor a script that begins with #!",
                     name);
  }
  return core_fail_errno(err, code == ENOENT ? CORE_NOT_FOUND : CORE_IO, code,
                         "command '%s' cannot be executed", name);
}

/* Blocks until exec closed the other end or a failure came through: vfork's child has done either
 * by now. */
static bool read_failure(int fd, struct child_failure *failure) {
  ssize_t got;
  do got = read(fd, failure, sizeof *failure);
  while (got < 0 && errno == EINTR);
  return got == (ssize_t)sizeof *failure;
}

/* Ended children must wait for us, and orphans of our children must come to us. Both are properties
 * of the process. */
static void become_parent(void) {
  struct sigaction now;
  if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN) {
    now.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &now, NULL);
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static enum core_status spawn(const struct core_child_spec *spec, struct streams *s,
                              struct core_child *child, struct core_error *err) {
  enum core_status status = CORE_OK;
  struct child_strings env = {0}, candidates = {0};
  char number[128];
  struct core_child_spec full = *spec;
  const char **env_set = with_channel(spec, number, sizeof number);
  full.env_set = env_set;
  if (!env_set || !child_environment(&full, child->marker, &env) ||
      !child_candidates(&full, env.list, &candidates)) {
    status = core_fail_nomem(err, sizeof number);
    goto out;
  }
  const struct child_plan plan = {.argv = (char *const *)spec->argv,
                                  .env = env.list,
                                  .candidates = candidates.list,
                                  .workdir = spec->workdir,
                                  .in_fd = s->null_fd,
                                  .out_fd = s->out[1],
                                  .err_fd = s->err[1],
                                  .channel_fd = s->channel[1],
                                  .report_fd = s->report[1]};
  become_parent();
  child->pid = child_spawn(&plan);
  if (child->pid < 0) {
    status = core_fail_errno(err, CORE_IO, errno, "no process for command '%s'", spec->argv[0]);
    goto out;
  }
  close_fd(&s->report[1]);
  struct child_failure failure;
  if (read_failure(s->report[0], &failure)) {
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    child->pid = -1;
    status = explain(spec, failure, err);
  }
out:
  child_strings_close(&candidates);
  child_strings_close(&env);
  core_free(env_set);
  return status;
}

static int take(int *fd) {
  const int taken = *fd;
  *fd = -1;
  return taken;
}

enum core_status core_child_start(const struct core_child_spec *spec, struct core_child *child,
                                  struct core_error *err) {
  *child =
      (struct core_child){.pid = -1, .out_fd = -1, .err_fd = -1, .channel_fd = -1, .exit_fd = -1};
  const struct core_clock *clock = core_clock_system();
  snprintf(child->marker, sizeof child->marker, "%d-%llu", (int)getpid(),
           (unsigned long long)(clock->monotonic_s(clock) * 1e9));
  enum core_status status;
  struct streams s;
  if (!open_streams(&s, spec->channel)) {
    status = core_fail_errno(err, CORE_IO, errno, "no pipes for command '%s'", spec->argv[0]);
  } else {
    status = spawn(spec, &s, child, err);
  }
  if (status == CORE_OK) {
    child->out_fd = take(&s.out[0]);
    child->err_fd = take(&s.err[0]);
    child->channel_fd = take(&s.channel[0]);
    child->exit_fd = pidfd_open(child->pid, 0); /* close-on-exec by itself */
  }
  close_streams(&s);
  return status;
}

long core_child_read(int *fd, char *buffer, size_t cap) {
  if (*fd < 0) return -1;
  ssize_t got;
  do got = read(*fd, buffer, cap);
  while (got < 0 && errno == EINTR);
  if (got > 0) return (long)got;
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  close_fd(fd);
  return -1;
}

/* waitid with WNOWAIT leaves the dead process in the table, so that its number cannot be given to a
 * stranger whom core_child_signal would then hit. */
bool core_child_reap(struct core_child *child) {
  if (child->exited || child->pid <= 0) return true;
  siginfo_t info = {0};
  if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    if (errno != ECHILD) return false;
    child->wait_status = 127 << 8; /* somebody else took its status */
    return child->exited = true;
  }
  if (info.si_pid == 0) return false;
  const int dumped = info.si_code == CLD_DUMPED ? 0x80 : 0;
  child->wait_status =
      info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status | dumped;
  return child->exited = true;
}

void core_child_signal(const struct core_child *child, int signal_number) {
  if (child->pid <= 0) return;
  kill(-child->pid, signal_number);
  (void)child_signal_strays(child, signal_number);
}

/* Killed processes need a moment to go, and their children come to us only then: so rounds, until
 * the group was empty before a look found no stray. The bound is for a process that the kernel
 * cannot end (a dead network file system); it is left behind. */
static void end_all(struct core_child *child) {
  enum { ROUNDS_MAX = 2000 };
  for (int round = 0; round < ROUNDS_MAX; round++) {
    kill(-child->pid, SIGKILL);
    if (core_child_reap(child)) waitpid(child->pid, NULL, WNOHANG);
    const bool group_is_empty = kill(-child->pid, 0) != 0;
    if (child_signal_strays(child, SIGKILL) == 0 && group_is_empty) return;
    core_sleep(0.0005);
  }
}

void core_child_close(struct core_child *child) {
  if (child->pid <= 0) return;
  end_all(child);
  child->pid = -1;
  close_fd(&child->out_fd);
  close_fd(&child->err_fd);
  close_fd(&child->channel_fd);
  close_fd(&child->exit_fd);
}
