/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes as they come into whole lines, of bounded length. */
#pragma once
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>

struct job_lines {
  size_t limit;         /* of a line's bytes; set by the owner */
  struct core_str rest; /* the line that has not ended yet */
  bool skipping;        /* the line that has not ended was given, cut: the rest of it is dropped */
};
/* `line` is called with each line without its newline, the first `limit` bytes of it when `cut`
 * (as soon as they are there); valid for the call. */
typedef void job_line_fn(void *owner, const char *line, size_t len, bool cut);
void job_lines_feed(struct job_lines *lines, const char *bytes, size_t len, job_line_fn *line,
                    void *owner);
/* The stream has ended: what is left is a line too. */
void job_lines_end(struct job_lines *lines, job_line_fn *line, void *owner);
void job_lines_clear(struct job_lines *lines);
void job_lines_close(struct job_lines *lines);
