/* SPDX-License-Identifier: GPL-3.0-or-later
 * Text <-> number, exact and without locale. The only place of strtod and of number formatting. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each takes the whole input (no blanks around, no trailing bytes) or returns false and leaves *out
 * alone. */
bool core_parse_int64(const char *text, size_t len, int64_t *out);   /* [+-]?[0-9]+ in range */
bool core_parse_uint64(const char *text, size_t len, uint64_t *out); /* [0-9]+ in range       */
/* Decimal or scientific; also inf, infinity, nan with sign, any case. Correctly rounded
 * (round-half-even); overflow gives +-inf and true; hexadecimal is refused. Clinger's fast path
 * (PLDI 1990) where it is exact, strtod in the "C" locale elsewhere. */
bool core_parse_double(const char *text, size_t len, double *out);
/* "30s", "5m", "1.5h", "2d", "500ms", "1:30:00", "90" (seconds), "1h30m". Result in seconds, >= 0
 * and finite. */
bool core_parse_duration(const char *text, size_t len, double *seconds);
/* "64M", "1GiB", "500kB", "123": bytes. k/M/G/T = 1000-based with B or nothing, Ki/Mi/Gi/Ti =
 * 1024-based. */
bool core_parse_size(const char *text, size_t len, uint64_t *bytes);

#define CORE_NUM_BYTES 40 /* enough for any of the formatted numbers, NUL included */
/* The shortest decimal that reads back as the same double, as Python's repr prints it: "0.1",
 * "1e-05", "100.0" (always with a point or exponent), "inf", "-inf", "nan". Returns the length. */
size_t core_format_double(double value, char out[CORE_NUM_BYTES]);
/* The same, but integers without ".0": for people and for command-line placeholders. */
size_t core_format_number(double value, char out[CORE_NUM_BYTES]);
/* The same, rounded to `precision` significant digits (1 to 17): for tables. */
size_t core_format_rounded(double value, int precision, char out[CORE_NUM_BYTES]);
size_t core_format_int64(int64_t value, char out[CORE_NUM_BYTES]);
/* "1.5 s", "230 ms", "12 us", "2 h 05 min": for people. */
size_t core_format_duration(double seconds, char out[CORE_NUM_BYTES]);
/* "512 B", "1.5 GB": for people, 1000-based. */
size_t core_format_bytes(double bytes, char out[CORE_NUM_BYTES]);
