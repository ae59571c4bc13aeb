/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/gp_checks.h"

#include <string.h>

#include "tests/support/support.h"

enum { MOST_DIMS = 64 };

void assert_prediction_gradients(struct hpo_gp *gp, const double *x, size_t d,
                                 const bool *categorical, double step, const double *dmean,
                                 const double *dvar) {
  double moved[MOST_DIMS], mean[2], var[2];
  assert_true(d <= MOST_DIMS);
  for (size_t j = 0; j < d; j++) {
    if (categorical[j]) continue;
    for (size_t side = 0; side < 2; side++) {
      memcpy(moved, x, d * sizeof *x);
      moved[j] += side == 0 ? step : -step;
      hpo_gp_predict(gp, moved, 1, &mean[side], &var[side]);
    }
    assert_near(dmean[j], (mean[0] - mean[1]) / (2 * step), 1e-5);
    assert_near(dvar[j], (var[0] - var[1]) / (2 * step), 1e-5);
  }
}
