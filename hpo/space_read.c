/* SPDX-License-Identifier: GPL-3.0-or-later
 * The `space` map of a study file. Three passes: the parameters themselves, their conditions, the
 * topological order. Each mistake is reported at its own place in the file. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/num.h"
#include "core/option.h"
#include "core/str.h"
#include "hpo/space.h"

#define INT_BOUND 0x1p52 /* differences of ints within it are exact doubles */
#define DECIMALS  15     /* of low and step of a float, for exact decimal grids */

#define TYPE_ROW                                                                                   \
  { .name = "type", .type = CORE_OPT_STRING, .required = true, .help = "float, int or categorical" }
#define WHEN_ROW                                                                                   \
  {                                                                                                \
    .name = "when", .type = CORE_OPT_MAP, .nullable = true,                                        \
    .help = "exists only when each of these parameters has the value (or one of the values)"       \
  }
#define LOG_ROW                                                                                    \
  { .name = "log", .type = CORE_OPT_FLAG, .fallback = "false", .help = "search the logarithm" }

static const struct core_option float_rows[] = {
    TYPE_ROW,
    {.name = "low", .type = CORE_OPT_DOUBLE, .required = true, .help = "smallest value"},
    {.name = "high", .type = CORE_OPT_DOUBLE, .required = true, .help = "largest value"},
    LOG_ROW,
    {.name = "step", .type = CORE_OPT_DOUBLE, .nullable = true, .help = "distance between values"},
    WHEN_ROW,
    CORE_OPTION_END};
static const struct core_option int_rows[] = {
    TYPE_ROW,
    {.name = "low", .type = CORE_OPT_INT, .required = true, .help = "smallest value"},
    {.name = "high", .type = CORE_OPT_INT, .required = true, .help = "largest value"},
    LOG_ROW,
    {.name = "step", .type = CORE_OPT_INT, .fallback = "1", .help = "distance between values"},
    WHEN_ROW,
    CORE_OPTION_END};
static const struct core_option categorical_rows[] = {
    TYPE_ROW,
    {.name = "choices",
     .type = CORE_OPT_LIST,
     .required = true,
     .help = "null, true or false, numbers or strings"},
    WHEN_ROW,
    CORE_OPTION_END};
static const struct core_option *const rows_of_type[] = {float_rows, int_rows, categorical_rows};

static const char *const type_names[] = {"float", "int", "categorical", NULL};

/* What is known of the parameter being read; one at a time. */
struct reading {
  struct hpo_space *space;
  struct hpo_param *param;
  const struct core_node *node;
  struct core_options options;
};

static struct core_pos pos_of(const struct reading *r, const char *option) {
  return core_option_get(&r->options, option)->pos;
}

