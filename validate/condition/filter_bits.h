/* SPDX-License-Identifier: GPL-3.0-or-later
 * Between a filter and the selection of rows: one bit a row, LSB first; bits beyond the last row are anything. In
 * `arena`, which is reset. */
#pragma once
#include "validate/condition/filter.h"

enum core_status val_filter_mark(const struct val_filter *filter, const struct val_batch *batch,
                                 struct core_arena *arena, const uint8_t **bits,
                                 struct core_error *err) CORE_MUST_CHECK;
