/* SPDX-License-Identifier: GPL-3.0-or-later
 * Random tables as CSV: well-formed but awkward, with as many faults as wanted. */
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t test_csv_random(uint64_t *seed);
/* At most `most` bytes into `text`; the length. */
size_t test_csv_random_table(uint64_t *seed, char *text, size_t most, char delimiter, char quote,
                             size_t faults);
