/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two columns row by row: equal, ordered, or among given pairs. A row that is looked at and has one null is unexpected:
 * null equals nothing and is above nothing. */
#include "validate/expect/map.h"

#include "validate/expect/value_set.h"

static const struct val_column *column_at(const struct val_map *map, const struct val_batch *batch,
                                          size_t i) {
  return &batch->columns[map->columns[i]];
}

/* ---- equal ---- */

static enum core_status mark_unequal(void *state, const struct val_map *map,
                                     const struct val_batch *batch, const uint8_t *considered,
                                     uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)err;
  const struct val_column *a = column_at(map, batch, 0), *b = column_at(map, batch, 1);
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (!val_bit(considered, i)) continue;
    const struct val_scalar x = val_scalar_at(a, i), y = val_scalar_at(b, i);
    if (!val_scalar_equal(&x, &y)) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

/* ---- greater ---- */

static bool reads_times(const struct val_map *map) {
  return core_option_flag(&map->expected->kwargs, "parse_strings_as_datetimes");
}

static enum core_status greater_takes(const struct val_map *map, struct core_error *err) {
  const struct val_field *a = &map->schema->fields[map->columns[0]];
  const struct val_field *b = &map->schema->fields[map->columns[1]];
  if (a->type == VAL_TYPE_NULL || b->type == VAL_TYPE_NULL || val_types_compare(a->type, b->type) ||
      reads_times(map))
    return CORE_OK;
  return core_fail(err, CORE_UNSUPPORTED, "columns '%s' (%s) and '%s' (%s) do not compare", a->name,
                   val_type_name(a->type), b->name, val_type_name(b->type));
}

static enum core_status read_side(const struct val_map *map, const struct val_column *column,
                                  size_t row, struct val_scalar *out, struct core_error *err) {
  *out = val_scalar_at(column, row);
  if (out->type != VAL_TYPE_STRING || !reads_times(map)) return CORE_OK;
  const struct core_slice text = out->text;
  if (val_scalar_parse_time(text.data, text.len, out)) return CORE_OK;
  return core_fail(err, CORE_UNSUPPORTED, "'%.*s' cannot be read as a date or time",
                   (int)(text.len < 64 ? text.len : 64), text.data);
}

/* Two columns of one plain type; a null is above nothing. False: of other types. */
static bool mark_plain(const struct val_column *a, const struct val_column *b, bool or_equal,
                       size_t n_rows, uint8_t *unexpected) {
  if (a->type != b->type || (a->type != VAL_TYPE_DOUBLE && a->type != VAL_TYPE_INT64)) return false;
  if (a->type == VAL_TYPE_DOUBLE) {
    const double *x = a->values.float64, *y = b->values.float64;
    VAL_MARK_ROWS(n_rows, unexpected, i, !((x[i] > y[i]) | (or_equal & (x[i] == y[i]))))
  } else {
    const int64_t *x = a->values.int64, *y = b->values.int64;
    VAL_MARK_ROWS(n_rows, unexpected, i, !((x[i] > y[i]) | (or_equal & (x[i] == y[i]))))
  }
  for (size_t i = 0; i < (n_rows + 7) / 8; i++) {
    if (a->validity) unexpected[i] |= (uint8_t)~a->validity[i];
    if (b->validity) unexpected[i] |= (uint8_t)~b->validity[i];
  }
  return true;
}

