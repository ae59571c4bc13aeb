/* SPDX-License-Identifier: GPL-3.0-or-later
 * Conditions in the language of pandas' DataFrame.query, by recursive descent. From loose to tight, as pandas binds them
 * (& and | are and, or there): or | , and & , not , comparisons and in (chains hold pairwise), + - , * / // % , unary
 * - + ~ , ** , methods. */
#include "validate/condition/condition.h"
#include "validate/condition/lexer.h"

struct query {
  struct val_lexer lexer;
  struct core_arena *arena;
  size_t depth;
};

static enum core_status parse_or(struct query *q, struct val_term **out, struct core_error *err);
static enum core_status parse_sum(struct query *q, struct val_term **out, struct core_error *err);
static enum core_status parse_unary(struct query *q, struct val_term **out, struct core_error *err);

static enum core_status make(struct query *q, enum val_term_kind kind, struct val_term *first,
                             struct val_term *second, struct val_term **out,
                             struct core_error *err) {
  const size_t at = first ? first->at : q->lexer.token.at;
  struct val_term *term = val_term_new(q->arena, kind, at, err);
  if (!term) return CORE_NOMEM;
  term->first = first;
  term->second = second;
  *out = term;
  return CORE_OK;
}

static enum core_status enter(struct query *q, struct core_error *err) {
  if (++q->depth <= VAL_CONDITION_DEPTH) return CORE_OK;
  return core_fail(err, CORE_LIMIT, "nested more than %d deep at character %zu",
                   VAL_CONDITION_DEPTH, q->lexer.token.at);
}

/* ---- operators of two sides ---- */

struct operator{
  const char *sign;
  enum val_term_kind kind;
};

static const struct operator*
    find_operator(const struct val_lexer *lexer, const struct operator* list) {
  for (; list->sign; list++)
    if (val_lexer_is(lexer, list->sign)) return list;
  return NULL;
}

typedef enum core_status parse_side(struct query *, struct val_term **, struct core_error *);

/* side (OP side)*, from the left. Long chains grow deep trees, so they count as depth too. */
static enum core_status parse_chain(struct query *q, const struct operator* list, parse_side *side,
                                    struct val_term **out, struct core_error *err) {
  const struct operator* op = NULL;
  const size_t depth = q->depth;
  CORE_TRY(side(q, out, err));
  while ((op = find_operator(&q->lexer, list))) {
    struct val_term *second = NULL;
    CORE_TRY(enter(q, err));
    CORE_TRY(val_lexer_advance(&q->lexer, err));
    CORE_TRY(side(q, &second, err));
    CORE_TRY(make(q, op->kind, *out, second, out, err));
  }
  q->depth = depth;
  return CORE_OK;
}

/* ---- the tightest: names, values, brackets, methods ---- */

static enum core_status parse_list(struct query *q, const char *close, struct val_term **out,
                                   struct core_error *err) {
  struct val_term **last;
  bool done = false;
  CORE_TRY(make(q, VAL_TERM_LIST, NULL, NULL, out, err));
  last = &(*out)->first;
  CORE_TRY(val_lexer_take(&q->lexer, close, &done, err));
  while (!done) {
    bool more = false;
    CORE_TRY(parse_sum(q, last, err));
    if ((*last)->kind != VAL_TERM_LITERAL)
      return core_fail(err, CORE_INVAL,
                       "a list holds numbers and texts; at character %zu is neither", (*last)->at);
    last = &(*last)->next;
    CORE_TRY(val_lexer_take(&q->lexer, ",", &more, err));
    CORE_TRY(val_lexer_take(&q->lexer, close, &done, err));
    if (!more && !done) return val_lexer_expected(&q->lexer, "',' or the end of the list", err);
  }
  return CORE_OK;
}

static enum core_status parse_name(struct query *q, struct val_term **out, struct core_error *err) {
  static const struct {
    const char *word;
    struct val_scalar value;
  } words[] = {{"True", {.type = VAL_TYPE_BOOL, .integer = 1}},
               {"False", {.type = VAL_TYPE_BOOL, .integer = 0}},
               {"None", {.type = VAL_TYPE_NULL}}};
  const struct val_token token = q->lexer.token;
  for (size_t i = 0; !token.quoted && i < CORE_COUNT_OF(words); i++) {
    if (!core_slice_is(token.text, words[i].word)) continue;
    CORE_TRY(make(q, VAL_TERM_LITERAL, NULL, NULL, out, err));
    (*out)->literal = words[i].value;
    return val_lexer_advance(&q->lexer, err);
  }
  const bool row = !token.quoted && core_slice_is(token.text, "index");
  CORE_TRY(make(q, row ? VAL_TERM_ROW : VAL_TERM_COLUMN, NULL, NULL, out, err));
  (*out)->name = core_arena_strndup(q->arena, token.text.data, token.text.len);
  if (!(*out)->name) return core_fail_nomem(err, token.text.len);
  return val_lexer_advance(&q->lexer, err);
}

