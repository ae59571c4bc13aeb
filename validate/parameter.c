/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parameter.h"

#include "core/num.h"
#include "validate/condition/lexer.h"
#include <math.h>
#include <string.h>

#define MAX_DEPTH  64
#define SECOND_US  INT64_C(1000000)
#define MAX_MOMENT 3e17 /* us: beyond the year 9999 */

/* What an expression is while it is computed. */
enum kind { NUMBER, MOMENT, DURATION };
struct value {
  enum kind kind;
  bool whole;      /* NUMBER: the integer, not the double  */
  int64_t integer; /* also microseconds of the other kinds */
  double number;
};

struct parser {
  struct val_lexer lexer;
  const struct val_parameters *parameters;
  size_t depth;
};

static const struct core_node *look_up(const struct val_parameters *parameters, const char *name) {
  for (size_t i = 0; i < CORE_COUNT_OF(parameters->maps); i++) {
    const struct core_node *map = parameters->maps[i];
    const struct core_node *found =
        map && map->kind == CORE_NODE_MAP ? core_node_get(map, name) : NULL;
    if (found) return found;
  }
  return NULL;
}

/* ---- values ---- */

static struct value whole(int64_t integer) {
  return (struct value){
      .kind = NUMBER, .whole = true, .integer = integer, .number = (double)integer};
}

static struct value real(double number) {
  return (struct value){.kind = NUMBER, .number = number};
}

/* Microseconds; false when there are too many. */
static bool time_span(enum kind kind, double us, struct value *out) {
  if (!(fabs(us) < MAX_MOMENT)) return false;
  *out = (struct value){.kind = kind, .integer = (int64_t)nearbyint(us)};
  return true;
}

static bool whole_result(char op, int64_t a, int64_t b, int64_t *out) {
  const double limit = 4611686018427387904.0; /* 2^62: far from overflow */
  const double x = (double)a, y = (double)b;
  const double rough = op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : INFINITY;
  if (!(fabs(rough) < limit)) return false;
  *out = op == '+' ? a + b : op == '-' ? a - b : a * b;
  return true;
}

static struct value compute(char op, const struct value *a, const struct value *b) {
  int64_t integer = 0;
  if (a->whole && b->whole && whole_result(op, a->integer, b->integer, &integer))
    return whole(integer);
  const double x = a->number, y = b->number;
  const double number = op == '+'   ? x + y
                        : op == '-' ? x - y
                        : op == '*' ? x * y
                        : op == '/' ? x / y
                                    : pow(x, y);
  if (op == '^' && a->whole && b->whole && b->integer >= 0 && fabs(number) < 9007199254740992.0)
    return whole((int64_t)number);
  return real(number);
}

/* moment +- duration, moment - moment, duration +- duration, duration times a number. */
static bool compute_times(char op, const struct value *a, const struct value *b,
                          struct value *out) {
  const double x = (double)a->integer, y = (double)b->integer;
  if ((op == '+' || op == '-') && b->kind == DURATION && a->kind != NUMBER)
    return time_span(a->kind, op == '+' ? x + y : x - y, out);
  if (op == '+' && a->kind == DURATION && b->kind == MOMENT) return time_span(MOMENT, x + y, out);
  if (op == '-' && a->kind == MOMENT && b->kind == MOMENT) return time_span(DURATION, x - y, out);
  if (op == '*' && a->kind == DURATION && b->kind == NUMBER)
    return time_span(DURATION, x * b->number, out);
  if (op == '*' && a->kind == NUMBER && b->kind == DURATION)
    return time_span(DURATION, a->number * y, out);
  if (op == '/' && a->kind == DURATION && b->kind == NUMBER)
    return time_span(DURATION, x / b->number, out);
  return false;
}

static enum core_status apply(char op, const struct value *a, const struct value *b,
                              struct value *out, struct core_error *err) {
  if (a->kind == NUMBER && b->kind == NUMBER) {
    *out = compute(op, a, b);
    if (!isnan(out->number)) return CORE_OK;
    return core_fail(err, CORE_INVAL, "'%c' has no result for these numbers", op);
  }
  if (compute_times(op, a, b, out)) return CORE_OK;
  return core_fail(err, CORE_INVAL, "'%c' does not take these times and numbers, or goes too far",
                   op);
}

