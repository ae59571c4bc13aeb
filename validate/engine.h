/* SPDX-License-Identifier: GPL-3.0-or-later
 * One pass: every metric of a plan observes every batch. A pass over some rows can be merged with a pass over the rows
 * that follow, with the same result bit for bit. Judging comes after the last row. */
#pragma once
#include "validate/facts.h"
#include "validate/plan.h"

struct val_pass;
/* `n_parts` passes of one plan, each open at the same time, will be merged: each takes its share of the memory. 0: there is
 * only this one, and it is never merged. */
enum core_status val_pass_open(const struct val_plan *plan, size_t n_parts, struct val_pass **out,
                               struct core_error *err) CORE_MUST_CHECK;
enum core_status val_pass_observe(struct val_pass *pass, const struct val_batch *batch,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Rows of which `facts` (one a column of the schema) say something, before their batches are observed: metrics that can do
 * without are not shown these, until the next rows. wanted[i] becomes true for columns that must be read all the same.
 * First with what the footer says, then, for the same rows, with what was found out besides. */
enum core_status val_pass_absorb(struct val_pass *pass, int64_t n_rows, enum val_proof proof,
                                 const struct val_facts *facts, bool *wanted,
                                 struct core_error *err) CORE_MUST_CHECK;
/* `later` saw the rows that follow; it is emptied but must still be closed. Both are of the same plan. */
enum core_status val_pass_merge(struct val_pass *into, struct val_pass *later,
                                struct core_error *err) CORE_MUST_CHECK;
/* The rows it saw stand so many rows and lines further down than their batches said. */
void val_pass_shift(struct val_pass *pass, int64_t rows, int64_t lines);
enum core_status val_pass_finish(struct val_pass *pass, struct core_error *err) CORE_MUST_CHECK;
int64_t val_pass_rows(const struct val_pass *pass);
/* Fills result->verdicts, n_verdicts, n_success, n_rows and the schema, in result->arena. The pass was finished. */
enum core_status val_pass_judge(struct val_pass *pass, struct val_result *result,
                                struct core_error *err) CORE_MUST_CHECK;
void val_pass_close(struct val_pass *pass); /* accepts NULL */
