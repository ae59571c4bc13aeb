/* SPDX-License-Identifier: GPL-3.0-or-later
 * YAML text into a tree: the 1.2 core schema, one document, no anchors, aliases or foreign tags. */
#pragma once
#include "core/tree_build.h"

enum core_status core_yaml_read(struct core_builder *b, const char *bytes, size_t len,
                                struct core_error *err) CORE_MUST_CHECK;
