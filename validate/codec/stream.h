/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a codec that whole files are packed with (x.csv.gz): unpacks piece by piece, with bounded memory. What
 * packed bytes claim of sizes is not believed. */
#pragma once
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct val_stream;
struct val_stream_ops {
  const char *name; /* "gzip": as people call it */
  /* Do the first bytes of a file say so? */
  bool (*claims)(const uint8_t *first, size_t n);
  enum core_status (*open)(struct val_stream **out, struct core_error *err);
  /* Takes some of the n packed bytes and gives at most out_n. *complete: the input may end here. With n == 0 it gives what
   * it still has. CORE_PARSE says in a few words what is wrong with the bytes; who reads the file adds which and where. */
  enum core_status (*run)(struct val_stream *stream, const uint8_t *bytes, size_t n, size_t *taken,
                          uint8_t *out, size_t out_n, size_t *given, bool *complete,
                          struct core_error *err);
  void (*close)(struct val_stream *stream); /* accepts NULL */
};
