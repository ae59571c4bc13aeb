/* SPDX-License-Identifier: GPL-3.0-or-later
 * Terms over a batch: truths are bitmaps made term by term, values are taken row by row. */
#include "validate/condition/filter.h"
#include "validate/condition/filter_bits.h"

#include "core/num.h"
#include <math.h>
#include <string.h>

/* A term with its column found and its type settled; the shape of the condition's own tree. */
struct bound {
  const struct val_term *term;
  struct bound *first, *second, *next;
  size_t column;
  enum val_type type;        /* of a value; VAL_TYPE_BOOL of a truth */
  bool as_number;            /* a text that is compared with numbers: read as one */
  struct val_scalar literal; /* turned into a time where it is compared with times */
};

struct val_filter {
  struct bound *root;
  bool null_is_unknown;
};

/* ---- tying to columns ---- */

struct binder {
  const struct val_schema *schema;
  struct core_arena *arena;
  bool null_is_unknown;
};

static enum core_status bind(const struct binder *b, const struct val_term *term,
                             struct bound **out, struct core_error *err);

static enum core_status find_column(const struct binder *b, const struct val_term *term,
                                    struct bound *out, struct core_error *err) {
  out->column = val_schema_find(b->schema, term->name);
  if (out->column == b->schema->n_fields &&
      val_schema_find_elements(b->schema, term->name) < val_schema_width(b->schema))
    return core_fail(err, CORE_UNSUPPORTED,
                     "row_condition: '%s' are the elements of lists; a condition is about rows",
                     term->name);
  if (out->column == b->schema->n_fields)
    return core_fail(err, CORE_NOT_FOUND, "row_condition: there is no column '%s'", term->name);
  out->type = b->schema->fields[out->column].type;
  return CORE_OK;
}

static const char *name_of(const struct bound *side) {
  return side->term->name ? side->term->name : val_type_name(side->type);
}

/* A literal text beside a column of times stands for a time. */
static void make_time(struct bound *literal, const struct bound *other) {
  struct val_scalar time;
  if (literal->term->kind != VAL_TERM_LITERAL || literal->type != VAL_TYPE_STRING) return;
  if (!val_type_is_time(other->type)) return;
  if (!val_scalar_parse_time(literal->literal.text.data, literal->literal.text.len, &time)) return;
  literal->literal = time;
  literal->type = time.type;
}

/* A number with a point beside decimals is meant as it is written: 0.1 is a tenth. */
static void make_decimal(struct bound *literal, const struct bound *other) {
  if (literal->term->kind != VAL_TERM_LITERAL || other->type != VAL_TYPE_DECIMAL) return;
  if (val_scalar_make_decimal(&literal->literal)) literal->type = literal->literal.type;
}

/* Text beside numbers: values of a column are read as numbers, since a file cannot say which of its texts are some; a
 * text in the condition stays text, and equals no number. */
static void make_number(struct bound *side, const struct bound *other) {
  side->as_number = side->type == VAL_TYPE_STRING && side->term->kind == VAL_TERM_COLUMN &&
                    val_type_is_number(other->type);
}

static bool comparable(const struct bound *a, const struct bound *b) {
  if (a->type == VAL_TYPE_NULL || b->type == VAL_TYPE_NULL) return true;
  const enum val_type x = a->as_number ? VAL_TYPE_DOUBLE : a->type;
  const enum val_type y = b->as_number ? VAL_TYPE_DOUBLE : b->type;
  return val_types_compare(x, y);
}

static enum core_status settle_comparison(struct bound *out, struct core_error *err) {
  struct bound *a = out->first, *b = out->second;
  make_time(a, b);
  make_time(b, a);
  make_decimal(a, b);
  make_decimal(b, a);
  make_number(a, b);
  make_number(b, a);
  const bool equality = out->term->kind == VAL_TERM_EQUAL || out->term->kind == VAL_TERM_UNEQUAL;
  if (equality || comparable(a, b)) return CORE_OK;
  return core_fail(err, CORE_UNSUPPORTED,
                   "row_condition: '%s' (%s) and '%s' (%s) have no order between them", name_of(a),
                   val_type_name(a->type), name_of(b), val_type_name(b->type));
}

