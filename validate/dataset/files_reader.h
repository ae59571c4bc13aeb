/* SPDX-License-Identifier: GPL-3.0-or-later
 * A reader of many files as one input: rows are numbered through, lines and bytes are those of the file that a row is in.
 * A column's type is that of all files together. */
#pragma once
#include "validate/dataset/union.h"
#include "validate/result.h"

/* Either of two sets of functions, by what the files are. The dataset and what the options borrow must live longer. */
enum core_status val_files_open(const struct val_dataset *dataset,
                                const struct val_read_options *options,
                                const struct val_reader_ops **ops, struct val_reader **out,
                                struct core_error *err) CORE_MUST_CHECK;
/* Once the last batch was given; in `arena`. */
enum core_status val_files_rows(const struct val_reader *reader, struct core_arena *arena,
                                const struct val_file_rows **out, size_t *n,
                                struct core_error *err) CORE_MUST_CHECK;
/* The dialect that was found, into options; see val_data_found. */
void val_files_found(const struct val_reader *reader, struct val_read_options *options);
