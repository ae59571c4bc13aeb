/* SPDX-License-Identifier: GPL-3.0-or-later
 * The search space: parameters, their bounds, and when each exists.
 *
 * A point has two forms, both rows of n_params doubles in the order of the space:
 *   internal  Optuna's stored form: a float or int as itself, a categorical as the index of its choice;
 *   unit      coordinates in [0, 1], what samplers read and write: uniform on the unit interval is the prior of the
 *             parameter (log parameters are linear in the logarithm; steps and ints are cells of equal prior mass in
 *             the widened range [low - step/2, high + step/2], log-widened for log ints; choice k of n is the cell
 *             [k/n, (k+1)/n)).
 * NaN in either form: the parameter does not exist in this trial (its `when` does not hold). */
#pragma once
#include "core/mem.h"
#include "core/status.h"
#include "core/tree.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hpo_param_type { HPO_PARAM_FLOAT, HPO_PARAM_INT, HPO_PARAM_CATEGORICAL };
const char *hpo_param_type_name(enum hpo_param_type type); /* as written in a study file: "float" */

/* One choice of a categorical: a scalar, as it stood in the file. */
struct hpo_choice {
  enum core_node_kind kind; /* NULL, BOOL, INT, DOUBLE, STRING */
  bool boolean;
  int64_t integer;
  double number;
  const char *text; /* NUL-terminated; what a command-line placeholder becomes */
};

/* Holds when the parent exists and its internal value is one of `values`. */
struct hpo_condition {
  size_t parent;        /* index of a parameter that stands earlier in `order` */
  const double *values; /* internal form */
  size_t n_values;
};

struct hpo_param {
  const char *name;
  enum hpo_param_type type;
  double low, high; /* FLOAT, INT: inclusive; high already lowered onto the step's grid */
  double step;      /* 0: continuous; INT: at least 1                                    */
  double decimal; /* FLOAT with a step: 10^d when low and step have d decimals (values are then the
                     nearest doubles of their decimals: 0.15, never 0.15000000000000002), else 0 */
  bool log;
  const struct hpo_choice *choices;
  size_t n_choices;
  const struct hpo_condition *conditions; /* all must hold */
  size_t n_conditions;
};

struct hpo_space {
  struct core_arena arena;
  struct hpo_param *params; /* in the order of the study file */
  size_t n_params;
  size_t *order;    /* a topological order: parents before children */
  bool conditional; /* any param has a condition */
};

/* From the `space` map of a study file; copies all that it keeps. Every mistake (unknown key, low
 * above high, log with low <= 0, log with a step, step beyond the range, empty or repeated choices,
 * unknown parent, value that the parent cannot take, a cycle) is CORE_INVAL with the position. On
 * failure the space is closed and empty. Limits, so that every value has its own unit coordinate:
 * HPO_SPACE_MAX_*. */
#define HPO_SPACE_MAX_PARAMS  10000
#define HPO_SPACE_MAX_CHOICES 10000
#define HPO_SPACE_MAX_LISTED                                                                       \
  100000 /* choices and values of conditions, of all parameters together */
#define HPO_SPACE_MAX_VALUES  0x1p48 /* of an int or stepped float */
#define HPO_SPACE_MAX_LOG_INT 0x1p40 /* high of an int with log: true */
enum core_status hpo_space_open(struct hpo_space *space, const struct core_node *map,
                                struct core_error *err) CORE_MUST_CHECK;
void hpo_space_close(struct hpo_space *space);

/* Unit row to internal row: activates by conditions (inactive: NaN), snaps to steps, choices and
 * bounds; a NaN or out-of-range coordinate is clamped (NaN to 0.5). Total: every input gives a
 * valid point. */
void hpo_space_to_internal(const struct hpo_space *space, const double *unit, double *internal);
/* Internal row to unit row; steps, ints and choices map to the middle of their cell. */
void hpo_space_to_unit(const struct hpo_space *space, const double *internal, double *unit);
/* The unit interval [*lo, *hi] that maps to the same internal value as coordinate u (lo == hi for
 * continuous). */
void hpo_param_cell(const struct hpo_param *param, double u, double *lo, double *hi);
/* Number of distinct values; 0 for continuous. */
uint64_t hpo_param_count(const struct hpo_param *param);
double hpo_param_from_unit(const struct hpo_param *param, double u);
double hpo_param_to_unit(const struct hpo_param *param, double internal);
/* Value number k of a discrete parameter, 0 <= k < count, ascending. */
double hpo_param_value(const struct hpo_param *param, uint64_t k);
/* Is x, within bounds, one of the values of an int or stepped float (up to rounding)? True for a
 * continuous float. */
bool hpo_param_on_grid(const struct hpo_param *param, double x);
/* Does param exist beside these values of its parents? */
bool hpo_param_is_active(const struct hpo_space *space, size_t param, const double *internal);
/* Is an internal row valid here (bounds, grid, activity)? The reason is filled when not. */
enum core_status hpo_space_check(const struct hpo_space *space, const double *internal,
                                 struct core_error *err) CORE_MUST_CHECK;
/* The index of a name, or n_params. */
size_t hpo_space_find(const struct hpo_space *space, const char *name);

/* A value for people, placeholders and JSON. Numbers in shortest form (ints without a point),
 * choices as written. */
void hpo_param_text(const struct hpo_param *param, double internal, struct core_str *out);
void hpo_param_json(const struct hpo_param *param, double internal, struct core_str *out);
/* {"lr": 0.1, "optimizer": "sgd"}: the parameters that exist. */
void hpo_space_json(const struct hpo_space *space, const double *internal, struct core_str *out);
/* Reads one value given by a person or a file; CORE_INVAL with what the parameter takes. */
enum core_status hpo_param_parse(const struct hpo_param *param, const struct core_node *value,
                                 double *internal, struct core_error *err) CORE_MUST_CHECK;
