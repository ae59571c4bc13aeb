/* SPDX-License-Identifier: GPL-3.0-or-later
 * Messages for people, on standard error: "sweepgate: text". A log is a value handed down; there is no global one.
 * With a progress line on the terminal (core/progress.h), a message first clears it. Thread-safe. */
#pragma once
#include "core/compiler.h"
#include "core/status.h"
#include <stdbool.h>

enum core_log_level { CORE_LOG_ERROR, CORE_LOG_WARN, CORE_LOG_INFO, CORE_LOG_DEBUG };
struct core_log; /* opaque; NULL is a log that swallows everything */
struct core_log *core_log_open(int fd, enum core_log_level most, const char *prefix);
void core_log_close(struct core_log *log);
void core_log_error(struct core_log *log, const char *format, ...) CORE_PRINTF(2, 3);
/* Warnings of one kind (one format, a string literal) are shown CORE_LOG_SAME_WARNINGS times, then a line says that more of
 * them are not: ten thousand failing trials must not bury the rest. */
#define CORE_LOG_SAME_WARNINGS 20
void core_log_warn(struct core_log *log, const char *format, ...) CORE_PRINTF(2, 3);
void core_log_info(struct core_log *log, const char *format, ...) CORE_PRINTF(2, 3);
void core_log_debug(struct core_log *log, const char *format, ...) CORE_PRINTF(2, 3);
void core_log_failure(struct core_log *log,
                      const struct core_error *err); /* an error with its position */

/* For core/progress.c alone: `before` is called, with the log locked, before each message is written; NULL detaches.
 * core_log_lock keeps messages out while the caller draws. Both accept a NULL log. */
void core_log_attach(struct core_log *log, void (*before)(void *context), void *context);
void core_log_lock(struct core_log *log);
void core_log_unlock(struct core_log *log);
