/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/lines.h"

#include <string.h>

/* Out of memory loses lines, never more: the buffer starts anew at the next line. */
static void rest_append(struct job_lines *lines, const char *bytes, size_t len) {
  const size_t room = lines->limit - lines->rest.len;
  if (len > room) lines->cut = true;
  core_str_append(&lines->rest, bytes, len < room ? len : room);
}

static void rest_give(struct job_lines *lines, job_line_fn *line, void *owner) {
  if (!lines->rest.failed) line(owner, core_str_text(&lines->rest), lines->rest.len, lines->cut);
  job_lines_clear(lines);
}

void job_lines_feed(struct job_lines *lines, const char *bytes, size_t len, job_line_fn *line,
                    void *owner) {
  while (len) {
    const char *newline = memchr(bytes, '\n', len);
    const size_t n = newline ? (size_t)(newline - bytes) : len;
    if (newline && lines->rest.len == 0 && !lines->cut && n <= lines->limit) {
      line(owner, bytes, n, false); /* the common case: nothing is copied */
    } else {
      rest_append(lines, bytes, n);
      if (newline) rest_give(lines, line, owner);
    }
    const size_t used = n + (newline != NULL);
    bytes += used;
    len -= used;
  }
}

void job_lines_end(struct job_lines *lines, job_line_fn *line, void *owner) {
  if (lines->rest.len || lines->cut) rest_give(lines, line, owner);
}

void job_lines_clear(struct job_lines *lines) {
  core_str_clear(&lines->rest);
  lines->rest.failed = false;
  lines->cut = false;
}

void job_lines_close(struct job_lines *lines) {
  core_str_close(&lines->rest);
}
