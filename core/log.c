/* SPDX-License-Identifier: GPL-3.0-or-later
 * One message is one write, so that lines of several processes on one terminal do not mix. Control
 * characters are escaped: a message may hold bytes of untrusted input. */
#include "core/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/str.h"

enum { MESSAGE_BYTES_MAX = 1 << 16, KINDS_COUNTED = 32 };

/* Warnings made by one format are of one kind. */
struct kind {
  const char *format;
  unsigned long long n;
};

struct core_log {
  int fd;
  enum core_log_level most;
  char *prefix;
  pthread_mutex_t mutex;
  struct kind kinds[KINDS_COUNTED];
  void (*before)(void *context);
  void *context;
};

struct core_log *core_log_open(int fd, enum core_log_level most, const char *prefix) {
  struct core_log *log = core_calloc(1, sizeof *log);
  char *kept = core_strdup(prefix ? prefix : "");
  if (!log || !kept || pthread_mutex_init(&log->mutex, NULL) != 0) {
    core_free(kept);
    core_free(log);
    return NULL;
  }
  log->fd = fd;
  log->most = most;
  log->prefix = kept;
  return log;
}

void core_log_close(struct core_log *log) {
  if (!log) return;
  pthread_mutex_destroy(&log->mutex);
  core_free(log->prefix);
  core_free(log);
}

void core_log_attach(struct core_log *log, void (*before)(void *context), void *context) {
  if (!log) return;
  core_log_lock(log);
  log->before = before;
  log->context = context;
  core_log_unlock(log);
}

void core_log_lock(struct core_log *log) {
  if (log) pthread_mutex_lock(&log->mutex);
}

void core_log_unlock(struct core_log *log) {
  if (log) pthread_mutex_unlock(&log->mutex);
}

static void write_all(int fd, const char *bytes, size_t len) {
  while (len > 0) {
    const ssize_t done = write(fd, bytes, len);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return; /* nobody is left to be told */
    bytes += done;
    len -= (size_t)done;
  }
}

static void write_lines(struct core_log *log, enum core_log_level level, const char *text) {
  static const char *const marks[] = {"", "warning: ", "", "debug: "};
  struct core_str out = {0};
  do {
    const size_t len = strcspn(text, "\n");
    if (log->prefix[0]) core_str_printf(&out, "%s: ", log->prefix);
    core_str_text_append(&out, marks[level]);
    core_str_escaped(&out, text, len, MESSAGE_BYTES_MAX);
    core_str_char(&out, '\n');
    text += len;
  } while (*text++ && *text);
  static const char no_memory[] = "out of memory while a message was written\n";
  core_log_lock(log);
  if (log->before) log->before(log->context);
  if (out.failed) {
    write_all(log->fd, no_memory, sizeof no_memory - 1);
  } else {
    write_all(log->fd, out.data, out.len);
  }
  core_log_unlock(log);
  core_str_close(&out);
}

/* How many warnings of this kind came before; 0 for a kind that found no room in the table. */
static unsigned long long count_before(struct core_log *log, const char *format) {
  unsigned long long n = 0;
  core_log_lock(log);
  for (size_t i = 0; i < KINDS_COUNTED; i++) {
    struct kind *kind = &log->kinds[i];
    if (kind->format && kind->format != format) continue;
    kind->format = format;
    n = kind->n++;
    break;
  }
  core_log_unlock(log);
  return n;
}

static void log_vprintf(struct core_log *log, enum core_log_level level, const char *format,
                        va_list args) CORE_PRINTF(3, 0);
static void log_vprintf(struct core_log *log, enum core_log_level level, const char *format,
                        va_list args) {
  if (!log || level > log->most) return;
  const unsigned long long before = level == CORE_LOG_WARN ? count_before(log, format) : 0;
  if (before > CORE_LOG_SAME_WARNINGS) return;
  if (before == CORE_LOG_SAME_WARNINGS) {
    write_lines(log, level, "more like the last one: not shown");
    return;
  }
  struct core_str text = {0};
  core_str_vprintf(&text, format, args);
  write_lines(log, level,
              text.failed ? "out of memory while a message was made" : core_str_text(&text));
  core_str_close(&text);
}

#define DEFINE_LEVEL(name, level)                                                                  \
  void core_log_##name(struct core_log *log, const char *format, ...) {                            \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    log_vprintf(log, level, format, args);                                                         \
    va_end(args);                                                                                  \
  }
DEFINE_LEVEL(error, CORE_LOG_ERROR)
DEFINE_LEVEL(warn, CORE_LOG_WARN)
DEFINE_LEVEL(info, CORE_LOG_INFO)
DEFINE_LEVEL(debug, CORE_LOG_DEBUG)
#undef DEFINE_LEVEL

void core_log_failure(struct core_log *log, const struct core_error *err) {
  char text[CORE_ERROR_FILE_BYTES + CORE_ERROR_MESSAGE_BYTES + 32];
  core_error_text(err, text, sizeof text);
  core_log_error(log, "%s", text);
}
