/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a trial printed: a log file of bounded size, and the last lines of its stderr. */
#pragma once
#include "core/log.h"
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOB_LOG_BYTES  (16 * 1024 * 1024) /* of one trial; the rest is dropped with a note */
#define JOB_TAIL_BYTES 4096
#define JOB_TAIL_LINES 20

struct job_printed {
  struct core_str path; /* of the log; empty: none */
  bool append;          /* a further attempt: goes on in the same file */
  int fd;               /* -1: not opened yet (the first byte opens it), or given up */
  bool given_up;
  uint64_t bytes; /* written to the log */
  char tail[2 * JOB_TAIL_BYTES];
  size_t tail_len;
};
/* `path` may be NULL. */
void job_printed_begin(struct job_printed *printed, const char *path, bool append);
/* A log that cannot be written is given up with one warning; a trial does not fail of it. */
void job_printed_add(struct job_printed *printed, const char *bytes, size_t len, bool is_stderr,
                     struct core_log *log);
void job_printed_end(struct job_printed *printed); /* closes the file; the tail stays */
void job_printed_close(struct job_printed *printed);
/* Appends "\n" and the last lines, each escaped, if there are any. */
void job_printed_tail(const struct job_printed *printed, struct core_str *out);

/* Makes the folder and those above it. */
enum core_status job_folder_make(const char *path, struct core_error *err) CORE_MUST_CHECK;