/* ---- functions ---- */

static double sgn(double x) {
  return (x > 0) - (x < 0);
}

static const struct {
  const char *name;
  double (*of)(double);
  bool gives_whole;
} functions[] = {{"sin", sin, false},        {"cos", cos, false},  {"tan", tan, false},
                 {"exp", exp, false},        {"abs", fabs, false}, {"trunc", trunc, true},
                 {"round", nearbyint, true}, {"sgn", sgn, true}};

static enum core_status parse_expression(struct parser *p, struct value *out,
                                         struct core_error *err);

static enum core_status parse_number(struct parser *p, struct value *out, struct core_error *err) {
  CORE_TRY(parse_expression(p, out, err));
  return out->kind == NUMBER ? CORE_OK
                             : core_fail(err, CORE_INVAL, "a number is wanted before character %zu",
                                         p->lexer.token.at);
}

static enum core_status call_function(struct parser *p, size_t which, struct value *out,
                                      struct core_error *err) {
  struct value x = {.kind = NUMBER};
  CORE_TRY(parse_number(p, &x, err));
  CORE_TRY(val_lexer_want(&p->lexer, ")", err));
  const double y = functions[which].of(x.number);
  if (isnan(y)) return core_fail(err, CORE_INVAL, "%s has no result here", functions[which].name);
  const bool stays = x.whole && core_streq(functions[which].name, "abs");
  *out = (functions[which].gives_whole || stays) && fabs(y) < 9007199254740992.0 ? whole((int64_t)y)
                                                                                 : real(y);
  return CORE_OK;
}

static enum core_status call_now(struct parser *p, struct value *out, struct core_error *err) {
  if (!p->parameters->has_now) return core_fail(err, CORE_INVAL, "now() has no clock here");
  *out = (struct value){.kind = MOMENT, .integer = p->parameters->now_us};
  return val_lexer_want(&p->lexer, ")", err);
}

struct argument {
  const char *name;
  double unit_us; /* of a timedelta */
};

/* Which argument comes next: the one that is named, or the one at this position. */
static enum core_status argument_index(struct parser *p, const struct argument *names, size_t n,
                                       size_t at, size_t *out, struct core_error *err) {
  const struct val_lexer before = p->lexer;
  bool named = false;
  size_t i = 0;
  while (i < n && !val_lexer_is(&p->lexer, names[i].name)) i++;
  if (i < n) {
    CORE_TRY(val_lexer_advance(&p->lexer, err));
    CORE_TRY(val_lexer_take(&p->lexer, "=", &named, err));
  }
  if (!named) p->lexer = before;
  *out = named ? i : at;
  return CORE_OK;
}

/* ARGUMENT, ..., with or without NAME=; values[i] stays as it was when absent. */
static enum core_status parse_arguments(struct parser *p, const struct argument *names, size_t n,
                                        double *values, struct core_error *err) {
  bool done = false;
  CORE_TRY(val_lexer_take(&p->lexer, ")", &done, err));
  for (size_t at = 0; !done; at++) {
    struct value value = {.kind = NUMBER};
    size_t i = 0;
    CORE_TRY(argument_index(p, names, n, at, &i, err));
    if (i >= n) return val_lexer_expected(&p->lexer, "')'", err);
    CORE_TRY(parse_number(p, &value, err));
    values[i] = value.number;
    CORE_TRY(val_lexer_take(&p->lexer, ")", &done, err));
    if (!done) CORE_TRY(val_lexer_want(&p->lexer, ",", err));
  }
  return CORE_OK;
}

