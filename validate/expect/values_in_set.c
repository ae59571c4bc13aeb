/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values that must, or must not, be among given ones. Without a set everything is expected. */
#include "validate/expect/map.h"
#include "validate/expect/value_set.h"
#include "validate/facts.h"

#define ITEMS_LOOKED_UP 1000
#define VALUES_TRIED    4096 /* of a range */

struct state {
  struct val_value_set set;
  bool given;
  const struct core_node *list;
  enum val_type type;
};

static void set_close(void *state) {
  struct state *s = state;
  val_value_set_close(&s->set);
}

static enum core_status set_open(const struct val_map *map, struct core_arena *arena, void **state,
                                 struct core_error *err) {
  const struct core_option_value *value = core_option_get(&map->expected->kwargs, "value_set");
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  struct state *s = core_arena_calloc(arena, 1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  *state = s;
  s->given = value->given;
  s->list = value->node;
  s->type = type;
  return value->given ? val_value_set_open(&s->set, value->node, type, err) : CORE_OK;
}

/* Null, which is the empty text here, is not considered anyway. */
static bool has_text(const struct state *s, const struct val_column *column, size_t row) {
  const struct core_slice text = val_column_text(column, row);
  if (text.len <= VAL_SHORT_TEXT_BYTES)
    return val_value_set_has_short(&s->set, text.data, text.len);
  return val_value_set_has(&s->set, column, row);
}

static enum core_status mark(const struct state *s, const struct val_column *column, size_t n_rows,
                             uint8_t *unexpected, bool wanted) {
  if (!s->given || column->type == VAL_TYPE_NULL) return CORE_OK;
  if (column->type == VAL_TYPE_STRING) {
    VAL_MARK_ROWS(n_rows, unexpected, i, has_text(s, column, i) != wanted)
    return CORE_OK;
  }
  VAL_MARK_ROWS(n_rows, unexpected, i,
                !val_column_is_null(column, i) && val_value_set_has(&s->set, column, i) != wanted)
  return CORE_OK;
}

static enum core_status mark_in(void *state, const struct val_map *map,
                                const struct val_batch *batch, const uint8_t *considered,
                                uint8_t *unexpected, struct core_error *err) {
  (void)considered, (void)err;
  return mark(state, &batch->columns[map->columns[0]], batch->n_rows, unexpected, true);
}

static enum core_status mark_not_in(void *state, const struct val_map *map,
                                    const struct val_batch *batch, const uint8_t *considered,
                                    uint8_t *unexpected, struct core_error *err) {
  (void)considered, (void)err;
  return mark(state, &batch->columns[map->columns[0]], batch->n_rows, unexpected, false);
}

/* All values that there may be are in the set: there are few, as integers, or one. */
static bool in_holds(const void *state, int64_t n_rows, const struct val_facts *facts) {
  const struct state *s = state;
  (void)n_rows;
  if (!s->given) return true;
  if (!facts->knows_range || s->type == VAL_TYPE_NULL) return false;
  struct val_scalar value = facts->least;
  if (!val_type_is_integer(s->type))
    return val_scalar_compare(&value, &facts->greatest) == 0 &&
           val_value_set_has_scalar(&s->set, &value);
  const uint64_t width = (uint64_t)facts->greatest.integer - (uint64_t)value.integer;
  if (width >= VALUES_TRIED) return false;
  for (uint64_t i = 0; i <= width; i++) {
    value.integer = (int64_t)((uint64_t)facts->least.integer + i);
    if (!val_value_set_has_scalar(&s->set, &value)) return false;
  }
  return true;
}

/* None of the forbidden values occurs. */
static bool not_in_holds(const void *state, int64_t n_rows, const struct val_facts *facts) {
  const struct state *s = state;
  (void)n_rows;
  if (s->list->n_children > ITEMS_LOOKED_UP) return false;
  for (const struct core_node *item = s->list->first; item; item = item->next) {
    struct val_scalar value;
    if (val_value_set_item(item, s->type, &value) && !val_facts_lack(facts, &value)) return false;
  }
  return true;
}

#define KWARG_VALUE_SET                                                                            \
  { .name = "value_set", .type = CORE_OPT_LIST, .nullable = true, .help = "the set, as a list" }

static const struct core_option in_kwargs[] = {VAL_KWARGS_MAP, KWARG_VALUE_SET, VAL_KWARG_DATETIMES,
                                               CORE_OPTION_END};
static const struct val_predicate in = {
    .open = set_open, .mark = mark_in, .close = set_close, .holds = in_holds};
const struct val_expectation_ops val_expect_column_values_to_be_in_set = {
    .name = "expect_column_values_to_be_in_set",
    .summary = "the values of a column are among given ones",
    .kind = VAL_EXPECT_MAP,
    .kwargs = in_kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &in,
};

/* A set that is explicitly null is a mistake here: it would forbid nothing. */
static const struct core_option not_in_kwargs[] = {
    VAL_KWARGS_MAP,
    {.name = "value_set",
     .type = CORE_OPT_LIST,
     .required = true,
     .help = "the values that must not occur, as a list"},
    VAL_KWARG_DATETIMES,
    CORE_OPTION_END};
static const struct val_predicate not_in = {
    .open = set_open, .mark = mark_not_in, .close = set_close, .holds = not_in_holds};
const struct val_expectation_ops val_expect_column_values_to_not_be_in_set = {
    .name = "expect_column_values_to_not_be_in_set",
    .summary = "the values of a column are not among given ones",
    .kind = VAL_EXPECT_MAP,
    .kwargs = not_in_kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &not_in,
};
