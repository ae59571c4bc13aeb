/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/condition/condition.h"

#include <string.h>

struct val_term *val_term_new(struct core_arena *arena, enum val_term_kind kind, size_t at,
                              struct core_error *err) {
  struct val_term *term = core_arena_calloc(arena, 1, sizeof *term);
  if (!term) {
    core_fail_nomem(err, sizeof *term);
    return NULL;
  }
  term->kind = kind;
  term->at = at;
  return term;
}

void val_term_walk(const struct val_term *term, void (*visit)(const struct val_term *, void *),
                   void *with) {
  if (!term) return;
  visit(term, with);
  val_term_walk(term->first, visit, with);
  val_term_walk(term->second, visit, with);
  for (const struct val_term *item = term->kind == VAL_TERM_LIST && term->first ? term->first->next
                                                                                : NULL;
       item; item = item->next)
    val_term_walk(item, visit, with);
}

/* ---- which grammar ---- */

typedef enum core_status parse_text(struct core_arena *, const char *, size_t,
                                    const struct val_term **, struct core_error *);

static const struct grammar {
  const char *name;
  parse_text *parse;
  bool null_is_unknown;
} grammars[] = {
    {"pandas", val_condition_parse_query, false},
    {"python", val_condition_parse_query, false},
    {"great_expectations", val_condition_parse_columns, true},
    {"great_expectations__experimental__", val_condition_parse_columns, true},
};

static const struct grammar *guess(struct core_slice text) {
  while (text.len && (*text.data == ' ' || *text.data == '(')) text.data++, text.len--;
  return &grammars[text.len > 4 && memcmp(text.data, "col(", 4) == 0 ? 2 : 0];
}

static enum core_status find_grammar(const struct core_node *parser, struct core_slice text,
                                     const struct grammar **out, struct core_error *err) {
  if (!parser || parser->kind == CORE_NODE_NULL) {
    *out = guess(text);
    return CORE_OK;
  }
  for (size_t i = 0; i < CORE_COUNT_OF(grammars); i++) {
    if (parser->kind != CORE_NODE_STRING || !core_streq(parser->text.data, grammars[i].name))
      continue;
    *out = &grammars[i];
    return CORE_OK;
  }
  return core_fail_at(err, CORE_INVAL, parser->pos,
                      "condition_parser must be 'python' or 'pandas', or 'great_expectations', "
                      "not '%s'",
                      parser->text.data ? parser->text.data : core_node_kind_name(parser->kind));
}

/* ---- reading ---- */

static enum core_status read_text(struct val_condition *condition, const struct core_node *node,
                                  const struct core_node *parser, struct core_error *err) {
  const struct grammar *grammar = NULL;
  struct core_error why = {0};
  CORE_TRY(find_grammar(parser, node->text, &grammar, err));
  if (node->text.len > VAL_CONDITION_BYTES)
    return core_fail_at(err, CORE_LIMIT, node->pos, "row_condition: a text of more than 64 KiB");
  condition->null_is_unknown = grammar->null_is_unknown;
  condition->text = core_arena_strndup(&condition->arena, node->text.data, node->text.len);
  if (!condition->text) return core_fail_nomem(err, node->text.len);
  const enum core_status st =
      grammar->parse(&condition->arena, condition->text, node->text.len, &condition->root, &why);
  if (st == CORE_OK || st == CORE_NOMEM)
    return st == CORE_OK ? st : core_fail(err, st, "%s", why.message);
  return core_fail_at(err, st, node->pos, "row_condition: %s", why.message);
}

static enum core_status read_map(struct val_condition *condition, const struct core_node *node,
                                 struct core_error *err) {
  struct core_str json = {0};
  condition->null_is_unknown = true;
  core_node_json(node, true, &json);
  enum core_status st = core_str_status(&json, err);
  if (st == CORE_OK) {
    condition->text = core_arena_strndup(&condition->arena, core_str_text(&json), json.len);
    if (!condition->text) st = core_fail_nomem(err, json.len);
  }
  core_str_close(&json);
  return st == CORE_OK ? val_condition_parse_map(&condition->arena, node, &condition->root, err)
                       : st;
}

enum core_status val_condition_open(struct val_condition *condition, const struct core_node *node,
                                    const struct core_node *parser, struct core_error *err) {
  *condition = (struct val_condition){.pos = node->pos};
  enum core_status st;
  if (node->kind == CORE_NODE_STRING)
    st = read_text(condition, node, parser, err);
  else if (node->kind == CORE_NODE_MAP)
    st = read_map(condition, node, err);
  else
    st = core_fail_at(err, CORE_INVAL, node->pos, "row_condition must be text or a map, not %s",
                      core_node_kind_name(node->kind));
  if (st != CORE_OK) val_condition_close(condition);
  return st;
}

void val_condition_close(struct val_condition *condition) {
  core_arena_close(&condition->arena);
  *condition = (struct val_condition){0};
}

bool val_condition_same(const struct val_condition *a, const struct val_condition *b) {
  return a == b || (a->null_is_unknown == b->null_is_unknown && strcmp(a->text, b->text) == 0);
}

static void visit_row(const struct val_term *term, void *with) {
  if (term->kind == VAL_TERM_ROW) *(bool *)with = true;
}

bool val_condition_asks_row(const struct val_condition *condition) {
  bool asks = false;
  val_term_walk(condition->root, visit_row, &asks);
  return asks;
}
