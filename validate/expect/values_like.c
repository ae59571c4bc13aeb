/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values that must, or must not, match patterns of SQL's LIKE. Values that are not text are matched as they are written
 * out, which is how a database casts them. */
#include "validate/expect/map.h"

#include "validate/text/like.h"

struct state {
  struct core_slice *patterns;
  size_t n;
  size_t wanted;  /* matches out of n that a value needs: at least ... */
  size_t allowed; /* ... and at most */
  enum val_like dialect;
  struct core_str text;
};

static void like_close(void *state) {
  struct state *s = state;
  core_str_close(&s->text);
}

static bool has_row(const struct val_expected *expected, const char *name) {
  for (const struct core_option *row = expected->ops->kwargs; row->name; row++)
    if (core_streq(row->name, name)) return true;
  return false;
}

static enum val_like dialect_of(const struct val_expected *expected) {
  const char *name = core_option_text(&expected->kwargs, "like_dialect");
  return core_streq(name, "mssql")    ? VAL_LIKE_MSSQL
         : core_streq(name, "sqlite") ? VAL_LIKE_SQLITE
                                      : VAL_LIKE_POSTGRESQL;
}

/* The one pattern, or the first of the list. */
static const struct core_node *first_pattern(const struct val_expected *expected) {
  if (has_row(expected, "like_pattern")) return core_option_node(&expected->kwargs, "like_pattern");
  return core_option_node(&expected->kwargs, "like_pattern_list")->first;
}

