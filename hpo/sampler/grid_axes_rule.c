/* SPDX-License-Identifier: GPL-3.0-or-later
 * Without conditions a rank is a number whose digits are the axes' indices. With conditions the points are walked once, as
 * an odometer turns, and every 256th state is kept, from which the others are reached again. */
#include "hpo/sampler/grid_axes_rule.h"

#include <math.h>
#include <string.h>

#include "core/str.h"

#define LANDMARK_EVERY 256

/* ---- reading ---- */

static enum core_status read_list(struct hpo_grid *grid, const struct hpo_param *p,
                                  const struct core_node *list, struct hpo_grid_axis *axis,
                                  struct core_error *err) {
  if (list->kind != CORE_NODE_LIST)
    return core_fail_at(err, CORE_INVAL, list->pos,
                        "sampler 'grid': the values of '%s' are %s; write a list", p->name,
                        core_node_kind_name(list->kind));
  if (list->n_children == 0 || list->n_children > HPO_GRID_MAX_LIST)
    return core_fail_at(err, CORE_INVAL, list->pos,
                        "sampler 'grid': '%s' has %zu values; from 1 to %d can be listed", p->name,
                        list->n_children, HPO_GRID_MAX_LIST);
  double *values = core_arena_calloc(&grid->arena, list->n_children, sizeof *values);
  if (!values) return core_fail_nomem(err, list->n_children * sizeof *values);
  axis->values = values;
  for (const struct core_node *node = list->first; node; node = node->next) {
    double value;
    CORE_TRY(hpo_param_parse(p, node, &value, err));
    for (uint64_t i = 0; i < axis->n; i++)
      if (values[i] == value)
        return core_fail_at(err, CORE_INVAL, node->pos,
                            "sampler 'grid': a value of '%s' stands there twice", p->name);
    values[axis->n++] = value;
  }
  return CORE_OK;
}

static enum core_status read_axis(struct hpo_grid *grid, size_t k, const struct core_node *lists,
                                  struct core_pos pos, struct core_error *err) {
  const struct hpo_param *p = &grid->space->params[k];
  const struct core_node *list = lists ? core_node_get(lists, p->name) : NULL;
  if (list) return read_list(grid, p, list, &grid->axes[k], err);
  grid->axes[k].n = hpo_param_count(p);
  if (grid->axes[k].n == 0)
    return core_fail_at(
        err, CORE_INVAL, pos, "sampler '%s': parameter '%s' is continuous; give it a step%s",
        grid->sampler, p->name, grid->takes_lists ? ", or list its values under search_space" : "");
  return CORE_OK;
}

static enum core_status check_names(const struct hpo_space *space, const struct core_node *lists,
                                    struct core_error *err) {
  for (const struct core_node *node = lists ? lists->first : NULL; node; node = node->next)
    if (hpo_space_find(space, node->key) == space->n_params)
      return core_fail_at(err, CORE_INVAL, node->key_pos,
                          "sampler 'grid': search_space names '%s', which is no parameter",
                          node->key);
  return CORE_OK;
}

/* ---- walking ---- */

static void set_internal(struct hpo_grid *grid, size_t k) {
  const struct hpo_grid_axis *axis = &grid->axes[k];
  const uint64_t digit = grid->digits[k];
  if (!hpo_param_is_active(grid->space, k, grid->internal))
    grid->internal[k] = NAN;
  else
    grid->internal[k] =
        axis->values ? axis->values[digit] : hpo_param_value(&grid->space->params[k], digit);
}

/* Sets the point at hand from the digits; those of parameters that do not exist are 0. */
static void settle_from(struct hpo_grid *grid, size_t place) {
  for (size_t i = place; i < grid->space->n_params; i++) set_internal(grid, grid->space->order[i]);
}

/* The next point in the odometer's order: the last existing parameter that is not at its end moves on. */
static bool step(struct hpo_grid *grid) {
  const struct hpo_space *space = grid->space;
  for (size_t i = space->n_params; i-- > 0;) {
    const size_t k = space->order[i];
    if (isnan(grid->internal[k]) || grid->digits[k] + 1 >= grid->axes[k].n) continue;
    grid->digits[k]++;
    for (size_t j = i + 1; j < space->n_params; j++) grid->digits[space->order[j]] = 0;
    settle_from(grid, i);
    return true;
  }
  return false;
}

