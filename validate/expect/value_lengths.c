/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lengths of text in code points; of a list or a map, how many elements it has. */
#include "validate/expect/map.h"

#include "validate/expect/range.h"
#include <math.h>

struct state {
  bool none;
  int64_t least, greatest;
};

static enum core_status lengths_takes(const struct val_map *map, struct core_error *err) {
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  return type == VAL_TYPE_STRING || type == VAL_TYPE_NULL || type == VAL_TYPE_NESTED
             ? CORE_OK
             : val_map_refuse(map, map->columns[0], "text or lists, so they have no length", err);
}

static enum core_status between_open(const struct val_map *map, struct core_arena *arena,
                                     void **state, struct core_error *err) {
  struct state *s = core_arena_calloc(arena, 1, sizeof *s);
  struct val_range range;
  if (!s) return core_fail_nomem(err, sizeof *s);
  *state = s;
  CORE_TRY(val_range_open(&range, map->expected, VAL_TYPE_INT64, err));
  s->none = !val_range_integers(&range, VAL_TYPE_INT64, &s->least, &s->greatest);
  return CORE_OK;
}

static enum core_status equal_open(const struct val_map *map, struct core_arena *arena,
                                   void **state, struct core_error *err) {
  struct state *s = core_arena_calloc(arena, 1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  *state = s;
  s->least = s->greatest = core_option_int(&map->expected->kwargs, "value");
  return CORE_OK;
}

/* Every character is one byte? */
static bool is_ascii(const struct val_column *column, size_t n_rows) {
  const char *bytes = column->values.bytes;
  unsigned char high = 0;
  for (int32_t i = column->offsets[0]; i < column->offsets[n_rows]; i++)
    high |= (unsigned char)bytes[i];
  return high < 0x80;
}

/* Of a list as JSON, "[1,[2,3],\"a,b\"]": commas between its elements, which are none in an inner list or a text. */
static int64_t count_elements(struct core_slice json) {
  int64_t n_commas = 0;
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < json.len; i++) {
    const char c = json.data[i];
    if (quoted && c == '\\')
      i++;
    else if (c == '"')
      quoted = !quoted;
    else if (quoted)
      continue;
    else if (c == '[' || c == '{')
      depth++;
    else if (c == ']' || c == '}')
      depth--;
    else if (c == ',' && depth == 1)
      n_commas++;
  }
  return json.len > 2 ? n_commas + 1 : 0;
}

static enum core_status lengths_mark(void *state, const struct val_map *map,
                                     const struct val_batch *batch, const uint8_t *considered,
                                     uint8_t *unexpected, struct core_error *err) {
  (void)err;
  const struct state *s = state;
  const struct val_column *column = &batch->columns[map->columns[0]];
  const int32_t *offsets = column->offsets;
  const int64_t least = s->least, greatest = s->greatest;
  const bool none = s->none;
  if (column->type == VAL_TYPE_NULL) return CORE_OK;
  if (column->type != VAL_TYPE_NESTED && is_ascii(column, batch->n_rows)) {
    VAL_MARK_ROWS(batch->n_rows, unexpected, i,
                  none | (offsets[i + 1] - offsets[i] < least) |
                      (offsets[i + 1] - offsets[i] > greatest))
    return CORE_OK;
  }
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (!val_bit(considered, i)) continue;
    const struct core_slice text = val_column_text(column, i);
    const int64_t n = column->type == VAL_TYPE_NESTED
                          ? count_elements(text)
                          : (int64_t)core_utf8_count(text.data, text.len);
    if (none || n < least || n > greatest) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

/* min above max is no mistake here: every value fails, as in Great Expectations. */
static enum core_status lengths_check(const struct val_expected *expected, struct core_error *err) {
  static const char *const names[] = {"min_value", "max_value"};
  bool any = false;
  for (size_t i = 0; i < CORE_COUNT_OF(names); i++) {
    const struct core_option_value *value = core_option_get(&expected->kwargs, names[i]);
    any |= value->given;
    if (value->given &&
        !(core_node_is_number(value->node) && value->node->number == floor(value->node->number)))
      return core_fail_at(err, CORE_INVAL, value->pos, "%s must be an integer, not %s", names[i],
                          value->node->text.data ? value->node->text.data
                                                 : core_node_kind_name(value->node->kind));
  }
  return any ? CORE_OK
             : core_fail_at(err, CORE_INVAL, expected->pos,
                            "%s: min_value and max_value cannot both be absent",
                            expected->ops->name);
}

static const struct core_option between_kwargs[] = {VAL_KWARGS_MAP, VAL_KWARGS_RANGE,
                                                    VAL_KWARGS_STRICT, CORE_OPTION_END};
static const struct val_predicate between = {
    .takes = lengths_takes, .open = between_open, .mark = lengths_mark};
const struct val_expectation_ops val_expect_column_value_lengths_to_be_between = {
    .name = "expect_column_value_lengths_to_be_between",
    .summary = "the texts of a column have lengths in a range",
    .kind = VAL_EXPECT_MAP,
    .kwargs = between_kwargs,
    .check = lengths_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &between,
};

static const struct core_option equal_kwargs[] = {
    VAL_KWARGS_MAP,
    {.name = "value", .type = CORE_OPT_INT, .required = true, .help = "the length in code points"},
    CORE_OPTION_END};
static const struct val_predicate equal = {
    .takes = lengths_takes, .open = equal_open, .mark = lengths_mark};
const struct val_expectation_ops val_expect_column_value_lengths_to_equal = {
    .name = "expect_column_value_lengths_to_equal",
    .summary = "the texts of a column have one length",
    .kind = VAL_EXPECT_MAP,
    .kwargs = equal_kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &equal,
};
