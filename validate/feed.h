/* SPDX-License-Identifier: GPL-3.0-or-later
 * From a reader into a pass: all batches in order, part by part where the input says something of its parts. */
#pragma once
#include "validate/engine.h"
#include "validate/reader/reader.h"

struct val_feed {
  const struct val_reader_ops *ops;
  struct val_reader *reader;
  size_t n_columns;              /* of the schema */
  bool by_parts;                 /* what a part says of itself may be all that is needed of it */
  const struct val_batch *first; /* read already, or NULL */
  /* Asked before each batch: is it for nothing, because somebody else failed? NULL: there is nobody. */
  bool (*is_stopped)(void *with);
  void *with;
};
/* CORE_INTERRUPTED: is_stopped said so. CORE_EXISTS: as the reader's `next`. */
enum core_status val_feed_pass(const struct val_feed *feed, struct val_pass *pass,
                               struct core_error *err) CORE_MUST_CHECK;
