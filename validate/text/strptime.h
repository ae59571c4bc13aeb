/* SPDX-License-Identifier: GPL-3.0-or-later
 * Python's datetime.strptime as a question: does a text have a format, and name a date and time that exist? Directives:
 * a A b B c d f G H I j m M p S u U V w W x X y Y z Z %, in the C locale. Blanks in the format stand for one blank or more;
 * letters match without regard to case. */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include <stdbool.h>

struct val_strptime;
/* CORE_INVAL: a directive that does not exist or comes twice, ISO weeks without their year and day. */
enum core_status val_strptime_open(struct core_slice format, struct val_strptime **out,
                                   struct core_error *err) CORE_MUST_CHECK;
enum core_status val_strptime_match(struct val_strptime *format, struct core_slice text, bool *ok,
                                    struct core_error *err) CORE_MUST_CHECK;
void val_strptime_close(struct val_strptime *format); /* accepts NULL */
