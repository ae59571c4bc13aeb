/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where an objective is flat. Many are piecewise constant, at least in part: error rates over few
 * cases, depths of trees, values that are looked up in a table. There a trial beside others that had
 * exactly the same loss will have it, too, and teaches nothing; a model that expects a smooth
 * function does not see that, and asks again.
 *
 * The reach of a row is the distance to the farthest of its eight nearest neighbours that has, bit
 * for bit, its value. A point whose nearest row has reach R, at a distance r < R from it, is taken to
 * be new with probability (r / R)^d, the share of the ball that lies within r. An objective without
 * ties has no reach anywhere. */
#pragma once
#include "core/mem.h"
#include "core/status.h"
#include "hpo/gp/features.h"

struct hpo_plateau {
  const double *rows; /* [n x d], borrowed */
  size_t n, d;
  const bool *categorical; /* [d], borrowed */
  double *weight;          /* [d], of a squared step */
  double *reach2;          /* [n], squared; NULL: no row has a reach */
  size_t ties_of_best;     /* rows that have the least value, less one */
};

/* rows[n x d] and their values[n], NaN for a row that ties with none. Distances are in length-scales
 * scales[d], longer ones counting as 1, and a choice that differs is 1 away. Memory comes from the
 * arena. O(n d) for each row that ties. */
enum core_status hpo_plateau_find(struct hpo_plateau *out, const struct hpo_features *features,
                                  const double *rows, const double *values, size_t n,
                                  const double *scales, struct core_arena *arena,
                                  struct core_error *err) CORE_MUST_CHECK;
/* log of the probability that a point row[d] has a value of its own: at most 0, finite. */
double hpo_plateau_log_new(const struct hpo_plateau *plateau, const double *row);