static enum core_status read_type(struct reading *r, struct core_error *err) {
  const struct core_node *node = r->node, *type;
  if (node->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "parameter '%s' is %s; write {type: float, low: 0, high: 1} or the like",
                        node->key, core_node_kind_name(node->kind));
  type = core_node_get(node, "type");
  if (!type)
    return core_fail_at(err, CORE_INVAL, node->key_pos,
                        "parameter '%s' has no 'type'; float, int or categorical", node->key);
  for (size_t i = 0; type_names[i]; i++)
    if (type->kind == CORE_NODE_STRING && core_slice_is(type->text, type_names[i])) {
      r->param->type = (enum hpo_param_type)i;
      return CORE_OK;
    }
  const char *near =
      type->kind == CORE_NODE_STRING ? core_nearest(type->text.data, type_names) : NULL;
  return core_fail_at(err, CORE_INVAL, type->pos,
                      "parameter '%s': type '%s' is not one of float, int, categorical%s%s%s",
                      node->key,
                      type->text.data ? type->text.data : core_node_kind_name(type->kind),
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum core_status check_bounds(const struct reading *r, struct core_error *err) {
  const struct hpo_param *p = r->param;
  char low[CORE_NUM_BYTES], high[CORE_NUM_BYTES];
  core_format_number(p->low, low);
  core_format_number(p->high, high);
  if (!isfinite(p->low) || !isfinite(p->high) || !isfinite(p->high - p->low))
    return core_fail_at(err, CORE_INVAL, pos_of(r, "low"),
                        "parameter '%s': the range from %s to %s is not finite", p->name, low,
                        high);
  if (p->low > p->high)
    return core_fail_at(err, CORE_INVAL, pos_of(r, "low"),
                        "parameter '%s': low %s is above high %s", p->name, low, high);
  if (p->type == HPO_PARAM_INT && (p->low < -INT_BOUND || p->high > INT_BOUND))
    return core_fail_at(err, CORE_INVAL, pos_of(r, "low"),
                        "parameter '%s': from %s to %s is beyond 2^52; "
                        "search the logarithm as a float",
                        p->name, low, high);
  return CORE_OK;
}

static enum core_status check_log(const struct reading *r, struct core_error *err) {
  const struct hpo_param *p = r->param;
  char low[CORE_NUM_BYTES];
  core_format_number(p->low, low);
  if (!p->log) return CORE_OK;
  if (p->low <= 0)
    return core_fail_at(
        err, CORE_INVAL, pos_of(r, "low"),
        "parameter '%s': low %s has no logarithm; with log: true low must be above 0", p->name,
        low);
  if (p->type == HPO_PARAM_INT && p->high > HPO_SPACE_MAX_LOG_INT)
    return core_fail_at(err, CORE_INVAL, pos_of(r, "high"),
                        "parameter '%s': an int with log: true ends at 2^40; use a float", p->name);
  if (p->step > (p->type == HPO_PARAM_INT ? 1 : 0))
    return core_fail_at(err, CORE_INVAL, pos_of(r, "step"),
                        "parameter '%s': log and step exclude each other; leave one out", p->name);
  return CORE_OK;
}

static bool has_decimals(double x, double decimal) {
  return fabs(x) * decimal < 0x1p50 && nearbyint(x * decimal) / decimal == x;
}

/* Lowers high onto the step's grid; finds the decimal scale in which the grid is exact. */
static enum core_status fit_step(const struct reading *r, struct core_error *err) {
  struct hpo_param *p = r->param;
  const double range = p->high - p->low;
  char step[CORE_NUM_BYTES];
  core_format_number(p->step, step);
  if (!(p->step > 0) || !isfinite(p->step))
    return core_fail_at(err, CORE_INVAL, pos_of(r, "step"),
                        "parameter '%s': step %s is not above 0", p->name, step);
  if (range > 0 && p->step > range * (1 + 1e-9))
    return core_fail_at(err, CORE_INVAL, pos_of(r, "step"),
                        "parameter '%s': step %s is larger than the range from low to high",
                        p->name, step);
  if (range / p->step >= HPO_SPACE_MAX_VALUES)
    return core_fail_at(
        err, CORE_INVAL, pos_of(r, "step"),
        "parameter '%s': step %s gives more than 2^48 values; make it larger or use a "
        "float without step",
        p->name, step);
  if (p->type == HPO_PARAM_FLOAT)
    for (double decimal = 1, d = 0; d <= DECIMALS && p->decimal == 0; decimal *= 10, d++)
      if (has_decimals(p->low, decimal) && has_decimals(p->step, decimal) &&
          fabs(p->high) * decimal < 0x1p50)
        p->decimal = decimal;
  const double k = range / p->step;
  const bool fits = hpo_param_on_grid(p, p->high);
  if (!fits) p->high = p->low + floor(k) * p->step;
  if (!fits && p->decimal > 0) p->high = nearbyint(p->high * p->decimal) / p->decimal;
  return CORE_OK;
}

static enum core_status read_number(struct reading *r, struct core_error *err) {
  struct hpo_param *p = r->param;
  const bool stepped = p->type == HPO_PARAM_INT || core_option_given(&r->options, "step");
  p->low = core_option_double(&r->options, "low");
  p->high = core_option_double(&r->options, "high");
  p->log = core_option_flag(&r->options, "log");
  p->step = stepped ? core_option_double(&r->options, "step") : 0;
  CORE_TRY(check_bounds(r, err));
  CORE_TRY(check_log(r, err));
  return stepped ? fit_step(r, err) : CORE_OK;
}

static enum core_status read_choice(struct reading *r, const struct core_node *node,
                                    struct hpo_choice *choice, struct core_error *err) {
  if (node->kind == CORE_NODE_LIST || node->kind == CORE_NODE_MAP)
    return core_fail_at(
        err, CORE_INVAL, node->pos,
        "parameter '%s': a choice is %s; choices are null, true, false, numbers and "
        "strings",
        r->param->name, core_node_kind_name(node->kind));
  const struct core_slice text =
      node->kind == CORE_NODE_NULL ? (struct core_slice){"null", 4} : node->text;
  if (memchr(text.data, '\0', text.len))
    return core_fail_at(err, CORE_INVAL, node->pos, "parameter '%s': a choice holds a NUL byte",
                        r->param->name);
  *choice = (struct hpo_choice){.kind = node->kind,
                                .boolean = node->boolean,
                                .integer = node->integer,
                                .number = node->number,
                                .text = core_arena_strndup(&r->space->arena, text.data, text.len)};
  return choice->text ? CORE_OK : core_fail_nomem(err, text.len);
}

static enum core_status check_choice_is_new(const struct reading *r, const struct core_node *node,
                                            struct core_error *err) {
  const struct core_node *list = core_option_node(&r->options, "choices");
  for (const struct core_node *other = list->first; other != node; other = other->next)
    if (core_node_equal(other, node))
      return core_fail_at(err, CORE_INVAL, node->pos,
                          "parameter '%s': choice '%s' stands there twice", r->param->name,
                          node->text.data ? node->text.data : "null");
  return CORE_OK;
}

static enum core_status read_choices(struct reading *r, struct core_error *err) {
  struct hpo_param *p = r->param;
  const struct core_node *list = core_option_node(&r->options, "choices");
  if (list->n_children == 0 || list->n_children > HPO_SPACE_MAX_CHOICES)
    return core_fail_at(err, CORE_INVAL, list->pos,
                        "parameter '%s' has %zu choices; from 1 to %d are possible", p->name,
                        list->n_children, HPO_SPACE_MAX_CHOICES);
  struct hpo_choice *choices =
      core_arena_calloc(&r->space->arena, list->n_children, sizeof *choices);
  if (!choices) return core_fail_nomem(err, list->n_children * sizeof *choices);
  p->choices = choices;
  for (const struct core_node *node = list->first; node; node = node->next) {
    CORE_TRY(read_choice(r, node, &choices[p->n_choices], err));
    CORE_TRY(check_choice_is_new(r, node, err));
    p->n_choices++;
  }
  p->high = (double)(p->n_choices - 1);
  return CORE_OK;
}

static enum core_status read_param(struct hpo_space *space, const struct core_node *node,
                                   struct core_error *err) {
  struct reading r = {.space = space, .param = &space->params[space->n_params], .node = node};
  struct core_str section = {0};
  r.param->name = core_arena_strdup(&space->arena, node->key);
  if (!r.param->name) return core_fail_nomem(err, strlen(node->key));
  if (node->key[0] == '\0')
    return core_fail_at(err, CORE_INVAL, node->key_pos, "a parameter's name is empty; give it one");
  CORE_TRY(read_type(&r, err));
  core_str_printf(&section, "parameter '%s'", node->key);
  enum core_status st = core_str_status(&section, err);
  if (st == CORE_OK)
    st = core_options_open(&r.options, rows_of_type[r.param->type], node, core_str_text(&section),
                           NULL, err);
  core_str_close(&section);
  if (st != CORE_OK) return st;
  st = r.param->type == HPO_PARAM_CATEGORICAL ? read_choices(&r, err) : read_number(&r, err);
  core_options_close(&r.options);
  if (st == CORE_OK) space->n_params++;
  return st;
}

static enum core_status fail_parent(const struct hpo_space *space, const struct core_node *node,
                                    const char *child, struct core_error *err) {
  const char **names = core_calloc(space->n_params + 1, sizeof *names);
  for (size_t i = 0; names && i < space->n_params; i++) names[i] = space->params[i].name;
  const char *near = names ? core_nearest(node->key, names) : NULL;
  const enum core_status st =
      core_fail_at(err, CORE_INVAL, node->key_pos,
                   "parameter '%s': 'when' names '%s', which is no parameter%s%s%s", child,
                   node->key, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  core_free(names);
  return st;
}

/* One entry of `when`: a value or a list of values of the parent. */
static enum core_status read_condition(struct hpo_space *space, const struct core_node *node,
                                       const char *child, struct hpo_condition *out,
                                       struct core_error *err) {
  out->parent = hpo_space_find(space, node->key);
  if (out->parent == space->n_params) return fail_parent(space, node, child, err);
  const struct hpo_param *parent = &space->params[out->parent];
  if (hpo_param_count(parent) == 0)
    return core_fail_at(err, CORE_INVAL, node->key_pos,
                        "parameter '%s': 'when' needs a parent with single values; '%s' is a float "
                        "without step",
                        child, node->key);
  const bool list = node->kind == CORE_NODE_LIST;
  const size_t n = list ? node->n_children : 1;
  if (n == 0)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "parameter '%s': 'when' lists no value of '%s', so it would never exist",
                        child, node->key);
  double *values = core_arena_calloc(&space->arena, n, sizeof *values);
  if (!values) return core_fail_nomem(err, n * sizeof *values);
  out->values = values;
  for (const struct core_node *value = list ? node->first : node; value; value = value->next) {
    CORE_TRY(hpo_param_parse(parent, value, &values[out->n_values], err));
    out->n_values++;
    if (!list) break;
  }
  return CORE_OK;
}

static enum core_status read_conditions(struct hpo_space *space, struct hpo_param *p,
                                        const struct core_node *when, struct core_error *err) {
  if (!when || when->n_children == 0) return CORE_OK;
  struct hpo_condition *conditions =
      core_arena_calloc(&space->arena, when->n_children, sizeof *conditions);
  if (!conditions) return core_fail_nomem(err, when->n_children * sizeof *conditions);
  p->conditions = conditions;
  for (const struct core_node *node = when->first; node; node = node->next)
    CORE_TRY(read_condition(space, node, p->name, &conditions[p->n_conditions++], err));
  space->conditional = true;
  return CORE_OK;
}

static bool parents_placed(const struct hpo_param *p, const bool *placed) {
  for (size_t i = 0; i < p->n_conditions; i++)
    if (!placed[p->conditions[i].parent]) return false;
  return true;
}

/* Names the circle: from any unplaced parameter its unplaced parents lead into it. */
static enum core_status fail_cycle(const struct hpo_space *space, const struct core_node *map,
                                   const bool *placed, struct core_error *err) {
  size_t at = 0;
  while (placed[at]) at++;
  struct core_str circle = {0};
  for (size_t step = 0, start = space->n_params; step <= 2 * space->n_params; step++) {
    const struct hpo_param *p = &space->params[at];
    if (step == space->n_params) start = at; /* inside the circle by now */
    if (step >= space->n_params)
      core_str_printf(&circle, "%s'%s'", circle.len ? " needs " : "", p->name);
    if (step > space->n_params && at == start) break;
    size_t i = 0;
    while (placed[p->conditions[i].parent]) i++;
    at = p->conditions[i].parent;
  }
  const struct core_node *node = core_node_get(map, space->params[at].name);
  const struct core_node *when = core_node_get(node, "when");
  const enum core_status st = core_fail_at(err, CORE_INVAL, when->key_pos,
                                           "'when' goes in a circle: %s", core_str_text(&circle));
  core_str_close(&circle);
  return st;
}

/* Parents before children; among those ready the order of the file. `placed` is all false. */
static enum core_status sort_params(struct hpo_space *space, const struct core_node *map,
                                    bool *placed, struct core_error *err) {
  const size_t n = space->n_params;
  size_t n_placed = 0;
  while (n_placed < n) {
    const size_t before = n_placed;
    for (size_t i = 0; i < n; i++) {
      if (placed[i] || !parents_placed(&space->params[i], placed)) continue;
      placed[i] = true;
      space->order[n_placed++] = i;
    }
    if (n_placed == before) return fail_cycle(space, map, placed, err);
  }
  return CORE_OK;
}

static size_t count_listed(const struct core_node *map) {
  size_t n = 0;
  for (const struct core_node *param = map->first; param; param = param->next) {
    const struct core_node *choices = core_node_get(param, "choices");
    const struct core_node *when = core_node_get(param, "when");
    n += choices ? choices->n_children : 0;
    for (const struct core_node *c = when ? when->first : NULL; c; c = c->next)
      n += 1 + c->n_children;
  }
  return n;
}

static enum core_status read_space(struct hpo_space *space, const struct core_node *map,
                                   struct core_error *err) {
  if (map->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, map->pos, "'space' is %s; write a map of parameters",
                        core_node_kind_name(map->kind));
  if (map->n_children == 0 || map->n_children > HPO_SPACE_MAX_PARAMS)
    return core_fail_at(err, CORE_INVAL, map->pos,
                        "'space' has %zu parameters; from 1 to %d are possible", map->n_children,
                        HPO_SPACE_MAX_PARAMS);
  if (count_listed(map) > HPO_SPACE_MAX_LISTED)
    return core_fail_at(err, CORE_INVAL, map->pos,
                        "'space' lists %zu choices and values of conditions; up to %d are possible",
                        count_listed(map), HPO_SPACE_MAX_LISTED);
  space->params = core_arena_calloc(&space->arena, map->n_children, sizeof *space->params);
  if (!space->params) return core_fail_nomem(err, map->n_children * sizeof *space->params);
  for (const struct core_node *node = map->first; node; node = node->next)
    CORE_TRY(read_param(space, node, err));
  size_t i = 0;
  for (const struct core_node *node = map->first; node; node = node->next)
    CORE_TRY(read_conditions(space, &space->params[i++], core_node_get(node, "when"), err));
  space->order = core_arena_calloc(&space->arena, space->n_params, sizeof *space->order);
  bool *placed = core_arena_calloc(&space->arena, space->n_params, sizeof *placed);
  if (!space->order || !placed) return core_fail_nomem(err, space->n_params * sizeof *space->order);
  return sort_params(space, map, placed, err);
}

enum core_status hpo_space_open(struct hpo_space *space, const struct core_node *map,
                                struct core_error *err) {
  *space = (struct hpo_space){0};
  const enum core_status st = read_space(space, map, err);
  if (st != CORE_OK) hpo_space_close(space);
  return st;
}
