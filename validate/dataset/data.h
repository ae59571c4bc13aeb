/* SPDX-License-Identifier: GPL-3.0-or-later
 * A dataset, opened: one file by its reader, more by the reader of many. */
#pragma once
#include "validate/dataset/files_reader.h"

struct val_data {
  const struct val_reader_ops *ops;
  struct val_reader *reader;
  struct val_input input; /* of one file */
  bool many;
};
/* The dataset and what the options borrow must live longer. */
enum core_status val_data_open(struct val_data *data, const struct val_dataset *dataset,
                               const struct val_read_options *options,
                               struct core_error *err) CORE_MUST_CHECK;
/* One source, which the caller closes. */
enum core_status val_data_open_source(struct val_data *data, struct core_source *source,
                                      const struct val_read_options *options,
                                      struct core_error *err) CORE_MUST_CHECK;
/* What was found of the dialect, as options that declare it; untouched where nothing was to be found. */
void val_data_found(const struct val_data *data, struct val_read_options *options);
void val_data_close(struct val_data *data);
