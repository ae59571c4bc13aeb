/* SPDX-License-Identifier: GPL-3.0-or-later
 * A temporary file without a name, in TMPDIR (or /tmp): what does not fit into memory goes to its end and is read back from
 * anywhere. It is gone when closed, however the program ends. Many share a file with others, so that however many
 * there are descriptors suffice. A scratch belongs to one thread at a time; sharing needs no care. */
#pragma once
#include "core/status.h"
#include <stddef.h>
#include <stdint.h>

struct core_scratch;
enum core_status core_scratch_open(struct core_scratch **out,
                                   struct core_error *err) CORE_MUST_CHECK;
/* *at: where the bytes begin. A full disk is CORE_IO. */
enum core_status core_scratch_append(struct core_scratch *scratch, const void *bytes, size_t len,
                                     int64_t *at, struct core_error *err) CORE_MUST_CHECK;
enum core_status core_scratch_read(const struct core_scratch *scratch, int64_t at, void *bytes,
                                   size_t len, struct core_error *err) CORE_MUST_CHECK;
/* Room for `len` bytes, which core_scratch_write fills, and may fill again; it can be mapped. Its place. */
int64_t core_scratch_reserve(struct core_scratch *scratch, size_t len);
enum core_status core_scratch_write(const struct core_scratch *scratch, int64_t at,
                                    const void *bytes, size_t len,
                                    struct core_error *err) CORE_MUST_CHECK;
/* Bytes of such room as memory, to be read until core_scratch_unmap. Up to its last byte they must have been written.
 * core_scratch_leave: for now they need not be resident. */
enum core_status core_scratch_map(const struct core_scratch *scratch, int64_t at, size_t len,
                                  const void **out, struct core_error *err) CORE_MUST_CHECK;
void core_scratch_leave(const void *bytes, size_t len);
void core_scratch_unmap(const void *bytes, size_t len); /* accepts NULL */
/* An array that nothing is added to any more, of `len` bytes, goes from the heap into such memory, for as long as it is wanted:
 * its capacity is 0 from then on, and where it is already nothing is done. core_scratch_free frees it, wherever it is. */
enum core_status core_scratch_park(struct core_scratch *scratch, void **bytes, size_t *capacity,
                                   size_t len, struct core_error *err) CORE_MUST_CHECK;
void core_scratch_free(void *bytes, size_t capacity, size_t len);
void core_scratch_close(struct core_scratch *scratch); /* accepts NULL */
