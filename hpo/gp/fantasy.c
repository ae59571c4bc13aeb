/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pending rows. With the factor of all rows, observed and pending,
 *
 *   [ L  0 ]                                         values of the pending rows given z:
 *   [ B  P ]   P P^T = their posterior covariance,     b + B w + P z,   w = L^-1 (y - b)
 *
 * a fantasy's whitened targets are just (w, z): one factor serves all fantasies. */
#include <math.h>
#include <string.h>

#include "core/linalg.h"
#include "core/mem.h"
#include "hpo/gp/model_state.h"

/* The pivot of a pending row that hides in others is taken as its noise. */
static void extend_factor(struct hpo_gp *gp, const double *x, size_t m) {
  const struct hpo_gp_kernel kernel = hpo_gp_kernel_of(gp);
  for (size_t i = 0; i < m; i++) {
    const size_t at = gp->n + i;
    double *row = gp->factor + at * gp->stride;
    const double *seen = hpo_gp_seen(gp, x + i * gp->shape.d, 1);
    hpo_gp_put_row(gp, at, seen);
    hpo_gp_kernel_row(&kernel, gp->columns, gp->stride, at, seen, row, NULL);
    row[at] = kernel.signal + gp->noise;
    if (!core_linalg_factor_append(gp->factor, at, gp->stride, 0)) row[at] = sqrt(gp->noise);
  }
}

/* Values of the pending rows, and alphas, from w and the normals z[s x m]. */
static void draw(struct hpo_gp *gp, const double *z, size_t m, size_t s) {
  const size_t n = gp->n, stride = gp->stride;
  double *w = gp->scratch;
  for (size_t i = 0; i < n; i++) w[i] = gp->white[i] - gp->constant * gp->ones[i];
  for (size_t f = 0; f < s; f++) {
    double *alpha = gp->fantasy_alpha + f * stride;
    if (n > 0) memcpy(alpha, w, n * sizeof *w);
    memcpy(alpha + n, z + f * m, m * sizeof *z);
  }
  for (size_t i = 0; i < m; i++) {
    const double *row = gp->factor + (n + i) * stride;
    const double mean = gp->constant + core_linalg_dot(row, w, n);
    for (size_t f = 0; f < s; f++)
      gp->fantasy[i * s + f] = mean + core_linalg_dot(row + n, z + f * m, i + 1);
  }
  core_linalg_solve_lower_transposed_rows(gp->factor, n + m, stride, gp->fantasy_alpha, s, stride);
}

enum core_status hpo_gp_pend(struct hpo_gp *gp, const double *x, size_t m, const double *z,
                             size_t s, struct core_error *err) {
  hpo_gp_drop_pending(gp);
  if (m == 0 || s == 0) return CORE_OK;
  const size_t d = gp->shape.d, rows = gp->n + m;
  CORE_TRY(hpo_gp_reserve(gp, rows > d ? rows : d, err));
  double *fantasy = core_realloc(gp->fantasy, m * s, sizeof *fantasy);
  if (fantasy == NULL) return core_fail_nomem(err, m * s * sizeof *fantasy);
  gp->fantasy = fantasy;
  double *alpha = core_realloc(gp->fantasy_alpha, s * gp->stride, sizeof *alpha);
  if (alpha == NULL) return core_fail_nomem(err, s * gp->stride * sizeof *alpha);
  gp->fantasy_alpha = alpha;
  extend_factor(gp, x, m);
  draw(gp, z, m, s);
  gp->n_pending = m;
  gp->n_fantasies = s;
  return CORE_OK;
}

void hpo_gp_drop_pending(struct hpo_gp *gp) {
  gp->n_pending = 0;
  gp->n_fantasies = 0;
}

size_t hpo_gp_n_fantasies(const struct hpo_gp *gp) {
  return gp->n_pending > 0 ? gp->n_fantasies : 1;
}

const double *hpo_gp_fantasy(const struct hpo_gp *gp, size_t k) {
  return gp->fantasy + k * gp->n_fantasies;
}
