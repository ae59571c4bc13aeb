/* SPDX-License-Identifier: GPL-3.0-or-later
 * Great Expectations' own conditions: one comparison of col("name") with a value as text; or, since 1.x, a map of
 * comparisons, nullities, and, or. */
#include "validate/condition/condition.h"
#include "validate/condition/lexer.h"
#include <string.h>
#include <strings.h>

static const struct {
  const char *sign;
  enum val_term_kind kind;
} operators[] = {
    {"<", VAL_TERM_LESS},     {"<=", VAL_TERM_LESS_EQUAL}, {"==", VAL_TERM_EQUAL},
    {"!=", VAL_TERM_UNEQUAL}, {">", VAL_TERM_GREATER},     {">=", VAL_TERM_GREATER_EQUAL},
    {"in", VAL_TERM_IN},      {"not_in", VAL_TERM_NOT_IN}, {"not in", VAL_TERM_NOT_IN},
};

static enum core_status column_term(struct core_arena *arena, struct core_slice name, size_t at,
                                    struct val_term **out, struct core_error *err) {
  *out = val_term_new(arena, VAL_TERM_COLUMN, at, err);
  if (!*out) return CORE_NOMEM;
  (*out)->name = core_arena_strndup(arena, name.data, name.len);
  return (*out)->name ? CORE_OK : core_fail_nomem(err, name.len);
}

/* ---- as text ---- */

static enum core_status parse_date(struct val_lexer *lexer, struct val_scalar *out,
                                   struct core_error *err) {
  CORE_TRY(val_lexer_advance(lexer, err));
  CORE_TRY(val_lexer_want(lexer, "(", err));
  const struct val_token text = lexer->token;
  if (text.kind != VAL_TOKEN_TEXT) return val_lexer_expected(lexer, "a date in quotes", err);
  if (!val_scalar_parse_time(text.text.data, text.text.len, out))
    return core_fail(err, CORE_INVAL, "'%.*s' at character %zu is no date",
                     (int)(text.text.len < 40 ? text.text.len : 40), text.text.data, text.at);
  CORE_TRY(val_lexer_advance(lexer, err));
  return val_lexer_want(lexer, ")", err);
}

static enum core_status parse_value(struct val_lexer *lexer, struct val_scalar *out,
                                    struct core_error *err) {
  bool minus = false;
  CORE_TRY(val_lexer_take(lexer, "-", &minus, err));
  const struct val_token token = lexer->token;
  *out = token.value;
  if (!minus && val_lexer_is(lexer, "date")) return parse_date(lexer, out, err);
  if (!minus && token.kind == VAL_TOKEN_TEXT)
    *out = (struct val_scalar){.type = VAL_TYPE_STRING, .text = token.text};
  else if (token.kind != VAL_TOKEN_NUMBER)
    return val_lexer_expected(lexer, "a number, a text in quotes or date(\"...\")", err);
  if (minus) {
    out->integer = -out->integer;
    out->number = -out->number;
  }
  return val_lexer_advance(lexer, err);
}

static enum core_status parse_nullity(struct val_lexer *lexer, struct val_term *column,
                                      struct val_term **out, struct core_error *err) {
  const bool not_null = val_lexer_is(lexer, "notNull");
  if (!not_null && !val_lexer_is(lexer, "isNull"))
    return val_lexer_expected(lexer, "notNull()", err);
  *out =
      val_term_new(lexer->arena, not_null ? VAL_TERM_NOT_NULL : VAL_TERM_IS_NULL, column->at, err);
  if (!*out) return CORE_NOMEM;
  (*out)->first = column;
  CORE_TRY(val_lexer_advance(lexer, err));
  CORE_TRY(val_lexer_want(lexer, "(", err));
  return val_lexer_want(lexer, ")", err);
}

static enum core_status parse_comparison(struct val_lexer *lexer, struct val_term *column,
                                         struct val_term **out, struct core_error *err) {
  size_t i = 0;
  while (i < 6 && !val_lexer_is(lexer, operators[i].sign)) i++;
  if (i == 6) return val_lexer_expected(lexer, "one of < <= == != > >= or .notNull()", err);
  *out = val_term_new(lexer->arena, operators[i].kind, column->at, err);
  struct val_term *value = val_term_new(lexer->arena, VAL_TERM_LITERAL, lexer->token.at, err);
  if (!*out || !value) return CORE_NOMEM;
  (*out)->first = column;
  (*out)->second = value;
  CORE_TRY(val_lexer_advance(lexer, err));
  return parse_value(lexer, &value->literal, err);
}

