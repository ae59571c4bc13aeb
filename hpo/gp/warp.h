/* SPDX-License-Identifier: GPL-3.0-or-later
 * Input warping: each numeric feature through the distribution function of Kumaraswamy (J. Hydrology
 * 46, 1980),
 *
 *   w(x) = 1 - (1 - x^a)^b  on [0, 1],
 *
 * which stretches one end of it, both, or the middle; a = b = 1 is the identity. A function that is
 * steep near an edge and flat elsewhere is even in w (Snoek, Swersky, Zemel & Adams, "Input warping
 * for Bayesian optimization of non-stationary functions", ICML 2014). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct hpo_gp_warp { /* all borrowed */
  size_t d;
  const bool *moves;   /* [d]; the others stay as they are: categorical ones, and where a = b = 1 */
  const double *a, *b; /* [d], above 0 where the feature moves */
};

/* w(x); 0 and 1 stay. */
double hpo_gp_warp_value(double a, double b, double x);
/* dw/dx; at the ends, where it may be infinite, that of a place beside them. */
double hpo_gp_warp_slope(double a, double b, double x);
/* The x with w(x) = w. */
double hpo_gp_warp_inverse(double a, double b, double w);
/* w(x), dw / dlog a, dw / dlog b. */
double hpo_gp_warp_by_logs(double a, double b, double x, double *by_log_a, double *by_log_b);

/* One feature of a row: w(x), or x itself where the feature does not move. `warp` may be NULL. */
double hpo_gp_warp_at(const struct hpo_gp_warp *warp, size_t j, double x);
double hpo_gp_warp_back(const struct hpo_gp_warp *warp, size_t j, double w);
double hpo_gp_warp_slope_at(const struct hpo_gp_warp *warp, size_t j, double x); /* 1 */
/* All features of m rows. `out` may be `rows`. */
void hpo_gp_warp_rows(const struct hpo_gp_warp *warp, const double *rows, size_t m, double *out);
