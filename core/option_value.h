/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the forms of option rows share: turning a text into a value and saying what a row wants.
 * Internal to core/option*.c. */
#pragma once
#include "core/option.h"
#include "core/str.h"

/* Zeroes `out` and fills in every default. On failure nothing is held. */
enum core_status core_option_defaults(struct core_options *out, const struct core_option *rows,
                                      struct core_pos pos, struct core_error *err) CORE_MUST_CHECK;
/* Reads a text (command line, default) as the row wants it; false when it does not fit.
 * `*out_of_memory` says when that was the reason. */
bool core_option_read_text(const struct core_option *row, const char *text,
                           struct core_arena *arena, struct core_option_value *value,
                           bool *out_of_memory);
/* Appends what would be right: "an integer from 1 to 10". */
void core_option_wanted(const struct core_option *row, struct core_str *out);
/* Appends the row's nearest spelling or its choices: "; did you mean 'x'?". Nothing when there is
 * no hint. */
void core_option_hint(const struct core_option *row, const char *given, struct core_str *out);
/* Appends the names of `rows` and `more` (may be NULL), for core_nearest: a NULL-terminated array
 * in the arena. */
const char *const *core_option_names(const struct core_option *rows, const char *const *more,
                                     struct core_arena *arena);
