/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "hpo/gp/model.h"

#define BEST_SHARE 3 /* of the chosen, one in so many is among the best */

void hpo_gp_choose_rows(const double *y, size_t n, size_t most, bool *chosen) {
  memset(chosen, 0, n * sizeof *chosen);
  const size_t n_best = most / BEST_SHARE;
  for (size_t k = 0; k < n_best; k++) {
    size_t best = n;
    for (size_t i = 0; i < n; i++)
      if (!chosen[i] && (best == n || y[i] < y[best])) best = i;
    chosen[best] = true;
  }
  const size_t n_rest = n - n_best, n_even = most - n_best;
  size_t seen = 0;
  for (size_t i = 0; i < n; i++) {
    if (chosen[i]) continue;
    chosen[i] = (seen + 1) * n_even / n_rest > seen * n_even / n_rest;
    seen++;
  }
}
