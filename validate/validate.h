/* SPDX-License-Identifier: GPL-3.0-or-later
 * The gate in one call: read once, observe the shared metrics, judge every expectation. A pure library: no processes, no
 * MPI, no clock. */
#pragma once
#include "validate/result.h"

struct val_dataset; /* validate/dataset/dataset.h */
struct val_limits {
  size_t failures_bytes; /* budget for failing rows kept over all expectations; 0: 64 MiB */
  bool
      all_failures; /* every failing row is kept within the budget, whatever the result format shows */
  bool strict_columns; /* a column that is not there is CORE_INVAL, before the data is read on */
  bool profile;        /* all columns are read and described: val_result.profile */
  bool no_statistics;  /* every value is read, whatever an input says of its values */
  size_t memory_bytes; /* what metrics may hold before they go on in temporary files; 0: 1 GiB
                          together, and each no more than is of use to it */
  size_t n_threads;    /* that read one input; 0 and 1: the caller's own. Results are the same */
  bool strict_empty;   /* what looked at no value at all fails */
};
/* Streams `source` (positioned at its start) through the suite. A bad data file is a result (success false), an
 * unreadable one is CORE_IO, a suite that does not fit at all (CORE_INVAL) names its line. `limits` may be NULL. */
enum core_status val_validate(struct core_source *source, const struct val_suite *suite,
                              const struct val_limits *limits, struct val_result *result,
                              struct core_error *err) CORE_MUST_CHECK;
/* The same with a dataset: one verdict over all its rows; failing rows name their file. */
enum core_status val_validate_dataset(const struct val_dataset *dataset,
                                      const struct val_suite *suite,
                                      const struct val_limits *limits, struct val_result *result,
                                      struct core_error *err) CORE_MUST_CHECK;
/* The same with the dataset that one word names: a file, a folder, a pattern. */
enum core_status val_validate_file(const char *path, const struct val_suite *suite,
                                   const struct val_limits *limits, struct val_result *result,
                                   struct core_error *err) CORE_MUST_CHECK;