static enum core_status open_patterns(const struct val_map *map, struct core_arena *arena,
                                      void **state, struct core_error *err) {
  const bool list = has_row(map->expected, "like_pattern_list");
  const struct core_node *first = first_pattern(map->expected);
  struct state *s = core_arena_calloc(arena, 1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  *state = s;
  s->dialect = dialect_of(map->expected);
  for (const struct core_node *node = first; node; node = list ? node->next : NULL) s->n++;
  s->patterns = core_arena_calloc(arena, s->n + 1, sizeof *s->patterns);
  if (!s->patterns) return core_fail_nomem(err, s->n * sizeof *s->patterns);
  const struct core_node *node = first;
  for (size_t i = 0; node && i < s->n; i++, node = node->next) s->patterns[i] = node->text;
  return CORE_OK;
}

static enum core_status match_open(const struct val_map *map, struct core_arena *arena,
                                   void **state, struct core_error *err) {
  CORE_TRY(open_patterns(map, arena, state, err));
  struct state *s = *state;
  const bool all = has_row(map->expected, "match_on") &&
                   core_streq(core_option_text(&map->expected->kwargs, "match_on"), "all");
  s->wanted = all ? s->n : 1;
  s->allowed = s->n;
  return CORE_OK;
}

static bool matches(const struct state *s, struct core_slice text) {
  size_t found = 0;
  for (size_t i = 0; i < s->n; i++) found += val_like_match(s->patterns[i], text, s->dialect);
  return found >= s->wanted && found <= s->allowed;
}

static enum core_status like_mark(void *state, const struct val_map *map,
                                  const struct val_batch *batch, const uint8_t *considered,
                                  uint8_t *unexpected, struct core_error *err) {
  struct state *s = state;
  const struct val_column *column = &batch->columns[map->columns[0]];
  for (size_t i = 0; i < batch->n_rows; i++) {
    struct core_slice text;
    if (!val_bit(considered, i)) continue;
    if (column->type == VAL_TYPE_STRING) {
      text = val_column_text(column, i);
    } else {
      core_str_clear(&s->text);
      val_column_value_text(column, i, &s->text);
      CORE_TRY(core_str_status(&s->text, err));
      text = (struct core_slice){core_str_text(&s->text), s->text.len};
    }
    if (!matches(s, text)) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

static enum core_status like_check(const struct val_expected *expected, struct core_error *err) {
  const bool list = has_row(expected, "like_pattern_list");
  const struct core_node *node = first_pattern(expected);
  if (!node)
    return core_fail_at(err, CORE_INVAL,
                        core_option_get(&expected->kwargs, "like_pattern_list")->pos,
                        "like_pattern_list has no pattern");
  for (; node; node = list ? node->next : NULL) {
    struct core_error why = {0};
    if (node->kind != CORE_NODE_STRING)
      return core_fail_at(err, CORE_INVAL, node->pos, "a LIKE pattern must be text, not %s",
                          core_node_kind_name(node->kind));
    if (val_like_check(node->text, dialect_of(expected), &why) != CORE_OK)
      return core_fail_at(err, CORE_INVAL, node->pos, "%s", why.message);
  }
  return CORE_OK;
}

/* ---- rows ---- */

#define KWARG_LIKE                                                                                 \
  {                                                                                                \
    .name = "like_pattern", .type = CORE_OPT_STRING, .required = true,                             \
    .help = "a pattern for the whole value, with _ and %"                                          \
  }
#define KWARG_LIKE_LIST                                                                            \
  {                                                                                                \
    .name = "like_pattern_list", .type = CORE_OPT_LIST, .required = true,                          \
    .help = "patterns for the whole value, with _ and %"                                           \
  }
#define KWARG_DIALECT                                                                              \
  {                                                                                                \
    .name = "like_dialect", .type = CORE_OPT_CHOICE, .fallback = "postgresql", .nullable = true,   \
    .choices = VAL_LIKE_NAMES, .help = "whose LIKE is meant"                                       \
  }

static const struct core_option one_kwargs[] = {VAL_KWARGS_MAP, KWARG_LIKE, KWARG_DIALECT,
                                                CORE_OPTION_END};
static const struct core_option list_kwargs[] = {VAL_KWARGS_MAP,
                                                 KWARG_LIKE_LIST,
                                                 {.name = "match_on",
                                                  .type = CORE_OPT_CHOICE,
                                                  .fallback = "any",
                                                  .nullable = true,
                                                  .choices = "any|all",
                                                  .help = "how many of them a value must match"},
                                                 KWARG_DIALECT,
                                                 CORE_OPTION_END};
static const struct core_option not_list_kwargs[] = {VAL_KWARGS_MAP, KWARG_LIKE_LIST, KWARG_DIALECT,
                                                     CORE_OPTION_END};
static const struct val_predicate match = {
    .open = match_open, .mark = like_mark, .close = like_close};
static const struct val_predicate not_match = {
    .open = open_patterns, .mark = like_mark, .close = like_close};

const struct val_expectation_ops val_expect_column_values_to_match_like_pattern = {
    .name = "expect_column_values_to_match_like_pattern",
    .summary = "the values of a column match a pattern of SQL's LIKE",
    .kind = VAL_EXPECT_MAP,
    .kwargs = one_kwargs,
    .check = like_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &match,
};
const struct val_expectation_ops val_expect_column_values_to_not_match_like_pattern = {
    .name = "expect_column_values_to_not_match_like_pattern",
    .summary = "no value of a column matches a pattern of SQL's LIKE",
    .kind = VAL_EXPECT_MAP,
    .kwargs = one_kwargs,
    .check = like_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &not_match,
};
const struct val_expectation_ops val_expect_column_values_to_match_like_pattern_list = {
    .name = "expect_column_values_to_match_like_pattern_list",
    .summary = "the values of a column match any, or all, of several patterns of SQL's LIKE",
    .kind = VAL_EXPECT_MAP,
    .kwargs = list_kwargs,
    .check = like_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &match,
};
const struct val_expectation_ops val_expect_column_values_to_not_match_like_pattern_list = {
    .name = "expect_column_values_to_not_match_like_pattern_list",
    .summary = "no value of a column matches any of several patterns of SQL's LIKE",
    .kind = VAL_EXPECT_MAP,
    .kwargs = not_list_kwargs,
    .check = like_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &not_match,
};
