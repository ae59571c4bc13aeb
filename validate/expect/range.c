/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/range.h"

#include <math.h>

#define DAY_US ((int64_t)86400000000)

static const struct core_option_value *bound(const struct val_expected *expected,
                                             const char *name) {
  return core_option_get(&expected->kwargs, name);
}

static bool strict(const struct val_expected *expected, const char *name) {
  for (const struct core_option *row = expected->ops->kwargs; row->name; row++)
    if (core_streq(row->name, name)) return core_option_flag(&expected->kwargs, name);
  return false;
}

static enum core_status open_bound(const struct core_option_value *value, const char *name,
                                   enum val_type type, struct val_scalar *out,
                                   struct core_error *err) {
  struct core_str text = {0};
  if (val_scalar_from_node(value->node, type, out)) return CORE_OK;
  core_node_json(value->node, true, &text);
  const enum core_status st =
      core_fail(err, CORE_UNSUPPORTED, "%s is %s, which does not compare with values of type %s",
                name, core_str_text(&text), val_type_name(type));
  core_str_close(&text);
  return st;
}

enum core_status val_range_open(struct val_range *range, const struct val_expected *expected,
                                enum val_type type, struct core_error *err) {
  const struct core_option_value *min = bound(expected, "min_value");
  const struct core_option_value *max = bound(expected, "max_value");
  *range = (struct val_range){.strict_min = strict(expected, "strict_min"),
                              .strict_max = strict(expected, "strict_max")};
  if (min->given) CORE_TRY(open_bound(min, "min_value", type, &range->min, err));
  if (max->given) CORE_TRY(open_bound(max, "max_value", type, &range->max, err));
  range->has_min = min->given;
  range->has_max = max->given;
  return CORE_OK;
}

static bool is_nan(const struct val_scalar *value) {
  return value->type == VAL_TYPE_DOUBLE && isnan(value->number);
}

/* value against bound: > 0 inside for a minimum, sign -1 turns it for a maximum. */
static bool within(const struct val_scalar *value, const struct val_scalar *limit, bool strictly,
                   int sign) {
  if (is_nan(value) || is_nan(limit)) return false;
  const int c = sign * val_scalar_compare(value, limit);
  return strictly ? c > 0 : c >= 0;
}

bool val_range_holds(const struct val_range *range, const struct val_scalar *value) {
  return (!range->has_min || within(value, &range->min, range->strict_min, 1)) &&
         (!range->has_max || within(value, &range->max, range->strict_max, -1));
}

/* 4 units in the last place: what two honest ways of computing one number may differ by. */
#define ROUNDING 8.9e-16

static void snap(struct val_scalar *value, bool has, const struct val_scalar *limit) {
  if (!has || !val_scalar_is_number(limit)) return;
  const double at = val_scalar_number(limit);
  if (isfinite(at) && fabs(value->number - at) <= ROUNDING * fabs(at)) *value = *limit;
}

bool val_range_holds_rounded(const struct val_range *range, const struct val_scalar *value) {
  struct val_scalar low = *value, high = *value;
  if (value->type != VAL_TYPE_DOUBLE) return val_range_holds(range, value);
  snap(&low, range->has_min, &range->min);
  snap(&high, range->has_max, &range->max);
  return (!range->has_min || within(&low, &range->min, range->strict_min, 1)) &&
         (!range->has_max || within(&high, &range->max, range->strict_max, -1));
}

/* ---- as integers ---- */

static int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

static bool in_ns(enum val_type type) {
  return type == VAL_TYPE_TIMESTAMP_NS || type == VAL_TYPE_TIMESTAMP_NS_UTC;
}

/* A bound of another unit for a column of microseconds or nanoseconds, as floor_bound. */
static bool floor_time(const struct val_scalar *limit, enum val_type type, int64_t *out,
                       bool *equal) {
  const int64_t us = limit->type == VAL_TYPE_DATE ? limit->integer * DAY_US : limit->integer;
  *out = us;
  if (in_ns(limit->type) && !in_ns(type)) {
    *out = floor_div(limit->integer, 1000);
    *equal = *out * 1000 == limit->integer;
  } else if (in_ns(type) && !in_ns(limit->type) && __builtin_mul_overflow(us, 1000, out)) {
    *equal = false; /* nanoseconds reach less far */
    *out = INT64_MAX;
    return us > 0;
  }
  return true;
}

/* The greatest integer of the column's kind that is <= the bound, and whether it equals the bound. False: there is none
 * (the bound lies below every int64, or is NaN). Bounds above every int64 give INT64_MAX, unequal. */
