/* SPDX-License-Identifier: GPL-3.0-or-later
 * Points to begin a search from: low-discrepancy points over the box, the incumbents and Gaussian
 * steps from them of many sizes; of a small discrete space, all its points. */
#pragma once
#include "hpo/gp/search.h"

struct hpo_candidates {
  double *full;  /* m x d, with values for features that do not exist, too */
  double *row;   /* m x d, canonical */
  double *seen;  /* m x d, as the model sees them, where is_seen: `row` without warps */
  bool *is_seen; /* [m]; NULL: all are */
  double *value; /* [m] the target's; -inf for a taken point */
  size_t m;
  bool complete; /* every point of the space is among them */
};

/* In the search's arena. */
enum core_status hpo_candidates_make(struct hpo_candidates *out, const struct hpo_search *search,
                                     struct core_error *err) CORE_MUST_CHECK;
/* Up to `n` of them to climb from, written to chosen[n]: the best one first, then good ones that
 * are not too near to those before. Returns how many; 0 when all are taken. */
size_t hpo_candidates_choose(const struct hpo_candidates *candidates,
                             const struct hpo_search *search, size_t n, size_t *chosen);