static void settle_member(struct bound *out) {
  for (struct bound *item = out->second->first; item; item = item->next) {
    make_time(item, out->first);
    make_decimal(item, out->first);
    if (val_type_is_number(item->type)) make_number(out->first, item);
  }
}

static enum core_status settle_arithmetic(struct bound *out, struct core_error *err) {
  const struct bound *sides[2] = {out->first, out->second};
  out->type = VAL_TYPE_DOUBLE;
  for (size_t i = 0; i < 2 && sides[i]; i++)
    if (!val_type_is_number(sides[i]->type) && sides[i]->type != VAL_TYPE_NULL)
      return core_fail(err, CORE_UNSUPPORTED,
                       "row_condition: '%s' holds values of type %s, which cannot be computed with",
                       name_of(sides[i]), val_type_name(sides[i]->type));
  return CORE_OK;
}

static enum core_status settle_truth(const struct bound *side, struct core_error *err) {
  if (val_term_is_truth(side->term->kind) || side->type == VAL_TYPE_BOOL ||
      side->type == VAL_TYPE_NULL)
    return CORE_OK;
  return core_fail(err, CORE_UNSUPPORTED,
                   "row_condition: column '%s' holds values of type %s, not true and false",
                   name_of(side), val_type_name(side->type));
}

static enum core_status settle(struct bound *out, struct core_error *err) {
  const enum val_term_kind kind = out->term->kind;
  if (val_term_is_arithmetic(kind)) return settle_arithmetic(out, err);
  if (val_term_is_truth(kind)) out->type = VAL_TYPE_BOOL;
  if (val_term_is_comparison(kind)) return settle_comparison(out, err);
  if (kind == VAL_TERM_IN || kind == VAL_TERM_NOT_IN) settle_member(out);
  if (kind < VAL_TERM_NOT) return CORE_OK;
  CORE_TRY(settle_truth(out->first, err));
  return out->second ? settle_truth(out->second, err) : CORE_OK;
}

static enum core_status bind_items(const struct binder *b, const struct val_term *item,
                                   struct bound **last, struct core_error *err) {
  for (; item; item = item->next) {
    CORE_TRY(bind(b, item, last, err));
    last = &(*last)->next;
  }
  return CORE_OK;
}

static enum core_status bind(const struct binder *b, const struct val_term *term,
                             struct bound **out, struct core_error *err) {
  struct bound *bound = core_arena_calloc(b->arena, 1, sizeof *bound);
  if (!bound) return core_fail_nomem(err, sizeof *bound);
  *out = bound;
  bound->term = term;
  bound->literal = term->literal;
  bound->type = term->kind == VAL_TERM_ROW ? VAL_TYPE_INT64 : term->literal.type;
  if (term->kind == VAL_TERM_COLUMN) return find_column(b, term, bound, err);
  if (term->kind == VAL_TERM_LIST) return bind_items(b, term->first, &bound->first, err);
  if (term->first) CORE_TRY(bind(b, term->first, &bound->first, err));
  if (term->second) CORE_TRY(bind(b, term->second, &bound->second, err));
  return settle(bound, err);
}

enum core_status val_filter_open(const struct val_condition *condition,
                                 const struct val_schema *schema, struct core_arena *arena,
                                 const struct val_filter **out, struct core_error *err) {
  const struct binder binder = {schema, arena, condition->null_is_unknown};
  struct val_filter *filter = core_arena_calloc(arena, 1, sizeof *filter);
  if (!filter) return core_fail_nomem(err, sizeof *filter);
  filter->null_is_unknown = condition->null_is_unknown;
  CORE_TRY(bind(&binder, condition->root, &filter->root, err));
  CORE_TRY(settle_truth(filter->root, err));
  *out = filter;
  return CORE_OK;
}

struct add_column {
  void (*add)(const char *, void *);
  void *with;
};

static void visit_column(const struct val_term *term, void *with) {
  const struct add_column *to = with;
  if (term->kind == VAL_TERM_COLUMN) to->add(term->name, to->with);
}

void val_filter_columns(const struct val_condition *condition,
                        void (*add)(const char *name, void *with), void *with) {
  struct add_column to = {add, with};
  val_term_walk(condition->root, visit_column, &to);
}

