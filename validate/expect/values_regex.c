/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values that must, or must not, match regular expressions anywhere in them (Python's re.search). Values that are not
 * text are matched as they are written out. A search that is given up makes the expectation an exception. */
#include "validate/expect/map.h"

#include <string.h>

#include "validate/regex.h"

#define WRITTEN_ROWS 512 /* a multiple of 8 */

struct state {
  struct val_regex **list;
  size_t n;
  size_t wanted;  /* matches out of n that a value needs: at least ... */
  size_t allowed; /* ... and at most */
  uint8_t *found,
      *asked;      /* bits of the rows at hand: of one pattern; those that are not decided yet */
  uint16_t *count; /* of the patterns that matched, where there are several */
  size_t found_cap, asked_cap, count_cap;
  struct core_str text; /* of values that are no text, with offsets */
  int32_t *offsets;
  size_t offsets_cap;
};

static void regex_close(void *state) {
  struct state *s = state;
  for (size_t i = 0; i < s->n; i++) val_regex_close(s->list[i]);
  core_free(s->found);
  core_free(s->asked);
  core_free(s->count);
  core_free(s->offsets);
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

static enum core_status make_room(struct state *s, size_t n_rows, struct core_error *err) {
  const size_t n_bytes = (n_rows + 7) / 8;
  CORE_TRY(core_grow((void **)&s->found, &s->found_cap, n_bytes + 1, 1, err));
  if (s->n == 1) return CORE_OK;
  CORE_TRY(core_grow((void **)&s->asked, &s->asked_cap, n_bytes + 1, 1, err));
  return core_grow((void **)&s->count, &s->count_cap, n_rows + 1, sizeof *s->count, err);
}

/* Is the answer known although not every pattern was tried? */
static bool is_decided(const struct state *s, size_t found) {
  return found > s->allowed || (found >= s->wanted && s->allowed == s->n);
}

static void count_found(struct state *s, size_t n_rows) {
  for (size_t i = 0; i < n_rows; i++) {
    s->count[i] = (uint16_t)(s->count[i] + val_bit(s->found, i));
    if (is_decided(s, s->count[i])) s->asked[i >> 3] &= (uint8_t) ~(1U << (i & 7));
  }
}

static enum core_status mark_by_many(struct state *s, struct val_regex_texts texts,
                                     uint8_t *unexpected, struct core_error *err) {
  const size_t n_bytes = (texts.n + 7) / 8;
  memcpy(s->asked, texts.considered, n_bytes);
  memset(s->count, 0, texts.n * sizeof *s->count);
  texts.considered = s->asked;
  for (size_t i = 0; i < s->n; i++) {
    memset(s->found, 0, n_bytes);
    CORE_TRY(val_regex_match_texts(s->list[i], &texts, s->found, err));
    count_found(s, texts.n);
  }
  VAL_MARK_ROWS(texts.n, unexpected, i, s->count[i] < s->wanted || s->count[i] > s->allowed);
  return CORE_OK;
}

static enum core_status mark_texts(struct state *s, const struct val_regex_texts *texts,
                                   uint8_t *unexpected, struct core_error *err) {
  const size_t n_bytes = (texts->n + 7) / 8;
  CORE_TRY(make_room(s, texts->n, err));
  if (s->n != 1) return mark_by_many(s, *texts, unexpected, err);
  memset(s->found, 0, n_bytes);
  CORE_TRY(val_regex_match_texts(s->list[0], texts, s->found, err));
  for (size_t i = 0; i < n_bytes; i++)
    unexpected[i] = (uint8_t)(s->wanted ? ~(unsigned)s->found[i] : s->found[i]);
  return CORE_OK;
}

/* Values as they are written out, some at a time. */
static enum core_status mark_written(struct state *s, const struct val_column *column,
                                     size_t n_rows, const uint8_t *considered, uint8_t *unexpected,
                                     struct core_error *err) {
  CORE_TRY(
      core_grow((void **)&s->offsets, &s->offsets_cap, WRITTEN_ROWS + 1, sizeof *s->offsets, err));
  for (size_t first = 0; first < n_rows; first += WRITTEN_ROWS) {
    const size_t n = n_rows - first < WRITTEN_ROWS ? n_rows - first : WRITTEN_ROWS;
    core_str_clear(&s->text);
    s->offsets[0] = 0;
    for (size_t i = 0; i < n; i++) {
      if (val_bit(considered, first + i)) val_column_value_text(column, first + i, &s->text);
      s->offsets[i + 1] = (int32_t)s->text.len;
    }
    CORE_TRY(core_str_status(&s->text, err));
    const struct val_regex_texts texts = {core_str_text(&s->text), s->offsets, n,
                                          considered + first / 8};
    CORE_TRY(mark_texts(s, &texts, unexpected + first / 8, err));
  }
  return CORE_OK;
}

static enum core_status regex_mark(void *state, const struct val_map *map,
                                   const struct val_batch *batch, const uint8_t *considered,
                                   uint8_t *unexpected, struct core_error *err) {
  struct state *s = state;
  const struct val_column *column = &batch->columns[map->columns[0]];
  if (column->type != VAL_TYPE_STRING)
    return mark_written(s, column, batch->n_rows, considered, unexpected, err);
  const struct val_regex_texts texts = {column->values.bytes, column->offsets, batch->n_rows,
                                        considered};
  return mark_texts(s, &texts, unexpected, err);
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
