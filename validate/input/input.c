/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/input/input.h"

#include "validate/input/unpack.h"

/* Formats with types of their own are read at any place, not in order; and they pack their parts themselves. */
static enum core_status check_packing(const struct val_input *input, struct core_error *err) {
  if (!input->unpacked || !input->ops->typed) return CORE_OK;
  return core_fail(err, CORE_IO, "%s: holds a packed file of the kind '%s'; unpack it",
                   core_source_name(input->source), input->ops->name);
}

static enum core_status open_reader(struct val_input *input, const struct val_read_options *options,
                                    struct core_error *err) {
  CORE_TRY(core_source_rewind(input->source, err));
  CORE_TRY(val_unpack_open(input->source, &input->unpacked, err));
  struct core_source *source = input->unpacked ? input->unpacked : input->source;
  CORE_TRY(val_reader_choose(source, &input->ops, err));
  CORE_TRY(check_packing(input, err));
  return input->ops->open(source, options, &input->reader, err);
}

enum core_status val_input_open(struct val_input *input, struct core_source *source,
                                const struct val_read_options *options, struct core_error *err) {
  *input = (struct val_input){.source = source};
  const enum core_status st = open_reader(input, options, err);
  if (st != CORE_OK) val_input_close(input);
  return st;
}

enum core_status val_input_open_file(struct val_input *input, const char *path,
                                     const struct val_read_options *options,
                                     struct core_error *err) {
  struct core_source *source = NULL;
  CORE_TRY(core_source_open_file(path, &source, err));
  const enum core_status st = val_input_open(input, source, options, err);
  if (st == CORE_OK)
    input->owned = true;
  else
    core_source_close(source);
  return st;
}

void val_input_close(struct val_input *input) {
  if (input->reader) input->ops->close(input->reader);
  core_source_close(input->unpacked);
  if (input->owned) core_source_close(input->source);
  *input = (struct val_input){0};
}
