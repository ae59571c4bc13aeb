/* SPDX-License-Identifier: GPL-3.0-or-later
 * A temporary file without a name, in TMPDIR (or /tmp): what does not fit into memory goes to its end and is read back from
 * anywhere. It is gone when closed, however the program ends. */
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
void core_scratch_close(struct core_scratch *scratch); /* accepts NULL */
