/* SPDX-License-Identifier: MIT
 * Branin's function as a trial in C:
 *
 *   cc -I ../../client -o branin branin.c ../../client/sweepgate_trial.c -lm */
#include <math.h>
#include <stdio.h>

#include "sweepgate_trial.h"

static double branin(double x, double y) {
  const double pi = 3.14159265358979323846;
  const double a = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10;
}

int main(void) {
  struct sweepgate_trial *trial = sweepgate_trial_open();
  if (!trial) {
    fputs("branin: cannot read the trial's environment\n", stderr);
    return 1;
  }
  const double x = sweepgate_trial_double(trial, "x", 3.0);
  const double y = sweepgate_trial_double(trial, "y", 2.0);
  int stop = 0;
  for (int epoch = 1; epoch < 10 && !stop; epoch++)
    stop = sweepgate_trial_report(trial, epoch, branin(x, y) + 10.0 / epoch);
  if (!stop) sweepgate_trial_result(trial, branin(x, y));
  sweepgate_trial_close(trial);
  return 0;
}