static enum core_status parse_atom(struct query *q, struct val_term **out, struct core_error *err) {
  const struct val_token token = q->lexer.token;
  bool taken = false;
  if (token.kind == VAL_TOKEN_NUMBER || token.kind == VAL_TOKEN_TEXT) {
    CORE_TRY(make(q, VAL_TERM_LITERAL, NULL, NULL, out, err));
    (*out)->literal = token.value;
    if (token.kind == VAL_TOKEN_TEXT)
      (*out)->literal = (struct val_scalar){.type = VAL_TYPE_STRING, .text = token.text};
    return val_lexer_advance(&q->lexer, err);
  }
  if (token.kind == VAL_TOKEN_NAME) return parse_name(q, out, err);
  CORE_TRY(val_lexer_take(&q->lexer, "[", &taken, err));
  if (taken) return parse_list(q, "]", out, err);
  if (val_lexer_is(&q->lexer, "@"))
    return core_fail(err, CORE_INVAL,
                     "'@' at character %zu names a variable of a program; write its value",
                     token.at);
  CORE_TRY(val_lexer_take(&q->lexer, "(", &taken, err));
  if (!taken) return val_lexer_expected(&q->lexer, "a column or a value", err);
  CORE_TRY(parse_or(q, out, err));
  return val_lexer_want(&q->lexer, ")", err);
}

/* .between(a, b): both ends included, as in pandas. */
static enum core_status parse_between(struct query *q, struct val_term **out,
                                      struct core_error *err) {
  struct val_term *low = NULL, *high = NULL;
  CORE_TRY(parse_sum(q, &low, err));
  CORE_TRY(val_lexer_want(&q->lexer, ",", err));
  CORE_TRY(parse_sum(q, &high, err));
  struct val_term *of = *out;
  CORE_TRY(make(q, VAL_TERM_GREATER_EQUAL, of, low, &low, err));
  CORE_TRY(make(q, VAL_TERM_LESS_EQUAL, of, high, &high, err));
  return make(q, VAL_TERM_AND, low, high, out, err);
}

static enum core_status parse_arguments(struct query *q, struct core_slice name,
                                        struct val_term **out, struct core_error *err) {
  if (core_slice_is(name, "isnull") || core_slice_is(name, "isna"))
    return make(q, VAL_TERM_IS_NULL, *out, NULL, out, err);
  if (core_slice_is(name, "notnull") || core_slice_is(name, "notna"))
    return make(q, VAL_TERM_NOT_NULL, *out, NULL, out, err);
  if (core_slice_is(name, "between")) return parse_between(q, out, err);
  if (core_slice_is(name, "isin")) {
    struct val_term *list = NULL;
    CORE_TRY(val_lexer_want(&q->lexer, "[", err));
    CORE_TRY(parse_list(q, "]", &list, err));
    return make(q, VAL_TERM_IN, *out, list, out, err);
  }
  return core_fail(
      err, CORE_INVAL,
      "unknown method '%.*s' at character %zu; known are isnull, notnull, isna, notna, "
      "isin, between",
      (int)(name.len < 40 ? name.len : 40), name.data, q->lexer.token.at);
}

static enum core_status parse_methods(struct query *q, struct val_term **out,
                                      struct core_error *err) {
  bool dot = false;
  const size_t depth = q->depth;
  CORE_TRY(parse_atom(q, out, err));
  CORE_TRY(val_lexer_take(&q->lexer, ".", &dot, err));
  while (dot) {
    const struct val_token name = q->lexer.token;
    if (name.kind != VAL_TOKEN_NAME)
      return val_lexer_expected(&q->lexer, "the name of a method", err);
    CORE_TRY(enter(q, err));
    CORE_TRY(val_lexer_advance(&q->lexer, err));
    CORE_TRY(val_lexer_want(&q->lexer, "(", err));
    CORE_TRY(parse_arguments(q, name.text, out, err));
    CORE_TRY(val_lexer_want(&q->lexer, ")", err));
    CORE_TRY(val_lexer_take(&q->lexer, ".", &dot, err));
  }
  q->depth = depth;
  return CORE_OK;
}

