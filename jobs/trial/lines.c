/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/lines.h"

#include <string.h>

/* Out of memory loses a line, never more. */
static void rest_give(struct job_lines *lines, bool cut, job_line_fn *line, void *owner) {
  if (!lines->rest.failed) line(owner, core_str_text(&lines->rest), lines->rest.len, cut);
  core_str_clear(&lines->rest);
}

/* A part of a line; its newline follows when `ends`. */
static void part_add(struct job_lines *lines, const char *bytes, size_t len, bool ends,
                     job_line_fn *line, void *owner) {
  const size_t room = lines->limit - lines->rest.len;
  const bool cut = len > room;
  if (!lines->skipping) {
    core_str_append(&lines->rest, bytes, cut ? room : len);
    if (cut || ends) rest_give(lines, cut, line, owner);
  }
  lines->skipping = (lines->skipping || cut) && !ends;
}

void job_lines_feed(struct job_lines *lines, const char *bytes, size_t len, job_line_fn *line,
                    void *owner) {
  while (len) {
    const char *newline = memchr(bytes, '\n', len);
    const size_t n = newline ? (size_t)(newline - bytes) : len;
    if (newline && lines->rest.len == 0 && !lines->skipping && n <= lines->limit)
      line(owner, bytes, n, false); /* the common case: nothing is copied */
    else
      part_add(lines, bytes, n, newline != NULL, line, owner);
    const size_t used = n + (newline != NULL);
    bytes += used;
    len -= used;
  }
}

void job_lines_end(struct job_lines *lines, job_line_fn *line, void *owner) {
  if (lines->rest.len) rest_give(lines, false, line, owner);
  job_lines_clear(lines);
}

void job_lines_clear(struct job_lines *lines) {
  core_str_clear(&lines->rest);
  lines->skipping = false;
}

void job_lines_close(struct job_lines *lines) {
  core_str_close(&lines->rest);
}
