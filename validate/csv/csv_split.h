/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where a CSV may be cut for several threads. Whether a line end ends a record depends on all quotes before it, which would
 * have to be read first; instead the lines behind a place are tried, once as if it stood outside of quotes and once as if
 * inside, and the reading is taken that makes records of the right width. That is a guess: who cuts must check that the
 * section before ended exactly there. */
#pragma once
#include "core/source.h"
#include "validate/csv/tokenizer.h"

/* The start of a record at or behind byte `near`, or -1: no good place. Moves the source. */
enum core_status val_csv_find_start(struct core_source *source,
                                    const struct val_csv_dialect *dialect, size_t width,
                                    int64_t near, int64_t *start,
                                    struct core_error *err) CORE_MUST_CHECK;
