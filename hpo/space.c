/* SPDX-License-Identifier: GPL-3.0-or-later
 * The mapping between the two forms of a point. Discrete parameters count their values 0 .. n-1:
 * the cell of value k is [k/n, (k+1)/n), except for log ints, whose cells are log-widened. Reading:
 * space_read.c, text: space_text.c. */
#include "hpo/space.h"

#include <assert.h>
#include <float.h>
#include <math.h>

#include "core/num.h"
#include "core/str.h"

#define GRID_TOLERANCE                                                                             \
  1e-8 /* of a step: how far a stored value may stand off its grid, as in Optuna */

const char *hpo_param_type_name(enum hpo_param_type type) {
  static const char *const names[] = {"float", "int", "categorical"};
  return names[type];
}

static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

static double clean_unit(double u) {
  return isnan(u) ? 0.5 : clamp(u, 0, 1);
}

static bool is_log_int(const struct hpo_param *p) {
  return p->type == HPO_PARAM_INT && p->log;
}

/* The ends of the unit interval in the parameter's own (log) domain. */
static double domain_low(const struct hpo_param *p) {
  return is_log_int(p) ? log(p->low - 0.5) : p->log ? log(p->low) : p->low;
}

static double domain_high(const struct hpo_param *p) {
  return is_log_int(p) ? log(p->high + 0.5) : p->log ? log(p->high) : p->high;
}

uint64_t hpo_param_count(const struct hpo_param *p) {
  if (p->type == HPO_PARAM_CATEGORICAL) return p->n_choices;
  if (p->low == p->high) return 1;
  return p->step > 0 ? (uint64_t)nearbyint((p->high - p->low) / p->step) + 1 : 0;
}

double hpo_param_value(const struct hpo_param *p, uint64_t k) {
  assert(k < hpo_param_count(p));
  if (p->type == HPO_PARAM_CATEGORICAL) return (double)k;
  if (k == 0) return p->low;
  if (p->decimal > 0) {
    const double low = nearbyint(p->low * p->decimal), step = nearbyint(p->step * p->decimal);
    return clamp((low + (double)k * step) / p->decimal, p->low, p->high);
  }
  return clamp(p->low + (double)k * p->step, p->low, p->high);
}

/* The number of a discrete value; values off the grid go to the nearest. */
static uint64_t value_index(const struct hpo_param *p, double internal) {
  const uint64_t n = hpo_param_count(p);
  const double k = p->type == HPO_PARAM_CATEGORICAL ? internal
                   : p->low == p->high              ? 0
                                                    : (internal - p->low) / p->step;
  return (uint64_t)clamp(nearbyint(k), 0, (double)(n - 1));
}

static uint64_t cell_index(const struct hpo_param *p, double u) {
  const uint64_t n = hpo_param_count(p);
  if (is_log_int(p) && n > 1) {
    const double low = domain_low(p);
    return value_index(p, nearbyint(exp(low + u * (domain_high(p) - low))));
  }
  return (uint64_t)clamp(floor(u * (double)n), 0, (double)(n - 1));
}

static void cell_of_index(const struct hpo_param *p, uint64_t k, double *lo, double *hi) {
  const double n = (double)hpo_param_count(p);
  if (is_log_int(p) && n > 1) {
    const double low = domain_low(p), range = domain_high(p) - low, x = hpo_param_value(p, k);
    *lo = clamp((log(x - 0.5) - low) / range, 0, 1);
    *hi = clamp((log(x + 0.5) - low) / range, 0, 1);
    return;
  }
  *lo = (double)k / n;
  *hi = (double)(k + 1) / n;
}

void hpo_param_cell(const struct hpo_param *p, double u, double *lo, double *hi) {
  u = clean_unit(u);
  *lo = *hi = u;
  if (hpo_param_count(p) > 0) cell_of_index(p, cell_index(p, u), lo, hi);
}

double hpo_param_from_unit(const struct hpo_param *p, double u) {
  u = clean_unit(u);
  if (hpo_param_count(p) > 0) return hpo_param_value(p, cell_index(p, u));
  const double low = domain_low(p), x = low + u * (domain_high(p) - low);
  return clamp(p->log ? exp(x) : x, p->low, p->high);
}