/* ---- arithmetic ---- */

/* Tighter than a sign before it, looser than one behind it: -2 ** -2. */
static enum core_status parse_power(struct query *q, struct val_term **out,
                                    struct core_error *err) {
  bool taken = false;
  CORE_TRY(parse_methods(q, out, err));
  CORE_TRY(val_lexer_take(&q->lexer, "**", &taken, err));
  if (!taken) return CORE_OK;
  struct val_term *second = NULL;
  CORE_TRY(enter(q, err));
  CORE_TRY(parse_unary(q, &second, err));
  q->depth--;
  return make(q, VAL_TERM_POWER, *out, second, out, err);
}

/* A sign before a number belongs to the number, so that lists hold negative ones. */
static enum core_status negate(struct query *q, struct val_term **out, struct core_error *err) {
  struct val_scalar *value = &(*out)->literal;
  if ((*out)->kind == VAL_TERM_LITERAL && value->type == VAL_TYPE_DOUBLE) {
    value->number = -value->number;
    return CORE_OK;
  }
  if ((*out)->kind == VAL_TERM_LITERAL && value->type == VAL_TYPE_INT64) {
    value->integer = -value->integer; /* the lexer gives no negative ones */
    return CORE_OK;
  }
  return make(q, VAL_TERM_NEGATE, *out, NULL, out, err);
}

static enum core_status parse_unary(struct query *q, struct val_term **out,
                                    struct core_error *err) {
  bool minus = false, plus = false, tilde = false;
  CORE_TRY(val_lexer_take(&q->lexer, "-", &minus, err));
  if (!minus) CORE_TRY(val_lexer_take(&q->lexer, "+", &plus, err));
  if (!minus && !plus) CORE_TRY(val_lexer_take(&q->lexer, "~", &tilde, err));
  if (!minus && !plus && !tilde) return parse_power(q, out, err);
  CORE_TRY(enter(q, err));
  CORE_TRY(parse_unary(q, out, err));
  q->depth--;
  if (minus) return negate(q, out, err);
  return tilde ? make(q, VAL_TERM_NOT, *out, NULL, out, err) : CORE_OK;
}

static enum core_status parse_product(struct query *q, struct val_term **out,
                                      struct core_error *err) {
  static const struct operator list[] = {{"*", VAL_TERM_MULTIPLY},
                                         {"/", VAL_TERM_DIVIDE},
                                         {"//", VAL_TERM_FLOOR_DIVIDE},
                                         {"%", VAL_TERM_REMAINDER},
                                         {NULL, 0}};
  return parse_chain(q, list, parse_unary, out, err);
}

static enum core_status parse_sum(struct query *q, struct val_term **out, struct core_error *err) {
  static const struct operator list[] = {{"+", VAL_TERM_ADD}, {"-", VAL_TERM_SUBTRACT}, {NULL, 0}};
  return parse_chain(q, list, parse_product, out, err);
}

/* ---- comparisons ---- */

static enum core_status take_comparison(struct query *q, enum val_term_kind *kind, bool *taken,
                                        struct core_error *err) {
  static const struct operator list[] = {{"<", VAL_TERM_LESS},    {"<=", VAL_TERM_LESS_EQUAL},
                                         {"==", VAL_TERM_EQUAL},  {"!=", VAL_TERM_UNEQUAL},
                                         {">", VAL_TERM_GREATER}, {">=", VAL_TERM_GREATER_EQUAL},
                                         {"in", VAL_TERM_IN},     {NULL, 0}};
  const struct operator* op = find_operator(&q->lexer, list);
  bool is_not = false;
  *taken = true;
  if (op) {
    *kind = op->kind;
    return val_lexer_advance(&q->lexer, err);
  }
  CORE_TRY(val_lexer_take(&q->lexer, "not", &is_not, err));
  *kind = VAL_TERM_NOT_IN;
  *taken = is_not;
  return is_not ? val_lexer_want(&q->lexer, "in", err) : CORE_OK;
}

