/* SPDX-License-Identifier: GPL-3.0-or-later
 * UTF-16 to UTF-8. */
#pragma once
#include "core/source.h"

/* Does the text begin with the mark of UTF-16 (and not of UTF-32)? */
bool val_utf16_claims(const unsigned char *first, size_t n, bool *big);
/* *out gives the text in UTF-8, without the mark; `source` must live longer. Half a surrogate pair, and half a unit at the
 * end, become the byte 0xff, which is not valid in UTF-8 either: it is for the reader to say so. */
enum core_status val_utf16_open(struct core_source *source, bool big, struct core_source **out,
                                struct core_error *err) CORE_MUST_CHECK;