static bool floor_bound(const struct val_scalar *limit, enum val_type type, int64_t *out,
                        bool *equal) {
  *equal = false;
  if (limit->type == VAL_TYPE_DOUBLE) {
    *out = INT64_MAX;
    if (isnan(limit->number) || limit->number < -9223372036854775808.0) return false;
    if (limit->number >= 9223372036854775808.0) return true;
    *out = (int64_t)floor(limit->number);
    *equal = floor(limit->number) == limit->number;
    return true;
  }
  *out = limit->integer;
  *equal = true;
  if (type == VAL_TYPE_DATE && limit->type != VAL_TYPE_DATE) {
    const int64_t day = in_ns(limit->type) ? 1000 * DAY_US : DAY_US;
    *out = floor_div(limit->integer, day);
    *equal = *out * day == limit->integer;
  } else if (val_type_is_time(type) && type != VAL_TYPE_DATE) {
    return floor_time(limit, type, out, equal);
  }
  return true;
}

bool val_range_integers(const struct val_range *range, enum val_type type, int64_t *least,
                        int64_t *greatest) {
  int64_t at = 0;
  bool equal = false;
  *least = INT64_MIN;
  *greatest = INT64_MAX;
  if (range->has_min && is_nan(&range->min)) return false;
  if (range->has_min && floor_bound(&range->min, type, &at, &equal)) {
    const bool next = !equal || range->strict_min; /* the floor itself lies outside */
    if (next && at == INT64_MAX) return false;
    *least = next ? at + 1 : at;
  }
  if (range->has_max) {
    if (!floor_bound(&range->max, type, &at, &equal)) return false;
    const bool before = equal && range->strict_max;
    if (before && at == INT64_MIN) return false;
    *greatest = before ? at - 1 : at;
  }
  return *least <= *greatest;
}

/* ---- checks ---- */

static bool is_time_text(const struct core_node *node) {
  struct val_scalar value;
  return node->kind == CORE_NODE_STRING &&
         val_scalar_parse_time(node->text.data, node->text.len, &value);
}

/* Numbers with numbers, times with times, other text with text. */
static bool comparable(const struct core_node *a, const struct core_node *b) {
  const bool number_a = a->kind != CORE_NODE_STRING, number_b = b->kind != CORE_NODE_STRING;
  return number_a == number_b;
}

static bool above(const struct core_node *a, const struct core_node *b) {
  struct val_scalar x, y;
  if (is_time_text(a) && is_time_text(b)) {
    val_scalar_parse_time(a->text.data, a->text.len, &x);
    val_scalar_parse_time(b->text.data, b->text.len, &y);
  } else {
    const enum val_type type = a->kind == CORE_NODE_STRING ? VAL_TYPE_STRING : VAL_TYPE_DOUBLE;
    if (!val_scalar_from_node(a, type, &x) || !val_scalar_from_node(b, type, &y)) return false;
  }
  return val_types_compare(x.type, y.type) && val_scalar_compare(&x, &y) > 0;
}

static enum core_status check_scalar(const struct core_option_value *value, const char *name,
                                     struct core_error *err) {
  if (!value->given || value->node->kind == CORE_NODE_STRING || core_node_is_number(value->node) ||
      value->node->kind == CORE_NODE_BOOL)
    return CORE_OK;
  return core_fail_at(err, CORE_INVAL, value->pos, "%s must be a number or text, not %s", name,
                      core_node_kind_name(value->node->kind));
}

enum core_status val_range_check(const struct val_expected *expected, struct core_error *err) {
  const struct core_option_value *min = bound(expected, "min_value");
  const struct core_option_value *max = bound(expected, "max_value");
  CORE_TRY(check_scalar(min, "min_value", err));
  CORE_TRY(check_scalar(max, "max_value", err));
  if (!min->given || !max->given) return CORE_OK;
  if (!comparable(min->node, max->node))
    return core_fail_at(err, CORE_INVAL, min->pos,
                        "min_value and max_value must be of one kind, both numbers or both text");
  if (above(min->node, max->node))
    return core_fail_at(err, CORE_INVAL, min->pos,
                        "min_value %s cannot be greater than max_value %s", min->node->text.data,
                        max->node->text.data);
  return CORE_OK;
}

enum core_status val_range_check_given(const struct val_expected *expected,
                                       struct core_error *err) {
  const struct core_option_value *min = bound(expected, "min_value");
  const struct core_option_value *max = bound(expected, "max_value");
  if (!min->given && !max->given)
    return core_fail_at(err, CORE_INVAL, expected->pos,
                        "%s: min_value and max_value cannot both be absent", expected->ops->name);
  return val_range_check(expected, err);
}

enum core_status val_range_check_integers(const struct val_expected *expected,
                                          struct core_error *err) {
  static const char *const names[] = {"min_value", "max_value"};
  for (size_t i = 0; i < CORE_COUNT_OF(names); i++) {
    const struct core_option_value *value = bound(expected, names[i]);
    if (value->given && value->node->kind != CORE_NODE_INT &&
        !(value->node->kind == CORE_NODE_DOUBLE &&
          value->node->number == floor(value->node->number)))
      return core_fail_at(err, CORE_INVAL, value->pos, "%s must be an integer, not %s", names[i],
                          core_node_kind_name(value->node->kind));
  }
  return val_range_check(expected, err);
}
