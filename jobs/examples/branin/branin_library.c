/* SPDX-License-Identifier: MIT
 * Branin's function as an in-process objective:
 *
 *   cc -shared -fPIC -I ../../client -o branin.so branin_library.c -lm */
#include <math.h>

#include "sweepgate_objective.h"

int objective(struct sweepgate_objective *trial, double *values);

int objective(struct sweepgate_objective *trial, double *values) {
  const double pi = 3.14159265358979323846;
  const double x = sweepgate_param(trial, "x", 3.0);
  const double y = sweepgate_param(trial, "y", 2.0);
  const double a = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
  const double value = a * a + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10;
  for (int epoch = 1; epoch < 10; epoch++)
    if (sweepgate_report(trial, epoch, value + 10.0 / epoch)) return 0;
  values[0] = value;
  return 0;
}
