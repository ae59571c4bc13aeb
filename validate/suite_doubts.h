/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a suite says that Great Expectations would take without a word, and that hardly anybody means: bounds that no value
 * meets, checks that nothing can fail, the same check twice. Found by reading the suite alone. */
#pragma once
#include "validate/suite.h"

/* Calls `say` for each doubt, in the suite's order, with its place; *n counts them. */
enum core_status val_suite_doubts(const struct val_suite *suite,
                                  void (*say)(const struct core_error *doubt, void *with),
                                  void *with, size_t *n, struct core_error *err) CORE_MUST_CHECK;
