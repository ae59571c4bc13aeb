/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/dataset/data.h"

enum core_status val_data_open(struct val_data *data, const struct val_dataset *dataset,
                               const struct val_read_options *options, struct core_error *err) {
  *data = (struct val_data){.many = dataset->many || dataset->n_keys > 0};
  if (data->many) return val_files_open(dataset, options, &data->ops, &data->reader, err);
  CORE_TRY(val_union_open_file(dataset, 0, options, &data->input, err));
  data->ops = data->input.ops;
  data->reader = data->input.reader;
  return CORE_OK;
}

enum core_status val_data_open_source(struct val_data *data, struct core_source *source,
                                      const struct val_read_options *options,
                                      struct core_error *err) {
  *data = (struct val_data){.many = false};
  CORE_TRY(val_input_open(&data->input, source, options, err));
  data->ops = data->input.ops;
  data->reader = data->input.reader;
  return CORE_OK;
}

void val_data_found(const struct val_data *data, struct val_read_options *options) {
  if (data->many)
    val_files_found(data->reader, options);
  else if (data->ops->found && options->sniff)
    data->ops->found(data->reader, options);
}

void val_data_close(struct val_data *data) {
  if (data->many && data->reader) data->ops->close(data->reader);
  val_input_close(&data->input);
  *data = (struct val_data){.ops = NULL};
}
