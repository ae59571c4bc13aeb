/* SPDX-License-Identifier: GPL-3.0-or-later
 * Choices that the best point does not have, and which of them deserves a trial. A model that is sure
 * of the wrong choices proposes no others; a rival is given one from time to time, to improve on the
 * best of its own, so that the end of a valley that begins higher up is seen.
 *
 * A rival is one feature's other choice, or another combination of all choices. Combinations find
 * what no single change leads to, but are for spaces with few of them. A combination is spent, and no
 * rival any more, when its last trials gained nothing on the best of its own. */
#pragma once
#include "core/mem.h"
#include "core/status.h"
#include "hpo/gp/features.h"

struct hpo_rivals {
  const struct hpo_features *features;
  const double *rows;             /* [n x d] canonical, in the order in which they were observed */
  const double *targets, *losses; /* [n] */
  size_t n;
  const double *pending; /* [n_pending x d] canonical: combinations count as tried by them */
  size_t n_pending;
  const double *best; /* full row: the point whose choices are no rivals */
  double gain;        /* the least fall of a combination's loss that counts */
};

struct hpo_rival {
  const double *held;    /* [d] what a full row keeps, NaN: free; NULL: there is no rival */
  double best;           /* the least target of its own; infinite: never tried */
  const double *pattern; /* [d] as canonical rows have it */
};

/* Are there few enough combinations, and numbers that each is to be tried with? */
bool hpo_rivals_combine(const struct hpo_features *features);
/* The choice, or (`combined`) the combination, that deserves a trial most: untried ones first, then
 * those with the best of their own, less the more they were tried; ties to the first. Memory comes from
 * the arena. O(n d) for each. */
enum core_status hpo_rivals_find(const struct hpo_rivals *rivals, bool combined,
                                 struct core_arena *arena, struct hpo_rival *out,
                                 struct core_error *err) CORE_MUST_CHECK;
/* Has a canonical row its choices? */
bool hpo_rival_has(const struct hpo_features *features, const struct hpo_rival *rival,
                   const double *row);
