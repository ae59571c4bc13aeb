/* SPDX-License-Identifier: GPL-3.0-or-later
 * Untrusted text on a terminal: how wide it stands there, and cut and escaped so that it can do no
 * harm. */
#pragma once
#include "core/str.h"

/* Columns that valid UTF-8 takes on a terminal: 2 for East Asian wide characters and emoji, 0 for
 * combining marks. */
size_t val_display_width(const char *text, size_t len);
/* Bytes of the longest beginning that is not wider than `max_width`. */
size_t val_display_fit(const char *text, size_t len, size_t max_width);
/* Appends `text` escaped (control characters, bidirectional overrides, invalid bytes), cut with
 * "..." to `max_width`. */
void val_display_clipped(struct core_str *out, const char *text, size_t max_width);
/* The same, then blanks up to `width`. */
void val_display_padded(struct core_str *out, const char *text, size_t width);
/* "12003441" as "12,003,441". */
void val_display_count(struct core_str *out, long long count);
/* 100 * part / whole as "12.5%", "<0.01%", ">99.99%". Nothing when whole is 0. */
void val_display_percent(struct core_str *out, long long part, long long whole);
