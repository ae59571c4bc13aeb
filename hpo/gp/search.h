/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the search for the maximum of an acquisition knows: the space, the box, where to begin, what
 * is asked. Shared by the making of candidates and the climbing from them. */
#pragma once
#include <math.h>

#include "core/mem.h"
#include "core/rng.h"
#include "hpo/gp/features.h"
#include "hpo/gp/warp.h"

/* The function to be maximised, of canonical rows; never NaN, -inf allowed. */
struct hpo_target {
  void *context;
  void (*values)(void *context, const double *rows, size_t m, double *out);
  /* At one row; gradient[d], entries of categorical features are not looked at. It leads the climbs
   * only: where it ends, `values` is asked, which may be lower (in a plateau). */
  double (*gradient)(void *context, const double *row, double *gradient);
};

struct hpo_search {
  const struct hpo_features *features;
  struct hpo_target target;
  const double *low, *high;       /* [d] bounds of numeric features, within [0, 1] */
  const double *incumbents;       /* full rows, best first; the first is the centre of the box */
  size_t n_incumbents;            /* may be 0 */
  const double *scales;           /* [d] the model's length-scales, of its warped features */
  const struct hpo_gp_warp *warp; /* the model's; NULL: none */
  const double *held;             /* [d] what categorical features keep, NaN: free; NULL: all are */
  size_t n_cube;                  /* points spread over the box */
  size_t n_near;                  /* points near incumbents */
  size_t n_starts;                /* climbs, at least 1 */
  size_t max_evals;               /* of the gradient, over all climbs */
  /* Must this point, given in its internal form, not be proposed? */
  bool (*is_taken)(void *context, const double *internal);
  void *taken_context;
  struct core_rng *rng;
  struct core_arena *arena; /* scratch: its content dies with the caller's reset */
};

static inline bool hpo_search_holds(const struct hpo_search *search, size_t j) {
  return search->held != NULL && !isnan(search->held[j]);
}

/* Numeric features with at most so many values, and all categorical ones, are searched value by
 * value; others are climbed as if continuous. */
#define HPO_SEARCH_FEW_VALUES 16

static inline bool hpo_search_climbs(const struct hpo_feature *feature) {
  return !feature->categorical &&
         (feature->continuous || feature->n_values > HPO_SEARCH_FEW_VALUES);
}
