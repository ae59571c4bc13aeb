/* SPDX-License-Identifier: GPL-3.0-or-later
 * An expectation in words: "age" and "values must be between 0 and 120 for at least 99% of values".
 * Made from its name and keyword arguments, so that a new expectation needs nothing here. */
#pragma once
#include "validate/suite.h"

/* The columns it is about: "age", "a, b", "(table)". */
void val_phrase_domain(const struct val_expected *expected, struct core_str *out);
/* What must hold. */
void val_phrase_rule(const struct val_expected *expected, struct core_str *out);
