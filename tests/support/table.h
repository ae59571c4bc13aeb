/* SPDX-License-Identifier: GPL-3.0-or-later
 * Small tables for tests of the engine: written as JSON, cut into batches anywhere, judged without a file. */
#pragma once
#include "validate/engine.h"

/* {"a": [1, 2, null], "t:timestamp": ["2020-01-01T00:00:00"]}: a name may end in ":TYPE", otherwise the first value that
 * is not null decides (1: int64, 1.0: double). Line of a row: row + 2; byte: 10 * row. Aborts on mistakes. */
struct test_table;
struct test_table *test_table_open(const char *json);
void test_table_close(struct test_table *table);
size_t test_table_rows(const struct test_table *table);
const struct val_schema *test_table_schema(const struct test_table *table);
/* Rows [from, to) as a batch; valid until the next call. Null rows hold arbitrary bytes, as they may. */
const struct val_batch *test_table_batch(struct test_table *table, size_t from, size_t to);

/* From now on it is judged with its columns dictionary-encoded. */
void test_table_encode(struct test_table *table);

/* Judges the table cut at cuts[0] < cuts[1] < ... (each a batch). With `partial` every piece is a pass of its own, and
 * the passes are merged from the left. `limits` may be NULL. */
enum core_status test_table_judge(struct test_table *table, const struct val_suite *suite,
                                  const struct val_limits *limits, const size_t *cuts,
                                  size_t n_cuts, bool partial, struct val_result *result,
                                  struct core_error *err);
/* Everything that a verdict says, as text. */
void test_verdict_text(const struct val_verdict *verdict, struct core_str *out);
/* A suite of one expectation: "expect_x" and its kwargs as YAML flow or JSON ("{column: a}"). */
enum core_status test_suite_open(struct val_suite *suite, const char *name, const char *kwargs,
                                 struct core_error *err);
