/* SPDX-License-Identifier: GPL-3.0-or-later
 * What every report for people says of a verdict: how grave it is, and in one sentence what was seen instead of what was
 * expected. */
#pragma once
#include "validate/report/failure_tally.h"
#include "validate/report/report.h"

enum val_level { VAL_LEVEL_PASS, VAL_LEVEL_NOTE, VAL_LEVEL_WARNING, VAL_LEVEL_ERROR };
/* An error fails the data; what failed without that is a warning or a note by its severity. */
enum val_level val_seen_level(const struct val_verdict *verdict,
                              const struct val_report_options *options);

/* Rows that were judged: those that were not missing, where that is a difference. */
int64_t val_seen_judged(const struct val_verdict *verdict);

/* "3 of 1461 values fail (0.21%)", "observed 17.2", the exception; then the note where there is one. What comes from the
 * data is escaped and cut to `width`. */
void val_seen_append(const struct val_verdict *verdict, size_t width, struct core_str *out);

/* "line 17", or "row 16" of data without lines, from 1 as people count; "b.csv line 17" of a dataset. */
void val_seen_place(const struct val_failure *failure, struct core_str *out);
/* "line 17: ", "b.csv line 17: ", "b.csv: " or nothing: what stands before a finding's message. */
void val_seen_finding_place(const struct val_finding *finding, struct core_str *out);
/* "lines 5, 9, 10 and 1 more": where the rows of a group are, at most `most` of them. */
void val_seen_places(const struct val_verdict *verdict, const struct val_tally *tally,
                     const struct val_tally_group *group, size_t most, struct core_str *out);

/* "passed" or "FAILED": "8 of 10 expectations met; failed: 1 critical, 1 warning; 2 faults". */
void val_seen_summary(const struct val_result *result, struct core_str *out);

/* How many verdicts or findings of the results are at that level. */
int64_t val_seen_count(const struct val_result *const *results, size_t n,
                       const struct val_report_options *options, enum val_level level);
