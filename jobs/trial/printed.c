/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/printed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void job_printed_begin(struct job_printed *printed, const char *path, bool append) {
  core_str_clear(&printed->path);
  if (path) core_str_text_append(&printed->path, path);
  printed->append = append;
  printed->fd = -1;
  printed->given_up = path == NULL || printed->path.failed;
  printed->bytes = 0;
  printed->tail_len = 0;
}

enum core_status job_folder_make(const char *path, struct core_error *err) {
  struct core_str part = {0};
  enum core_status st = CORE_OK;
  for (const char *at = path; st == CORE_OK && *at;) {
    const size_t len = strcspn(at + 1, "/") + 1; /* with the slash before it */
    core_str_append(&part, at, len);
    at += len;
    st = core_str_status(&part, err);
    if (st == CORE_OK && mkdir(core_str_text(&part), 0777) != 0 && errno != EEXIST &&
        errno != EISDIR && errno != EROFS)
      st = core_fail_errno(err, CORE_IO, errno, "cannot make folder '%s'", core_str_text(&part));
  }
  struct stat found;
  if (st == CORE_OK && stat(path, &found) != 0)
    st = core_fail_errno(err, CORE_IO, errno, "cannot make folder '%s'", path);
  else if (st == CORE_OK && !S_ISDIR(found.st_mode))
    st = core_fail(err, CORE_IO, "cannot make folder '%s': a file stands there", path);
  core_str_close(&part);
  return st;
}

static void log_give_up(struct job_printed *printed, struct core_log *log) {
  core_log_warn(log, "cannot write the trial's log '%s': %s", core_str_text(&printed->path),
                strerror(errno));
  printed->given_up = true;
}

static bool log_open(struct job_printed *printed, struct core_log *log) {
  const char *path = core_str_text(&printed->path);
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_APPEND;
  const int extra = printed->append ? 0 : O_TRUNC;
  printed->fd = open(path, flags | extra, 0666);
  if (printed->fd < 0 && errno == ENOENT) {
    struct core_str folder = {0};
    const char *slash = strrchr(path, '/');
    core_str_append(&folder, path, slash ? (size_t)(slash - path) : 0);
    if (slash && slash != path && job_folder_make(core_str_text(&folder), NULL) == CORE_OK)
      printed->fd = open(path, flags | extra, 0666);
    core_str_close(&folder);
  }
  if (printed->fd < 0) log_give_up(printed, log);
  return printed->fd >= 0;
}

static void log_write(struct job_printed *printed, const char *bytes, size_t len,
                      struct core_log *log) {
  while (len) {
    const ssize_t n = write(printed->fd, bytes, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      log_give_up(printed, log);
      return;
    }
    bytes += n;
    len -= (size_t)n;
    printed->bytes += (size_t)n;
  }
}

static void tail_add(struct job_printed *printed, const char *bytes, size_t len) {
  if (len > JOB_TAIL_BYTES) {
    bytes += len - JOB_TAIL_BYTES;
    len = JOB_TAIL_BYTES;
  }
  if (printed->tail_len + len > sizeof printed->tail) {
    const size_t keep = sizeof printed->tail - JOB_TAIL_BYTES;
    memmove(printed->tail, printed->tail + printed->tail_len - keep, keep);
    printed->tail_len = keep;
  }
  memcpy(printed->tail + printed->tail_len, bytes, len);
  printed->tail_len += len;
}

void job_printed_add(struct job_printed *printed, const char *bytes, size_t len, bool is_stderr,
                     struct core_log *log) {
  if (is_stderr) tail_add(printed, bytes, len);
  if (printed->given_up || len == 0) return;
  if (printed->fd < 0 && !log_open(printed, log)) return;
  const size_t room = JOB_LOG_BYTES - (size_t)printed->bytes;
  log_write(printed, bytes, len < room ? len : room, log);
  if (len <= room || printed->given_up) return;
  static const char note[] = "\n[sweepgate: the log ends here; the trial printed more]\n";
  log_write(printed, note, sizeof note - 1, log);
  printed->given_up = true;
}

void job_printed_end(struct job_printed *printed) {
  if (printed->fd >= 0) close(printed->fd);
  printed->fd = -1;
  printed->given_up = true;
}

void job_printed_close(struct job_printed *printed) {
  job_printed_end(printed);
  core_str_close(&printed->path);
}

void job_printed_tail(const struct job_printed *printed, struct core_str *out) {
  const char *end = printed->tail + printed->tail_len;
  while (end > printed->tail && (end[-1] == '\n' || end[-1] == '\r')) end--;
  const char *begin = end;
  for (int lines = 0; begin > printed->tail && end - begin < JOB_TAIL_BYTES; begin--)
    if (begin[-1] == '\n' && ++lines == JOB_TAIL_LINES) break;
  while (begin < end) {
    const char *newline = memchr(begin, '\n', (size_t)(end - begin));
    const size_t len = (size_t)((newline ? newline : end) - begin);
    core_str_char(out, '\n');
    core_str_escaped(out, begin, len, JOB_TAIL_BYTES);
    begin += len + (newline != NULL);
  }
}
