/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum core_status job_signals_open(int *fd, struct core_error *err) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGHUP);
  sigaddset(&stop, SIGUSR1);
  if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || pthread_sigmask(SIG_BLOCK, &stop, NULL) != 0)
    return core_fail_errno(err, CORE_IO, errno, "signals could not be set up");
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