/* == and != with a list ask for members, as in pandas. */
static enum core_status compare(struct query *q, enum val_term_kind kind, struct val_term *first,
                                struct val_term *second, struct val_term **out,
                                struct core_error *err) {
  const bool list = second->kind == VAL_TERM_LIST;
  if (list && kind == VAL_TERM_EQUAL) kind = VAL_TERM_IN;
  if (list && kind == VAL_TERM_UNEQUAL) kind = VAL_TERM_NOT_IN;
  const bool member = kind == VAL_TERM_IN || kind == VAL_TERM_NOT_IN;
  if (member != list || first->kind == VAL_TERM_LIST)
    return core_fail(err, CORE_INVAL,
                     member ? "'in' at character %zu wants a list, as in x in [1, 2]"
                            : "a list at character %zu can only be asked for its members",
                     second->at);
  return make(q, kind, first, second, out, err);
}

static enum core_status parse_comparison(struct query *q, struct val_term **out,
                                         struct core_error *err) {
  struct val_term *left = NULL, *all = NULL;
  bool taken = false;
  const size_t depth = q->depth;
  CORE_TRY(parse_sum(q, &left, err));
  do {
    enum val_term_kind kind = VAL_TERM_EQUAL;
    struct val_term *right = NULL, *one = NULL;
    CORE_TRY(take_comparison(q, &kind, &taken, err));
    if (!taken) break;
    CORE_TRY(enter(q, err));
    CORE_TRY(parse_sum(q, &right, err));
    CORE_TRY(compare(q, kind, left, right, &one, err));
    if (all)
      CORE_TRY(make(q, VAL_TERM_AND, all, one, &all, err));
    else
      all = one;
    left = right;
  } while (taken);
  q->depth = depth;
  *out = all ? all : left;
  return CORE_OK;
}

/* ---- truths ---- */

static enum core_status parse_not(struct query *q, struct val_term **out, struct core_error *err) {
  bool taken = false;
  CORE_TRY(val_lexer_take(&q->lexer, "not", &taken, err));
  if (!taken) return parse_comparison(q, out, err);
  CORE_TRY(enter(q, err));
  CORE_TRY(parse_not(q, out, err));
  q->depth--;
  return make(q, VAL_TERM_NOT, *out, NULL, out, err);
}

static enum core_status parse_and(struct query *q, struct val_term **out, struct core_error *err) {
  static const struct operator list[] = {{"and", VAL_TERM_AND}, {"&", VAL_TERM_AND}, {NULL, 0}};
  return parse_chain(q, list, parse_not, out, err);
}

static enum core_status parse_or(struct query *q, struct val_term **out, struct core_error *err) {
  static const struct operator list[] = {{"or", VAL_TERM_OR}, {"|", VAL_TERM_OR}, {NULL, 0}};
  CORE_TRY(enter(q, err));
  CORE_TRY(parse_chain(q, list, parse_and, out, err));
  q->depth--;
  return CORE_OK;
}

/* ---- values where truths are wanted, and the other way round ---- */

static bool can_be_truth(const struct val_term *term) {
  return val_term_is_truth(term->kind) || term->kind == VAL_TERM_COLUMN ||
         (term->kind == VAL_TERM_LITERAL && term->literal.type == VAL_TYPE_BOOL);
}

static enum core_status check(const struct val_term *term, bool truth, struct core_error *err) {
  if (truth && !can_be_truth(term))
    return core_fail(err, CORE_INVAL, "a comparison is missing at character %zu", term->at);
  if (!truth && val_term_is_truth(term->kind))
    return core_fail(err, CORE_INVAL, "a value is wanted at character %zu, not a comparison",
                     term->at);
  if (!truth && val_term_is_arithmetic(term->kind) &&
      ((term->first && term->first->kind == VAL_TERM_LIST) ||
       (term->second && term->second->kind == VAL_TERM_LIST)))
    return core_fail(err, CORE_INVAL, "a list at character %zu is no number", term->at);
  const bool below = term->kind >= VAL_TERM_NOT;
  if (term->kind == VAL_TERM_LIST) return CORE_OK;
  if (term->first) CORE_TRY(check(term->first, below, err));
  return term->second ? check(term->second, below, err) : CORE_OK;
}

enum core_status val_condition_parse_query(struct core_arena *arena, const char *text, size_t len,
                                           const struct val_term **out, struct core_error *err) {
  struct query q = {.arena = arena};
  struct val_term *root = NULL;
  CORE_TRY(val_lexer_open(&q.lexer, text, len, NULL, arena, err));
  if (q.lexer.token.kind == VAL_TOKEN_END) return core_fail(err, CORE_INVAL, "it is empty");
  CORE_TRY(parse_or(&q, &root, err));
  if (q.lexer.token.kind != VAL_TOKEN_END)
    return val_lexer_expected(&q.lexer, "'and', 'or' or the end", err);
  *out = root;
  return check(root, true, err);
}
