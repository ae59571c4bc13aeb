/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values that must be there, or must not: the share is of all rows, no null is left out. */
#include "validate/expect/map.h"

#include "validate/facts.h"

static enum core_status mark(const struct val_column *column, size_t n_rows, bool nulls,
                             uint8_t *unexpected) {
  const bool all_null = column->type == VAL_TYPE_NULL;
  for (size_t i = 0; i < (n_rows + 7) / 8; i++) {
    const uint8_t valid = all_null ? 0 : column->validity ? column->validity[i] : 0xff;
    unexpected[i] = nulls ? (uint8_t)~valid : valid;
  }
  return CORE_OK;
}

static enum core_status mark_null(void *state, const struct val_map *map,
                                  const struct val_batch *batch, const uint8_t *considered,
                                  uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)considered, (void)err;
  return mark(&batch->columns[map->columns[0]], batch->n_rows, true, unexpected);
}

static enum core_status mark_present(void *state, const struct val_map *map,
                                     const struct val_batch *batch, const uint8_t *considered,
                                     uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)considered, (void)err;
  return mark(&batch->columns[map->columns[0]], batch->n_rows, false, unexpected);
}

static bool none_is_null(const void *state, int64_t n_rows, const struct val_facts *facts) {
  (void)state, (void)n_rows;
  return facts->n_null == 0;
}

static bool all_are_null(const void *state, int64_t n_rows, const struct val_facts *facts) {
  (void)state;
  return facts->n_null == n_rows;
}

static const struct core_option kwargs[] = {VAL_KWARGS_MAP, CORE_OPTION_END};
static const struct val_predicate not_null = {
    .nulls = VAL_NULLS_NEVER, .mark = mark_null, .holds = none_is_null};
static const struct val_predicate null = {
    .nulls = VAL_NULLS_NEVER, .mark = mark_present, .holds = all_are_null};
const struct val_expectation_ops val_expect_column_values_to_not_be_null = {
    .name = "expect_column_values_to_not_be_null",
    .summary = "the values of a column are not null",
    .kind = VAL_EXPECT_MAP,
    .kwargs = kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &not_null,
};
const struct val_expectation_ops val_expect_column_values_to_be_null = {
    .name = "expect_column_values_to_be_null",
    .summary = "the values of a column are null",
    .kind = VAL_EXPECT_MAP,
    .kwargs = kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &null,
};
