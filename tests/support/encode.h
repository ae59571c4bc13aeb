/* SPDX-License-Identifier: GPL-3.0-or-later
 * Batches of a plain table with their columns dictionary-encoded: all but booleans, each with one dictionary of all values of
 * the table. Aborts on mistakes. */
#pragma once
#include "validate/dictionary.h"

struct test_encoding;
/* `whole` has all values that will be asked for; it is not kept. */
struct test_encoding *test_encoding_open(const struct val_batch *whole);
/* Valid until the next call. */
const struct val_batch *test_encode(struct test_encoding *encoding, const struct val_batch *batch);
void test_encoding_close(struct test_encoding *encoding);
