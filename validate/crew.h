/* SPDX-License-Identifier: GPL-3.0-or-later
 * One input read by several threads: a reader that can be split gives each its section, each observes a pass of its own, and
 * the passes are merged in the order of the sections. */
#pragma once
#include "validate/feed.h"

/* `reader` gave its first batch, or has parts that say something of themselves and gave none. *pass: the pass over the whole
 * input, not finished yet; NULL: the input cannot be read in this way, and nothing is lost by it: rewind the reader and read it
 * alone, which also finds the error if there is one. */
enum core_status val_crew_read(const struct val_plan *plan, const struct val_reader_ops *ops,
                               struct val_reader *reader, bool by_parts, size_t n_threads,
                               struct val_pass **pass, struct core_error *err) CORE_MUST_CHECK;
