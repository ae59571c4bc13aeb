/* SPDX-License-Identifier: GPL-3.0-or-later
 * Several columns within one row: all different, or adding up to a total. */
#include "validate/expect/map.h"

#include "validate/scalar.h"

/* ---- all different ---- */

/* Nulls count as one value. */
static bool same(const struct val_scalar *a, const struct val_scalar *b) {
  if (a->type == VAL_TYPE_NULL || b->type == VAL_TYPE_NULL) return a->type == b->type;
  return val_scalar_equal(a, b);
}

static bool has_twins(const struct val_map *map, const struct val_batch *batch, size_t row) {
  for (size_t i = 0; i < map->n_columns; i++) {
    const struct val_scalar a = val_scalar_at(&batch->columns[map->columns[i]], row);
    for (size_t k = i + 1; k < map->n_columns; k++) {
      const struct val_scalar b = val_scalar_at(&batch->columns[map->columns[k]], row);
      if (same(&a, &b)) return true;
    }
  }
  return false;
}

static enum core_status mark_twins(void *state, const struct val_map *map,
                                   const struct val_batch *batch, const uint8_t *considered,
                                   uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)err;
  for (size_t i = 0; i < batch->n_rows; i++)
    if (val_bit(considered, i) && has_twins(map, batch, i)) val_bit_set(unexpected, i);
  return CORE_OK;
}

/* ---- a sum ---- */

static enum core_status sum_takes(const struct val_map *map, struct core_error *err) {
  for (size_t i = 0; i < map->n_columns; i++) {
    const enum val_type type = map->schema->fields[map->columns[i]].type;
    if (!val_type_is_number(type) && type != VAL_TYPE_NULL)
      return val_map_refuse(map, map->columns[i], "numbers, so they have no sum", err);
  }
  return CORE_OK;
}

/* Added in the order of the columns as doubles, as pandas does; a null makes no sum. */
static bool adds_up(const struct val_map *map, const struct val_batch *batch, size_t row,
                    double total) {
  double sum = 0;
  for (size_t i = 0; i < map->n_columns; i++) {
    const struct val_scalar value = val_scalar_at(&batch->columns[map->columns[i]], row);
    if (value.type == VAL_TYPE_NULL) return false;
    sum += val_scalar_number(&value);
  }
  return sum == total;
}

static enum core_status mark_sums(void *state, const struct val_map *map,
                                  const struct val_batch *batch, const uint8_t *considered,
                                  uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)err;
  const double total = core_option_double(&map->expected->kwargs, "sum_total");
  for (size_t i = 0; i < batch->n_rows; i++)
    if (val_bit(considered, i) && !adds_up(map, batch, i, total)) val_bit_set(unexpected, i);
  return CORE_OK;
}

/* ---- rows ---- */

static const struct core_option unique_kwargs[] = {VAL_KWARGS_MULTICOLUMN, CORE_OPTION_END};
static const struct val_predicate unique = {.mark = mark_twins};
const struct val_expectation_ops val_expect_select_column_values_to_be_unique_within_record = {
    .name = "expect_select_column_values_to_be_unique_within_record",
    .summary = "several columns have different values in every row",
    .kind = VAL_EXPECT_MULTICOLUMN,
    .kwargs = unique_kwargs,
    .check = val_map_check_list,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &unique,
};

static const struct core_option sum_kwargs[] = {
    VAL_KWARGS_MULTICOLUMN,
    {.name = "sum_total", .type = CORE_OPT_DOUBLE, .required = true, .help = "the total"},
    CORE_OPTION_END};
static const struct val_predicate sum = {.takes = sum_takes, .mark = mark_sums};
const struct val_expectation_ops val_expect_multicolumn_sum_to_equal = {
    .name = "expect_multicolumn_sum_to_equal",
    .summary = "several columns add up to a total in every row",
    .kind = VAL_EXPECT_MULTICOLUMN,
    .kwargs = sum_kwargs,
    .check = val_map_check_list,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &sum,
};
