/* SPDX-License-Identifier: GPL-3.0-or-later
 * Errors are formatted into fixed storage, so that running out of memory can be told like anything
 * else. Never allocates, never prints. */
#define CORE_STATUS_DEFINED_HERE
#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"

static const char *const names[] = {
#define X(name, meaning) #name,
    CORE_STATUS_LIST(X)
#undef X
};

const char *core_status_name(enum core_status status) {
  return (size_t)status < CORE_COUNT_OF(names) ? names[status] : "UNKNOWN";
}

void core_error_clear(struct core_error *err) {
  if (err) memset(err, 0, sizeof *err);
}

/* The raw text is twice as long as what is kept: its own cut never shows. */
CORE_PRINTF(4, 0)
static void fill(struct core_error *err, enum core_status status, struct core_pos pos,
                 const char *format, va_list args, const char *tail) {
  char raw[2 * CORE_ERROR_MESSAGE_BYTES];
  int len = vsnprintf(raw, sizeof raw, format, args);
  if (len < 0) len = 0;
  if (len >= (int)sizeof raw) len = (int)sizeof raw - 1;
  raw[len] = '\0';
  if (tail) snprintf(raw + len, sizeof raw - (size_t)len, ": %s", tail);
  err->status = status;
  err->line = pos.line;
  err->column = pos.column;
  err->file[0] = '\0';
  if (pos.file) core_escape(err->file, sizeof err->file, pos.file, strlen(pos.file));
  core_escape(err->message, sizeof err->message, raw, strlen(raw));
}

enum core_status core_fail(struct core_error *err, enum core_status status, const char *format,
                           ...) {
  if (!err || err->status != CORE_OK) return status;
  va_list args;
  va_start(args, format);
  fill(err, status, (struct core_pos){0}, format, args, NULL);
  va_end(args);
  return status;
}

enum core_status core_fail_at(struct core_error *err, enum core_status status, struct core_pos pos,
                              const char *format, ...) {
  if (!err || err->status != CORE_OK) return status;
  va_list args;
  va_start(args, format);
  fill(err, status, pos, format, args, NULL);
  va_end(args);
  return status;
}

enum core_status core_fail_errno(struct core_error *err, enum core_status status, int errno_value,
                                 const char *format, ...) {
  if (!err || err->status != CORE_OK) return status;
  const char *reason = strerrordesc_np(errno_value); /* untranslated, safe in threads */
  va_list args;
  va_start(args, format);
  fill(err, status, (struct core_pos){0}, format, args, reason ? reason : "unknown error");
  va_end(args);
  return status;
}

enum core_status core_fail_nomem(struct core_error *err, unsigned long long bytes) {
  return core_fail(err, CORE_NOMEM, "out of memory (%llu bytes could not be had)", bytes);
}

int core_error_text(const struct core_error *err, char *out, unsigned long out_bytes) {
  if (!err->file[0]) return snprintf(out, out_bytes, "%s", err->message);
  if (err->line <= 0) return snprintf(out, out_bytes, "%s: %s", err->file, err->message);
  if (err->column <= 0)
    return snprintf(out, out_bytes, "%s:%d: %s", err->file, err->line, err->message);
  return snprintf(out, out_bytes, "%s:%d:%d: %s", err->file, err->line, err->column, err->message);
}
