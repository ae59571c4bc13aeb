/* SPDX-License-Identifier: GPL-3.0-or-later
 * Objectives of every kind of behaviour, for the tests and benchmarks of in-process trials. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "jobs/client/sweepgate_objective.h"

int square(struct sweepgate_objective *trial, double *values);
int constant(struct sweepgate_objective *trial, double *values);
int curve(struct sweepgate_objective *trial, double *values);
int choice(struct sweepgate_objective *trial, double *values);
int crash(struct sweepgate_objective *trial, double *values);
int leave(struct sweepgate_objective *trial, double *values);
int refuse(struct sweepgate_objective *trial, double *values);
int forget(struct sweepgate_objective *trial, double *values);
int forever(struct sweepgate_objective *trial, double *values);
int surroundings(struct sweepgate_objective *trial, double *values);

int square(struct sweepgate_objective *trial, double *values) {
  const double x = sweepgate_param(trial, "x", NAN);
  values[0] = x * x;
  return 0;
}

int constant(struct sweepgate_objective *trial, double *values) {
  (void)trial;
  values[0] = 1;
  return 0;
}

/* Reports steps 1 to 9; returns at once when told to. */
int curve(struct sweepgate_objective *trial, double *values) {
  for (int step = 1; step < 10; step++)
    if (sweepgate_report(trial, step, 1.0 / step)) return 0;
  values[0] = 0.1;
  return 0;
}

/* Attributes, text of a categorical, seed. */
int choice(struct sweepgate_objective *trial, double *values) {
  char json[64];
  snprintf(json, sizeof json, "\"%s\"", sweepgate_param_text(trial, "kind", "?"));
  sweepgate_attr(trial, "kind", json);
  values[0] = sweepgate_param(trial, "kind", -1);
  return sweepgate_attr(trial, "bad", "{") == -1 && trial->seed == 7 ? 0 : 1;
}

int crash(struct sweepgate_objective *trial, double *values) {
  (void)trial, (void)values;
  fprintf(stderr, "about to crash\n");
  signal(SIGSEGV, SIG_DFL);
  raise(SIGSEGV);
  return 0;
}

int leave(struct sweepgate_objective *trial, double *values) {
  (void)trial, (void)values;
  _exit(4);
}

int refuse(struct sweepgate_objective *trial, double *values) {
  (void)values;
  sweepgate_fail(trial, "the matrix is singular");
  return 3;
}

int forget(struct sweepgate_objective *trial, double *values) {
  (void)trial, (void)values;
  return 0;
}

int forever(struct sweepgate_objective *trial, double *values) {
  (void)trial, (void)values;
  for (;;) pause();
}

/* 1 when folder and variable are as the test sets them, output goes to the log. */
int surroundings(struct sweepgate_objective *trial, double *values) {
  (void)trial;
  char folder[4096];
  const char *set = getenv("COLOUR");
  printf("printed by the objective\n");
  values[0] = getcwd(folder, sizeof folder) && strstr(folder, "inner") && set &&
              strcmp(set, "green") == 0 && !getenv("SWEEPGATE_FD");
  return 0;
}