/* ---- values ---- */

static struct val_scalar value_at(const struct bound *b, const struct val_batch *batch, size_t row);

/* Whole while both sides are and the result fits; // and % round down, as Python's do. */
static bool compute_whole(enum val_term_kind kind, int64_t a, int64_t b, int64_t *out) {
  switch (kind) {
  case VAL_TERM_ADD:
    return (b > 0 ? a <= INT64_MAX - b : a >= INT64_MIN - b) && ((*out = a + b), true);
  case VAL_TERM_SUBTRACT:
    return (b < 0 ? a <= INT64_MAX + b : a >= INT64_MIN + b) && ((*out = a - b), true);
  case VAL_TERM_MULTIPLY: {
    const int64_t limit = (int64_t)1 << 31;
    return a > -limit && a < limit && b > -limit && b < limit && ((*out = a * b), true);
  }
  case VAL_TERM_FLOOR_DIVIDE:
    if (b == 0 || b == -1) return false;
    *out = a / b - (a % b != 0 && (a < 0) != (b < 0));
    return true;
  case VAL_TERM_REMAINDER:
    if (b == 0 || b == -1) return false;
    *out = a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0);
    return true;
  default:
    return false;
  }
}

static double compute(enum val_term_kind kind, double a, double b) {
  switch (kind) {
  case VAL_TERM_ADD:
    return a + b;
  case VAL_TERM_SUBTRACT:
    return a - b;
  case VAL_TERM_MULTIPLY:
    return a * b;
  case VAL_TERM_DIVIDE:
    return a / b;
  case VAL_TERM_FLOOR_DIVIDE:
    return floor(a / b);
  case VAL_TERM_REMAINDER:
    return b == 0 ? (double)NAN : a - b * floor(a / b);
  default:
    return pow(a, b);
  }
}

static bool is_whole(const struct val_scalar *value) {
  return value->type == VAL_TYPE_INT64 || value->type == VAL_TYPE_BOOL;
}

static struct val_scalar arithmetic_at(const struct bound *b, const struct val_batch *batch,
                                       size_t row) {
  const struct val_scalar none = {.type = VAL_TYPE_NULL};
  struct val_scalar x = value_at(b->first, batch, row), y = val_scalar_int64(0);
  int64_t whole = 0;
  enum val_term_kind kind = b->term->kind;
  if (kind == VAL_TERM_NEGATE) { /* 0 - x */
    y = x;
    x = val_scalar_int64(0);
    kind = VAL_TERM_SUBTRACT;
  } else {
    y = value_at(b->second, batch, row);
  }
  if (x.type == VAL_TYPE_NULL || y.type == VAL_TYPE_NULL) return none;
  if (is_whole(&x) && is_whole(&y) && compute_whole(kind, x.integer, y.integer, &whole))
    return val_scalar_int64(whole);
  const double number = compute(kind, val_scalar_number(&x), val_scalar_number(&y));
  return isnan(number) ? none : val_scalar_double(number);
}

static struct val_scalar read_number(const struct val_scalar *text) {
  struct val_scalar number = val_scalar_int64(0);
  if (core_parse_int64(text->text.data, text->text.len, &number.integer)) return number;
  number = val_scalar_double(0);
  return core_parse_double(text->text.data, text->text.len, &number.number) ? number : *text;
}

/* NaN is null, as everywhere in the engine; a text that is no number where one is asked for stays text. */
static struct val_scalar value_at(const struct bound *b, const struct val_batch *batch,
                                  size_t row) {
  struct val_scalar value = b->literal;
  switch (b->term->kind) {
  case VAL_TERM_COLUMN:
    value = val_scalar_at(&batch->columns[b->column], row);
    if (value.type == VAL_TYPE_DOUBLE && isnan(value.number)) value.type = VAL_TYPE_NULL;
    return b->as_number && value.type == VAL_TYPE_STRING ? read_number(&value) : value;
  case VAL_TERM_ROW:
    return val_scalar_int64(val_batch_row(batch, row));
  case VAL_TERM_LITERAL:
    return value;
  default:
    return arithmetic_at(b, batch, row);
  }
}

/* ---- truths ---- */

