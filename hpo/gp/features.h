/* SPDX-License-Identifier: GPL-3.0-or-later
 * Points as rows of features, what the Gaussian process sees. A feature is a parameter with more
 * than one value:
 *   numeric       the unit coordinate; the middle of its cell for ints and steps;
 *   categorical   the index of its choice.
 * A parameter that does not exist in a point has a constant there: 0.5, and -1 for a categorical,
 * which is a value of its own. So a conditional space is inside of the model. */
#pragma once
#include "hpo/space.h"

struct hpo_feature {
  size_t param;
  bool categorical;
  bool continuous;   /* a float without a step */
  bool conditional;  /* exists in some points only */
  bool has_children; /* other parameters' conditions name it */
  uint64_t n_values; /* 0: continuous */
};

struct hpo_features {
  const struct hpo_space *space; /* borrowed */
  struct hpo_feature *list;
  bool *categorical;       /* [d] as the model wants it */
  bool *warpable;          /* [d] as well: numeric, with more than a few values */
  size_t d;                /* may be 0: every parameter has one value */
  double *unit, *internal; /* scratch of one row [n_params]: one thread at a time */
};

enum core_status hpo_features_open(struct hpo_features *features, const struct hpo_space *space,
                                   struct core_error *err) CORE_MUST_CHECK;
void hpo_features_close(struct hpo_features *features);

/* The row[d] of a point given in its internal form. */
void hpo_features_row(const struct hpo_features *features, const double *internal, double *row);
/* What a sampler writes: x[n_params], each in [0, 1]. */
void hpo_features_unit(const struct hpo_features *features, const double *row, double *x);
/* The row that the model sees of a `full` row, which has values for all features, those that do not
 * exist beside the others included: numeric features go to the middle of their cells, absent ones to
 * their constant. `row` may be `full` itself; exists[d] (may be NULL) is filled. */
void hpo_features_canonical(const struct hpo_features *features, const double *full, double *row,
                            bool *exists);
/* A full row from a canonical one: what is absent there comes from `fill`, a full row. */
void hpo_features_fill(const struct hpo_features *features, const double *row, const double *fill,
                       double *full);
/* Is this what a canonical row holds where the feature does not exist? (A numeric one may exist with
 * that value, too.) */
bool hpo_feature_looks_absent(const struct hpo_feature *feature, double value);
/* A full row from a point of the unit cube, cube[d]: uniform by the parameters' priors. */
void hpo_features_from_cube(const struct hpo_features *features, const double *cube, double *full);
