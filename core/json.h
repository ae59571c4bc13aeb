/* SPDX-License-Identifier: GPL-3.0-or-later
 * JSON text (RFC 8259, and Python's NaN, Infinity, -Infinity) into a tree. */
#pragma once
#include "core/tree_build.h"

enum core_status core_json_read(struct core_builder *b, const char *bytes, size_t len,
                                struct core_error *err) CORE_MUST_CHECK;
