/* SPDX-License-Identifier: GPL-3.0-or-later
 * Minimisation inside of bounds, by NLopt. Deterministic: no random numbers, no clock.
 *
 * The result is the best point that was evaluated, by value, whatever ended the search: that an
 * optimiser ran out of precision or of evaluations is no failure. Where the function is not finite
 * it counts as very bad, and the search goes on elsewhere. */
#pragma once
#include "core/status.h"
#include <stddef.h>

/* The value at x[n]; fills gradient[n] unless it is NULL. */
typedef double core_minimize_fn(void *context, const double *x, double *gradient);

struct core_minimize_problem { /* all borrowed */
  size_t n;
  const double *low, *high; /* finite, low <= high; equal ones hold a coordinate fixed */
  core_minimize_fn *function;
  void *context;
};
struct core_minimize_limits {
  unsigned max_evals; /* of the function, at least 1                              */
  double f_tolerance; /* stops when a step gains less than this share of |f|; 0: not */
  double x_tolerance; /* stops when a step moves no coordinate further; 0: not     */
};
struct core_minimize_result {
  double value; /* at the best point; infinite when no value was finite, x is then the start */
  unsigned evals;
};

/* Limited-memory BFGS (Nocedal, Math. Comp. 35, 1980; Luksan's PLIS) from x[n], which is first
 * brought into the bounds and finally holds the best point. n = 0 evaluates once. */
enum core_status core_minimize_lbfgs(const struct core_minimize_problem *problem,
                                     const struct core_minimize_limits *limits, double *x,
                                     struct core_minimize_result *result,
                                     struct core_error *err) CORE_MUST_CHECK;
/* The same without gradients: BOBYQA (Powell, 2009) for n > 1, Subplex (Rowan, 1990) for n = 1. The
 * first steps are a tenth of the bounds' widths. */
enum core_status core_minimize_derivative_free(const struct core_minimize_problem *problem,
                                               const struct core_minimize_limits *limits, double *x,
                                               struct core_minimize_result *result,
                                               struct core_error *err) CORE_MUST_CHECK;
