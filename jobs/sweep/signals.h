/* SPDX-License-Identifier: GPL-3.0-or-later
 * Requests to stop (SIGINT, SIGTERM, SIGHUP, SIGUSR1) as a readable descriptor, with no global
 * state. Open and read it on the process's first thread, before our others are started: the signals
 * are blocked from then on. A library may have started threads before main began; what the system delivers to one of these is sent on to the first. */
#pragma once
#include "core/status.h"

/* *fd is readable when a signal is waiting. Also ignores SIGPIPE. */
enum core_status job_signals_open(int *fd, struct core_error *err) CORE_MUST_CHECK;
/* The number of a signal that came, 0 when none did. */
int job_signals_take(int fd);
const char *job_signal_name(int number); /* "SIGTERM" */
