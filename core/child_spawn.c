/* SPDX-License-Identifier: GPL-3.0-or-later
 * The birth of a child process.
 *
 * posix_spawn has no attribute for the parent-death signal, and a helper program that sets it and
 * executes the command would be one more exec for each trial and one more file to find on each
 * node. So this does what glibc's posix_spawn does inside: vfork, which copies no page tables
 * however large the caller is, all signals blocked so that none of our handlers runs in the shared
 * memory, and then nothing but system calls until exec. */
#include "core/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static void fail_and_exit(const struct child_plan *plan, enum child_stage stage) {
  const struct child_failure failure = {.stage = stage, .errno_value = errno};
  /* Smaller than PIPE_BUF: written whole. If nobody reads, the parent is gone and so is the need.
   */
  const ssize_t ignored = write(plan->report_fd, &failure, sizeof failure);
  (void)ignored;
  _exit(127);
}

/* Handlers would run code of ours, ignored signals would stay ignored: the command starts with
 * neither. */
static void reset_signals(void) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigemptyset(&standard.sa_mask);
  for (int number = 1; number < NSIG; number++) {
    if (number != SIGKILL && number != SIGSTOP)
      sigaction(number, &standard, NULL); /* some are glibc's: EINVAL */
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only 0, 1, 2 and the channel survive exec, whatever libraries have left open without O_CLOEXEC.
 */
static bool arrange_descriptors(const struct child_plan *plan) {
  if (dup2(plan->in_fd, 0) < 0 || dup2(plan->out_fd, 1) < 0 || dup2(plan->err_fd, 2) < 0)
    return false;
  close_range(
      3, ~0U,
      CLOSE_RANGE_CLOEXEC); /* Linux 5.11; before that, our own descriptors have the flag anyway */
  return plan->channel_fd < 0 || dup2(plan->channel_fd, CORE_CHILD_CHANNEL_FD) >= 0;
}

static void exec_first_found(const struct child_plan *plan) {
  int worst = ENOENT;
  for (char *const *path = plan->candidates; *path; path++) {
    execve(*path, plan->argv, plan->env);
    if (errno != ENOENT && errno != ENOTDIR) worst = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  errno = worst;
}

static _Noreturn void become_command(const struct child_plan *plan, pid_t parent) {
  if (setpgid(0, 0) != 0) fail_and_exit(plan, CHILD_STAGE_SETUP);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail_and_exit(plan, CHILD_STAGE_SETUP);
  if (getppid() != parent) _exit(127); /* it died before the line above */
  if (!arrange_descriptors(plan)) fail_and_exit(plan, CHILD_STAGE_SETUP);
  if (plan->workdir && chdir(plan->workdir) != 0) fail_and_exit(plan, CHILD_STAGE_WORKDIR);
  reset_signals();
  exec_first_found(plan);
  fail_and_exit(plan, CHILD_STAGE_EXEC);
  _exit(127);
}

pid_t child_spawn(const struct child_plan *plan) {
  const pid_t parent = getpid();
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid =
      vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork): see the head of this file */
  if (pid == 0)
    become_command(plan, parent); /* NOLINT(clang-analyzer-unix.Vfork): makes system calls only */
  const int kept = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = kept;
  return pid;
}