/* datetime(year, month, day[, hour[, minute[, second[, microsecond]]]]), by position or by name. */
static enum core_status call_datetime(struct parser *p, struct value *out, struct core_error *err) {
  static const struct argument names[] = {{"year", 0},       {"month", 0},  {"day", 0},
                                          {"hour", 0},       {"minute", 0}, {"second", 0},
                                          {"microsecond", 0}};
  double v[CORE_COUNT_OF(names)] = {-1, -1, -1, 0, 0, 0, 0};
  struct core_str text = {0};
  bool zoned = false, in_range = true;
  CORE_TRY(parse_arguments(p, names, CORE_COUNT_OF(names), v, err));
  for (size_t i = 0; i < CORE_COUNT_OF(names); i++)
    in_range &= v[i] == floor(v[i]) && v[i] >= 0 && v[i] < (i == 0 ? 10000 : i == 6 ? 1e6 : 100);
  if (in_range)
    core_str_printf(&text, "%04d-%02d-%02dT%02d:%02d:%02d.%06d", (int)v[0], (int)v[1], (int)v[2],
                    (int)v[3], (int)v[4], (int)v[5], (int)v[6]);
  *out = (struct value){.kind = MOMENT};
  in_range =
      in_range && !text.failed && val_timestamp_parse(text.data, text.len, &out->integer, &zoned);
  core_str_close(&text);
  return in_range ? CORE_OK : core_fail(err, CORE_INVAL, "datetime(...) is no date and time");
}

static enum core_status call_timedelta(struct parser *p, struct value *out,
                                       struct core_error *err) {
  static const struct argument names[] = {
      {"days", 86400e6}, {"seconds", 1e6},  {"microseconds", 1}, {"milliseconds", 1e3},
      {"minutes", 60e6}, {"hours", 3600e6}, {"weeks", 604800e6}};
  double v[CORE_COUNT_OF(names)] = {0}, us = 0;
  CORE_TRY(parse_arguments(p, names, CORE_COUNT_OF(names), v, err));
  for (size_t i = 0; i < CORE_COUNT_OF(names); i++) us += v[i] * names[i].unit_us;
  return time_span(DURATION, us, out) ? CORE_OK
                                      : core_fail(err, CORE_INVAL, "timedelta(...) is too long");
}

static enum core_status call(struct parser *p, const struct val_token *name, struct value *out,
                             struct core_error *err) {
  if (core_slice_is(name->text, "now")) return call_now(p, out, err);
  if (core_slice_is(name->text, "datetime")) return call_datetime(p, out, err);
  if (core_slice_is(name->text, "timedelta")) return call_timedelta(p, out, err);
  for (size_t i = 0; i < CORE_COUNT_OF(functions); i++)
    if (core_slice_is(name->text, functions[i].name)) return call_function(p, i, out, err);
  return core_fail(err, CORE_INVAL, "unknown function '%.*s' at character %zu",
                   (int)(name->text.len < 40 ? name->text.len : 40), name->text.data, name->at);
}

/* ---- the grammar ---- */

static enum core_status take_parameter(struct parser *p, const struct val_token *name,
                                       struct value *out, struct core_error *err) {
  char *key = core_arena_strndup(p->lexer.arena, name->text.data, name->text.len);
  struct val_scalar time;
  if (!key) return core_fail_nomem(err, name->text.len);
  const struct core_node *node = look_up(p->parameters, key);
  if (node && node->kind == CORE_NODE_INT) {
    *out = whole(node->integer);
  } else if (node && node->kind == CORE_NODE_DOUBLE) {
    *out = real(node->number);
  } else if (node && node->kind == CORE_NODE_STRING &&
             val_scalar_parse_time(node->text.data, node->text.len, &time)) {
    const int64_t unit = time.type == VAL_TYPE_DATE ? 86400 * SECOND_US : 1;
    *out = (struct value){.kind = MOMENT, .integer = time.integer * unit};
  } else if (node) {
    return core_fail(err, CORE_INVAL,
                     "parameter '%s' at character %zu is %s: it cannot be computed with", key,
                     name->at, core_node_kind_name(node->kind));
  } else {
    return core_fail(err, CORE_INVAL, "parameter '%s' at character %zu has no value", key,
                     name->at);
  }
  return CORE_OK;
}

