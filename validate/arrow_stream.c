/* SPDX-License-Identifier: GPL-3.0-or-later
 * A file as a stream. */
#include "validate/arrow_stream.h"

#include <errno.h>

#include "validate/reader/reader.h"

struct file_stream {
  struct core_source *source;
  const struct val_reader_ops *ops;
  struct val_reader *reader;
  struct core_error err;
};

static void close_file(struct file_stream *f) {
  if (!f) return;
  if (f->reader) f->ops->close(f->reader);
  core_source_close(f->source);
  core_free(f);
}

static int code_of(enum core_status st) {
  switch (st) {
  case CORE_OK:
    return 0;
  case CORE_NOMEM:
    return ENOMEM;
  case CORE_INVAL:
  case CORE_PARSE:
    return EINVAL;
  default:
    return EIO;
  }
}

static int file_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  struct file_stream *f = stream->private_data;
  return code_of(val_arrow_export_schema(f->ops->schema(f->reader), out, &f->err));
}

static int file_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  struct file_stream *f = stream->private_data;
  const struct val_batch *batch = NULL;
  *out = (struct ArrowArray){0}; /* released: the end */
  enum core_status st = f->ops->next(f->reader, &batch, &f->err);
  if (st == CORE_OK && batch) st = val_arrow_export_batch(batch, out, &f->err);
  return code_of(st);
}

static const char *file_error(struct ArrowArrayStream *stream) {
  const struct file_stream *f = stream->private_data;
  return f->err.message[0] ? f->err.message : NULL;
}

static void file_release(struct ArrowArrayStream *stream) {
  close_file(stream->private_data);
  *stream = (struct ArrowArrayStream){0};
}

/* Types that follow from the values are final when all were seen. */
static enum core_status settle(struct file_stream *f, struct core_error *err) {
  const struct val_batch *batch = NULL;
  if (f->ops->typed) return CORE_OK;
  for (;;) {
    const enum core_status st = f->ops->next(f->reader, &batch, err);
    if (st != CORE_OK && st != CORE_EXISTS) return st;
    if (st == CORE_OK && batch) continue;
    CORE_TRY(f->ops->rewind(f->reader, err));
    if (st == CORE_OK) return CORE_OK;
  }
}

static enum core_status open_file(struct file_stream *f, const char *path, struct core_error *err) {
  const struct val_read_options options = {.header = true};
  CORE_TRY(core_source_open_file(path, &f->source, err));
  CORE_TRY(val_reader_choose(f->source, &f->ops, err));
  CORE_TRY(f->ops->open(f->source, &options, &f->reader, err));
  return settle(f, err);
}

enum core_status val_stream_file(const char *path, struct ArrowArrayStream *out,
                                 struct core_error *err) {
  *out = (struct ArrowArrayStream){0};
  struct file_stream *f = core_calloc(1, sizeof *f);
  if (!f) return core_fail_nomem(err, sizeof *f);
  const enum core_status st = open_file(f, path, err);
  if (st != CORE_OK) {
    close_file(f);
    return st;
  }
  *out = (struct ArrowArrayStream){.get_schema = file_schema,
                                   .get_next = file_next,
                                   .get_last_error = file_error,
                                   .release = file_release,
                                   .private_data = f};
  return CORE_OK;
}