static enum core_status mark_not_greater(void *state, const struct val_map *map,
                                         const struct val_batch *batch, const uint8_t *considered,
                                         uint8_t *unexpected, struct core_error *err) {
  (void)state;
  const struct val_column *a = column_at(map, batch, 0), *b = column_at(map, batch, 1);
  const int least = core_option_flag(&map->expected->kwargs, "or_equal") ? 0 : 1;
  if (mark_plain(a, b, least == 0, batch->n_rows, unexpected)) return CORE_OK;
  for (size_t i = 0; i < batch->n_rows; i++) {
    struct val_scalar x, y;
    if (!val_bit(considered, i)) continue;
    CORE_TRY(read_side(map, a, i, &x, err));
    CORE_TRY(read_side(map, b, i, &y, err));
    if (!val_types_compare(x.type, y.type) || val_scalar_compare(&x, &y) < least)
      val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

/* ---- in a set ---- */

struct pairs {
  bool given;
  struct val_hashes set; /* hashes of two values' hashes */
};

static void pairs_close(void *state) {
  struct pairs *pairs = state;
  val_hashes_close(&pairs->set);
}

static enum core_status add_pair(struct pairs *pairs, const struct core_node *pair, enum val_type a,
                                 enum val_type b, struct core_error *err) {
  struct core_hash128 both[2];
  size_t index = 0;
  bool fresh = false;
  if (!val_written_hash(pair->first, a, &both[0]) ||
      !val_written_hash(pair->first->next, b, &both[1]))
    return CORE_OK; /* no row can hold it */
  return val_hashes_put(&pairs->set, core_hash128(both, sizeof both, 0), &index, &fresh, err);
}

static enum core_status pairs_open(const struct val_map *map, struct core_arena *arena,
                                   void **state, struct core_error *err) {
  const struct core_option_value *set = core_option_get(&map->expected->kwargs, "value_pairs_set");
  const struct val_field *fields = map->schema->fields;
  struct pairs *pairs = core_arena_calloc(arena, 1, sizeof *pairs);
  if (!pairs) return core_fail_nomem(err, sizeof *pairs);
  *state = pairs;
  pairs->given = set->given;
  for (const struct core_node *pair = set->given ? set->node->first : NULL; pair; pair = pair->next)
    CORE_TRY(
        add_pair(pairs, pair, fields[map->columns[0]].type, fields[map->columns[1]].type, err));
  return CORE_OK;
}

static enum core_status mark_not_in(void *state, const struct val_map *map,
                                    const struct val_batch *batch, const uint8_t *considered,
                                    uint8_t *unexpected, struct core_error *err) {
  (void)err;
  const struct pairs *pairs = state;
  const struct val_column *a = column_at(map, batch, 0), *b = column_at(map, batch, 1);
  for (size_t i = 0; pairs->given && i < batch->n_rows; i++) {
    if (!val_bit(considered, i)) continue;
    const struct core_hash128 both[2] = {val_hash_value(a, i), val_hash_value(b, i)};
    if (!val_hashes_has(&pairs->set, core_hash128(both, sizeof both, 0)))
      val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

static enum core_status pairs_check(const struct val_expected *expected, struct core_error *err) {
  const struct core_option_value *set = core_option_get(&expected->kwargs, "value_pairs_set");
  for (const struct core_node *pair = set->given ? set->node->first : NULL; pair; pair = pair->next)
    if (pair->kind != CORE_NODE_LIST || pair->n_children != 2)
      return core_fail_at(err, CORE_INVAL, pair->pos,
                          "value_pairs_set must hold lists of two values, not %s",
                          core_node_kind_name(pair->kind));
  return CORE_OK;
}

/* ---- rows ---- */

static const struct core_option equal_kwargs[] = {VAL_KWARGS_PAIR, CORE_OPTION_END};
static const struct val_predicate equal = {.mark = mark_unequal};
const struct val_expectation_ops val_expect_column_pair_values_to_be_equal = {
    .name = "expect_column_pair_values_to_be_equal",
    .summary = "two columns are equal in every row",
    .kind = VAL_EXPECT_PAIR,
    .kwargs = equal_kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &equal,
};

static const struct core_option greater_kwargs[] = {VAL_KWARGS_PAIR,
                                                    {.name = "or_equal",
                                                     .type = CORE_OPT_FLAG,
                                                     .fallback = "false",
                                                     .nullable = true,
                                                     .help = "equal values are allowed"},
                                                    VAL_KWARG_CROSS_TYPE,
                                                    VAL_KWARG_DATETIMES,
                                                    CORE_OPTION_END};
static const struct val_predicate greater = {.takes = greater_takes, .mark = mark_not_greater};
const struct val_expectation_ops val_expect_column_pair_values_a_to_be_greater_than_b = {
    .name = "expect_column_pair_values_a_to_be_greater_than_b",
    .summary = "the first of two columns is greater in every row",
    .kind = VAL_EXPECT_PAIR,
    .kwargs = greater_kwargs,
    .check = val_map_check_cross_type,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &greater,
};

static const struct core_option in_set_kwargs[] = {VAL_KWARGS_PAIR,
                                                   {.name = "value_pairs_set",
                                                    .type = CORE_OPT_LIST,
                                                    .nullable = true,
                                                    .help = "the pairs, as a list of lists of two"},
                                                   CORE_OPTION_END};
static const struct val_predicate in_set = {
    .open = pairs_open, .mark = mark_not_in, .close = pairs_close};
const struct val_expectation_ops val_expect_column_pair_values_to_be_in_set = {
    .name = "expect_column_pair_values_to_be_in_set",
    .summary = "the pairs of two columns' values are among given ones",
    .kind = VAL_EXPECT_PAIR,
    .kwargs = in_set_kwargs,
    .check = pairs_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &in_set,
};
