/* SPDX-License-Identifier: GPL-3.0-or-later
 * Records on disk, dealt out by a hash into parts that fit into memory one at a time: how a set goes on when it has become
 * too large. In a temporary file without a name (TMPDIR). */
#pragma once
#include "core/str.h"
#include <stdint.h>

struct val_scatter;
/* As many parts, and as much memory for them, as a set of `memory_bytes` calls for. */
enum core_status val_scatter_open(size_t memory_bytes, struct val_scatter **out,
                                  struct core_error *err) CORE_MUST_CHECK;
size_t val_scatter_parts(const struct val_scatter *scatter); /* 0 of NULL */
/* Parts are chosen by the top bits of the hash; within a part records stay in order. */
enum core_status val_scatter_add(struct val_scatter *scatter, uint64_t hash, const void *record,
                                 size_t len, struct core_error *err) CORE_MUST_CHECK;
/* All records of a part, one behind the other, into `bytes`, which is cleared first. */
enum core_status val_scatter_read(struct val_scatter *scatter, size_t part, struct core_str *bytes,
                                  struct core_error *err) CORE_MUST_CHECK;
void val_scatter_close(struct val_scatter *scatter); /* accepts NULL */
