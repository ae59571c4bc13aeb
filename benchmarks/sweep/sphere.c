/* SPDX-License-Identifier: GPL-3.0-or-later
 * The trivial objective of the sweep benchmark: the sum of squares of five parameters. */
#include "jobs/client/sweepgate_objective.h"

int sphere(struct sweepgate_objective *trial, double *values);

int sphere(struct sweepgate_objective *trial, double *values) {
  values[0] = 0;
  for (size_t i = 0; i < trial->n_params; i++) values[0] += trial->numbers[i] * trial->numbers[i];
  return 0;
}
