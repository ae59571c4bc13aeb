/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values between two bounds. Numbers are compared exactly, text by code points; for dates and timestamps the bounds are
 * text. With parse_strings_as_datetimes text values are compared as the times that they name. */
#include "validate/expect/map.h"
#include "validate/expect/range.h"
#include "validate/facts.h"

struct state {
  struct val_range range;
  bool none;  /* no integer lies in the range */
  bool times; /* text is compared as times */
  int64_t least, greatest;
};

static bool reads_times(const struct val_map *map) {
  return core_option_flag(&map->expected->kwargs, "parse_strings_as_datetimes") &&
         map->schema->fields[map->columns[0]].type == VAL_TYPE_STRING;
}

static bool bound_time(const struct val_map *map, const char *name, struct val_scalar *out) {
  const struct core_option_value *value = core_option_get(&map->expected->kwargs, name);
  return !value->given ||
         (value->node->kind == CORE_NODE_STRING &&
          val_scalar_parse_time(value->node->text.data, value->node->text.len, out));
}

static enum core_status open_times(const struct val_map *map, struct val_range *range,
                                   struct core_error *err) {
  const struct core_options *kwargs = &map->expected->kwargs;
  *range = (struct val_range){.has_min = core_option_given(kwargs, "min_value"),
                              .has_max = core_option_given(kwargs, "max_value"),
                              .strict_min = core_option_flag(kwargs, "strict_min"),
                              .strict_max = core_option_flag(kwargs, "strict_max")};
  if (bound_time(map, "min_value", &range->min) && bound_time(map, "max_value", &range->max))
    return CORE_OK;
  return core_fail(err, CORE_UNSUPPORTED, "min_value and max_value must be dates or times as text");
}

static enum core_status open_range(const struct val_map *map, struct val_range *range,
                                   struct core_error *err) {
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  if (reads_times(map)) return open_times(map, range, err);
  if (type == VAL_TYPE_NULL) {
    *range = (struct val_range){0};
    return CORE_OK;
  }
  return val_range_open(range, map->expected, type, err);
}

static enum core_status between_takes(const struct val_map *map, struct core_error *err) {
  struct val_range range;
  return open_range(map, &range, err);
}

