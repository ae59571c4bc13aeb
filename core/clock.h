/* SPDX-License-Identifier: GPL-3.0-or-later
 * Time, injected: everything above core takes a struct core_clock, so that tests and the simulator own it. */
#pragma once
#include <stddef.h>

struct core_clock {
  double (*monotonic_s)(const struct core_clock *clock); /* for durations and deadlines          */
  double (*unix_s)(const struct core_clock *clock);      /* seconds since 1970-01-01T00:00:00Z    */
};
const struct core_clock *core_clock_system(void);
void core_sleep(double seconds); /* real time; continues after signals */

/* "2026-03-01 12:00:00.123456" (UTC) <-> seconds since 1970; Optuna's DATETIME text. Parsing returns 0 on success and
 * accepts a missing fraction and 'T' for the blank; a date or time that does not exist is refused. Times outside the years
 * 0000 to 9999 are formatted as the nearest one inside; NaN as 1970. */
#define CORE_TIME_BYTES 32
void core_time_format(double unix_s, char out[CORE_TIME_BYTES]);
int core_time_parse(const char *text, size_t len, double *unix_s);
