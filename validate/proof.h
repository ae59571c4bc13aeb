/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a part of an input says of itself, asked for step by step: first what costs nothing, then, only of columns that it
 * left open, what must be looked up. */
#pragma once
#include "validate/engine.h"
#include "validate/reader/reader.h"

/* The reader's next part, of n_rows rows: the pass takes what is said of it; wanted[i]: column i must be read. `facts` and
 * `wanted` have room for one a column of the plan's schema. */
enum core_status val_proof_take(const struct val_reader_ops *ops, struct val_reader *reader,
                                int64_t n_rows, size_t n_columns, struct val_pass *pass,
                                struct val_facts *facts, bool *wanted,
                                struct core_error *err) CORE_MUST_CHECK;
