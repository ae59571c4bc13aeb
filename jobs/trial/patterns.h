/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values out of the lines that a trial prints, for programs that cannot be changed.
 *
 * With a pattern: a regular expression searched in each line; its named group `value` is the value, `step` the step
 * (without it steps count up from 1), `metric` the metric's name (needed with several objectives).
 * Without: `name=value` pairs anywhere in a line, as Katib's collector reads them (a time stamp before them does no
 * harm); a pair `step=N` or `epoch=N` of the same line gives the step. Syne Tune's lines `[tune-metric]: {...}` too. */
#pragma once
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOB_PATTERN_LINE_BYTES 65536 /* of a longer line only this much is looked at */

struct job_patterns;
struct job_found {
  size_t metric; /* index of the objective */
  int64_t step;
  double value;
};

/* A pattern that does not compile or lacks a group: CORE_INVAL. `metrics` is copied. */
enum core_status job_patterns_open(const char *pattern, const char *const *metrics,
                                   size_t n_metrics, struct job_patterns **out,
                                   struct core_error *err) CORE_MUST_CHECK;
void job_patterns_close(struct job_patterns *patterns); /* accepts NULL */
/* A new trial: steps count from 1 again. */
void job_patterns_reset(struct job_patterns *patterns);
/* Was it opened with these? */
bool job_patterns_same(const struct job_patterns *patterns, const char *pattern,
                       const char *const *metrics, size_t n_metrics);
/* Calls `found` for each value in the line (without its newline). */
void job_patterns_line(struct job_patterns *patterns, const char *line, size_t len,
                       void (*found)(void *owner, const struct job_found *value), void *owner);
