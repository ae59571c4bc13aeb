/* SPDX-License-Identifier: GPL-3.0-or-later
 * The structs of the Arrow C data interface, by its public specification (binary layout fixed
 * there), and the export of a schema and of a batch as one struct array. What is exported owns its
 * memory and outlives the reader. */
#pragma once
#include "core/status.h"
#include "validate/batch.h"
#include <stdint.h>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};
#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};
#endif

/* Both fill `out`, which the caller releases by out->release(out). On failure out->release is NULL.
 */
enum core_status val_arrow_export_schema(const struct val_schema *schema, struct ArrowSchema *out,
                                         struct core_error *err) CORE_MUST_CHECK;
enum core_status val_arrow_export_batch(const struct val_batch *batch, struct ArrowArray *out,
                                        struct core_error *err) CORE_MUST_CHECK;