static enum core_status parse_name(struct parser *p, struct value *out, struct core_error *err) {
  const struct val_token name = p->lexer.token;
  bool opens = false;
  CORE_TRY(val_lexer_advance(&p->lexer, err));
  CORE_TRY(val_lexer_take(&p->lexer, "(", &opens, err));
  if (opens) return call(p, &name, out, err);
  if (core_slice_is(name.text, "PI"))
    *out = real(3.14159265358979323846);
  else if (core_slice_is(name.text, "E"))
    *out = real(2.71828182845904523536);
  else
    return take_parameter(p, &name, out, err);
  return CORE_OK;
}

static enum core_status parse_atom(struct parser *p, struct value *out, struct core_error *err) {
  const struct val_token token = p->lexer.token;
  bool taken = false;
  if (token.kind == VAL_TOKEN_NUMBER) {
    *out =
        token.value.type == VAL_TYPE_INT64 ? whole(token.value.integer) : real(token.value.number);
    return val_lexer_advance(&p->lexer, err);
  }
  if (token.kind == VAL_TOKEN_NAME) return parse_name(p, out, err);
  CORE_TRY(val_lexer_take(&p->lexer, "(", &taken, err));
  if (!taken) return val_lexer_expected(&p->lexer, "a number, a parameter or a function", err);
  CORE_TRY(parse_expression(p, out, err));
  return val_lexer_want(&p->lexer, ")", err);
}

static enum core_status parse_signed(struct parser *p, struct value *out, struct core_error *err) {
  const struct value minus_one = whole(-1);
  bool minus = false, taken = true, negative = false;
  while (taken) {
    CORE_TRY(val_lexer_take(&p->lexer, "-", &minus, err));
    negative ^= minus;
    taken = minus;
    if (!taken) CORE_TRY(val_lexer_take(&p->lexer, "+", &taken, err));
  }
  CORE_TRY(parse_atom(p, out, err));
  return negative ? apply('*', &minus_one, out, out, err) : CORE_OK;
}

static enum core_status parse_power(struct parser *p, struct value *out, struct core_error *err) {
  bool taken = false;
  CORE_TRY(parse_signed(p, out, err));
  CORE_TRY(val_lexer_take(&p->lexer, "^", &taken, err));
  if (!taken) return CORE_OK;
  struct value second = {.kind = NUMBER};
  if (++p->depth > MAX_DEPTH) return core_fail(err, CORE_LIMIT, "nested too deep");
  CORE_TRY(parse_power(p, &second, err));
  p->depth--;
  return apply('^', out, &second, out, err);
}

static enum core_status parse_product(struct parser *p, struct value *out, struct core_error *err) {
  CORE_TRY(parse_power(p, out, err));
  while (val_lexer_is(&p->lexer, "*") || val_lexer_is(&p->lexer, "/")) {
    const char op = *p->lexer.token.text.data;
    struct value second = {.kind = NUMBER};
    CORE_TRY(val_lexer_advance(&p->lexer, err));
    CORE_TRY(parse_power(p, &second, err));
    if (op == '/' && second.kind == NUMBER && second.number == 0)
      return core_fail(err, CORE_INVAL, "division by zero before character %zu", p->lexer.token.at);
    CORE_TRY(apply(op, out, &second, out, err));
  }
  return CORE_OK;
}

static enum core_status parse_expression(struct parser *p, struct value *out,
                                         struct core_error *err) {
  if (++p->depth > MAX_DEPTH) return core_fail(err, CORE_LIMIT, "nested too deep");
  CORE_TRY(parse_product(p, out, err));
  while (val_lexer_is(&p->lexer, "+") || val_lexer_is(&p->lexer, "-")) {
    const char op = *p->lexer.token.text.data;
    struct value second = {.kind = NUMBER};
    CORE_TRY(val_lexer_advance(&p->lexer, err));
    CORE_TRY(parse_product(p, &second, err));
    CORE_TRY(apply(op, out, &second, out, err));
  }
  p->depth--;
  return CORE_OK;
}

/* ---- into the tree ---- */

