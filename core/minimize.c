/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/minimize.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <nlopt.h>
#include <stdbool.h>
#include <string.h>

#include "core/mem.h"

#define VECTORS_KEPT 10 /* pairs of steps and gradient changes that stand for the Hessian */

/* What NLopt's callback carries. */
struct watch {
  const struct core_minimize_problem *problem;
  double *best_x;
  double best, worst; /* finite values so far; best is infinite before the first */
  unsigned evals, max_evals;
  nlopt_opt opt; /* to be stopped: a line search does not count evaluations */
};

static bool all_finite(const double *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

/* A wall for the line search: flat, and above all that was seen; 0 when that is nothing. */
static double wall(const struct watch *w) {
  if (!isfinite(w->best)) return 0;
  return w->worst + 1e3 * (1 + fabs(w->worst)) + 1e3 * (w->worst - w->best);
}

static double watched(unsigned n, const double *x, double *gradient, void *data) {
  struct watch *w = data;
  if (w->evals == w->max_evals) {
    nlopt_force_stop(w->opt);
    if (gradient != NULL) memset(gradient, 0, n * sizeof *gradient);
    return wall(w);
  }
  w->evals++;
  const double value = w->problem->function(w->problem->context, x, gradient);
  if (!isfinite(value) || (gradient != NULL && !all_finite(gradient, n))) {
    if (gradient != NULL) memset(gradient, 0, n * sizeof *gradient);
    return wall(w);
  }
  if (!isfinite(w->best)) w->worst = value;
  if (value < w->best) {
    w->best = value;
    memcpy(w->best_x, x, n * sizeof *x);
  }
  w->worst = fmax(w->worst, value);
  return value;
}

static enum core_status run(nlopt_algorithm algorithm, struct watch *w,
                            const struct core_minimize_limits *limits, double *x, double *first,
                            struct core_error *err) {
  const struct core_minimize_problem *p = w->problem;
  nlopt_opt opt = nlopt_create(algorithm, (unsigned)p->n);
  if (opt == NULL) return core_fail_nomem(err, p->n * sizeof *x);
  w->opt = opt;
  nlopt_result r = nlopt_set_min_objective(opt, watched, w);
  if (r > 0) r = nlopt_set_lower_bounds(opt, p->low);
  if (r > 0) r = nlopt_set_upper_bounds(opt, p->high);
  if (r > 0)
    r = nlopt_set_maxeval(opt, (int)(limits->max_evals < INT_MAX ? limits->max_evals : INT_MAX));
  if (r > 0) r = nlopt_set_ftol_rel(opt, limits->f_tolerance);
  if (r > 0) r = nlopt_set_xtol_abs1(opt, limits->x_tolerance);
  if (r > 0) r = nlopt_set_vector_storage(opt, VECTORS_KEPT);
  if (r > 0 && first != NULL) r = nlopt_set_initial_step(opt, first);
  double value;
  if (r > 0) r = nlopt_optimize(opt, x, &value);
  const char *words = nlopt_get_errmsg(opt);
  enum core_status status = CORE_OK;
  if (r == NLOPT_OUT_OF_MEMORY) status = core_fail_nomem(err, p->n * sizeof *x);
  /* Other codes below 0 (roundoff, a line search that found no way down) end a search that has a
   * best point all the same. */
  if (r == NLOPT_INVALID_ARGS)
    status = core_fail(err, CORE_INVAL, "minimiser: %s", words != NULL ? words : "bad arguments");
  nlopt_destroy(opt);
  return status;
}

static enum core_status minimize(nlopt_algorithm algorithm, const struct core_minimize_problem *p,
                                 const struct core_minimize_limits *limits, double *x,
                                 struct core_minimize_result *result, struct core_error *err) {
  const size_t n = p->n;
  assert(n <= INT_MAX && limits->max_evals > 0);
  double *room = core_calloc(2 * n + 1, sizeof *room);
  if (room == NULL) return core_fail_nomem(err, (2 * n + 1) * sizeof *room);
  double *first = room + n;
  bool fixed = true;
  for (size_t i = 0; i < n; i++) {
    assert(isfinite(p->low[i]) && p->low[i] <= p->high[i] && isfinite(p->high[i]));
    x[i] = isfinite(x[i]) ? fmin(fmax(x[i], p->low[i]), p->high[i]) : p->low[i];
    const double width = p->high[i] - p->low[i];
    first[i] = width > 0 ? 0.1 * width : 1;
    fixed = fixed && width <= 0;
  }
  struct watch w = {.problem = p, .best_x = room, .best = INFINITY, .max_evals = limits->max_evals};
  memcpy(room, x, n * sizeof *x);
  enum core_status status = CORE_OK;
  if (fixed)
    (void)watched((unsigned)n, x, NULL, &w);
  else
    status = run(algorithm, &w, limits, x, algorithm == NLOPT_LD_LBFGS ? NULL : first, err);
  memcpy(x, room, n * sizeof *x);
  *result = (struct core_minimize_result){.value = w.best, .evals = w.evals};
  core_free(room);
  return status;
}

enum core_status core_minimize_lbfgs(const struct core_minimize_problem *problem,
                                     const struct core_minimize_limits *limits, double *x,
                                     struct core_minimize_result *result, struct core_error *err) {
  return minimize(NLOPT_LD_LBFGS, problem, limits, x, result, err);
}

enum core_status core_minimize_derivative_free(const struct core_minimize_problem *problem,
                                               const struct core_minimize_limits *limits, double *x,
                                               struct core_minimize_result *result,
                                               struct core_error *err) {
  size_t n_free = 0;
  for (size_t i = 0; i < problem->n; i++) n_free += problem->low[i] < problem->high[i];
  return minimize(n_free > 1 ? NLOPT_LN_BOBYQA : NLOPT_LN_SBPLX, problem, limits, x, result, err);
}
