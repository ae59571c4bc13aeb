/* SPDX-License-Identifier: GPL-3.0-or-later
 * Columns that rise or fall from each value to the next, nulls skipped. Only the later value of an offending pair is
 * unexpected; the first value never is. */
#include "validate/expect/map.h"
#include "validate/scalar.h"

struct state {
  int sign; /* 1: rising, -1: falling */
  bool strictly, times;
  struct val_scalar first, last; /* VAL_TYPE_NULL before the first value */
};

static enum core_status ordered_takes(const struct val_map *map, struct core_error *err) {
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  if (val_type_is_number(type) || val_type_is_time(type) || type == VAL_TYPE_NULL) return CORE_OK;
  if (core_option_flag(&map->expected->kwargs, "parse_strings_as_datetimes")) return CORE_OK;
  return val_map_refuse(map, map->columns[0], "numbers or times, so they have no order", err);
}

static enum core_status ordered_open(const struct val_map *map, struct core_arena *arena,
                                     void **state, int sign, struct core_error *err) {
  struct state *s = core_arena_calloc(arena, 1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->sign = sign;
  s->strictly = core_option_flag(&map->expected->kwargs, "strictly");
  s->times = map->schema->fields[map->columns[0]].type == VAL_TYPE_STRING;
  *state = s;
  return CORE_OK;
}

static enum core_status rising_open(const struct val_map *map, struct core_arena *arena,
                                    void **state, struct core_error *err) {
  return ordered_open(map, arena, state, 1, err);
}

static enum core_status falling_open(const struct val_map *map, struct core_arena *arena,
                                     void **state, struct core_error *err) {
  return ordered_open(map, arena, state, -1, err);
}

static bool follows(const struct state *s, const struct val_scalar *before,
                    const struct val_scalar *value) {
  const int c = s->sign * val_scalar_compare(value, before);
  return s->strictly ? c > 0 : c >= 0;
}

static enum core_status read_value(const struct state *s, const struct val_column *column,
                                   size_t row, struct val_scalar *out, struct core_error *err) {
  *out = val_scalar_at(column, row);
  if (!s->times) return CORE_OK;
  const struct core_slice text = out->text;
  if (!val_scalar_parse_time(text.data, text.len, out))
    return core_fail(err, CORE_UNSUPPORTED, "'%.*s' cannot be read as a date or time",
                     (int)(text.len < 64 ? text.len : 64), text.data);
  if (s->last.type != VAL_TYPE_NULL && !val_types_compare(s->last.type, out->type))
    return core_fail(err, CORE_UNSUPPORTED,
                     "times with a zone do not compare with times without one");
  return CORE_OK;
}

/* Rows of a plain type after the first value was seen. */
#define MARK_PLAIN(name, c_type, field, value_type)                                                \
  static void mark_##name(struct state *s, const struct val_column *column, size_t n_rows,         \
                          const uint8_t *considered, uint8_t *unexpected) {                        \
    const c_type *x = column->values.field;                                                        \
    const bool rising = s->sign > 0, strictly = s->strictly;                                       \
    size_t i = 0;                                                                                  \
    while (s->last.type == VAL_TYPE_NULL && i < n_rows) {                                          \
      if (val_bit(considered, i)) s->first = s->last = val_scalar_at(column, i);                   \
      i++;                                                                                         \
    }                                                                                              \
    if (s->last.type == VAL_TYPE_NULL) return;                                                     \
    c_type last = s->last.value_type;                                                              \
    for (; i < n_rows; i++) {                                                                      \
      if (!val_bit(considered, i)) continue;                                                       \
      const bool good = rising ? (strictly ? x[i] > last : x[i] >= last)                           \
                               : (strictly ? x[i] < last : x[i] <= last);                          \
      unexpected[i >> 3] |= (uint8_t)(!good << (i & 7));                                           \
      last = x[i];                                                                                 \
    }                                                                                              \
    s->last.value_type = last;                                                                     \
  }
MARK_PLAIN(int64, int64_t, int64, integer)
MARK_PLAIN(double, double, float64, number)

static enum core_status ordered_mark(void *state, const struct val_map *map,
                                     const struct val_batch *batch, const uint8_t *considered,
                                     uint8_t *unexpected, struct core_error *err) {
  struct state *s = state;
  const struct val_column *column = &batch->columns[map->columns[0]];
  if (column->type == VAL_TYPE_INT64) {
    mark_int64(s, column, batch->n_rows, considered, unexpected);
    return CORE_OK;
  }
  if (column->type == VAL_TYPE_DOUBLE) {
    mark_double(s, column, batch->n_rows, considered, unexpected);
    return CORE_OK;
  }
  for (size_t i = 0; i < batch->n_rows; i++) {
    struct val_scalar value;
    if (!val_bit(considered, i)) continue;
    CORE_TRY(read_value(s, column, i, &value, err));
    if (s->last.type == VAL_TYPE_NULL)
      s->first = value;
    else if (!follows(s, &s->last, &value))
      val_bit_set(unexpected, i);
    s->last = value;
  }
  return CORE_OK;
}

static bool ordered_join(void *into, const void *later) {
  struct state *s = into;
  const struct state *next = later;
  const bool unexpected =
      !val_types_compare(s->last.type, next->first.type) || !follows(s, &s->last, &next->first);
  s->last = next->last;
  return unexpected;
}

static const struct core_option kwargs[] = {VAL_KWARGS_MAP,
                                            {.name = "strictly",
                                             .type = CORE_OPT_FLAG,
                                             .fallback = "false",
                                             .nullable = true,
                                             .help = "equal neighbours are not allowed"},
                                            VAL_KWARG_DATETIMES,
                                            CORE_OPTION_END};
static const struct val_predicate rising = {
    .takes = ordered_takes, .open = rising_open, .mark = ordered_mark, .join = ordered_join};
static const struct val_predicate falling = {
    .takes = ordered_takes, .open = falling_open, .mark = ordered_mark, .join = ordered_join};
const struct val_expectation_ops val_expect_column_values_to_be_increasing = {
    .name = "expect_column_values_to_be_increasing",
    .summary = "each value of a column is at least the one before",
    .kind = VAL_EXPECT_MAP,
    .kwargs = kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &rising,
};
const struct val_expectation_ops val_expect_column_values_to_be_decreasing = {
    .name = "expect_column_values_to_be_decreasing",
    .summary = "each value of a column is at most the one before",
    .kind = VAL_EXPECT_MAP,
    .kwargs = kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &falling,
};
