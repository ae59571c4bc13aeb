/* SPDX-License-Identifier: GPL-3.0-or-later
 * Tables of learning curves as objectives: each row is a pool's member, trained once. A point trains as the row does that
 * lies nearest to it in the unit cube, among the rows of the same categorical values that were not taken before. (With
 * rows that can be taken again, a sampler that closes in on a point would see the same curve for ever.) */
#pragma once
#include "core/tree.h"
#include "hpo/space.h"

struct curve_table {
  struct hpo_space space;
  bool maximize;
  size_t n_rows, n_steps;
  double *units;  /* n_rows x n_params, NaN where a parameter does not exist */
  double *curves; /* n_rows x n_steps: the validation value after each epoch; NaN: diverged */
  double *finals; /* ascending: the last values turned so that less is better, NaN left out */
  size_t n_finals;
};

/* `problem` is an entry of tables.json, `folder` where its file lies. A parameter "one_minus_x" stands in column x as 1 - x. */
enum core_status curve_table_open(struct curve_table *table, const struct core_node *problem,
                                  const char *folder, struct core_error *err) CORE_MUST_CHECK;
void curve_table_close(struct curve_table *table);
/* The curve (n_steps values) of the nearest row that is not used yet, which then is; NULL when all are. */
const double *curve_table_take(const struct curve_table *table, const double *internal,
                               bool *used /* n_rows */);
/* Two measures of a final value, 0 for the best row and at most 1 (NaN: 1): the distance to the best in units of the
 * median row's, and the share of rows that are better. */
double curve_table_regret(const struct curve_table *table, double value);
double curve_table_rank(const struct curve_table *table, double value);
