/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes out: a file that appears whole or not at all, an appended log, standard output, or memory. Errors stick: write
 * freely, the first failure (a full disk) is reported by core_sink_close, with the path and the reason. */
#pragma once
#include "core/compiler.h"
#include "core/status.h"
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>

struct core_sink;
/* Written beside as PATH.tmp-PID, flushed, fsynced and renamed over PATH at close. */
enum core_status core_sink_open_file(const char *path, struct core_sink **out,
                                     struct core_error *err) CORE_MUST_CHECK;
enum core_status core_sink_open_append(const char *path, struct core_sink **out,
                                       struct core_error *err) CORE_MUST_CHECK;
enum core_status core_sink_open_fd(int fd, const char *name, struct core_sink **out,
                                   struct core_error *err) CORE_MUST_CHECK;
enum core_status core_sink_open_memory(struct core_str *into, struct core_sink **out,
                                       struct core_error *err) CORE_MUST_CHECK;
void core_sink_write(struct core_sink *sink, const void *bytes, size_t len);
void core_sink_text(struct core_sink *sink, const char *text);
void core_sink_printf(struct core_sink *sink, const char *format, ...) CORE_PRINTF(2, 3);
void core_sink_flush(struct core_sink *sink);
/* CORE_OK only if every byte was accepted and the file is in place. Frees the sink either way; accepts NULL. */
enum core_status core_sink_close(struct core_sink *sink, struct core_error *err) CORE_MUST_CHECK;
/* Gives up: removes the temporary file, frees. Accepts NULL. */
void core_sink_abandon(struct core_sink *sink);
