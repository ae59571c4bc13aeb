/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values that must, or must not, match regular expressions anywhere in them (Python's re.search). Values that are not
 * text are matched as they are written out. A search that is given up makes the expectation an exception. */
#include "validate/expect/map.h"

#include "validate/regex.h"
struct state {
  struct val_regex **list;
  size_t n;
  size_t wanted;  /* matches out of n that a value needs: at least ... */
  size_t allowed; /* ... and at most */
  struct core_str text;
};

static void regex_close(void *state) {
  struct state *s = state;
  for (size_t i = 0; i < s->n; i++) val_regex_close(s->list[i]);
  core_str_close(&s->text);
}

static enum core_status add_regex(struct state *s, struct core_slice pattern,
                                  struct core_error *err) {
  CORE_TRY(val_regex_open(pattern.data, pattern.len, VAL_REGEX_UTF8, &s->list[s->n], err));
  s->n++;
  return CORE_OK;
}

static enum core_status open_list(const struct val_map *map, struct core_arena *arena, void **state,
                                  struct core_error *err) {
  const struct core_option_value *one = NULL;
  const struct core_node *list = NULL;
  for (const struct core_option *row = map->expected->ops->kwargs; row->name; row++) {
    if (core_streq(row->name, "regex")) one = core_option_get(&map->expected->kwargs, "regex");
    if (core_streq(row->name, "regex_list"))
      list = core_option_node(&map->expected->kwargs, "regex_list");
  }
  struct state *s = core_arena_calloc(arena, 1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->list = core_arena_calloc(arena, list ? list->n_children + 1 : 1, sizeof *s->list);
  if (!s->list) return core_fail_nomem(err, sizeof *s->list);
  *state = s;
  if (one) return add_regex(s, one->node->text, err);
  for (const struct core_node *item = list ? list->first : NULL; item; item = item->next)
    CORE_TRY(add_regex(s, item->text, err));
  return CORE_OK;
}

static enum core_status match_open(const struct val_map *map, struct core_arena *arena,
                                   void **state, struct core_error *err) {
  CORE_TRY(open_list(map, arena, state, err));
  struct state *s = *state;
  s->wanted = 1;
  s->allowed = s->n;
  return CORE_OK;
}

static enum core_status match_list_open(const struct val_map *map, struct core_arena *arena,
                                        void **state, struct core_error *err) {
  CORE_TRY(match_open(map, arena, state, err));
  struct state *s = *state;
  if (core_streq(core_option_text(&map->expected->kwargs, "match_on"), "all")) s->wanted = s->n;
  return CORE_OK;
}

static enum core_status not_match_open(const struct val_map *map, struct core_arena *arena,
                                       void **state, struct core_error *err) {
  CORE_TRY(open_list(map, arena, state, err));
  return CORE_OK; /* none wanted, none allowed */
}

/* How many texts are matched at a time. */
#define GROUP_ROWS 64

/* Some rows of a batch with their texts. */
struct group {
  struct core_slice texts[GROUP_ROWS];
  size_t rows[GROUP_ROWS], n;
};

/* Is the answer known although not every pattern was tried? */
static bool is_decided(const struct state *s, size_t found) {
  return found > s->allowed || (found >= s->wanted && s->allowed == s->n);
}

static enum core_status mark_group(struct state *s, const struct group *group, uint8_t *unexpected,
                                   struct core_error *err) {
  size_t count[GROUP_ROWS] = {0};
  for (size_t i = 0; i < s->n; i++) {
    struct core_slice texts[GROUP_ROWS];
    size_t which[GROUP_ROWS], n = 0;
    bool found[GROUP_ROWS];
    for (size_t k = 0; k < group->n; k++) {
      if (i > 0 && is_decided(s, count[k])) continue;
      texts[n] = group->texts[k];
      which[n++] = k;
    }
    CORE_TRY(val_regex_match_many(s->list[i], texts, n, found, err));
    for (size_t k = 0; k < n; k++) count[which[k]] += found[k];
  }
  for (size_t k = 0; k < group->n; k++)
    if (count[k] < s->wanted || count[k] > s->allowed) val_bit_set(unexpected, group->rows[k]);
  return CORE_OK;
}

static enum core_status mark_texts(struct state *s, const struct val_column *column, size_t n_rows,
                                   const uint8_t *considered, uint8_t *unexpected,
                                   struct core_error *err) {
  struct group group = {.n = 0};
  for (size_t i = 0; i < n_rows; i++) {
    if (!val_bit(considered, i)) continue;
    group.texts[group.n] = val_column_text(column, i);
    group.rows[group.n++] = i;
    if (group.n < GROUP_ROWS) continue;
    CORE_TRY(mark_group(s, &group, unexpected, err));
    group.n = 0;
  }
  return mark_group(s, &group, unexpected, err);
}

static enum core_status regex_mark(void *state, const struct val_map *map,
                                   const struct val_batch *batch, const uint8_t *considered,
                                   uint8_t *unexpected, struct core_error *err) {
  struct state *s = state;
  const struct val_column *column = &batch->columns[map->columns[0]];
  if (column->type == VAL_TYPE_STRING)
    return mark_texts(s, column, batch->n_rows, considered, unexpected, err);
  for (size_t i = 0; i < batch->n_rows; i++) {
    struct group group = {.rows = {i}, .n = 1};
    if (!val_bit(considered, i)) continue;
    core_str_clear(&s->text);
    val_column_value_text(column, i, &s->text);
    CORE_TRY(core_str_status(&s->text, err));
    group.texts[0] = (struct core_slice){core_str_text(&s->text), s->text.len};
    CORE_TRY(mark_group(s, &group, unexpected, err));
  }
  return CORE_OK;
}

/* ---- checks ---- */

static enum core_status check_pattern(const struct core_node *node, struct core_error *err) {
  struct val_regex *regex = NULL;
  struct core_error why = {0};
  if (node->kind != CORE_NODE_STRING)
    return core_fail_at(err, CORE_INVAL, node->pos, "a regex must be text, not %s",
                        core_node_kind_name(node->kind));
  const enum core_status st =
      val_regex_open(node->text.data, node->text.len, VAL_REGEX_UTF8, &regex, &why);
  val_regex_close(regex);
  if (st == CORE_OK || st == CORE_NOMEM)
    return st == CORE_OK ? st : core_fail(err, st, "%s", why.message);
  return core_fail_at(err, CORE_INVAL, node->pos, "%s", why.message);
}

static enum core_status check_one(const struct val_expected *expected, struct core_error *err) {
  return check_pattern(core_option_get(&expected->kwargs, "regex")->node, err);
}

static enum core_status check_list(const struct val_expected *expected, struct core_error *err) {
  const struct core_node *list = core_option_node(&expected->kwargs, "regex_list");
  for (const struct core_node *item = list->first; item; item = item->next)
    CORE_TRY(check_pattern(item, err));
  return CORE_OK;
}

/* ---- rows ---- */

#define KWARG_REGEX                                                                                \
  {                                                                                                \
    .name = "regex", .type = CORE_OPT_STRING, .required = true,                                    \
    .help = "a regular expression, searched anywhere in the value"                                 \
  }
#define KWARG_REGEX_LIST                                                                           \
  {                                                                                                \
    .name = "regex_list", .type = CORE_OPT_LIST, .required = true,                                 \
    .help = "regular expressions, searched anywhere in the value"                                  \
  }

static const struct core_option one_kwargs[] = {VAL_KWARGS_MAP, KWARG_REGEX, CORE_OPTION_END};
static const struct core_option list_kwargs[] = {VAL_KWARGS_MAP,
                                                 KWARG_REGEX_LIST,
                                                 {.name = "match_on",
                                                  .type = CORE_OPT_CHOICE,
                                                  .fallback = "any",
                                                  .nullable = true,
                                                  .choices = "any|all",
                                                  .help = "how many of them a value must match"},
                                                 CORE_OPTION_END};
static const struct core_option not_list_kwargs[] = {VAL_KWARGS_MAP, KWARG_REGEX_LIST,
                                                     CORE_OPTION_END};
static const struct val_predicate match = {
    .open = match_open, .mark = regex_mark, .close = regex_close};
static const struct val_predicate match_list = {
    .open = match_list_open, .mark = regex_mark, .close = regex_close};
static const struct val_predicate not_match = {
    .open = not_match_open, .mark = regex_mark, .close = regex_close};

const struct val_expectation_ops val_expect_column_values_to_match_regex = {
    .name = "expect_column_values_to_match_regex",
    .summary = "the values of a column match a regular expression",
    .kind = VAL_EXPECT_MAP,
    .kwargs = one_kwargs,
    .check = check_one,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &match,
};
const struct val_expectation_ops val_expect_column_values_to_not_match_regex = {
    .name = "expect_column_values_to_not_match_regex",
    .summary = "no value of a column matches a regular expression",
    .kind = VAL_EXPECT_MAP,
    .kwargs = one_kwargs,
    .check = check_one,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &not_match,
};
const struct val_expectation_ops val_expect_column_values_to_match_regex_list = {
    .name = "expect_column_values_to_match_regex_list",
    .summary = "the values of a column match any, or all, of several regular expressions",
    .kind = VAL_EXPECT_MAP,
    .kwargs = list_kwargs,
    .check = check_list,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &match_list,
};
const struct val_expectation_ops val_expect_column_values_to_not_match_regex_list = {
    .name = "expect_column_values_to_not_match_regex_list",
    .summary = "no value of a column matches any of several regular expressions",
    .kind = VAL_EXPECT_MAP,
    .kwargs = not_list_kwargs,
    .check = check_list,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &not_match,
};
