/* SPDX-License-Identifier: GPL-3.0-or-later
 * Export through the Arrow C data interface. Each exported struct keeps what it points to in one
 * arena; a child is released by its parent, or alone when a consumer moved it out, as the
 * specification allows. */
#include "validate/arrow.h"

#include <string.h>

#include "core/mem.h"

static const char *const type_formats[] = {
#define X(name, text, format) format,
    VAL_TYPE_LIST(X)
#undef X
};

static struct core_arena *arena_open(void) {
  return core_calloc(1, sizeof(struct core_arena));
}

static void arena_free(struct core_arena *arena) {
  if (!arena) return;
  core_arena_close(arena);
  core_free(arena);
}

/* ------------------------------------------------------------------ schema */

static void schema_release(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    struct ArrowSchema *child = schema->children[i];
    if (child->release) child->release(child);
  }
  schema->release = NULL;
  arena_free(schema->private_data); /* last: it holds the children and their list */
}

static enum core_status schema_init(struct ArrowSchema *out, const char *format, const char *name,
                                    size_t n_children, struct core_error *err) {
  *out = (struct ArrowSchema){.format = format, .flags = ARROW_FLAG_NULLABLE};
  struct core_arena *arena = arena_open();
  if (!arena) return core_fail_nomem(err, sizeof *arena);
  out->private_data = arena;
  out->release = schema_release;
  out->name = core_arena_strdup(arena, name);
  out->children = core_arena_calloc(arena, n_children, sizeof(struct ArrowSchema *));
  struct ArrowSchema *children = core_arena_calloc(arena, n_children, sizeof *children);
  if (!out->name || !out->children || !children)
    return core_fail_nomem(err, n_children * sizeof *children);
  for (size_t i = 0; i < n_children; i++) out->children[i] = &children[i];
  out->n_children = (int64_t)n_children;
  return CORE_OK;
}

/* "d:PRECISION,SCALE" */
static enum core_status set_decimal(struct ArrowSchema *out, const struct val_field *field,
                                    struct core_error *err) {
  char *format = core_arena_printf(out->private_data, "d:%d,%d", field->precision, field->scale);
  out->format = format;
  return format ? CORE_OK : core_fail_nomem(err, 16);
}

enum core_status val_arrow_export_schema(const struct val_schema *schema, struct ArrowSchema *out,
                                         struct core_error *err) {
  enum core_status st = schema_init(out, "+s", "", schema->n_fields, err);
  for (size_t i = 0; i < schema->n_fields && st == CORE_OK; i++) {
    const struct val_field *field = &schema->fields[i];
    st = schema_init(out->children[i], type_formats[field->type], field->name, 0, err);
    if (st == CORE_OK && field->type == VAL_TYPE_DECIMAL)
      st = set_decimal(out->children[i], field, err);
  }
  if (st != CORE_OK && out->release) out->release(out);
  return st;
}

/* ------------------------------------------------------------------ arrays */

static void array_release(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    struct ArrowArray *child = array->children[i];
    if (child->release) child->release(child);
  }
  array->release = NULL;
  arena_free(array->private_data);
}

static enum core_status array_init(struct ArrowArray *out, size_t length, size_t n_buffers,
                                   size_t n_children, struct core_error *err) {
  *out = (struct ArrowArray){.length = (int64_t)length, .n_buffers = (int64_t)n_buffers};
  struct core_arena *arena = arena_open();
  if (!arena) return core_fail_nomem(err, sizeof *arena);
  out->private_data = arena;
  out->release = array_release;
  out->buffers = core_arena_calloc(arena, n_buffers, sizeof(void *));
  out->children = core_arena_calloc(arena, n_children, sizeof(struct ArrowArray *));
  struct ArrowArray *children = core_arena_calloc(arena, n_children, sizeof *children);
  if (!out->buffers || !out->children || !children)
    return core_fail_nomem(err, n_children * sizeof *children);
  for (size_t i = 0; i < n_children; i++) out->children[i] = &children[i];
  out->n_children = (int64_t)n_children;
  return CORE_OK;
}

static enum core_status copy_buffer(struct ArrowArray *out, size_t buffer, const void *from,
                                    size_t bytes, struct core_error *err) {
  if (!from) return CORE_OK; /* a validity buffer may be absent */
  void *copy = core_arena_alloc(out->private_data, bytes);
  if (!copy) return core_fail_nomem(err, bytes);
  memcpy(copy, from, bytes);
  out->buffers[buffer] = copy;
  return CORE_OK;
}

/* Bytes of the buffer of values, the one after the validity. */
static size_t value_bytes(const struct val_column *column, size_t n) {
  switch (column->type) {
  case VAL_TYPE_BOOL:
    return (n + 7) / 8;
  case VAL_TYPE_DATE:
    return n * sizeof(int32_t);
  case VAL_TYPE_STRING:
  case VAL_TYPE_BINARY:
  case VAL_TYPE_NESTED:
    return (n + 1) * sizeof(int32_t);
  case VAL_TYPE_DECIMAL:
    return n * sizeof(core_int128);
  default:
    return n * sizeof(int64_t);
  }
}

static enum core_status column_export(const struct val_column *column, size_t n,
                                      struct ArrowArray *out, struct core_error *err) {
  const bool text = val_type_is_bytes(column->type);
  CORE_TRY(array_init(out, n, column->type == VAL_TYPE_NULL ? 0 : text ? 3 : 2, 0, err));
  out->null_count = column->null_count;
  if (column->type == VAL_TYPE_NULL) return CORE_OK;
  CORE_TRY(copy_buffer(out, 0, column->validity, (n + 7) / 8, err));
  const void *values = text ? (const void *)column->offsets : (const void *)column->values.bits;
  CORE_TRY(copy_buffer(out, 1, values, value_bytes(column, n), err));
  if (!text) return CORE_OK;
  return copy_buffer(out, 2, column->values.bytes, (size_t)column->offsets[n], err);
}

enum core_status val_arrow_export_batch(const struct val_batch *batch, struct ArrowArray *out,
                                        struct core_error *err) {
  enum core_status st = array_init(out, batch->n_rows, 1, batch->n_columns, err);
  for (size_t i = 0; i < batch->n_columns && st == CORE_OK; i++) {
    st = column_export(&batch->columns[i], batch->n_rows, out->children[i], err);
  }
  if (st != CORE_OK && out->release) out->release(out);
  return st;
}
