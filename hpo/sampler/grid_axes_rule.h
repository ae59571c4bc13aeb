/* SPDX-License-Identifier: GPL-3.0-or-later
 * The points of a grid, by their rank: the product of each parameter's values, without the combinations that differ only
 * in parameters that do not exist. */
#pragma once
#include "core/mem.h"
#include "hpo/space.h"

#define HPO_GRID_MAX_POINTS                                                                        \
  0x1p62 /* ranks are 64-bit                                              */
#define HPO_GRID_MAX_CONDITIONAL_POINTS                                                            \
  1000000                       /* these are counted one by one                                  */
#define HPO_GRID_MAX_LIST 10000 /* values that are listed for one parameter */

/* The values of one parameter that are tried. */
struct hpo_grid_axis {
  uint64_t n;
  const double *values; /* n, internal form; NULL: all values of the parameter */
};

struct hpo_grid {
  const struct hpo_space *space;
  const char *sampler;        /* named in messages */
  bool takes_lists;           /* which then propose to list values */
  struct hpo_grid_axis *axes; /* n_params */
  uint64_t n_points;
  uint64_t *digits;    /* of the point at hand: the number of each value on its axis */
  double *internal;    /* of the point at hand */
  uint64_t *landmarks; /* conditional spaces: the digits of every 256th point; NULL otherwise */
  size_t n_landmarks, landmarks_cap;
  struct core_arena arena;
};

/* `lists`: a map from names to lists of values, may be NULL; parameters without a list are tried
 * whole. `sampler` (borrowed) and `takes_lists` shape the messages. Refused, at the list's or
 * `pos`'s place: a continuous parameter without a list, unknown names, values out of bounds, too
 * many points. */
enum core_status hpo_grid_open(struct hpo_grid *grid, const struct hpo_space *space,
                               const char *sampler, bool takes_lists, const struct core_node *lists,
                               struct core_pos pos, struct core_error *err) CORE_MUST_CHECK;
void hpo_grid_close(struct hpo_grid *grid);
/* Makes point `rank` the one at hand and writes its unit row. */
void hpo_grid_point(struct hpo_grid *grid, uint64_t rank, double *unit);