enum core_status val_condition_parse_columns(struct core_arena *arena, const char *text, size_t len,
                                             const struct val_term **out, struct core_error *err) {
  struct val_lexer lexer;
  struct val_term *column = NULL, *root = NULL;
  bool dot = false;
  CORE_TRY(val_lexer_open(&lexer, text, len, NULL, arena, err));
  CORE_TRY(val_lexer_want(&lexer, "col", err));
  CORE_TRY(val_lexer_want(&lexer, "(", err));
  const struct val_token name = lexer.token;
  if (name.kind != VAL_TOKEN_TEXT)
    return val_lexer_expected(&lexer, "the column's name in quotes", err);
  CORE_TRY(column_term(arena, name.text, name.at, &column, err));
  CORE_TRY(val_lexer_advance(&lexer, err));
  CORE_TRY(val_lexer_want(&lexer, ")", err));
  CORE_TRY(val_lexer_take(&lexer, ".", &dot, err));
  CORE_TRY(dot ? parse_nullity(&lexer, column, &root, err)
               : parse_comparison(&lexer, column, &root, err));
  *out = root;
  return lexer.token.kind == VAL_TOKEN_END ? CORE_OK : val_lexer_expected(&lexer, "the end", err);
}

/* ---- as a map ---- */

struct map_parser {
  struct core_arena *arena;
  size_t depth;
};

static enum core_status parse_node(struct map_parser *p, const struct core_node *node,
                                   struct val_term **out, struct core_error *err);

static const struct core_node *text_of(const struct core_node *map, const char *key) {
  const struct core_node *node = core_node_get(map, key);
  return node && node->kind == CORE_NODE_STRING ? node : NULL;
}

/* {"name": "x"}, or the name alone. */
static enum core_status node_column(struct map_parser *p, const struct core_node *map,
                                    struct val_term **out, struct core_error *err) {
  const struct core_node *column = core_node_get(map, "column");
  if (column && column->kind == CORE_NODE_MAP) column = text_of(column, "name");
  if (!column || column->kind != CORE_NODE_STRING)
    return core_fail_at(err, CORE_INVAL, map->pos,
                        "row_condition: 'column' must be a name or a map with 'name'");
  return column_term(p->arena, column->text, 0, out, err);
}

static enum core_status node_literal(struct map_parser *p, const struct core_node *node,
                                     struct val_term **out, struct core_error *err) {
  struct val_scalar value = {.type = VAL_TYPE_NULL};
  if (node->kind == CORE_NODE_STRING)
    value = (struct val_scalar){.type = VAL_TYPE_STRING, .text = node->text};
  else if (node->kind != CORE_NODE_NULL && !val_scalar_from_node(node, VAL_TYPE_DOUBLE, &value))
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "row_condition: a column compares with a number or a text, not with %s",
                        core_node_kind_name(node->kind));
  *out = val_term_new(p->arena, VAL_TERM_LITERAL, 0, err);
  if (!*out) return CORE_NOMEM;
  (*out)->literal = value;
  if (value.type != VAL_TYPE_STRING) return CORE_OK;
  (*out)->literal.text.data = core_arena_strndup(p->arena, value.text.data, value.text.len);
  return (*out)->literal.text.data ? CORE_OK : core_fail_nomem(err, value.text.len);
}

static enum core_status node_list(struct map_parser *p, const struct core_node *node,
                                  struct val_term **out, struct core_error *err) {
  *out = val_term_new(p->arena, VAL_TERM_LIST, 0, err);
  if (!*out) return CORE_NOMEM;
  struct val_term **last = &(*out)->first;
  for (const struct core_node *item = node->first; item; item = item->next) {
    CORE_TRY(node_literal(p, item, last, err));
    last = &(*last)->next;
  }
  return CORE_OK;
}

