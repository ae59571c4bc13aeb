/* SPDX-License-Identifier: GPL-3.0-or-later
 * A row condition as written in a suite: which rows an expectation looks at. Parsed when the suite is read, before any
 * data; tied to the columns later (filter.h). Three ways of writing it, which Great Expectations calls condition_parser:
 *
 *   pandas, python           the text of DataFrame.query: (x > 3) & (`some name` == "a") or z in [1, 2] and not w.isnull()
 *   great_expectations[...]  col("x") > 3, col("x") == date("2020-01-31"), col("x").notNull()
 *   a map (1.x)              {type: comparison, column: {name: x}, operator: ">", parameter: 3}, and, or, nullity
 *
 * Nulls follow the way it is written: in a query null != 3 is true and every other comparison with null is false, as in
 * pandas; in the other two a comparison with null selects nothing, as in SQL. */
#pragma once
#include "core/mem.h"
#include "core/tree.h"
#include "validate/scalar.h"

enum val_term_kind {
  VAL_TERM_COLUMN,  /* name                                       */
  VAL_TERM_ROW,     /* the row's number, `index` in a query       */
  VAL_TERM_LITERAL, /* literal                                    */
  VAL_TERM_LIST,    /* first, its items by next                   */
  VAL_TERM_NEGATE,  /* -first                                     */
  VAL_TERM_ADD,     /* first op second: these six are arithmetic  */
  VAL_TERM_SUBTRACT,
  VAL_TERM_MULTIPLY,
  VAL_TERM_DIVIDE,
  VAL_TERM_FLOOR_DIVIDE,
  VAL_TERM_REMAINDER,
  VAL_TERM_POWER,
  VAL_TERM_LESS, /* first op second: these six are comparisons */
  VAL_TERM_LESS_EQUAL,
  VAL_TERM_EQUAL,
  VAL_TERM_UNEQUAL,
  VAL_TERM_GREATER_EQUAL,
  VAL_TERM_GREATER,
  VAL_TERM_IN, /* second is a LIST                           */
  VAL_TERM_NOT_IN,
  VAL_TERM_IS_NULL,
  VAL_TERM_NOT_NULL,
  VAL_TERM_NOT,
  VAL_TERM_AND,
  VAL_TERM_OR
};

struct val_term {
  enum val_term_kind kind;
  struct val_term *first, *second, *next;
  const char *name;
  struct val_scalar literal;
  size_t at; /* 1-based character of the text; 0 in a map */
};

struct val_condition {
  struct core_arena arena;
  const struct val_term *root;
  const char *text; /* as written, a map as JSON: equal text and grammar, equal condition */
  bool null_is_unknown;
  struct core_pos pos;
};

#define VAL_CONDITION_DEPTH 64    /* of nested brackets, signs and maps */
#define VAL_CONDITION_BYTES 65536 /* of a text */

/* `node` is the value of row_condition, `parser` that of condition_parser or NULL: a text that begins with col( is then
 * Great Expectations' own, any other a query. CORE_INVAL with the place; CORE_LIMIT when it is too deep or too long. */
enum core_status val_condition_open(struct val_condition *condition, const struct core_node *node,
                                    const struct core_node *parser,
                                    struct core_error *err) CORE_MUST_CHECK;
void val_condition_close(struct val_condition *condition);
bool val_condition_same(const struct val_condition *a, const struct val_condition *b);
/* Does it hold for no row whatever the data is (x > 5 and x < 3)? Says so only when that is certain. */
bool val_condition_is_dead(const struct val_condition *condition);

static inline bool val_term_is_arithmetic(enum val_term_kind kind) {
  return kind >= VAL_TERM_NEGATE && kind <= VAL_TERM_POWER;
}
static inline bool val_term_is_comparison(enum val_term_kind kind) {
  return kind >= VAL_TERM_LESS && kind <= VAL_TERM_GREATER;
}
/* A truth rather than a value. */
static inline bool val_term_is_truth(enum val_term_kind kind) {
  return kind >= VAL_TERM_LESS;
}

/* Does it ask for the row's number? Then a section of an input cannot be judged before its place is known. */
bool val_condition_asks_row(const struct val_condition *condition);

/* Calls visit for every term below and including `term`. */
void val_term_walk(const struct val_term *term, void (*visit)(const struct val_term *, void *),
                   void *with);

/* For the grammars, inside of this folder. */
struct val_term *val_term_new(struct core_arena *arena, enum val_term_kind kind, size_t at,
                              struct core_error *err);
enum core_status val_condition_parse_query(struct core_arena *arena, const char *text, size_t len,
                                           const struct val_term **out,
                                           struct core_error *err) CORE_MUST_CHECK;
enum core_status val_condition_parse_columns(struct core_arena *arena, const char *text, size_t len,
                                             const struct val_term **out,
                                             struct core_error *err) CORE_MUST_CHECK;
enum core_status val_condition_parse_map(struct core_arena *arena, const struct core_node *node,
                                         const struct val_term **out,
                                         struct core_error *err) CORE_MUST_CHECK;
