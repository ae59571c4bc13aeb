/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/compiler.h"

static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

/* Runs only on threads that do not block the signal. On Linux the first thread's id is the
 * process's; there the signal is blocked, and so waits for job_signals_take. */
static void send_on(int number) {
  const int kept = errno;
  (void)syscall(SYS_tgkill, getpid(), getpid(), number);
  errno = kept;
}

enum core_status job_signals_open(int *fd, struct core_error *err) {
  struct sigaction action = {.sa_handler = send_on, .sa_flags = SA_RESTART};
  sigset_t stop;
  sigemptyset(&action.sa_mask);
  sigemptyset(&stop);
  for (size_t i = 0; i < CORE_COUNT_OF(stops); i++) sigaddset(&stop, stops[i]);
  bool good = signal(SIGPIPE, SIG_IGN) != SIG_ERR && pthread_sigmask(SIG_BLOCK, &stop, NULL) == 0;
  for (size_t i = 0; i < CORE_COUNT_OF(stops); i++)
    good = good && sigaction(stops[i], &action, NULL) == 0;
  if (!good) return core_fail_errno(err, CORE_IO, errno, "signals could not be set up");
  *fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
  if (*fd < 0) return core_fail_errno(err, CORE_IO, errno, "signals could not be set up");
  return CORE_OK;
}

int job_signals_take(int fd) {
  struct signalfd_siginfo info;
  return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

const char *job_signal_name(int number) {
  switch (number) {
  case SIGINT:
    return "SIGINT";
  case SIGTERM:
    return "SIGTERM";
  case SIGHUP:
    return "SIGHUP";
  case SIGUSR1:
    return "SIGUSR1";
  default:
    return "a signal";
  }
}
