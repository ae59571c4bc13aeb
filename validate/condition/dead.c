/* SPDX-License-Identifier: GPL-3.0-or-later
 * Conditions that no row can meet: comparisons of one column with numbers that leave nothing between them. Only what
 * follows from the text alone is said; everything else may be met. */
#include "validate/condition/condition.h"

#include <math.h>
#include <string.h>

#define MAX_RANGES 32

/* What the comparisons seen so far leave of one column. */
struct range {
  const char *name;
  double low, high;
  bool low_open, high_open;
};

struct ranges {
  struct range list[MAX_RANGES];
  size_t n;
  bool dead;
};

static struct range *range_of(struct ranges *ranges, const char *name) {
  for (size_t i = 0; i < ranges->n; i++)
    if (core_streq(ranges->list[i].name, name)) return &ranges->list[i];
  if (ranges->n == MAX_RANGES) return NULL;
  ranges->list[ranges->n] = (struct range){.name = name, .low = -INFINITY, .high = INFINITY};
  return &ranges->list[ranges->n++];
}

static void raise_low(struct range *r, double low, bool open) {
  if (low < r->low || (low == r->low && !open)) return;
  r->low = low;
  r->low_open = open;
}

static void lower_high(struct range *r, double high, bool open) {
  if (high > r->high || (high == r->high && !open)) return;
  r->high = high;
  r->high_open = open;
}

static enum val_term_kind turned(enum val_term_kind kind) {
  switch (kind) {
  case VAL_TERM_LESS:
    return VAL_TERM_GREATER;
  case VAL_TERM_LESS_EQUAL:
    return VAL_TERM_GREATER_EQUAL;
  case VAL_TERM_GREATER:
    return VAL_TERM_LESS;
  case VAL_TERM_GREATER_EQUAL:
    return VAL_TERM_LESS_EQUAL;
  default:
    return kind;
  }
}

/* Numbers beyond 2^53 are left alone: as doubles they may stand for their neighbours. */
static bool plain_number(const struct val_term *term, double *out) {
  if (term->kind != VAL_TERM_LITERAL || !val_scalar_is_number(&term->literal)) return false;
  *out = val_scalar_number(&term->literal);
  return fabs(*out) < 9007199254740992.0;
}

static void narrow(struct ranges *ranges, const struct val_term *term) {
  const struct val_term *column = term->first, *value = term->second;
  enum val_term_kind kind = term->kind;
  double number = 0;
  if (column->kind != VAL_TERM_COLUMN) {
    column = term->second;
    value = term->first;
    kind = turned(kind);
  }
  if (column->kind != VAL_TERM_COLUMN || !plain_number(value, &number)) return;
  struct range *r = range_of(ranges, column->name);
  if (!r) return;
  if (kind == VAL_TERM_GREATER || kind == VAL_TERM_GREATER_EQUAL || kind == VAL_TERM_EQUAL)
    raise_low(r, number, kind == VAL_TERM_GREATER);
  if (kind == VAL_TERM_LESS || kind == VAL_TERM_LESS_EQUAL || kind == VAL_TERM_EQUAL)
    lower_high(r, number, kind == VAL_TERM_LESS);
  ranges->dead |= r->low > r->high || (r->low == r->high && (r->low_open || r->high_open));
}

static bool is_dead(const struct val_term *term);

/* All of the terms that an `and` joins must hold together. */
static void gather(struct ranges *ranges, const struct val_term *term) {
  if (term->kind == VAL_TERM_AND) {
    gather(ranges, term->first);
    gather(ranges, term->second);
  } else if (val_term_is_comparison(term->kind)) {
    narrow(ranges, term);
  } else {
    ranges->dead |= is_dead(term);
  }
}

static bool is_dead(const struct val_term *term) {
  struct ranges ranges = {.n = 0};
  if (term->kind == VAL_TERM_OR) return is_dead(term->first) && is_dead(term->second);
  if (term->kind == VAL_TERM_IN) return !term->second->first;
  if (term->kind == VAL_TERM_LITERAL)
    return term->literal.type == VAL_TYPE_BOOL && !term->literal.integer;
  if (term->kind != VAL_TERM_AND && !val_term_is_comparison(term->kind)) return false;
  gather(&ranges, term);
  return ranges.dead;
}

bool val_condition_is_dead(const struct val_condition *condition) {
  return is_dead(condition->root);
}
