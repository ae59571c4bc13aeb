/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes in: a file, standard input, or memory, read in order. A source that cannot seek can be made to, by keeping what
 * was read in an unlinked temporary file. */
#pragma once
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core_source;
/* "-" is standard input. A folder, a missing or an unreadable file: CORE_IO with the reason. */
enum core_status core_source_open_file(const char *path, struct core_source **out,
                                       struct core_error *err) CORE_MUST_CHECK;
/* `bytes` is borrowed until close. */
enum core_status core_source_open_memory(const char *name, const void *bytes, size_t len,
                                         struct core_source **out,
                                         struct core_error *err) CORE_MUST_CHECK;
/* Bytes that are made, not stored: unpacked, recoded (core/source_made.h). The source owns `self`. */
struct core_source_ops {
  /* Up to `cap` bytes from byte `at` on; *got == 0: the end is at or before it. */
  enum core_status (*read)(void *self, uint64_t at, void *buffer, size_t cap, size_t *got,
                           struct core_error *err);
  void (*close)(void *self);
};
/* It is read in order, by one reader; going back may cost. `self` is closed here where this fails, too. */
enum core_status core_source_open_ops(const char *name, const struct core_source_ops *ops,
                                      void *self, struct core_source **out,
                                      struct core_error *err) CORE_MUST_CHECK;
/* Up to `cap` bytes; *got == 0 is the end. Interrupted reads are retried. */
enum core_status core_source_read(struct core_source *source, void *buffer, size_t cap, size_t *got,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Back to the first byte. For a pipe: from now on what is read is spooled, so call core_source_keep first. */
enum core_status core_source_rewind(struct core_source *source,
                                    struct core_error *err) CORE_MUST_CHECK;
/* The next byte read is byte `at`. Of a stream that is spooled: one that was read before. */
enum core_status core_source_seek(struct core_source *source, uint64_t at,
                                  struct core_error *err) CORE_MUST_CHECK;
/* A second reader of the same bytes with a position of its own, for another thread; `source` must live longer. Files and
 * memory only: CORE_UNSUPPORTED for streams. */
enum core_status core_source_share(const struct core_source *source, struct core_source **out,
                                   struct core_error *err) CORE_MUST_CHECK;
bool core_source_can_share(const struct core_source *source);
/* Ask before the first read that a pipe be spooled to a temporary file (TMPDIR), so that rewind works. No-op for files. */
enum core_status core_source_keep(struct core_source *source,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Exactly `len` bytes from `offset` on, wherever the input stands; CORE_PARSE when it ends before. Not for a stream that
 * core_source_all was not called for. Threads may call it at the same time. */
enum core_status core_source_read_at(struct core_source *source, uint64_t offset, void *buffer,
                                     size_t len, struct core_error *err) CORE_MUST_CHECK;
/* Makes every byte reachable by core_source_read_at and tells how many there are: a stream (kept, see above) is read to
 * its end into the temporary file. The input stands anywhere afterwards. */
enum core_status core_source_all(struct core_source *source, uint64_t *bytes,
                                 struct core_error *err) CORE_MUST_CHECK;
const char *core_source_name(const struct core_source *source); /* borrowed: the path, "<stdin>" */
int64_t core_source_size(const struct core_source *source);     /* bytes, -1 when not known */
void core_source_close(struct core_source *source);             /* accepts NULL */
