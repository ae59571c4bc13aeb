/* SPDX-License-Identifier: GPL-3.0-or-later
 * Names of columns from the header record, as pandas gives them: "Unnamed: 3" for a blank name, "a.1" for a second "a",
 * "0", "1", ... without a header. */
#pragma once
#include "core/mem.h"
#include "validate/csv/csv_block.h"
#include "validate/finding.h"

/* `record` has one record. The names live in `arena`. */
enum core_status val_column_names_of(const struct val_csv_block *record, bool header,
                                     struct core_arena *arena, struct val_findings *findings,
                                     const char ***names, struct core_error *err) CORE_MUST_CHECK;
