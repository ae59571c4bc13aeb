/* SPDX-License-Identifier: GPL-3.0-or-later
 * How an operation that could not be done says so: a status for the program, one sentence for the
 * person.
 *
 * Three kinds are never mixed. A status (this file): the operation failed. A finding: the data is
 * bad, a trial failed or was pruned; an ordinary result, never a status. A bug: assert(). Nothing
 * below jobs/cli prints or exits. */
#pragma once
#include "core/compiler.h"

/* X(NAME, what it means) */
#define CORE_STATUS_LIST(X)                                                                        \
  X(OK, "done")                                                                                    \
  X(INVAL, "an argument, a study file or a suite file is wrong")                                   \
  X(NOMEM, "out of memory")                                                                        \
  X(IO, "an input could not be read or an output not written")                                     \
  X(PARSE, "an input is malformed, truncated or corrupt")                                          \
  X(NOT_FOUND, "the named thing does not exist")                                                   \
  X(EXISTS, "the named thing exists already")                                                      \
  X(LIMIT, "a documented limit was exceeded")                                                      \
  X(BUSY, "somebody else holds it")                                                                \
  X(UNSUPPORTED, "not built in, or not supported for this input")                                  \
  X(EXHAUSTED, "nothing is left to give (a finite sampler, a closed stream)")                      \
  X(INTERRUPTED, "a signal asked to stop")

enum core_status {
#define X(name, meaning) CORE_##name,
  CORE_STATUS_LIST(X)
#undef X
};

/* A place in an input that a person can open. line and column are 1-based; 0 means "not known". */
struct core_pos {
  const char *file; /* borrowed; NULL when there is no file */
  int line;
  int column;
};

#define CORE_ERROR_MESSAGE_BYTES 1024
#define CORE_ERROR_FILE_BYTES    512

/* Filled once, at the point of failure; later core_fail calls on a filled error are ignored unless
 * it was cleared. Zero-initialise before use: struct core_error err = {0}. */
struct core_error {
  enum core_status status;
  int line;
  int column;
  char file[CORE_ERROR_FILE_BYTES];
  char message[CORE_ERROR_MESSAGE_BYTES];
};

/* Each returns `status`, so that `return core_fail(err, CORE_INVAL, "...")` reads as one act. `err`
 * may be NULL. The sentence names the thing, the value and the remedy, has no trailing dot or
 * newline; bytes of untrusted input in it are escaped (control characters, invalid UTF-8) before
 * they are stored. */
enum core_status core_fail(struct core_error *err, enum core_status status, const char *format, ...)
    CORE_PRINTF(3, 4);
enum core_status core_fail_at(struct core_error *err, enum core_status status, struct core_pos pos,
                              const char *format, ...) CORE_PRINTF(4, 5);
/* Like core_fail, with ": " and strerror(errno_value) appended. */
enum core_status core_fail_errno(struct core_error *err, enum core_status status, int errno_value,
                                 const char *format, ...) CORE_PRINTF(4, 5);
/* Fills CORE_NOMEM with the number of bytes that could not be had. */
enum core_status core_fail_nomem(struct core_error *err, unsigned long long bytes);

#if defined(__clang_analyzer__) && !defined(CORE_STATUS_DEFINED_HERE)
/* The analyser looks into one file at a time and would not know what these return. */
#define core_fail(err, status, ...)    ((void)core_fail(err, status, __VA_ARGS__), (status))
#define core_fail_at(err, status, ...) ((void)core_fail_at(err, status, __VA_ARGS__), (status))
#define core_fail_errno(err, status, ...)                                                          \
  ((void)core_fail_errno(err, status, __VA_ARGS__), (status))
#define core_fail_nomem(err, bytes) ((void)core_fail_nomem(err, bytes), CORE_NOMEM)
#endif

void core_error_clear(struct core_error *err);

/* "FILE:LINE:COLUMN: message" (parts that are not known left out) into `out`; returns the length
 * that was needed, as snprintf does. */
int core_error_text(const struct core_error *err, char *out, unsigned long out_bytes);

const char *core_status_name(enum core_status status); /* "INVAL" */

#define CORE_TRY(expression)                                                                       \
  do {                                                                                             \
    const enum core_status core_try_status = (expression);                                         \
    if (core_try_status != CORE_OK) return core_try_status;                                        \
  } while (0)