double hpo_param_to_unit(const struct hpo_param *p, double internal) {
  if (isnan(internal)) return 0.5;
  if (hpo_param_count(p) > 0) {
    double lo, hi;
    cell_of_index(p, value_index(p, internal), &lo, &hi);
    return lo + 0.5 * (hi - lo);
  }
  const double x = clamp(internal, p->low, p->high), low = domain_low(p);
  return clamp(((p->log ? log(x) : x) - low) / (domain_high(p) - low), 0, 1);
}

static bool condition_holds(const struct hpo_space *space, const struct hpo_condition *c,
                            const double *internal) {
  const struct hpo_param *parent = &space->params[c->parent];
  if (isnan(internal[c->parent])) return false;
  for (size_t i = 0; i < c->n_values; i++)
    if (value_index(parent, internal[c->parent]) == value_index(parent, c->values[i])) return true;
  return false;
}

bool hpo_param_is_active(const struct hpo_space *space, size_t param, const double *internal) {
  const struct hpo_param *p = &space->params[param];
  for (size_t i = 0; i < p->n_conditions; i++)
    if (!condition_holds(space, &p->conditions[i], internal)) return false;
  return true;
}

void hpo_space_to_internal(const struct hpo_space *space, const double *unit, double *internal) {
  for (size_t i = 0; i < space->n_params; i++) {
    const size_t k = space->order[i];
    internal[k] = hpo_param_is_active(space, k, internal)
                      ? hpo_param_from_unit(&space->params[k], unit[k])
                      : NAN;
  }
}

void hpo_space_to_unit(const struct hpo_space *space, const double *internal, double *unit) {
  for (size_t i = 0; i < space->n_params; i++)
    unit[i] = isnan(internal[i]) ? NAN : hpo_param_to_unit(&space->params[i], internal[i]);
}

bool hpo_param_on_grid(const struct hpo_param *p, double x) {
  if (p->type == HPO_PARAM_INT) return fmod(x - p->low, p->step) == 0;
  if (!(p->step > 0)) return true;
  const double k = (x - p->low) / p->step;
  return fabs(k - nearbyint(k)) <= fmax(GRID_TOLERANCE, 4 * DBL_EPSILON * fabs(k));
}

static enum core_status fail_range(const struct hpo_param *p, double x, struct core_error *err) {
  char low[CORE_NUM_BYTES], high[CORE_NUM_BYTES], given[CORE_NUM_BYTES], step[CORE_NUM_BYTES];
  core_format_number(p->low, low);
  core_format_number(p->high, high);
  core_format_number(x, given);
  core_format_number(p->step, step);
  if (x >= p->low && x <= p->high)
    return core_fail(err, CORE_INVAL,
                     "parameter '%s': %s is not on its grid; %s and on in steps of %s", p->name,
                     given, low, step);
  return core_fail(err, CORE_INVAL, "parameter '%s': %s is out of range; from %s to %s", p->name,
                   given, low, high);
}

/* Is a value that is not NaN one that the parameter can take? */
static enum core_status param_check(const struct hpo_param *p, double x, struct core_error *err) {
  if (p->type == HPO_PARAM_CATEGORICAL) {
    if (x >= 0 && x < (double)p->n_choices && x == nearbyint(x)) return CORE_OK;
    char given[CORE_NUM_BYTES];
    core_format_number(x, given);
    return core_fail(err, CORE_INVAL,
                     "parameter '%s': there is no choice number %s; it has %zu from 0", p->name,
                     given, p->n_choices);
  }
  return x >= p->low && x <= p->high && hpo_param_on_grid(p, x) ? CORE_OK : fail_range(p, x, err);
}

enum core_status hpo_space_check(const struct hpo_space *space, const double *internal,
                                 struct core_error *err) {
  for (size_t i = 0; i < space->n_params; i++) {
    const struct hpo_param *p = &space->params[i];
    const bool active = hpo_param_is_active(space, i, internal);
    if (active && isnan(internal[i]))
      return core_fail(err, CORE_INVAL, "parameter '%s' has no value", p->name);
    if (!active && !isnan(internal[i]))
      return core_fail(err, CORE_INVAL,
                       "parameter '%s' has a value, but its 'when' does not hold; leave it out",
                       p->name);
    if (active) CORE_TRY(param_check(p, internal[i], err));
  }
  return CORE_OK;
}

size_t hpo_space_find(const struct hpo_space *space, const char *name) {
  for (size_t i = 0; i < space->n_params; i++)
    if (core_streq(space->params[i].name, name)) return i;
  return space->n_params;
}

void hpo_space_close(struct hpo_space *space) {
  core_arena_close(&space->arena);
  *space = (struct hpo_space){0};
}
