/* SPDX-License-Identifier: GPL-3.0-or-later
 * Would Python's json.loads take this text? RFC 8259 and, as there, NaN, Infinity and -Infinity; any value at the top; the
 * same key twice is allowed, escapes of half surrogates too. No value is built. */
#pragma once
#include "core/str.h"
#include <stdbool.h>

#define VAL_JSON_DEPTH 990 /* deeper nesting is no JSON to Python either */
bool val_json_is_text(const char *text, size_t len);
