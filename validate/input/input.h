/* SPDX-License-Identifier: GPL-3.0-or-later
 * One file of data, opened by what it is: unpacked where it is packed, and read by the reader that claims it. */
#pragma once
#include "validate/reader/reader.h"

struct val_input {
  struct core_source *source;   /* as it lies on disk */
  struct core_source *unpacked; /* NULL: it is not packed */
  const struct val_reader_ops *ops;
  struct val_reader *reader;
  bool owned; /* the source was opened here */
};

/* `source` stands anywhere before, and must live longer. On failure nothing is left open. */
enum core_status val_input_open(struct val_input *input, struct core_source *source,
                                const struct val_read_options *options,
                                struct core_error *err) CORE_MUST_CHECK;
enum core_status val_input_open_file(struct val_input *input, const char *path,
                                     const struct val_read_options *options,
                                     struct core_error *err) CORE_MUST_CHECK;
void val_input_close(struct val_input *input);