static enum core_status between_open(const struct val_map *map, struct core_arena *arena,
                                     void **state, struct core_error *err) {
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  struct state *s = core_arena_calloc(arena, 1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  *state = s;
  s->times = reads_times(map);
  CORE_TRY(open_range(map, &s->range, err));
  if (val_type_is_integer(type))
    s->none = !val_range_integers(&s->range, type, &s->least, &s->greatest);
  return CORE_OK;
}

static enum core_status mark_times(const struct state *s, const struct val_map *map,
                                   const struct val_batch *batch, const uint8_t *considered,
                                   uint8_t *unexpected, struct core_error *err) {
  const struct val_column *column = &batch->columns[map->columns[0]];
  for (size_t i = 0; i < batch->n_rows; i++) {
    struct val_scalar time;
    if (!val_bit(considered, i)) continue;
    const struct core_slice text = val_column_text(column, i);
    if (!val_scalar_parse_time(text.data, text.len, &time))
      return core_fail(err, CORE_UNSUPPORTED, "'%.*s' cannot be read as a date or time",
                       (int)(text.len < 64 ? text.len : 64), text.data);
    if ((s->range.has_min && !val_types_compare(time.type, s->range.min.type)) ||
        (s->range.has_max && !val_types_compare(time.type, s->range.max.type)))
      return core_fail(err, CORE_UNSUPPORTED,
                       "times with a zone do not compare with times without one");
    if (!val_range_holds(&s->range, &time)) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

/* Doubles against bounds that doubles can hold; the general way does the rest. */
static bool plain_doubles(const struct val_range *range) {
  return (!range->has_min || range->min.type == VAL_TYPE_DOUBLE ||
          (range->min.integer > -((int64_t)1 << 53) && range->min.integer < (int64_t)1 << 53)) &&
         (!range->has_max || range->max.type == VAL_TYPE_DOUBLE ||
          (range->max.integer > -((int64_t)1 << 53) && range->max.integer < (int64_t)1 << 53));
}

static void mark_doubles(const struct val_range *range, const double *x, size_t n_rows,
                         uint8_t *unexpected) {
  const bool has_min = range->has_min, has_max = range->has_max;
  const bool strict_min = range->strict_min, strict_max = range->strict_max;
  const double min = has_min ? val_scalar_number(&range->min) : 0;
  const double max = has_max ? val_scalar_number(&range->max) : 0;
  VAL_MARK_ROWS(n_rows, unexpected, i,
                !((!has_min || (strict_min ? x[i] > min : x[i] >= min)) &
                  (!has_max || (strict_max ? x[i] < max : x[i] <= max))))
}

static void mark_each(const struct val_range *range, const struct val_column *column, size_t n_rows,
                      const uint8_t *considered, uint8_t *unexpected) {
  for (size_t i = 0; i < n_rows; i++) {
    if (!val_bit(considered, i)) continue;
    const struct val_scalar value = val_scalar_at(column, i);
    if (!val_range_holds(range, &value)) val_bit_set(unexpected, i);
  }
}

static enum core_status between_mark(void *state, const struct val_map *map,
                                     const struct val_batch *batch, const uint8_t *considered,
                                     uint8_t *unexpected, struct core_error *err) {
  const struct state *s = state;
  const struct val_column *column = &batch->columns[map->columns[0]];
  const size_t n_rows = batch->n_rows;
  const int64_t least = s->least, greatest = s->greatest;
  const bool none = s->none;
  if (reads_times(map)) return mark_times(s, map, batch, considered, unexpected, err);
  switch (column->type) {
  case VAL_TYPE_NULL:
    break;
  case VAL_TYPE_INT64:
  case VAL_TYPE_TIME:
  case VAL_TYPE_TIMESTAMP:
  case VAL_TYPE_TIMESTAMP_UTC:
  case VAL_TYPE_TIMESTAMP_NS:
  case VAL_TYPE_TIMESTAMP_NS_UTC: {
    const int64_t *x = column->values.int64;
    VAL_MARK_ROWS(n_rows, unexpected, i, none | (x[i] < least) | (x[i] > greatest))
    break;
  }
  case VAL_TYPE_DATE: {
    const int32_t *x = column->values.int32;
    VAL_MARK_ROWS(n_rows, unexpected, i, none | (x[i] < least) | (x[i] > greatest))
    break;
  }
  case VAL_TYPE_DOUBLE:
    if (plain_doubles(&s->range))
      mark_doubles(&s->range, column->values.float64, n_rows, unexpected);
    else
      mark_each(&s->range, column, n_rows, considered, unexpected);
    break;
  default:
    mark_each(&s->range, column, n_rows, considered, unexpected);
    break;
  }
  return CORE_OK;
}

/* Both ends of what occurs lie in the range, so everything does. Text that is compared as times has no such order. */
static bool between_holds(const void *state, int64_t n_rows, const struct val_facts *facts) {
  const struct state *s = state;
  (void)n_rows;
  return !s->times && facts->knows_range && val_range_holds(&s->range, &facts->least) &&
         val_range_holds(&s->range, &facts->greatest);
}

static enum core_status between_check(const struct val_expected *expected, struct core_error *err) {
  CORE_TRY(val_map_check_cross_type(expected, err));
  return val_range_check_given(expected, err);
}

static const struct core_option kwargs[] = {
    VAL_KWARGS_MAP,       VAL_KWARGS_RANGE,        VAL_KWARGS_STRICT, VAL_KWARG_DATETIMES,
    VAL_KWARG_CROSS_TYPE, VAL_KWARG_OUTPUT_FORMAT, CORE_OPTION_END};
static const struct val_predicate between = {
    .takes = between_takes, .open = between_open, .mark = between_mark, .holds = between_holds};
const struct val_expectation_ops val_expect_column_values_to_be_between = {
    .name = "expect_column_values_to_be_between",
    .summary = "the values of a column lie in a range",
    .kind = VAL_EXPECT_MAP,
    .kwargs = kwargs,
    .check = between_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &between,
};