static enum core_status keep_landmark(struct hpo_grid *grid, struct core_error *err) {
  const size_t n = grid->space->n_params;
  void *array = grid->landmarks;
  CORE_TRY(core_grow(&array, &grid->landmarks_cap, (grid->n_landmarks + 1) * n,
                     sizeof *grid->landmarks, err));
  grid->landmarks = array;
  memcpy(grid->landmarks + grid->n_landmarks++ * n, grid->digits, n * sizeof *grid->digits);
  return CORE_OK;
}

static const char *fewer_values(const struct hpo_grid *grid) {
  return grid->takes_lists ? "list fewer values under search_space, " : "";
}

static enum core_status count_conditional(struct hpo_grid *grid, struct core_pos pos,
                                          struct core_error *err) {
  settle_from(grid, 0);
  do {
    if (grid->n_points == HPO_GRID_MAX_CONDITIONAL_POINTS)
      return core_fail_at(
          err, CORE_INVAL, pos,
          "sampler '%s': this space has conditions and more than %d points; widen steps, "
          "%sor use random",
          grid->sampler, HPO_GRID_MAX_CONDITIONAL_POINTS, fewer_values(grid));
    if (grid->n_points % LANDMARK_EVERY == 0) CORE_TRY(keep_landmark(grid, err));
    grid->n_points++;
  } while (step(grid));
  return CORE_OK;
}

static enum core_status count_product(struct hpo_grid *grid, struct core_pos pos,
                                      struct core_error *err) {
  double points = 1;
  grid->n_points = 1;
  for (size_t k = 0; k < grid->space->n_params; k++) {
    points *= (double)grid->axes[k].n;
    if (points > HPO_GRID_MAX_POINTS)
      return core_fail_at(
          err, CORE_INVAL, pos,
          "sampler '%s': the grid has more than 2^62 points; widen steps, %sor use random",
          grid->sampler, fewer_values(grid));
    grid->n_points *= grid->axes[k].n;
  }
  return CORE_OK;
}

void hpo_grid_point(struct hpo_grid *grid, uint64_t rank, double *unit) {
  const size_t n = grid->space->n_params;
  if (grid->landmarks) {
    memcpy(grid->digits, grid->landmarks + rank / LANDMARK_EVERY * n, n * sizeof *grid->digits);
    settle_from(grid, 0);
    for (uint64_t i = 0; i < rank % LANDMARK_EVERY; i++) (void)step(grid);
  } else {
    for (size_t k = 0; k < n; k++) {
      grid->digits[k] = rank % grid->axes[k].n;
      rank /= grid->axes[k].n;
    }
    settle_from(grid, 0);
  }
  for (size_t k = 0; k < n; k++)
    unit[k] = hpo_param_to_unit(&grid->space->params[k], grid->internal[k]); /* 0.5 for NaN */
}

static enum core_status open_axes(struct hpo_grid *grid, const struct core_node *lists,
                                  struct core_pos pos, struct core_error *err) {
  const size_t n = grid->space->n_params;
  grid->axes = core_arena_calloc(&grid->arena, n, sizeof *grid->axes);
  grid->digits = core_arena_calloc(&grid->arena, n, sizeof *grid->digits);
  grid->internal = core_arena_calloc(&grid->arena, n, sizeof *grid->internal);
  if (!grid->axes || !grid->digits || !grid->internal)
    return core_fail_nomem(err, 3 * n * sizeof *grid->axes);
  CORE_TRY(check_names(grid->space, lists, err));
  for (size_t k = 0; k < n; k++) CORE_TRY(read_axis(grid, k, lists, pos, err));
  return grid->space->conditional ? count_conditional(grid, pos, err)
                                  : count_product(grid, pos, err);
}

enum core_status hpo_grid_open(struct hpo_grid *grid, const struct hpo_space *space,
                               const char *sampler, bool takes_lists, const struct core_node *lists,
                               struct core_pos pos, struct core_error *err) {
  *grid = (struct hpo_grid){.space = space, .sampler = sampler, .takes_lists = takes_lists};
  const enum core_status st = open_axes(grid, lists, pos, err);
  if (st != CORE_OK) hpo_grid_close(grid);
  return st;
}

void hpo_grid_close(struct hpo_grid *grid) {
  core_free(grid->landmarks);
  core_arena_close(&grid->arena);
  *grid = (struct hpo_grid){0};
}