static enum core_status node_comparison(struct map_parser *p, const struct core_node *map,
                                        struct val_term **out, struct core_error *err) {
  const struct core_node *sign = text_of(map, "operator"), *value = core_node_get(map, "parameter");
  size_t i = 0;
  while (sign && i < CORE_COUNT_OF(operators) &&
         strcasecmp(operators[i].sign, sign->text.data) != 0)
    i++;
  if (!sign || i == CORE_COUNT_OF(operators))
    return core_fail_at(
        err, CORE_INVAL, sign ? sign->pos : map->pos,
        "row_condition: 'operator' must be one of <, <=, ==, !=, >, >=, IN, NOT_IN");
  if (!value)
    return core_fail_at(err, CORE_INVAL, map->pos,
                        "row_condition: a comparison has no 'parameter'");
  const bool member = operators[i].kind >= VAL_TERM_IN;
  if (member && value->kind != CORE_NODE_LIST)
    return core_fail_at(err, CORE_INVAL, value->pos, "row_condition: %s wants a list",
                        sign->text.data);
  *out = val_term_new(p->arena, operators[i].kind, 0, err);
  if (!*out) return CORE_NOMEM;
  CORE_TRY(node_column(p, map, &(*out)->first, err));
  return member ? node_list(p, value, &(*out)->second, err)
                : node_literal(p, value, &(*out)->second, err);
}

static enum core_status node_nullity(struct map_parser *p, const struct core_node *map,
                                     struct val_term **out, struct core_error *err) {
  const struct core_node *is_null = core_node_get(map, "is_null");
  if (!is_null || is_null->kind != CORE_NODE_BOOL)
    return core_fail_at(err, CORE_INVAL, map->pos,
                        "row_condition: 'is_null' must be true or false");
  *out = val_term_new(p->arena, is_null->boolean ? VAL_TERM_IS_NULL : VAL_TERM_NOT_NULL, 0, err);
  return *out ? node_column(p, map, &(*out)->first, err) : CORE_NOMEM;
}

static enum core_status node_joined(struct map_parser *p, const struct core_node *map,
                                    enum val_term_kind kind, struct val_term **out,
                                    struct core_error *err) {
  const struct core_node *list = core_node_get(map, "conditions");
  if (!list || list->kind != CORE_NODE_LIST || !list->first)
    return core_fail_at(err, CORE_INVAL, map->pos,
                        "row_condition: 'conditions' must be a list of conditions");
  if (list->n_children > VAL_CONDITION_DEPTH)
    return core_fail_at(err, CORE_LIMIT, list->pos, "row_condition: more than %d conditions",
                        VAL_CONDITION_DEPTH);
  *out = NULL;
  for (const struct core_node *item = list->first; item; item = item->next) {
    struct val_term *one = NULL;
    CORE_TRY(parse_node(p, item, &one, err));
    struct val_term *both = *out ? val_term_new(p->arena, kind, 0, err) : one;
    if (!both) return CORE_NOMEM;
    if (*out) both->first = *out, both->second = one;
    *out = both;
  }
  return CORE_OK;
}

static enum core_status parse_node(struct map_parser *p, const struct core_node *node,
                                   struct val_term **out, struct core_error *err) {
  const struct core_node *type = node->kind == CORE_NODE_MAP ? text_of(node, "type") : NULL;
  enum core_status st;
  if (!type)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "row_condition: a condition is a map with 'type', not %s",
                        core_node_kind_name(node->kind));
  if (++p->depth > VAL_CONDITION_DEPTH)
    return core_fail_at(err, CORE_LIMIT, node->pos, "row_condition: nested more than %d deep",
                        VAL_CONDITION_DEPTH);
  if (core_streq(type->text.data, "comparison"))
    st = node_comparison(p, node, out, err);
  else if (core_streq(type->text.data, "nullity"))
    st = node_nullity(p, node, out, err);
  else if (core_streq(type->text.data, "and"))
    st = node_joined(p, node, VAL_TERM_AND, out, err);
  else if (core_streq(type->text.data, "or"))
    st = node_joined(p, node, VAL_TERM_OR, out, err);
  else
    st = core_fail_at(err, CORE_INVAL, type->pos,
                      "row_condition: 'type' must be comparison, nullity, and, or; not '%s'",
                      type->text.data);
  p->depth--;
  return st;
}

enum core_status val_condition_parse_map(struct core_arena *arena, const struct core_node *node,
                                         const struct val_term **out, struct core_error *err) {
  struct map_parser p = {.arena = arena};
  struct val_term *root = NULL;
  CORE_TRY(parse_node(&p, node, &root, err));
  *out = root;
  return CORE_OK;
}
