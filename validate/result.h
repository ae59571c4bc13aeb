/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a validation found: for the reports and the gate. Everything is owned by the result's arena. */
#pragma once
#include "validate/facts.h"
#include "validate/finding.h"
#include "validate/suite.h"

struct val_profile;

/* One failing row of a map, pair or multicolumn expectation. */
struct val_failure {
  const char *json; /* the value, [a,b], or {"col":v,...} as JSON */
  const char *text; /* the same for people */
  const char
      *index_json; /* values of the index columns as {"col":v,"pk":i}; NULL without index columns */
  const char *row_json; /* all columns as {"col":v,...}; NULL unless include_unexpected_rows */
  int64_t row;          /* 0-based data row; GX's unexpected_index_list */
  int64_t line;         /* 1-based; -1: none */
  int64_t byte;         /* -1: none */
  const char *file;     /* of a dataset of files: where line and byte count; NULL: there is one */
  int64_t file_row;     /* 0-based data row in that file; == row without one */
};

/* One file of a dataset. */
struct val_file_rows {
  const char *path;
  int64_t first_row, n_rows, bytes; /* bytes -1: not known */
};

struct val_verdict {
  const struct val_expected *expected;
  bool success;
  const char *
      exception; /* the expectation could not be evaluated (unknown column, wrong type): the sentence; it
                                  counts as failed. NULL otherwise */
  const char *
      note; /* of a failed one: what a column's type came from, where that is worth a word (val_field); NULL: nothing */
  enum val_proof
      proof; /* what the input says of itself that made reading unnecessary; NONE: values were read */
  bool is_map;         /* the counts and failures below are set */
  bool counts_missing; /* missing_* fields apply (false for *_null expectations) */
  bool has_counts; /* element_count and missing_count are set: every map expectation, and one-column
                                  aggregates (GX 0.x reports them there too) */
  int64_t element_count; /* rows looked at */
  int64_t
      missing_count; /* nulls; for pairs and more columns the rows that ignore_row_if left out */
  int64_t unexpected_count;
  const struct val_failure *failures; /* in row order */
  size_t n_failures; /* <= unexpected_count: up to partial_count, or the budget for COMPLETE */
  size_t n_kept;     /* >= n_failures: those beyond are kept for val_limits.all_failures */
  const char *observed_json; /* aggregate and table expectations; NULL: none */
  const char *observed_text; /* the same for people; NULL: none */
  const char *details_json;  /* GX's details; NULL: none */
};

struct val_result {
  struct core_arena arena;
  const char *data_name;
  const struct val_suite *suite; /* borrowed */
  bool success;                  /* no critical expectation failed and there are no findings */
  struct val_verdict *verdicts;  /* parallel to suite->expected */
  size_t n_verdicts;
  size_t n_success;
  struct val_findings findings;
  const struct val_field *fields; /* the schema as read */
  size_t n_fields;
  const struct val_profile *profile; /* validate/profile/profile.h; NULL: not asked for */
  const struct val_file_rows *files; /* in order; NULL: one file, named as such */
  size_t n_files;
  struct val_read_options
      found; /* how the data was read, where the suite's dialect was to be found out */
  int64_t n_rows, n_bytes;
  double seconds;        /* filled by the caller that has a clock */
  double started_unix_s; /* likewise */
};
/* The worst severity among failed verdicts; -1 when none failed. */
int val_result_worst(const struct val_result *result);
void val_result_close(struct val_result *result);
