/* SPDX-License-Identifier: GPL-3.0-or-later
 * Dates and times as people write them: "Sat Oct 11 17:13:46 UTC 2003", "10.10.2003", "3rd of May 2001", "19990101T23".
 * The question that Python's dateutil.parser.parse answers by raising or not, with its rules (2.8): month before day where both
 * are possible, unknown words refused. What the text leaves open is taken from 1 January 2000, not from today, so that the
 * answer does not change with the day it is asked. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define VAL_SPOKEN_DATE_BYTES 512 /* longer texts are no dates */
bool val_is_spoken_date(const char *text, size_t len);
