/* SPDX-License-Identifier: GPL-3.0-or-later
 * Packed files (x.csv.gz, x.csv.zst), known by their first bytes, whatever they are called. */
#pragma once
#include "core/source.h"

/* *out gives the bytes that are packed in `packed`, which must live longer; NULL: it is not packed, and stands at its start.
 * What is packed in a way that is known but not read is CORE_IO with the name of it. Reading *out, bytes that are cut
 * short or damaged are CORE_IO with the file and the byte. */
enum core_status val_unpack_open(struct core_source *packed, struct core_source **out,
                                 struct core_error *err) CORE_MUST_CHECK;
/* How many of the first bytes to look at, and the looking; `first` has room for them. */
enum core_status val_peek(struct core_source *source, unsigned char *first, size_t cap, size_t *n,
                          struct core_error *err) CORE_MUST_CHECK;
