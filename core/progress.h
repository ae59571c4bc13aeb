/* SPDX-License-Identifier: GPL-3.0-or-later
 * One status line that is redrawn in place on a terminal; elsewhere plain lines, at most one every `plain_every_s`. */
#pragma once
#include "core/compiler.h"
#include "core/log.h"
#include <stdbool.h>

struct core_progress;
/* `fd` is asked once whether it is a terminal. now_s values come from the caller's monotonic clock. */
/* NULL when out of memory; the functions below accept that and do nothing. Nothing of it is drawn over a message of
 * `log`, which may be NULL. */
struct core_progress *core_progress_open(int fd, struct core_log *log, double plain_every_s);
/* Redraws when at least 0.1 s passed since the last drawing (terminal) or plain_every_s (elsewhere); `force` draws now. */
void core_progress_show(struct core_progress *progress, double now_s, bool force,
                        const char *format, ...) CORE_PRINTF(4, 5);
void core_progress_close(struct core_progress *progress); /* clears the line */
