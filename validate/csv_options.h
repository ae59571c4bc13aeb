/* SPDX-License-Identifier: GPL-3.0-or-later
 * The `csv` section: how a text is written, and what of that is to be found out. The same keys serve a suite and a command
 * line. */
#pragma once
#include "core/tree.h"
#include "validate/reader/reader.h"

/* `node` is a map of keys, or the word "auto"; NULL or a null: nothing. Keys that are not there leave the options as they
 * are. Texts are copied into the arena, or borrowed from the node. */
enum core_status val_csv_options_read(const struct core_node *node, struct core_arena *arena,
                                      struct val_read_options *options,
                                      struct core_error *err) CORE_MUST_CHECK;
