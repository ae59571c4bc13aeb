/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the tests of Gaussian processes check in the same way. */
#pragma once
#include "hpo/gp/model.h"

/* dmean[d] and dvar[d], the gradients of the prediction at x[d], against central differences with that step; categorical
 * dimensions are left out. */
void assert_prediction_gradients(struct hpo_gp *gp, const double *x, size_t d,
                                 const bool *categorical, double step, const double *dmean,
                                 const double *dvar);