static bool holds(enum val_term_kind kind, int order) {
  switch (kind) {
  case VAL_TERM_LESS:
    return order < 0;
  case VAL_TERM_LESS_EQUAL:
    return order <= 0;
  case VAL_TERM_EQUAL:
    return order == 0;
  case VAL_TERM_UNEQUAL:
    return order != 0;
  case VAL_TERM_GREATER_EQUAL:
    return order >= 0;
  default:
    return order > 0;
  }
}

static bool compare_at(const struct val_filter *filter, const struct bound *b,
                       const struct val_batch *batch, size_t row) {
  const struct val_scalar x = value_at(b->first, batch, row), y = value_at(b->second, batch, row);
  const bool unequal = b->term->kind == VAL_TERM_UNEQUAL;
  if (x.type == VAL_TYPE_NULL || y.type == VAL_TYPE_NULL)
    return unequal && !filter->null_is_unknown;
  if (!val_types_compare(x.type, y.type)) return unequal;
  return holds(b->term->kind, val_scalar_compare(&x, &y));
}

static bool member_at(const struct val_filter *filter, const struct bound *b,
                      const struct val_batch *batch, size_t row) {
  const struct val_scalar x = value_at(b->first, batch, row);
  const bool wanted = b->term->kind == VAL_TERM_IN;
  if (x.type == VAL_TYPE_NULL && filter->null_is_unknown) return false;
  for (const struct bound *item = b->second->first; item; item = item->next) {
    const bool null = x.type == VAL_TYPE_NULL && item->literal.type == VAL_TYPE_NULL;
    if (null || val_scalar_equal(&x, &item->literal)) return wanted;
  }
  return !wanted;
}

static bool truth_at(const struct val_filter *filter, const struct bound *b,
                     const struct val_batch *batch, size_t row) {
  const enum val_term_kind kind = b->term->kind;
  if (val_term_is_comparison(kind)) return compare_at(filter, b, batch, row);
  if (kind == VAL_TERM_IN || kind == VAL_TERM_NOT_IN) return member_at(filter, b, batch, row);
  if (kind == VAL_TERM_IS_NULL) return value_at(b->first, batch, row).type == VAL_TYPE_NULL;
  if (kind == VAL_TERM_NOT_NULL) return value_at(b->first, batch, row).type != VAL_TYPE_NULL;
  const struct val_scalar value = value_at(b, batch, row); /* a column of truths, or one itself */
  return value.type == VAL_TYPE_BOOL && value.integer;
}

/* Bits beyond the last row are anything. */
static enum core_status mark(const struct val_filter *filter, const struct bound *b,
                             const struct val_batch *batch, struct core_arena *arena, uint8_t **out,
                             struct core_error *err) {
  const size_t n_bytes = (batch->n_rows + 7) / 8;
  const enum val_term_kind kind = b->term->kind;
  uint8_t *bits = NULL, *other = NULL;
  if (kind < VAL_TERM_NOT) {
    bits = core_arena_calloc(arena, n_bytes + 1, 1);
    if (!bits) return core_fail_nomem(err, n_bytes + 1);
    for (size_t i = 0; i < batch->n_rows; i++)
      bits[i >> 3] |= (uint8_t)(truth_at(filter, b, batch, i) << (i & 7));
    *out = bits;
    return CORE_OK;
  }
  CORE_TRY(mark(filter, b->first, batch, arena, &bits, err));
  if (b->second) CORE_TRY(mark(filter, b->second, batch, arena, &other, err));
  for (size_t i = 0; i < n_bytes; i++)
    bits[i] = (uint8_t)(!other                 ? ~bits[i] /* NOT has no second */
                        : kind == VAL_TERM_AND ? bits[i] & other[i]
                                               : bits[i] | other[i]);
  *out = bits;
  return CORE_OK;
}

enum core_status val_filter_mark(const struct val_filter *filter, const struct val_batch *batch,
                                 struct core_arena *arena, const uint8_t **bits,
                                 struct core_error *err) {
  uint8_t *out = NULL;
  core_arena_reset(arena);
  CORE_TRY(mark(filter, filter->root, batch, arena, &out, err));
  *bits = out;
  return CORE_OK;
}