/* Keeps the node's place in its parent; the value's children are shared, as nothing changes them. */
static void become(struct core_node *node, const struct core_node *value) {
  struct core_node filled = *value;
  filled.pos = node->pos;
  filled.key_pos = node->key_pos;
  filled.key = node->key;
  filled.next = node->next;
  *node = filled;
}

static enum core_status show(struct core_node *node, const struct value *value,
                             struct core_arena *arena, struct core_error *err) {
  struct core_str text = {0};
  char digits[CORE_NUM_BYTES];
  struct core_node shown = {.number = value->number};
  if (value->kind == MOMENT) {
    shown.kind = CORE_NODE_STRING;
    val_timestamp_text(value->integer, false, &text);
  } else if (value->whole) {
    shown.kind = CORE_NODE_INT;
    shown.integer = value->integer;
    core_str_append(&text, digits, core_format_int64(value->integer, digits));
  } else {
    shown.kind = CORE_NODE_DOUBLE;
    core_str_append(&text, digits, core_format_double(value->number, digits));
  }
  enum core_status st = core_str_status(&text, err);
  if (st == CORE_OK) {
    shown.text.len = text.len;
    shown.text.data = core_arena_strndup(arena, core_str_text(&text), text.len);
    if (!shown.text.data) st = core_fail_nomem(err, text.len + 1);
  }
  core_str_close(&text);
  if (st == CORE_OK) become(node, &shown);
  return st;
}

static bool in_calendar(const struct value *value) {
  return value->integer >= INT64_C(-62135596800000000) &&
         value->integer < INT64_C(253402300800000000);
}

static enum core_status evaluate(struct core_node *node, struct core_slice text,
                                 const struct val_parameters *parameters, struct core_arena *arena,
                                 struct core_error *err) {
  struct parser p = {.parameters = parameters};
  struct value value;
  CORE_TRY(val_lexer_open(&p.lexer, text.data, text.len, ":.$", arena, err));
  CORE_TRY(parse_expression(&p, &value, err));
  if (p.lexer.token.kind != VAL_TOKEN_END)
    return val_lexer_expected(&p.lexer, "an operator or the end", err);
  if (value.kind == DURATION)
    return core_fail(err, CORE_INVAL, "it is a duration; add it to a date or to now()");
  if (value.kind == MOMENT && !in_calendar(&value))
    return core_fail(err, CORE_INVAL, "it lies outside of the years 1 to 9999");
  return show(node, &value, arena, err);
}

static enum core_status fill_one(struct core_node *node, const struct core_node *text,
                                 const struct val_parameters *parameters, struct core_arena *arena,
                                 struct core_error *err) {
  struct core_error why = {0};
  if (text->kind != CORE_NODE_STRING)
    return core_fail_at(err, CORE_INVAL, text->pos, "$PARAMETER must be text, not %s",
                        core_node_kind_name(text->kind));
  char *beside = core_arena_printf(arena, "$PARAMETER.%s", text->text.data);
  if (!beside) return core_fail_nomem(err, text->text.len);
  const struct core_node *known = core_node_get(node, beside);
  if (!known) known = look_up(parameters, text->text.data);
  if (known) {
    become(node, known);
    return CORE_OK;
  }
  const enum core_status st = evaluate(node, text->text, parameters, arena, &why);
  if (st == CORE_OK || st == CORE_NOMEM)
    return st == CORE_OK ? st : core_fail(err, st, "%s", why.message);
  return core_fail_at(err, CORE_INVAL, text->pos, "$PARAMETER: %s", why.message);
}

enum core_status val_parameters_fill(struct core_node *node,
                                     const struct val_parameters *parameters,
                                     struct core_arena *arena, struct core_error *err) {
  const struct core_node *text =
      node->kind == CORE_NODE_MAP ? core_node_get(node, "$PARAMETER") : NULL;
  if (text) return fill_one(node, text, parameters, arena, err);
  for (struct core_node *child = node->first; child; child = child->next)
    CORE_TRY(val_parameters_fill(child, parameters, arena, err));
  return CORE_OK;
}
