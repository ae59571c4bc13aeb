/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every failing row that was kept, one a line, as CSV: data, number of the expectation in the suite (from 1), expectation,
 * column, record (data records from 1), line, byte, value. */
#pragma once
#include "core/sink.h"
#include "validate/result.h"

/* *n_left_out: failing rows that the budget of memory did not keep. */
enum core_status val_failures_csv(const struct val_result *const *results, size_t n,
                                  struct core_sink *sink, int64_t *n_left_out,
                                  struct core_error *err) CORE_MUST_CHECK;
