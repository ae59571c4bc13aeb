/* SPDX-License-Identifier: GPL-3.0-or-later
 * A source whose bytes are made in order by a function: unpacked, recoded. They are made ahead of the reader, by a thread
 * of its own where there is enough to do; the reader gets the same bytes and the same error at the same byte, whoever made
 * them. What was read last is kept, so that a reader may go back over it; going back further begins again at the first
 * byte. */
#pragma once
#include "core/source.h"

struct core_made_ops {
  /* Fills `buffer` whole; less is the end. Called by one thread at a time. */
  enum core_status (*make)(void *self, char *buffer, size_t cap, size_t *got,
                           struct core_error *err);
  enum core_status (*restart)(void *self, struct core_error *err); /* at the first byte */
  void (*close)(void *self);
};

#define CORE_MADE_BACK_BYTES ((size_t)3 << 20) /* at least so far back costs nothing */

/* `self` is the source's own from now on, also where this fails. */
enum core_status core_source_open_made(const char *name, const struct core_made_ops *ops,
                                       void *self, struct core_source **out,
                                       struct core_error *err) CORE_MUST_CHECK;
