/* SPDX-License-Identifier: GPL-3.0-or-later
 * The line is drawn as: return, erase to the end of the line, text cut to the terminal's width. It never ends with a
 * newline, so whatever is written next must erase it first: the log does that through core_log_attach. */
#include "core/progress.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/str.h"

static const double redraw_every_s = 0.1;
static const char erase[] = "\r\033[K";

struct core_progress {
  int fd;
  bool terminal;
  bool drawn; /* something stands on the terminal's line */
  struct core_log *log;
  double every_s;
  double last_s; /* -inf: never */
};

static void write_all(int fd, const char *bytes, size_t len) {
  while (len > 0) {
    const ssize_t done = write(fd, bytes, len);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return; /* a status line is worth no error */
    bytes += done;
    len -= (size_t)done;
  }
}

static void clear_line(void *context) {
  struct core_progress *progress = context;
  if (progress->drawn) write_all(progress->fd, erase, sizeof erase - 1);
  progress->drawn = false;
}

struct core_progress *core_progress_open(int fd, struct core_log *log, double plain_every_s) {
  struct core_progress *progress = core_calloc(1, sizeof *progress);
  if (!progress) return NULL;
  progress->fd = fd;
  progress->terminal = isatty(fd);
  progress->log = log;
  progress->every_s = progress->terminal ? redraw_every_s : plain_every_s;
  progress->last_s = -INFINITY;
  core_log_attach(log, clear_line, progress);
  return progress;
}

static size_t terminal_columns(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

/* Bytes of the longest prefix with at most `columns` code points. */
static size_t cut(const char *text, size_t len, size_t columns) {
  size_t at = 0;
  for (size_t seen = 0; at < len; at++) {
    if (((unsigned char)text[at] & 0xC0) != 0x80 && seen++ == columns) break;
  }
  return at;
}

static void draw(struct core_progress *progress, const char *format, va_list args)
    CORE_PRINTF(2, 0);
static void draw(struct core_progress *progress, const char *format, va_list args) {
  struct core_str text = {0}, line = {0};
  core_str_vprintf(&text, format, args);
  if (progress->terminal) core_str_text_append(&line, erase);
  const size_t before = line.len;
  core_str_escaped(&line, core_str_text(&text), text.len, text.len);
  if (!progress->terminal) core_str_char(&line, '\n');
  if (!text.failed && !line.failed) {
    /* the last column stays free: some terminals wrap as soon as it is written */
    const size_t room = progress->terminal ? terminal_columns(progress->fd) - 1 : line.len;
    write_all(progress->fd, line.data, before + cut(line.data + before, line.len - before, room));
    progress->drawn = progress->terminal;
  }
  core_str_close(&line);
  core_str_close(&text);
}

void core_progress_show(struct core_progress *progress, double now_s, bool force,
                        const char *format, ...) {
  if (!progress || (!force && now_s - progress->last_s < progress->every_s)) return;
  progress->last_s = now_s;
  va_list args;
  va_start(args, format);
  core_log_lock(progress->log);
  draw(progress, format, args);
  core_log_unlock(progress->log);
  va_end(args);
}

void core_progress_close(struct core_progress *progress) {
  if (!progress) return;
  core_log_attach(progress->log, NULL, NULL);
  clear_line(progress);
  core_free(progress);
}
