/* SPDX-License-Identifier: GPL-3.0-or-later
 * SQL's LIKE: `%` stands for any text, `_` for one character, the rest for itself; the whole value must match. Databases
 * differ in case and escapes:
 *
 *   postgresql  case counts; a backslash takes the meaning from the character behind it
 *   sqlite      ASCII letters match without regard to case; no escape
 *   mssql       as sqlite, and [abc], [a-f], [^a] stand for one character of a set
 */
#pragma once
#include "core/status.h"
#include "core/str.h"
#include <stdbool.h>

enum val_like { VAL_LIKE_POSTGRESQL, VAL_LIKE_SQLITE, VAL_LIKE_MSSQL };
#define VAL_LIKE_NAMES "postgresql|sqlite|mssql"

/* What can never be meant: a backslash at the end, a set that is not closed. CORE_INVAL. */
enum core_status val_like_check(struct core_slice pattern, enum val_like dialect,
                                struct core_error *err) CORE_MUST_CHECK;
/* Both are UTF-8. Time is at most their lengths' product. */
bool val_like_match(struct core_slice pattern, struct core_slice text, enum val_like dialect);
